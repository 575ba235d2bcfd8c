//! What of a free-form value XML can carry.

use std::borrow::Cow;

use ack_codec::{Format, Root, encode};
use serde_json::Value;

/// The value without what the service's XML has no form for: keys that are no element names, such as
/// `kubernetes.io/role`, and lists directly in lists. Characters that XML forbids are replaced.
pub(super) fn by_xml(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let carried = entries.iter().filter(|(name, _)| {
                let is_carried = is_element_name(name);
                if !is_carried {
                    tracing::debug!(name, "left an entry out of an answer, for XML has no element of that name");
                }
                is_carried
            });
            carried.map(|(name, value)| (name.clone(), by_xml(value))).collect()
        }
        Value::Array(items) => {
            let carried = items.iter().filter(|item| {
                if item.is_array() {
                    tracing::debug!("left a list in a list out of an answer, for XML has no form for it");
                }
                !item.is_array()
            });
            carried.map(by_xml).collect()
        }
        Value::String(text) => Value::String(text_by_xml(text).into_owned()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A text without the characters that XML 1.0 forbids; messages and ids repeat parts of requests.
pub(super) fn text_by_xml(text: &str) -> Cow<'_, str> {
    let is_foul = |c: char| (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.contains(is_foul) { text.replace(is_foul, "\u{FFFD}").into() } else { text.into() }
}

/// The codec knows which names survive; a root has to have one.
fn is_element_name(name: &str) -> bool {
    encode(Format::Xml, Root::Named(name), &()).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_xml_cannot_carry_is_left_out() {
        let value = json!({
            "labels": {"kubernetes.io/role": "worker", "app": "web", "": 1, "a b": 2},
            "rows": [["a"], {"x:y": 1, "z": null}, 3],
            "text": "a\u{1}b\n",
        });
        let carried = by_xml(&value);
        assert_eq!(
            carried,
            json!({
                "labels": {"app": "web"},
                "rows": [{"z": null}, 3],
                "text": "a\u{FFFD}b\n",
            })
        );
        assert!(encode(Format::Xml, Root::Fragment, &carried).is_ok());
    }
}
