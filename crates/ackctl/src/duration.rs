//! Durations on the command line: `500ms`, `30s`, `5m`, `1h30m`.

use std::time::Duration;

use jiff::SignedDuration;

/// Longer than any upgrade, and short enough to be added to any point in time.
pub(crate) const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The shortest time between two looks at an upgrade.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(50);

/// How long to follow an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeLimit {
    After(Duration),
    Never,
}

impl From<TimeLimit> for Option<Duration> {
    fn from(limit: TimeLimit) -> Self {
        match limit {
            TimeLimit::After(limit) => Some(limit),
            TimeLimit::Never => None,
        }
    }
}

/// Reads a duration that is more than nothing.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    const FORM: &str = "write a number with its unit, such as 500ms, 30s, 5m or 1h30m";
    let parsed: SignedDuration = text.trim().parse().map_err(|_| FORM.to_owned())?;
    let duration = Duration::try_from(parsed).map_err(|_| format!("it is negative; {FORM}"))?;
    match duration {
        Duration::ZERO => Err(format!("it has to be more than zero; {FORM}")),
        _ if duration > LONGEST => Err("it is longer than 30 days: write less".to_owned()),
        _ => Ok(duration),
    }
}

/// Reads the time between two looks.
pub(crate) fn parse_interval(text: &str) -> Result<Duration, String> {
    let interval = parse(text)?;
    if interval < SHORTEST_INTERVAL {
        return Err("it is too short: looking more often than every 50ms serves nobody".to_owned());
    }
    Ok(interval)
}

/// Reads a duration, or `none`.
pub(crate) fn parse_limit(text: &str) -> Result<TimeLimit, String> {
    match text {
        "none" => Ok(TimeLimit::Never),
        _ => parse(text).map(TimeLimit::After).map_err(|problem| format!("{problem}, or none")),
    }
}

/// Writes a duration as it can be read again, without the spaces that a shell would need quotes for: `1h30m`.
pub(crate) fn text(duration: Duration) -> String {
    let duration = SignedDuration::try_from(duration).unwrap_or_default();
    format!("{duration:#}").replace(' ', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_their_unit() {
        let cases = [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("1h30m", 5_400_000), (" 1m 5s ", 65_000)];
        for (text, milliseconds) in cases {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        assert_eq!(text(Duration::from_millis(5_400_500)), "1h30m500ms");
        assert_eq!(parse_limit("none"), Ok(TimeLimit::Never));
        assert_eq!(parse_limit("90m"), Ok(TimeLimit::After(Duration::from_secs(5400))));
    }

    #[test]
    fn nothing_else_is_a_duration() {
        for text in
            ["", " ", "15", "s", "-5s", "5s ago", "0s", "0ms", "1d", "99999999h", "9223372036854775807s", "\u{0}"]
        {
            assert!(parse(text).is_err(), "{text:?}");
        }
        insta::assert_snapshot!(
            [parse("15"), parse("-5s"), parse("0s"), parse("999h")].map(Result::unwrap_err).join("\n"),
            @r"
        write a number with its unit, such as 500ms, 30s, 5m or 1h30m
        it is negative; write a number with its unit, such as 500ms, 30s, 5m or 1h30m
        it has to be more than zero; write a number with its unit, such as 500ms, 30s, 5m or 1h30m
        it is longer than 30 days: write less
        "
        );
        assert!(parse_interval("49ms").is_err());
        insta::assert_snapshot!(
            parse_limit("never").unwrap_err(),
            @"write a number with its unit, such as 500ms, 30s, 5m or 1h30m, or none"
        );
    }
}
