//! One look at an upgrade: the calls it takes, and how their answers become one status.

use ack_client::models::{
    ClusterState, DescribeClusterDetailResponse, DescribeClusterTasksQuery, DescribeTaskInfoResponse,
    GetUpgradeStatusResponse, UpgradeState, UpgradeStep, UpgradeTask, UpgradeTaskState,
};
use ack_client::{Error, ResponseValue};

use crate::handle::UpgradeHandle;
use crate::phase::Phase;
use crate::status::{Count, Progress, Source, UpgradeStatus};
use crate::upgrades::Upgrades;

/// The type of upgrade tasks of the control plane.
const TASK_TYPE: &str = "cluster_upgrade";

pub(crate) async fn observe(upgrades: &Upgrades, handle: &UpgradeHandle) -> Result<UpgradeStatus, Error> {
    let cluster = upgrades.client.describe_cluster_detail(&handle.cluster_id).await?;
    if let Some(task_id) = &handle.task_id {
        let task = upgrades.client.describe_task_info(task_id).await?;
        return Ok(assemble(handle, &cluster, None, Some(&task)));
    }
    let upgrade = upgrade_status(upgrades, &handle.cluster_id).await?;
    // Where GetUpgradeStatus answers, the task only adds detail, and its failure takes nothing away.
    let task = match (newest_task(upgrades, &handle.cluster_id).await, &upgrade) {
        (Err(error), Some(_)) => {
            tracing::debug!(%error, "no task details");
            None
        }
        (task, _) => task?,
    };
    Ok(assemble(handle, &cluster, upgrade.as_ref(), task.as_ref()))
}

/// The newest upgrade task of a cluster. Lists lag up to ten seconds behind a start.
pub(crate) async fn newest_task(
    upgrades: &Upgrades,
    cluster_id: &str,
) -> Result<Option<ResponseValue<DescribeTaskInfoResponse>>, Error> {
    let query = DescribeClusterTasksQuery { page_number: Some(1), page_size: Some(50), ..Default::default() };
    let list = upgrades.client.describe_cluster_tasks(cluster_id, &query).await?;
    let newest = list
        .tasks
        .iter()
        .filter(|task| task.task_type.as_deref() == Some(TASK_TYPE))
        // RFC 3339 texts with the same offset sort by time; the service prints one offset.
        .max_by(|left, right| left.created.cmp(&right.created));
    match newest.and_then(|task| task.task_id.as_deref()) {
        Some(task_id) => Ok(Some(upgrades.client.describe_task_info(task_id).await?)),
        None => Ok(None),
    }
}

