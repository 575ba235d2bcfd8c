//! Takes memory and processor time of following a fleet: `fleet idle` prints the memory of a process that does nothing else, in
//! bytes; `fleet [--quick] ENDPOINT IDLE` follows the clusters that `clusters` serves there, and prints rows.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ack_bench::fleet::{POLLS_A_SECOND, Size, client};
use ack_bench::{Row, cpu, peak_memory};
use ack_client::limit::RateLimiter;
use ack_upgrade::fleet::{Account, Fleet, FleetEventKind, FleetNews, FleetView, FleetWatchOptions, Looks};
use ack_upgrade::{EventKind, Outcome};
use anyhow::{Context as _, Result, ensure};

/// The calls a second that the account may make. A look takes three.
const CALLS_A_SECOND: u32 = 2_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.as_slice() {
            [idle] if idle == "idle" => {
                // What every process with a client has.
                let _client = client("http://127.0.0.1:9")?;
                tokio::time::sleep(Duration::from_millis(100)).await;
                writeln!(std::io::stdout().lock(), "{}", peak_memory())?;
                Ok(())
            }
            [endpoint, idle] => {
                follow(endpoint, idle.parse().context("give the memory that `fleet idle` printed")?).await
            }
            _ => anyhow::bail!("say idle, or give the endpoint that `clusters` printed and the number of `fleet idle`"),
        }
    })
}

/// What was told of a cluster.
#[derive(Debug, Default)]
struct Told {
    found: u32,
    started: u32,
    ended: u32,
}

async fn follow(endpoint: &str, idle: u64) -> Result<()> {
    let size = Size::asked_for();
    let rate = RateLimiter::new(CALLS_A_SECOND, Duration::from_secs(1))?;
    let endpoint = endpoint.to_owned();
    let account = Account::new("bench", "cn-hangzhou", move |builder| ack_bench::fleet::build(builder, &endpoint));
    let fleet = Fleet::new([account.rate_limiter(rate)])?;
    let options = FleetWatchOptions::default()
        .looks(Looks::Every)
        .idle(Duration::from_secs(size.clusters as u64 / POLLS_A_SECOND).max(Duration::from_secs(1)))
        .time_limit(size.warm_up + size.measured);
    let mut watch = fleet.watch(options);
    let view = watch.view();
    let began = Instant::now();
    let mut told: HashMap<Arc<str>, Told> = HashMap::new();
    let mut start = None;
    loop {
        // Quiet or not, the clock is looked at.
        let next = tokio::time::timeout(Duration::from_millis(500), watch.next()).await;
        if start.is_none() && began.elapsed() >= size.warm_up {
            start = Some((Instant::now(), cpu(), looks(&view)));
        }
        let Ok(next) = next else { continue };
        let Some(event) = next else { break };
        let Some(id) = event.cluster_id else { continue };
        let told = told.entry(id).or_default();
        match event.kind {
            FleetEventKind::Fleet(FleetNews::ClusterFound { .. }) => told.found += 1,
            FleetEventKind::Upgrade(EventKind::Started { .. }) => told.started += 1,
            FleetEventKind::Upgrade(EventKind::Finished { outcome: Outcome::Succeeded { .. } }) => told.ended += 1,
            FleetEventKind::Upgrade(EventKind::PollError { error, .. }) => anyhow::bail!("a look failed: {error}"),
            _ => {}
        }
    }
    let (since, cpu_before, looks_before) = start.context("it ended before it was warm")?;
    let (time, cpu, looks) = (since.elapsed(), cpu().saturating_sub(cpu_before), looks(&view) - looks_before);
    let memory = peak_memory();

    let ended = told.values().filter(|told| told.ended == 1).count();
    ensure!(told.len() == size.clusters, "{} clusters of {} were found", told.len(), size.clusters);
    ensure!(
        told.values().all(|told| told.found == 1 && told.started <= 1 && told.ended <= 1),
        "something was told twice"
    );
    ensure!(size.is_quick || ended == size.upgrades, "{ended} upgrades of {} have ended", size.upgrades);
    let polls = looks as f64 / time.as_secs_f64();
    ensure!(
        size.is_quick || polls >= 0.95 * POLLS_A_SECOND as f64,
        "the machine is too busy: {polls:.0} polls a second"
    );
    let own = cpu.as_secs_f64() / time.as_secs_f64() * (POLLS_A_SECOND as f64 / polls) * 1e9;
    Row { id: "fleet/cpu".to_owned(), own, peer: 1e9, unit: "ns" }.print()?;
    let own = memory.saturating_sub(idle) as f64;
    Row { id: "fleet/memory".to_owned(), own, peer: 1024.0 * 1024.0, unit: "bytes" }.print()
}

fn looks(view: &FleetView) -> u64 {
    view.regions().iter().map(|region| region.looks).sum()
}
