//! Plans and starts of every kind against the emulator.

use std::time::{Duration, SystemTime};

use ack_client::Client;
use ack_client::auth::{FixedClock, StaticCredentials};
use ack_client::models::MaintenanceWindow;
use ack_emulator::{AddonSeed, ClusterSeed, Emulator, Finding, NodePoolSeed, RunningEmulator};
use ack_upgrade::{
    AddonChange, NodePoolUpgrade, Outcome, Plan, PlanOptions, Selection, Target, UpgradeHandle, UpgradeKind, Upgrades,
    Window,
};

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";
const FROM: &str = "1.31.1-aliyun.1";
const NEXT: &str = "1.32.6-aliyun.1";

/// 2026-01-02T03:04:05Z.
const NOW: Duration = Duration::from_secs(1_767_323_045);

fn seed() -> ClusterSeed {
    ClusterSeed::managed(CLUSTER, "test", FROM)
        .with_node_pool(NodePoolSeed::new("np-blue", 4).with_name("blue"))
        .with_node_pool(NodePoolSeed::new("np-green", 2).with_version("1.30.7-aliyun.1"))
        .with_node_pool(NodePoolSeed::new("np-empty", 0))
        .with_addon(AddonSeed::new("coredns", "v1.9.3.6-a").with_next_version("v1.11.3.2-b").with_required(true))
        .with_addon(AddonSeed::new("terway", "v1.0.0"))
}

async fn emulated(seed: ClusterSeed) -> (RunningEmulator, Upgrades) {
    let emulator = Emulator::builder().access_key("key", "secret").cluster(seed).start().await.unwrap();
    let client = Client::builder()
        .endpoint(emulator.endpoint())
        .credentials(StaticCredentials::access_key("key", "secret").unwrap())
        .build()
        .unwrap();
    (emulator, Upgrades::new(client).with_clock(FixedClock(SystemTime::UNIX_EPOCH + NOW)))
}

fn shown(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(|step| {
        format!("{} {step}\n    {} {} {}", step.stage, step.request.method, step.request.path, step.request.body)
    });
    steps.chain(plan.findings.iter().map(ToString::to_string)).collect::<Vec<_>>().join("\n")
}

fn writes(emulator: &RunningEmulator) -> usize {
    emulator.requests().iter().filter(|request| request.method != "GET").count()
}

