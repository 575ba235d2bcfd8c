//! What it takes to bring a cluster to a version, before anything is changed.

mod node_versions;
mod offers;
mod options;
mod path;
pub(crate) mod precheck;
mod request;
mod snapshot;
mod step;
mod steps;
mod target;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use ack_client::models::ClusterState;
use serde::{Deserialize, Serialize};

use self::snapshot::Scope;
use crate::error::Error;
use crate::finding::{PrecheckFinding, Severity};
use crate::handle::UpgradeHandle;
use crate::observe;
use crate::phase::Phase;
use crate::stored;
use crate::upgrades::Upgrades;
use crate::window::{Window, timestamp};

pub use self::options::{ExpectedDurations, PlanOptions, Selection};
pub use self::request::PlannedRequest;
pub(crate) use self::request::Start;
pub use self::snapshot::{AddonSnapshot, ClusterSnapshot, NodePoolSnapshot, VersionSource};
pub use self::step::{AddonChange, Change, Step};
pub use self::target::Target;

/// What the stored form says it is.
const FORMAT: &str = "ack-upgrade-plan";
/// The version of the stored form. It rises when older readers would misread it.
const FORMAT_VERSION: u32 = 1;
/// How often to look at a cluster of which it is not clear what it is doing, and how long to wait in between: twice as long
/// in all as the service's lists lag.
const MOST_LOOKS: u32 = 8;
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

/// What it takes to bring a cluster to a version: the steps with their requests, and what stands in the way.
///
/// Its stored form is JSON, written by [`to_json`](Self::to_json) and read by [`from_json`](Self::from_json). It holds no
/// secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    format: String,
    format_version: u32,
    /// When it was made, as an RFC 3339 time.
    pub created_at: String,
    /// The version the control plane has in the end.
    pub target_version: String,
    /// The cluster as it was.
    pub cluster: ClusterSnapshot,
    /// In which steps may begin; at any time without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What was found that is not as it should be.
    #[serde(default)]
    pub findings: Vec<PrecheckFinding>,
    /// Whether the service's checks were run.
    #[serde(default)]
    pub checked: bool,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What keeps it from being carried out.
    pub fn blocking(&self) -> impl Iterator<Item = &PrecheckFinding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Blocking)
    }

    /// The stored form: indented JSON with a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        stored::to_json(self)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the text is no plan, one of a later format, one whose requests do not do what its
    /// steps say, or one with a step twice or before its stage.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &dyn std::fmt::Display| Error::invalid(format!("the plan cannot be read: {problem}"));
        let value = stored::of_format(text, FORMAT, wrong)?;
        match value.get("format_version").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(FORMAT_VERSION) => {}
            Some(version) => {
                let remedy = "make a new plan, or use the program that wrote it";
                return Err(wrong(&format!(
                    "it is of format version {version}, and this program knows {FORMAT_VERSION}: {remedy}"
                )));
            }
            None => return Err(wrong(&"it has no format_version")),
        }
        let plan: Self = serde_json::from_value(value).map_err(|error| wrong(&error))?;
        let (mut ids, mut stage) = (BTreeSet::new(), 0);
        for step in &plan.steps {
            plan.start(step)?;
            if !ids.insert(&step.id) {
                return Err(wrong(&format!("its step {:?} is there twice", step.id)));
            }
            if step.stage < stage {
                return Err(wrong(&format!(
                    "its step {:?} of stage {} stands behind stage {stage}",
                    step.id, step.stage
                )));
            }
            stage = step.stage;
            if step.id != step.change.step_id() {
                return Err(wrong(&format!("its step {:?} should be called {:?}", step.id, step.change.step_id())));
            }
        }
        Ok(plan)
    }

    /// The request of a step, typed.
    pub(crate) fn start(&self, step: &Step) -> Result<Start, Error> {
        Start::read(&self.cluster.cluster_id, &step.change, &step.request)
    }
}

