//! Stored forms: indented JSON that says what it is, and in which version.

use std::fmt::Display;

use serde::Serialize;
use serde_json::Value;

use crate::error::Error;

/// The stored form, with a line end. Its values are structs of texts and numbers, which always have a JSON form.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

/// Reads a stored form of the format; `wrong` makes an error of what is wrong with it.
pub(crate) fn of_format(text: &str, format: &str, wrong: impl Fn(&dyn Display) -> Error) -> Result<Value, Error> {
    let value: Value = serde_json::from_str(text).map_err(|error| wrong(&error))?;
    if value.get("format").and_then(Value::as_str) != Some(format) {
        return Err(wrong(&format!("it does not say \"format\": \"{format}\"")));
    }
    Ok(value)
}

/// [`of_format`], if it is of that version, too.
pub(crate) fn of_version(
    text: &str,
    format: &str,
    version: u32,
    wrong: impl Fn(&dyn Display) -> Error,
) -> Result<Value, Error> {
    let value = of_format(text, format, &wrong)?;
    if value.get("format_version").and_then(Value::as_u64) != Some(u64::from(version)) {
        return Err(wrong(&format!("its format_version is not {version}, the one that this program knows")));
    }
    Ok(value)
}
