//! The arithmetic of the rate limit: a token bucket whose rate follows throttling. It knows no clock.

use std::time::Duration;

use tokio::time::Instant;

/// What throttling leaves of a rate.
const DECREASE: f64 = 0.5;

/// The time in which a rate recovers by as much as it was before throttling; half of it makes up for the decrease.
const RECOVERY: Duration = Duration::from_secs(60);

/// Throttling lowers no rate below this many requests a second.
const FLOOR: f64 = 1.0;

/// The time a lowered rate is given to show whether it is low enough.
const SETTLE: Duration = Duration::from_secs(1);

/// Without a rate of its own, the limit is lifted at this multiple of the rate at which the service throttled.
const LIFT: f64 = 2.0;

/// Floating-point arithmetic may miss a whole token by a hair.
const WHOLE: f64 = 1.0 - 1e-6;

#[derive(Debug)]
pub(super) struct Bucket {
    /// The rate that was asked for, if one was.
    ceiling: Option<f64>,
    /// How many tokens fit in while nothing is throttled.
    burst: f64,
    tokens: f64,
    filled: Instant,
    throttled: Option<Throttled>,
    meter: Meter,
}

/// The last time the service throttled.
#[derive(Debug)]
struct Throttled {
    at: Instant,
    /// The rate up to then.
    before: f64,
    /// The rate from then on.
    after: f64,
}

/// How many requests have gone out in the second at hand, and how fast they did in the one before.
#[derive(Debug)]
struct Meter {
    since: Instant,
    count: u32,
    last: f64,
}

impl Bucket {
    pub(super) fn unlimited(now: Instant) -> Self {
        Self { ceiling: None, ..Self::limited(f64::INFINITY, 1.0, now) }
    }

    pub(super) fn limited(rate: f64, burst: f64, now: Instant) -> Self {
        let meter = Meter { since: now, count: 0, last: 0.0 };
        Self { ceiling: Some(rate), burst, tokens: burst, filled: now, throttled: None, meter }
    }

    /// Requests a second; none without a limit.
    pub(super) fn rate(&mut self, now: Instant) -> Option<f64> {
        let Some(throttled) = &self.throttled else { return self.ceiling };
        let since = now.saturating_duration_since(throttled.at);
        let risen = throttled.after + throttled.before * since.as_secs_f64() / RECOVERY.as_secs_f64();
        let enough = self.ceiling.unwrap_or(throttled.before * LIFT);
        if risen < enough {
            return Some(risen);
        }
        self.throttled = None;
        self.ceiling
    }

    /// Takes one token, or says how long it will be until there is one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        if let Some(rate) = self.rate(now) {
            if self.tokens < WHOLE {
                // A millisecond more than none, as timers are no finer than that.
                let missing = Duration::try_from_secs_f64((1.0 - self.tokens) / rate).unwrap_or(Duration::MAX);
                return Err(missing.max(Duration::from_millis(1)));
            }
            self.tokens = (self.tokens - 1.0).max(0.0);
        }
        self.meter.count(now);
        Ok(())
    }

    /// Lowers the rate and tells the new one, unless the request went out before a lower rate could show.
    pub(super) fn throttled(&mut self, sent: Instant, now: Instant) -> Option<f64> {
        if self.throttled.as_ref().is_some_and(|last| sent <= last.at + SETTLE) {
            return None;
        }
        self.fill(now);
        // A client that uses less than it is allowed learns from what it used.
        let used = self.meter.rate(now);
        let before = self.rate(now).map_or(used, |allowed| allowed.min(used)).max(FLOOR);
        // A rate that was asked for may be lower than the floor.
        let after = (before * DECREASE).max(FLOOR).min(self.ceiling.unwrap_or(f64::INFINITY));
        self.tokens = 0.0;
        self.throttled = Some(Throttled { at: now, before, after });
        Some(after)
    }

    fn fill(&mut self, now: Instant) {
        let Some(rate) = self.rate(now) else {
            self.filled = now;
            return;
        };
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        let holds = if self.throttled.is_some() { 1.0 } else { self.burst };
        self.tokens = (self.tokens + rate * elapsed).min(holds);
        self.filled = self.filled.max(now);
    }
}

impl Meter {
    const SECOND: Duration = Duration::from_secs(1);

    fn count(&mut self, now: Instant) {
        self.turn(now);
        self.count = self.count.saturating_add(1);
    }

    /// The faster of the second at hand, as far as it has come, and the one before.
    fn rate(&mut self, now: Instant) -> f64 {
        self.turn(now);
        f64::from(self.count).max(self.last)
    }

    fn turn(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.since);
        if elapsed >= Self::SECOND {
            self.last = f64::from(self.count) / elapsed.as_secs_f64();
            self.count = 0;
            self.since = now;
        }
    }
}
