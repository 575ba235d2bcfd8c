//! How long to wait between attempts.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// How long to wait before a call is made again.
///
/// It is not asked when the service itself has said how long to wait. Waits should be random in part: clients that fail
/// together must not come back together.
pub trait Backoff: fmt::Debug + Send + Sync {
    /// The wait before a retry. `retry` is 1 before the second attempt, 2 before the third, and so on.
    fn delay(&self, retry: u32) -> Duration;
}

/// Waits that grow exponentially, with full jitter: each is drawn evenly between the floor and a bound that doubles
/// from retry to retry until it reaches the cap.
///
/// Defaults: 500 ms for the first bound, factor 2, at least 50 ms, at most 20 s; the random numbers are the standard
/// library's. 500 ms and 20 s are what older official SDKs use after throttling.
#[derive(Clone)]
pub struct ExponentialBackoff {
    initial: Duration,
    factor: f64,
    floor: Duration,
    cap: Duration,
    random: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl ExponentialBackoff {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            initial: Duration::from_millis(500),
            factor: 2.0,
            floor: Duration::from_millis(50),
            cap: Duration::from_secs(20),
            random: Arc::new(random_fraction),
        }
    }

    /// The longest wait before the first retry.
    #[must_use]
    pub fn initial(mut self, bound: Duration) -> Self {
        self.initial = bound;
        self
    }

    /// What the bound is multiplied with from retry to retry. Values under 1, and what is no number, mean 1.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor.max(1.0);
        self
    }

    /// The shortest wait. It is never longer than the cap.
    #[must_use]
    pub fn floor(mut self, floor: Duration) -> Self {
        self.floor = floor;
        self
    }

    /// The longest wait of all.
    #[must_use]
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Where random numbers come from, evenly from 0 to less than 1; for tests. What lies outside is moved to the
    /// nearer end.
    #[must_use]
    pub fn random(mut self, fraction: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.random = Arc::new(fraction);
        self
    }
}

impl Backoff for ExponentialBackoff {
    fn delay(&self, retry: u32) -> Duration {
        let doublings = i32::try_from(retry.saturating_sub(1)).unwrap_or(i32::MAX);
        let grown = self.initial.as_secs_f64() * self.factor.powi(doublings);
        // The growth overflows to infinity, which no duration holds, long after it has passed any cap.
        let bound = Duration::try_from_secs_f64(grown).unwrap_or(self.cap).min(self.cap);
        let floor = self.floor.min(self.cap);
        let fraction = (self.random)();
        let fraction = if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) };
        floor + bound.saturating_sub(floor).mul_f64(fraction)
    }
}

impl Default for ExponentialBackoff {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ExponentialBackoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExponentialBackoff")
            .field("initial", &self.initial)
            .field("factor", &self.factor)
            .field("floor", &self.floor)
            .field("cap", &self.cap)
            .finish_non_exhaustive()
    }
}

impl<T: Backoff + ?Sized> Backoff for Arc<T> {
    fn delay(&self, retry: u32) -> Duration {
        (**self).delay(retry)
    }
}

/// Each `RandomState` has keys of its own, from a seed the operating system gave, which is random enough to spread waits
/// and needs no further crate.
fn random_fraction() -> f64 {
    // 53 bits are what a double holds exactly.
    const BITS: u32 = 53;
    let bits = RandomState::new().hash_one(0_u8) >> (u64::BITS - BITS);
    bits as f64 / (1_u64 << BITS) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_double_up_to_the_cap() {
        let backoff = ExponentialBackoff::new().random(|| 1.0);
        let bounds: Vec<_> = (1..=8).map(|retry| backoff.delay(retry).as_millis()).collect();
        assert_eq!(bounds, [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
        assert_eq!(ExponentialBackoff::new().random(|| 0.0).delay(5), Duration::from_millis(50));
    }

    #[test]
    fn random_fractions_fill_the_range() {
        let drawn: Vec<f64> = (0..1000).map(|_| random_fraction()).collect();
        assert!(drawn.iter().all(|fraction| (0.0..1.0).contains(fraction)));
        for tenth in 0..10 {
            let from = f64::from(tenth) / 10.0;
            let count = drawn.iter().filter(|fraction| (from..from + 0.1).contains(*fraction)).count();
            assert!((40..200).contains(&count), "{count} of 1000 lie above {from}");
        }
    }

    proptest! {
        #[test]
        fn every_wait_lies_between_floor_and_cap(
            initial in 0_u64..100_000, floor in 0_u64..100_000, cap in 0_u64..100_000,
            factor in prop::num::f64::ANY, fraction in prop::num::f64::ANY, retry in any::<u32>(),
        ) {
            let millis = Duration::from_millis;
            let backoff = ExponentialBackoff::new()
                .initial(millis(initial)).floor(millis(floor)).cap(millis(cap)).factor(factor).random(move || fraction);
            let delay = backoff.delay(retry);
            prop_assert!(delay >= millis(floor.min(cap)) && delay <= millis(cap), "{delay:?}");
        }

        #[test]
        fn no_bound_is_smaller_than_the_one_before(retry in 1_u32..2000, factor in 1.0_f64..10.0) {
            let backoff = ExponentialBackoff::new().factor(factor).random(|| 1.0);
            prop_assert!(backoff.delay(retry) <= backoff.delay(retry + 1));
        }
    }
}
