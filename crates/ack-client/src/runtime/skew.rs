//! The difference between this machine's clock and the service's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

/// A difference that is believed. Wrong time zones make up to 14 hours. A clock further off has to be set, and an answer
/// that claims as much is more likely to want signatures for another day.
const LARGEST: i64 = 24 * 60 * 60;

/// The service takes dates up to 15 minutes away, so smaller changes than this are not why it refused one.
const SMALLEST_CHANGE: i64 = 60;

/// Seconds to add to this machine's clock, shared by the clones of a client.
#[derive(Debug, Default)]
pub(crate) struct ClockSkew(AtomicI64);

/// What a refusal's date says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Learned {
    /// Signatures are corrected by this many seconds from now on.
    Corrected(i64),
    /// The date is so far off that it is not believed.
    Absurd(i64),
    /// The clocks agree, or there is no date.
    Nothing,
}

impl ClockSkew {
    /// The time at the service when it is `now` on this machine.
    pub(crate) fn apply(&self, now: SystemTime) -> SystemTime {
        let seconds = self.0.load(Ordering::Relaxed);
        let by = Duration::from_secs(seconds.unsigned_abs());
        let corrected = if seconds < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        corrected.unwrap_or(now)
    }

    /// Learns from the `date` header of an answer that came at `now`.
    pub(crate) fn learn(&self, now: SystemTime, date: Option<&str>) -> Learned {
        let Some(theirs) = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok()) else {
            return Learned::Nothing;
        };
        let difference = seconds_between(now, theirs);
        if difference.saturating_abs() > LARGEST {
            return Learned::Absurd(difference);
        }
        let before = self.0.load(Ordering::Relaxed);
        if (difference - before).abs() < SMALLEST_CHANGE {
            return Learned::Nothing;
        }
        self.0.store(difference, Ordering::Relaxed);
        Learned::Corrected(difference)
    }
}

/// Whole seconds from one time to another.
fn seconds_between(from: SystemTime, to: SystemTime) -> i64 {
    let whole = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match to.duration_since(from) {
        Ok(ahead) => whole(ahead),
        Err(behind) => -whole(behind.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-02T03:04:05Z.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
    }

    #[test]
    fn differences_up_to_a_day_are_learned_and_applied_in_both_directions() {
        let skew = ClockSkew::default();
        assert_eq!(skew.learn(now(), Some("Fri, 02 Jan 2026 05:04:05 GMT")), Learned::Corrected(7200));
        assert_eq!(skew.apply(now()), now() + Duration::from_secs(7200));
        assert_eq!(skew.learn(now(), Some("Thu, 01 Jan 2026 03:04:05 GMT")), Learned::Corrected(-86_400));
        assert_eq!(skew.apply(now()), now() - Duration::from_secs(86_400));
        assert_eq!(skew.learn(now(), Some("Fri, 02 Jan 2026 03:04:05 GMT")), Learned::Corrected(0));
        assert_eq!(skew.apply(now()), now());
    }

    #[test]
    fn what_cannot_be_the_cause_changes_nothing() {
        let skew = ClockSkew::default();
        for date in ["", "yesterday", "Fri, 02 Jan 2026 05:04:05 +0000", "2026-01-02T05:04:05Z"] {
            assert_eq!(skew.learn(now(), Some(date)), Learned::Nothing, "{date}");
        }
        assert_eq!(skew.learn(now(), None), Learned::Nothing);
        assert_eq!(skew.learn(now(), Some("Fri, 02 Jan 2026 03:05:04 GMT")), Learned::Nothing);
        assert_eq!(skew.learn(now(), Some("Thu, 01 Jan 1970 00:00:00 GMT")), Learned::Absurd(-1_767_323_045));
        assert_eq!(skew.learn(now(), Some("Sat, 03 Jan 2026 03:04:06 GMT")), Learned::Absurd(86_401));
        assert_eq!(skew.apply(now()), now());
    }
}
