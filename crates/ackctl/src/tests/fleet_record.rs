//! `fleet run --record`, and the page of such a record.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, SystemTime};

use ack_emulator::{ClusterSeed, Emulator, RunningEmulator, ScaledClock, UpgradeFailure, UpgradeStage};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::harness::{Cli, Ran, START};
use super::record::facts;

fn id(number: usize) -> String {
    format!("c{number:031x}")
}

fn seed(number: usize) -> ClusterSeed {
    ClusterSeed::managed(id(number), format!("shop-{number}"), "1.31.1-aliyun.1").with_nodes(1).without_addons()
}

/// An emulated service, and a command line by the same clock, which follows the time of tokio.
struct Scene {
    emulator: RunningEmulator,
    clock: ScaledClock,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn of(seeds: impl IntoIterator<Item = ClusterSeed>) -> Self {
        let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + START);
        let builder = Emulator::builder().clock(clock);
        let builder = seeds.into_iter().fold(builder, |builder, seed| builder.cluster(seed));
        Self { emulator: builder.start().await.unwrap(), clock, folder: tempfile::tempdir().unwrap() }
    }

    fn cli(&self) -> Cli {
        Cli::of(&self.emulator).clock(self.clock)
    }

    fn record(&self) -> std::path::PathBuf {
        self.folder.path().join("fleet.jsonl")
    }

    async fn run(&self, options: &str) -> Ran {
        self.cli().run(&format!("fleet run --to 1.32 --record {} {options}", self.record().display())).await
    }
}

