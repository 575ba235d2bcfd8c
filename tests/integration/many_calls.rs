//! Thousands of calls while one request in ten meets a fault: none is lost, none is carried out twice, and memory stays
//! flat. `ACK_TEST_CALLS=10000` makes as many calls; the default is fewer, for a quick run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ack_client::auth::StaticCredentials;
use ack_client::limit::{ConcurrencyLimit, RateLimiter};
use ack_client::models::UpgradeClusterRequest;
use ack_client::retry::{ExponentialBackoff, FailedAttempt, RetryBudget, RetryThrottle};
use ack_client::{Client, Error};
use ack_emulator::{ClusterSeed, Emulator, Fault};

const DEFAULT_CALLS: usize = 2_000;

/// The calls between two looks at the emulator, which starts anew after each.
const ROUND: usize = 500;

/// Each is told to start an upgrade once a round.
const CLUSTERS: usize = 50;

const TASKS: usize = 8;

/// Generous, since the other tests of the binary run beside this one. Alone, 10,000 calls add about 3 MiB.
const MAX_GROWTH_KIB: usize = 128 * 1024;

/// The budget, and the attempts that calls took which succeeded.
#[derive(Clone, Debug)]
struct Counted {
    budget: RetryBudget,
    attempts: Arc<AtomicUsize>,
}

impl RetryThrottle for Counted {
    fn permit(&self, failed: &FailedAttempt<'_>) -> bool {
        self.budget.permit(failed)
    }

    fn succeeded(&self, attempts: u32) {
        self.attempts.fetch_add(attempts as usize, Ordering::Relaxed);
        self.budget.succeeded(attempts);
    }
}

/// Ten faults, together about one request in ten.
fn mixed() -> [Fault; 10] {
    [
        Fault::throttle(),
        Fault::throttle().status(503).retry_after(Duration::from_millis(1)),
        Fault::server_error(500),
        Fault::server_error(504).after_handling(),
        Fault::html(502),
        Fault::cut_off(),
        Fault::stall().limit(Duration::from_millis(5)),
        Fault::reset(),
        Fault::reset().after_handling(),
        Fault::lost_reply(),
    ]
    .map(|fault| fault.probability(0.0105))
}

fn cluster(number: usize) -> String {
    format!("c{number:032}")
}

fn to_next_version() -> UpgradeClusterRequest {
    UpgradeClusterRequest { next_version: Some("1.32.1-aliyun.1".to_owned()), ..Default::default() }
}

/// How calls ended.
#[derive(Debug, Default)]
struct Ends {
    read: usize,
    read_failed: usize,
    /// By cluster.
    started: BTreeMap<String, Result<(), Error>>,
    failed_attempts: usize,
}

async fn work(client: Client, numbers: impl Iterator<Item = usize>) -> Ends {
    let mut ends = Ends::default();
    for number in numbers {
        let id = cluster(number / (ROUND / CLUSTERS) % CLUSTERS);
        if number % (ROUND / CLUSTERS) == 0 {
            let end = client.upgrade_cluster(&id, &to_next_version()).await.map(drop);
            ends.failed_attempts += end.as_ref().err().map_or(0, |error| error.attempts() as usize);
            assert!(ends.started.insert(id, end).is_none());
            continue;
        }
        match client.describe_cluster_detail(&id).await {
            Ok(answer) => {
                assert_eq!(answer.cluster_id.as_deref(), Some(id.as_str()));
                ends.read += 1;
            }
            Err(error) => {
                assert!(error.is_transient() && error.is_retries_exhausted(), "{error}");
                ends.read_failed += 1;
                ends.failed_attempts += error.attempts() as usize;
            }
        }
    }
    ends
}

