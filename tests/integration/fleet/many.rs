//! A fleet that is not small. `ACK_TEST_CLUSTERS` sets how many clusters there are.

use std::collections::BTreeMap;
use std::time::Duration;

use ack_client::limit::RateLimiter;
use ack_upgrade::fleet::{FleetEvent, FleetEventKind, FleetNews, FleetWatchOptions};
use ack_upgrade::{EventKind, Outcome, Phase};

use super::{Scene, id, schema, seed};

const TIME: Duration = Duration::from_secs(1800);

/// What was told of one cluster.
#[derive(Debug, Default)]
struct Account {
    found: usize,
    started: usize,
    changes: Vec<(Phase, Phase)>,
    stages: Vec<String>,
    versions: usize,
    ends: usize,
}

#[tokio::test(start_paused = true)]
async fn every_transition_of_every_cluster_is_told_once_within_the_rate() {
    let clusters = std::env::var("ACK_TEST_CLUSTERS").map_or(500, |text| text.parse::<usize>().unwrap());
    // Every tenth of them is upgraded, some from the start.
    let (upgraded, early) = (clusters / 10, clusters / 50);
    let scene = Scene::of((0..clusters).map(seed)).await;
    for number in 0..early {
        scene.start(&id(number)).await;
    }
    scene.emulator.forget_requests();
    // Enough for the upgrades, and no more than they need.
    let a_second = u32::try_from(clusters / 12).unwrap().max(40);
    let rate = RateLimiter::new(a_second, Duration::from_secs(1)).unwrap();
    let fleet = scene.fleet([scene.account("one").rate_limiter(rate)]);
    // Every stage of the emulator takes longer than that.
    let options = FleetWatchOptions::default().interval(Duration::from_secs(20)).time_limit(TIME);
    let mut watch = fleet.watch(options);
    let (mut started, mut told) = (early, BTreeMap::<String, Account>::new());
    while let Some(event) = watch.next().await {
        schema::check(&event);
        take(&event, &mut told);
        // Others begin while those are under way.
        if started < upgraded && matches!(event.kind, FleetEventKind::Upgrade(EventKind::StageChanged { .. })) {
            for number in started..upgraded.min(started + 4) {
                scene.start(&id(number)).await;
            }
            started = upgraded.min(started + 4);
        }
    }
    let elapsed = TIME.as_secs();
    let calls: u64 = scene.emulator.counts().values().map(|count| count.requests as u64).sum();
    let most = u64::from(a_second) * (elapsed + 1) + upgraded as u64;
    assert!(calls <= most, "{calls} calls in {elapsed} seconds");
    assert_eq!((started, told.len()), (upgraded, clusters));
    for (cluster, told) in &told {
        let is_upgraded = (0..upgraded).any(|number| id(number) == *cluster);
        let once = usize::from(is_upgraded);
        assert_eq!((told.found, told.started, told.versions, told.ends), (1, once, once, once), "{cluster} {told:?}");
        let mut changes = told.changes.clone();
        changes.dedup();
        assert_eq!(changes, told.changes, "{cluster}");
        assert!(told.changes.windows(2).all(|pair| pair[0].1 == pair[1].0), "{cluster} {told:?}");
        assert_eq!(told.changes.last().map(|change| change.1), is_upgraded.then_some(Phase::Succeeded), "{cluster}");
        let mut stages = told.stages.clone();
        stages.sort();
        stages.dedup();
        assert_eq!(stages.len(), told.stages.len(), "{cluster} {told:?}");
    }
    assert_eq!(watch.summary().map(|summary| (summary.succeeded, summary.failed)), Some((upgraded, 0)));
}

fn take(event: &FleetEvent, told: &mut BTreeMap<String, Account>) {
    let Some(cluster) = &event.cluster_id else { return };
    let told = told.entry(cluster.to_string()).or_default();
    match &event.kind {
        FleetEventKind::Fleet(FleetNews::ClusterFound { .. }) => told.found += 1,
        FleetEventKind::Fleet(FleetNews::VersionChanged { .. }) => told.versions += 1,
        FleetEventKind::Upgrade(kind) => match kind {
            EventKind::Started { .. } => told.started += 1,
            EventKind::PhaseChanged { from, to } => told.changes.push((*from, *to)),
            EventKind::StageChanged { stage } => told.stages.push(stage.clone()),
            EventKind::Progress { .. } => {}
            EventKind::Finished { outcome: Outcome::Succeeded { .. } } => told.ends += 1,
            other => unreachable!("{cluster}: {other}"),
        },
        other => unreachable!("{cluster}: {other}"),
    }
}
