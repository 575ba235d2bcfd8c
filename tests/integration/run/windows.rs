//! Windows, and pauses of the run and of others.

use std::time::Duration;

use ack_client::models::RollingPausePolicy;
use ack_emulator::{ClusterSeed, Fault, NodePoolSeed, UpgradeDurations};
use ack_upgrade::{
    Checkpoint, ControlOptions, EventKind, ExpectedDurations, NodePoolUpgrade, OnPause, Outcome, PausedBy, Plan, Run,
    RunEvent, RunEventKind, RunNews, RunOptions, Selection, StepProgress, UpgradeHandle, UpgradeKind, WatchOptions,
    Window, WindowPause, WindowReason,
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
    assert!(matches!(paused, StepProgress::Started { window_pause: Some(WindowPause::InEffect { .. }), .. }));
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

/// What a policy pauses is not resumed in the closed window either.
#[tokio::test(start_paused = true)]
async fn pauses_of_a_policy_wait_for_the_window() {
    let night = Night::new(10, UpgradeDurations::default()).await;
    let how = NodePoolUpgrade::default().max_parallelism(5).pause_policy(RollingPausePolicy::FirstBatch);
    let window = Window::parse("04:00-04:40", "UTC").unwrap();
    let mut expected = ExpectedDurations::default();
    expected.node_batch = Duration::from_secs(20);
    let plan = next().addons(Selection::None).window(window).node_pool_upgrade(how).expected_durations(expected);
    let run = night.scene.run(&plan, night.options()).await;
    assert!(matches!(run.await, Outcome::Paused { by: PausedBy::Policy, .. }));
    // 05:04, and the window opens after 22 hours and 56 minutes.
    tokio::time::sleep(Duration::from_secs(60 * 60)).await;
    let began = tokio::time::Instant::now();
    let resuming = night.options().watch(WatchOptions::default().on_pause(OnPause::ResumePolicyPauses));
    let mut run = night.scene.upgrades.continue_run(night.store.latest(), resuming);
    let text = follow(&mut run).await;
    assert!(run.outcome().unwrap().is_success() && text.contains("the window is closed; waiting until"), "{text}");
    assert!(began.elapsed() > Duration::from_secs(22 * 60 * 60), "{text}");
    assert_eq!(night.steered(), [0, 1], "{text}");
}

/// Nodes, one at a time, in a window that closes over them: from 04:00 to 04:40 in UTC, in 56 minutes.
pub(super) struct Night {
    pub(super) scene: Scene,
    pub(super) store: Memory,
}

pub(super) const NODES: &str = "node-pool:np-blue:1.32.6-aliyun.1";

impl Night {
    pub(super) async fn new(nodes: u32, durations: UpgradeDurations) -> Self {
        Self::of(nodes, durations, |seed| seed).await
    }

    pub(super) async fn of(
        nodes: u32,
        durations: UpgradeDurations,
        more: impl FnOnce(ClusterSeed) -> ClusterSeed,
    ) -> Self {
        let seed = ClusterSeed::managed(CLUSTER, "test", FROM).with_node_pool(NodePoolSeed::new("np-blue", nodes));
        let scene = Scene::with(|emulator| emulator.cluster(more(seed)).durations(durations)).await;
        Self { scene, store: Memory::default() }
    }

    pub(super) fn options(&self) -> RunOptions {
        RunOptions::default().pause_at_window_end(true).checkpoints(self.store.clone()).run_checks(false)
    }

    pub(super) async fn plan(&self) -> Plan {
        let mut expected = ExpectedDurations::default();
        expected.node_batch = Duration::from_secs(20);
        let plan = next()
            .addons(Selection::None)
            .window(Window::parse("04:00-04:40", "UTC").unwrap())
            .node_pool_upgrade(NodePoolUpgrade::default().max_parallelism(1))
            .expected_durations(expected);
        self.scene.upgrades.plan(CLUSTER, &plan).await.unwrap()
    }

    pub(super) async fn begin(&self) -> Run {
        self.scene.upgrades.run(self.plan().await, self.options())
    }

    /// Follows it, and leaves it behind as a kill would once the nodes are under way.
    async fn left_with_nodes_under_way(&self) -> Checkpoint {
        let mut run = self.begin().await;
        while let Some(event) = run.next().await {
            if event.step.as_deref() == Some(NODES)
                && matches!(event.kind, RunEventKind::Upgrade(EventKind::StageChanged { .. }))
            {
                break;
            }
        }
        self.store.latest()
    }

    pub(super) fn steered(&self) -> [usize; 2] {
        ["PauseTask", "ResumeTask"].map(|name| self.scene.emulator.accepted(name))
    }
}

/// The same checkpoint, in which the run was about to pause the nodes.
fn about_to_steer(mut checkpoint: Checkpoint) -> Checkpoint {
    if let Some(StepProgress::Started { window_pause, .. }) = checkpoint.steps.get_mut(NODES) {
        *window_pause = Some(WindowPause::Asking { since: checkpoint.updated_at.clone() });
    }
    checkpoint
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_a_killed_run_did_not_come_to_is_made_up_for() {
    let night = Night::new(60, UpgradeDurations::default()).await;
    let left = about_to_steer(night.left_with_nodes_under_way().await);
    // 04:45: it goes on in the closed window.
    tokio::time::sleep(Duration::from_secs(40 * 60)).await;
    let mut run = night.scene.upgrades.continue_run(left, night.options());
    let waits = |event: &RunEvent| matches!(event.kind, RunEventKind::Run(RunNews::WaitingForWindow { .. }));
    while !waits(&run.next().await.unwrap()) {}
    assert_eq!(night.steered(), [1, 0]);
    // Killed again while it is paused, nothing is sent.
    drop(run);
    let mut run = night.scene.upgrades.continue_run(night.store.latest(), night.options());
    while !waits(&run.next().await.unwrap()) {}
    assert_eq!(night.steered(), [1, 0]);
    assert!(run.await.is_success());
    assert_eq!((night.steered(), night.scene.starts()), ([1, 1], [1, 1, 0]));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_takes_effect_after_a_killed_run_is_its_own() {
    // A pause takes two minutes.
    let night = Night::new(60, UpgradeDurations::default().with_control(Duration::from_secs(120))).await;
    let left = about_to_steer(night.left_with_nodes_under_way().await);
    let handle = match &left.steps[NODES] {
        StepProgress::Started { handle, .. } => handle.clone(),
        other => unreachable!("{other:?}"),
    };
    // The window is open again when the run is taken up, and the pause under way: it goes on until it is paused.
    let soon = ControlOptions::default().time_limit(Duration::from_secs(1));
    assert!(night.scene.upgrades.pause(&handle, &soon).await.unwrap_err().is_not_in_effect());
    let run = night.scene.upgrades.continue_run(left, night.options());
    assert!(run.await.is_success());
    // The end of the window paused it once more.
    assert_eq!((night.steered(), night.scene.starts()), ([2, 2], [1, 1, 0]));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_takes_effect_late_is_ended_by_the_next_window() {
    // A pause waits for the node that is being worked on, and that takes longer than anybody waits for it.
    let night = Night::new(2, UpgradeDurations::default().with_node(Duration::from_secs(60 * 60))).await;
    let mut run = night.begin().await;
    let text = follow(&mut run).await;
    assert!(run.outcome().unwrap().is_success(), "{text}");
    assert!(text.contains("it is still upgrading after 600 s"), "{text}");
    // The second node, too, takes longer than the window is open.
    assert_eq!((night.steered()[1], night.scene.starts()), (2, [1, 1, 0]), "{text}");
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_at_the_edge_is_asked_again() {
    for fault in [Fault::throttle().times(12), Fault::server_error(503).times(1)] {
        let night = Night::new(60, UpgradeDurations::default()).await;
        night.scene.emulator.inject(fault.operation("PauseTask")).unwrap();
        let mut run = night.begin().await;
        let text = follow(&mut run).await;
        assert!(run.outcome().unwrap().is_success(), "{text}");
        assert_eq!((night.steered(), night.scene.starts()), ([1, 1], [1, 1, 0]), "{text}");
    }
    // One that refuses for good is told of, and nothing is paused.
    let night = Night::new(60, UpgradeDurations::default()).await;
    night.scene.emulator.inject(Fault::error(403, "Forbidden.RAM", "You may not.").operation("PauseTask")).unwrap();
    let mut run = night.begin().await;
    let text = follow(&mut run).await;
    assert!(run.outcome().unwrap().is_success(), "{text}");
    assert!(text.contains("Forbidden.RAM") && night.steered() == [0, 0], "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_has_paused_before_the_edge_stays_paused() {
    let night = Night::new(60, UpgradeDurations::default()).await;
    // It looks so seldom that it learns of the pause only at the edge.
    let watch = WatchOptions::default().interval(Duration::from_secs(10 * 60));
    let plan = night.plan().await;
    let mut run = night.scene.upgrades.run(plan, night.options().watch(watch));
    let somebody = async {
        // 04:36.
        tokio::time::sleep(Duration::from_secs(5515)).await;
        let nodes = UpgradeHandle::new(CLUSTER).with_kind(UpgradeKind::node_pool("np-blue"));
        night.scene.upgrades.pause(&nodes, &ControlOptions::default()).await.unwrap();
    };
    let (text, ()) = tokio::join!(follow(&mut run), somebody);
    assert!(matches!(run.outcome(), Some(Outcome::Paused { by: PausedBy::Person, .. })), "{text}");
    assert_eq!(night.steered(), [1, 0], "{text}");
    assert!(matches!(night.store.latest().steps[NODES], StepProgress::Started { window_pause: None, .. }));
}
