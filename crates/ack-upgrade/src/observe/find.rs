//! Finding the task of an upgrade among all tasks of a cluster.

use std::mem;
use std::time::{Duration, SystemTime};

use ack_client::models::{ClusterTask, DescribeClusterTasksQuery, DescribeTaskInfoResponse};
use ack_client::{Error, ResponseValue};

use super::reading::{kind_of, nodepool_of, upgrade_of};
use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::phase::Phase;
use crate::upgrades::Upgrades;
use crate::window::time_of;

pub(crate) type Task = ResponseValue<DescribeTaskInfoResponse>;

const PAGE_SIZE: i32 = 50;

/// A cluster has few tasks a day, and what is looked for is among the newest.
const MAX_PAGES: usize = 4;

/// How many tasks are read to find the one of a node pool.
const MAX_DETAILS: usize = 8;

/// How far the service's clock may be behind that of the one who started an upgrade: requests with a greater
/// difference are not accepted at all.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(15 * 60);

/// Which task is looked for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    kind: &'a UpgradeKind,
    not_before: Option<SystemTime>,
}

impl<'a> Wanted<'a> {
    /// The newest task that can be that of a handle.
    pub(crate) fn of(handle: &'a UpgradeHandle) -> Self {
        let not_before = handle.started_at.and_then(|at| at.checked_sub(CLOCK_DIFFERENCE));
        Self { kind: &handle.kind, not_before }
    }

    fn may_be(&self, task: &ClusterTask) -> bool {
        let kind = task.task_type.as_deref().and_then(kind_of);
        // The ID of a node pool and the names of add-ons are in the task alone.
        let fits = kind.is_some_and(|kind| mem::discriminant(&kind) == mem::discriminant(self.kind));
        let created = created(task);
        fits && !matches!((self.not_before, created), (Some(not_before), Some(created)) if created < not_before)
    }

    fn is(&self, task: &DescribeTaskInfoResponse) -> bool {
        match self.kind {
            UpgradeKind::ControlPlane => true,
            UpgradeKind::NodePool { nodepool_id } => nodepool_of(task).is_none_or(|own| own == *nodepool_id),
            UpgradeKind::Addons { addons } => match upgrade_of(task) {
                Some(UpgradeKind::Addons { addons: own }) if !own.is_empty() => {
                    addons.iter().any(|wanted| own.iter().any(|addon| addon.name == wanted.name))
                }
                _ => true,
            },
        }
    }
}

/// The newest upgrade task of a cluster that is wanted. Lists lag up to ten seconds behind a start.
pub(crate) async fn newest_task(
    upgrades: &Upgrades,
    cluster_id: &str,
    wanted: &Wanted<'_>,
) -> Result<Option<Task>, Error> {
    newest_of(upgrades, &tasks(upgrades, cluster_id).await?, wanted).await
}

/// The same among tasks that were listed.
pub(super) async fn newest_of(
    upgrades: &Upgrades,
    tasks: &[ClusterTask],
    wanted: &Wanted<'_>,
) -> Result<Option<Task>, Error> {
    let candidates = tasks.iter().filter(|task| wanted.may_be(task)).filter_map(|task| task.task_id.as_deref());
    for task_id in candidates.take(MAX_DETAILS) {
        let task = upgrades.client.describe_task_info(task_id).await?;
        if wanted.is(&task) {
            return Ok(Some(task));
        }
    }
    Ok(None)
}

/// The tasks that upgrade node pools or add-ons and go on, by the list.
pub(super) fn of_parts(tasks: &[ClusterTask]) -> Vec<String> {
    let is_of_part = |task: &&ClusterTask| {
        let kind = task.task_type.as_deref().and_then(kind_of);
        let phase = Phase::of_task_state(task.state.as_ref());
        kind.is_some_and(|kind| kind != UpgradeKind::ControlPlane) && (phase.is_running() || phase == Phase::Paused)
    };
    let going_on = tasks.iter().filter(is_of_part).filter(|task| !has_ended(task));
    going_on.filter_map(|task| task.task_id.clone()).take(MAX_DETAILS).collect()
}

/// Whether a task has ended well, which [`Phase::Finishing`] leaves open for what it has upgraded.
fn has_ended(task: &ClusterTask) -> bool {
    Phase::of_task_state(task.state.as_ref()) == Phase::Finishing
}

/// The newest tasks of a cluster, newest first, of every type.
pub(crate) async fn tasks(upgrades: &Upgrades, cluster_id: &str) -> Result<Vec<ClusterTask>, Error> {
    let query = DescribeClusterTasksQuery { page_size: Some(PAGE_SIZE), ..Default::default() };
    let mut pages = upgrades.client.describe_cluster_tasks_pages(cluster_id, &query).limit_pages(MAX_PAGES);
    let mut tasks: Vec<ClusterTask> = Vec::new();
    while let Some(page) = pages.next().await {
        let is_all = match page {
            // Without a word about pages there is only this one.
            Ok(page) => {
                let page = page.into_inner();
                tasks.extend(page.tasks);
                page.page_info.is_none()
            }
            Err(error) if error.is_page_limit() => break,
            Err(error) => return Err(error),
        };
        // The order is not documented. A list that goes back in time has nothing newer further on.
        if is_all || tasks.first().and_then(created) > tasks.last().and_then(created) {
            break;
        }
    }
    // Stable, so that tasks without a time stay where the service put them.
    tasks.sort_by_key(|task| std::cmp::Reverse(created(task)));
    Ok(tasks)
}

fn created(task: &ClusterTask) -> Option<SystemTime> {
    time_of(task.created.as_deref()?)
}
