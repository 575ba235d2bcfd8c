//! The status of an upgrade: the shape of GetUpgradeStatus, and what is missing there.

use std::fmt;

use ack_client::models::{AddonState, ClusterState, NodePoolState, UpgradeState, UpgradeStep, UpgradeTask};
use serde::Serialize;

use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::outcome::PausedBy;
use crate::phase::Phase;

/// One look at an upgrade.
///
/// The fields of GetUpgradeStatus keep their names and values; where the region no longer serves it, they are filled
/// from the task API. [`phase`](Self::phase) is what all of them add up to. What does not apply is `null`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UpgradeStatus {
    /// The cluster.
    pub cluster_id: String,
    /// What of the cluster is upgraded.
    #[serde(flatten)]
    pub upgrade: UpgradeKind,
    /// Where the upgrade stands, in one word.
    pub phase: Phase,
    /// GetUpgradeStatus: the step.
    pub upgrade_step: Option<UpgradeStep>,
    /// GetUpgradeStatus: how it fares.
    pub status: Option<UpgradeState>,
    /// GetUpgradeStatus: the task's own report.
    pub upgrade_task: Option<UpgradeTask>,
    /// Why it failed or stopped, in the service's words.
    pub error_message: Option<String>,
    /// The report of the precheck.
    pub precheck_report_id: Option<String>,
    /// DescribeClusterDetail: what the cluster is doing. Asked for control planes only.
    pub cluster_state: Option<ClusterState>,
    /// DescribeClusterNodePoolDetail: what the node pool is doing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodepool_state: Option<NodePoolState>,
    /// ListClusterAddonInstances: what the add-ons are doing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addon_states: Vec<AddonStatus>,
    /// The Kubernetes version that control plane or node pool runs, such as `1.31.1-aliyun.1`.
    pub current_version: Option<String>,
    /// The Kubernetes version the upgrade leads to, as the caller or the task says.
    pub target_version: Option<String>,
    /// The task behind the upgrade, for DescribeTaskInfo, PauseTask and their like.
    pub task_id: Option<String>,
    /// The stage the task is at. Names are not published.
    pub stage: Option<String>,
    /// How many stages and nodes are done.
    pub progress: Option<Progress>,
    /// Who or what paused it, while it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_by: Option<PausedBy>,
    /// The newest event of the task, in the service's words.
    pub last_event: Option<String>,
    /// When the task was created, as the service prints it.
    pub started_at: Option<String>,
    /// When the task changed last, as the service prints it.
    pub updated_at: Option<String>,
    /// Which interface the phase comes from.
    pub source: Source,
    /// The request ID of the call that decided the phase.
    pub request_id: Option<String>,
}

/// An add-on that is upgraded, as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AddonStatus {
    /// The name, such as `coredns`.
    pub name: String,
    /// What it is doing; none if it is not installed.
    pub state: Option<AddonState>,
    /// The version that is installed.
    pub version: Option<String>,
    /// The version it is to reach.
    pub target_version: Option<String>,
}

impl UpgradeStatus {
    /// What is known of an upgrade before anything was asked, to be filled.
    pub(crate) fn new(handle: &UpgradeHandle, phase: Phase, source: Source) -> Self {
        Self {
            cluster_id: handle.cluster_id.clone(),
            upgrade: handle.kind.clone(),
            phase,
            upgrade_step: None,
            status: None,
            upgrade_task: None,
            error_message: None,
            precheck_report_id: None,
            cluster_state: None,
            nodepool_state: None,
            addon_states: Vec::new(),
            current_version: None,
            target_version: handle.target_version.clone(),
            task_id: handle.task_id.clone(),
            stage: None,
            progress: None,
            paused_by: None,
            last_event: None,
            started_at: None,
            updated_at: None,
            source,
            request_id: None,
        }
    }
}

/// Work done of work known. No percentage is made up from it: stages and nodes differ in length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// Stages that ended well, of those the task lists so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stages: Option<Count>,
    /// Masters and nodes that are done, of those there are to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Count>,
}

/// How many of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Count {
    /// Those that are done.
    pub done: usize,
    /// All that are known.
    pub total: usize,
}

impl Progress {
    /// What is known of either; `None` if nothing is.
    pub(crate) fn of(stages: Option<Count>, nodes: Option<Count>) -> Option<Self> {
        (stages.is_some() || nodes.is_some()).then_some(Self { stages, nodes })
    }
}

impl Count {
    /// So many of so many.
    #[must_use]
    pub fn new(done: usize, total: usize) -> Self {
        Self { done, total }
    }
}

/// The interface a status comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Source {
    /// The deprecated operation GetUpgradeStatus, served region by region for the last time in 2026.
    GetUpgradeStatus,
    /// DescribeTaskInfo of the upgrade's task.
    DescribeTaskInfo,
    /// DescribeClusterDetail alone: no upgrade task is known.
    DescribeClusterDetail,
    /// DescribeClusterNodePoolDetail alone: no upgrade task of the node pool is known.
    DescribeClusterNodePoolDetail,
    /// ListClusterAddonInstances alone: no upgrade task of the add-ons is known.
    ListClusterAddonInstances,
}

/// Where it stands, in one line.
impl fmt::Display for UpgradeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phase.fmt(f)?;
        let parts: [(&str, Option<&dyn fmt::Display>, &str); 5] = [
            (", at ", self.current_version.as_ref().map(|version| version as _), ""),
            (", to ", self.target_version.as_ref().map(|version| version as _), ""),
            (", task ", self.task_id.as_ref().map(|task| task as _), ""),
            (", stage ", self.stage.as_ref().map(|stage| stage as _), ""),
            (", ", self.progress.as_ref().map(|progress| progress as _), " done"),
        ];
        for (before, part, after) in parts {
            if let Some(part) = part {
                write!(f, "{before}{part}{after}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.stages, self.nodes) {
            (Some(stages), Some(nodes)) => write!(f, "{stages} stages, {nodes} nodes"),
            (Some(stages), None) => write!(f, "{stages} stages"),
            (None, Some(nodes)) => write!(f, "{nodes} nodes"),
            (None, None) => f.write_str("nothing known"),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.done, self.total)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::GetUpgradeStatus => "GetUpgradeStatus",
            Self::DescribeTaskInfo => "DescribeTaskInfo",
            Self::DescribeClusterDetail => "DescribeClusterDetail",
            Self::DescribeClusterNodePoolDetail => "DescribeClusterNodePoolDetail",
            Self::ListClusterAddonInstances => "ListClusterAddonInstances",
        })
    }
}