/// What this process has in memory, where the system tells.
fn resident_kib() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[tokio::test]
#[allow(clippy::print_stdout, reason = "the figures are for whoever runs it with --nocapture")]
async fn many_calls_with_faults_are_neither_lost_nor_doubled() {
    let calls = match std::env::var("ACK_TEST_CALLS") {
        Ok(text) => text.parse().expect("ACK_TEST_CALLS is a number"),
        Err(_) => DEFAULT_CALLS,
    };
    let rounds = calls / ROUND;
    assert!(rounds >= 2, "ACK_TEST_CALLS is at least {}", 2 * ROUND);
    let mut builder = Emulator::builder().access_key("emulatorKey", "emulator-secret").seed(7);
    for number in 0..CLUSTERS {
        builder = builder.cluster(ClusterSeed::managed(cluster(number), "many", "1.31.1-aliyun.1"));
    }
    let emulator = builder.start().await.unwrap();
    for fault in mixed() {
        emulator.inject(fault).unwrap();
    }
    let counted = Counted { budget: RetryBudget::default(), attempts: Arc::default() };
    let client = Client::builder()
        .endpoint(emulator.endpoint())
        .credentials(StaticCredentials::access_key("emulatorKey", "emulator-secret").unwrap())
        .attempt_timeout(Duration::from_secs(60))
        .timeout(Duration::from_secs(120))
        .backoff(ExponentialBackoff::new().cap(Duration::from_millis(1)).random(|| 0.5))
        .concurrency_limit(ConcurrencyLimit::new(TASKS / 2).unwrap())
        .retry_throttle(counted.clone())
        .rate_limiter(RateLimiter::unlimited())
        .build()
        .unwrap();

    let mut memory = Vec::new();
    let (mut read, mut read_failed, mut started, mut unclear, mut refused) = (0, 0, 0, 0, 0);
    let (mut sent, mut struck, mut attempts) = (0, 0, 0);
    for round in 0..rounds {
        let tasks: Vec<_> =
            (0..TASKS).map(|task| tokio::spawn(work(client.clone(), (0..ROUND).skip(task).step_by(TASKS)))).collect();
        let mut ends = Vec::new();
        for task in tasks {
            ends.push(task.await.unwrap());
        }
        let requests = emulator.requests();
        sent += requests.len();
        struck += requests.iter().filter(|request| request.fault.is_some()).count();
        let mut answered = 0;
        for ends in ends {
            answered += ends.read + ends.read_failed + ends.started.len();
            read += ends.read;
            read_failed += ends.read_failed;
            attempts += ends.failed_attempts;
            for (id, end) in ends.started {
                let path = format!("/api/v2/clusters/{id}/upgrade");
                let of_this: Vec<_> = requests.iter().filter(|request| request.path == path).collect();
                let accepted = of_this.iter().filter(|request| request.is_accepted).count();
                let shown = format!("round {round}: {end:?}, {of_this:?}");
                assert!(accepted <= 1, "{shown}");
                // Nothing is sent after what was carried out.
                assert!(accepted == 0 || of_this.last().unwrap().is_accepted, "{shown}");
                match end {
                    Ok(()) => {
                        assert_eq!(accepted, 1, "{shown}");
                        started += 1;
                    }
                    Err(error) if error.may_have_taken_effect() => unclear += 1,
                    Err(error) => {
                        assert!(accepted == 0 && error.is_retries_exhausted(), "{shown}");
                        refused += 1;
                    }
                }
            }
        }
        assert_eq!(answered, ROUND, "a call was lost in round {round}");
        // Clusters as at the start, with the faults still waiting.
        emulator.reset();
        for fault in mixed() {
            emulator.inject(fault).unwrap();
        }
        memory.extend(resident_kib());
    }
    attempts += counted.attempts.load(Ordering::Relaxed);
    println!(
        "{} calls: {read} read, {read_failed} reads failed, {started} started, {unclear} starts unclear, {refused} \
         starts refused; {sent} requests, {struck} struck; budget {:?}; resident KiB after each round {memory:?}",
        rounds * ROUND,
        counted.budget,
    );
    assert_eq!(attempts, sent, "what the client counts is what the service saw");
    let share = struck as f64 / sent as f64;
    assert!((0.07..0.13).contains(&share), "{share} of the requests met a fault");
    assert!(started > unclear + refused && read_failed * 50 < read);
    assert!(counted.budget.left() <= RetryBudget::CAPACITY && counted.budget.left() > 0);
    // The first round opens connections and warms what is made once.
    if let (Some(first), Some(last)) = (memory.first(), memory.last()) {
        assert!(last.saturating_sub(*first) < MAX_GROWTH_KIB, "memory grows: {memory:?}");
    }
}
