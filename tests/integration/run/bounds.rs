//! Every wait ends by itself: with a service that does not answer or only refuses, and with one on which nothing moves.

use std::fmt;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use ack_client::Client;
use ack_client::auth::StaticCredentials;
use ack_emulator::{ClusterSeed, Emulator, ManualClock, NodePoolSeed, UpgradeDurations};
use ack_upgrade::fleet::{Account, Fleet, FleetRunOptions, Looks};
use ack_upgrade::{
    ControlOptions, OnPause, Outcome, PlanOptions, RunOptions, UpgradeHandle, Upgrades, WatchOptions, Window,
};
use tokio::time::Instant;

use super::windows::Night;
use super::{CLUSTER, FROM, NOW, Scene, next, seed};

const MINUTES: Duration = Duration::from_secs(60);
const TARGET: &str = "1.32.6-aliyun.1";

/// Something that waits: its name, the longest it may take, and how it ended.
type Wait<'a> = (&'static str, Duration, Pin<Box<dyn Future<Output = String> + 'a>>);

/// Fails if one of them takes longer than it may, and tells how each has ended.
async fn all_end(waits: Vec<Wait<'_>>) -> String {
    let mut lines = Vec::new();
    for (what, limit, wait) in waits {
        let began = Instant::now();
        let ended = tokio::time::timeout(limit, wait).await;
        let ended = ended.unwrap_or_else(|_| unreachable!("{what} goes on after {:?}", began.elapsed()));
        lines.push(format!("{what}: {ended}"));
    }
    lines.join("\n")
}

fn result<T, E: fmt::Display>(result: Result<T, E>) -> String {
    result.map_or_else(|_| "an error".to_owned(), |_| "done".to_owned())
}

fn outcome(outcome: &Outcome) -> String {
    let name = format!("{outcome:?}");
    name.split(' ').next().unwrap_or_default().to_owned()
}

fn fleet(upgrades: &Upgrades) -> Fleet {
    let client = upgrades.client().clone();
    let account = Account::new("one", "cn-hangzhou", move |_| Ok(client.clone()));
    Fleet::new([account]).unwrap()
}

#[tokio::test(start_paused = true)]
async fn with_a_service_that_does_not_answer() {
    let mut seen: Option<String> = None;
    for fault in [
        "{fault: stall}",
        "{fault: delay, by: 1h}",
        "{fault: server-error, status: 503}",
        "{fault: throttle, retry_after: 1h}",
        "{fault: reset}",
    ] {
        let scene = Scene::of(seed()).await;
        let upgrades = &scene.upgrades;
        let plan = upgrades.plan(CLUSTER, &next()).await.unwrap();
        let started = upgrades.start(CLUSTER, TARGET).await.unwrap();
        let handle = started.handle();
        scene.emulator.inject(fault.parse().unwrap()).unwrap();
        let (watch, run) = (WatchOptions::default().time_limit(None), RunOptions::default().time_limit(None));
        let control = ControlOptions::default();
        let (one, many, wanted) = (MINUTES * 5, MINUTES * 120, next());
        let fleet = fleet(upgrades);
        let waits: Vec<Wait<'_>> = vec![
            ("status", one, Box::pin(async { result(upgrades.status(CLUSTER).await) })),
            ("history", one, Box::pin(async { result(upgrades.history(CLUSTER, 10).await) })),
            ("plan", one, Box::pin(async { result(upgrades.plan(CLUSTER, &wanted).await) })),
            ("changes", one, Box::pin(async { result(upgrades.changes_since(&plan).await) })),
            ("start", one, Box::pin(async { result(upgrades.start(CLUSTER, TARGET).await) })),
            ("pause", one, Box::pin(async { result(upgrades.pause(handle, &control).await) })),
            ("resume", one, Box::pin(async { result(upgrades.resume(handle, &control).await) })),
            ("cancel", one, Box::pin(async { result(upgrades.cancel(handle, &control).await) })),
            ("watch", many, Box::pin(async { outcome(&upgrades.watch_with(handle, watch).await) })),
            ("run", many, Box::pin(async { outcome(&upgrades.run(plan.clone(), run).await) })),
            (
                "fleet status",
                one,
                Box::pin(async { format!("{} problems", fleet.status(Looks::Every).await.problems.len()) }),
            ),
            ("fleet run", one, Box::pin(async { result(fleet.run(next(), FleetRunOptions::default()).await) })),
        ];
        let ended = all_end(waits).await;
        assert_eq!(*seen.get_or_insert_with(|| ended.clone()), ended, "{fault}");
    }
    insta::assert_snapshot!(seen.unwrap_or_default());
}

