//! Upgrades of node pools and add-ons, which run while the control plane of their cluster rests.

use std::collections::BTreeMap;
use std::time::Duration;

use ack_emulator::{AddonSeed, ClusterSeed, Fault, NodePoolSeed, NodeTrouble};
use ack_upgrade::fleet::{FleetEventKind, FleetWatchOptions, Looks};
use ack_upgrade::{AddonChange, EventKind, NodePoolUpgrade, UpgradeKind, Upgrades};

use super::{FROM, Scene, follow, id, line, ordered, schema};

/// A cluster whose nodes are behind their control plane, and whose add-on has a newer version.
fn behind(number: usize) -> ClusterSeed {
    ClusterSeed::managed(id(number), format!("cluster-{number}"), FROM)
        .without_addons()
        .with_node_pool(NodePoolSeed::new(format!("np{number}a"), 2).with_version("1.30.7-aliyun.1"))
        .with_node_pool(NodePoolSeed::new(format!("np{number}b"), 1).with_version("1.30.7-aliyun.1"))
        .with_addon(AddonSeed::new("coredns", "v1.9.3.6-a").with_next_version("v1.11.3.2-b"))
}

fn every() -> FleetWatchOptions {
    FleetWatchOptions::default().looks(Looks::Every).idle(Duration::from_secs(60)).time_limit(Duration::from_secs(1800))
}

impl Scene {
    async fn upgrade_pool(&self, number: usize, pool: &str) {
        let how = NodePoolUpgrade::default();
        Upgrades::new(self.client()).start_node_pool(&id(number), pool, FROM, &how).await.unwrap();
    }

