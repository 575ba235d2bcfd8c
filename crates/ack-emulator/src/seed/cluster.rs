//! The clusters an emulator starts with.

use std::collections::{BTreeMap, HashSet};

use ack_models::{ClusterProfile, ClusterSpec, ClusterState, ClusterType, MaintenanceWindow};
use serde::Deserialize;

use super::{AddonSeed, Finding, NodePoolSeed, PlanSeed, TaskSeed, check_text};
use crate::version::Version;
use crate::{Error, Incident, UpgradeFailure, UpgradeStage, Wording};

/// More nodes than ACK allows in one cluster by default.
const MAX_NODES: u32 = 10_000;

/// A cluster that exists when the emulator starts.
///
/// In a file: `{"id": "c106f377e16f", "version": "1.31.1-aliyun.1"}`, and whatever the methods below can set, under the
/// names `name`, `cluster_type`, `cluster_spec`, `profile`, `state`, `region`, `nodes`, `node_pools`, `addons`, `tags`,
/// `findings`, `incidents`, `tasks`, `operation_plans`, `maintenance_window`, `max_node_skew` and `wording`.
///
/// ```
/// use ack_emulator::{ClusterSeed, UpgradeFailure, UpgradeStage};
///
/// let healthy = ClusterSeed::managed("c106f377e16f34eb1808d6b9362c9test", "demo-cluster", "1.31.1-aliyun.1").with_nodes(5);
/// let failing = ClusterSeed::dedicated("c82e6987e2961451182edacd74fafdemo", "old-cluster", "1.30.7-aliyun.1")
///     .with_failure(UpgradeFailure::new(UpgradeStage::Master2, "etcd did not become healthy"));
/// assert_ne!(healthy.cluster_id(), failing.cluster_id());
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSeed {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    pub(crate) version: String,
    #[serde(default = "managed")]
    pub(crate) cluster_type: ClusterType,
    #[serde(default)]
    pub(crate) cluster_spec: Option<ClusterSpec>,
    #[serde(default = "default_profile")]
    pub(crate) profile: ClusterProfile,
    #[serde(default = "running")]
    pub(crate) state: ClusterState,
    #[serde(default)]
    pub(crate) region: Option<String>,
    #[serde(default)]
    pub(crate) nodes: Option<u32>,
    #[serde(default)]
    pub(crate) node_pools: Vec<NodePoolSeed>,
    #[serde(default = "AddonSeed::defaults")]
    pub(crate) addons: Vec<AddonSeed>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) findings: Vec<Finding>,
    #[serde(default)]
    pub(crate) incidents: Vec<Incident>,
    #[serde(default)]
    pub(crate) tasks: Vec<TaskSeed>,
    #[serde(default)]
    pub(crate) operation_plans: Vec<PlanSeed>,
    #[serde(default)]
    pub(crate) maintenance_window: Option<MaintenanceWindow>,
    #[serde(default = "default_skew")]
    pub(crate) max_node_skew: u32,
    #[serde(default)]
    pub(crate) wording: Wording,
}

