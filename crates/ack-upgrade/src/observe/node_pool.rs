//! A look at the upgrade of a node pool: its task, and the node pool itself.

use ack_client::Error;
use ack_client::models::{DescribeClusterNodePoolDetailResponse, NodePoolNodeComponent, NodePoolState};

use super::notices::newest;
use super::{Look, Rest, Told, phase_of, reading, task_of, verify};
use crate::handle::UpgradeHandle;
use crate::phase::Phase;
use crate::status::{Progress, Source, UpgradeStatus};
use crate::upgrades::Upgrades;

pub(super) async fn look(upgrades: &Upgrades, handle: &UpgradeHandle, nodepool_id: &str) -> Result<Look, Error> {
    let pool = upgrades.client.describe_cluster_node_pool_detail(&handle.cluster_id, nodepool_id).await?;
    let (task, amiss) = task_of(upgrades, handle).await?;
    let told = task.as_ref().map(|task| Told::of_task(task)).unwrap_or_default();
    let target_version =
        handle.target_version.clone().or_else(|| task.as_ref().and_then(|task| reading::target_of(task)));
    let current_version = kubelet_version(&pool.node_components);
    let rest = rest(&pool);
    let shortfall = match (&target_version, &current_version) {
        // Not every node pool tells the version of its kubelet.
        (Some(target), Some(current)) if target != current => {
            Some(format!("node pool {nodepool_id} is at {current} and not {target}"))
        }
        _ => None,
    };
    let is_verified = target_version.is_some() && current_version.is_some();
    let reported = task.as_ref().map_or(Phase::NotStarted, |task| phase_of(task));
    let phase = verify(reported, &rest, shortfall.as_deref());
    let source = if task.is_some() { Source::DescribeTaskInfo } else { Source::DescribeClusterNodePoolDetail };
    let request_id = task.as_ref().map_or_else(|| pool.request_id(), |task| task.request_id());
    let task_ref = task.as_deref();
    let pause = task_ref.filter(|_| phase == Phase::Paused).map(|task| reading::pause_of(task, &told));
    let status = UpgradeStatus {
        error_message: task_ref.and_then(reading::error_of),
        nodepool_state: pool.status.as_ref().and_then(|status| status.state.clone()),
        current_version,
        target_version,
        task_id: task_ref.and_then(|task| task.task_id.clone()).or_else(|| handle.task_id.clone()),
        stage: task_ref.and_then(reading::stage),
        progress: task_ref.and_then(|task| Progress::of(reading::stages(task), reading::parts(task))),
        paused_by: pause.map(|pause| pause.by),
        last_event: newest(&told),
        started_at: task_ref.and_then(|task| task.created.clone()),
        updated_at: task_ref.and_then(|task| task.updated.clone()),
        request_id: request_id.map(str::to_owned),
        ..UpgradeStatus::new(handle, phase, source)
    };
    let is_pause_stated = pause.is_some_and(|pause| pause.is_stated);
    Ok(Look { status, told, rest, shortfall, is_pause_stated, is_verified, others: Vec::new(), amiss })
}

/// The Kubernetes version of the nodes of a pool, as far as it is told.
pub(crate) fn kubelet_version(components: &[NodePoolNodeComponent]) -> Option<String> {
    let kubelet = components.iter().find(|component| component.name.as_deref() == Some("kubelet"))?;
    kubelet.version.clone().filter(|version| !version.is_empty())
}

fn rest(pool: &DescribeClusterNodePoolDetailResponse) -> Rest {
    match pool.status.as_ref().and_then(|status| status.state.as_ref()) {
        Some(NodePoolState::Active) => Rest::InOrder,
        Some(state @ NodePoolState::Deleting) => Rest::Broken(format!("the node pool is `{state}`")),
        _ => Rest::Moving,
    }
}
