//! Time zones by name.

use jiff::tz::{Offset, TimeZone};

use crate::error::Error;

/// How many names to suggest.
const MOST_SUGGESTIONS: usize = 3;

/// The time zone of a name, and the name as the database spells it.
pub(super) fn find(name: &str) -> Result<(TimeZone, String), Error> {
    if name.eq_ignore_ascii_case("UTC") || name == "Z" {
        return Ok((TimeZone::UTC, "UTC".to_owned()));
    }
    if let Some(offset) = offset(name) {
        return Ok((offset.to_time_zone(), name.to_owned()));
    }
    if let Ok(zone) = jiff::tz::db().get(name) {
        let name = zone.iana_name().unwrap_or(name).to_owned();
        return Ok((zone, name));
    }
    let mut meant: Vec<String> = suggestions(name);
    if meant.is_empty() {
        meant.push("Asia/Shanghai".to_owned());
        meant.push("UTC".to_owned());
        meant.push("+08:00".to_owned());
    }
    Err(Error::invalid(format!(
        "the time zone {name:?} is not known: give a name of the IANA database or an offset, such as {}",
        meant.join(", ")
    )))
}

/// A text such as `+08:00`, as an offset from UTC.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if minutes > 59 || hours > 18 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// Names that end in the same place: somebody who writes `shanghai` means `Asia/Shanghai`.
fn suggestions(name: &str) -> Vec<String> {
    let place = |name: &str| name.rsplit('/').next().unwrap_or(name).replace(' ', "_").to_ascii_lowercase();
    let wanted = place(name);
    let names = jiff::tz::db().available().map(|name| name.to_string());
    let mut found: Vec<String> = names.filter(|name| name.contains('/') && place(name) == wanted).collect();
    found.sort_by_key(|name| (name.matches('/').count(), name.clone()));
    found.truncate(MOST_SUGGESTIONS);
    found
}
