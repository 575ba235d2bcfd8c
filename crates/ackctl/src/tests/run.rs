//! `upgrade run` and `upgrade apply`, on paused time.

mod anew;
mod interrupted;
mod readme;

use std::time::SystemTime;

use ack_emulator::{AddonSeed, ClusterSeed, Emulator, NodePoolSeed, RunningEmulator, ScaledClock};
use tempfile::TempDir;

use super::harness::{CLUSTER, Cli, Ran, START, check_events};
use super::record::facts;

/// An emulator and a caller whose clocks follow the time of tokio, and a folder.
struct Scene {
    emulator: RunningEmulator,
    clock: ScaledClock,
    folder: TempDir,
}

impl Scene {
    async fn new() -> Self {
        Self::of(CLUSTER).await
    }

    async fn of(cluster_id: &str) -> Self {
        let seed = ClusterSeed::managed(cluster_id, "test-cluster", "1.31.1-aliyun.1")
            .with_node_pool(NodePoolSeed::new("np-blue", 3))
            .with_node_pool(NodePoolSeed::new("np-green", 2))
            .with_addon(AddonSeed::new("coredns", "v1.9.3.6-a").with_next_version("v1.11.3.2-b"));
        let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + START);
        let emulator = Emulator::builder().clock(clock).cluster(seed).start().await.unwrap();
        Self { emulator, clock, folder: tempfile::tempdir().unwrap() }
    }

    fn cli(&self) -> Cli {
        Cli::of(&self.emulator).clock(self.clock)
    }

    /// Runs a command; `DIR` in it is the folder of the scene.
    async fn ackctl(&self, line: &str) -> Ran {
        self.run(self.cli(), line).await
    }

    async fn run(&self, cli: Cli, line: &str) -> Ran {
        let folder = self.folder.path().display().to_string();
        let mut ran = cli.run(&line.replace("DIR", &folder)).await;
        for text in [&mut ran.stdout, &mut ran.stderr] {
            *text = text.replace(&folder, "DIR");
        }
        ran
    }

    fn starts(&self) -> [usize; 3] {
        ["UpgradeCluster", "UpgradeClusterNodepool", "UpgradeClusterAddons"].map(|name| self.emulator.accepted(name))
    }
}

