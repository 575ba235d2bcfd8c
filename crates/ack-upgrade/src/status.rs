//! The status of an upgrade: the shape of GetUpgradeStatus, and what is missing there.

use std::fmt;

use ack_client::models::{ClusterState, UpgradeState, UpgradeStep, UpgradeTask};
use serde::Serialize;

use crate::phase::Phase;

/// One look at the upgrade of a cluster.
///
/// The fields of GetUpgradeStatus keep their names and values; where the region no longer serves it, they are filled
/// from the task API. [`phase`](Self::phase) is what all of them add up to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UpgradeStatus {
    /// The cluster.
    pub cluster_id: String,
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
    /// How many stages are done.
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

/// Work done of work known. No percentage is made up from it: stages differ in length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// Stages that ended well.
    pub done: usize,
    /// Stages the task lists so far.
    pub total: usize,
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
        write!(f, "{} of {} stages", self.done, self.total)
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
