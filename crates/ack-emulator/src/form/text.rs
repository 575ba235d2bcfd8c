//! From text to values: YAML, JSON, durations.

use jiff::SignedDuration;
use serde_json::Value;

use super::{MAX_SECONDS, Problems};

/// The largest text that is read, in bytes.
const MAX_DOCUMENT: usize = 4 * 1024 * 1024;

/// Reads YAML, of which JSON is a part. Nothing at all is an empty object.
pub(crate) fn parse(text: &str) -> Result<Value, Problems> {
    if text.len() > MAX_DOCUMENT {
        return Err(Problems::of(format!("the text is longer than {MAX_DOCUMENT} bytes: give less")));
    }
    // What starts like JSON is read as such first: it may hold tabs, which YAML forbids.
    if text.trim_start().starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str(text)
    {
        return Ok(value);
    }
    // Read as YAML's own values first, for they notice a key that is given twice.
    let value: serde_norway::Value = serde_norway::from_str(text)
        .map_err(|error| Problems::of(format!("the text is neither YAML nor JSON: {error}")))?;
    match serde_json::to_value(value) {
        Ok(Value::Null) => Ok(Value::Object(serde_json::Map::new())),
        Ok(value) => Ok(value),
        Err(error) => Err(Problems::of(format!("the text says what JSON cannot: {error}; use text keys and no tags"))),
    }
}

/// A duration such as `1m30s` or `-20m`, of up to 30 days.
pub(crate) fn parse_duration(text: &str) -> Option<SignedDuration> {
    let duration: SignedDuration = text.trim().parse().ok()?;
    (duration.as_secs().checked_abs()? <= MAX_SECONDS).then_some(duration)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_and_json_are_read() {
        let wanted = json!({"a": 1, "b": ["x", true, null], "c": {"d": "1m"}});
        for text in [
            "a: 1\nb: [x, true, null]\nc:\n  d: 1m\n",
            "{\"a\": 1,\t\"b\": [\"x\", true, null], \"c\": {\"d\": \"1m\"}}",
            "---\n# note\n{a: 1, b: [x, true, ~], c: {d: 1m}}",
        ] {
            assert_eq!(parse(text).unwrap(), wanted, "{text}");
        }
        assert_eq!(parse("").unwrap(), json!({}));
    }

    #[test]
    fn what_is_neither_is_refused_with_its_place() {
        let problems: Vec<String> =
            ["a: 1\na: 2", "{a: [", "? [1]\n: 2", "a: \"\\q\""].map(|text| parse(text).unwrap_err().to_string()).into();
        insta::assert_snapshot!(problems.join("\n"));
        assert!(parse(&" ".repeat(MAX_DOCUMENT + 1)).is_err());
    }

    #[test]
    fn durations_need_a_unit() {
        let seconds = |text: &str| parse_duration(text).map(|duration| duration.as_secs());
        assert_eq!(["90s", "1m30s", " -20m ", "720h"].map(seconds), [Some(90), Some(90), Some(-1200), Some(2_592_000)]);
        assert_eq!(["90", "", "721h", "-721h", "1d", "soon"].map(seconds), [None; 6]);
    }
}
