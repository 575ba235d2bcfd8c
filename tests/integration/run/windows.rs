//! Windows, and pauses of the run and of others.

use std::time::Duration;

use ack_client::models::RollingPausePolicy;
use ack_emulator::{ClusterSeed, NodePoolSeed};
use ack_upgrade::{
    ExpectedDurations, NodePoolUpgrade, OnPause, Outcome, PausedBy, RunEventKind, RunNews, RunOptions, Selection,
    StepProgress, WatchOptions, Window, WindowReason,
};

use super::{CLUSTER, FROM, Memory, Scene, follow, line, next, seed};

#[tokio::test(start_paused = true)]
async fn steps_wait_for_the_window_and_go_on_the_next_night() {
    let scene = Scene::of(seed()).await;
    // Two hours and a half a night. It is 11:04 in Shanghai.
    let window = Window::parse("01:00-03:30", "Asia/Shanghai").unwrap();
    let mut durations = ExpectedDurations::default();
    durations.control_plane = Duration::from_secs(90 * 60);
    durations.node_batch = Duration::from_secs(150 * 60);
    let plan = next().window(window).expected_durations(durations);
    let mut run = scene.run(&plan, RunOptions::default()).await;
    insta::assert_snapshot!(follow(&mut run).await);
    assert!(run.outcome().unwrap().is_success());
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_at_the_end_of_the_window_is_paused_if_that_is_wished() {
    let seed = ClusterSeed::managed(CLUSTER, "test", FROM).with_node_pool(NodePoolSeed::new("np-blue", 40));
    let scene = Scene::of(seed).await;
    let store = Memory::default();
    // From 04:00 in UTC, in 56 minutes, for 40 minutes; the nodes alone take 40.
    let plan = || {
        next()
            .addons(Selection::None)
            .window(Window::parse("04:00-04:40", "UTC").unwrap())
            .node_pool_upgrade(NodePoolUpgrade::default().max_parallelism(1))
    };
    let mut durations = ExpectedDurations::default();
    durations.node_batch = Duration::from_secs(20);
    let plan = plan().expected_durations(durations);
    let options = || RunOptions::default().pause_at_window_end(true).checkpoints(store.clone()).run_checks(false);
    let mut run = scene.run(&plan, options()).await;
    let mut lines = Vec::new();
    // The process ends during the day, and another one goes on.
    while let Some(event) = run.next().await {
        lines.extend(line(&event));
        if matches!(&event.kind, RunEventKind::Run(RunNews::WaitingForWindow { reason, .. }) if *reason == WindowReason::Paused)
        {
            break;
        }
    }
    let paused = store.latest().steps.into_iter().find(|(id, _)| id.starts_with("node-pool")).unwrap().1;
    assert!(matches!(paused, StepProgress::Started { paused_by_window: true, .. }));
    lines.push("--- another process".to_owned());
    let mut run = scene.upgrades.continue_run(store.latest(), options());
    lines.push(follow(&mut run).await);
    insta::assert_snapshot!(lines.join("\n"));
    assert!(run.outcome().unwrap().is_success());
    assert_eq!((scene.emulator.count("PauseTask"), scene.emulator.count("ResumeTask")), (1, 1));
    assert_eq!(scene.starts(), [1, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn pauses_of_others_are_theirs_to_end() {
    let scene = Scene::of(seed()).await;
    let store = Memory::default();
    let how = NodePoolUpgrade::default().max_parallelism(1).pause_policy(RollingPausePolicy::FirstBatch);
    let options = || RunOptions::default().checkpoints(store.clone());
    let run = scene.run(&next().node_pool_upgrade(how), options()).await;
    assert!(matches!(run.await, Outcome::Paused { by: PausedBy::Policy, .. }));
    // It stays paused however often it is run.
    let mut run = scene.upgrades.continue_run(store.latest(), options());
    follow(&mut run).await;
    assert!(matches!(run.outcome(), Some(Outcome::Paused { by: PausedBy::Policy, .. })));
    let under_way = run.under_way().remove(0);
    scene.upgrades.resume(&under_way.handle, &Default::default()).await.unwrap();
    let resuming = options().watch(WatchOptions::default().on_pause(OnPause::ResumePolicyPauses));
    assert!(scene.upgrades.continue_run(store.latest(), resuming).await.is_success());
    assert_eq!(scene.starts(), [1, 2, 1]);
}
