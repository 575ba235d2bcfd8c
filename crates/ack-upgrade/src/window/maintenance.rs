//! The maintenance window that a cluster itself has.

use ack_client::models::MaintenanceWindow;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Days, Exclusion, Weeks, Window};
use crate::error::Error;

/// The longest interval of a recurrence that is followed, in weeks.
const MOST_WEEKS: i32 = 52;

impl Window {
    /// The maintenance window of a cluster, as DescribeClusterDetail tells it; `None` if it has none, or if it is
    /// switched off.
    ///
    /// `maintenance_time` is read as UTC when it is a time of day such as `03:00:00Z`, and with its own offset when it
    /// is a whole time; then its date is also what the weeks of an `INTERVAL` are counted from. Of recurrence rules,
    /// those with `FREQ=WEEKLY` or `FREQ=DAILY`, `BYDAY` and `INTERVAL` are known.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if it says something that is not understood. It is then not safe to guess: give a
    /// window of your own.
    pub fn of_cluster(window: &MaintenanceWindow) -> Result<Option<Self>, Error> {
        if window.enable != Some(true) {
            return Ok(None);
        }
        let time = text(&window.maintenance_time).ok_or_else(|| wrong("maintenance_time", "", "it is missing"))?;
        let start = start(time)?;
        let duration = text(&window.duration).ok_or_else(|| wrong("duration", "", "it is missing"))?;
        let lasts = lasts(duration)?;
        let (mut days, mut weeks) = (Days::ALL, None);
        if let Some(recurrence) = text(&window.recurrence) {
            (days, weeks) = rule(recurrence, start.date)?;
        } else if let Some(names) = text(&window.weekly_period) {
            days = Days::parse(names).map_err(|problem| wrong("weekly_period", names, &problem))?;
        }
        let exclusions = window.exclusions.iter().flatten().map(|exclusion| {
            let bound = |name: &str, value: &Option<String>| {
                let value = text(value).unwrap_or_default();
                value.parse::<Timestamp>().map_err(|_| wrong(name, value, "it is no RFC 3339 time"))
            };
            let from = bound("exclusions.start_time", &exclusion.start_time)?;
            Ok(Exclusion { from, to: bound("exclusions.end_time", &exclusion.end_time)? })
        });
        let mut exclusions: Vec<Exclusion> = exclusions.collect::<Result<_, Error>>()?;
        exclusions.sort();
        Ok(Some(Self {
            days,
            opens: start.time,
            lasts,
            zone: start.zone,
            zone_name: start.zone_name,
            weeks,
            exclusions,
        }))
    }
}

/// When a window opens.
struct Start {
    time: Time,
    zone: TimeZone,
    zone_name: String,
    date: Option<Date>,
}

fn start(text: &str) -> Result<Start, Error> {
    if let Some(time) = text.strip_suffix(['Z', 'z']).and_then(|time| time.parse::<Time>().ok()) {
        return Ok(Start { time, zone: TimeZone::UTC, zone_name: "UTC".to_owned(), date: None });
    }
    let problem = "it is neither a time of day such as 03:00:00Z nor an RFC 3339 time";
    let pieces = jiff::fmt::temporal::DateTimeParser::new().parse_pieces(text);
    let pieces = pieces.map_err(|_| wrong("maintenance_time", text, problem))?;
    let (Some(time), Some(offset)) = (pieces.time(), pieces.to_numeric_offset()) else {
        return Err(wrong("maintenance_time", text, problem));
    };
    let zone_name = if offset.is_zero() { "UTC".to_owned() } else { named(offset) };
    Ok(Start { time, zone: offset.to_time_zone(), zone_name, date: Some(pieces.date()) })
}

fn named(offset: jiff::tz::Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

fn lasts(text: &str) -> Result<SignedDuration, Error> {
    let lasts = text.parse::<SignedDuration>().map_err(|_| wrong("duration", text, "it is no duration such as 3h"))?;
    if lasts <= SignedDuration::ZERO || lasts > SignedDuration::from_hours(24) {
        return Err(wrong("duration", text, "it is not between nothing and 24h"));
    }
    Ok(lasts)
}

/// Reads a recurrence rule of RFC 5545.
fn rule(text: &str, since: Option<Date>) -> Result<(Days, Option<Weeks>), Error> {
    let unknown = |part: &str| wrong("recurrence", text, &format!("{part:?} is not understood"));
    let (mut frequency, mut days, mut every) = (None, Days::ALL, 1);
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(|| unknown(part))?;
        match name.to_ascii_uppercase().as_str() {
            "FREQ" => frequency = Some(value.to_ascii_uppercase()),
            "BYDAY" => days = Days::parse_rfc5545(value).ok_or_else(|| unknown(part))?,
            "INTERVAL" => {
                let number = value.parse::<i32>().ok().filter(|number| (1..=MOST_WEEKS).contains(number));
                every = number.ok_or_else(|| unknown(part))?;
            }
            // Weeks begin on Monday unless told otherwise.
            "WKST" if value.eq_ignore_ascii_case("MO") => {}
            _ => return Err(unknown(part)),
        }
    }
    match (frequency.as_deref(), every, since) {
        (Some("WEEKLY" | "DAILY"), 1, _) => Ok((days, None)),
        (Some("WEEKLY"), every, Some(since)) => Ok((days, Some(Weeks { every, since }))),
        (Some("WEEKLY"), _, None) => {
            let problem = "which weeks an INTERVAL means is not said, as maintenance_time has no date";
            Err(wrong("recurrence", text, problem))
        }
        _ => Err(unknown(text)),
    }
}

fn text(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn wrong(field: &str, value: &str, problem: &str) -> Error {
    Error::invalid(format!(
        "the maintenance window of the cluster is not understood: {field} is {value:?}, and {problem}; give a window of \
         your own"
    ))
}
