//! How many requests a second.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::bucket::Bucket;
use crate::error::Error;

/// How many requests may start in a time, adapted to what the service puts up with. First come, first served.
///
/// | limiter | as long as nothing is throttled | after throttling |
/// |---|---|---|
/// | [`adaptive`](Self::adaptive), the default | no limit | adapts |
/// | [`new`](Self::new) | a token bucket of the given rate | adapts below that rate |
/// | [`unlimited`](Self::unlimited) | no limit | no limit |
///
/// When the service refuses a request for [throttling](Error::is_throttled), the limit falls to half the rate at which
/// requests went out, but not below one a second, and requests are spaced evenly. From there it rises in a straight
/// line, back to the old rate after 30 seconds; without a rate of its own the limit goes away once it has reached twice
/// the old rate, after 90. Refusals of requests that went out before a fall, or within a second after it, do not lower it again.
///
/// A clone is the same limiter: give it to every client of one account in one region.
#[derive(Clone)]
pub struct RateLimiter(Option<Arc<Shared>>);

struct Shared {
    bucket: Mutex<Bucket>,
    /// Who holds it is next. The lock is fair, which makes the queue.
    turn: tokio::sync::Mutex<()>,
}

impl RateLimiter {
    /// No limit before the service throttles, and then the one that suits it.
    #[must_use]
    pub fn adaptive() -> Self {
        Self::of(Bucket::unlimited(Instant::now()))
    }

    /// At most `requests` in any `period` on average: the bucket holds that many, so that a client that was idle may send
    /// as many at once, and fills within the period.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if one of them is zero.
    pub fn new(requests: u32, period: Duration) -> Result<Self, Error> {
        let refuse = |value: &str, problem: &str, remedy: &str| {
            Err(Error::invalid_input("rate_limiter", value, problem, remedy))
        };
        if requests == 0 {
            return refuse("0 requests", "sends nothing", "allow at least 1, or use RateLimiter::unlimited()");
        }
        if period.is_zero() {
            return refuse("a period of 0", "is no rate", "give a period such as a second");
        }
        let requests = f64::from(requests);
        Ok(Self::of(Bucket::limited(requests / period.as_secs_f64(), requests, Instant::now())))
    }

    /// No limit, whatever the service says.
    #[must_use]
    pub fn unlimited() -> Self {
        Self(None)
    }

    /// The requests a second that are allowed at present; `None` if there is no limit.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.0.as_ref()?.bucket().rate(Instant::now())
    }

    /// Waits for the turn to send, and says whether it comes before the deadline. Given up, it takes nothing.
    pub(crate) async fn acquire(&self, deadline: Option<Instant>) -> bool {
        let Some(shared) = &self.0 else { return true };
        let _turn = match shared.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => shared.turn.lock().await,
        };
        let began = Instant::now();
        let mut now = began;
        loop {
            let taken = shared.bucket().take(now);
            match taken {
                Ok(()) => break,
                Err(wait)
                    if deadline.is_some_and(|deadline| now.checked_add(wait).is_none_or(|end| end > deadline)) =>
                {
                    return false;
                }
                Err(wait) => tokio::time::sleep(wait).await,
            }
            now = Instant::now();
        }
        if now > began {
            let waited_ms = u64::try_from((now - began).as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(waited_ms, "the client's rate limit held the request back");
        }
        true
    }

    /// Takes note that the service has throttled a request that went out at `sent`.
    pub(crate) fn throttled(&self, sent: Instant) {
        let Some(shared) = &self.0 else { return };
        let lowered = shared.bucket().throttled(sent, Instant::now());
        if let Some(rate) = lowered {
            tracing::info!(requests_per_second = rate, "throttled by the service: requests are slowed down");
        }
    }

    fn of(bucket: Bucket) -> Self {
        Self(Some(Arc::new(Shared { bucket: Mutex::new(bucket), turn: tokio::sync::Mutex::new(()) })))
    }
}

impl Shared {
    /// No code panics while it holds the bucket.
    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self::adaptive()
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter").field("adapts", &self.0.is_some()).finish_non_exhaustive()
    }
}
