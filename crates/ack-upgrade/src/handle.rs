//! What it takes to find an upgrade again.

use serde::{Deserialize, Serialize};

/// Names an upgrade to look at or to follow. It is a plain value that can be stored and taken up elsewhere.
///
/// The cluster alone is enough. With the task, looks are cheaper and cannot take an older upgrade for this one; with
/// the version, success is verified against it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpgradeHandle {
    /// The cluster.
    pub cluster_id: String,
    /// The task of the upgrade, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// The version it leads to, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_version: Option<String>,
}

impl UpgradeHandle {
    /// The newest upgrade of a cluster.
    #[must_use]
    pub fn new(cluster_id: impl Into<String>) -> Self {
        Self { cluster_id: cluster_id.into(), task_id: None, target_version: None }
    }

    /// Names the task.
    #[must_use]
    pub fn with_task_id(mut self, task_id: impl Into<String>) -> Self {
        self.task_id = Some(task_id.into());
        self
    }

    /// Names the version to reach, such as `1.32.1-aliyun.1`.
    #[must_use]
    pub fn with_target_version(mut self, version: impl Into<String>) -> Self {
        self.target_version = Some(version.into());
        self
    }
}

impl From<&str> for UpgradeHandle {
    fn from(cluster_id: &str) -> Self {
        Self::new(cluster_id)
    }
}

impl From<String> for UpgradeHandle {
    fn from(cluster_id: String) -> Self {
        Self::new(cluster_id)
    }
}

impl From<&String> for UpgradeHandle {
    fn from(cluster_id: &String) -> Self {
        Self::new(cluster_id)
    }
}

impl From<&Self> for UpgradeHandle {
    fn from(handle: &Self) -> Self {
        handle.clone()
    }
}
