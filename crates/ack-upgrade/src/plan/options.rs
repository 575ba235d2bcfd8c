//! What to plan, and by which rules.

use std::convert::Infallible;
use std::str::FromStr;
use std::time::Duration;

use ack_client::models::ClusterType;

use super::Target;
use super::step::Change;
use crate::error::Error;
use crate::node_pool::NodePoolUpgrade;
use crate::window::Window;

/// What to plan, and by which rules. By default it is the whole cluster, to the newest version that can be reached.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    pub(super) target: Target,
    pub(super) node_pools: Selection,
    pub(super) addons: Selection,
    pub(super) how: NodePoolUpgrade,
    pub(super) window: Option<Window>,
    pub(super) uses_cluster_window: bool,
    pub(super) runs_checks: bool,
    pub(super) durations: ExpectedDurations,
    pub(super) max_skew: u32,
}

/// Which of the node pools or add-ons of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Selection {
    /// All that need it or can be moved. The default.
    #[default]
    All,
    /// None; they are not even looked at.
    None,
    /// Those named: node pools by ID or name, add-ons by name.
    Only(Vec<String>),
}

/// How long steps are expected to take. From the documentation of ACK and what its clients wait for, with room to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpectedDurations {
    /// One hop of a control plane that ACK runs: 15 minutes.
    pub control_plane: Duration,
    /// Each of the three masters of a dedicated cluster: 10 minutes.
    pub master: Duration,
    /// One batch of nodes: 10 minutes.
    pub node_batch: Duration,
    /// The add-ons of a cluster, all together: 10 minutes.
    pub addons: Duration,
}

impl PlanOptions {
    /// The version to reach.
    #[must_use]
    pub fn target(self, target: impl Into<Target>) -> Self {
        Self { target: target.into(), ..self }
    }

    /// The version to reach, as it was asked for.
    pub(crate) fn target_text(&self) -> String {
        self.target.to_string()
    }

    pub(crate) fn wanted(&self) -> &Target {
        &self.target
    }

    /// [`Error::is_invalid_input`] if the target is meant to be a version and can be none.
    pub(crate) fn check_target(&self) -> Result<(), Error> {
        self.target.number().map(drop)
    }

    /// Whether nothing is brought along.
    pub(crate) fn is_control_plane_only(&self) -> bool {
        self.node_pools == Selection::None && self.addons == Selection::None
    }

    /// The node pools to bring along. One that stays behind and would be too old for the control plane blocks the plan, see
    /// [`max_skew`](Self::max_skew).
    #[must_use]
    pub fn node_pools(self, selection: Selection) -> Self {
        Self { node_pools: selection, ..self }
    }

    /// The add-ons to bring along.
    #[must_use]
    pub fn addons(self, selection: Selection) -> Self {
        Self { addons: selection, ..self }
    }

    /// How the nodes of each node pool take turns.
    #[must_use]
    pub fn node_pool_upgrade(self, how: NodePoolUpgrade) -> Self {
        Self { how, ..self }
    }

    /// The window in which steps may begin.
    #[must_use]
    pub fn window(self, window: Window) -> Self {
        Self { window: Some(window), uses_cluster_window: false, ..self }
    }

    /// Takes the maintenance window that the cluster has itself. Planning fails if it has none.
    #[must_use]
    pub fn cluster_window(self) -> Self {
        Self { window: None, uses_cluster_window: true, ..self }
    }

    /// Whether to run the service's checks of the cluster and of the node pools, and to wait for what they find. It is the
    /// only thing in planning that is more than a read; off by default.
    #[must_use]
    pub fn run_checks(self, yes: bool) -> Self {
        Self { runs_checks: yes, ..self }
    }

    /// How long steps are expected to take.
    #[must_use]
    pub fn expected_durations(self, durations: ExpectedDurations) -> Self {
        Self { durations, ..self }
    }

    /// How many minor versions nodes may be behind their control plane. ACK wants nodes to have caught up before the
    /// control plane moves on, so it is 1 by default; Kubernetes itself allows up to 3.
    #[must_use]
    pub fn max_skew(self, minor_versions: u32) -> Self {
        Self { max_skew: minor_versions.clamp(1, 3), ..self }
    }
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            target: Target::default(),
            node_pools: Selection::default(),
            addons: Selection::default(),
            how: NodePoolUpgrade::default(),
            window: None,
            uses_cluster_window: false,
            runs_checks: false,
            durations: ExpectedDurations::default(),
            max_skew: 1,
        }
    }
}

impl Selection {
    /// Whether something with one of these names is among them.
    pub(super) fn contains(&self, names: &[&str]) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Only(wanted) => wanted.iter().any(|wanted| names.contains(&wanted.as_str())),
        }
    }
}

/// Reads `all`, `none`, or names joined by commas.
impl FromStr for Selection {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.trim() {
            "all" => Self::All,
            "none" => Self::None,
            names => {
                let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
                Self::Only(names.map(str::to_owned).collect())
            }
        })
    }
}

impl ExpectedDurations {
    /// How long a change is expected to take.
    pub(super) fn of(&self, change: &Change, cluster_type: Option<&ClusterType>, how: &NodePoolUpgrade) -> Duration {
        match change {
            Change::ControlPlane { .. } if cluster_type == Some(&ClusterType::Kubernetes) => self.master * 3,
            Change::ControlPlane { .. } => self.control_plane,
            Change::NodePool { nodes, .. } => how.expected(*nodes, self.node_batch),
            Change::Addons { .. } => self.addons,
        }
    }
}

impl Default for ExpectedDurations {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Self { control_plane: minutes(15), master: minutes(10), node_batch: minutes(10), addons: minutes(10) }
    }
}
