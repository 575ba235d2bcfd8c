//! Whole clusters upgraded by one run, on paused time.

mod bounds;
mod pauses;
mod windows;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use ack_client::Client;
use ack_client::auth::StaticCredentials;
use ack_emulator::{
    AddonSeed, ClusterSeed, Emulator, EmulatorBuilder, Finding, Lag, NodePoolSeed, NodeTrouble, RunningEmulator,
    ScaledClock, UpgradeFailure, UpgradeStage,
};
use ack_upgrade::{
    Checkpoint, CheckpointStore, EventKind, Outcome, PlanOptions, Run, RunEvent, RunEventKind, RunOptions, Selection,
    StepProgress, Upgrades, Window,
};

use crate::upgrade::schema;

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";
const FROM: &str = "1.31.1-aliyun.1";

/// 2026-01-02T03:04:05Z.
const NOW: Duration = Duration::from_secs(1_767_323_045);

struct Scene {
    emulator: RunningEmulator,
    upgrades: Upgrades,
}

impl Scene {
    /// An emulator and a caller whose clocks follow the time of tokio.
    async fn of(seed: ClusterSeed) -> Self {
        Self::lagging(seed, Lag::default()).await
    }

    async fn lagging(seed: ClusterSeed, lag: Lag) -> Self {
        Self::with(|emulator| emulator.lag(lag).cluster(seed)).await
    }

    async fn with(settings: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder) -> Self {
        let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + NOW);
        let builder = Emulator::builder().access_key("key", "secret").clock(clock);
        let emulator = settings(builder).start().await.unwrap();
        let client = Client::builder()
            .endpoint(emulator.endpoint())
            .credentials(StaticCredentials::access_key("key", "secret").unwrap())
            .build()
            .unwrap();
        Self { emulator, upgrades: Upgrades::new(client).with_clock(clock) }
    }

    async fn run(&self, plan: &PlanOptions, options: RunOptions) -> Run {
        self.upgrades.run(self.upgrades.plan(CLUSTER, plan).await.unwrap(), options)
    }

    fn starts(&self) -> [usize; 3] {
        ["UpgradeCluster", "UpgradeClusterNodepool", "UpgradeClusterAddons"].map(|name| self.emulator.count(name))
    }
}

fn seed() -> ClusterSeed {
    ClusterSeed::managed(CLUSTER, "test", FROM)
        .with_node_pool(NodePoolSeed::new("np-blue", 3))
        .with_node_pool(NodePoolSeed::new("np-green", 2))
        .with_addon(AddonSeed::new("coredns", "v1.9.3.6-a").with_next_version("v1.11.3.2-b"))
}

/// Keeps checkpoints in memory, and every one of them.
#[derive(Clone, Debug, Default)]
struct Memory(Arc<Mutex<Vec<String>>>);

impl Memory {
    fn latest(&self) -> Checkpoint {
        Checkpoint::from_json(self.0.lock().unwrap().last().unwrap()).unwrap()
    }
}

impl CheckpointStore for Memory {
    fn load(&self) -> std::io::Result<Option<String>> {
        Ok(self.0.lock().unwrap().last().cloned())
    }

    fn save(&self, checkpoint: &str) -> std::io::Result<()> {
        self.0.lock().unwrap().push(checkpoint.to_owned());
        Ok(())
    }
}

#[derive(Debug)]
struct Full;

impl CheckpointStore for Full {
    fn load(&self) -> std::io::Result<Option<String>> {
        Ok(None)
    }

    fn save(&self, _checkpoint: &str) -> std::io::Result<()> {
        Err(std::io::ErrorKind::StorageFull.into())
    }
}

/// An event in one line. What upgrades tell of their nodes is left out.
fn line(event: &RunEvent) -> Option<String> {
    let what = match &event.kind {
        RunEventKind::Upgrade(
            EventKind::NodeEvent { .. } | EventKind::TaskEvent { .. } | EventKind::Progress { .. },
        ) => {
            return None;
        }
        RunEventKind::Upgrade(EventKind::Started { status }) => format!("seen {}", status.phase),
        kind => kind.to_string(),
    };
    let step = event.step.as_deref().unwrap_or("-");
    Some(format!("{:>6} {step}: {what}", event.elapsed.as_secs()))
}

