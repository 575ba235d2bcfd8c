//! From a cluster and the versions on the way to the steps in their order.

use super::options::{PlanOptions, Selection};
use super::request::Start;
use super::snapshot::{ClusterSnapshot, NodePoolSnapshot};
use super::step::{AddonChange, Change, Step};
use crate::error::Error;
use crate::finding::{PrecheckFinding, Severity};
use crate::version::Version;

/// The check that findings on the versions of nodes are told under.
const SKEW: &str = "VersionSkew";

/// Steps, and what was noticed on the way.
#[derive(Debug, Default)]
pub(super) struct Steps {
    pub(super) steps: Vec<Step>,
    pub(super) findings: Vec<PrecheckFinding>,
    stage: u32,
}

/// A node pool, and the version it will have by then.
struct Pool<'a> {
    told: &'a NodePoolSnapshot,
    version: Option<String>,
    /// Whether the version is no more than taken to be so.
    is_assumed: bool,
    is_selected: bool,
    has_nodes: bool,
}

/// Puts the steps in order: hop after hop; before each hop the node pools that would fall too far behind; in the end all
/// node pools, and the add-ons.
pub(super) fn build(
    cluster: &ClusterSnapshot,
    hops: &[String],
    addons: Vec<AddonChange>,
    options: &PlanOptions,
) -> Result<Steps, Error> {
    let mut made = Steps::default();
    let mut pools = pools(cluster, options)?;
    made.note_unknown(&pools);
    for pool in pools.iter_mut().filter(|pool| pool.version.is_none() && !hops.is_empty()) {
        // Where nothing tells otherwise they have caught up, for the service wants it so.
        (pool.version, pool.is_assumed) = (Some(cluster.version.clone()), true);
    }
    let mut control_plane = cluster.version.as_str();
    for hop in hops {
        let behind = |pool: &Pool<'_>| pool.is_behind(hop, i64::from(options.max_skew));
        made.move_pools(cluster, &mut pools, control_plane, options, behind, Some(hop));
        made.stage += 1;
        let change = Change::ControlPlane { from: control_plane.to_owned(), to: hop.clone() };
        made.push(cluster, change, &Start::control_plane(hop), options);
        control_plane = hop;
    }
    let to = control_plane;
    made.move_pools(cluster, &mut pools, to, options, |pool| pool.is_older_than(to), None);
    if !addons.is_empty() {
        made.stage += 1;
        let start = Start::addons(&addons);
        made.push(cluster, Change::Addons { addons }, &start, options);
    }
    Ok(made)
}