    async fn upgrade_addon(&self, number: usize) {
        let addons = [AddonChange::new("coredns", "v1.11.3.2-b")];
        Upgrades::new(self.client()).start_addons(&id(number), &addons).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn each_is_told_as_an_upgrade_of_its_own() {
    let scene = Scene::of([behind(1), behind(2)]).await;
    scene.upgrade_pool(1, "np1a").await;
    // Lists lag behind a start.
    tokio::time::sleep(Duration::from_secs(20)).await;
    let mut watch = scene.fleet([scene.account("one")]).watch(every());
    let (mut lines, mut most) = (Vec::new(), 0);
    while let Some(event) = watch.next().await {
        lines.push(line(&event));
        most = most.max(watch.view().parts().len());
        if lines.len() == 6 {
            scene.upgrade_addon(2).await;
        }
        let is_end = matches!(event.kind, FleetEventKind::Upgrade(EventKind::Finished { .. }));
        if is_end && event.upgrade == Some(UpgradeKind::node_pool("np1a")) {
            scene.upgrade_pool(1, "np1b").await;
        }
    }
    insta::assert_snapshot!(ordered(lines));
    let summary = watch.summary().unwrap();
    assert_eq!((summary.clusters, summary.succeeded, summary.failed, summary.under_way), (2, 3, 0, 0));
    assert!(most >= 1 && watch.view().parts().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_look_shows_them_beside_the_control_plane() {
    let scene = Scene::of([behind(1), behind(2)]).await;
    scene.upgrade_pool(1, "np1a").await;
    scene.upgrade_addon(1).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    let fleet = scene.fleet([scene.account("one")]);
    scene.emulator.forget_requests();
    let status = fleet.status(Looks::Every).await;
    let parts = status.clusters.iter().flat_map(|cluster| {
        cluster.parts.iter().map(move |part| {
            let phase = part.phase.map(|phase| phase.to_string());
            format!(
                "{} {} {phase:?} {:?} {:?}",
                cluster.name.as_deref().unwrap_or_default(),
                part.kind,
                part.target_version,
                part.stage
            )
        })
    });
    insta::assert_snapshot!(parts.collect::<Vec<_>>().join("\n"));
    // The list of tasks is read anyway; what is going on takes a call to know it, and a look.
    assert_eq!(scene.emulator.count("DescribeClusterTasks"), 2);
    assert_eq!(scene.emulator.count("DescribeTaskInfo"), 4);
    // Without looks at clusters at rest, nobody tells of them.
    assert!(fleet.status(Looks::Changed).await.clusters.iter().all(|cluster| cluster.parts.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn following_until_at_rest_waits_for_them() {
    let failing = NodePoolSeed::new("np1", 1)
        .with_version("1.30.7-aliyun.1")
        .with_trouble(0, NodeTrouble::Fails { message: "the kubelet does not start".to_owned() });
    let seed = ClusterSeed::managed(id(1), "cluster-1", FROM).without_addons().with_node_pool(failing);
    let scene = Scene::of([seed]).await;
    scene.upgrade_pool(1, "np1").await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    let options = every().until_at_rest(true).time_limit(Duration::from_secs(7200));
    let mut watch = scene.fleet([scene.account("one")]).watch(options);
    let text = follow(&mut watch).await;
    insta::assert_snapshot!(text);
    assert_eq!(watch.summary().map(|summary| (summary.failed, summary.under_way)), Some((1, 0)));
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_known_any_more_is_lost_once() {
    let scene = Scene::of([behind(1)]).await;
    scene.upgrade_pool(1, "np1a").await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    let mut watch = scene.fleet([scene.account("one")]).watch(every().time_limit(Duration::from_secs(300)));
    let mut lines = Vec::new();
    while let Some(event) = watch.next().await {
        if matches!(event.kind, FleetEventKind::Upgrade(EventKind::Started { .. })) {
            let gone = Fault::error(404, "ErrorNodePoolNotFound", "no such node pool");
            scene.emulator.inject(gone.operation("DescribeClusterNodePoolDetail").times(100)).unwrap();
        }
        lines.push(line(&event));
    }
    let ends: Vec<&String> = lines.iter().filter(|line| line.contains("lost sight")).collect();
    assert_eq!(ends.len(), 1, "{lines:#?}");
    assert_eq!(watch.summary().map(|summary| (summary.failed, summary.under_way)), Some((1, 0)));
}

#[tokio::test(start_paused = true)]
async fn every_change_of_many_is_told_once_within_the_rate() {
    let clusters = 40;
    let scene = Scene::of((1..=clusters).map(behind)).await;
    scene.emulator.forget_requests();
    let limit = ack_client::limit::RateLimiter::new(30, Duration::from_secs(1)).unwrap();
    let fleet = scene.fleet([scene.account("one").rate_limiter(limit)]);
    let mut watch = fleet.watch(every().time_limit(Duration::from_secs(600)));
    let mut told = BTreeMap::<(String, String), Vec<String>>::new();
    let mut events = 0;
    while let Some(event) = watch.next().await {
        schema::check(&event);
        events += 1;
        // They begin once all clusters are found.
        if events == clusters + 1 {
            for number in 1..=clusters {
                scene.upgrade_pool(number, &format!("np{number}a")).await;
            }
        }
        let FleetEventKind::Upgrade(kind) = &event.kind else { continue };
        let what = event.upgrade.as_ref().map(ToString::to_string).unwrap();
        let words = match kind {
            EventKind::Started { .. } => "started".to_owned(),
            EventKind::Progress { .. } => continue,
            other => other.to_string(),
        };
        told.entry((event.cluster_id.as_ref().unwrap().to_string(), what)).or_default().push(words);
    }
    assert_eq!(told.len(), clusters);
    for (of, words) in &told {
        let once = |word: &str| words.iter().filter(|told| told.starts_with(word)).count();
        assert_eq!((once("started"), once("succeeded: ")), (1, 1), "{of:?} {words:?}");
        let mut distinct = words.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), words.len(), "{of:?} {words:?}");
    }
    let calls: u64 = scene.emulator.counts().values().map(|count| count.requests as u64).sum();
    // The starts are made by another client, four calls each.
    assert!(calls <= 30 * 601 + 6 * clusters as u64, "{calls}");
}
