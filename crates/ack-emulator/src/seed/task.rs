//! Tasks that a cluster has besides the upgrades that clients start.

use std::time::Duration;

use serde::Deserialize;

use super::{check_text, duration_text};
use crate::Error;

/// A task of a [`ClusterSeed`](crate::ClusterSeed) that is not an upgrade, such as a `cluster_scaleout`: it is listed
/// among the upgrades, must not be taken for one, and can be neither paused nor cancelled.
///
/// In a file: `{"type": "cluster_scaleout", "id": "T-1", "age": "2m", "duration": "5m", "failure": "no stock"}`; all but
/// the type may be left out.
///
/// ```
/// use ack_emulator::{ClusterSeed, TaskSeed};
/// use std::time::Duration;
///
/// let scaling = TaskSeed::new("cluster_scaleout").with_duration(Duration::from_secs(600));
/// let seed = ClusterSeed::managed("c106f377e16f", "demo", "1.31.1-aliyun.1").with_task(scaling);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskSeed {
    #[serde(rename = "type")]
    pub(crate) task_type: String,
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "duration_text::required")]
    pub(crate) age: Duration,
    #[serde(default = "default_duration", deserialize_with = "duration_text::required")]
    pub(crate) duration: Duration,
    #[serde(default)]
    pub(crate) failure: Option<String>,
}

impl TaskSeed {
    /// A task of a type such as `cluster_scaleout` that starts with the emulator, runs for five minutes and succeeds.
    pub fn new(task_type: impl Into<String>) -> Self {
        Self { task_type: task_type.into(), id: None, age: Duration::ZERO, duration: default_duration(), failure: None }
    }

    /// Sets the id. Default: one made from the id of the cluster. Not every task of ACK has one that starts with `T-`.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// Sets how long before the start of the emulator it began. Default: none.
    #[must_use]
    pub fn with_age(self, age: Duration) -> Self {
        Self { age, ..self }
    }

    /// Sets how long it takes, from its own beginning. Default: five minutes.
    #[must_use]
    pub fn with_duration(self, duration: Duration) -> Self {
        Self { duration, ..self }
    }

    /// Lets it fail at its end, with this message.
    #[must_use]
    pub fn with_failure(self, message: impl Into<String>) -> Self {
        Self { failure: Some(message.into()), ..self }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check_text("task type", &self.task_type, false)?;
        if let Some(id) = &self.id {
            check_text("task id", id, false)?;
        }
        if matches!(self.task_type.as_str(), "cluster_upgrade" | "nodepool_upgrade" | "cluster_addon_upgrade") {
            let remedy = "start one by a call, or give the cluster an operation plan";
            return Err(Error::setting("task type", self.task_type.as_str(), "is that of an upgrade", remedy));
        }
        self.failure.as_ref().map_or(Ok(()), |message| check_text("failure message", message, false))
    }
}

fn default_duration() -> Duration {
    Duration::from_secs(300)
}
