//! The time that upgrades take place in: real, sped up, or moved by hand.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use ack_auth::Clock;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::Error;

/// The fastest a [`ScaledClock`] may run: at a million emulated seconds a second an hour takes 3.6 milliseconds.
const MAX_SCALE: f64 = 1_000_000.0;

/// A clock that runs `scale` times as fast as real time, from the present on.
///
/// It reads [`tokio::time::Instant`], so it stands still while tokio's time is paused in a test and follows
/// `tokio::time::advance`.
///
/// ```
/// use ack_emulator::{Clock, ScaledClock};
/// use std::time::SystemTime;
///
/// let clock = ScaledClock::new(60.0)?.starting_at(SystemTime::UNIX_EPOCH);
/// assert!(clock.now() >= SystemTime::UNIX_EPOCH);
/// assert!(ScaledClock::new(0.0).unwrap_err().is_invalid_setting());
/// # Ok::<(), ack_emulator::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ScaledClock {
    origin: SystemTime,
    started: Instant,
    scale: f64,
}

impl ScaledClock {
    /// A clock that shows the system's time now and runs `scale` times as fast.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`] unless `scale` is more than 0 and at most 1,000,000.
    pub fn new(scale: f64) -> Result<Self, Error> {
        if scale.is_finite() && scale > 0.0 && scale <= MAX_SCALE {
            Ok(Self { origin: SystemTime::now(), started: Instant::now(), scale })
        } else {
            Err(Error::setting(
                "time scale",
                scale.to_string(),
                "is not a number above 0 and up to 1000000",
                "use 1 for real time, or 60 to let a minute pass in a second",
            ))
        }
    }

    /// The same clock, showing `origin` now instead of the system's time.
    #[must_use]
    pub fn starting_at(self, origin: SystemTime) -> Self {
        Self { origin, started: Instant::now(), ..self }
    }

    /// How many seconds of this clock pass in a real second.
    pub fn scale(&self) -> f64 {
        self.scale
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> SystemTime {
        let scaled = self.started.elapsed().as_secs_f64() * self.scale;
        let passed = Duration::try_from_secs_f64(scaled).unwrap_or(Duration::MAX);
        later(self.origin, passed)
    }
}

/// A clock that moves only when it is told to. Clones show the same time.
///
/// ```
/// use ack_emulator::{Clock, ManualClock};
/// use std::time::{Duration, SystemTime};
///
/// let clock = ManualClock::new(SystemTime::UNIX_EPOCH);
/// let seen_elsewhere = clock.clone();
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(seen_elsewhere.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(90));
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<Mutex<SystemTime>>,
}

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: SystemTime) -> Self {
        Self { now: Arc::new(Mutex::new(start)) }
    }

    /// Moves the clock forward. It stays where it is if the time could not be represented.
    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = later(*now, by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clock of the emulated cloud: the configured one, and what was skipped on top.
#[derive(Debug)]
pub(crate) struct CloudTime {
    clock: Arc<dyn Clock>,
    skipped: Mutex<Duration>,
}

impl CloudTime {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, skipped: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let skipped = *self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        after(timestamp(self.clock.now()), skipped)
    }

    pub(crate) fn skip(&self, by: Duration) {
        let mut skipped = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        *skipped = skipped.saturating_add(by);
    }
}

/// A time of the system as a timestamp; outside the years -9999 to 9999, the nearest that there is.
pub(crate) fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(if time < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX })
}

/// The time `by` later, or the last one there is.
pub(crate) fn after(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The time `by` earlier, or the first one there is.
pub(crate) fn before(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// How long `now` is after `start`; zero if it is before.
pub(crate) fn elapsed(start: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(start)).unwrap_or_default()
}

fn later(time: SystemTime, by: Duration) -> SystemTime {
    time.checked_add(by).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_scaled_clock_follows_the_time_of_tokio() {
        let clock = ScaledClock::new(60.0).unwrap().starting_at(SystemTime::UNIX_EPOCH);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(120));
        assert_eq!(clock.scale().to_string(), "60");
    }

    #[test]
    fn scales_that_make_no_sense_are_refused() {
        for scale in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e7] {
            assert!(ScaledClock::new(scale).unwrap_err().is_invalid_setting(), "{scale}");
        }
        insta::assert_snapshot!(
            ScaledClock::new(-1.0).unwrap_err(),
            @r#"time scale "-1" is not a number above 0 and up to 1000000: use 1 for real time, or 60 to let a minute pass in a second"#
        );
    }

    #[test]
    fn skipped_time_adds_up_and_saturates() {
        let time = CloudTime::new(Arc::new(ManualClock::new(SystemTime::UNIX_EPOCH)));
        time.skip(Duration::from_secs(5));
        time.skip(Duration::from_secs(6));
        assert_eq!(time.now().as_second(), 11);
        time.skip(Duration::MAX);
        assert_eq!(time.now(), Timestamp::MAX);
    }
}
