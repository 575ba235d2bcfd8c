//! The fleet that is followed: how large, and by which client.

use std::time::Duration;

use ack_client::auth::StaticCredentials;
use ack_client::{Client, ClientBuilder};
use ack_emulator::{DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET};

/// How many clusters are looked at in a second.
pub const POLLS_A_SECOND: u64 = 500;

/// How large the fleet is, and how long it is followed.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Clusters.
    pub clusters: usize,
    /// Those of them that are being upgraded.
    pub upgrades: usize,
    /// Time until every cluster was looked at once.
    pub warm_up: Duration,
    /// Time that counts.
    pub measured: Duration,
    /// Whether nobody cares for the numbers.
    pub is_quick: bool,
}

impl Size {
    /// That of the arguments.
    #[must_use]
    pub fn asked_for() -> Self {
        let is_quick = crate::is_quick();
        let (clusters, upgrades, warm_up, measured) = if is_quick { (100, 10, 1, 3) } else { (10_000, 500, 40, 40) };
        let (warm_up, measured) = (Duration::from_secs(warm_up), Duration::from_secs(measured));
        Self { clusters, upgrades, warm_up, measured, is_quick }
    }
}

/// The ID of a cluster.
#[must_use]
pub fn cluster_id(number: usize) -> String {
    format!("c{number:031x}")
}

/// Completes a client of the emulator.
///
/// # Errors
///
/// If the endpoint is none.
pub fn build(builder: ClientBuilder, endpoint: &str) -> Result<Client, ack_client::Error> {
    // The emulator's own keys are fit for use.
    let keys = StaticCredentials::access_key(DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET);
    let builder = builder.endpoint(endpoint);
    match keys {
        Ok(keys) => builder.credentials(keys).build(),
        Err(_) => builder.build(),
    }
}

/// A client of the emulator.
///
/// # Errors
///
/// If the endpoint is none.
pub fn client(endpoint: &str) -> Result<Client, ack_client::Error> {
    build(Client::builder(), endpoint)
}
