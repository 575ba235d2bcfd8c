//! `ackctl upgrade run` and `apply`, killed at random moments and called again each time.
//!
//! 25 kills by default; `ACKCTL_TEST_KILLS=200` for more. The moments come from `ACKCTL_TEST_SEED`, which is printed.

// Says to the linter that the functions beside the test are test code, too.
#![cfg(test)]

use std::fmt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use ack_emulator::{AddonSeed, Announcement, ClusterSeed, Emulator, Fault, NodePoolSeed, UpgradeDurations};
use tokio::sync::oneshot;

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";
const TARGET: &str = "1.33.3-aliyun.1";

/// What a cluster of two hops, two node pools and an add-on takes: each once for each hop, and the add-on once.
const STARTS: [(&str, usize); 3] = [("UpgradeCluster", 2), ("UpgradeClusterNodepool", 4), ("UpgradeClusterAddons", 1)];

/// How many times as fast as real time upgrades go: one of the whole cluster takes some seconds.
const TIME_SCALE: f64 = 300.0;

/// Far longer than a kill takes on a machine that has other things to do.
const LONGEST_PER_KILL: Duration = Duration::from_secs(8);

/// How the cluster is upgraded.
#[derive(Clone, Copy, Debug)]
enum Way {
    RunWithCheckpoint,
    RunWithout,
    Apply,
}

#[test]
fn a_run_that_is_killed_again_and_again_loses_nothing() {
    let wanted = number("ACKCTL_TEST_KILLS").unwrap_or(25);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = number("ACKCTL_TEST_SEED").unwrap_or(now.as_secs());
    let budget = LONGEST_PER_KILL * u32::try_from(wanted).unwrap() + Duration::from_secs(60);
    let mut trial =
        Trial { moments: Moments(seed), seed, kills: 0, wanted, in_starts: 0, deadline: Instant::now() + budget };
    let cloud = Cloud::start();
    let mut rounds = Vec::new();
    while trial.kills < wanted {
        let way = [Way::RunWithCheckpoint, Way::RunWithout, Way::Apply][rounds.len() % 3];
        cloud.emulator.reset();
        let before = trial.kills;
        trial.upgrade(way, &cloud);
        rounds.push(format!("{way:?} {}", trial.kills - before));
    }
    let (kills, upgrades, in_starts) = (trial.kills, rounds.len(), trial.in_starts);
    println!(
        "{kills} kills in {upgrades} upgrades, {in_starts} of them within a start; seed {seed}: {}",
        rounds.join(", ")
    );
}

struct Trial {
    moments: Moments,
    seed: u64,
    kills: u64,
    wanted: u64,
    /// Kills that left a start in a checkpoint of which it is not known whether it was sent.
    in_starts: u64,
    deadline: Instant,
}

impl Trial {
    /// Upgrades the cluster once, with kills on the way as long as there are some left.
    fn upgrade(&mut self, way: Way, cloud: &Cloud) {
        let folder = tempfile::tempdir().unwrap();
        let arguments = arguments(way, cloud, folder.path());
        let mut calls = 0;
        loop {
            calls += 1;
            let mut process = Process::start(&arguments, cloud, folder.path());
            let moment = (self.kills < self.wanted).then(|| Instant::now() + self.moments.next());
            match process.killed_at(moment, self.deadline) {
                None => {
                    self.kills += 1;
                    self.in_starts += u64::from(is_within_a_start(folder.path()));
                }
                Some(status) => {
                    assert!(status.success(), "{self}, call {calls}: {way:?} ended with {status}: {}", process.said());
                    break;
                }
            }
            assert!(Instant::now() < self.deadline, "{self}: {way:?} takes too long, call {calls}: {}", process.said());
        }
        for (operation, expected) in STARTS {
            let accepted = cloud.emulator.accepted(operation);
            assert_eq!(accepted, expected, "{self}: {operation} after {calls} calls of {way:?}");
        }
        for pool in ["np-blue", "np-green"] {
            let path = format!("/nodepools/{pool}/upgrade");
            let requests = cloud.emulator.requests();
            let starts = requests.iter().filter(|request| request.is_accepted && request.path.ends_with(&path));
            assert_eq!(starts.count(), 2, "{self}: {pool}");
        }
        let cluster = cloud.emulator.clusters().remove(0);
        assert_eq!(cluster.version, TARGET, "{self}");
        let history = call(&["upgrade", "history", CLUSTER, "-o", "json"], cloud, folder.path());
        let history: Vec<serde_json::Value> = serde_json::from_str(&history).unwrap();
        let phases: Vec<&str> = history.iter().filter_map(|past| past["phase"].as_str()).collect();
        assert_eq!(phases, ["succeeded"; 7], "{self}: {history:?}");
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, {} kills", self.seed, self.kills)
    }
}

