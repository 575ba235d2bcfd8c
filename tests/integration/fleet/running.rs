//! Upgrading fleets in waves.

mod left_alone;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ack_emulator::{UpgradeFailure, UpgradeStage};
use ack_upgrade::fleet::{
    FailureBudget, Fleet, FleetCheckpoint, FleetEnd, FleetEventKind, FleetNews, FleetRun, FleetRunOptions, FleetStore,
    FleetSummary, Selector,
};
use ack_upgrade::{CheckpointStore, EventKind, PlanOptions, RunNews};

use super::{Scene, id, line, ordered, seed};

/// Keeps checkpoints in memory.
#[derive(Clone, Debug, Default)]
struct Memory(Arc<Mutex<HashMap<String, String>>>);

#[derive(Debug)]
struct Slot(Memory, String);

impl FleetStore for Memory {
    fn of_fleet(&self) -> Arc<dyn CheckpointStore> {
        Arc::new(Slot(self.clone(), "fleet".to_owned()))
    }

    fn of_cluster(&self, account: &str, cluster_id: &str) -> Arc<dyn CheckpointStore> {
        Arc::new(Slot(self.clone(), format!("{account}/{cluster_id}")))
    }
}

impl CheckpointStore for Slot {
    fn load(&self) -> std::io::Result<Option<String>> {
        Ok(self.0.0.lock().unwrap().get(&self.1).cloned())
    }

    fn save(&self, checkpoint: &str) -> std::io::Result<()> {
        self.0.0.lock().unwrap().insert(self.1.clone(), checkpoint.to_owned());
        Ok(())
    }
}

impl Memory {
    fn fleet(&self) -> Option<FleetCheckpoint> {
        let text = self.of_fleet().load().unwrap()?;
        Some(FleetCheckpoint::from_json(&text).unwrap())
    }
}

/// A disk that is full.
#[derive(Debug)]
struct Full;

impl FleetStore for Full {
    fn of_fleet(&self) -> Arc<dyn CheckpointStore> {
        Arc::new(Self)
    }

    fn of_cluster(&self, _account: &str, _cluster_id: &str) -> Arc<dyn CheckpointStore> {
        Arc::new(Self)
    }
}

impl CheckpointStore for Full {
    fn load(&self) -> std::io::Result<Option<String>> {
        Ok(None)
    }

    fn save(&self, _checkpoint: &str) -> std::io::Result<()> {
        Err(std::io::ErrorKind::StorageFull.into())
    }
}

fn plan() -> PlanOptions {
    PlanOptions::default().target("1.32")
}

fn options(waves: &str) -> FleetRunOptions {
    FleetRunOptions::default().waves(waves.parse().unwrap())
}

fn failing() -> UpgradeFailure {
    UpgradeFailure::new(UpgradeStage::ControlPlane, "etcd is not healthy")
}

/// What is told of fleet and clusters; the upgrades of the steps are left out.
async fn follow(run: &mut FleetRun) -> String {
    let mut lines = Vec::new();
    while let Some(event) = run.next().await {
        let text = line(&event);
        let is_detail = matches!(
            event.kind,
            FleetEventKind::Upgrade(_) | FleetEventKind::Run(RunNews::RunStarted { .. } | RunNews::CheckFinding { .. })
        );
        if !is_detail {
            lines.push(text);
        }
    }
    ordered(lines)
}

#[tokio::test(start_paused = true)]
async fn waves_begin_when_the_one_before_has_succeeded() {
    let scene = Scene::of((1..=6).map(seed)).await;
    let fleet = scene.fleet([scene.account("one")]);
    let options = options("canary 1, 50 %, rest").first([id(4)]).parallelism(2).soak(Duration::from_secs(600));
    let mut run = fleet.run(plan(), options).await.unwrap();
    insta::assert_snapshot!(follow(&mut run).await);
    let summary = run.summary().unwrap();
    assert!(summary.is_success(), "{summary}");
    assert_eq!(scene.emulator.accepted("UpgradeCluster"), 6);
}

