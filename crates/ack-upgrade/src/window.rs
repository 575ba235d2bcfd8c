//! When a cluster may be worked on.

mod days;
mod maintenance;
mod text;
mod zone;

use std::time::{Duration, SystemTime};

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use self::days::Days;
use crate::error::Error;

/// How far ahead to look for an opening. Rules of windows repeat within a year; exclusions may add to that.
const HORIZON_DAYS: i32 = 2 * 366;

/// A maintenance window: the times at which work on a cluster may begin.
///
/// It opens at a time of day, in a time zone, on some weekdays, and closes at another time of day, which may be on
/// the next day; the weekday is that of the opening. It follows the wall clock through changes to and from summer
/// time: it opens when the clock first shows the opening time, and closes when it first shows the closing time after
/// that. A time that the clock skips counts as shown at the moment of the jump, so a window that lies within the skipped
/// hour does not open on that day.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use ack_upgrade::Window;
///
/// let window = Window::parse("Sat,Sun 23:00-05:00", "Asia/Shanghai")?;
/// // Saturday, 2026-01-03, 16:30 in UTC is Sunday, 00:30 in Shanghai.
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_457_800);
/// assert_eq!(window.time_left(now), Some(Duration::from_secs(4 * 3600 + 1800)));
/// assert!(!window.admits(now, Duration::from_secs(5 * 3600)));
/// assert_eq!(window.to_string(), "Sat,Sun 23:00-05:00 Asia/Shanghai");
/// # Ok::<(), ack_upgrade::Error>(())
/// ```
///
/// Time zones come from the system's database where it has one, else from the one built in, so names work in
/// containers without such a database and on Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    days: Days,
    opens: Time,
    /// By the wall clock, at most a day.
    lasts: SignedDuration,
    zone: TimeZone,
    zone_name: String,
    weeks: Option<Weeks>,
    /// In the order of their beginnings.
    exclusions: Vec<Exclusion>,
}

/// That a window opens in every n-th week only, counted from the week of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Weeks {
    every: i32,
    since: Date,
}

/// A time in which the window stays closed in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Exclusion {
    from: Timestamp,
    to: Timestamp,
}

/// What a window is at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WindowState {
    /// Work may begin.
    Open {
        /// When it closes.
        closes: SystemTime,
    },
    /// Nothing new may begin.
    Closed {
        /// When it opens next; `None` if that is not within two years.
        opens: Option<SystemTime>,
    },
}

impl Window {
    /// Reads a window such as `01:00-05:00` or `Sat,Sun 22:00-06:00`, and the name of its time zone, such as
    /// `Asia/Shanghai`, `UTC` or `+08:00`.
    ///
    /// Days are English names of three letters or more, in any letter case, joined by commas; `Mon-Fri` is a run of
    /// days. Without days it opens every day. `24:00` is the end of the day; a window that ends before it begins
    /// ends on the next day.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] with what is wrong, and how to write it.
    pub fn parse(window: &str, time_zone: &str) -> Result<Self, Error> {
        let (days, opens, lasts) = text::parse(window)?;
        let (zone, zone_name) = zone::find(time_zone)?;
        Ok(Self { days, opens, lasts, zone, zone_name, weeks: None, exclusions: Vec::new() })
    }

