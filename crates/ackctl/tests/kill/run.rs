//! Runs without a window.

use std::path::Path;
use std::time::Duration;

use ack_emulator::{AddonSeed, ClusterSeed, Emulator, EmulatorBuilder, NodePoolSeed, UpgradeDurations};

use crate::cloud::Cloud;
use crate::process::call;
use crate::trial::Trial;

pub(crate) const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";
const TARGET: &str = "1.33.3-aliyun.1";

/// What a cluster of two hops, two node pools and an add-on takes: each once for each hop, and the add-on once.
const STARTS: [(&str, usize); 3] = [("UpgradeCluster", 2), ("UpgradeClusterNodepool", 4), ("UpgradeClusterAddons", 1)];

/// How many times as fast as real time upgrades go: one of the whole cluster takes some seconds.
const TIME_SCALE: f64 = 300.0;

/// How the cluster is upgraded.
#[derive(Clone, Copy, Debug)]
enum Way {
    RunWithCheckpoint,
    RunWithout,
    Apply,
}

#[test]
fn a_run_that_is_killed_again_and_again_loses_nothing() {
    let mut trial = Trial::new(25);
    let cloud = Cloud::start(settings().time_scale(TIME_SCALE));
    let mut rounds = Vec::new();
    while trial.goes_on() {
        let way = [Way::RunWithCheckpoint, Way::RunWithout, Way::Apply][rounds.len() % 3];
        cloud.emulator.reset();
        let before = trial.kills;
        let folder = tempfile::tempdir().unwrap();
        let arguments = arguments(way, &cloud, folder.path());
        trial.call(&arguments, &cloud, folder.path(), 0);
        check(&trial, &cloud, folder.path());
        rounds.push(format!("{way:?} {}", trial.kills - before));
    }
    println!("{} upgrades, {trial}: {}", rounds.len(), rounds.join(", "));
}

/// Fails unless the cluster is where it was to be brought, and each step was started once. Gives the upgrades it has been through.
pub(crate) fn check(trial: &Trial, cloud: &Cloud, folder: &Path) -> Vec<serde_json::Value> {
    for (operation, expected) in STARTS {
        assert_eq!(cloud.emulator.accepted(operation), expected, "{trial}: {operation}");
    }
    for pool in ["np-blue", "np-green"] {
        let path = format!("/nodepools/{pool}/upgrade");
        let requests = cloud.emulator.requests();
        let starts = requests.iter().filter(|request| request.is_accepted && request.path.ends_with(&path));
        assert_eq!(starts.count(), 2, "{trial}: {pool}");
    }
    let cluster = cloud.emulator.clusters().remove(0);
    assert_eq!(cluster.version, TARGET, "{trial}");
    let history = call(&["upgrade", "history", CLUSTER, "-o", "json"], cloud, folder);
    let history: Vec<serde_json::Value> = serde_json::from_str(&history).unwrap();
    let phases: Vec<&str> = history.iter().filter_map(|past| past["phase"].as_str()).collect();
    assert_eq!(phases, ["succeeded"; 7], "{trial}: {history:?}");
    history
}

/// What every run does, its target and its pace. It pauses after every batch, so that there is something that could be left paused.
pub(crate) const WHAT: [&str; 6] = ["--target", "1.33", "--max-parallelism", "2", "--pause-policy", "every-batch"];
pub(crate) const HOW: [&str; 10] =
    ["--settle", "1s", "--interval", "50ms", "--on-pause", "resume", "--parallel-pools", "2", "-o", "json"];

/// The command of a way. The plan of one is made by it.
fn arguments(way: Way, cloud: &Cloud, folder: &Path) -> Vec<&'static str> {
    let run = [&["upgrade", "run", CLUSTER][..], &WHAT, &HOW].concat();
    match way {
        Way::RunWithCheckpoint => [&run[..], &["--checkpoint", "run.json"]].concat(),
        Way::RunWithout => run,
        Way::Apply => {
            let plan = [&["upgrade", "plan", CLUSTER][..], &WHAT, &["--plan-out", "plan.json"]].concat();
            call(&plan, cloud, folder);
            [&["upgrade", "apply", "plan.json"][..], &HOW].concat()
        }
    }
}

fn settings() -> EmulatorBuilder {
    Emulator::builder().durations(durations()).cluster(seed())
}

pub(crate) fn seed() -> ClusterSeed {
    ClusterSeed::managed(CLUSTER, "test", "1.31.1-aliyun.1")
        .with_node_pool(NodePoolSeed::new("np-blue", 4))
        .with_node_pool(NodePoolSeed::new("np-green", 3))
        .with_addon(AddonSeed::new("coredns", "v1.9.3.6-a").with_next_version("v1.11.3.2-b"))
}

/// Checks and steering, after which the program would wait in real time, are done at once.
pub(crate) fn durations() -> UpgradeDurations {
    UpgradeDurations::default().with_check(Duration::ZERO).with_control(Duration::ZERO)
}
