//! The status of an upgrade: the shape of GetUpgradeStatus, and what is missing there.

use std::fmt;

use ack_client::models::{ClusterState, UpgradeState, UpgradeStep, UpgradeTask};
use serde::Serialize;

use crate::handle::UpgradeKind;
use crate::phase::Phase;

/// One look at an upgrade.
///
/// The fields of GetUpgradeStatus keep their names and values; where the region no longer serves it, they are filled
/// from the task API. [`phase`](Self::phase) is what all of them add up to.
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
    /// Why it failed, in the service's words.
    pub error_message: Option<String>,
    /// The report of the precheck.
    pub precheck_report_id: Option<String>,
    /// DescribeClusterDetail: what the cluster is doing.
    pub cluster_state: Option<ClusterState>,
    /// DescribeClusterDetail: the version the control plane runs, such as `1.31.1-aliyun.1`.
    pub current_version: Option<String>,
    /// The version the upgrade leads to, as the caller or the task says.
    pub target_version: Option<String>,
    /// The task behind the upgrade, for DescribeTaskInfo, PauseTask and their like.
    pub task_id: Option<String>,
    /// The stage the task is at. Names are not published.
    pub stage: Option<String>,
    /// How many stages and nodes are done.
    pub progress: Option<Progress>,
    /// The newest event of the task, in the service's words.
    pub last_event: Option<String>,
    /// When the task was created, as the service prints it.
    pub started_at: Option<String>,
    /// When the task changed last, as the service prints it.
    pub updated_at: Option<String>,
    /// Which interface the answer comes from.
    pub source: Source,
    /// The request ID of the call that decided the phase.
    pub request_id: Option<String>,
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
        })
    }
}
