//! Windows as people write them, and as files keep them.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Days, Exclusion, Weeks, Window, zone};
use crate::error::Error;

const FORM: &str = "write it as HH:MM-HH:MM, such as 01:00-05:00, with days before it if it is not for every day, such as \
                    \"Sat,Sun 01:00-05:00\"";
const DAY: i64 = 24 * 60 * 60;

pub(super) fn parse(text: &str) -> Result<(Days, Time, SignedDuration), Error> {
    let wrong = |problem: &str| Error::invalid(format!("the window {text:?} cannot be read: {problem}; {FORM}"));
    let words: Vec<&str> = text.split_whitespace().collect();
    let (days, times) = match words[..] {
        [times] => (Days::ALL, times),
        [days, times] => (Days::parse(days).map_err(|problem| wrong(&problem))?, times),
        _ => return Err(wrong("it has to be a time span, or days and a time span")),
    };
    let (opens, closes) = times.split_once('-').ok_or_else(|| wrong("it has no end"))?;
    let minutes =
        |text: &str| minutes(text).ok_or_else(|| wrong(&format!("{text:?} is no time of day from 00:00 to 24:00")));
    let (opens, closes) = (minutes(opens)?, minutes(closes)?);
    if opens == 24 * 60 {
        return Err(wrong("it opens at the end of the day; 00:00 is its beginning"));
    }
    if opens == closes {
        return Err(wrong("it ends when it begins; 00:00-24:00 is the whole day"));
    }
    let lasts = if closes > opens { closes - opens } else { closes + 24 * 60 - opens };
    // In range, as `opens` is less than a day.
    let opens = Time::midnight().wrapping_add(SignedDuration::from_mins(opens));
    Ok((days, opens, SignedDuration::from_mins(lasts)))
}

/// The minutes since midnight of a text such as `01:30`.
fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, longest: usize| {
        let digits = (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2).filter(|_| minutes.len() == 2)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 24 * 60).then_some(all)
}

/// Such as `Mon-Fri 01:00-05:00 Asia/Shanghai`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days != Days::ALL {
            write!(f, "{} ", self.days)?;
        }
        let opens = self.opens.duration_since(Time::midnight()).as_secs();
        let closes = opens + self.lasts.as_secs();
        let closes = if closes > DAY { closes - DAY } else { closes };
        write!(f, "{}-{} {}", clock(opens), clock(closes), self.zone_name)?;
        if let Some(Weeks { every, since }) = self.weeks {
            write!(f, ", every {every} weeks since {since}")?;
        }
        match self.exclusions.len() {
            0 => Ok(()),
            1 => f.write_str(", with 1 exclusion"),
            count => write!(f, ", with {count} exclusions"),
        }
    }
}

fn clock(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 { format!("{hours:02}:{minutes:02}") } else { format!("{hours:02}:{minutes:02}:{seconds:02}") }
}

/// How files keep a window.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<String>,
    opens: String,
    lasts_seconds: i64,
    time_zone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every_weeks: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exclusions: Vec<StoredExclusion>,
}

#[derive(Serialize, Deserialize)]
struct StoredExclusion {
    from: String,
    to: String,
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = Stored {
            days: (self.days != Days::ALL).then(|| self.days.to_string()),
            opens: self.opens.to_string(),
            lasts_seconds: self.lasts.as_secs(),
            time_zone: self.zone_name.clone(),
            every_weeks: self.weeks.map(|weeks| weeks.every),
            since: self.weeks.map(|weeks| weeks.since.to_string()),
            exclusions: self.exclusions.iter().map(StoredExclusion::from).collect(),
        };
        stored.serialize(serializer)
    }
}

impl From<&Exclusion> for StoredExclusion {
    fn from(exclusion: &Exclusion) -> Self {
        Self { from: exclusion.from.to_string(), to: exclusion.to.to_string() }
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        let days = stored.days.map_or(Ok(Days::ALL), |days| Days::parse(&days)).map_err(D::Error::custom)?;
        let opens = stored.opens.parse().map_err(D::Error::custom)?;
        if !(1..=DAY).contains(&stored.lasts_seconds) {
            return Err(D::Error::custom("a window lasts from one second to a day"));
        }
        let weeks = match (stored.every_weeks, stored.since) {
            (Some(every), Some(since)) => {
                Some(Weeks { every, since: since.parse::<Date>().map_err(D::Error::custom)? })
            }
            _ => None,
        };
        let (zone, zone_name) = zone::find(&stored.time_zone).map_err(D::Error::custom)?;
        let exclusion = |stored: &StoredExclusion| Ok(Exclusion { from: stored.from.parse()?, to: stored.to.parse()? });
        let exclusions = stored.exclusions.iter().map(exclusion).collect::<Result<Vec<_>, jiff::Error>>();
        let mut exclusions = exclusions.map_err(D::Error::custom)?;
        exclusions.sort();
        Ok(Self {
            days,
            opens,
            lasts: SignedDuration::from_secs(stored.lasts_seconds),
            zone,
            zone_name,
            weeks,
            exclusions,
        })
    }
}
