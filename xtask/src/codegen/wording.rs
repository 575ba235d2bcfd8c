//! Turns what a schema says about itself into the sentences of a doc comment.

use serde_json::Value;

/// The description of a schema or parameter, followed by its limits, default and example.
pub(crate) fn describe(item: &Value) -> String {
    // A parameter keeps its limits in its schema, a property in itself.
    let schema = if item["schema"].is_object() { &item["schema"] } else { item };
    let mut lead = item["description"].as_str().unwrap_or_default().trim().to_owned();
    if let Some(range) = range(schema) {
        push_sentence(&mut lead, &range);
    }
    if let Some(length) = schema["maxLength"].as_u64() {
        push_sentence(&mut lead, &format!("At most {length} characters."));
    }
    if !schema["default"].is_null() {
        push_sentence(&mut lead, &format!("Default: {}.", code(&schema["default"])));
    }
    if item["x-sensitive"] == true {
        push_sentence(&mut lead, "A secret: `Debug` does not show it.");
    }
    let example = if item["example"].is_null() { &schema["example"] } else { &item["example"] };
    if !example.is_null() {
        if !lead.is_empty() {
            lead.push_str("\n\n");
        }
        lead.push_str(&format!("Example: {}.", code(example)));
    }
    lead
}

/// Summary, description, documentation page and RAM action of an operation.
pub(crate) fn describe_operation(operation: &Value) -> String {
    let mut text = operation["summary"].as_str().unwrap_or_default().trim().to_owned();
    if let Some(description) = operation["description"].as_str() {
        text.push_str("\n\n");
        text.push_str(description.trim());
    }
    let page = operation["x-doc"].as_str().or(operation["operationId"].as_str());
    if let Some(page) = page {
        text.push_str(&format!("\n\nSource: the {page} page of the ACK API reference."));
    }
    if let Some(action) = operation["x-ram-action"].as_str() {
        text.push_str(&format!(" RAM action: `{action}`."));
    }
    text
}

/// The note of a `#[deprecated]` attribute, if the item is deprecated.
pub(crate) fn deprecation(item: &Value) -> Option<String> {
    (item["deprecated"] == true).then(|| match item["x-deprecated-use"].as_str() {
        Some(replacement) => format!("use {}", replacement.trim().replace('`', "")),
        None => "deprecated by the service, without a replacement".to_owned(),
    })
}

fn push_sentence(text: &mut String, sentence: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(sentence);
}

fn range(schema: &Value) -> Option<String> {
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Null, Value::Null) => None,
        (minimum, Value::Null) => Some(format!("At least {minimum}.")),
        (Value::Null, maximum) => Some(format!("At most {maximum}.")),
        (minimum, maximum) => Some(format!("From {minimum} to {maximum}.")),
    }
}

/// A value as inline code; backticks inside it would end the code, so they are dropped.
fn code(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = text.replace('`', "").replace('\n', " ");
    if text.is_empty() { "an empty string".to_owned() } else { format!("`{text}`") }
}
