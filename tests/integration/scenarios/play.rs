//! Playing a scenario, and writing down what is seen of it.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use ack_client::Client;
use ack_client::auth::StaticCredentials;
use ack_client::retry::Backoff;
use ack_emulator::{Emulator, RunningEmulator, ScaledClock};
use ack_upgrade::{
    ControlOptions, Controlled, Error, Event, EventKind, Started, UpgradeHandle, Upgrades, Watch, WatchOptions,
};

use super::file::{File, Step, changes, fault};
use crate::upgrade::schema;

/// 2026-01-02T03:04:05Z, where every scenario starts.
const START: Duration = Duration::from_secs(1_767_323_045);

/// Waits of the client are the same in every run.
#[derive(Debug)]
struct Steady;

impl Backoff for Steady {
    fn delay(&self, retry: u32) -> Duration {
        Duration::from_secs(retry.into())
    }
}

/// The account of a scenario.
pub(super) async fn play(file: &File) -> String {
    let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + START);
    let emulator = Emulator::builder().scenario(file.emulator()).clock(clock).start().await.unwrap();
    let cluster_id = file.cluster_id();
    let mut user = Person::new(file, &emulator, clock, &cluster_id);
    let mut others = Vec::new();
    for meanwhile in file.meanwhile.clone() {
        let mut other = Person::new(file, &emulator, clock, &cluster_id);
        let emulator = (*emulator).clone();
        others.push(tokio::spawn(async move {
            tokio::time::sleep(meanwhile.at).await;
            other.take(&meanwhile.step, &emulator).await;
            other.account
        }));
    }
    for step in &file.steps {
        user.take(step, &emulator).await;
    }
    let mut account = std::mem::take(&mut user.account);
    for other in others {
        // What somebody was to do later than all the user did is not done.
        if other.is_finished() {
            let _ = write!(account, "\nmeanwhile:\n{}", other.await.unwrap());
        } else {
            other.abort();
        }
    }
    let _ = write!(account, "\ncarried out by the service: {}", changes_made(&emulator));
    without_port(&account, &emulator)
}

/// Somebody with a client of their own, who remembers one upgrade.
struct Person {
    upgrades: Upgrades,
    make: Box<dyn Fn() -> Upgrades + Send>,
    handle: UpgradeHandle,
    cluster_id: String,
    account: String,
}

impl Person {
    fn new(file: &File, emulator: &RunningEmulator, clock: ScaledClock, cluster_id: &str) -> Self {
        let (id, secret) = emulator.access_keys().remove(0);
        let (endpoint, region) = (emulator.endpoint(), emulator.region().to_owned());
        let (format, attempts) = (file.format(), file.attempts);
        let make = move || {
            let client = Client::builder()
                .endpoint(&endpoint)
                .region(&region)
                .credentials(StaticCredentials::access_key(id.as_str(), secret.as_str()).unwrap())
                .format(format)
                .max_attempts(attempts)
                .backoff(Steady)
                .build()
                .unwrap();
            Upgrades::new(client).with_clock(clock)
        };
        Self {
            upgrades: make(),
            make: Box::new(make),
            handle: UpgradeHandle::new(cluster_id),
            cluster_id: cluster_id.to_owned(),
            account: String::new(),
        }
    }

    async fn take(&mut self, step: &Step, emulator: &Emulator) {
        let options = ControlOptions::default();
        match step {
            Step::Start(version) => {
                let started = self.upgrades.start(&self.cluster_id, version).await;
                self.started(&format!("start {version}"), started);
            }
            Step::StartNodePool(pool) => {
                let started = self.upgrades.start_node_pool(&self.cluster_id, &pool.id, &pool.to, &pool.how()).await;
                self.started(&format!("start node pool {} to {}", pool.id, pool.to), started);
            }
            Step::StartAddons(addons) => {
                let started = self.upgrades.start_addons(&self.cluster_id, &changes(addons)).await;
                self.started("start add-ons", started);
            }
            Step::ByCluster => self.handle = UpgradeHandle::new(&self.cluster_id).with_kind(self.handle.kind.clone()),
            Step::AnotherProcess => {
                self.handle = UpgradeHandle::from_json(&self.handle.to_json()).unwrap();
                self.upgrades = (self.make)();
                self.say("another process takes up the handle");
            }
            Step::Follow(follow) => self.follow(follow.options()).await,
            Step::Status => match self.upgrades.status(&self.handle).await {
                Ok(status) => {
                    let state = status.cluster_state.as_ref().map_or("-", |state| state.as_str());
                    let line = format!("status: {status} (cluster {state}, by {})", status.source);
                    self.say(&line);
                }
                Err(error) => self.say(&format!("status: {error}")),
            },
            Step::Pause => {
                let done = self.upgrades.pause(&self.handle, &options).await;
                self.steered("pause", done);
            }
            Step::Resume => {
                let done = self.upgrades.resume(&self.handle, &options).await;
                self.steered("resume", done);
            }
            Step::Cancel => {
                let done = self.upgrades.cancel(&self.handle, &options).await;
                self.steered("cancel", done);
            }
            Step::History => {
                for past in self.upgrades.history(&self.cluster_id, 10).await.unwrap() {
                    let target = past.target_version.unwrap_or_else(|| "-".to_owned());
                    self.say(&format!("history: {} to {target}: {}", past.upgrade, past.phase));
                }
            }
            Step::Wait(time) => tokio::time::sleep(*time).await,
            Step::Fault(settings) => {
                emulator.inject(fault(settings)).unwrap();
            }
            Step::ClearFaults => emulator.clear_faults(),
        }
    }

