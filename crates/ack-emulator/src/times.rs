//! Times as the service writes them, most of them in the zone of China.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone, offset};

/// China has one zone and no summer time.
const CHINA: Offset = offset(8);

/// RFC 3339 with offset and whole seconds: `2020-11-10T16:02:04+08:00`.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    in_china(time, "%Y-%m-%dT%H:%M:%S+08:00")
}

/// RFC 3339 in UTC, as in events: `2020-12-01T17:31:00Z`.
pub(crate) fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// RFC 3339 in UTC with nanoseconds, as in checks: `2023-10-16T08:31:20.292030178Z`.
pub(crate) fn utc_nanoseconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()
}

/// Without a zone, as in the stages of a task: `2022-12-15 23:00:00`.
pub(crate) fn plain(time: Timestamp) -> String {
    in_china(time, "%Y-%m-%d %H:%M:%S")
}

/// Milliseconds since 1970 as text, as in the events of a task.
pub(crate) fn epoch_milliseconds(time: Timestamp) -> String {
    time.as_millisecond().to_string()
}

fn in_china(time: Timestamp, format: &str) -> String {
    time.to_zoned_datetime(TimeZone::fixed(CHINA)).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_china() {
        let time = Timestamp::from_millisecond(1_767_323_045_678).unwrap();
        assert_eq!(rfc3339(time), "2026-01-02T11:04:05+08:00");
        assert_eq!(plain(time), "2026-01-02 11:04:05");
        assert_eq!(utc(time), "2026-01-02T03:04:05Z");
        assert_eq!(utc_nanoseconds(time), "2026-01-02T03:04:05.678000000Z");
        assert_eq!(epoch_milliseconds(time), "1767323045678");
        assert!(!rfc3339(Timestamp::MAX).is_empty() && !rfc3339(Timestamp::MIN).is_empty());
    }
}
