//! Work that ACK has planned by itself.

use std::time::Duration;

use ack_models::OperationPlanState;
use serde::Deserialize;

use super::{check_text, duration_text};
use crate::Error;
use crate::version::Version;

/// An operation plan of a [`ClusterSeed`](crate::ClusterSeed): an automatic upgrade of the control plane, which begins at
/// its time unless it is cancelled before.
///
/// In a file: `{"to": "1.32.1-aliyun.1", "starts_after": "2h", "lasts": "3h", "id": "P-1", "state": "Scheduled"}`; all but
/// the version may be left out.
///
/// ```
/// use ack_emulator::{ClusterSeed, PlanSeed};
/// use std::time::Duration;
///
/// let tonight = PlanSeed::cluster_upgrade("1.32.1-aliyun.1").starting_after(Duration::from_secs(7200));
/// let seed = ClusterSeed::managed("c106f377e16f", "demo", "1.31.1-aliyun.1").with_operation_plan(tonight);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSeed {
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "duration_text::required")]
    pub(crate) starts_after: Duration,
    #[serde(default = "default_lasts", deserialize_with = "duration_text::required")]
    pub(crate) lasts: Duration,
    #[serde(default = "scheduled")]
    pub(crate) state: OperationPlanState,
}

impl PlanSeed {
    /// A plan to upgrade the control plane of the cluster to a version, as soon as the emulator starts.
    pub fn cluster_upgrade(to: impl Into<String>) -> Self {
        Self { to: to.into(), id: None, starts_after: Duration::ZERO, lasts: default_lasts(), state: scheduled() }
    }

    /// Sets how long after the start of the emulator it begins. Default: at once.
    #[must_use]
    pub fn starting_after(self, starts_after: Duration) -> Self {
        Self { starts_after, ..self }
    }

    /// Sets how much time is set aside for it. Default: three hours.
    #[must_use]
    pub fn lasting(self, lasts: Duration) -> Self {
        Self { lasts, ..self }
    }

    /// Sets the id. Default: one made from the id of the cluster.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// Sets the state. Default: `Scheduled`; in any other one it never begins.
    #[must_use]
    pub fn with_state(self, state: impl Into<OperationPlanState>) -> Self {
        Self { state: state.into(), ..self }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(id) = &self.id {
            check_text("operation plan id", id, false)?;
        }
        if Version::parse(&self.to).is_none() {
            let remedy = "use one such as 1.32.1-aliyun.1";
            let problem = "is not a Kubernetes version";
            return Err(Error::setting("version of an operation plan", self.to.as_str(), problem, remedy));
        }
        Ok(())
    }
}

fn default_lasts() -> Duration {
    Duration::from_secs(3 * 3600)
}

fn scheduled() -> OperationPlanState {
    OperationPlanState::Scheduled
}
