//! How many retries a whole program may make, so that an outage is not multiplied.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::FailedAttempt;

/// Decides by how other calls fare whether a retry may be made.
///
/// It is asked last, when policy, attempts and time allow the retry.
pub trait RetryThrottle: fmt::Debug + Send + Sync {
    /// Whether the retry may be made. A throttle that counts takes its price with a yes.
    fn permit(&self, failed: &FailedAttempt<'_>) -> bool;

    /// A call was answered, by the attempt with this number.
    fn succeeded(&self, attempts: u32);
}

/// A budget of tokens that retries spend and successes refill. The default, with [`CAPACITY`](Self::CAPACITY) tokens.
///
/// A retry costs 5 tokens, one after a timeout 10, as it has kept connections busy for longer. A call that succeeds at once
/// brings 1 back, one that succeeds by a retry the 5 of that. So single failures are always repeated, while in an
/// outage the budget is soon spent and each call makes one attempt until calls succeed again. (The AWS SDKs use the
/// same numbers.)
///
/// Clones share the budget; so do the clones of a client, and all clients that are given it.
///
/// ```
/// use ack_client::{Client, retry::RetryBudget};
///
/// let budget = RetryBudget::default();
/// let hangzhou = Client::builder().region("cn-hangzhou").retry_throttle(budget.clone()).build()?;
/// let beijing = Client::builder().region("cn-beijing").retry_throttle(budget.clone()).build()?;
/// assert_eq!(budget.left(), RetryBudget::CAPACITY);
/// # let _ = (hangzhou, beijing);
/// # Ok::<(), ack_client::Error>(())
/// ```
#[derive(Clone)]
pub struct RetryBudget {
    capacity: u32,
    left: Arc<AtomicU32>,
}

/// Lets every retry pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unthrottled;

impl RetryBudget {
    /// The tokens of a budget that is not told otherwise.
    pub const CAPACITY: u32 = 500;

    const RETRY: u32 = 5;
    const RETRY_AFTER_TIMEOUT: u32 = 10;

    /// A full budget of this many tokens. With 0 nothing is ever repeated.
    #[must_use]
    pub fn new(capacity: u32) -> Self {
        Self { capacity, left: Arc::new(AtomicU32::new(capacity)) }
    }

    /// The tokens left.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.left.load(Ordering::Relaxed)
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(Self::CAPACITY)
    }
}

impl RetryThrottle for RetryBudget {
    fn permit(&self, failed: &FailedAttempt<'_>) -> bool {
        let price = if failed.error.is_timeout() { Self::RETRY_AFTER_TIMEOUT } else { Self::RETRY };
        let spend = |left: u32| left.checked_sub(price);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_ok()
    }

    fn succeeded(&self, attempts: u32) {
        let brings = if attempts > 1 { Self::RETRY } else { 1 };
        let refill = |left: u32| (left < self.capacity).then(|| left.saturating_add(brings).min(self.capacity));
        // An error means that the budget is full.
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, refill);
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget").field("capacity", &self.capacity).field("left", &self.left()).finish()
    }
}

impl RetryThrottle for Unthrottled {
    fn permit(&self, _failed: &FailedAttempt<'_>) -> bool {
        true
    }

    fn succeeded(&self, _attempts: u32) {}
}

impl<T: RetryThrottle + ?Sized> RetryThrottle for Arc<T> {
    fn permit(&self, failed: &FailedAttempt<'_>) -> bool {
        (**self).permit(failed)
    }

    fn succeeded(&self, attempts: u32) {
        (**self).succeeded(attempts);
    }
}