    fn say(&mut self, line: &str) {
        self.account.push_str(line);
        self.account.push('\n');
    }

    fn started(&mut self, what: &str, started: Result<Started, Error>) {
        match started {
            Ok(started) => {
                self.handle = started.handle().clone();
                let how = if started.is_joined() { "joined" } else { "started" };
                self.say(&format!("{what}: {how}, task {}", self.handle.task_id.as_deref().unwrap_or("unknown")));
            }
            Err(error) => {
                let kind = if error.is_refused() {
                    "refused"
                } else if error.is_unclear() {
                    "unclear"
                } else {
                    "failed"
                };
                self.say(&format!("{what}: {kind}: {error}"));
            }
        }
    }

    fn steered(&mut self, what: &str, done: Result<Controlled, Error>) {
        match done {
            Ok(done) if done.already => self.say(&format!("{what}: {} already", done.status.phase)),
            Ok(done) => self.say(&format!("{what}: {}", done.status.phase)),
            Err(error) => self.say(&format!("{what}: {error}")),
        }
    }

    async fn follow(&mut self, options: WatchOptions) {
        let mut watch = self.upgrades.attach(self.handle.clone(), options).unwrap();
        self.say("follow:");
        let mut seen = Seen::default();
        while let Some(event) = watch.next().await {
            schema::check(&event);
            seen.check(&event, &watch);
            self.say(&line(&event));
        }
        assert!(seen.has_ended);
        self.handle = watch.handle().clone();
    }
}

/// What holds for the events of every upgrade.
#[derive(Default)]
struct Seen {
    elapsed: Duration,
    told: HashSet<String>,
    has_begun: bool,
    has_ended: bool,
}

impl Seen {
    fn check(&mut self, event: &Event, watch: &Watch) {
        assert!(!self.has_ended && event.elapsed >= self.elapsed, "{event:?}");
        self.elapsed = event.elapsed;
        match &event.kind {
            EventKind::NodeEvent { notice, .. } | EventKind::TaskEvent { notice } => {
                assert!(self.told.insert(format!("{notice:?}")), "told twice: {notice:?}");
            }
            EventKind::Started { .. } => assert!(!std::mem::replace(&mut self.has_begun, true)),
            EventKind::Finished { outcome } => {
                assert_eq!(watch.outcome(), Some(outcome));
                self.has_ended = true;
            }
            _ => {}
        }
    }
}

/// An event in one line.
fn line(event: &Event) -> String {
    let words = match &event.kind {
        EventKind::PhaseChanged { from, to } => format!("{from} -> {to}"),
        EventKind::Finished { outcome } => format!("finished: {outcome}"),
        EventKind::NodeEvent { node, .. } => format!("[{node}] {}", event.kind),
        kind => kind.to_string(),
    };
    format!("{:>6}s {words}", event.elapsed.as_secs())
}

/// The operations that have changed something, with how often.
fn changes_made(emulator: &Emulator) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for request in emulator.requests().iter().filter(|request| request.method != "GET" && request.is_accepted) {
        *counts.entry(request.operation.unwrap_or("nothing known")).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(operation, count)| format!("{operation} {count}")).collect();
    if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
}

/// The port differs from run to run.
fn without_port(account: &str, emulator: &RunningEmulator) -> String {
    account.replace(&emulator.address().to_string(), "EMULATOR")
}
