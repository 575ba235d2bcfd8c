//! Where an upgrade stands, in one word, read from whichever interface answered.

use std::fmt;

use ack_client::models::{
    DescribeTaskInfoResponse, GetUpgradeStatusResponse, TaskState, UpgradeState, UpgradeStep, UpgradeTaskState,
};
use serde::Serialize;

/// Where an upgrade stands.
///
/// GetUpgradeStatus spreads this over three fields that disagree in wording and letter case, and the task API has a
/// fourth; this is what they add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// No upgrade is known.
    NotStarted,
    /// The service checks whether the cluster can be upgraded; nothing has been changed yet.
    Prechecking,
    /// The control plane or the nodes are being upgraded.
    Upgrading,
    /// Stopped for now, and can be resumed.
    Paused,
    /// The task has succeeded, but the cluster is not yet `running` at the new version.
    Finishing,
    /// The task has succeeded and the cluster is `running` (at the target version, where that is known).
    Succeeded,
    /// Stopped by an error.
    Failed,
    /// Cancelled by somebody.
    Cancelled,
    /// The service names a state this crate does not know; it may well be going on.
    Unknown,
}

impl Phase {
    /// Whether nothing more will happen by itself.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// Whether work is going on right now.
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(self, Self::Prechecking | Self::Upgrading | Self::Finishing)
    }

    /// What GetUpgradeStatus says; success is the task's word and still has to be verified on the cluster.
    pub(crate) fn of_upgrade_status(answer: &GetUpgradeStatusResponse) -> Self {
        let task = answer.upgrade_task.as_ref();
        let task_state = task.and_then(|task| task.status.as_ref());
        let details = task.and_then(|task| task.upgrade_status.as_ref());
        let failed = answer.status == Some(UpgradeState::Fail)
            || task_state == Some(&UpgradeTaskState::Failed)
            || details.is_some_and(|details| details.failed.as_deref() == Some("true"));
        let cancelled = details.is_some_and(|details| details.is_canceled == Some(true));
        match (&answer.upgrade_step, &answer.status) {
            // A finished upgrade is told by its step alone, whatever the other fields still hold.
            (Some(UpgradeStep::Success), _) => Self::Finishing,
            _ if cancelled => Self::Cancelled,
            _ if failed => Self::Failed,
            (Some(UpgradeStep::Pause), _) | (_, Some(UpgradeState::Pause)) => Self::Paused,
            (Some(UpgradeStep::Prechecking), _) => Self::Prechecking,
            (Some(UpgradeStep::Upgrading), _) => Self::Upgrading,
            (None | Some(UpgradeStep::NotStart), Some(UpgradeState::Running)) => Self::Prechecking,
            (None, Some(UpgradeState::Success)) => Self::Finishing,
            (None | Some(UpgradeStep::NotStart), _) => Self::NotStarted,
            _ => Self::Unknown,
        }
    }

    /// What the task says.
    pub(crate) fn of_task(task: &DescribeTaskInfoResponse) -> Self {
        match Self::of_task_state(task.state.as_ref()) {
            Self::Upgrading if is_precheck(task.current_stage.as_deref()) => Self::Prechecking,
            phase => phase,
        }
    }

    /// What the state of a task says; both spellings of each state are in use.
    pub(crate) fn of_task_state(state: Option<&TaskState>) -> Self {
        match state {
            Some(TaskState::Running | TaskState::Pending) => Self::Upgrading,
            Some(TaskState::Paused) => Self::Paused,
            Some(TaskState::Success | TaskState::Succeeded) => Self::Finishing,
            Some(TaskState::Fail | TaskState::Failed | TaskState::Error) => Self::Failed,
            Some(TaskState::Canceled | TaskState::Cancelled) => Self::Cancelled,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotStarted => "not started",
            Self::Prechecking => "prechecking",
            Self::Upgrading => "upgrading",
            Self::Paused => "paused",
            Self::Finishing => "finishing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        })
    }
}

/// Stage names are not published; the precheck is the one recognised by its name.
fn is_precheck(stage: Option<&str>) -> bool {
    stage.is_some_and(|stage| stage.to_ascii_lowercase().contains("check"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upgrade(json: &str) -> Phase {
        Phase::of_upgrade_status(&serde_json::from_str(json).unwrap())
    }

    fn task(json: &str) -> Phase {
        Phase::of_task(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn get_upgrade_status_in_every_known_combination() {
        let table = [
            (r#"{}"#, Phase::NotStarted),
            (r#"{"upgrade_step":"not_start","status":""}"#, Phase::NotStarted),
            (r#"{"upgrade_step":"prechecking","status":"running"}"#, Phase::Prechecking),
            (r#"{"status":"running"}"#, Phase::Prechecking),
            (r#"{"upgrade_step":"prechecking","status":"fail","error_message":"x"}"#, Phase::Failed),
            (r#"{"upgrade_step":"not_start","status":"fail","error_message":"x"}"#, Phase::Failed),
            (
                r#"{"upgrade_step":"upgrading","status":"running","upgrade_task":{"status":"running"}}"#,
                Phase::Upgrading,
            ),
            (r#"{"upgrade_step":"UPGRADING","status":"Running"}"#, Phase::Upgrading),
            (r#"{"upgrade_step":"pause","status":"pause","upgrade_task":{"status":"running"}}"#, Phase::Paused),
            (r#"{"upgrade_step":"pause","status":"fail","upgrade_task":{"status":"Failed"}}"#, Phase::Failed),
            (r#"{"upgrade_step":"pause","status":"pause","upgrade_task":{"status":"failed"}}"#, Phase::Failed),
            (
                r#"{"upgrade_step":"pause","status":"pause","upgrade_task":{"upgrade_status":{"failed":"true"}}}"#,
                Phase::Failed,
            ),
            (
                r#"{"upgrade_step":"upgrading","upgrade_task":{"upgrade_status":{"is_canceled":true}}}"#,
                Phase::Cancelled,
            ),
            (r#"{"upgrade_step":"success","status":"success","upgrade_task":{"status":"Success"}}"#, Phase::Finishing),
            (r#"{"upgrade_step":"success","status":"fail"}"#, Phase::Finishing),
            (r#"{"upgrade_step":"resting","status":"running"}"#, Phase::Unknown),
        ];
        for (json, phase) in table {
            assert_eq!(upgrade(json), phase, "{json}");
        }
    }

    #[test]
    fn task_states_in_both_spellings() {
        let table = [
            (r#"{"state":"running","current_stage":"PreCheck"}"#, Phase::Prechecking),
            (r#"{"state":"running","current_stage":"DrainNodes"}"#, Phase::Upgrading),
            (r#"{"state":"pending"}"#, Phase::Upgrading),
            (r#"{"state":"paused"}"#, Phase::Paused),
            (r#"{"state":"success"}"#, Phase::Finishing),
            (r#"{"state":"Succeeded"}"#, Phase::Finishing),
            (r#"{"state":"fail"}"#, Phase::Failed),
            (r#"{"state":"failed"}"#, Phase::Failed),
            (r#"{"state":"error"}"#, Phase::Failed),
            (r#"{"state":"canceled"}"#, Phase::Cancelled),
            (r#"{"state":"cancelled"}"#, Phase::Cancelled),
            (r#"{"state":"resting"}"#, Phase::Unknown),
            (r#"{}"#, Phase::Unknown),
        ];
        for (json, phase) in table {
            assert_eq!(task(json), phase, "{json}");
        }
    }
}