    /// The name of the time zone.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.zone_name
    }

    /// What the window is at a time, and until when.
    #[must_use]
    pub fn at(&self, time: SystemTime) -> WindowState {
        let time = timestamp(time);
        // Windows that touch are one. An opening of the day before yesterday can reach until today.
        let mut found: Option<(Timestamp, Timestamp)> = None;
        let today = self.zone.to_datetime(time).date();
        let days = (-2..=HORIZON_DAYS).filter_map(|ahead| today.checked_add(ahead.days()).ok());
        for (from, to) in days.flat_map(|day| self.openings(day)) {
            match &mut found {
                Some(found) if from <= found.1 => found.1 = found.1.max(to),
                Some(found) if found.1 > time => return state_at(time, *found),
                _ => found = Some((from, to)),
            }
        }
        match found {
            Some(found) if found.1 > time => state_at(time, found),
            _ => WindowState::Closed { opens: None },
        }
    }

    /// Whether it is open at a time.
    #[must_use]
    pub fn is_open(&self, time: SystemTime) -> bool {
        matches!(self.at(time), WindowState::Open { .. })
    }

    /// When it opens next after a time; `None` if that is not within two years. If it is open then, that is the
    /// opening after this one.
    #[must_use]
    pub fn next_opening(&self, after: SystemTime) -> Option<SystemTime> {
        match self.at(after) {
            WindowState::Closed { opens } => opens,
            WindowState::Open { closes } => match self.at(closes) {
                WindowState::Closed { opens } => opens,
                WindowState::Open { .. } => None,
            },
        }
    }

    /// How long it stays open from a time on; `None` if it is closed then.
    #[must_use]
    pub fn time_left(&self, time: SystemTime) -> Option<Duration> {
        match self.at(time) {
            WindowState::Open { closes } => Some(closes.duration_since(time).unwrap_or_default()),
            WindowState::Closed { .. } => None,
        }
    }

    /// Whether work that is expected to take this long may begin at a time: it has to end before the window closes.
    #[must_use]
    pub fn admits(&self, time: SystemTime, expected: Duration) -> bool {
        self.time_left(time).is_some_and(|left| expected <= left)
    }

    /// The longest time that it is ever open at a stretch within the next weeks from a time on. Work that takes
    /// longer never fits.
    #[must_use]
    pub fn longest_opening(&self, from: SystemTime) -> Duration {
        let mut longest = self.time_left(from).unwrap_or_default();
        let mut after = from;
        // The rules of a window repeat after as many openings as a week has days.
        for _ in 0..7 {
            let Some(opens) = self.next_opening(after) else { break };
            longest = longest.max(self.time_left(opens).unwrap_or_default());
            after = opens;
        }
        longest
    }

    /// When it is open because of its opening on a day, without the exclusions.
    fn openings(&self, day: Date) -> Vec<(Timestamp, Timestamp)> {
        if !self.days.contain(day.weekday()) || self.weeks.is_some_and(|weeks| !weeks.contain(day)) {
            return Vec::new();
        }
        let opens = day.to_datetime(self.opens);
        let closes = opens.checked_add(self.lasts).unwrap_or(DateTime::MAX);
        let (Some(from), Some(to)) = (self.first_shown(opens), self.first_shown(closes)) else { return Vec::new() };
        let mut pieces = Vec::new();
        let mut open_from = from;
        // They are in the order of their beginnings.
        for exclusion in self.exclusions.iter().filter(|exclusion| exclusion.from < to && exclusion.to > from) {
            pieces.push((open_from, exclusion.from));
            open_from = open_from.max(exclusion.to);
        }
        pieces.push((open_from, to));
        pieces.retain(|(from, to)| from < to);
        pieces
    }

    /// When the clock shows a time first, or passes over it.
    fn first_shown(&self, shown: DateTime) -> Option<Timestamp> {
        match self.zone.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(shown).ok()
            }
            AmbiguousOffset::Gap { after, .. } => {
                let before_the_jump = after.to_timestamp(shown).ok()?;
                self.zone.following(before_the_jump).next().map(|jump| jump.timestamp())
            }
        }
    }
}

impl Weeks {
    fn contain(self, day: Date) -> bool {
        let monday = |day: Date| day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok();
        let (Some(monday_of_day), Some(first)) = (monday(day), monday(self.since)) else { return false };
        let days = monday_of_day.since(first).map_or(-1, |span| span.get_days());
        day >= self.since && days >= 0 && (days / 7) % self.every.max(1) == 0
    }
}

fn state_at(time: Timestamp, (from, to): (Timestamp, Timestamp)) -> WindowState {
    if from <= time {
        WindowState::Open { closes: system_time(to) }
    } else {
        WindowState::Closed { opens: Some(system_time(from)) }
    }
}

/// A time of the system as a timestamp; outside the years -9999 to 9999, the nearest that there is.
pub(crate) fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(if time < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX })
}

/// The time that a text of RFC 3339 names.
pub(crate) fn time_of(text: &str) -> Option<SystemTime> {
    SystemTime::try_from(text.parse::<Timestamp>().ok()?).ok()
}

/// A timestamp as a time of the system. Only years before 1601 are out of reach, and that on Windows.
fn system_time(time: Timestamp) -> SystemTime {
    SystemTime::try_from(time).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
