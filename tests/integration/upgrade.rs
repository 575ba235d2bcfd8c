//! Upgrades through the real client against the emulator, on paused time: minutes of upgrade in milliseconds.

mod control;
mod following;
mod other_tasks;
pub(crate) mod schema;
mod service;
mod starting;

use std::time::{Duration, SystemTime};

use ack_client::auth::{FixedClock, StaticCredentials};
use ack_client::{Client, Format};
use ack_emulator::{ClusterSeed, Emulator, RunningEmulator, UpgradeFailure, UpgradeStage, XmlStyle};
use ack_upgrade::{Event, EventKind, Outcome, UpgradeHandle, UpgradeStatus, Upgrades, WatchOptions};

use crate::canned::{Canned, answer};

const MANAGED: &str = "c106f377e16f34eb1808d6b9362c9test";
const DEDICATED: &str = "c82e6987e2961451182edacd74fatest";
const FROM: &str = "1.31.1-aliyun.1";
const TO: &str = "1.32.1-aliyun.1";

async fn emulator(style: XmlStyle) -> RunningEmulator {
    Emulator::builder()
        .access_key("emulatorKey", "emulator-secret")
        .cluster(ClusterSeed::managed(MANAGED, "managed", FROM))
        .cluster(ClusterSeed::dedicated(DEDICATED, "dedicated", FROM))
        .xml_style(style)
        .start()
        .await
        .unwrap()
}

fn upgrades(emulator: &RunningEmulator, format: Format) -> Upgrades {
    let client = Client::builder()
        .endpoint(emulator.endpoint())
        .credentials(StaticCredentials::access_key("emulatorKey", "emulator-secret").unwrap())
        .format(format)
        .build()
        .unwrap();
    Upgrades::new(client).with_clock(FixedClock(SystemTime::UNIX_EPOCH))
}

fn options() -> WatchOptions {
    WatchOptions::default()
}

/// An event in one line, without what differs from run to run.
fn line(event: &Event) -> String {
    let what = match &event.kind {
        EventKind::Started { status } => format!("started: {}", summary(status)),
        EventKind::PhaseChanged { from, to } => format!("{from} -> {to}"),
        EventKind::Finished { outcome } => format!("finished: {outcome}"),
        other => other.to_string(),
    };
    format!("{:>5}s {what}", event.elapsed.as_secs())
}

fn summary(status: &UpgradeStatus) -> String {
    let version = status.current_version.as_deref().unwrap_or("?");
    let state = status.cluster_state.as_ref().map_or("?", |state| state.as_str());
    let step = status.upgrade_step.as_ref().map_or("-", |step| step.as_str());
    format!("{} (step {step}, cluster {state} at {version}, by {})", status.phase, status.source)
}

