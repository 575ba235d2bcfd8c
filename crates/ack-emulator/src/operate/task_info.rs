//! DescribeTaskInfo: one upgrade as a task.

use ack_models::{
    DescribeTaskInfoResponse, TaskError, TaskEvent, TaskResult, TaskResultStatus, TaskStage, TaskState, TaskTarget,
};
use serde_json::{Map, Value};

use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::{Cluster, Outcome, Progress, StageProgress, Standing, Upgrade};
use crate::times::{epoch_milliseconds, plain, rfc3339};

/// The only type of task that the emulator runs.
pub(super) const TASK_TYPE: &str = "cluster_upgrade";

pub(super) fn describe(scene: &Scene<'_>, task_id: &str) -> Result<Answer, Refusal> {
    let (cluster, upgrade) = scene.state.task(task_id).ok_or_else(|| Refusal::task_not_found(task_id))?;
    let progress = upgrade.progress(scene.now);
    let cluster_id = &cluster.seed.id;
    Ok(Answer::TaskInfo(Box::new(DescribeTaskInfoResponse {
        cluster_id: Some(cluster_id.clone()),
        created: Some(rfc3339(upgrade.started)),
        current_stage: progress.stages.last().map(|stage| stage.stage.to_string()),
        error: task_error(upgrade, &progress),
        events: progress.stages.iter().flat_map(|stage| events(stage, upgrade)).collect(),
        outputs: Map::new(),
        parameters: parameters(cluster, upgrade),
        stages: progress.stages.iter().map(|stage| task_stage(stage, upgrade)).collect(),
        state: Some(task_state(&progress)),
        target: Some(TaskTarget { id: Some(cluster_id.clone()), type_: Some("cluster".to_owned()) }),
        task_id: Some(upgrade.task_id.clone()),
        task_result: vec![TaskResult {
            data: Some(cluster_id.clone()),
            name: None,
            status: Some(match progress.standing {
                Standing::Running(_) => TaskResultStatus::Initial,
                Standing::Failed(_) => TaskResultStatus::Failed,
                Standing::Settling | Standing::Done => TaskResultStatus::Success,
            }),
        }],
        task_type: Some(TASK_TYPE.to_owned()),
        updated: Some(rfc3339(progress.ended.unwrap_or(progress.changed))),
    })))
}

pub(super) fn task_state(progress: &Progress) -> TaskState {
    match progress.standing {
        Standing::Running(_) => TaskState::Running,
        Standing::Failed(_) => TaskState::Fail,
        Standing::Settling | Standing::Done => TaskState::Success,
    }
}

/// The code and the message of a failure that has struck.
pub(super) fn task_error(upgrade: &Upgrade, progress: &Progress) -> Option<TaskError> {
    let Standing::Failed(stage) = progress.standing else { return None };
    let code = match stage {
        crate::UpgradeStage::Precheck => "PrecheckFailed",
        _ => "UpgradeFailed",
    };
    Some(TaskError { code: Some(code.to_owned()), message: upgrade.failure_message().map(ToOwned::to_owned) })
}

fn parameters(cluster: &Cluster, upgrade: &Upgrade) -> Map<String, Value> {
    let pairs = [
        ("cluster_id", Value::from(cluster.seed.id.as_str())),
        ("current_version", Value::from(upgrade.from.as_str())),
        ("master_only", Value::from(upgrade.master_only)),
        ("next_version", Value::from(upgrade.to.as_str())),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn task_stage(progress: &StageProgress, upgrade: &Upgrade) -> TaskStage {
    let (state, end_time) = match progress.outcome {
        Outcome::Running => ("running", None),
        Outcome::Succeeded(at) => ("success", Some(at)),
        Outcome::Failed(at) => ("fail", Some(at)),
    };
    TaskStage {
        end_time: end_time.map(plain),
        message: Some(stage_message(progress, upgrade)),
        outputs: Map::new(),
        start_time: Some(plain(progress.started)),
        state: Some(state.to_owned()),
    }
}

fn stage_message(progress: &StageProgress, upgrade: &Upgrade) -> String {
    let stage = progress.stage;
    match progress.outcome {
        Outcome::Running => format!("{stage} is running"),
        Outcome::Succeeded(_) => format!("{stage} succeeded"),
        Outcome::Failed(_) => format!("{stage} failed: {}", upgrade.failure_message().unwrap_or_default()),
    }
}

/// One event for the start of a stage and one for its end.
fn events(progress: &StageProgress, upgrade: &Upgrade) -> impl Iterator<Item = TaskEvent> {
    let stage = progress.stage;
    let event = |action: &str, level: &str, reason: &str, message: String, at| TaskEvent {
        action: Some(action.to_owned()),
        level: Some(level.to_owned()),
        message: Some(message),
        reason: Some(reason.to_owned()),
        source: Some("ACK".to_owned()),
        timestamp: Some(epoch_milliseconds(at)),
    };
    let start = event("start", "Normal", "ClusterUpgradeStageStart", format!("{stage} started"), progress.started);
    let end = match progress.outcome {
        Outcome::Running => None,
        Outcome::Succeeded(at) => {
            Some(event("finish", "Normal", "ClusterUpgradeStageSuccess", stage_message(progress, upgrade), at))
        }
        Outcome::Failed(at) => {
            Some(event("fail", "Warning", "ClusterUpgradeStageFailed", stage_message(progress, upgrade), at))
        }
    };
    [Some(start), end].into_iter().flatten()
}
