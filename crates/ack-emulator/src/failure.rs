//! Upgrades that are made to fail.

use std::fmt;

use serde::Deserialize;

/// A stage of a task, as the emulator runs and names it.
///
/// ACK publishes no list of stage names; these are the emulator's own, in the style of the examples (`init_master`).
/// A managed cluster goes through `precheck`, `upgrade_control_plane` and `upgrade_nodes`; a dedicated one through
/// `precheck`, `upgrade_master1`, `upgrade_master2`, `upgrade_master3` and `upgrade_nodes`. The nodes are left out when
/// the request says `master_only`, and for a cluster without nodes. A node pool goes through `precheck` and
/// `upgrade_nodes`, add-ons through `precheck` and `upgrade_addons`, and a task that is no upgrade has one stage, `run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[non_exhaustive]
pub enum UpgradeStage {
    /// The check before anything is changed.
    #[serde(rename = "precheck")]
    Precheck,
    /// The control plane of a managed cluster.
    #[serde(rename = "upgrade_control_plane")]
    ControlPlane,
    /// The first master of a dedicated cluster.
    #[serde(rename = "upgrade_master1")]
    Master1,
    /// The second master of a dedicated cluster.
    #[serde(rename = "upgrade_master2")]
    Master2,
    /// The third master of a dedicated cluster.
    #[serde(rename = "upgrade_master3")]
    Master3,
    /// The worker nodes, batch after batch.
    #[serde(rename = "upgrade_nodes")]
    Nodes,
    /// The add-ons, one after another.
    #[serde(rename = "upgrade_addons")]
    Addons,
    /// All that a task does which is no upgrade.
    #[serde(rename = "run")]
    Run,
}

impl UpgradeStage {
    /// The name in `current_stage`, in the events of a task and in files, such as `upgrade_master1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Precheck => "precheck",
            Self::ControlPlane => "upgrade_control_plane",
            Self::Master1 => "upgrade_master1",
            Self::Master2 => "upgrade_master2",
            Self::Master3 => "upgrade_master3",
            Self::Nodes => "upgrade_nodes",
            Self::Addons => "upgrade_addons",
            Self::Run => "run",
        }
    }

    /// The name in the undocumented `upgrade_status.phase` of GetUpgradeStatus. The control plane of a managed cluster
    /// has none of its own there, and counts as the first master.
    pub(crate) fn phase(self) -> Option<&'static str> {
        match self {
            Self::Precheck | Self::Addons | Self::Run => None,
            Self::ControlPlane | Self::Master1 => Some("Master1"),
            Self::Master2 => Some("Master2"),
            Self::Master3 => Some("Master3"),
            Self::Nodes => Some("Nodes"),
        }
    }
}

impl fmt::Display for UpgradeStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How an upgrade is to fail.
///
/// A failed precheck ends the task at the end of that stage and leaves the cluster `running` at its old version. A
/// failure at another stage strikes halfway through it and leaves the cluster `upgrading`: GetUpgradeStatus then tells
/// of a pause, since an upgrade stopped by an error shows as paused there.
///
/// ```
/// use ack_emulator::{UpgradeFailure, UpgradeStage};
///
/// let failure = UpgradeFailure::new(UpgradeStage::Precheck, "2 nodes are NotReady");
/// assert_eq!(failure.stage(), UpgradeStage::Precheck);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpgradeFailure {
    stage: UpgradeStage,
    message: String,
}

impl UpgradeFailure {
    /// A failure at `stage`; `message` is what the API reports, in words for people, 256 bytes at most.
    pub fn new(stage: UpgradeStage, message: impl Into<String>) -> Self {
        Self { stage, message: message.into() }
    }

    /// Where the upgrade fails. An upgrade that does not come to this stage does not fail.
    pub fn stage(&self) -> UpgradeStage {
        self.stage
    }

    /// What the API reports.
    pub fn message(&self) -> &str {
        &self.message
    }
}