/// The command of the last line, without the name of the program.
fn command(ran: &Ran) -> &str {
    ran.stderr.lines().last().unwrap().trim().strip_prefix("ackctl ").unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_whole_cluster_in_one_go() {
    let scene = Scene::new().await;
    let ran = scene.ackctl(&format!("upgrade run {CLUSTER} --target next --parallel-pools 2 -o table")).await;
    insta::assert_snapshot!(ran);
    assert_eq!(scene.starts(), [1, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn every_line_for_programs_is_an_event() {
    let scene = Scene::new().await;
    let run =
        format!("upgrade run {CLUSTER} --target next --pause-policy first-batch --max-parallelism 1 --on-pause resume");
    let ran = scene.ackctl(&run).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    check_events(&ran.stdout);
    let events: Vec<serde_json::Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (event, kind) in [(events.first(), "cluster"), (events.last(), "cluster")] {
        assert_eq!(event.unwrap()["kind"], kind);
    }
    assert_eq!(events.last().unwrap()["outcome"], "succeeded");
    for name in ["run_started", "step_started", "started", "paused", "resumed", "step_finished"] {
        assert!(events.iter().any(|event| event["event"] == name), "{name}");
    }
    let ran = scene.ackctl(&format!("upgrade run {CLUSTER} --target 1.32 -o yaml")).await;
    assert!(ran.code == 0 && ran.stdout.starts_with("---\nat: "), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_applied_and_once_is_enough() {
    let scene = Scene::new().await;
    let planned = scene.ackctl(&format!("upgrade plan {CLUSTER} --target next --plan-out DIR/plan.json")).await;
    assert_eq!(planned.code, 0, "{planned}");
    let applied = scene.ackctl("upgrade apply DIR/plan.json").await;
    assert_eq!((applied.code, applied.stderr.as_str()), (0, ""), "{applied}");
    assert_eq!(scene.starts(), [1, 2, 1]);
    insta::assert_snapshot!(scene.ackctl("upgrade apply DIR/plan.json -o table").await);
    assert_eq!(scene.starts(), [1, 2, 1]);
    let mut names: Vec<String> = std::fs::read_dir(scene.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["plan.json", "plan.json.checkpoint", "plan.json.checkpoint.lock"]);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_has_changed_is_left_alone() {
    let scene = Scene::new().await;
    scene.ackctl(&format!("upgrade plan {CLUSTER} --target next --plan-out DIR/plan.json")).await;
    scene.ackctl(&format!("upgrade start {CLUSTER} --to 1.31.9-aliyun.1 --watch")).await;
    let refused = scene.ackctl("upgrade apply DIR/plan.json").await;
    insta::assert_snapshot!(refused);
    assert_eq!(scene.starts(), [1, 0, 0]);
    let blocked =
        format!("upgrade plan {CLUSTER} --target next --plan-out DIR/plan.json --window 01:00-01:05 --tz UTC");
    scene.ackctl(&blocked).await;
    let refused = scene.ackctl("upgrade apply DIR/plan.json").await;
    assert_eq!((refused.code, refused.stdout.as_str()), (8, ""), "{refused}");
    let run = scene.ackctl(&format!("upgrade run {CLUSTER} --target next --window 01:00-01:05 --tz UTC")).await;
    assert_eq!((run.code, run.stdout, run.stderr), (8, String::new(), refused.stderr));
}

#[tokio::test(start_paused = true)]
async fn checkpoints_of_others_are_not_touched() {
    let scene = Scene::new().await;
    let limited = scene
        .ackctl(&format!(
            "upgrade run {CLUSTER} --target next --checkpoint DIR/run.json --time-limit 3m --settle 5s -o table"
        ))
        .await;
    insta::assert_snapshot!(limited);
    // Another target, another plan, and another cluster.
    let other = scene.ackctl(&format!("upgrade run {CLUSTER} --target 1.33 --checkpoint DIR/run.json")).await;
    scene.ackctl(&format!("upgrade plan {CLUSTER} --target 1.32 --plan-out DIR/plan.json")).await;
    let plan = scene.ackctl("upgrade apply DIR/plan.json --checkpoint DIR/run.json").await;
    let cluster = scene.ackctl("upgrade run c2 --target 1.32 --checkpoint DIR/run.json").await;
    // And one by which somebody is at work.
    let file = ack_upgrade::CheckpointFile::new(scene.folder.path().join("run.json"));
    let lock = file.lock().unwrap();
    let locked = scene.ackctl(command(&limited)).await;
    drop(lock);
    let locked = locked.to_string().replace(&format!("process {}", std::process::id()), "process 4711");
    std::fs::write(scene.folder.path().join("broken.json"), "{").unwrap();
    let broken = scene.ackctl(&format!("upgrade run {CLUSTER} --target next --checkpoint DIR/broken.json")).await;
    let no_plan = scene.ackctl("upgrade apply DIR/broken.json").await;
    let absent = scene.ackctl("upgrade apply DIR/absent.json").await;
    let nowhere = scene.ackctl(&format!("upgrade run {CLUSTER} --target next --checkpoint DIR/absent/run.json")).await;
    let all = [other, plan, cluster].map(|ran| ran.to_string()).join("\n");
    let more = [broken, no_plan, absent, nowhere].map(|ran| ran.to_string()).join("\n");
    insta::assert_snapshot!(format!("{all}\n{locked}\n{more}"));
    // The same command goes on, and nothing is started twice.
    let ended = scene.ackctl(command(&limited).replace("3m", "1h").as_str()).await;
    assert_eq!(ended.code, 0, "{ended}");
    assert_eq!(scene.starts(), [1, 2, 1]);
    // Once it is finished, a run to another target begins anew, and one to the same has nothing to do.
    let same = scene.ackctl(&format!("upgrade run {CLUSTER} --target next --checkpoint DIR/run.json")).await;
    assert_eq!((same.code, scene.starts()), (0, [1, 2, 1]), "{same}");
    let next = scene.ackctl(&format!("upgrade run {CLUSTER} --target 1.33 --checkpoint DIR/run.json")).await;
    assert_eq!((next.code, scene.starts()), (0, [2, 4, 1]), "{next}");
}

/// A plan that was begun is gone on with even if its file holds another by now.
#[tokio::test(start_paused = true)]
async fn a_plan_that_was_written_over_is_finished_by_its_checkpoint() {
    let scene = Scene::new().await;
    let plan = |target| format!("upgrade plan {CLUSTER} --target {target} --plan-out DIR/plan.json");
    assert_eq!(scene.ackctl(&plan("next")).await.code, 0);
    assert_eq!(scene.ackctl("upgrade apply DIR/plan.json --time-limit 3m").await.code, 6);
    assert_eq!(scene.ackctl(&plan("1.33")).await.code, 0);
    let refused = scene.ackctl("upgrade apply DIR/plan.json --region cn-hangzhou").await;
    insta::assert_snapshot!(refused, @"
    exit code 8
    --- stderr
    error: checkpoint DIR/plan.json.checkpoint is of another plan, made at 2026-01-02T03:04:05Z to bring cluster c106f377e16f34eb1808d6b9362c9test to 1.32.6-aliyun.1, and that is not finished: name another file with --checkpoint, remove this one once nothing of it is under way, or go on with it:
      ackctl upgrade run c106f377e16f34eb1808d6b9362c9test --target 1.32.6-aliyun.1 --checkpoint DIR/plan.json.checkpoint --region cn-hangzhou
    ");
    let finished = scene.ackctl(command(&refused)).await;
    assert_eq!((finished.code, scene.starts()), (0, [1, 2, 1]), "{finished}");
    // Then its checkpoint is in nobody's way.
    assert_eq!(scene.ackctl(&plan("1.33")).await.code, 0);
    let applied = scene.ackctl("upgrade apply DIR/plan.json").await;
    assert_eq!((applied.code, scene.starts()), (0, [2, 4, 1]), "{applied}");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_shows_what_lasts_and_a_summary() {
    let scene = Scene::new().await;
    let run = format!("upgrade run {CLUSTER} --target next --node-pools none --addons none");
    let ran = scene.run(scene.cli().on_terminal(100), &run).await;
    assert_eq!(ran.code, 0);
    insta::assert_snapshot!(ran.stdout);
    for text in ["control-plane:1.32.6-aliyun.1: started", "control-plane:1.32.6-aliyun.1 upgrading, 1 of 2 stages"] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_holds_every_command() {
    let scene = Scene::new().await;
    let plan = format!("upgrade plan {CLUSTER} --target next --node-pools none --addons none --plan-out DIR/plan.json");
    assert_eq!(scene.ackctl(&plan).await.code, 0);
    let limited = scene.ackctl("upgrade apply DIR/plan.json --record DIR/night.jsonl --time-limit 3m").await;
    assert_eq!(limited.code, 6);
    let goes_on = command(&limited);
    assert_eq!(goes_on, "upgrade apply DIR/plan.json --time-limit 3m --record DIR/night.jsonl");
    assert_eq!(scene.ackctl(&goes_on.replace("3m", "none")).await.code, 0);
    let run = format!(
        "upgrade run {CLUSTER} --target 1.32.6-aliyun.1 --node-pools none --addons none --record DIR/night.jsonl"
    );
    assert_eq!(scene.ackctl(&run).await.code, 0);
    let facts = facts(&scene.folder.path().join("night.jsonl"));
    let (begun, ended): (Vec<_>, Vec<_>) = facts
        .iter()
        .filter(|fact| matches!(fact["fact"].as_str(), Some("command_started" | "command_ended")))
        .partition(|fact| fact["fact"] == "command_started");
    let codes: Vec<i64> = ended.iter().filter_map(|fact| fact["exit_code"].as_i64()).collect();
    assert_eq!((begun.len(), codes), (3, vec![6, 0, 0]));
    for (command, fact) in ["upgrade apply", "upgrade apply", "upgrade run"].iter().zip(begun) {
        assert_eq!((&fact["command"], &fact["target_version"]), (&(*command).into(), &"1.32.6-aliyun.1".into()));
    }
    // What is about to be started is told before what was.
    let position = |wanted: &dyn Fn(&serde_json::Value) -> bool| facts.iter().position(wanted).unwrap();
    let starting =
        position(&|fact| fact["fact"] == "upgrade_starting" && fact["step"] == "control-plane:1.32.6-aliyun.1");
    assert!(starting < position(&|fact| fact["event"]["event"] == "step_started"));
    assert_eq!(facts.iter().filter(|fact| fact["fact"] == "upgrade_starting").count(), 1);
    let report = scene.ackctl("upgrade report DIR/night.jsonl -o json").await;
    let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!(report["upgrades"].as_array().unwrap().len(), 1, "{report:#}");
    assert_eq!(
        (&report["upgrades"][0]["standing"], report["commands"].as_array().unwrap().len()),
        (&"succeeded".into(), 3)
    );
    assert!(
        facts.iter().any(|fact| fact["event"]["event"] == "step_started" && fact["event"]["request_id"].is_string())
    );
}
