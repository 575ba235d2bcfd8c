//! DescribeClusterTasks: the tasks of a cluster, newest first.

use ack_models::{ClusterTask, DescribeClusterTasksResponse};

use super::paging::{Page, Query};
use super::task_info::task_state;
use super::{Answer, Scene};
use crate::clock::before;
use crate::refusal::Refusal;
use crate::times::rfc3339;

/// Pages by `page_number` and `page_size`. `max_results` and `next_token`, which no page of the reference describes,
/// are ignored. The list is as old as the lag of the emulator says.
pub(super) fn describe(scene: &mut Scene<'_>, cluster_id: &str, query: &str) -> Result<Answer, Refusal> {
    let (seen_at, request_id) = (before(scene.now, scene.state.lag.tasks), scene.request_id);
    let cluster = scene.cluster(cluster_id)?;
    let wording = &cluster.seed.wording;
    let seen = cluster.tasks().filter_map(|task| Some((task, task.face_at(seen_at)?)));
    let (tasks, page_info) = Page::parse(&Query::parse(query))?.of(seen);
    let tasks = tasks.into_iter().map(|(task, face)| ClusterTask {
        created: Some(rfc3339(task.started)),
        error: face.error.clone(),
        state: Some(task_state(face.standing, face.shown.as_deref(), wording)),
        task_id: Some(task.id.clone()),
        task_type: Some(task.job.task_type().to_owned()),
        updated: Some(rfc3339(face.updated)),
    });
    Answer::of(&DescribeClusterTasksResponse {
        next_token: None,
        page_info: Some(page_info),
        request_id: Some(request_id.to_owned()),
        tasks: tasks.collect(),
    })
}
