//! Runs over a fleet in two waves.

use std::path::Path;

use ack_emulator::{ClusterSeed, Emulator, NodePoolSeed, UpgradeFailure, UpgradeStage};

use crate::cloud::Cloud;
use crate::process::call;
use crate::run::durations;
use crate::trial::Trial;

const CLUSTERS: usize = 4;
const TIME_SCALE: f64 = 300.0;
const TARGET: &str = "1.32.6-aliyun.1";

/// A fleet, and what is to come of it.
#[derive(Clone, Copy, Debug)]
struct Course {
    /// Which cluster fails, if one does.
    failing: Option<usize>,
    budget: &'static str,
    /// How many clusters are begun.
    begun: usize,
    code: i32,
}

const COURSES: [Course; 3] = [
    Course { failing: None, budget: "0", begun: CLUSTERS, code: 0 },
    Course { failing: Some(0), budget: "0", begun: 1, code: 3 },
    Course { failing: Some(1), budget: "1", begun: CLUSTERS, code: 3 },
];

#[test]
fn a_run_over_a_fleet_that_is_killed_again_and_again_keeps_its_order_and_its_budget() {
    let mut trial = Trial::new(20);
    let mut rounds = Vec::new();
    while trial.goes_on() {
        let course = COURSES[rounds.len() % COURSES.len()];
        let folder = tempfile::tempdir().unwrap();
        let builder = Emulator::builder().time_scale(TIME_SCALE).durations(durations());
        let cloud = Cloud::start((0..CLUSTERS).fold(builder, |builder, number| builder.cluster(seed(number, course))));
        let before = trial.kills;
        trial.call(&arguments(course), &cloud, folder.path(), course.code);
        check(&trial, course, &cloud, folder.path());
        // What has ended stays so.
        call_again(&trial, course, &cloud, folder.path());
        rounds.push(trial.kills - before);
    }
    println!("{} fleets, {trial}: {rounds:?}", rounds.len());
}

fn arguments(course: Course) -> Vec<&'static str> {
    let what = ["fleet", "run", "--to", "1.32", "--waves", "canary 1, rest", "--failure-budget", course.budget];
    let how = ["--parallelism", "2", "--with", "node-pools", "--settle", "1s", "--interval", "50ms", "-o", "json"];
    [&what[..], &how, &["--checkpoint", "fleet"]].concat()
}

fn id(number: usize) -> String {
    format!("c{number:031x}t")
}

fn seed(number: usize, course: Course) -> ClusterSeed {
    let seed = ClusterSeed::managed(id(number), "test", "1.31.1-aliyun.1");
    let seed = seed.with_node_pool(NodePoolSeed::new(format!("np-{number}"), 2));
    if course.failing == Some(number) {
        // An upgrade after this one would succeed.
        return seed.with_failure(UpgradeFailure::new(UpgradeStage::ControlPlane, "the test wants it so"));
    }
    seed
}

/// Fails unless each cluster was upgraded once, the waves one after the other, and nothing beyond the budget.
fn check(trial: &Trial, course: Course, cloud: &Cloud, folder: &Path) {
    let requests = cloud.emulator.requests();
    let mut first_wave_ended = None;
    for (number, cluster) in cloud.emulator.clusters().iter().enumerate() {
        let path = format!("/api/v2/clusters/{}/upgrade", id(number));
        let starts = requests.iter().filter(|request| request.is_accepted && request.path == path).count();
        assert_eq!(starts, usize::from(number < course.begun), "{trial}: {course:?}: cluster {number}");
        let arrives = number < course.begun && course.failing != Some(number);
        assert_eq!(
            cluster.version == TARGET,
            arrives,
            "{trial}: {course:?}: cluster {number} is at {}",
            cluster.version
        );
        let history = call(&["upgrade", "history", &id(number), "-o", "json"], cloud, folder);
        let history: Vec<serde_json::Value> = serde_json::from_str(&history).unwrap();
        for past in history {
            let time = |field: &str| past[field].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            if number == 0 {
                first_wave_ended = first_wave_ended.max(Some(time("updated_at")));
            } else {
                assert!(Some(time("started_at")) >= first_wave_ended, "{trial}: {course:?}: cluster {number}: {past}");
            }
        }
    }
    let pools = course.begun - usize::from(course.failing.is_some());
    assert_eq!(cloud.emulator.accepted("UpgradeClusterNodepool"), pools, "{trial}: {course:?}");
}

/// Another call finds everything done, and begins nothing.
fn call_again(trial: &Trial, course: Course, cloud: &Cloud, folder: &Path) {
    let starts = || cloud.emulator.accepted("UpgradeCluster");
    let before = starts();
    let mut process = crate::process::Process::start(&arguments(course), cloud, folder);
    let ended = process.killed_at(None, trial.deadline());
    assert_eq!(ended.and_then(|status| status.code()), Some(course.code), "{trial}: {course:?}: {}", process.said());
    assert_eq!(starts(), before, "{trial}: {course:?}");
}
