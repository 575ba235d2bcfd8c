//! GetUpgradeStatus: the status of the latest upgrade in the terms of the old upgrade API.
//!
//! The documents list the values of each field, not how they combine. The combinations here are those that clients in
//! use rely on: success shows as the step `success`, a failure as the step `pause` with `upgrade_status.failed`.

use ack_models::{
    GetUpgradeStatusResponse, UpgradeState, UpgradeStep, UpgradeTask, UpgradeTaskEvent, UpgradeTaskProgress,
    UpgradeTaskState,
};

use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::{Entry, Job, Outcome, PauseCause, Stage, Standing, Task};
use crate::times::rfc3339;
use crate::{UpgradeStage, Wording};

pub(super) fn get(scene: &mut Scene<'_>, cluster_id: &str) -> Result<Answer, Refusal> {
    let cluster = scene.cluster(cluster_id)?;
    let wording = &cluster.seed.wording;
    let latest = cluster.tasks().find(|task| matches!(task.job, Job::Cluster { .. }));
    Answer::of(&match latest {
        Some(upgrade) => status(upgrade, wording),
        None => {
            GetUpgradeStatusResponse { upgrade_step: Some(wording.spell(UpgradeStep::NotStart)), ..Default::default() }
        }
    })
}

fn status(upgrade: &Task, wording: &Wording) -> GetUpgradeStatusResponse {
    let is_prechecking = upgrade.stage().kind == UpgradeStage::Precheck;
    let (step, state, task) = match (upgrade.standing(), is_prechecking) {
        (Standing::Running, true) => (UpgradeStep::Prechecking, Some(UpgradeState::Running), None),
        (Standing::Failed, true) => (UpgradeStep::Prechecking, Some(UpgradeState::Fail), None),
        (Standing::Paused(_), true) => (UpgradeStep::Pause, Some(UpgradeState::Pause), None),
        (Standing::Running, false) => {
            (UpgradeStep::Upgrading, Some(UpgradeState::Running), Some(UpgradeTaskState::Running))
        }
        (Standing::Failed, false) => (UpgradeStep::Pause, Some(UpgradeState::Fail), Some(UpgradeTaskState::Failed)),
        (Standing::Paused(PauseCause::Error), false) => {
            (UpgradeStep::Pause, Some(UpgradeState::Pause), Some(UpgradeTaskState::Failed))
        }
        (Standing::Paused(_), false) => {
            (UpgradeStep::Pause, Some(UpgradeState::Pause), Some(UpgradeTaskState::Running))
        }
        (Standing::Succeeded, _) => {
            (UpgradeStep::Success, Some(UpgradeState::Success), Some(UpgradeTaskState::Success))
        }
        // What the service says of a cancelled upgrade is not known; there is no word for it among the documented ones.
        (Standing::Canceled, _) => (UpgradeStep::NotStart, None, None),
    };
    let error = upgrade.error.as_ref().and_then(|error| error.message.clone());
    let is_report_ready = !(is_prechecking && upgrade.standing() == Standing::Running);
    GetUpgradeStatusResponse {
        error_message: error.clone(),
        precheck_report_id: is_report_ready.then(|| upgrade.report_id.clone()),
        status: state.map(|state| wording.spell(state)),
        upgrade_step: Some(wording.spell(step)),
        upgrade_task: (task.is_some() || upgrade.standing() == Standing::Canceled)
            .then(|| upgrade_task(upgrade, task.map(|task| wording.spell(task)), error)),
    }
}

fn upgrade_task(upgrade: &Task, state: Option<UpgradeTaskState>, error: Option<String>) -> UpgradeTask {
    let stage = upgrade.stage().kind;
    let target = if let Job::Cluster { to, .. } = &upgrade.job { to } else { "" };
    let (total, succeeded) = progress(upgrade);
    let failed = error.as_ref().map(|_| "true".to_owned());
    let message = error.unwrap_or_else(|| match upgrade.standing() {
        Standing::Running | Standing::Failed => format!("{stage} is at work"),
        Standing::Paused(_) => format!("{stage} is paused"),
        Standing::Succeeded => format!("upgraded to {target}"),
        Standing::Canceled => format!("the upgrade to {target} was cancelled"),
    });
    UpgradeTask {
        created_at: Some(rfc3339(upgrade.started)),
        finished_at: upgrade.ended.map(rfc3339),
        message: Some(message),
        retries: Some(i64::from(upgrade.retries)),
        upgrade_status: Some(UpgradeTaskProgress {
            events: upgrade.log.iter().map(event).collect(),
            failed,
            is_canceled: Some(upgrade.standing() == Standing::Canceled),
            phase: stage.phase().map(ToOwned::to_owned),
            state: state.as_ref().map(ToString::to_string),
            succeeded: i64::try_from(succeeded).ok(),
            total: i64::try_from(total).ok(),
        }),
        status: state,
    }
}

/// Masters and nodes there are to upgrade, and how many of them are; the control plane of a managed cluster counts as
/// one.
fn progress(upgrade: &Task) -> (usize, usize) {
    let units = |stage: &Stage| match (stage.kind, stage.rolling()) {
        (UpgradeStage::Precheck, _) => (0, 0),
        (_, Some(rolling)) => (rolling.nodes.len(), rolling.succeeded.len()),
        (_, None) => (1, usize::from(matches!(stage.outcome, Outcome::Succeeded(_)))),
    };
    let sum = |(total, done), (more, more_done)| (total + more, done + more_done);
    upgrade.stages.iter().map(units).fold((0, 0), sum)
}

/// What happened, oldest first.
fn event(entry: &Entry) -> UpgradeTaskEvent {
    let reason = match entry.reason.as_str() {
        "ClusterUpgradeStageStart" => "Started",
        "ClusterUpgradeStageSuccess" => "Succeeded",
        "ClusterUpgradeStageFailed" => "Failed",
        other => other.strip_prefix("ClusterUpgrade").unwrap_or(other),
    };
    UpgradeTaskEvent {
        message: Some(entry.message.clone()),
        reason: Some(reason.to_owned()),
        source: Some("ACK".to_owned()),
        timestamp: Some(rfc3339(entry.at)),
        type_: Some(entry.level.as_str().to_owned()),
    }
}
