//! Durations in files: `90` for seconds, or text such as `"1h 30m"`.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserializer;
use serde::de::{Error, Visitor};

/// A duration that has to be there.
pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(DurationText)
}

/// A duration that may be left out, for a field with a default of none.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    required(deserializer).map(Some)
}

struct DurationText;

impl Visitor<'_> for DurationText {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds, or a duration such as \"90s\" or \"1h 30m\"")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Duration, E> {
        Ok(Duration::from_secs(seconds))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Duration, E> {
        u64::try_from(seconds)
            .map(Duration::from_secs)
            .map_err(|_| E::custom(format!("{seconds} seconds is below zero")))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Duration, E> {
        Duration::try_from_secs_f64(seconds).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        let parsed = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
        parsed.ok_or_else(|| E::custom(format!("{text:?} is not a duration; write one such as \"90s\" or \"1h 30m\"")))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        #[serde(default, deserialize_with = "optional")]
        wait: Option<Duration>,
    }

    fn read(json: &str) -> Result<Option<Duration>, String> {
        serde_json::from_str::<File>(json).map(|file| file.wait).map_err(|error| error.to_string())
    }

    #[test]
    fn seconds_and_texts_are_durations() {
        assert_eq!(read("{}").unwrap(), None);
        assert_eq!(read(r#"{"wait": 90}"#).unwrap(), Some(Duration::from_secs(90)));
        assert_eq!(read(r#"{"wait": 0.5}"#).unwrap(), Some(Duration::from_millis(500)));
        assert_eq!(read(r#"{"wait": "1h 30m"}"#).unwrap(), Some(Duration::from_secs(5400)));
        assert_eq!(read(r#"{"wait": "45s"}"#).unwrap(), Some(Duration::from_secs(45)));
        insta::assert_snapshot!(
            read(r#"{"wait": "soon"}"#).unwrap_err(),
            @r#""soon" is not a duration; write one such as "90s" or "1h 30m" at line 1 column 15"#
        );
        for json in [r#"{"wait": -1}"#, r#"{"wait": "-5s"}"#, r#"{"wait": -0.5}"#, r#"{"wait": true}"#] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