impl Upgrades {
    /// Plans what it takes to bring a cluster to a version. It only reads, unless [`PlanOptions::run_checks`] asks
    /// for checks.
    ///
    /// The way goes over the versions that DescribeKubernetesVersionMetadata offers, one minor version at a time. Before
    /// each hop the node pools that would fall too far behind are brought to the version of the control plane; after the
    /// last hop all of them, and then the add-ons for which there is a newer version. An upgrade of the control plane
    /// that is under way is the first hop.
    ///
    /// # Errors
    ///
    /// [`Error::is_refused`] if the version cannot be reached, naming the nearest that can, with
    /// [`Error::newer_version`] if the cluster is newer than that already; [`Error::is_invalid_input`]
    /// if the options make no sense for this cluster; else the error of the call that failed.
    pub async fn plan(&self, cluster_id: &str, options: &PlanOptions) -> Result<Plan, Error> {
        options.how.check()?;
        options.check_target()?;
        let scope =
            Scope { node_pools: options.node_pools != Selection::None, addons: options.addons != Selection::None };
        let (cluster, under_way, mut findings) = self.look(cluster_id, scope).await?;
        if let Some(next) = under_way.as_deref().filter(|next| options.target.is_behind(next)) {
            let target = &options.target;
            return Err(Error::newer(
                next,
                format!(
                    "the cluster is being upgraded to {next}, which is newer than {target}: a control plane cannot go back, so wait \
                     for the end of that upgrade, or cancel it"
                ),
            ));
        }
        let from = under_way.clone().unwrap_or_else(|| cluster.version.clone());
        let mut hops: Vec<String> = under_way.into_iter().collect();
        hops.extend(offers::hops(self, &cluster, &from, &options.target).await?);
        let target_version = hops.last().unwrap_or(&cluster.version).clone();
        let (addons, unknown) = offers::addons(self, &cluster, &target_version, &options.addons).await?;
        findings.extend(unknown);
        let made = steps::build(&cluster, &hops, addons, options)?;
        findings.extend(made.findings);
        if !scope.node_pools && !hops.is_empty() {
            findings.extend(self.too_old_for(cluster_id, &hops, options).await?);
        }
        let window = window(&cluster, options)?;
        if let Some(window) = &window {
            findings.extend(too_long(window, &made.steps, self.clock.now()));
        }
        if options.runs_checks {
            findings.extend(self.check(cluster_id, &made.steps).await?);
        }
        Ok(Plan {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            created_at: format!("{:.0}", timestamp(self.clock.now())),
            target_version,
            cluster,
            window,
            steps: made.steps,
            findings,
            checked: options.runs_checks,
        })
    }

    /// What has changed since a plan was made, in words; nothing if the plan still holds.
    ///
    /// # Errors
    ///
    /// The error of the call that failed.
    pub async fn changes_since(&self, plan: &Plan) -> Result<Vec<String>, Error> {
        let now = ClusterSnapshot::take(self, &plan.cluster.cluster_id, plan.cluster.scope()).await?;
        Ok(plan.cluster.differences(&now))
    }

    /// The cluster, and the version that an upgrade of its control plane under way leads to. It takes several calls; a
    /// cluster that comes to rest between them is looked at again, and so is one whose task is not in the lists yet.
    async fn look(
        &self,
        cluster_id: &str,
        scope: Scope,
    ) -> Result<(ClusterSnapshot, Option<String>, Vec<PrecheckFinding>), Error> {
        let mut looks = 0;
        loop {
            let cluster = ClusterSnapshot::take(self, cluster_id, scope).await?;
            looks += 1;
            if cluster.state == Some(ClusterState::Running) {
                return Ok((cluster, None, Vec::new()));
            }
            let status = observe::observe(self, &UpgradeHandle::new(cluster_id)).await?.status;
            let is_under_way = status.phase.is_running() || status.phase == Phase::Paused;
            let is_at_rest = !is_under_way && status.cluster_state == Some(ClusterState::Running);
            let is_unclear = is_under_way && status.target_version.is_none();
            if (is_at_rest || is_unclear) && looks < MOST_LOOKS {
                if is_unclear {
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                }
                continue;
            }
            let state = cluster.state.as_ref().map_or("in an unknown state", ClusterState::as_str);
            let (severity, message, target) = match status.target_version.filter(|_| is_under_way) {
                Some(target) => {
                    let task = status.task_id.as_deref().unwrap_or("of unknown ID");
                    let message =
                        format!("an upgrade to {target} is under way (task {task}, {}); it is joined", status.phase);
                    (Severity::Warning, message, Some(target).filter(|target| *target != cluster.version))
                }
                None => (Severity::Blocking, format!("the cluster is `{state}`; it has to be `running`"), None),
            };
            let finding = PrecheckFinding::new(severity, message).with_check("ClusterState");
            return Ok((cluster, target, vec![finding]));
        }
    }

