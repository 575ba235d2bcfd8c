//! Bodies of answers.

use ack_codec::{Format, decode};
use serde_json::Value;

use crate::models;

/// Any bytes as JSON.
pub(crate) fn json(body: &[u8]) {
    agrees_with_serde_json(body);
    models::check(Format::Json, body);
}

/// Any bytes as XML.
pub(crate) fn xml(body: &[u8]) {
    models::check(Format::Xml, body);
}

/// Both readers take the body and read the same, or both refuse it.
///
/// Three differences are meant: we read a byte order mark, one more level of nesting, and floats exactly.
fn agrees_with_serde_json(body: &[u8]) {
    let ours = decode::<Value>(Format::Json, body);
    let theirs = serde_json::from_slice::<Value>(body);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => assert!(alike(&ours, &theirs), "{ours} or {theirs}"),
        (Err(_), Err(_)) => {}
        (Ok(ours), Err(error)) => {
            let marked = body.starts_with(b"\xEF\xBB\xBF");
            let deep = error.to_string().starts_with("recursion limit");
            // A float of many digits can be in range when read exactly and out of it when not.
            let rounded = error.to_string().starts_with("number out of range");
            assert!(marked || deep || rounded, "only we read {ours}: {error}");
        }
        (Err(error), Ok(theirs)) => assert!(out_of_range(&error), "only we refuse {theirs}: {error}"),
    }
}

fn out_of_range(error: &ack_codec::Error) -> bool {
    error.expected() == Some("a number a 64-bit float can hold")
}

fn alike(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) if ours != theirs => {
            let (Some(ours), Some(theirs)) = (ours.as_f64(), theirs.as_f64()) else { return false };
            (ours - theirs).abs() <= ours.abs() * 4.0 * f64::EPSILON + f64::MIN_POSITIVE
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| alike(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let same = |(name, ours)| theirs.get(name).is_some_and(|theirs| alike(ours, theirs));
            ours.len() == theirs.len() && ours.iter().all(same)
        }
        _ => ours == theirs,
    }
}
