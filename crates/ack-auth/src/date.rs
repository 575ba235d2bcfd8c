//! Dates as the header `x-acs-date` writes them.

use std::time::{Duration, SystemTime};

use crate::Error;
use crate::error::Kind;

/// The text of `x-acs-date`: UTC as `YYYY-MM-DDThh:mm:ssZ`, fractions of a second cut off.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// let date = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_323_045_999);
/// assert_eq!(ack_auth::format_date(date)?, "2026-01-02T03:04:05Z");
/// # Ok::<(), ack_auth::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::is_signing`] for a time before 1970 or after 9999, which only a wrong clock tells.
pub fn format_date(date: SystemTime) -> Result<String, Error> {
    let last = SystemTime::UNIX_EPOCH + LAST;
    if date < SystemTime::UNIX_EPOCH || date > last {
        let remedy = "set the clock of this machine";
        return Err(Error::signing("date", "lies outside the years 1970 to 9999", remedy));
    }
    Ok(humantime::format_rfc3339_seconds(date).to_string())
}

/// Reads a date in exactly the form that [`format_date`] writes, for servers that check a request's
/// age.
///
/// ```
/// let date = ack_auth::parse_date("2026-01-02T03:04:05Z")?;
/// assert_eq!(ack_auth::format_date(date)?, "2026-01-02T03:04:05Z");
/// assert!(ack_auth::parse_date("2026-01-02 03:04:05+00:00").is_err());
/// # Ok::<(), ack_auth::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::is_malformed_date`] for any other form, and for dates that do not exist.
pub fn parse_date(text: &str) -> Result<SystemTime, Error> {
    humantime::parse_rfc3339(text)
        .ok()
        .filter(|&date| format_date(date).is_ok_and(|written| written == text))
        .ok_or_else(|| Kind::Date(text.chars().take(32).collect()).into())
}

/// A date of RFC 3339 in whatever offset, fractions of a second included.
pub(crate) fn instant(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    if let Ok(date) = humantime::parse_rfc3339(text) {
        return Some(date);
    }
    // What is left of a date with an offset, such as +08:00, reads as one in UTC.
    let (local, offset) = text.split_at_checked(text.len().checked_sub("+08:00".len())?)?;
    let (sign, offset) = offset.split_at_checked(1)?;
    let (hours, minutes) = offset.split_once(':')?;
    let part = |text: &str, end: u64| text.parse::<u64>().ok().filter(|value| text.len() == 2 && *value < end);
    let offset = Duration::from_secs(part(hours, 24)? * 3600 + part(minutes, 60)? * 60);
    let local = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    match sign {
        "+" => local.checked_sub(offset),
        "-" => local.checked_add(offset),
        _ => None,
    }
}

/// From 1970 to the last second of the year 9999.
const LAST: Duration = Duration::new(253_402_300_799, 999_999_999);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_forms_and_impossible_dates_are_refused() {
        let texts = [
            "",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02t03:04:05z",
            "2026-01-02T03:04:05.0Z",
            "2026-01-02T03:04:05+00:00",
            "2026-02-30T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "+002026-01-02T03:04:05Z",
            " 2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05Z[UTC]",
            "2026-01-02T23:59:60Z",
        ];
        for text in texts {
            assert!(parse_date(text).is_err_and(|error| error.is_malformed_date()), "{text}");
        }
        insta::assert_snapshot!(
            parse_date(&"9".repeat(99)).unwrap_err(),
            @r#""99999999999999999999999999999999" is not a date of the form YYYY-MM-DDThh:mm:ssZ: write UTC in whole seconds"#
        );
    }

    #[test]
    fn the_dates_of_keys_may_have_an_offset() {
        let at = |text| instant(text).and_then(|date| format_date(date).ok());
        let utc = Some("2026-01-02T03:04:05Z".to_owned());
        for text in [
            "2026-01-02T03:04:05Z",
            " 2026-01-02T11:04:05+08:00\n",
            "2026-01-01T23:34:05.250-03:30",
            "2026-01-02T03:04:05.9Z",
        ] {
            assert_eq!(at(text), utc, "{text}");
        }
        for text in [
            "",
            "soon",
            "2026-01-02T11:04:05",
            "2026-01-02T11:04:05+8:00",
            "2026-01-02T11:04:05+24:00",
            "集+08:00",
            "é12:00",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_date_in_any_offset_is_the_same_instant(seconds in 90_000_u64..4_000_000_000, minutes in 0_u64..1440, east: bool) {
            let date = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let offset = Duration::from_secs(minutes * 60);
            let (local, sign) = if east { (date + offset, '+') } else { (date - offset, '-') };
            let local = format_date(local).unwrap();
            let text = format!("{}{sign}{:02}:{:02}", local.trim_end_matches('Z'), minutes / 60, minutes % 60);
            prop_assert_eq!(instant(&text), Some(date));
        }

        #[test]
        fn any_text_is_an_instant_or_none(text in any::<String>()) {
            let _ = instant(&text);
        }

        #[test]
        fn what_is_written_reads_back(seconds in 0_u64..253_400_000_000) {
            let date = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            prop_assert_eq!(parse_date(&format_date(date).unwrap()).unwrap(), date);
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = parse_date(&text);
        }
    }
}
