//! How fast and how many at once: the client's own limits, which keep it from being refused by the service's.
//!
//! The service counts calls per account and region. So does a client: it belongs to one region and one source of
//! credentials, and its clones share its limits. Programs with several clients of one account in one region give all of
//! them the same [`RateLimiter`].
//!
//! ```
//! use std::time::Duration;
//! use ack_client::Client;
//! use ack_client::limit::{ConcurrencyLimit, RateLimiter};
//!
//! let rate = RateLimiter::new(20, Duration::from_secs(1))?;
//! let watcher = Client::builder().region("cn-hangzhou").rate_limiter(rate.clone()).build()?;
//! let worker = Client::builder()
//!     .region("cn-hangzhou")
//!     .rate_limiter(rate)
//!     .concurrency_limit(ConcurrencyLimit::new(4)?)
//!     .build()?;
//! # let _ = (watcher, worker);
//! # Ok::<(), ack_client::Error>(())
//! ```
//!
//! Both limits are first come, first served, and count attempts, retries among them. A call never waits for its turn
//! longer than its [`timeout`](crate::ClientBuilder::timeout) allows. What they do not do: they know nothing of other
//! processes.

mod bucket;
mod concurrency;
mod rate;

pub use concurrency::ConcurrencyLimit;
pub use rate::RateLimiter;

/// The limits of one client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limiters {
    pub(crate) rate: RateLimiter,
    pub(crate) concurrency: ConcurrencyLimit,
}