#[tokio::test(start_paused = true)]
async fn a_plan_for_the_whole_cluster() {
    let (emulator, upgrades) = emulated(seed()).await;
    let plan = upgrades.plan(CLUSTER, &PlanOptions::default().target("1.33")).await.unwrap();
    insta::assert_snapshot!(shown(&plan));
    assert_eq!(plan.target_version, "1.33.3-aliyun.1");
    assert_eq!(plan.blocking().count(), 0);
    assert_eq!(writes(&emulator), 0);
    assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
    assert_eq!(upgrades.changes_since(&plan).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn targets() {
    let (_emulator, upgrades) = emulated(seed()).await;
    let options = || PlanOptions::default().node_pools(Selection::None).addons(Selection::None);
    for (target, reached) in [
        (Target::Next, NEXT),
        (Target::Latest, "1.34.3-aliyun.1"),
        ("1.32.1-aliyun.1".into(), "1.32.1-aliyun.1"),
        (FROM.into(), FROM),
    ] {
        let plan = upgrades.plan(CLUSTER, &options().target(target.clone())).await.unwrap();
        assert_eq!(plan.target_version, reached, "{target}");
        assert_eq!(plan.is_empty(), reached == FROM);
    }
    let error = upgrades.plan(CLUSTER, &options().target("1.33.9-aliyun.1")).await.unwrap_err();
    assert!(error.is_refused());
    insta::assert_snapshot!(error, @"version 1.33.9-aliyun.1 cannot be reached from 1.31.1-aliyun.1: the nearest version that can is 1.33.3-aliyun.1; the next versions from here are 1.31.9-aliyun.1, 1.32.1-aliyun.1, 1.32.6-aliyun.1");
}

#[tokio::test(start_paused = true)]
async fn checks_are_run_only_when_asked_for() {
    let seed = seed()
        .with_finding(Finding::warning("DeprecatedAPI", "policy/v1beta1 is used").with_target("restricted"))
        .with_finding(
            Finding::error("NodeStatus", "2 nodes are NotReady").in_check("NodePoolUpgrade").in_node_pool("np-blue"),
        );
    let (emulator, upgrades) = emulated(seed).await;
    let options = PlanOptions::default().target(Target::Next).addons(Selection::None);
    let plan = upgrades.plan(CLUSTER, &options).await.unwrap();
    assert!(!plan.checked && plan.findings.is_empty() && writes(&emulator) == 0);
    let plan = upgrades.plan(CLUSTER, &options.run_checks(true)).await.unwrap();
    let found: Vec<String> = plan.findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(found.join("\n"), @r"
    warning: DeprecatedAPI: policy/v1beta1 is used (restricted)
    blocking: NodeStatus: 2 nodes are NotReady
    ");
    assert_eq!((plan.blocking().count(), emulator.count("RunClusterCheck"), writes(&emulator)), (1, 3, 3));
}

#[tokio::test(start_paused = true)]
async fn windows_of_the_cluster_and_of_the_caller() {
    let off = MaintenanceWindow { enable: Some(false), ..Default::default() };
    let (_emulator, upgrades) = emulated(seed().with_maintenance_window(off)).await;
    let error = upgrades.plan(CLUSTER, &PlanOptions::default().cluster_window()).await.unwrap_err();
    assert!(error.is_invalid_input());
    insta::assert_snapshot!(error, @"cluster c106f377e16f34eb1808d6b9362c9test has no maintenance window, or it is switched off: give a window of your own");
    let own = MaintenanceWindow {
        enable: Some(true),
        maintenance_time: Some("2024-10-15T01:00:00.000+08:00".to_owned()),
        duration: Some("3h".to_owned()),
        weekly_period: Some("Monday,Thursday".to_owned()),
        ..Default::default()
    };
    let (_emulator, upgrades) = emulated(seed().with_maintenance_window(own)).await;
    let plan = upgrades.plan(CLUSTER, &PlanOptions::default().cluster_window()).await.unwrap();
    assert_eq!(plan.window.unwrap().to_string(), "Mon,Thu 01:00-04:00 +08:00");
    let short = Window::parse("01:00-01:10", "UTC").unwrap();
    let plan = upgrades.plan(CLUSTER, &PlanOptions::default().target(Target::Next).window(short)).await.unwrap();
    let blocking: Vec<String> = plan.blocking().map(ToString::to_string).collect();
    insta::assert_snapshot!(blocking.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_under_way_is_the_first_hop() {
    let (_emulator, upgrades) = emulated(ClusterSeed::managed(CLUSTER, "test", FROM)).await;
    let options = PlanOptions::default().target("1.33").node_pools(Selection::None).addons(Selection::None);
    let before = upgrades.plan(CLUSTER, &options).await.unwrap();
    upgrades.start(CLUSTER, "1.32.1-aliyun.1").await.unwrap();
    let plan = upgrades.plan(CLUSTER, &options).await.unwrap();
    let shown = shown(&plan);
    let task = upgrades.status(CLUSTER).await.unwrap().task_id.unwrap();
    insta::assert_snapshot!(shown.replace(&task, "T-1"));
    let changes = upgrades.changes_since(&before).await.unwrap();
    assert_eq!(changes, ["the cluster's state was running and is upgrading"]);
}

/// Or the control plane would stop half-way, where the service refuses to go on.
#[tokio::test(start_paused = true)]
async fn node_pools_that_stay_behind_block_what_they_are_too_old_for() {
    let (emulator, upgrades) = emulated(seed()).await;
    let options = |target: Target| PlanOptions::default().target(target).node_pools(Selection::None);
    let next = upgrades.plan(CLUSTER, &options(Target::Next)).await.unwrap();
    let relaxed = upgrades.plan(CLUSTER, &options(Target::Next).max_skew(2)).await.unwrap();
    assert_eq!((relaxed.findings.len(), relaxed.steps.len(), relaxed.cluster.node_pools), (0, next.steps.len(), None));
    let latest = upgrades.plan(CLUSTER, &options(Target::Latest)).await.unwrap();
    insta::assert_snapshot!([next, latest].map(|plan| shown(&plan)).join("\n\n"));
    // Nothing is to be upgraded, and so nothing is asked for.
    let asked = emulator.count("DescribeClusterNodePools");
    let nothing = upgrades.plan(CLUSTER, &options(FROM.into()).addons(Selection::None)).await.unwrap();
    assert!(nothing.is_empty() && nothing.findings.is_empty());
    assert_eq!(emulator.count("DescribeClusterNodePools"), asked);
}

#[tokio::test(start_paused = true)]
async fn clusters_that_cannot_be_upgraded_now() {
    let (_emulator, upgrades) = emulated(seed().with_state("scaling")).await;
    let plan = upgrades.plan(CLUSTER, &PlanOptions::default()).await.unwrap();
    assert_eq!(
        plan.blocking().map(ToString::to_string).collect::<Vec<_>>(),
        ["blocking: ClusterState: the cluster is `scaling`; it has to be `running`"]
    );
    let error = upgrades.plan("c0", &PlanOptions::default()).await.unwrap_err();
    assert!(error.client().unwrap().is_not_found());
    let addon = PlanOptions::default().addons("coredns,flannel".parse().unwrap());
    let error = upgrades.plan(CLUSTER, &addon).await.unwrap_err();
    assert!(error.is_invalid_input());
    insta::assert_snapshot!(error, @r#"cluster c106f377e16f34eb1808d6b9362c9test has no add-on "flannel": it has coredns, metrics-server, nginx-ingress-controller, terway"#);
}

#[tokio::test(start_paused = true)]
async fn a_node_pool_is_upgraded_at_most_once() {
    let (emulator, upgrades) = emulated(seed()).await;
    let how = NodePoolUpgrade::default().max_parallelism(1);
    let first = upgrades.start_node_pool(CLUSTER, "np-green", FROM, &how).await.unwrap();
    let second = upgrades.start_node_pool(CLUSTER, "np-green", FROM, &how).await.unwrap();
    assert!(!first.is_joined() && second.is_joined());
    assert_eq!(first.handle().task_id, second.handle().task_id);
    let other = upgrades.start_node_pool(CLUSTER, "np-green", "1.30.9-aliyun.1", &how).await.unwrap_err();
    assert!(other.is_refused(), "{other}");
    let task = first.handle().task_id.as_deref().unwrap();
    insta::assert_snapshot!(other.to_string().replace(task, "T-1"));
    let outcome = upgrades.watch(first.handle()).await;
    assert_eq!(outcome, Outcome::Succeeded { version: Some(FROM.to_owned()), verified: true });
    let done = upgrades.start_node_pool(CLUSTER, "np-green", FROM, &how).await.unwrap_err();
    insta::assert_snapshot!(done, @"node pool np-green of cluster c106f377e16f34eb1808d6b9362c9test is at version 1.31.1-aliyun.1 already");
    let careless = upgrades.start_node_pool(CLUSTER, "np-green", FROM, &how.max_parallelism(99)).await.unwrap_err();
    assert!(careless.is_invalid_input());
    let unknown = upgrades.start_node_pool(CLUSTER, "np-red", FROM, &NodePoolUpgrade::default()).await.unwrap_err();
    assert!(unknown.client().unwrap().is_not_found(), "{unknown}");
    assert_eq!(emulator.count("UpgradeClusterNodepool"), 1);
}

#[tokio::test(start_paused = true)]
async fn addons_are_upgraded_at_most_once() {
    let (emulator, upgrades) = emulated(seed()).await;
    let addons = [AddonChange::new("coredns", "v1.11.3.2-b")];
    let first = upgrades.start_addons(CLUSTER, &addons).await.unwrap();
    let second = upgrades.start_addons(CLUSTER, &addons).await.unwrap();
    assert!(!first.is_joined() && second.is_joined());
    assert_eq!(first.handle().task_id, second.handle().task_id);
    let other = upgrades.start_addons(CLUSTER, &[AddonChange::new("coredns", "v1.12")]).await.unwrap_err();
    assert!(other.is_refused());
    let task = first.handle().task_id.as_deref().unwrap();
    insta::assert_snapshot!(other.to_string().replace(task, "T-1"));
    let outcome = upgrades.watch(first.handle()).await;
    assert!(outcome.is_success(), "{outcome}");
    let done = upgrades.start_addons(CLUSTER, &addons).await.unwrap_err();
    assert!(done.is_refused());
    insta::assert_snapshot!(done, @"add-on coredns of cluster c106f377e16f34eb1808d6b9362c9test cannot be upgraded: the versions wanted are installed already");
    assert!(upgrades.start_addons(CLUSTER, &[]).await.unwrap_err().is_invalid_input());
    assert_eq!(emulator.count("UpgradeClusterAddons"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_done_is_not_planned_again() {
    let (_emulator, upgrades) = emulated(seed()).await;
    let options = PlanOptions::default().target(Target::Next);
    for _ in 0..10 {
        let plan = upgrades.plan(CLUSTER, &options.clone().target(NEXT)).await.unwrap();
        let Some(step) = plan.steps.first() else { break };
        let started = match &step.change {
            ack_upgrade::Change::ControlPlane { to, .. } => upgrades.start(CLUSTER, to).await,
            ack_upgrade::Change::NodePool { nodepool_id, to, .. } => {
                upgrades.start_node_pool(CLUSTER, nodepool_id, to, &NodePoolUpgrade::default()).await
            }
            ack_upgrade::Change::Addons { addons } => upgrades.start_addons(CLUSTER, addons).await,
            other => panic!("{other}"),
        };
        assert!(upgrades.watch(started.unwrap().handle()).await.is_success());
    }
    assert!(upgrades.plan(CLUSTER, &options.target(NEXT)).await.unwrap().is_empty());
    let pool = UpgradeHandle::new(CLUSTER).with_kind(UpgradeKind::node_pool("np-green"));
    assert_eq!(upgrades.status(pool).await.unwrap().current_version.as_deref(), Some(NEXT));
}