impl ClusterSeed {
    /// A managed cluster (`ManagedKubernetes`, `ack.pro.small`), `running`, with three nodes.
    ///
    /// `version` is a full version such as `1.31.1-aliyun.1`; see [`KUBERNETES_VERSIONS`](crate::KUBERNETES_VERSIONS)
    /// for those it can be upgraded to.
    pub fn managed(id: impl Into<String>, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: Some(name.into()),
            version: version.into(),
            cluster_type: managed(),
            cluster_spec: None,
            profile: default_profile(),
            state: running(),
            region: None,
            nodes: None,
            node_pools: Vec::new(),
            addons: AddonSeed::defaults(),
            tags: BTreeMap::new(),
            findings: Vec::new(),
            incidents: Vec::new(),
            tasks: Vec::new(),
            operation_plans: Vec::new(),
            maintenance_window: None,
            max_node_skew: default_skew(),
            wording: Wording::default(),
        }
    }

    /// A dedicated cluster (`Kubernetes`), `running`, with three masters and three nodes.
    pub fn dedicated(id: impl Into<String>, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { cluster_type: ClusterType::Kubernetes, ..Self::managed(id, name, version) }
    }

    /// Sets the number of worker nodes in the default node pool. Default: 3, or no such pool if
    /// [others](Self::with_node_pool) are given; at most 10,000.
    #[must_use]
    pub fn with_nodes(self, nodes: u32) -> Self {
        Self { nodes: Some(nodes), ..self }
    }

    /// Adds a node pool. Default: one named `default-nodepool` with three nodes.
    #[must_use]
    pub fn with_node_pool(mut self, pool: NodePoolSeed) -> Self {
        self.node_pools.push(pool);
        self
    }

    /// Sets an add-on, in place of one of the same name. Default: those that [`AddonSeed`] lists.
    #[must_use]
    pub fn with_addon(mut self, addon: AddonSeed) -> Self {
        self.addons.retain(|other| other.name != addon.name);
        self.addons.push(addon);
        self
    }

    /// Leaves out all add-ons set so far.
    #[must_use]
    pub fn without_addons(self) -> Self {
        Self { addons: Vec::new(), ..self }
    }

    /// Sets the state that the cluster is in while no upgrade changes it. Default: `running`; in any other state an
    /// upgrade is refused.
    #[must_use]
    pub fn with_state(self, state: impl Into<ClusterState>) -> Self {
        Self { state: state.into(), ..self }
    }

    /// Sets the region. Default: that of the emulator.
    #[must_use]
    pub fn with_region(self, region: impl Into<String>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// Sets the specification of a managed cluster. Default: `ack.pro.small`.
    #[must_use]
    pub fn with_cluster_spec(self, spec: impl Into<ClusterSpec>) -> Self {
        Self { cluster_spec: Some(spec.into()), ..self }
    }

    /// Sets the profile. Default: `Default`.
    #[must_use]
    pub fn with_profile(self, profile: impl Into<ClusterProfile>) -> Self {
        Self { profile: profile.into(), ..self }
    }

    /// Adds a tag.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// Makes the first upgrade that comes to the failure's stage fail; those after it succeed.
    #[must_use]
    pub fn with_failure(mut self, failure: UpgradeFailure) -> Self {
        self.incidents.retain(|incident| !incident.is_upgrade_failure());
        self.with_incident(failure.into())
    }

    /// Lets something befall the first task that comes to the incident's stage.
    #[must_use]
    pub fn with_incident(mut self, incident: Incident) -> Self {
        self.incidents.push(incident);
        self
    }

    /// Adds something that checks of the cluster find, those of its upgrades among them.
    #[must_use]
    pub fn with_finding(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// Adds a task that is no upgrade.
    #[must_use]
    pub fn with_task(mut self, task: TaskSeed) -> Self {
        self.tasks.push(task);
        self
    }

    /// Adds an operation plan, by which ACK starts an upgrade of its own accord.
    #[must_use]
    pub fn with_operation_plan(mut self, plan: PlanSeed) -> Self {
        self.operation_plans.push(plan);
        self
    }

    /// Sets the maintenance window, which the emulator tells of and does not heed. Default: Mondays and Thursdays from one
    /// o'clock at night, for three hours.
    #[must_use]
    pub fn with_maintenance_window(self, window: MaintenanceWindow) -> Self {
        Self { maintenance_window: Some(window), ..self }
    }

    /// Sets how many minor versions nodes may be behind the control plane after an upgrade of it. Default: 1, so that
    /// nodes have to catch up before the control plane moves on. It does not matter for upgrades that take the nodes along.
    #[must_use]
    pub fn with_max_node_skew(self, minor_versions: u32) -> Self {
        Self { max_node_skew: minor_versions, ..self }
    }

    /// Sets how answers about the cluster spell their values. Default: as documented.
    #[must_use]
    pub fn with_wording(self, wording: Wording) -> Self {
        Self { wording, ..self }
    }

    /// The id of the cluster.
    pub fn cluster_id(&self) -> &str {
        &self.id
    }

    /// The clusters of an emulator for which none were given: one managed, one dedicated, and one that is at the newest
    /// version already.
    pub(crate) fn defaults() -> Vec<Self> {
        let newest = crate::KUBERNETES_VERSIONS.last().copied().unwrap_or_default();
        vec![
            Self::managed("c106f377e16f34eb1808d6b9362c9demo", "demo-managed", "1.31.1-aliyun.1")
                .with_tag("env", "demo"),
            Self::dedicated("c82e6987e2961451182edacd74fafdemo", "demo-dedicated", "1.30.7-aliyun.1"),
            Self::managed("c78592bfe92244365b3c3ad47f1dedemo", "demo-newest", newest).with_nodes(1),
        ]
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check_text("cluster id", &self.id, false)?;
        for (setting, text) in [("cluster name", &self.name), ("region", &self.region)] {
            text.as_ref().map_or(Ok(()), |text| check_text(setting, text, false))?;
        }
        for (key, value) in &self.tags {
            check_text("tag key", key, false)?;
            check_text("tag value", value, true)?;
        }
        let version = Version::parse(&self.version).ok_or_else(|| {
            let remedy = "use one such as 1.31.1-aliyun.1";
            Error::setting("cluster version", self.version.as_str(), "is not a Kubernetes version", remedy)
        })?;
        let nodes = self.node_pools.iter().map(|pool| pool.nodes).chain(self.nodes);
        let nodes = nodes.fold(0, u32::saturating_add);
        if nodes > MAX_NODES {
            let remedy = "use 10000 at most";
            return Err(Error::setting("number of nodes", nodes.to_string(), "is too large", remedy));
        }
        self.node_pools.iter().try_for_each(|pool| pool.check(version))?;
        self.addons.iter().try_for_each(AddonSeed::check)?;
        self.findings.iter().try_for_each(Finding::check)?;
        self.tasks.iter().try_for_each(TaskSeed::check)?;
        self.operation_plans.iter().try_for_each(PlanSeed::check)?;
        self.wording.check()?;
        once("node pool id", self.node_pools.iter().map(|pool| pool.id.as_str()))?;
        once("add-on name", self.addons.iter().map(|addon| addon.name.as_str()))?;
        self.incidents.iter().try_for_each(|incident| self.check_incident(incident))
    }

    /// Refuses an incident that could never happen.
    pub(crate) fn check_incident(&self, incident: &Incident) -> Result<(), Error> {
        use UpgradeStage::{Addons, ControlPlane, Master1, Master2, Master3, Nodes, Precheck};
        incident.check()?;
        let (stages, remedy): (&[UpgradeStage], _) = match (&incident.node_pool, &incident.addon) {
            (Some(_), _) => (&[Precheck, Nodes], "use precheck or upgrade_nodes for a node pool"),
            (None, Some(_)) => (&[Precheck, Addons], "use precheck or upgrade_addons for an add-on"),
            (None, None) => (
                match self.cluster_type {
                    ClusterType::Kubernetes => &[Precheck, Master1, Master2, Master3, Nodes],
                    _ => &[Precheck, ControlPlane, Nodes],
                },
                "use upgrade_control_plane for managed and upgrade_master1 to upgrade_master3 for dedicated clusters",
            ),
        };
        if stages.contains(&incident.stage) {
            return Ok(());
        }
        let problem = "is not a stage of this type of cluster";
        Err(Error::setting("stage to fail at", incident.stage.as_str(), problem, remedy))
    }
}

/// Refuses a name that is given twice.
fn once<'a>(setting: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Error::setting(setting, name, "is given twice", "leave one of them out"));
        }
    }
    Ok(())
}

fn managed() -> ClusterType {
    ClusterType::ManagedKubernetes
}

fn default_profile() -> ClusterProfile {
    ClusterProfile::Default
}

fn running() -> ClusterState {
    ClusterState::Running
}

fn default_skew() -> u32 {
    1
}
