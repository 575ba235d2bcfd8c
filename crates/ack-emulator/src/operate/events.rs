//! DescribeClusterEvents, DescribeEvents and DescribeEventsForRegion, newest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ack_models::{
    ClusterEvent, ClusterEventData, ClusterEventType, DescribeClusterEventsResponse, DescribeEventsForRegionResponse,
    DescribeEventsResponse, PageInfo,
};
use jiff::Timestamp;

use super::paging::{Page, Query};
use super::{Answer, Scene};
use crate::clock::before;
use crate::refusal::Refusal;
use crate::state::{Cluster, Event};
use crate::times::utc;

/// The documented size of a page.
const PAGE_SIZE: usize = 50;

/// DescribeClusterEvents: all of a cluster, or those of one of its tasks.
pub(super) fn of_cluster(scene: &mut Scene<'_>, cluster_id: &str, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query);
    let page = page(&query)?;
    let seen_at = before(scene.now, scene.state.lag.events);
    let cluster = scene.cluster(cluster_id)?;
    let fits = |event: &&Event| query.get("task_id").is_none_or(|id| event.task_id.as_deref() == Some(id));
    let (events, page_info) = page.of(cluster.world.events.until(seen_at).filter(fits));
    let events = events.into_iter().map(|it| event(cluster, it)).collect();
    Answer::of(&DescribeClusterEventsResponse { events, next_token: None, page_info: Some(page_info) })
}

/// DescribeEvents: those of all clusters, or of one, and of a type.
pub(super) fn of_account(scene: &mut Scene<'_>, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query);
    let (events, page_info) = listed(scene, &query, None, query.get("type").map(ClusterEventType::from).as_ref())?;
    Answer::of(&DescribeEventsResponse { events, next_token: None, page_info: Some(page_info) })
}

/// DescribeEventsForRegion: those of the clusters of a region, or of one of them.
pub(super) fn of_region(scene: &mut Scene<'_>, region: &str, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query);
    let (events, page_info) = listed(scene, &query, Some(region), None)?;
    Answer::of(&DescribeEventsForRegionResponse { events, next_token: None, page_info: Some(page_info) })
}

fn page(query: &Query) -> Result<Page, Refusal> {
    Page::parse_as(query, ["page_number", "page_size"], PAGE_SIZE)
}

/// The page of the events of clusters. Those of all clusters are merged no further than the page needs.
fn listed(
    scene: &mut Scene<'_>,
    query: &Query,
    region: Option<&str>,
    event_type: Option<&ClusterEventType>,
) -> Result<(Vec<ClusterEvent>, PageInfo), Refusal> {
    let page = page(query)?;
    let (now, seen_at) = (scene.now, before(scene.now, scene.state.lag.events));
    let positions: Vec<usize> = match (query.get("cluster_id"), region) {
        (Some(id), _) => scene.state.position(id).into_iter().collect(),
        (None, Some(region)) => scene.state.in_region(region).to_vec(),
        (None, None) => (0..scene.state.clusters().len()).collect(),
    };
    for position in &positions {
        scene.state.at(*position, now);
    }
    let state = &*scene.state;
    let clusters = positions.into_iter().filter_map(|position| state.peek(position));
    let clusters: Vec<&Cluster> =
        clusters.filter(|cluster| region.is_none_or(|region| cluster.region == region)).collect();
    let fits = |event: &&Event| event_type.is_none_or(|event_type| event.event_type == *event_type);
    let total = clusters.iter().map(|cluster| match event_type {
        None => cluster.world.events.count_until(seen_at),
        Some(_) => cluster.world.events.until(seen_at).filter(fits).count(),
    });
    let total = total.sum();
    // Of each cluster the newest event that is not listed yet, and of those the newest of all.
    let mut streams: Vec<_> = clusters.iter().map(|cluster| cluster.world.events.until(seen_at).filter(fits)).collect();
    let mut heads: BinaryHeap<Head> = BinaryHeap::new();
    let mut newest: Vec<Option<&Event>> = streams.iter_mut().map(Iterator::next).collect();
    let head = |event: Option<&Event>, cluster| Some(Head { at: event?.at, cluster: Reverse(cluster) });
    heads.extend(newest.iter().enumerate().filter_map(|(cluster, event)| head(*event, cluster)));
    let mut events = Vec::new();
    for rank in 0..page.begin().saturating_add(page.size()) {
        let Some(Head { cluster: Reverse(cluster), .. }) = heads.pop() else { break };
        let found = std::mem::replace(&mut newest[cluster], streams[cluster].next());
        heads.extend(head(newest[cluster], cluster));
        if rank >= page.begin() {
            events.extend(found.map(|found| event(clusters[cluster], found)));
        }
    }
    Ok((events, page.info(total)))
}

/// Which cluster has the newest event: the later one wins and, at the same time, the earlier cluster.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    at: Timestamp,
    cluster: Reverse<usize>,
}

fn event(cluster: &Cluster, event: &Event) -> ClusterEvent {
    let is_about_cluster = event.subject == cluster.seed.id;
    let pools = &cluster.world.nodes.pools;
    let source = if is_about_cluster || !pools.iter().any(|pool| pool.id == event.subject) {
        "cluster".to_owned()
    } else {
        format!("/clusters/{}/nodepools", cluster.seed.id)
    };
    ClusterEvent {
        cluster_id: Some(cluster.seed.id.clone()),
        data: Some(ClusterEventData {
            level: Some(event.level.clone()),
            message: Some(event.message.clone()),
            reason: Some(event.reason.clone()),
        }),
        event_id: Some(format!("e-{}-{}", cluster.seed.id, event.number)),
        source: Some(source),
        subject: Some(event.subject.clone()),
        time: Some(utc(event.at)),
        type_: Some(event.event_type.clone()),
    }
}
