//! The client over a scripted transport, on paused time; and TLS, over real connections.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ack_auth::{Clock, Credential};
use tokio::time::Instant;

use crate::client::{Client, Inner};
use crate::error::Error;
use crate::limit::RateLimiter;
use crate::models::UpgradeClusterRequest;
use crate::retry::ExponentialBackoff;
use crate::runtime::{Script, Transport};
use crate::{ClientBuilder, ResponseValue};

mod budget;
mod concurrency;
mod credentials;
mod policy;
mod rate;
mod retries;
mod sentences;
mod skew;
mod tls;
mod traces;

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";
const SECRET: &str = "scripted-secret-0123456789";
const TOKEN: &str = "scripted-token-0123456789";
/// 2026-01-02T03:04:05Z, when every test starts.
const START: u64 = 1_767_323_045;

/// The runtime's time, on top of the start and of a mistake.
#[derive(Clone, Debug)]
struct RuntimeClock {
    began: Instant,
    wrong_by: i64,
}

impl RuntimeClock {
    fn new(wrong_by: i64) -> Self {
        Self { began: Instant::now(), wrong_by }
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> SystemTime {
        let start = START.checked_add_signed(self.wrong_by).unwrap();
        SystemTime::UNIX_EPOCH + Duration::from_secs(start) + self.began.elapsed()
    }
}

/// Waits of 100 ms, 200 ms, 400 ms, and no limit of rate.
fn builder() -> ClientBuilder {
    Client::builder()
        .region("cn-hangzhou")
        .endpoint("http://127.0.0.1:8080")
        .credentials(Credential::sts("scriptedAccessKeyId", SECRET, TOKEN))
        .clock(RuntimeClock::new(0))
        .rate_limiter(RateLimiter::unlimited())
        .backoff(ExponentialBackoff::new().initial(Duration::from_millis(100)).random(|| 1.0))
}

fn client(builder: ClientBuilder, script: &Arc<Script>) -> Client {
    let built = builder.build().unwrap();
    Client::new(Inner { transport: Transport::Scripted(Arc::clone(script)), ..Inner::clone(built.inner()) })
}

/// A GET.
async fn read(client: &Client) -> Result<(), Error> {
    client.describe_cluster_detail(CLUSTER).await.map(drop)
}

/// A POST that must not happen twice.
async fn upgrade(client: &Client) -> Result<(), Error> {
    client.upgrade_cluster(CLUSTER, &UpgradeClusterRequest::default()).await.map(drop::<ResponseValue<_>>)
}

/// When the requests went out, in milliseconds from the first.
fn times(script: &Script) -> Vec<u128> {
    let sent = script.sent();
    sent.iter().map(|request| (request.at - sent[0].at).as_millis()).collect()
}