async fn follow(upgrades: &Upgrades, handle: &UpgradeHandle, options: WatchOptions) -> (String, Outcome) {
    let mut watch = upgrades.watch_with(handle, options);
    let mut lines = Vec::new();
    while let Some(event) = watch.next().await {
        schema::check(&event);
        lines.push(line(&event));
    }
    (lines.join("\n"), watch.outcome().cloned().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_managed_cluster_is_upgraded_and_followed_to_the_end() {
    for (format, style) in
        [(Format::Json, XmlStyle::Fragment), (Format::Xml, XmlStyle::Fragment), (Format::Xml, XmlStyle::Rooted)]
    {
        let emulator = emulator(style).await;
        let upgrades = upgrades(&emulator, format);
        let started = upgrades.start(MANAGED, TO).await.unwrap();
        assert!(!started.is_joined() && started.request_id().is_some());
        let (events, outcome) = follow(&upgrades, started.handle(), options()).await;
        assert_eq!(outcome, Outcome::Succeeded { version: Some(TO.to_owned()), verified: true });
        insta::assert_snapshot!("managed_upgrade", events);
        assert_eq!(emulator.count("UpgradeCluster"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dedicated_cluster_shows_each_master() {
    let emulator = emulator(XmlStyle::Fragment).await;
    let upgrades = upgrades(&emulator, Format::Json);
    let started = upgrades.start(DEDICATED, TO).await.unwrap();
    let (events, outcome) = follow(&upgrades, started.handle(), options()).await;
    assert!(outcome.is_success());
    insta::assert_snapshot!(events);
}

#[tokio::test(start_paused = true)]
async fn a_watch_by_cluster_alone_finds_the_task_and_the_target() {
    let emulator = emulator(XmlStyle::Fragment).await;
    let upgrades = upgrades(&emulator, Format::Json);
    let started = upgrades.start(MANAGED, TO).await.unwrap();
    tokio::time::sleep(Duration::from_secs(100)).await;
    let mut watch = upgrades.watch_with(MANAGED, options());
    watch.next().await.unwrap();
    assert_eq!(watch.handle().task_id, started.handle().task_id);
    assert_eq!(watch.handle().target_version, started.handle().target_version);
    assert_eq!(watch.await, Outcome::Succeeded { version: Some(TO.to_owned()), verified: true });
}

#[tokio::test(start_paused = true)]
async fn the_status_of_a_cluster_never_upgraded() {
    let emulator = emulator(XmlStyle::Fragment).await;
    let status = upgrades(&emulator, Format::Json).status(MANAGED).await.unwrap();
    assert_eq!(
        summary(&status),
        "not started (step not_start, cluster running at 1.31.1-aliyun.1, by GetUpgradeStatus)"
    );
    let (_, outcome) = follow(&upgrades(&emulator, Format::Json), &MANAGED.into(), options()).await;
    assert_eq!(outcome.to_string(), "lost sight of the upgrade: the service knows of no upgrade of this cluster");
    let handle = UpgradeHandle::new(MANAGED).with_target_version(FROM);
    let (_, outcome) = follow(&upgrades(&emulator, Format::Json), &handle, options()).await;
    assert!(outcome.is_success(), "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn failures_end_with_the_reason_of_the_service() {
    let mut report = String::new();
    for (cluster, stage) in [(MANAGED, UpgradeStage::Precheck), (DEDICATED, UpgradeStage::Master2)] {
        let emulator = emulator(XmlStyle::Fragment).await;
        emulator.fail_next_upgrade(cluster, UpgradeFailure::new(stage, "2 nodes are NotReady")).unwrap();
        let upgrades = upgrades(&emulator, Format::Json);
        let started = upgrades.start(cluster, TO).await.unwrap();
        let (events, outcome) = follow(&upgrades, started.handle(), options()).await;
        assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome}");
        let status = upgrades.status(cluster).await.unwrap();
        report.push_str(&format!("{events}\nthen: {}\n\n", summary(&status)));
    }
    insta::assert_snapshot!(report);
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_is_an_outcome_and_touches_nothing() {
    let emulator = emulator(XmlStyle::Fragment).await;
    let upgrades = upgrades(&emulator, Format::Json);
    let started = upgrades.start(MANAGED, TO).await.unwrap();
    let (_, outcome) = follow(&upgrades, started.handle(), options().time_limit(Duration::from_secs(120))).await;
    assert_eq!(outcome.to_string(), "still running at the time limit (upgrading)");
    let (_, outcome) = follow(&upgrades, started.handle(), options()).await;
    assert!(outcome.is_success());
    let writes = emulator.requests().iter().filter(|request| request.method != "GET").count();
    assert_eq!(writes, 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_start_joins_or_is_refused() {
    let emulator = emulator(XmlStyle::Fragment).await;
    let upgrades = upgrades(&emulator, Format::Json);
    let first = upgrades.start(MANAGED, TO).await.unwrap();
    let second = upgrades.start(MANAGED, TO).await.unwrap();
    assert!(second.is_joined());
    assert_eq!(first.handle().task_id, second.handle().task_id);
    let other = upgrades.start(MANAGED, "1.32.6-aliyun.1").await.unwrap_err();
    assert!(other.is_refused());
    let text = other.to_string().replace(first.handle().task_id.as_deref().unwrap(), "T-1");
    insta::assert_snapshot!(text, @"cluster c106f377e16f34eb1808d6b9362c9test has an upgrade already, task T-1, prechecking on its way to 1.32.1-aliyun.1: follow it, or wait for its end");
    let there = upgrades.start(DEDICATED, FROM).await.unwrap_err();
    assert!(there.is_refused());
    assert_eq!(there.to_string(), format!("cluster {DEDICATED} is at version {FROM} already"));
    assert_eq!(emulator.count("UpgradeCluster"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_next_upgrade_starts_after_the_first() {
    // Without nodes, which would have to catch up in between.
    let seed = ClusterSeed::managed(MANAGED, "managed", FROM).with_nodes(0);
    let emulator =
        Emulator::builder().access_key("emulatorKey", "emulator-secret").cluster(seed).start().await.unwrap();
    let upgrades = upgrades(&emulator, Format::Json);
    for version in [TO, "1.33.3-aliyun.1"] {
        let started = upgrades.start(MANAGED, version).await.unwrap();
        assert!(!started.is_joined());
        let (_, outcome) = follow(&upgrades, started.handle(), options()).await;
        assert_eq!(outcome, Outcome::Succeeded { version: Some(version.to_owned()), verified: true });
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_service_refuses_is_reported() {
    let emulator = emulator(XmlStyle::Fragment).await;
    let upgrades = upgrades(&emulator, Format::Json);
    let skipped = upgrades.start(MANAGED, "1.34.1-aliyun.1").await.unwrap_err();
    assert_eq!(skipped.client().unwrap().status().map(|status| status.as_u16()), Some(400), "{skipped}");
    let unknown = upgrades.status("c0").await.unwrap_err();
    assert!(unknown.client().unwrap().is_not_found(), "{unknown}");
    let (_, outcome) = follow(&upgrades, &"c0".into(), options()).await;
    assert!(matches!(outcome, Outcome::Lost { .. }));
    let before = emulator.requests().len();
    for version in ["", " ", "1.32", "latest", "next", "v1", "1.32.1-aliyun.1 ", "1.32.1-aliyun.1\n"] {
        let error = upgrades.start(MANAGED, version).await.unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(&format!("{version:?}")), "{error}");
    }
    assert_eq!(emulator.requests().len(), before, "nothing is sent");
}

fn json(body: &str) -> String {
    answer("200 OK", "application/json", body)
}

const DETAIL: &str = r#"{"cluster_id":"c1","state":"upgrading","current_version":"1.31.1-aliyun.1"}"#;
const TASKS: &str = r#"{"tasks":[{"task_id":"T-1","task_type":"cluster_upgrade","created":"2026-01-02T03:04:05+08:00"},
    {"task_id":"T-9","task_type":"cluster_scaleout","created":"2026-02-02T03:04:05+08:00"}]}"#;
const TASK: &str = r#"{"task_id":"T-1","state":"running","current_stage":"DrainNodes","parameters":{"next_version":"1.32.1-aliyun.1"},
    "stages":[{"state":"success"},{"state":"running"}],"events":[{"message":"draining"}]}"#;

#[tokio::test(start_paused = true)]
async fn a_region_without_get_upgrade_status_is_served_by_the_task_api() {
    let gone = answer("404 Not Found", "application/json", r#"{"Code":"InvalidApi.NotFound","Message":"gone"}"#);
    let first = [json(DETAIL), gone, json(TASKS), json(TASK)];
    // The second look no longer asks for what the region does not serve.
    let second = [json(DETAIL), json(TASKS), json(TASK)];
    let server = Canned::new(first.into_iter().chain(second)).await;
    let upgrades = Upgrades::new(server.client());
    let status = upgrades.status("c1").await.unwrap();
    insta::assert_json_snapshot!(status);
    assert_eq!(upgrades.status("c1").await.unwrap(), status);
    assert_eq!(server.requests().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_start_is_looked_into_and_never_repeated() {
    let idle = r#"{"cluster_id":"c1","state":"running","current_version":"1.31.1-aliyun.1"}"#;
    let before = [json(idle), json("{}"), json(r#"{"tasks":[]}"#)];
    // The start is accepted and its answer lost; the list shows the task at the second look.
    let first = [json(idle), json("{}"), json(r#"{"tasks":[]}"#)];
    let second = [json(DETAIL), json("{}"), json(TASKS), json(TASK)];
    let after = ["lost".to_owned()].into_iter().chain(first).chain(second);
    let server = Canned::new(before.into_iter().chain(after)).await;
    let started = Upgrades::new(server.client()).start("c1", "1.32.1-aliyun.1").await.unwrap();
    assert!(started.is_joined());
    assert_eq!(started.handle().task_id.as_deref(), Some("T-1"));
    assert_eq!(posts(&server), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_stays_unclear_says_so() {
    let idle = r#"{"cluster_id":"c1","state":"running","current_version":"1.31.1-aliyun.1"}"#;
    let look = || [json(idle), json("{}"), json(r#"{"tasks":[]}"#)];
    // The service stays out of reach after the answer was lost, so that nothing can be learned and nothing is repeated.
    let server = Canned::new(look().into_iter().chain(["lost".to_owned()])).await;
    let error = Upgrades::new(server.client()).start("c1", "1.32.1-aliyun.1").await.unwrap_err();
    assert!(error.is_unclear(), "{error}");
    assert!(error.to_string().contains("look at its status before starting it again"), "{error}");
    assert_eq!(posts(&server), 1);

    // Nothing has shown up for twice as long as lists lag: it is sent once more, and never a third time.
    let looks = |count| (0..count).flat_map(|_| look());
    let lost = || ["lost".to_owned()];
    let server = Canned::new(looks(1).chain(lost()).chain(looks(7)).chain(lost()).chain(looks(7))).await;
    let error = Upgrades::new(server.client()).start("c1", "1.32.1-aliyun.1").await.unwrap_err();
    assert!(error.is_unclear(), "{error}");
    assert_eq!((posts(&server), server.requests().len()), (2, 47));
}

fn posts(server: &Canned) -> usize {
    server.requests().iter().filter(|request| request.starts_with("POST")).count()
}

#[tokio::test(start_paused = true)]
async fn polls_that_fail_are_events_and_not_the_end() {
    let busy = answer("400 Bad Request", "application/json", r#"{"Code":"Throttling.User","Message":"slow down"}"#);
    let html = answer("502 Bad Gateway", "text/html", "<html>502</html>");
    let done = r#"{"task_id":"T-1","state":"success"}"#;
    let detail = r#"{"state":"running","current_version":"1.32.1-aliyun.1"}"#;
    let server = Canned::new([busy, html, json(detail), json(done)]).await;
    let handle = UpgradeHandle::new("c1").with_task_id("T-1").with_target_version(TO);
    let (events, outcome) = follow(&Upgrades::new(server.client()), &handle, options()).await;
    assert!(outcome.is_success(), "{outcome}");
    insta::assert_snapshot!(events);
}