async fn follow(run: &mut Run) -> String {
    let mut lines = Vec::new();
    while let Some(event) = run.next().await {
        schema::check(&event);
        lines.extend(line(&event));
    }
    lines.join("\n")
}

/// Some time from 20 milliseconds to two minutes.
fn moment(number: u64) -> Duration {
    let shuffled = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33;
    Duration::from_millis(20 + shuffled % 120_000)
}

async fn ends_within(run: &mut Run, time: Duration) -> bool {
    let to_the_end = async {
        while let Some(event) = run.next().await {
            schema::check(&event);
        }
    };
    tokio::time::timeout(time, to_the_end).await.is_ok()
}

fn next() -> PlanOptions {
    PlanOptions::default().target("1.32.6-aliyun.1")
}

#[tokio::test(start_paused = true)]
async fn a_whole_cluster_over_two_hops() {
    let scene = Scene::of(seed()).await;
    let store = Memory::default();
    let options = RunOptions::default().parallelism(2).checkpoints(store.clone());
    let mut run = scene.run(&PlanOptions::default().target("1.33"), options).await;
    insta::assert_snapshot!(follow(&mut run).await);
    let version = Some("1.33.3-aliyun.1".to_owned());
    assert_eq!(run.outcome(), Some(&Outcome::Succeeded { version, verified: true }));
    assert_eq!(scene.starts(), [2, 4, 1]);
    assert!(run.under_way().is_empty() && store.latest().finished);
    let again = scene.upgrades.plan(CLUSTER, &PlanOptions::default().target("1.33")).await.unwrap();
    assert!(again.is_empty());
}

