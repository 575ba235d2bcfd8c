//! A look at the upgrade of a control plane: GetUpgradeStatus where it is served, else the task alone.

use ack_client::models::{
    ClusterState, DescribeClusterDetailResponse, DescribeTaskInfoResponse, GetUpgradeStatusResponse, UpgradeState,
    UpgradeStep, UpgradeTask, UpgradeTaskState,
};
use ack_client::{Error, ResponseValue};

use super::notices::newest;
use super::reading::Pause;
use super::{Amiss, Look, Rest, Told, Wanted, find, newest_of, of_parts, phase_of, reading, task_of, verify};
use crate::handle::UpgradeHandle;
use crate::outcome::PausedBy;
use crate::phase::Phase;
use crate::status::{Count, Progress, Source, UpgradeStatus};
use crate::upgrades::Upgrades;

type Cluster = ResponseValue<DescribeClusterDetailResponse>;
type Answer = ResponseValue<GetUpgradeStatusResponse>;

pub(super) async fn look(upgrades: &Upgrades, handle: &UpgradeHandle) -> Result<Look, Error> {
    let cluster = upgrades.client.describe_cluster_detail(&handle.cluster_id).await?;
    if handle.task_id.is_some() {
        return Ok(match task_of(upgrades, handle).await? {
            (None, Some(amiss @ Amiss::Unknown)) => {
                let answer = upgrade_status(upgrades, &handle.cluster_id).await?;
                let answer = answer.filter(|answer| may_be_of_unknown_task(handle, answer));
                Look { amiss: Some(amiss), ..assemble(handle, &cluster, answer.as_ref(), None) }
            }
            (task, amiss) => Look { amiss, ..assemble(handle, &cluster, None, task.as_ref()) },
        });
    }
    let answer = upgrade_status(upgrades, &handle.cluster_id).await?;
    // Where GetUpgradeStatus answers, the task only adds detail, and its failure takes nothing away.
    let (task, others) = match (listed(upgrades, handle).await, &answer) {
        (Err(error), Some(_)) => {
            tracing::debug!(%error, "no task details");
            (None, Vec::new())
        }
        (listed, _) => listed?,
    };
    Ok(Look { others, ..assemble(handle, &cluster, answer.as_ref(), task.as_ref()) })
}

/// The newest task of the control plane, and those of other upgrades that go on.
async fn listed(upgrades: &Upgrades, handle: &UpgradeHandle) -> Result<(Option<find::Task>, Vec<String>), Error> {
    let tasks = find::tasks(upgrades, &handle.cluster_id).await?;
    Ok((newest_of(upgrades, &tasks, &Wanted::of(handle)).await?, of_parts(&tasks)))
}

