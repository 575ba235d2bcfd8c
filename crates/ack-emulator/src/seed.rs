//! The clusters an emulator starts with.

use ack_models::{ClusterProfile, ClusterSpec, ClusterState, ClusterType};

use crate::version::Version;
use crate::{Error, UpgradeFailure, UpgradeStage};

/// More nodes than ACK allows in one cluster by default.
const MAX_NODES: u32 = 10_000;

/// The longest cluster id, name, region, tag or failure message, in bytes.
const MAX_TEXT: usize = 256;

/// A cluster that exists when the emulator starts.
///
/// ```
/// use ack_emulator::{ClusterSeed, UpgradeFailure, UpgradeStage};
///
/// let healthy = ClusterSeed::managed("c106f377e16f34eb1808d6b9362c9test", "demo-cluster", "1.31.1-aliyun.1").with_nodes(5);
/// let failing = ClusterSeed::dedicated("c82e6987e2961451182edacd74fafdemo", "old-cluster", "1.30.7-aliyun.1")
///     .with_failure(UpgradeFailure::new(UpgradeStage::Master2, "etcd did not become healthy"));
/// assert_ne!(healthy.cluster_id(), failing.cluster_id());
/// ```
#[derive(Debug, Clone)]
pub struct ClusterSeed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) cluster_type: ClusterType,
    pub(crate) cluster_spec: Option<ClusterSpec>,
    pub(crate) profile: ClusterProfile,
    pub(crate) state: ClusterState,
    pub(crate) region: Option<String>,
    pub(crate) nodes: u32,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) failure: Option<UpgradeFailure>,
}

impl ClusterSeed {
    /// A managed cluster (`ManagedKubernetes`, `ack.pro.small`), `running`, with three nodes.
    ///
    /// `version` is a full version such as `1.31.1-aliyun.1`; see [`KUBERNETES_VERSIONS`](crate::KUBERNETES_VERSIONS)
    /// for those it can be upgraded to.
    pub fn managed(id: impl Into<String>, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            version: version.into(),
            cluster_type: ClusterType::ManagedKubernetes,
            cluster_spec: Some(ClusterSpec::AckProSmall),
            profile: ClusterProfile::Default,
            state: ClusterState::Running,
            region: None,
            nodes: 3,
            tags: Vec::new(),
            failure: None,
        }
    }

    /// A dedicated cluster (`Kubernetes`), `running`, with three masters and three nodes.
    pub fn dedicated(id: impl Into<String>, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { cluster_type: ClusterType::Kubernetes, cluster_spec: None, ..Self::managed(id, name, version) }
    }

    /// Sets the number of worker nodes. Default: 3; at most 10,000.
    #[must_use]
    pub fn with_nodes(self, nodes: u32) -> Self {
        Self { nodes, ..self }
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
        self.tags.push((key.into(), value.into()));
        self
    }

    /// Makes the first upgrade that comes to the failure's stage fail; those after it succeed.
    #[must_use]
    pub fn with_failure(self, failure: UpgradeFailure) -> Self {
        Self { failure: Some(failure), ..self }
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
        check_text("cluster name", &self.name, false)?;
        if let Some(region) = &self.region {
            check_text("region", region, false)?;
        }
        for (key, value) in &self.tags {
            check_text("tag key", key, false)?;
            check_text("tag value", value, true)?;
        }
        if Version::parse(&self.version).is_none() {
            return Err(Error::setting(
                "cluster version",
                self.version.as_str(),
                "is not a Kubernetes version",
                "use one such as 1.31.1-aliyun.1",
            ));
        }
        if self.nodes > MAX_NODES {
            let remedy = "use 10000 at most";
            return Err(Error::setting("number of nodes", self.nodes.to_string(), "is too large", remedy));
        }
        self.failure.as_ref().map_or(Ok(()), |failure| self.check_failure(failure))
    }

    pub(crate) fn check_failure(&self, failure: &UpgradeFailure) -> Result<(), Error> {
        check_text("failure message", failure.message(), false)?;
        if self.stages().contains(&failure.stage()) {
            return Ok(());
        }
        Err(Error::setting(
            "stage to fail at",
            failure.stage().as_str(),
            "is not a stage of this type of cluster",
            "use upgrade_control_plane for managed and upgrade_master1 to upgrade_master3 for dedicated clusters",
        ))
    }

    /// Every stage that an upgrade of this cluster can have.
    pub(crate) fn stages(&self) -> &'static [UpgradeStage] {
        use UpgradeStage::{ControlPlane, Master1, Master2, Master3, Nodes, Precheck};
        match self.cluster_type {
            ClusterType::Kubernetes => &[Precheck, Master1, Master2, Master3, Nodes],
            _ => &[Precheck, ControlPlane, Nodes],
        }
    }
}

/// Refuses text that is empty, overlong or holds control characters.
pub(crate) fn check_text(setting: &'static str, text: &str, may_be_empty: bool) -> Result<(), Error> {
    if text.is_empty() && !may_be_empty {
        return Err(Error::setting(setting, text, "is empty", "give it a text"));
    }
    if text.len() > MAX_TEXT {
        let shown: String = text.chars().take(16).collect();
        return Err(Error::setting(setting, shown, "goes on too long", "use 256 bytes at most"));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::setting(setting, text, "holds a control character", "leave it out"));
    }
    Ok(())
}
