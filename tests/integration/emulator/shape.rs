//! Answers by what the catalogue says of them, for operations whose models a test does not name.

use std::collections::BTreeMap;

use ack_codec::{Format, Root, decode, encode};
use ack_models::catalogue::{Catalogue, Kind};
use serde_json::{Map, Value, json};

/// What about an answer does not fit the declared kind.
pub(crate) fn problems(operation_id: &str, answer: &Value) -> Vec<String> {
    // The catalogue checks inputs only, so the answer is taken for the body of a like operation.
    let mut operation = Catalogue::get().operations[operation_id].clone();
    operation.path_parameters.clear();
    operation.query = None;
    operation.body = operation.answer.clone();
    let mut catalogue = Catalogue::get().clone();
    catalogue.operations = BTreeMap::from([(operation_id.to_owned(), operation)]);
    catalogue.check(operation_id, &json!({"body": answer})).iter().map(ToString::to_string).collect()
}

/// An XML body as a free-form value.
pub(crate) fn read_xml(kind: &Kind, body: &str) -> Value {
    let body = body.as_bytes();
    match kind {
        Kind::String => decode::<String>(Format::Xml, body).map(Value::from),
        Kind::List(_) => decode::<Vec<Value>>(Format::Xml, body).map(Value::from),
        _ => decode::<Value>(Format::Xml, body),
    }
    .unwrap()
}

/// A value in the form that both formats can carry: scalars as text, a list where one is declared, and nothing that is
/// empty or that XML has no name for.
pub(crate) fn common(kind: &Kind, value: &Value) -> Option<Value> {
    let schema = |name: &String| &Catalogue::get().schemas[name];
    match (kind, value) {
        (_, Value::Null) => None,
        (Kind::List(inner), Value::Array(items)) => list(inner, items),
        (Kind::List(inner), single) => list(inner, std::slice::from_ref(single)),
        (Kind::Map(inner), Value::Object(entries)) => object(entries, |_| inner),
        (Kind::Ref(name), Value::Object(entries)) => object(entries, |field| &schema(name).fields[field].kind),
        (Kind::Any, Value::Object(entries)) => object(entries, |_| &Kind::Any),
        // A list of one cannot be told from its item where nothing is declared.
        (Kind::Any, Value::Array(items)) if items.len() == 1 => common(&Kind::Any, &items[0]),
        (Kind::Any, Value::Array(items)) => list(&Kind::Any, items),
        (_, Value::String(text)) if text.is_empty() => None,
        (_, Value::String(text)) => Some(json!(text)),
        (_, scalar) => Some(json!(scalar.to_string())),
    }
}

fn list(inner: &Kind, items: &[Value]) -> Option<Value> {
    let items: Vec<Value> = items.iter().filter_map(|item| common(inner, item)).collect();
    (!items.is_empty()).then_some(Value::Array(items))
}

fn object<'a>(entries: &Map<String, Value>, kind: impl Fn(&str) -> &'a Kind) -> Option<Value> {
    let named = entries.iter().filter(|(name, _)| encode(Format::Xml, Root::Named(name), &()).is_ok());
    let fields: Map<String, Value> =
        named.filter_map(|(name, value)| Some((name.clone(), common(kind(name), value)?))).collect();
    (!fields.is_empty()).then_some(Value::Object(fields))
}