/// GetUpgradeStatus, or `None` where it is no longer served.
async fn upgrade_status(upgrades: &Upgrades, cluster_id: &str) -> Result<Option<Answer>, Error> {
    if upgrades.is_retired() {
        return Ok(None);
    }
    #[expect(deprecated, reason = "regions that still serve it are asked; the fall-back is the task API")]
    let answer = upgrades.client.get_upgrade_status(cluster_id).await;
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_no_longer_served(&error) => {
            upgrades.set_retired();
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Whether to believe GetUpgradeStatus of a task that the task API does not know. It names no task, so how it ended may be
/// said of any other: success counts only where there is a version to compare the cluster with. One that is at work may have
/// been started a moment ago.
fn may_be_of_unknown_task(handle: &UpgradeHandle, answer: &GetUpgradeStatusResponse) -> bool {
    match Phase::of_upgrade_status(answer) {
        Phase::Prechecking | Phase::Upgrading => true,
        Phase::Finishing => handle.target_version.is_some(),
        _ => false,
    }
}

/// What a switched-off operation answers is not documented, so any refusal that has no other cause counts. The
/// cluster is known to exist here, for DescribeClusterDetail has answered.
pub(crate) fn is_no_longer_served(error: &Error) -> bool {
    let refused = error.status().is_some_and(|status| {
        matches!(status.as_u16(), 400 | 404 | 405 | 410 | 501) || error.code() == Some("ErrorCheckAcl")
    });
    refused && !error.is_throttled() && !error.is_bad_signature() && error.code() != Some("ErrorClusterNotFound")
}

/// What the calls said, as one status.
fn assemble(handle: &UpgradeHandle, cluster: &Cluster, answer: Option<&Answer>, task: Option<&find::Task>) -> Look {
    let (reported, source) = reported(answer.map(|answer| &**answer), task.map(|task| &**task));
    // The task list lags behind a start, so a running upgrade may be told of while the newest task is an older one.
    let is_stale = |task: &find::Task| {
        let of_task = phase_of(task);
        source == Source::GetUpgradeStatus
            && reported.is_running()
            && reported != Phase::Finishing
            && (of_task.is_final() || of_task == Phase::Finishing)
    };
    let task = task.filter(|task| !is_stale(task));
    let answer_counts = answer.filter(|_| source == Source::GetUpgradeStatus);
    let told = match (task, answer_counts.and_then(|answer| answer.upgrade_task.as_ref())) {
        (Some(task), _) => Told::of_task(task),
        (None, Some(upgrade)) => Told::of_upgrade(upgrade),
        (None, None) => Vec::new(),
    };
    let target_version = handle.target_version.clone().or_else(|| task.and_then(|task| reading::target_of(task)));
    let rest = rest(cluster.state.as_ref());
    let shortfall = shortfall(target_version.as_deref(), cluster.current_version.as_deref());
    let phase = match (reported, &cluster.state) {
        // A cluster that is upgrading has an upgrade, even if the lists do not show it yet.
        (Phase::NotStarted, Some(ClusterState::Upgrading)) => Phase::Upgrading,
        (reported, _) => verify(reported, &rest, shortfall.as_deref()),
    };
    let error_message = answer
        .and_then(|answer| answer.error_message.clone())
        .filter(|message| !message.is_empty())
        .or_else(|| task.and_then(|task| reading::error_of(task)))
        .or_else(|| answer.filter(|_| phase == Phase::Failed).and_then(|answer| last_words(answer)));
    let pause = (phase == Phase::Paused).then(|| match (task, &error_message) {
        (Some(task), _) => reading::pause_of(task, &told),
        (None, Some(_)) => Pause { by: PausedBy::Error, is_stated: true },
        (None, None) => Pause { by: PausedBy::Person, is_stated: false },
    });
    let request_id = match source {
        Source::GetUpgradeStatus => answer.and_then(|answer| answer.request_id()),
        Source::DescribeTaskInfo => task.and_then(|task| task.request_id()),
        _ => cluster.request_id(),
    };
    let status = UpgradeStatus {
        upgrade_step: answer_counts.map_or_else(|| Some(step(phase)), |answer| answer.upgrade_step.clone()),
        status: answer_counts.map_or_else(|| state(phase), |answer| answer.status.clone()),
        upgrade_task: answer_counts
            .map_or_else(|| task.and_then(|_| task_report(phase)), |answer| answer.upgrade_task.clone()),
        error_message,
        precheck_report_id: answer.and_then(|answer| answer.precheck_report_id.clone()).filter(|id| !id.is_empty()),
        cluster_state: cluster.state.clone(),
        current_version: cluster.current_version.clone(),
        target_version,
        task_id: task.and_then(|task| task.task_id.clone()).or_else(|| handle.task_id.clone()),
        stage: task.and_then(|task| reading::stage(task)).or_else(|| answer_counts.and_then(|answer| part(answer))),
        progress: progress(answer_counts.map(|answer| &**answer), task.map(|task| &**task)),
        paused_by: pause.map(|pause| pause.by),
        last_event: newest(&told),
        started_at: task
            .and_then(|task| task.created.clone())
            .or_else(|| answer_counts?.upgrade_task.as_ref()?.created_at.clone()),
        updated_at: task.and_then(|task| task.updated.clone()),
        request_id: request_id.map(str::to_owned),
        ..UpgradeStatus::new(handle, phase, source)
    };
    let is_verified = status.target_version.is_some();
    let is_pause_stated = pause.is_some_and(|pause| pause.is_stated);
    Look { status, told, rest, shortfall, is_pause_stated, is_verified, others: Vec::new(), amiss: None }
}

/// Which of two interfaces to believe: what is running wins over what has ended, for either may be behind.
fn reported(answer: Option<&GetUpgradeStatusResponse>, task: Option<&DescribeTaskInfoResponse>) -> (Phase, Source) {
    match (answer.map(Phase::of_upgrade_status), task.map(phase_of)) {
        (None, None) => (Phase::NotStarted, Source::DescribeClusterDetail),
        (None, Some(of_task)) => (of_task, Source::DescribeTaskInfo),
        (Some(phase), None) => (phase, Source::GetUpgradeStatus),
        (Some(phase), Some(of_task)) => {
            let is_behind = match phase {
                Phase::Unknown => of_task != Phase::Unknown,
                Phase::NotStarted => of_task != Phase::Finishing,
                Phase::Finishing | Phase::Failed | Phase::Cancelled => {
                    matches!(of_task, Phase::Prechecking | Phase::Upgrading | Phase::Paused)
                }
                _ => false,
            };
            if is_behind { (of_task, Source::DescribeTaskInfo) } else { (phase, Source::GetUpgradeStatus) }
        }
    }
}

fn rest(state: Option<&ClusterState>) -> Rest {
    match state {
        Some(ClusterState::Running) => Rest::InOrder,
        Some(
            state @ (ClusterState::Failed
            | ClusterState::Inactive
            | ClusterState::Unavailable
            | ClusterState::Deleting
            | ClusterState::Deleted
            | ClusterState::DeleteFailed
            | ClusterState::Disconnected),
        ) => Rest::Broken(format!("the cluster is `{state}`")),
        _ => Rest::Moving,
    }
}

fn shortfall(target: Option<&str>, current: Option<&str>) -> Option<String> {
    let target = target?;
    (current != Some(target))
        .then(|| format!("the cluster runs {} and not {target}", current.unwrap_or("an unknown version")))
}

/// What GetUpgradeStatus says last of an upgrade that failed without a message of its own.
fn last_words(answer: &GetUpgradeStatusResponse) -> Option<String> {
    let upgrade = answer.upgrade_task.as_ref()?;
    let events = upgrade.upgrade_status.as_ref().and_then(|status| status.events.last()?.message.clone());
    events.or_else(|| upgrade.message.clone()).filter(|message| !message.is_empty())
}

/// The part of the cluster that GetUpgradeStatus names: `Master1`, `Nodes`.
fn part(answer: &GetUpgradeStatusResponse) -> Option<String> {
    answer.upgrade_task.as_ref()?.upgrade_status.as_ref()?.phase.clone().filter(|phase| !phase.is_empty())
}

/// Stages from the task, nodes from GetUpgradeStatus.
fn progress(answer: Option<&GetUpgradeStatusResponse>, task: Option<&DescribeTaskInfoResponse>) -> Option<Progress> {
    let nodes = answer.and_then(|answer| answer.upgrade_task.as_ref()?.upgrade_status.as_ref()).and_then(|status| {
        let total = usize::try_from(status.total?).ok().filter(|total| *total > 0)?;
        Some(Count::new(usize::try_from(status.succeeded.unwrap_or(0)).unwrap_or(0), total))
    });
    Progress::of(task.and_then(reading::stages), nodes)
}

fn step(phase: Phase) -> UpgradeStep {
    match phase {
        Phase::Prechecking => UpgradeStep::Prechecking,
        Phase::Upgrading | Phase::Finishing | Phase::Unknown => UpgradeStep::Upgrading,
        Phase::Paused | Phase::Failed => UpgradeStep::Pause,
        Phase::Succeeded => UpgradeStep::Success,
        Phase::NotStarted | Phase::Cancelled => UpgradeStep::NotStart,
    }
}

fn state(phase: Phase) -> Option<UpgradeState> {
    match phase {
        Phase::Prechecking | Phase::Upgrading | Phase::Finishing | Phase::Unknown => Some(UpgradeState::Running),
        Phase::Paused => Some(UpgradeState::Pause),
        Phase::Failed => Some(UpgradeState::Fail),
        Phase::Succeeded => Some(UpgradeState::Success),
        Phase::NotStarted | Phase::Cancelled => None,
    }
}

fn task_report(phase: Phase) -> Option<UpgradeTask> {
    let status = match phase {
        Phase::Succeeded => UpgradeTaskState::Success,
        Phase::Failed => UpgradeTaskState::Failed,
        Phase::NotStarted | Phase::Cancelled => return None,
        _ => UpgradeTaskState::Running,
    };
    Some(UpgradeTask { status: Some(status), ..Default::default() })
}
