//! What befalls tasks out of the ordinary: failures, pauses, cancels, delays and odd answers, as a test orders them.

use std::time::Duration;

use ack_models::ClusterState;
use serde::Deserialize;

use crate::seed::{check_text, duration_text};
use crate::{Error, UpgradeFailure, UpgradeStage};

/// Something out of the ordinary that befalls one task when it comes to a stage.
///
/// Given to a cluster with [`ClusterSeed::with_incident`](crate::ClusterSeed::with_incident), or while the emulator runs
/// with [`Emulator::order`](crate::Emulator::order), it waits for the first task of its kind that has the stage: an
/// upgrade of the cluster, or of the node pool or add-on it names. A task takes up all incidents that wait for it when
/// it starts.
///
/// In a file it is written as `{"stage": "upgrade_nodes", "after": "90s", "effect": {"fail": {"message": "..."}}}`, with
/// `node_pool` or `addon` for a task of that kind.
///
/// ```
/// use ack_emulator::{ClusterSeed, Effect, Incident, UpgradeStage};
/// use std::time::Duration;
///
/// let seed = ClusterSeed::managed("c106f377e16f", "demo", "1.31.1-aliyun.1")
///     .with_incident(Incident::new(UpgradeStage::ControlPlane, Effect::Hang))
///     .with_incident(
///         Incident::new(UpgradeStage::Nodes, Effect::CancelByPerson)
///             .after(Duration::from_secs(90))
///             .on_node_pool("np-1"),
///     );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    pub(crate) stage: UpgradeStage,
    #[serde(default, deserialize_with = "duration_text::optional")]
    pub(crate) after: Option<Duration>,
    #[serde(default)]
    pub(crate) node_pool: Option<String>,
    #[serde(default)]
    pub(crate) addon: Option<String>,
    pub(crate) effect: Effect,
}

/// What an [`Incident`] does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Effect {
    /// The task fails. Without [`Incident::after`] a precheck does so at its end, another stage halfway.
    Fail {
        /// What the API reports, in words for people.
        message: String,
    },
    /// The task runs into an error, pauses by itself and waits to be resumed; then it tries the stage again. Without
    /// [`Incident::after`] it does so at the moment at which it would [fail](Self::Fail).
    PauseForError {
        /// What the API reports, in words for people.
        message: String,
    },
    /// Somebody else pauses the task, and resumes it after a while if a time is given.
    PauseByPerson {
        /// How long after the pause has taken effect it is resumed; none for never.
        #[serde(default, deserialize_with = "duration_text::optional")]
        resume_after: Option<Duration>,
    },
    /// Somebody else cancels the task.
    CancelByPerson,
    /// The stage takes longer.
    Delay {
        /// By how much.
        #[serde(deserialize_with = "duration_text::required")]
        by: Duration,
    },
    /// The stage makes no progress any more, until the task is paused and resumed.
    Hang,
    /// The task shows this state as long as it would show `running` and the stage lasts.
    ShowState {
        /// The state to show, such as `verifying`.
        state: String,
    },
    /// The task is forgotten: nothing finds it any more, and what it was doing goes on unseen.
    Vanish,
    /// The cluster shows this state from now on, until the task succeeds or is cancelled.
    ShowClusterState {
        /// The state to show, such as `failed`.
        state: ClusterState,
    },
    /// The task will succeed, but the cluster stays `upgrading` at its old version for ever. Has no moment.
    NeverSettle,
    /// The task will succeed, but the cluster comes back `running` at its old version. Has no moment.
    KeepOldVersion,
}

impl Incident {
    /// An incident of the next upgrade of the cluster that comes to `stage`.
    pub fn new(stage: UpgradeStage, effect: Effect) -> Self {
        Self { stage, after: None, node_pool: None, addon: None, effect }
    }

    /// Sets how long after the start of the stage it happens; the time in which the task is paused does not count.
    /// Default: at the start, if the effect says nothing else.
    #[must_use]
    pub fn after(self, after: Duration) -> Self {
        Self { after: Some(after), ..self }
    }

    /// Lets it happen to the next upgrade of a node pool instead.
    #[must_use]
    pub fn on_node_pool(self, nodepool_id: impl Into<String>) -> Self {
        Self { node_pool: Some(nodepool_id.into()), ..self }
    }

    /// Lets it happen to the next upgrade of an add-on instead.
    #[must_use]
    pub fn on_addon(self, name: impl Into<String>) -> Self {
        Self { addon: Some(name.into()), ..self }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.node_pool.is_some() && self.addon.is_some() {
            let remedy = "leave one of the two out";
            let stage = self.stage.as_str();
            return Err(Error::setting("incident at", stage, "names a node pool and an add-on", remedy));
        }
        match &self.effect {
            Effect::Fail { message } | Effect::PauseForError { message } => {
                check_text("failure message", message, false)
            }
            Effect::ShowState { state } => check_text("state to show", state, false),
            Effect::ShowClusterState { state } => check_text("state to show", state.as_str(), false),
            _ => Ok(()),
        }
    }

    /// Whether it is a failure of a cluster upgrade, of which one at a time waits.
    pub(crate) fn is_upgrade_failure(&self) -> bool {
        self.node_pool.is_none() && self.addon.is_none() && matches!(self.effect, Effect::Fail { .. })
    }
}

impl From<UpgradeFailure> for Incident {
    fn from(failure: UpgradeFailure) -> Self {
        Self::new(failure.stage(), Effect::Fail { message: failure.message().to_owned() })
    }
}