/// GetUpgradeStatus, or `None` where it is no longer served.
async fn upgrade_status(
    upgrades: &Upgrades,
    cluster_id: &str,
) -> Result<Option<ResponseValue<GetUpgradeStatusResponse>>, Error> {
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

/// What a switched-off operation answers is not documented, so any refusal that has no other cause counts. The
/// cluster is known to exist here, for DescribeClusterDetail has answered.
fn is_no_longer_served(error: &Error) -> bool {
    let refused = error.status().is_some_and(|status| {
        matches!(status.as_u16(), 400 | 404 | 405 | 410 | 501) || error.code() == Some("ErrorCheckAcl")
    });
    refused && !error.is_throttled() && !error.is_bad_signature() && error.code() != Some("ErrorClusterNotFound")
}

/// What the calls said, as one status.
fn assemble(
    handle: &UpgradeHandle,
    cluster: &ResponseValue<DescribeClusterDetailResponse>,
    upgrade: Option<&ResponseValue<GetUpgradeStatusResponse>>,
    task: Option<&ResponseValue<DescribeTaskInfoResponse>>,
) -> UpgradeStatus {
    let upgrade_phase = upgrade.map(|answer| Phase::of_upgrade_status(answer));
    let task_phase = task.map(|answer| Phase::of_task(answer));
    // The task list lags behind a start, so a running upgrade wins over the task of an older one.
    let (reported, request_id, source) = match (upgrade_phase, task_phase) {
        (Some(phase), _) => (phase, upgrade.and_then(|answer| answer.request_id()), Source::GetUpgradeStatus),
        (None, Some(phase)) => (phase, task.and_then(|answer| answer.request_id()), Source::DescribeTaskInfo),
        (None, None) => (Phase::NotStarted, cluster.request_id(), Source::DescribeClusterDetail),
    };
    let stale_task = matches!((upgrade_phase, task_phase), (Some(phase), Some(of_task))
        if phase.is_running() && phase != Phase::Finishing && (of_task.is_final() || of_task == Phase::Finishing));
    let task = task.filter(|_| !stale_task);
    let target_version = handle.target_version.clone().or_else(|| task.and_then(|task| target_of(task)));
    let phase = verify(reported, cluster, target_version.as_deref());

    UpgradeStatus {
        cluster_id: handle.cluster_id.clone(),
        upgrade: handle.kind.clone(),
        phase,
        upgrade_step: upgrade.map_or_else(|| Some(step(phase)), |answer| answer.upgrade_step.clone()),
        status: upgrade.map_or_else(|| state(phase), |answer| answer.status.clone()),
        upgrade_task: upgrade
            .map_or_else(|| task.and_then(|_| task_report(phase)), |answer| answer.upgrade_task.clone()),
        error_message: upgrade
            .and_then(|answer| answer.error_message.clone())
            .filter(|message| !message.is_empty())
            .or_else(|| task.and_then(|task| error_of(task))),
        precheck_report_id: upgrade.and_then(|answer| answer.precheck_report_id.clone()),
        cluster_state: cluster.state.clone(),
        current_version: cluster.current_version.clone(),
        target_version,
        task_id: task.and_then(|task| task.task_id.clone()).or_else(|| handle.task_id.clone()),
        stage: task.and_then(|task| task.current_stage.clone()).filter(|stage| !stage.is_empty()),
        progress: progress(upgrade.map(|answer| &**answer), task.map(|task| &**task)),
        last_event: task.and_then(|task| task.events.last()?.message.clone()),
        started_at: task.and_then(|task| task.created.clone()),
        updated_at: task.and_then(|task| task.updated.clone()),
        source,
        request_id: request_id.map(str::to_owned),
    }
}

/// The task's success counts only once the cluster is `running` at the target version; and a cluster that is
/// `upgrading` has an upgrade, even if the lists do not show it yet.
fn verify(reported: Phase, cluster: &DescribeClusterDetailResponse, target: Option<&str>) -> Phase {
    let at_target = target.is_none() || target == cluster.current_version.as_deref();
    match (reported, &cluster.state) {
        (Phase::Finishing, Some(ClusterState::Running)) if at_target => Phase::Succeeded,
        (Phase::NotStarted, Some(ClusterState::Upgrading)) => Phase::Upgrading,
        (phase, _) => phase,
    }
}

/// The version an upgrade task leads to. `parameters` is not documented, so every known spelling is tried.
fn target_of(task: &DescribeTaskInfoResponse) -> Option<String> {
    let names = ["next_version", "target_version", "kubernetes_version", "version"];
    let found = names.iter().find_map(|name| task.parameters.get(*name)?.as_str());
    found.filter(|version| !version.is_empty()).map(str::to_owned)
}

fn error_of(task: &DescribeTaskInfoResponse) -> Option<String> {
    let error = task.error.as_ref()?;
    let message = error.message.as_deref().filter(|message| !message.is_empty())?;
    match error.code.as_deref().filter(|code| !code.is_empty()) {
        Some(code) => Some(format!("{message} ({code})")),
        None => Some(message.to_owned()),
    }
}

/// Stages from the task, nodes from GetUpgradeStatus.
fn progress(upgrade: Option<&GetUpgradeStatusResponse>, task: Option<&DescribeTaskInfoResponse>) -> Option<Progress> {
    let ended = |state: &str| ["success", "succeeded"].iter().any(|done| state.eq_ignore_ascii_case(done));
    let stages = task.filter(|task| !task.stages.is_empty()).map(|task| {
        let done = task.stages.iter().filter(|stage| stage.state.as_deref().is_some_and(ended)).count();
        Count::new(done, task.stages.len())
    });
    let nodes = upgrade.and_then(|answer| answer.upgrade_task.as_ref()?.upgrade_status.as_ref()).and_then(|status| {
        let total = usize::try_from(status.total?).ok().filter(|total| *total > 0)?;
        Some(Count::new(usize::try_from(status.succeeded.unwrap_or(0)).unwrap_or(0), total))
    });
    (stages.is_some() || nodes.is_some()).then_some(Progress { stages, nodes })
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