async fn report(record: &Path, options: &str) -> String {
    let ran = Cli::new().run(&format!("upgrade report {} {options}", record.display())).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

/// A fact in one line, with what does not differ from run to run.
fn line(fact: &Value) -> String {
    let event = if fact["event"].is_object() { &fact["event"] } else { fact };
    let field = |name: &str| match &event[name] {
        Value::Null => String::new(),
        Value::String(text) => format!(" {name}={}", text.replace("c000000000000000000000000000", "c...")),
        value => format!(" {name}={}", value.to_string().replace("c000000000000000000000000000", "c...")),
    };
    let fields = [
        "event",
        "command",
        "account",
        "region",
        "cluster_id",
        "wave",
        "waves",
        "allowed_failures",
        "step",
        "joined",
        "outcome",
        "end",
        "exit_code",
    ];
    let request = if event["request_id"].is_string() { " request_id=.." } else { "" };
    format!("{}{}{request}", fact["fact"].as_str().unwrap(), fields.map(field).concat())
}

#[tokio::test(start_paused = true)]
async fn who_did_what_to_which_cluster() {
    let failure = UpgradeFailure::new(UpgradeStage::ControlPlane, "etcd is not healthy");
    let scene = Scene::of([seed(1), seed(2).with_failure(failure), seed(3)]).await;
    let ran = scene.run("--waves 'canary 1, rest' --failure-budget 1").await;
    assert_eq!((ran.code, scene.emulator.accepted("UpgradeCluster")), (3, 3), "{ran}");
    let facts = facts(&scene.record());
    // What goes on within an upgrade is told by the tests of single ones.
    let is_news = |fact: &&Value| {
        let event = fact["event"]["event"].as_str().unwrap_or_default();
        !matches!(event, "started" | "phase_changed" | "stage_changed" | "progress" | "node_event" | "task_event")
    };
    let told: Vec<String> = facts.iter().filter(is_news).map(line).collect();
    insta::assert_snapshot!(told.join("\n"));
    // Each start is on record before it is sent, and with its request after it.
    let of = |fact: &str, step: &Value| facts.iter().position(|own| own["fact"] == fact && own["step"] == *step);
    for started in facts.iter().filter(|fact| fact["event"]["event"] == "step_started") {
        assert!(started["event"]["request_id"].is_string());
        let step = &started["event"]["step"];
        assert!(of("upgrade_starting", step).is_some(), "{step}");
    }
    let text = fs::read_to_string(scene.record()).unwrap();
    let keys = scene.emulator.announcement();
    assert!(!text.contains(&keys.access_key_secret) && !text.contains(&keys.access_key_id));
}

#[tokio::test(start_paused = true)]
async fn the_page_of_three_clusters() {
    let failure = UpgradeFailure::new(UpgradeStage::ControlPlane, "etcd is not healthy");
    let scene = Scene::of([seed(1), seed(2).with_failure(failure), seed(3)]).await;
    let folder = scene.folder.path().join("checkpoint");
    let options = format!("--waves 'canary 1, rest' --soak 10m --checkpoint {}", folder.display());
    assert_eq!(scene.run(&format!("{options} --time-limit 20m")).await.code, 6);
    assert_eq!(scene.run(&options).await.code, 3);
    let account: Value = serde_json::from_str(&report(&scene.record(), "-o json").await).unwrap();
    let fleet = &account["fleets"][0];
    assert_eq!((account["fleets"].as_array().unwrap().len(), fleet["target_version"].as_str()), (1, Some("1.32")));
    let standings = fleet["clusters"].as_array().unwrap().iter().map(|cluster| {
        let upgrades = cluster["upgrades"].as_array().unwrap().len();
        format!(
            "{} {} {upgrades}: {}",
            cluster["wave"],
            cluster["standing"].as_str().unwrap(),
            cluster["end"].as_str().unwrap()
        )
    });
    insta::assert_snapshot!(standings.collect::<Vec<_>>().join("\n"));
    let page = report(&scene.record(), "").await;
    check_links(&page);
    for text in [
        "Upgrade of 3 clusters to 1.32",
        "Stopped, as too many clusters failed: 1 of 3 clusters succeeded, 1 failed, 1 not begun.",
        "Worth a look: 1 cluster",
        "Wave 1 (canary)",
        "proving itself",
        "etcd is not healthy",
        "user ID 1000 on bastion",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(page.matches("<details class=\"member\"").count(), 3);
    // So few are not folded away.
    assert_eq!(page.matches("<details class=\"wave\" open>").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_without_a_place_for_the_record_and_a_dry_run_keeps_none() {
    let scene = Scene::of([seed(1)]).await;
    let ran = scene.cli().run("fleet run --to 1.32 --record /nowhere/fleet.jsonl").await;
    assert_eq!((ran.code, scene.emulator.requests().len()), (2, 0), "{ran}");
    assert_eq!(scene.run("--dry-run").await.code, 0);
    assert!(!scene.record().exists());
}

#[tokio::test(start_paused = true)]
async fn an_interruption_is_on_record() {
    let scene = Scene::of([seed(1)]).await;
    let record = scene.record();
    let cli = scene.cli().interrupted_by(tokio::time::sleep(Duration::from_secs(300)));
    let ran = cli.run(&format!("fleet run --to 1.32 --record {}", record.display())).await;
    assert_eq!(ran.code, 130, "{ran}");
    let ends: Vec<String> = facts(&record).iter().rev().take(2).map(line).collect();
    assert_eq!(ends, ["command_ended exit_code=130", "interrupted"]);
    let page = report(&record, "").await;
    assert!(page.contains("begun; its end is not in the record") || page.contains("Begun; its end"), "{page}");
}

/// A record of so many clusters: a canary, a tenth, and the rest; every ninth one fails, and the last few are not begun.
struct Written {
    at: Timestamp,
    lines: Vec<String>,
}

impl Written {
    fn fact(&mut self, mut fact: Value) {
        let text = format!("{:.3}", self.at);
        let whole = fact.as_object_mut().unwrap();
        whole.extend([
            ("version".to_owned(), json!(1)),
            ("at".to_owned(), json!(text)),
            ("invocation".to_owned(), json!("0123456789abcdef0123456789abcdef")),
        ]);
        if let Some(event) = whole.get_mut("event").and_then(Value::as_object_mut) {
            event.insert("at".to_owned(), json!(text));
            event.insert("elapsed_seconds".to_owned(), json!(1.0));
        }
        self.lines.push(fact.to_string());
    }

    fn event(&mut self, event: &Value) {
        self.fact(json!({"fact": "event", "event": event}));
    }

    fn wait(&mut self, seconds: i64) {
        self.at += SignedDuration::from_secs(seconds);
    }

    fn of(clusters: usize) -> Self {
        let start = Timestamp::try_from(SystemTime::UNIX_EPOCH + START).unwrap();
        let mut own = Self { at: start, lines: Vec::new() };
        let who = json!({"user": "ada", "user_id": 1000, "host": "bastion"});
        own.fact(json!({"fact": "command_started", "command": "fleet run", "program": "ackctl 0.1.0", "who": who}));
        own.fact(json!({"fact": "caller", "account": "production", "access_key_id": "LTAI****abcd", "provider": "default/env",
            "role": null, "profile": null, "region": "cn-hangzhou", "endpoint": "https://cs.cn-hangzhou.aliyuncs.com"}));
        let sizes = [1, clusters.div_ceil(10), clusters - 1 - clusters.div_ceil(10)];
        let mut next = 1;
        let waves: Vec<Vec<usize>> = sizes
            .iter()
            .map(|size| {
                next += size;
                (next - size..next).collect()
            })
            .collect();
        let member = |number: &usize| json!({"account": "production", "region": "cn-hangzhou", "cluster_id": id(*number), "state": "waiting"});
        let planned = waves.iter().enumerate().map(|(place, wave)| {
            let members: Vec<Value> = wave.iter().map(member).collect();
            if place == 0 { json!({"name": "canary", "clusters": members}) } else { json!({"clusters": members}) }
        });
        let planned: Vec<Value> = planned.collect();
        own.fact(
            json!({"fact": "fleet_planned", "target_version": "1.32", "waves": planned, "left_out": 0, "left_alone": [],
            "allowed_failures": clusters / 10, "parallelism": 10, "soak_seconds": 3600}),
        );
        own.event(&json!({"event": "fleet_run_started", "waves": sizes, "left_out": 0, "left_alone": 0, "done": 0}));
        for (place, wave) in waves.iter().enumerate() {
            own.event(&json!({"event": "wave_started", "wave": place + 1, "clusters": wave.len()}));
            let begun = if place == 2 { &wave[..wave.len() - 5] } else { &wave[..] };
            for number in begun {
                own.cluster(*number, place + 1);
            }
            if place < 2 {
                own.event(&json!({"event": "wave_finished", "wave": place + 1, "succeeded": wave.len(), "failed": 0,
                    "up_to_date": 0, "newer": 0}));
                let until = own.at + SignedDuration::from_secs(3600);
                own.event(&json!({"event": "soaking", "wave": place + 1, "until": format!("{until:.3}")}));
                own.wait(3600);
            }
        }
        own.event(&json!({"event": "budget_spent", "failed": (clusters - 5) / 9, "allowed": clusters / 10}));
        own.event(&json!({"event": "fleet_finished", "end": "budget_spent", "clusters": clusters,
            "succeeded": clusters - (clusters - 5) / 9 - 5, "failed": (clusters - 5) / 9, "up_to_date": 0, "newer": 0, "under_way": 0, "not_started": 5}));
        own.fact(json!({"fact": "command_ended", "exit_code": 3}));
        own
    }

    fn cluster(&mut self, number: usize, wave: usize) {
        let began = self.at;
        let base = json!({"account": "production", "region": "cn-hangzhou", "cluster_id": id(number), "wave": wave});
        let event = |more: Value| {
            let mut event = base.clone();
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        };
        self.event(&event(json!({"kind": "cluster", "event": "run_started", "target_version": "1.32.6-aliyun.1", "steps": ["a", "b"], "done": 0})));
        let steps = [
            json!({"step": "control-plane:1.32.6-aliyun.1", "kind": "control_plane"}),
            json!({"step": "node-pool:np1:1.32.6-aliyun.1", "kind": "node_pool", "nodepool_id": "np1"}),
        ];
        let mut outcome = json!({"outcome": "succeeded", "version": "1.32.6-aliyun.1", "verified": true});
        for (place, step) in steps.iter().enumerate() {
            let task = format!("T-{number}-{place}");
            let of_step = |more: Value| {
                let mut event = event(more);
                let own = event.as_object_mut().unwrap();
                own.extend(step.as_object().unwrap().clone());
                own.insert("task_id".to_owned(), json!(task));
                event
            };
            let start = format!("R-{number}-{place}");
            self.event(&of_step(json!({"event": "step_started", "joined": false, "request_id": start})));
            for (wait, stage) in [(60, "precheck"), (500, "upgrade"), (120, "finish")] {
                self.event(&of_step(json!({"event": "stage_changed", "stage": stage})));
                self.wait(wait + i64::try_from(number % 7 * 30).unwrap());
                self.event(&of_step(json!({"event": "progress", "nodes": {"done": 1, "total": 3}})));
            }
            if number.is_multiple_of(9) {
                outcome =
                    json!({"outcome": "failed", "reason": "the task failed: etcd of <b>cluster</b> is not healthy"});
            }
            let mut end = json!({"event": "step_finished"});
            end.as_object_mut().unwrap().extend(outcome.as_object().unwrap().clone());
            self.event(&of_step(end));
            if outcome["outcome"] == "failed" {
                break;
            }
        }
        let mut end = json!({"event": "finished"});
        end.as_object_mut().unwrap().extend(outcome.as_object().unwrap().clone());
        self.event(&event(end));
        // Ten of them are at work at the same time.
        let took = self.at.duration_since(began).as_secs();
        self.at = began + SignedDuration::from_secs(took / 10);
    }

    fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// Links lead to places on the page, and each of them is there once.
fn check_links(page: &str) {
    let mut ids = std::collections::HashMap::new();
    for named in page.split(" id=\"").skip(1) {
        *ids.entry(named.split('"').next().unwrap()).or_insert(0) += 1;
    }
    assert!(ids.values().all(|count| *count == 1), "{:?}", ids.iter().find(|(_, count)| **count > 1));
    let links = page.split(" href=\"#").chain(page.split(" aria-labelledby=\"")).skip(1);
    for id in links.filter(|link| !link.starts_with('<')).flat_map(|link| link.split('"').next().unwrap().split(' ')) {
        assert!(ids.contains_key(id), "{id}");
    }
}

#[test]
fn the_records_of_the_tests_are_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.jsonl");
    fs::write(&path, Written::of(30).text()).unwrap();
    facts(&path);
}

#[tokio::test]
async fn the_page_of_two_hundred_clusters_is_folded() {
    let text = Written::of(200).text();
    let page = Cli::new().stdin(Cursor::new(text)).run("upgrade report -").await.stdout;
    check_links(&page);
    assert_eq!(page.matches("<details class=\"member\">").count(), 200);
    assert_eq!((page.matches("<details class=\"wave\">").count(), page.matches("<details open").count()), (3, 0));
    assert!(page.contains("Worth a look: 21 clusters") && page.contains("21 failed"));
    // The failed ones come first, and what a record says marks nothing up.
    let looked = page.find("Worth a look").unwrap();
    let (failed, fine) = (page[looked..].find(&id(9)).unwrap(), page[looked..].find(&id(10)).unwrap());
    assert!(failed < fine && !page.contains("<b>cluster</b>"));
    assert!(page.len() < 8 * 1024 * 1024, "{}", page.len());
}

#[tokio::test]
async fn any_line_of_a_record_of_a_fleet_may_be_missing() {
    let written = Written::of(12);
    for missing in 0..written.lines.len() {
        let lines = written.lines.iter().enumerate().filter(|(place, _)| *place != missing);
        let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
        let ran = Cli::new().stdin(Cursor::new(text)).run("upgrade report - -o json").await;
        assert_eq!(ran.code, 0, "{missing}: {}", ran.stderr);
        let account: Value = serde_json::from_str(&ran.stdout).unwrap();
        let clusters = account["fleets"][0]["clusters"].as_array().unwrap().len();
        // Without the plan, those that were not begun are not known.
        assert_eq!(clusters, if missing == 2 { 7 } else { 12 }, "{missing}");
    }
}