/// The command of a way. The plan of one is made by it.
fn arguments(way: Way, cloud: &Cloud, folder: &Path) -> Vec<&'static str> {
    // Pauses after every batch, so that there is something that could be left paused.
    let what = ["--target", "1.33", "--max-parallelism", "2", "--pause-policy", "every-batch"];
    let how = ["--settle", "1s", "--interval", "50ms", "--on-pause", "resume", "--parallel-pools", "2", "-o", "json"];
    let run = || [&["upgrade", "run", CLUSTER][..], &what[..], &how[..]].concat();
    match way {
        Way::RunWithCheckpoint => [&run()[..], &["--checkpoint", "run.json"][..]].concat(),
        Way::RunWithout => run(),
        Way::Apply => {
            let plan = [&["upgrade", "plan", CLUSTER][..], &what[..], &["--plan-out", "plan.json"][..]].concat();
            call(&plan, cloud, folder);
            [&["upgrade", "apply", "plan.json"][..], &how[..]].concat()
        }
    }
}

/// Whether a checkpoint says that a start was about to be sent, and not yet that it was.
fn is_within_a_start(folder: &Path) -> bool {
    let kept = ["run.json", "plan.json.checkpoint"].map(|name| std::fs::read_to_string(folder.join(name)));
    kept.into_iter().flatten().any(|text| text.contains("\"state\": \"starting\""))
}

/// Calls the program to its end, and gives what it printed.
fn call(arguments: &[&str], cloud: &Cloud, folder: &Path) -> String {
    let done = command(arguments, cloud, folder).output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn command(arguments: &[&str], cloud: &Cloud, folder: &Path) -> Command {
    let keys = &cloud.announcement;
    let mut command = Command::new(env!("CARGO_BIN_EXE_ackctl"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("ALIBABA_CLOUD_REGION_ID", &keys.region)
        .env("ALIBABA_CLOUD_ENDPOINT", &keys.endpoint)
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", &keys.access_key_id)
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &keys.access_key_secret)
        .stdin(Stdio::null());
    command
}

/// A call that may be killed. None is left behind, however the test ends.
struct Process {
    child: Child,
    folder: std::path::PathBuf,
}

impl Process {
    fn start(arguments: &[&str], cloud: &Cloud, folder: &Path) -> Self {
        let file = |name: &str| Stdio::from(std::fs::File::create(folder.join(name)).unwrap());
        let child = command(arguments, cloud, folder).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
        Self { child, folder: folder.to_owned() }
    }

    /// Kills it at a moment, or at the deadline. How it ended, if it did so by itself before.
    fn killed_at(&mut self, moment: Option<Instant>, deadline: Instant) -> Option<ExitStatus> {
        let moment = moment.unwrap_or(deadline).min(deadline);
        while Instant::now() < moment {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(1));
        }
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        // It may have ended just before.
        status.code().map(|_| status)
    }

    /// The end of what it printed.
    fn said(&self) -> String {
        let text = |name: &str| std::fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        let last: Vec<String> = text("stdout").lines().rev().take(5).map(str::to_owned).collect();
        format!("{}\n{}", text("stderr"), last.join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The emulator, on a thread of its own.
struct Cloud {
    emulator: Emulator,
    announcement: Announcement,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Cloud {
    fn start() -> Self {
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let emulator = emulated().await;
                tell.send(((*emulator).clone(), emulator.announcement())).unwrap();
                // An end of the test ends it, too.
                let _ = stopped.await;
                emulator.shutdown().await;
            });
        });
        let (emulator, announcement) = told.recv().unwrap();
        Self { emulator, announcement, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers to starts are slow, so that kills fall between a start and its answer, too; checks and steering, after which
/// the program would wait in real time, are at once.
async fn emulated() -> ack_emulator::RunningEmulator {
    let seed = ClusterSeed::managed(CLUSTER, "test", "1.31.1-aliyun.1")
        .with_node_pool(NodePoolSeed::new("np-blue", 4))
        .with_node_pool(NodePoolSeed::new("np-green", 3))
        .with_addon(AddonSeed::new("coredns", "v1.9.3.6-a").with_next_version("v1.11.3.2-b"));
    let durations = UpgradeDurations::default().with_check(Duration::ZERO).with_control(Duration::ZERO);
    let slow: Fault =
        "{fault: delay, by: 150ms, operation: [UpgradeCluster, UpgradeClusterNodepool, UpgradeClusterAddons]}"
            .parse()
            .unwrap();
    let builder = Emulator::builder().time_scale(TIME_SCALE).durations(durations).cluster(seed).fault(slow);
    builder.start().await.unwrap()
}

/// Moments to kill at: most soon after the start, some later, when more has been done.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        let longest = if self.number(5) == 0 { 2500 } else { 700 };
        Duration::from_millis(self.number(longest))
    }

    /// A number below another, by a linear congruential generator.
    fn number(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| unreachable!("{variable} is no number: {text}")))
}
