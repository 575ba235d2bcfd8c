//! DescribeClusterTasks: the upgrades of a cluster, newest first.

use ack_models::{ClusterTask, DescribeClusterTasksResponse};

use super::paging::{Page, Query};
use super::task_info::{TASK_TYPE, task_error, task_state};
use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::times::rfc3339;

/// Pages by `page_number` and `page_size`. `max_results` and `next_token`, which no page of the reference describes,
/// are ignored.
pub(super) fn describe(scene: &Scene<'_>, cluster_id: &str, query: &str) -> Result<Answer, Refusal> {
    let cluster = scene.cluster(cluster_id)?;
    let (upgrades, page_info) = Page::parse(&Query::parse(query))?.of(cluster.upgrades());
    let tasks = upgrades.into_iter().map(|upgrade| {
        let progress = upgrade.progress(scene.now);
        ClusterTask {
            created: Some(rfc3339(upgrade.started)),
            error: task_error(upgrade, &progress),
            state: Some(task_state(&progress)),
            task_id: Some(upgrade.task_id.clone()),
            task_type: Some(TASK_TYPE.to_owned()),
            updated: Some(rfc3339(progress.ended.unwrap_or(progress.changed))),
        }
    });
    Ok(Answer::ClusterTasks(DescribeClusterTasksResponse {
        next_token: None,
        page_info: Some(page_info),
        request_id: Some(scene.request_id.to_owned()),
        tasks: tasks.collect(),
    }))
}
