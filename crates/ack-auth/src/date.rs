//! Dates as the header `x-acs-date` writes them.

use std::time::SystemTime;

use jiff::Timestamp;

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
    let refuse = || {
        let remedy = "set the clock of this machine";
        Error::signing("date", "lies outside the years 1970 to 9999", remedy)
    };
    let timestamp = Timestamp::try_from(date).map_err(|_| refuse())?;
    if timestamp < Timestamp::UNIX_EPOCH {
        return Err(refuse());
    }
    Ok(timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
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
    text.parse::<Timestamp>()
        .ok()
        .and_then(|timestamp| SystemTime::try_from(timestamp).ok())
        .filter(|&date| format_date(date).is_ok_and(|written| written == text))
        .ok_or_else(|| Kind::Date(text.chars().take(32).collect()).into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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

    proptest! {
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