    /// The node pools that keep a control plane from its versions, where none is to be upgraded.
    async fn too_old_for(
        &self,
        cluster_id: &str,
        hops: &[String],
        options: &PlanOptions,
    ) -> Result<Vec<PrecheckFinding>, Error> {
        let cluster = ClusterSnapshot::take(self, cluster_id, Scope { node_pools: true, addons: false }).await?;
        let mut findings = steps::build(&cluster, hops, Vec::new(), options)?.findings;
        // That they stay behind is what was asked for.
        findings.retain(|finding| finding.severity == Severity::Blocking);
        let at_worst = |pool: &&NodePoolSnapshot| pool.version_source == VersionSource::LeftBehind;
        for pool in cluster.node_pools.iter().flatten().filter(at_worst) {
            for finding in findings.iter_mut().filter(|finding| finding.targets.contains(&pool.nodepool_id)) {
                // The nodes may be newer, and none of them is touched: the service decides.
                finding.severity = Severity::Warning;
            }
        }
        Ok(findings)
    }

    /// Runs the service's checks for the first hop and for each node pool.
    async fn check(&self, cluster_id: &str, steps: &[Step]) -> Result<Vec<PrecheckFinding>, Error> {
        let mut findings: Vec<PrecheckFinding> = Vec::new();
        let mut requests = Vec::new();
        for request in steps.iter().filter_map(|step| precheck::request(&step.change)) {
            // Later hops are checked once it is their turn; the service cannot check them from here.
            let is_known = requests.iter().any(|own: &ack_client::models::RunClusterCheckRequest| {
                own.type_ == request.type_ && own.target == request.target
            });
            if !is_known {
                requests.push(request);
            }
        }
        for request in &requests {
            for finding in precheck::run(self, cluster_id, request).await? {
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
        Ok(findings)
    }
}

fn window(cluster: &ClusterSnapshot, options: &PlanOptions) -> Result<Option<Window>, Error> {
    if !options.uses_cluster_window {
        return Ok(options.window.clone());
    }
    match cluster.maintenance_window.as_ref().map(Window::of_cluster).transpose()?.flatten() {
        Some(window) => Ok(Some(window)),
        None => Err(Error::invalid(format!(
            "cluster {} has no maintenance window, or it is switched off: give a window of your own",
            cluster.cluster_id
        ))),
    }
}

/// Steps that fit into no opening of the window.
fn too_long(window: &Window, steps: &[Step], now: SystemTime) -> Vec<PrecheckFinding> {
    let longest = window.longest_opening(now);
    let minutes = |duration: Duration| duration.as_secs().div_ceil(60);
    let find = |step: &Step| {
        let message = format!(
            "{step} is expected to take {} minutes, but the window {window} is never open for longer than {}; give a longer \
             window, or another expected duration",
            minutes(step.expected),
            minutes(longest)
        );
        PrecheckFinding::new(Severity::Blocking, message).with_check("MaintenanceWindow")
    };
    steps.iter().filter(|step| step.expected > longest).map(find).collect()
}

#[cfg(test)]
mod tests;
