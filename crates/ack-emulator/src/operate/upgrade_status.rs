//! GetUpgradeStatus: the status of the latest upgrade in the terms of the old upgrade API.
//!
//! The documents list the values of each field, not how they combine. The combinations here are those that clients in
//! use rely on: success shows as the step `success`, a failure as the step `pause` with `upgrade_status.failed`.

use ack_models::{
    GetUpgradeStatusResponse, UpgradeState, UpgradeStep, UpgradeTask, UpgradeTaskEvent, UpgradeTaskProgress,
    UpgradeTaskState,
};
use jiff::Timestamp;

use super::{Answer, Scene};
use crate::UpgradeStage;
use crate::refusal::Refusal;
use crate::state::{Outcome, Progress, Standing, Upgrade};
use crate::times::rfc3339;

pub(super) fn get(scene: &Scene<'_>, cluster_id: &str) -> Result<Answer, Refusal> {
    let latest = scene.cluster(cluster_id)?.latest();
    Ok(Answer::UpgradeStatus(Box::new(match latest {
        Some(upgrade) => status(upgrade, scene.now),
        None => GetUpgradeStatusResponse { upgrade_step: Some(UpgradeStep::NotStart), ..Default::default() },
    })))
}

fn status(upgrade: &Upgrade, now: Timestamp) -> GetUpgradeStatusResponse {
    let progress = upgrade.progress(now);
    let (step, state, task) = match progress.standing {
        Standing::Running(UpgradeStage::Precheck) => (UpgradeStep::Prechecking, UpgradeState::Running, None),
        Standing::Failed(UpgradeStage::Precheck) => (UpgradeStep::Prechecking, UpgradeState::Fail, None),
        Standing::Running(_) => (UpgradeStep::Upgrading, UpgradeState::Running, Some(UpgradeTaskState::Running)),
        Standing::Failed(_) => (UpgradeStep::Pause, UpgradeState::Fail, Some(UpgradeTaskState::Failed)),
        Standing::Settling | Standing::Done => {
            (UpgradeStep::Success, UpgradeState::Success, Some(UpgradeTaskState::Success))
        }
    };
    let is_prechecking = progress.standing == Standing::Running(UpgradeStage::Precheck);
    let has_failed = matches!(progress.standing, Standing::Failed(_));
    let failure = has_failed.then(|| upgrade.failure_message()).flatten();
    GetUpgradeStatusResponse {
        error_message: failure.map(ToOwned::to_owned),
        precheck_report_id: (!is_prechecking).then(|| upgrade.report_id.clone()),
        status: Some(state),
        upgrade_step: Some(step),
        upgrade_task: task.map(|task| upgrade_task(upgrade, &progress, task, failure)),
    }
}

fn upgrade_task(upgrade: &Upgrade, progress: &Progress, state: UpgradeTaskState, failure: Option<&str>) -> UpgradeTask {
    let message = match (progress.standing, failure) {
        (_, Some(message)) => message.to_owned(),
        (Standing::Running(stage), None) => format!("{stage} is at work"),
        (_, None) => format!("upgraded to {}", upgrade.to),
    };
    UpgradeTask {
        created_at: Some(rfc3339(upgrade.started)),
        finished_at: progress.ended.map(rfc3339),
        message: Some(message),
        retries: Some(0),
        upgrade_status: Some(UpgradeTaskProgress {
            events: progress
                .stages
                .iter()
                .map(|stage| {
                    let (reason, at) = match stage.outcome {
                        Outcome::Running => ("Started", stage.started),
                        Outcome::Succeeded(at) => ("Succeeded", at),
                        Outcome::Failed(at) => ("Failed", at),
                    };
                    let has_failed = matches!(stage.outcome, Outcome::Failed(_));
                    let why = failure.filter(|_| has_failed).map(|why| format!(": {why}")).unwrap_or_default();
                    UpgradeTaskEvent {
                        message: Some(format!("{} {}{why}", stage.stage, reason.to_ascii_lowercase())),
                        reason: Some(reason.to_owned()),
                        source: Some("ACK".to_owned()),
                        timestamp: Some(rfc3339(at)),
                        type_: Some(if has_failed { "Warning" } else { "Normal" }.to_owned()),
                    }
                })
                .collect(),
            failed: failure.map(|_| "true".to_owned()),
            is_canceled: Some(false),
            phase: progress.stages.last().and_then(|stage| stage.stage.phase()).map(ToOwned::to_owned),
            state: Some(state.to_string()),
            succeeded: Some(i64::from(progress.succeeded)),
            total: Some(i64::from(progress.total)),
        }),
        status: Some(state),
    }
}
