//! DescribeTaskInfo: one task with its stages, events and results.

use std::collections::HashSet;

use ack_models::{DescribeTaskInfoResponse, TaskEvent, TaskResult, TaskResultStatus, TaskStage, TaskState, TaskTarget};
use serde_json::{Map, Value, json};

use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::{Cluster, Job, Outcome, Stage, Standing, Task};
use crate::times::{epoch_milliseconds, plain, rfc3339};
use crate::{Vocabulary, Wording};

pub(super) fn describe(scene: &mut Scene<'_>, task_id: &str) -> Result<Answer, Refusal> {
    let now = scene.now;
    let cluster = scene.state.cluster_of_task(task_id, now).ok_or_else(|| Refusal::task_not_found(task_id))?;
    let task = cluster.task(task_id).ok_or_else(|| Refusal::task_not_found(task_id))?;
    let (cluster_id, wording) = (&cluster.seed.id, &cluster.seed.wording);
    let target = match &task.job {
        Job::NodePool(job) => (cluster.world.nodes.pools[job.pool].id.clone(), "nodepool"),
        _ => (cluster_id.clone(), "cluster"),
    };
    Answer::of(&DescribeTaskInfoResponse {
        cluster_id: Some(cluster_id.clone()),
        created: Some(rfc3339(task.started)),
        current_stage: Some(task.stage().kind.to_string()),
        error: task.error.clone(),
        events: task.log.iter().map(event).collect(),
        outputs: Map::new(),
        parameters: parameters(cluster, task),
        stages: task.begun().map(|stage| task_stage(stage, task, wording)).collect(),
        state: Some(task_state(task.standing(), task.stage().shown.as_deref(), wording)),
        target: Some(TaskTarget { id: Some(target.0), type_: Some(target.1.to_owned()) }),
        task_id: Some(task.id.clone()),
        task_result: results(cluster, task),
        task_type: Some(task.job.task_type().to_owned()),
        updated: Some(rfc3339(task.updated())),
    })
}

/// The state of a task; `shown` stands in for `running`.
pub(super) fn task_state(standing: Standing, shown: Option<&str>, wording: &Wording) -> TaskState {
    let state = match standing {
        Standing::Running => match shown {
            Some(shown) => return TaskState::Unknown(shown.to_owned()),
            None => TaskState::Running,
        },
        Standing::Paused(_) => TaskState::Paused,
        Standing::Failed => TaskState::Fail,
        Standing::Succeeded => TaskState::Success,
        Standing::Canceled => TaskState::Canceled,
    };
    wording.spell(state)
}

fn parameters(cluster: &Cluster, task: &Task) -> Map<String, Value> {
    let value = match &task.job {
        Job::Cluster { from, to, master_only } => json!({
            "cluster_id": cluster.seed.id,
            "current_version": from,
            "master_only": master_only,
            "next_version": to,
        }),
        Job::NodePool(job) => Value::Object(job.parameters.clone()),
        Job::Addons(jobs) => json!({
            "addons": jobs.iter().map(|job| json!({
                "component_name": job.name,
                "next_version": job.to,
                "version": job.from,
            })).collect::<Vec<_>>(),
        }),
        Job::Other(_) => json!({}),
    };
    value.as_object().cloned().unwrap_or_default()
}

fn results(cluster: &Cluster, task: &Task) -> Vec<TaskResult> {
    let wording = &cluster.seed.wording;
    let result = |data: String, name: Option<String>, status| TaskResult {
        data: Some(data),
        name,
        status: Some(wording.spell(status)),
    };
    let whole = match task.standing() {
        Standing::Running | Standing::Paused(_) | Standing::Canceled => TaskResultStatus::Initial,
        Standing::Failed => TaskResultStatus::Failed,
        Standing::Succeeded => TaskResultStatus::Success,
    };
    match &task.job {
        Job::Cluster { .. } | Job::Other(_) => vec![result(cluster.seed.id.clone(), None, whole)],
        Job::Addons(jobs) => {
            // The stage before those of the add-ons is the precheck.
            let stages = task.stages.iter().skip(1).map(Some).chain(std::iter::repeat(None));
            let one = |(job, stage): (&crate::state::AddonJob, Option<&Stage>)| {
                let status = match stage.map(|stage| stage.outcome) {
                    Some(Outcome::Succeeded(_)) => TaskResultStatus::Success,
                    Some(Outcome::Failed(_)) => TaskResultStatus::Failed,
                    _ => TaskResultStatus::Initial,
                };
                let data = json!({"from": job.from, "to": job.to}).to_string();
                result(data, Some(job.name.clone()), status)
            };
            jobs.iter().zip(stages).map(one).collect()
        }
        Job::NodePool(_) => {
            let nodes = &cluster.world.nodes;
            let rolling = task.stages.iter().find_map(Stage::rolling);
            let set = |nodes: &[usize]| nodes.iter().copied().collect::<HashSet<usize>>();
            let [all, succeeded, failed] = rolling.map_or([&[][..]; 3], |rolling| {
                [rolling.nodes.as_slice(), rolling.succeeded.as_slice(), rolling.failed.as_slice()]
            });
            let (succeeded, failed) = (set(succeeded), set(failed));
            let status = |node: &usize| match (succeeded.contains(node), failed.contains(node)) {
                (true, _) => TaskResultStatus::Success,
                (false, true) => TaskResultStatus::Failed,
                (false, false) => TaskResultStatus::Initial,
            };
            all.iter().map(|node| result(nodes.instance_id(*node), Some(nodes.name(*node)), status(node))).collect()
        }
    }
}

fn task_stage(stage: &Stage, task: &Task, wording: &Wording) -> TaskStage {
    let name = stage.kind;
    let is_current = std::ptr::eq(stage, task.stage());
    let (state, end_time, message) = match stage.outcome {
        Outcome::Running if is_current && matches!(task.standing(), Standing::Paused(_)) => {
            ("paused", None, format!("{name} is paused"))
        }
        Outcome::Running => ("running", None, format!("{name} is running")),
        Outcome::Succeeded(at) => ("success", Some(at), format!("{name} succeeded")),
        Outcome::Failed(at) => {
            let why = task.error.as_ref().and_then(|error| error.message.as_deref()).unwrap_or_default();
            ("fail", Some(at), format!("{name} failed: {why}"))
        }
        Outcome::Canceled(at) => ("canceled", Some(at), format!("{name} was cancelled")),
    };
    TaskStage {
        end_time: end_time.map(plain),
        message: Some(message),
        outputs: Map::new(),
        start_time: stage.started.map(plain),
        state: Some(wording.text(Vocabulary::StageState, state).to_owned()),
    }
}

fn event(entry: &crate::state::Entry) -> TaskEvent {
    TaskEvent {
        action: Some(entry.action.to_owned()),
        level: Some(entry.level.as_str().to_owned()),
        message: Some(entry.message.clone()),
        reason: Some(entry.reason.clone()),
        source: Some("ACK".to_owned()),
        timestamp: Some(epoch_milliseconds(entry.at)),
    }
}
