//! Fleets of clusters, of several accounts and regions, on paused time.

mod many;
mod parts;
mod running;
mod schema;
mod watching;

use std::time::{Duration, SystemTime};

use ack_client::Client;
use ack_client::auth::StaticCredentials;
use ack_client::models::UpgradeClusterRequest;
use ack_emulator::{ClusterSeed, Emulator, RunningEmulator, ScaledClock};
use ack_upgrade::EventKind;
use ack_upgrade::fleet::{Account, Fleet, FleetEvent, FleetEventKind, FleetWatch};

const FROM: &str = "1.31.1-aliyun.1";
const TO: &str = "1.32.6-aliyun.1";

/// 2026-01-02T03:04:05Z.
const NOW: Duration = Duration::from_secs(1_767_323_045);

/// An emulated service and those who call it, with clocks that follow the time of tokio.
struct Scene {
    emulator: RunningEmulator,
    clock: ScaledClock,
}

impl Scene {
    async fn of(seeds: impl IntoIterator<Item = ClusterSeed>) -> Self {
        let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + NOW);
        let builder = Emulator::builder().access_key("key", "secret").clock(clock);
        let builder = seeds.into_iter().fold(builder, |builder, seed| builder.cluster(seed));
        Self { emulator: builder.start().await.unwrap(), clock }
    }

    /// An account that the emulator serves in every region. Its clients repeat nothing.
    fn account(&self, name: &str) -> Account {
        let endpoint = self.emulator.endpoint();
        Account::new(name, "cn-hangzhou", move |client| {
            client
                .endpoint(&endpoint)
                .credentials(StaticCredentials::access_key("key", "secret").unwrap())
                // Their waits are random.
                .max_attempts(1)
                .build()
        })
    }

    fn fleet(&self, accounts: impl IntoIterator<Item = Account>) -> Fleet {
        Fleet::new(accounts).unwrap().with_clock(self.clock)
    }

    fn client(&self) -> Client {
        Client::builder()
            .endpoint(self.emulator.endpoint())
            .credentials(StaticCredentials::access_key("key", "secret").unwrap())
            .build()
            .unwrap()
    }

    /// Starts the upgrade of a control plane, and nothing else.
    async fn start(&self, cluster_id: &str) {
        let request = UpgradeClusterRequest { next_version: Some(TO.to_owned()), ..Default::default() };
        self.client().upgrade_cluster(cluster_id, &request).await.unwrap();
    }
}

fn id(number: usize) -> String {
    format!("c{number:031x}")
}

fn seed(number: usize) -> ClusterSeed {
    ClusterSeed::managed(id(number), format!("cluster-{number}"), FROM).with_nodes(1).without_addons()
}

/// An event in one line. What the first look has seen is cut to its phase.
fn line(event: &FleetEvent) -> String {
    schema::check(event);
    let text = event.to_string();
    let text = match &event.kind {
        FleetEventKind::Upgrade(EventKind::Started { status }) => {
            text.replace(&status.to_string(), &format!("seen {}", status.phase))
        }
        _ => text,
    };
    format!("{:>6} {}", event.elapsed.as_secs(), text.replace("c000000000000000000000000000", "c..."))
}

/// All events to the end, in order.
async fn follow(watch: &mut FleetWatch) -> String {
    let mut lines = Vec::new();
    while let Some(event) = watch.next().await {
        lines.push(line(&event));
    }
    ordered(lines)
}

/// What happens to several clusters or regions at the same time comes in any order, but not what happens to one.
fn ordered(mut lines: Vec<String>) -> String {
    let of = |line: &String| {
        let (time, text) = line.trim_start().split_once(' ').unwrap_or_default();
        let subject = text.split([' ', ':']).next().unwrap_or_default();
        (time.to_owned(), subject.to_owned())
    };
    let is_of_one = |line: &String| of(line).1.contains('/');
    let together = |left: &String, right: &String| of(left).0 == of(right).0 && is_of_one(left) && is_of_one(right);
    lines.chunk_by_mut(together).for_each(|lines| lines.sort_by_key(of));
    lines.join("\n")
}
