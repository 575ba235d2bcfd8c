//! The version of nodes whose node pool does not tell it.

use std::collections::BTreeMap;

use ack_client::models::{ClusterTask, DescribeClusterDetailResponse, TaskState};

use super::snapshot::{NodePoolSnapshot, VersionSource};
use crate::error::Error;
use crate::handle::UpgradeKind;
use crate::observe;
use crate::upgrades::Upgrades;

/// How many tasks are read to find the newest upgrade of each node pool.
const MOST_TASKS: usize = 30;

/// Fills versions from what is known of the cluster's past. Where nothing tells, the version stays unknown.
pub(super) async fn infer(
    upgrades: &Upgrades,
    cluster_id: &str,
    detail: &DescribeClusterDetailResponse,
    pools: &mut [NodePoolSnapshot],
) -> Result<(), Error> {
    let initial = detail.init_version.as_deref().filter(|version| !version.is_empty());
    if initial.is_some() && initial == detail.current_version.as_deref() {
        fill(pools, initial, VersionSource::NeverUpgraded);
        return Ok(());
    }
    let tasks = observe::tasks(upgrades, cluster_id).await?;
    let succeeded: Vec<&ClusterTask> = tasks.iter().filter(|task| has_succeeded(task)).collect();
    let newest = newest_upgrades(upgrades, &succeeded).await?;
    for pool in pools.iter_mut().filter(|pool| pool.version.is_none()) {
        if let Some(version) = newest.get(&pool.nodepool_id) {
            (pool.version, pool.version_source) = (Some(version.clone()), VersionSource::Task);
        }
    }
    let is_control_plane = |task: &&ClusterTask| kind(task) == Some(UpgradeKind::ControlPlane);
    let was_upgraded = succeeded.iter().any(is_control_plane);
    fill(pools, initial.filter(|_| was_upgraded), VersionSource::LeftBehind);
    Ok(())
}

/// The version that the newest successful upgrade of each node pool has led to.
async fn newest_upgrades(upgrades: &Upgrades, tasks: &[&ClusterTask]) -> Result<BTreeMap<String, String>, Error> {
    let mut newest = BTreeMap::new();
    let of_pools = tasks.iter().filter(|task| matches!(kind(task), Some(UpgradeKind::NodePool { .. })));
    for task_id in of_pools.filter_map(|task| task.task_id.as_deref()).take(MOST_TASKS) {
        let task = match upgrades.client.describe_task_info(task_id).await {
            Ok(task) => task,
            Err(error) if observe::is_unknown_task(&error) => continue,
            Err(error) => return Err(error.into()),
        };
        if let (Some(pool), Some(version)) = (observe::nodepool_of(&task), observe::target_of(&task)) {
            newest.entry(pool).or_insert(version);
        }
    }
    Ok(newest)
}

fn kind(task: &ClusterTask) -> Option<UpgradeKind> {
    observe::kind_of(task.task_type.as_deref()?)
}

fn has_succeeded(task: &ClusterTask) -> bool {
    matches!(task.state, Some(TaskState::Success | TaskState::Succeeded))
}

fn fill(pools: &mut [NodePoolSnapshot], version: Option<&str>, source: VersionSource) {
    for pool in pools.iter_mut().filter(|pool| pool.version.is_none()) {
        pool.version = version.map(str::to_owned);
        pool.version_source = if version.is_some() { source } else { VersionSource::Unknown };
    }
}
