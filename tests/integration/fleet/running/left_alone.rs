//! Clusters that there is nothing to do about: newer than the target, or at it already.

use std::time::Duration;

use ack_client::models::UpgradeClusterRequest;
use ack_emulator::{ClusterSeed, NodePoolSeed};
use ack_upgrade::fleet::{FleetCheckpoint, FleetEnd, FleetSummary, MemberProgress};
use ack_upgrade::{PlanOptions, Selection, Window};

use super::super::{Scene, TO, id, seed};
use super::{Memory, follow, options, plan};

const NEWER: &str = "1.33.3-aliyun.1";

fn seed_at(number: usize, version: &str) -> ClusterSeed {
    ClusterSeed::managed(id(number), format!("cluster-{number}"), version).with_nodes(1).without_addons()
}

fn control_plane(target: &str) -> PlanOptions {
    PlanOptions::default().target(target).node_pools(Selection::None).addons(Selection::None)
}

/// In its order: succeeded, failed, up to date, newer, not started.
fn counts(summary: FleetSummary) -> [usize; 5] {
    [summary.succeeded, summary.failed, summary.up_to_date, summary.newer, summary.not_started]
}

async fn upgrade(scene: &Scene, number: usize, version: &str, master_only: bool) {
    let request = UpgradeClusterRequest {
        next_version: Some(version.to_owned()),
        master_only: Some(master_only),
        ..Default::default()
    };
    scene.client().upgrade_cluster(&id(number), &request).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn newer_clusters_are_in_no_wave_and_told_once() {
    let scene = Scene::of([seed(1), seed_at(2, NEWER), seed_at(3, TO), seed(4), seed_at(5, NEWER)]).await;
    let (store, fleet) = (Memory::default(), scene.fleet([scene.account("one")]));
    let options = || options("canary 1, rest").soak(Duration::from_secs(600)).checkpoints(store.clone());
    let mut run = fleet.run(plan(), options()).await.unwrap();
    let waves: Vec<usize> = run.checkpoint().waves.iter().map(|wave| wave.clusters.len()).collect();
    assert_eq!((waves, run.checkpoint().left_alone.len()), (vec![1, 2], 2));
    insta::assert_snapshot!(follow(&mut run).await);
    let summary = run.summary().unwrap();
    assert_eq!((summary.end, summary.clusters, counts(summary)), (FleetEnd::Done, 5, [2, 0, 1, 2, 0]));
    assert!(summary.is_success());
    assert_eq!(scene.emulator.accepted("UpgradeCluster"), 2);
    // Whoever goes on is told how many there are, and of none of them again.
    let kept = FleetCheckpoint::from_json(&run.checkpoint().to_json()).unwrap();
    assert_eq!(kept, run.checkpoint());
    let mut again = fleet.continue_run(kept, plan(), options()).unwrap();
    let text = follow(&mut again).await;
    assert!(text.contains("2 left alone, 3 ended before") && !text.contains("newer than the target:"), "{text}");
    assert_eq!(counts(again.summary().unwrap()), counts(summary));
}

#[tokio::test(start_paused = true)]
async fn a_fleet_of_which_nothing_is_to_be_upgraded_is_done_at_once() {
    let scene = Scene::of([seed_at(1, NEWER), seed_at(2, TO), seed_at(3, TO)]).await;
    let fleet = scene.fleet([scene.account("one").clusters([id(1), id(2), id(3)])]);
    let options = || options("1, rest").soak(Duration::from_secs(600));
    let mut run = fleet.run(control_plane(TO), options()).await.unwrap();
    let at_once = follow(&mut run).await;
    assert_eq!(counts(run.summary().unwrap()), [0, 0, 2, 1, 0]);
    // Where more might be to do, it shows when their turn comes, and a wave that did nothing has nothing to prove.
    let mut run = fleet.run(PlanOptions::default().target("1.32"), options()).await.unwrap();
    insta::assert_snapshot!(format!("{at_once}\n\n{}", follow(&mut run).await));
    assert_eq!((counts(run.summary().unwrap()), scene.emulator.count("UpgradeCluster")), ([0, 0, 2, 1, 0], 0));
}

/// A version says nothing about an upgrade that has not ended, or has failed.
#[tokio::test(start_paused = true)]
async fn a_cluster_at_the_target_that_is_not_at_rest_is_not_up_to_date() {
    let scene = Scene::of([seed_at(1, TO).with_state("failed"), seed_at(2, TO)]).await;
    for account in [scene.account("one"), scene.account("one").clusters([id(1), id(2)])] {
        let fleet = scene.fleet([account]);
        let mut run = fleet.run(control_plane(TO), options("rest")).await.unwrap();
        let waves: Vec<usize> = run.checkpoint().waves.iter().map(|wave| wave.clusters.len()).collect();
        let text = follow(&mut run).await;
        assert_eq!((waves, counts(run.summary().unwrap())), (vec![1], [0, 1, 1, 0, 0]), "{text}");
        assert!(text.contains("the cluster is `failed`; it has to be `running`"), "{text}");
    }
}

/// The second is upgraded by somebody else while the first is at work, or when its turn comes.
#[tokio::test(start_paused = true)]
async fn a_cluster_that_becomes_newer_before_its_turn_is_no_failure() {
    // By then its upgrade has ended, or goes on.
    for parallelism in [1, 2] {
        let scene = Scene::of([seed(1), seed(2), seed(3)]).await;
        let fleet = scene.fleet([scene.account("one")]);
        scene.start(&id(2)).await;
        let mut run = fleet.run(control_plane("1.31"), options("rest").parallelism(parallelism)).await.unwrap();
        let text = follow(&mut run).await;
        let said = format!("c...0002 wave 1: newer than the target: {TO}; left alone");
        assert!(text.contains(&said), "{text}");
        assert_eq!(counts(run.summary().unwrap()), [2, 0, 0, 1, 0], "{text}");
        let progress = run.checkpoint().waves[0].clusters[1].progress.clone();
        assert_eq!(progress, MemberProgress::Newer { newer_version: TO.to_owned() });
        // The other one was started by somebody else.
        assert_eq!(scene.emulator.accepted("UpgradeCluster"), 3);
    }
}

/// While a plan waits for its window, somebody else upgrades the cluster: past the target, or to where the plan does not lead.
#[tokio::test(start_paused = true)]
async fn a_plan_that_was_overtaken_is_left_or_made_anew() {
    for (target, version, expected, starts) in
        [("1.31", TO, [0, 0, 0, 1, 0], 1), ("1.32", "1.31.9-aliyun.1", [1, 0, 0, 0, 0], 2)]
    {
        let scene = Scene::of([seed(1)]).await;
        let (store, fleet) = (Memory::default(), scene.fleet([scene.account("one")]));
        // It is 03:04.
        let window = Window::parse("05:00-08:00", "UTC").unwrap();
        let options = options("rest").checkpoints(store.clone());
        let mut run = fleet.run(control_plane(target).window(window), options).await.unwrap();
        let overtake = async {
            tokio::time::sleep(Duration::from_secs(600)).await;
            upgrade(&scene, 1, version, true).await;
        };
        let (text, ()) = tokio::join!(follow(&mut run), overtake);
        assert_eq!(counts(run.summary().unwrap()), expected, "{text}");
        assert!(text.contains(".1: nothing to do") && !text.contains("failed:"), "{text}");
        assert_eq!(scene.emulator.accepted("UpgradeCluster"), starts, "{text}");
        let kept = store.fleet().unwrap();
        assert!(kept.finished && !kept.members().any(|member| member.progress.is_failure()), "{kept:?}");
    }
}

/// Somebody else upgrades the control plane, and maybe the nodes, while the run still waits to bring the node pool along.
#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_past_the_target_in_the_end_is_newer() {
    for (master_only, step) in [(true, "node-pool:np1:1.32.1-aliyun.1: succeeded"), (false, "newer than the target")] {
        let pool = NodePoolSeed::new("np1", 1).with_version("1.31.9-aliyun.1");
        let seed = ClusterSeed::managed(id(1), "cluster-1", "1.32.1-aliyun.1").without_addons().with_node_pool(pool);
        let scene = Scene::of([seed]).await;
        let fleet = scene.fleet([scene.account("one")]);
        let window = Window::parse("05:00-08:00", "UTC").unwrap();
        let wanted = PlanOptions::default().target("1.32.1-aliyun.1").window(window);
        let mut run = fleet.run(wanted, options("rest")).await.unwrap();
        let overtake = async {
            tokio::time::sleep(Duration::from_secs(600)).await;
            upgrade(&scene, 1, TO, master_only).await;
        };
        let (text, ()) = tokio::join!(follow(&mut run), overtake);
        assert!(text.contains(step) && !text.contains("failed:"), "{text}");
        assert_eq!(counts(run.summary().unwrap()), [0, 0, 0, 1, 0], "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_refused_before_anything_is_begun() {
    let scene = Scene::of([seed(1), seed_at(2, NEWER)]).await;
    let one = || scene.account("one");
    let fleet = scene.fleet([one()]);
    let errors = [
        fleet.run(control_plane("newest"), options("rest")).await,
        fleet.run(control_plane(TO), options("1, rest").first([id(2)])).await,
        scene.fleet([one().clusters(["c-unknown"])]).run(plan(), options("rest")).await,
        scene.fleet([one(), scene.account("two")]).run(plan(), options("rest")).await,
    ];
    let texts = errors.map(|result| {
        let error = result.map(drop).unwrap_err();
        assert!(error.is_invalid_input());
        let text = error.to_string();
        text.split(" (request id").next().unwrap().to_owned()
    });
    insta::assert_snapshot!(texts.join("\n"));
    assert_eq!(scene.emulator.count("UpgradeCluster"), 0);
}