impl Steps {
    fn move_pools(
        &mut self,
        cluster: &ClusterSnapshot,
        pools: &mut [Pool<'_>],
        to: &str,
        options: &PlanOptions,
        is_due: impl Fn(&Pool<'_>) -> bool,
        before: Option<&str>,
    ) {
        let mut is_first = true;
        for pool in pools.iter_mut().filter(|pool| pool.has_nodes && is_due(pool)) {
            if !pool.is_selected || !pool.is_older_than(to) {
                self.note_left_behind(pool, to, before);
                continue;
            }
            // Node pools that move at the same point are one stage.
            self.stage += u32::from(std::mem::take(&mut is_first));
            let told = pool.told;
            let change = Change::NodePool {
                nodepool_id: told.nodepool_id.clone(),
                name: told.name.clone(),
                from: pool.version.clone().filter(|_| !pool.is_assumed),
                to: to.to_owned(),
                nodes: told.nodes,
            };
            self.push(cluster, change, &Start::node_pool(&told.nodepool_id, to, &options.how), options);
            (pool.version, pool.is_assumed) = (Some(to.to_owned()), false);
        }
    }

    fn push(&mut self, cluster: &ClusterSnapshot, change: Change, start: &Start, options: &PlanOptions) {
        self.steps.push(Step {
            id: change.step_id(),
            stage: self.stage,
            expected: options.durations.of(&change, cluster.cluster_type.as_ref(), &options.how),
            request: start.planned(&cluster.cluster_id),
            change,
        });
    }

    fn note_left_behind(&mut self, pool: &Pool<'_>, to: &str, before: Option<&str>) {
        let is_noted = |finding: &PrecheckFinding| finding.targets == [pool.told.nodepool_id.clone()];
        if self.findings.iter().any(is_noted) {
            return;
        }
        let (id, version) = (&pool.told.nodepool_id, pool.version.as_deref().unwrap_or("an unknown version"));
        let finding = match before {
            Some(hop) => PrecheckFinding::new(
                Severity::Blocking,
                format!(
                    "node pool {id} is at {version} and has to be upgraded before the control plane goes to {hop}, but it \
                     is not among the node pools to upgrade"
                ),
            ),
            None => PrecheckFinding::new(
                Severity::Warning,
                format!("node pool {id} stays at {version}, behind the control plane at {to}"),
            ),
        };
        self.findings.push(finding.with_check(SKEW).with_targets([id.clone()]));
    }

    fn note_unknown(&mut self, pools: &[Pool<'_>]) {
        let unknown = pools.iter().filter(|pool| pool.has_nodes && pool.version.is_none());
        let targets: Vec<String> = unknown.map(|pool| pool.told.nodepool_id.clone()).collect();
        if !targets.is_empty() {
            let message =
                "the version of the nodes is not known; they are taken to have caught up with the control plane";
            let finding = PrecheckFinding::new(Severity::Warning, message);
            self.findings.push(finding.with_check(SKEW).with_targets(targets));
        }
    }
}

impl Pool<'_> {
    /// Whether it would be more than so many minor versions behind a version.
    fn is_behind(&self, version: &str, allowed: i64) -> bool {
        let own = self.version.as_deref().and_then(Version::parse);
        match (Version::parse(version), own) {
            (Some(version), Some(own)) => version.minors_ahead_of(&own).is_some_and(|count| count > allowed),
            _ => false,
        }
    }

    fn is_older_than(&self, version: &str) -> bool {
        let own = self.version.as_deref().and_then(Version::parse);
        match (Version::parse(version), own) {
            (Some(version), Some(own)) => own < version && !own.is_start_of(&version),
            _ => false,
        }
    }
}

fn pools<'a>(cluster: &'a ClusterSnapshot, options: &PlanOptions) -> Result<Vec<Pool<'a>>, Error> {
    let told = cluster.node_pools.as_deref().unwrap_or_default();
    check_names(&options.node_pools, told.iter().map(names), "node pool", &cluster.cluster_id)?;
    let pool = |told: &'a NodePoolSnapshot| Pool {
        told,
        version: told.version.clone(),
        is_assumed: false,
        is_selected: options.node_pools.contains(&names(told)),
        // New nodes join at the version of the control plane.
        has_nodes: told.nodes != Some(0),
    };
    Ok(told.iter().map(pool).collect())
}

fn names(pool: &NodePoolSnapshot) -> Vec<&str> {
    [Some(pool.nodepool_id.as_str()), pool.name.as_deref()].into_iter().flatten().collect()
}

/// Refuses names that are nobody's.
pub(super) fn check_names<'a>(
    selection: &Selection,
    known: impl Iterator<Item = Vec<&'a str>>,
    what: &str,
    cluster_id: &str,
) -> Result<(), Error> {
    let Selection::Only(wanted) = selection else { return Ok(()) };
    let known: Vec<Vec<&str>> = known.collect();
    match wanted.iter().find(|wanted| !known.iter().any(|names| names.contains(&wanted.as_str()))) {
        Some(stranger) => {
            let all: Vec<&str> = known.iter().filter_map(|names| names.first().copied()).collect();
            let all = if all.is_empty() { "it has none".to_owned() } else { format!("it has {}", all.join(", ")) };
            Err(Error::invalid(format!("cluster {cluster_id} has no {what} {stranger:?}: {all}")))
        }
        None => Ok(()),
    }
}