#[tokio::test(start_paused = true)]
async fn a_spent_budget_starts_nothing_new() {
    let seeds = || {
        (1..=6).map(|number| if [2, 3].contains(&number) { seed(number).with_failure(failing()) } else { seed(number) })
    };
    let ends = |budget: &'static str| async move {
        let scene = Scene::of(seeds()).await;
        let budget = budget.parse::<FailureBudget>().unwrap();
        let options = options("1, 2, rest").failure_budget(budget);
        let mut run = scene.fleet([scene.account("one")]).run(plan(), options).await.unwrap();
        let text = follow(&mut run).await;
        (text, run.summary().unwrap(), scene.emulator.accepted("UpgradeCluster"))
    };
    let (text, summary, starts) = ends("0").await;
    insta::assert_snapshot!(text);
    assert_eq!((summary.succeeded, summary.failed, summary.not_started, starts), (1, 1, 4, 2));
    let (_, summary, starts) = ends("20%").await;
    assert_eq!((summary.end, summary.not_started, starts), (FleetEnd::BudgetSpent, 3, 3));
    let (text, summary, starts) = ends("2").await;
    assert!(text.contains("wave 2: succeeded: 0 clusters, 2 failed within the budget"), "{text}");
    assert_eq!((summary.end, summary.succeeded, summary.failed, starts), (FleetEnd::Done, 4, 2, 6));
    assert!(!summary.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_dropped_goes_on_and_starts_nothing_twice() {
    let scene = Scene::of((1..=5).map(seed)).await;
    let store = Memory::default();
    let options = || options("1, rest").parallelism(2).checkpoints(store.clone());
    let fleet = scene.fleet([scene.account("one")]);
    let mut restarts = 0_u64;
    let summary = loop {
        let mut run = match store.fleet() {
            None => fleet.run(plan(), options()).await.unwrap(),
            Some(checkpoint) => fleet.continue_run(checkpoint, plan(), options()).unwrap(),
        };
        let moment = Duration::from_secs(20 + restarts * 37 % 150);
        let to_the_end = async { while run.next().await.is_some() {} };
        if tokio::time::timeout(moment, to_the_end).await.is_ok() {
            break run.summary().unwrap();
        }
        restarts += 1;
    };
    assert!(summary.is_success() && restarts > 10, "{summary} after {restarts}");
    let starts = ["UpgradeCluster", "UpgradeClusterNodepool"].map(|name| scene.emulator.accepted(name));
    assert_eq!(starts, [5, 5]);
    assert!(store.fleet().unwrap().finished);
    // What is done is not done again.
    scene.emulator.forget_requests();
    let again = fleet.continue_run(store.fleet().unwrap(), plan(), options()).unwrap().await;
    assert!(again.is_success());
    assert_eq!(scene.emulator.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn clusters_that_failed_are_begun_again_if_that_is_asked_for() {
    let failure = UpgradeFailure::new(UpgradeStage::Precheck, "an API is deprecated");
    let scene = Scene::of([seed(1).with_failure(failure), seed(2)]).await;
    let store = Memory::default();
    let options = || options("rest").checkpoints(store.clone());
    let fleet = scene.fleet([scene.account("one")]);
    let summary = fleet.run(plan(), options()).await.unwrap().await;
    assert_eq!((summary.end, summary.failed, summary.not_started), (FleetEnd::BudgetSpent, 1, 1));
    let summary = fleet.continue_run(store.fleet().unwrap(), plan(), options()).unwrap().await;
    assert_eq!((summary.end, summary.failed, summary.not_started), (FleetEnd::BudgetSpent, 1, 1));
    // By then the cluster has come to rest.
    tokio::time::sleep(Duration::from_secs(120)).await;
    let again = options().retry_failed(true);
    let mut run = fleet.continue_run(store.fleet().unwrap(), plan(), again).unwrap();
    let text = follow(&mut run).await;
    assert!(run.summary().unwrap().is_success(), "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_leaves_what_is_under_way() {
    let scene = Scene::of((1..=3).map(seed)).await;
    let fleet = scene.fleet([scene.account("one")]);
    let limited = options("rest").time_limit(Duration::from_secs(900));
    let summary = fleet.run(plan(), limited).await.unwrap().await;
    let FleetSummary { end, succeeded, under_way, not_started, .. } = summary;
    assert_eq!((end, succeeded, under_way, not_started), (FleetEnd::TimeLimit, 1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_that_cannot_be_kept_on_record() {
    let scene = Scene::of((1..=3).map(seed)).await;
    let fleet = scene.fleet([scene.account("one")]);
    let mut run = fleet.run(plan(), options("rest").checkpoints(Full)).await.unwrap();
    insta::assert_snapshot!(follow(&mut run).await);
    assert_eq!(scene.emulator.count("UpgradeCluster"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_checkpoint_is_kept_in_a_readable_form() {
    let scene = Scene::of([seed(1), seed(2).with_failure(failing()), seed(3)]).await;
    let store = Memory::default();
    let fleet = scene.fleet([scene.account("one")]);
    let mut run = fleet
        .run(plan(), options("canary 1, 1").failure_budget(FailureBudget::Clusters(1)).checkpoints(store.clone()))
        .await
        .unwrap();
    let mut middle = None;
    while let Some(event) = run.next().await {
        if matches!(event.kind, FleetEventKind::Fleet(FleetNews::WaveFinished { .. })) {
            middle = middle.or_else(|| store.of_fleet().load().unwrap());
        }
        assert!(!matches!(event.kind, FleetEventKind::Upgrade(EventKind::PollError { .. })));
    }
    insta::assert_snapshot!(middle.unwrap() + &store.of_fleet().load().unwrap().unwrap());
    let other = FleetCheckpoint::from_json(r#"{"format":"ack-upgrade-checkpoint","format_version":1}"#).unwrap_err();
    let later =
        FleetCheckpoint::from_json(r#"{"format":"ack-upgrade-fleet-checkpoint","format_version":2}"#).unwrap_err();
    assert!(other.is_invalid_input() && later.is_invalid_input());
}

#[tokio::test(start_paused = true)]
async fn runs_that_make_no_sense_are_refused() {
    let scene = Scene::of((1..=2).map(seed)).await;
    let fleet = scene.fleet([scene.account("one")]);
    let store = Memory::default();
    let limited = options("rest").checkpoints(store.clone()).time_limit(Duration::from_secs(1));
    let _ = fleet.run(plan(), limited).await.unwrap().await;
    let kept = || store.fleet().unwrap();
    let none: Fleet = fleet.clone().select(Selector::default().name("nobody"));
    let other = scene.fleet([scene.account("two")]);
    let errors = [
        none.run(plan(), options("rest")).await.map(drop),
        fleet.run(plan(), options("rest").first(["c-unknown"])).await.map(drop),
        fleet.continue_run(kept(), PlanOptions::default().target("1.33"), options("rest")).map(drop),
        other.continue_run(kept(), plan(), options("rest")).map(drop),
    ];
    let texts = errors.map(|result| {
        let error = result.unwrap_err();
        assert!(error.is_invalid_input());
        error.to_string()
    });
    insta::assert_snapshot!(texts.join("\n"));
}
