//! Pausing, resuming and cancelling: PauseTask, ResumeTask and CancelTask, and the old forms of them.

use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::{Cluster, Control, Disobedience, Job, Task};

/// PauseTask, ResumeTask and CancelTask.
pub(super) fn task(scene: &mut Scene<'_>, task_id: &str, control: Control) -> Result<Answer, Refusal> {
    let now = scene.now;
    let cluster = scene.state.cluster_of_task(task_id, now).ok_or_else(|| Refusal::task_not_found(task_id))?;
    order(cluster, task_id, control, now, false)
}

/// PauseClusterUpgrade, ResumeUpgradeCluster and CancelClusterUpgrade: the latest upgrade of the cluster is meant.
pub(super) fn upgrade(scene: &mut Scene<'_>, cluster_id: &str, control: Control) -> Result<Answer, Refusal> {
    let now = scene.now;
    let cluster = scene.cluster(cluster_id)?;
    let upgrade = cluster.tasks().find(|task| matches!(task.job, Job::Cluster { .. }));
    let task_id = upgrade.map(|task| task.id.clone()).ok_or_else(|| {
        Refusal::cluster_state(format!("cluster ({cluster_id}) has no upgrade that could be {control}"))
    })?;
    order(cluster, &task_id, control, now, true)
}

/// PauseComponentUpgrade, ResumeComponentUpgrade and CancelComponentUpgrade: the latest upgrade of the add-on is meant.
pub(super) fn addon(scene: &mut Scene<'_>, cluster_id: &str, name: &str, control: Control) -> Result<Answer, Refusal> {
    let now = scene.now;
    let cluster = scene.cluster(cluster_id)?;
    let addon = cluster.world.addons.get(name).ok_or_else(|| Refusal::addon_not_found(name))?;
    let task_id = addon
        .task
        .clone()
        .filter(|id| cluster.task(id).is_some())
        .ok_or_else(|| Refusal::task_state(format!("addon ({name}) has no upgrade that could be {control}")))?;
    order(cluster, &task_id, control, now, false)
}

fn order(
    cluster: &mut Cluster,
    task_id: &str,
    control: Control,
    now: jiff::Timestamp,
    is_old_form: bool,
) -> Result<Answer, Refusal> {
    let done = cluster.with_task(task_id, |task, world| {
        let delay = world.durations.control;
        let disobedience = task.order(control, now, delay, is_old_form).err()?;
        Some(refusal(task, control, disobedience))
    });
    match done {
        None => Err(Refusal::task_not_found(task_id)),
        Some(Some(refusal)) => Err(refusal),
        Some(None) => Ok(Answer::Empty),
    }
}

fn refusal(task: &Task, control: Control, why: Disobedience) -> Refusal {
    let (id, task_type) = (&task.id, task.job.task_type());
    Refusal::task_state(match why {
        Disobedience::WrongType => format!("task ({id}) is of type {task_type}, which cannot be {control}"),
        Disobedience::Ended => format!("task ({id}) has ended, it cannot be {control}"),
        Disobedience::IsPaused => format!("task ({id}) is paused already"),
        Disobedience::IsNotPaused => format!("task ({id}) is not paused, it cannot be {control}"),
    })
}