#[tokio::test(start_paused = true)]
async fn events_are_flat_objects() {
    let scene = Scene::of(seed()).await;
    let plan = next().node_pools(Selection::Only(vec!["np-blue".to_owned()])).addons(Selection::None);
    let mut run = scene.run(&plan, RunOptions::default()).await;
    let mut lines = Vec::new();
    while let Some(event) = run.next().await {
        schema::check(&event);
        let mut value = serde_json::to_value(&event).unwrap();
        for field in ["task_id", "request_id"] {
            if let Some(text) = value.get_mut(field) {
                *text = field.into();
            }
        }
        if let Some(status) = value.get_mut("status") {
            *status = "...".into();
        }
        lines.push(value.to_string());
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_dropped_goes_on_from_any_checkpoint() {
    let scene = Scene::of(seed()).await;
    let store = Memory::default();
    let options = || RunOptions::default().parallelism(2).checkpoints(store.clone());
    let mut run = scene.run(&next(), options()).await;
    let mut restarts = 0;
    while !ends_within(&mut run, moment(restarts)).await {
        drop(run);
        restarts += 1;
        let is_new = store.0.lock().unwrap().is_empty();
        run = match is_new {
            true => scene.run(&next(), options()).await,
            false => scene.upgrades.continue_run(store.latest(), options()),
        };
    }
    assert!(run.outcome().unwrap().is_success(), "{run:?}");
    assert!(restarts > 5, "{restarts}");
    assert_eq!(scene.starts(), [1, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn without_its_checkpoint_a_run_looks_at_the_cluster() {
    let scene = Scene::of(seed()).await;
    let mut restarts = 0;
    loop {
        let mut run = scene.run(&PlanOptions::default().target("1.33"), RunOptions::default()).await;
        if ends_within(&mut run, moment(restarts)).await {
            assert!(run.outcome().unwrap().is_success(), "{run:?}");
            break;
        }
        restarts += 1;
    }
    assert!(restarts > 5, "{restarts}");
    assert_eq!(scene.starts(), [2, 4, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_comes_to_rest_while_it_is_planned_for_is_looked_at_again() {
    let scene = Scene::of(seed()).await;
    scene.upgrades.start(CLUSTER, "1.32.6-aliyun.1").await.unwrap();
    // The task has succeeded by then, and the cluster settles for another five seconds.
    tokio::time::sleep(Duration::from_secs(400)).await;
    let late = "{fault: delay, by: 8s, operation: DescribeClusterNodePools, times: 1}";
    scene.emulator.inject(late.parse().unwrap()).unwrap();
    let plan = scene.upgrades.plan(CLUSTER, &next()).await.unwrap();
    assert_eq!(plan.findings, []);
    assert_eq!((plan.cluster.version.as_str(), plan.steps.len()), ("1.32.6-aliyun.1", 3));
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_lists_do_not_show_yet_is_joined() {
    let scene = Scene::lagging(seed(), Lag::default().with_tasks(Duration::from_secs(9))).await;
    scene.upgrades.start(CLUSTER, "1.32.6-aliyun.1").await.unwrap();
    let plan = scene.upgrades.plan(CLUSTER, &next()).await.unwrap();
    assert_eq!((plan.blocking().count(), plan.steps.len()), (0, 4), "{:?}", plan.findings);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_may_have_been_sent_is_looked_for() {
    let scene = Scene::of(seed()).await;
    let store = Memory::default();
    let options = || RunOptions::default().checkpoints(store.clone());
    let mut run = scene.run(&next(), options()).await;
    while !run.under_way().iter().any(|own| own.step.starts_with("control-plane")) {
        run.next().await.unwrap();
    }
    drop(run);
    // Every checkpoint there ever was leads to the end without a second start.
    let all = store.0.lock().unwrap().clone();
    assert!(all.iter().any(|text| text.contains("starting")) && all.iter().any(|text| text.contains("started")));
    for text in all {
        let checkpoint = Checkpoint::from_json(&text).unwrap();
        let run = scene.upgrades.continue_run(checkpoint, options());
        assert!(run.await.is_success());
    }
    assert_eq!(scene.starts(), [1, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn failures_stop_it_and_the_next_run_starts_again() {
    let failing = seed().with_failure(UpgradeFailure::new(UpgradeStage::Precheck, "etcd is not healthy"));
    let scene = Scene::of(failing).await;
    let store = Memory::default();
    let options = || RunOptions::default().checkpoints(store.clone()).run_checks(false);
    let mut run = scene.run(&next(), options()).await;
    insta::assert_snapshot!(follow(&mut run).await);
    assert!(matches!(run.outcome(), Some(Outcome::Failed { .. })));
    let failed = store.latest().steps.into_values().next().unwrap();
    assert!(matches!(failed, StepProgress::Failed { .. }), "{failed:?}");
    let run = scene.upgrades.continue_run(store.latest(), options());
    assert!(run.await.is_success());
    assert_eq!(scene.starts(), [2, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_checks_find_in_the_way_stops_it_before_anything_is_sent() {
    let scene = Scene::of(
        seed()
            .with_finding(Finding::warning("DeprecatedAPI", "policy/v1beta1 is used").in_check("MasterUpgrade"))
            .with_finding(Finding::error("NodeStatus", "2 nodes are NotReady").in_check("NodePoolUpgrade")),
    )
    .await;
    let mut run = scene.run(&next(), RunOptions::default()).await;
    insta::assert_snapshot!(follow(&mut run).await);
    assert_eq!(scene.starts(), [1, 0, 0]);
    let blocked = next().window(Window::parse("01:00-01:05", "UTC").unwrap());
    let run = scene.run(&blocked, RunOptions::default()).await;
    let Outcome::Failed { reason } = run.await else { panic!() };
    assert!(reason.starts_with("nothing was started: "), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn node_pools_that_fail_stop_the_others_unless_told_otherwise() {
    let trouble = || NodeTrouble::Fails { message: "kubelet does not start".to_owned() };
    for (keeps_going, pools) in [(false, 1), (true, 2)] {
        let blue = NodePoolSeed::new("np-blue", 3).with_trouble(0, trouble());
        let seed = ClusterSeed::managed(CLUSTER, "test", FROM)
            .with_node_pool(blue)
            .with_node_pool(NodePoolSeed::new("np-green", 2));
        let scene = Scene::of(seed).await;
        let mut run = scene.run(&next(), RunOptions::default().keep_going(keeps_going)).await;
        let events = follow(&mut run).await;
        assert!(matches!(run.outcome(), Some(Outcome::Failed { .. })), "{events}");
        assert_eq!(scene.starts(), [1, pools, 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_touches_nothing() {
    let scene = Scene::of(seed()).await;
    let store = Memory::default();
    let options = || RunOptions::default().checkpoints(store.clone());
    let run = scene.run(&next(), options().time_limit(Duration::from_secs(200))).await;
    assert_eq!(run.await.to_string(), "still running at the time limit (upgrading)");
    assert!(scene.upgrades.continue_run(store.latest(), options().time_limit(None)).await.is_success());
    assert_eq!(scene.starts(), [1, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_that_cannot_be_noted() {
    let scene = Scene::of(seed()).await;
    let run = scene.run(&next(), RunOptions::default().checkpoints(Full)).await;
    let Outcome::Failed { reason } = run.await else { panic!() };
    insta::assert_snapshot!(reason, @"control plane from 1.31.1-aliyun.1 to 1.32.6-aliyun.1 was not started: the checkpoint cannot be kept: no storage space");
    assert_eq!(scene.starts(), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn work_of_somebody_else_is_joined_or_named() {
    let scene = Scene::of(seed()).await;
    let plan = scene.upgrades.plan(CLUSTER, &next()).await.unwrap();
    scene.upgrades.start(CLUSTER, "1.32.6-aliyun.1").await.unwrap();
    let run = scene.upgrades.run(plan.clone(), RunOptions::default());
    assert!(run.await.is_success());
    assert_eq!(scene.starts(), [1, 2, 1]);
    // The same plan once more has nothing to do, and one that starts elsewhere does not fit any more.
    assert!(scene.upgrades.run(plan.clone(), RunOptions::default()).await.is_success());
    let scene = Scene::of(ClusterSeed::managed(CLUSTER, "test", "1.32.1-aliyun.1")).await;
    let Outcome::Failed { reason } = scene.upgrades.run(plan, RunOptions::default()).await else { panic!() };
    insta::assert_snapshot!(reason, @"the control plane is at 1.32.1-aliyun.1, and the plan was to bring it from 1.31.1-aliyun.1 to 1.32.6-aliyun.1: make a new plan, and give it a checkpoint of its own, for that of this plan leads here again");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_answer_is_borne_for_a_while() {
    let scene = Scene::of(seed()).await;
    let plan = scene.upgrades.plan(CLUSTER, &next()).await.unwrap();
    scene.emulator.shutdown().await;
    let mut run = scene.upgrades.run(plan, RunOptions::default().max_errors(3));
    let events = follow(&mut run).await;
    assert_eq!(
        events.matches("a look failed").count() + events.matches("looks in a row failed").count(),
        2,
        "{events}"
    );
    assert!(matches!(run.outcome(), Some(Outcome::Lost { .. })), "{events}");
}

#[tokio::test(start_paused = true)]
async fn checkpoints_are_kept_in_their_form() {
    let scene = Scene::of(seed()).await;
    let store = Memory::default();
    let plan = next().node_pools(Selection::None).addons(Selection::None);
    assert!(scene.run(&plan, RunOptions::default().checkpoints(store.clone())).await.await.is_success());
    let steps = store.latest().steps;
    assert_eq!(steps.into_values().collect::<Vec<_>>(), [StepProgress::Done]);
    let all = store.0.lock().unwrap().clone();
    let states = all.iter().map(|text| {
        let mut value: serde_json::Value = serde_json::from_str(text).unwrap();
        value["plan"] = "...".into();
        let mut text = serde_json::to_string_pretty(&value).unwrap();
        for (id, word) in [("task_id", "T-1"), ("request_id", "R-1")] {
            if let Some(own) = value.pointer(&format!("/steps/control-plane:1.32.6-aliyun.1/handle/{id}")) {
                text = text.replace(own.as_str().unwrap(), word);
            }
        }
        text
    });
    insta::assert_snapshot!(states.collect::<Vec<_>>().join("\n"));
    for text in [
        "",
        "{}",
        r#"{"format":"ack-upgrade-checkpoint","format_version":2}"#,
        r#"{"format":"ack-upgrade-checkpoint","format_version":1}"#,
    ] {
        assert!(Checkpoint::from_json(text).unwrap_err().is_invalid_input(), "{text}");
    }
}