/// A cloud whose time stands still, so that nothing ever comes to its end, and a caller whose time goes on.
async fn standstill() -> Scene {
    let seed = ClusterSeed::managed(CLUSTER, "test", FROM).with_node_pool(NodePoolSeed::new("np-blue", 3));
    let durations = UpgradeDurations::default().with_control(Duration::from_secs(1));
    let clock = ManualClock::new(SystemTime::UNIX_EPOCH + NOW);
    let builder = Emulator::builder().access_key("key", "secret").clock(clock).durations(durations).cluster(seed);
    let emulator = builder.start().await.unwrap();
    let keys = StaticCredentials::access_key("key", "secret").unwrap();
    let client = Client::builder().endpoint(emulator.endpoint()).credentials(keys).build().unwrap();
    Scene { emulator, upgrades: Upgrades::new(client) }
}

#[tokio::test(start_paused = true)]
async fn with_a_service_on_which_nothing_moves() {
    let scene = standstill().await;
    let upgrades = &scene.upgrades;
    let wanted = next();
    let plan = upgrades.plan(CLUSTER, &wanted).await.unwrap();
    let with_checks = next().run_checks(true);
    let handle = UpgradeHandle::new(CLUSTER).with_target_version(TARGET);
    let control = ControlOptions::default();
    let waiting = WatchOptions::default().on_pause(OnPause::KeepWaiting);
    let run = || RunOptions::default().time_limit(MINUTES * 180);
    let waits: Vec<Wait<'_>> = vec![
        // A check is given ten minutes, the cluster's and that of its node pool.
        ("plan", MINUTES * 21, Box::pin(async { result(upgrades.plan(CLUSTER, &with_checks).await) })),
        ("run", MINUTES * 181, Box::pin(async { outcome(&upgrades.run(plan.clone(), run()).await) })),
        ("start", MINUTES, Box::pin(async { result(upgrades.start(CLUSTER, TARGET).await) })),
        ("watch", MINUTES * 91, Box::pin(async { outcome(&upgrades.watch(&handle).await) })),
        ("watch on", MINUTES * 91, Box::pin(async { outcome(&upgrades.watch_with(&handle, waiting).await) })),
        ("pause", MINUTES * 11, Box::pin(async { result(upgrades.pause(&handle, &control).await) })),
        ("cancel", MINUTES * 11, Box::pin(async { result(upgrades.cancel(&handle, &control).await) })),
        (
            "fleet run",
            MINUTES * 181,
            Box::pin(async {
                let options = FleetRunOptions::default().run(run());
                outcome_of_fleet(fleet(upgrades).run(PlanOptions::default().target(TARGET), options).await).await
            }),
        ),
    ];
    insta::assert_snapshot!(all_end(waits).await);
}

async fn outcome_of_fleet(run: Result<ack_upgrade::fleet::FleetRun, ack_upgrade::Error>) -> String {
    let mut run = run.unwrap();
    while run.next().await.is_some() {}
    format!("{:?}", run.summary().unwrap().end)
}

/// A window that does not open within two years ends a run at once.
#[tokio::test(start_paused = true)]
async fn with_a_window_that_never_opens() {
    let scene = Scene::of(seed()).await;
    let window = Window::parse("01:00-05:00", "UTC").unwrap();
    let mut stored = serde_json::to_value(&window).unwrap();
    stored["exclusions"] = serde_json::json!([{"from": "2020-01-01T00:00:00Z", "to": "2040-01-01T00:00:00Z"}]);
    let never: Window = serde_json::from_value(stored).unwrap();
    let plan = scene.upgrades.plan(CLUSTER, &next().window(never)).await.unwrap();
    let began = Instant::now();
    let ended = scene.upgrades.run(plan, RunOptions::default().time_limit(None)).await;
    assert!(matches!(&ended, Outcome::Failed { .. }), "{ended:?}");
    assert!(began.elapsed() < MINUTES && scene.starts() == [0, 0, 0]);
}

/// What the window has paused and what cannot be resumed ends a run with the next window, whatever its own limit.
#[tokio::test(start_paused = true)]
async fn with_an_upgrade_that_cannot_be_resumed() {
    for fault in ["{fault: stall}", "{fault: error, status: 400, code: TaskNotResumable, message: not now}"] {
        let night = Night::new(60, UpgradeDurations::default()).await;
        let fault = fault.replace('}', ", operation: ResumeTask}");
        night.scene.emulator.inject(fault.parse().unwrap()).unwrap();
        let (plan, began) = (night.plan().await, Instant::now());
        let run = night.scene.upgrades.run(plan, night.options().time_limit(None));
        // It closes for the second time after 92155 seconds.
        let waits: Vec<Wait<'_>> = vec![("run", MINUTES * 1540, Box::pin(async { outcome(&run.await) }))];
        assert_eq!(all_end(waits).await, "run: Paused");
        assert!(began.elapsed() > MINUTES * 1535, "{:?}", began.elapsed());
    }
}
