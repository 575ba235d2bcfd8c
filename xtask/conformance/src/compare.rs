//! Whether two answers say the same, given that XML has no types.

use std::collections::{BTreeMap, BTreeSet};

use ack_models::catalogue::{Catalogue, Kind};
use serde_json::Value;

/// Collects the places where `left` and `right` differ.
///
/// Declared fields are compared exactly, for the models have given them their types. In free-form parts XML has text
/// where JSON has numbers and booleans, and cannot tell null, an empty text and an empty list apart, nor a list of one from
/// its item.
pub fn compare(
    catalogue: &Catalogue,
    kind: &Kind,
    path: &str,
    left: &Value,
    right: &Value,
    into: &mut BTreeMap<String, (Value, Value)>,
) {
    match (kind, left, right) {
        (Kind::List(inner), Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                compare(catalogue, inner, &format!("{path}[{index}]"), one, other, into);
            }
        }
        (Kind::Map(inner), Value::Object(_), Value::Object(_)) => {
            each_key(left, right, |key, one, other| {
                compare(catalogue, inner, &format!("{path}.{key}"), one, other, into);
            });
        }
        (Kind::Ref(name), Value::Object(_), Value::Object(_)) => {
            let fields = catalogue.schemas.get(name).map(|schema| &schema.fields);
            each_key(left, right, |key, one, other| {
                let kind = fields.and_then(|fields| fields.get(key)).map_or(&Kind::Any, |field| &field.kind);
                compare(catalogue, kind, &format!("{path}.{key}"), one, other, into);
            });
        }
        (Kind::Any, one, other) if loosely_equal(one, other) => {}
        (_, one, other) if one == other => {}
        // An empty list or map of the model and an absent one are written alike.
        (Kind::List(_) | Kind::Map(_), one, other) if is_empty(one) && is_empty(other) => {}
        _ => {
            into.insert(path.trim_start_matches("$.").to_owned(), (left.clone(), right.clone()));
        }
    }
}

/// Free-form values: the same shape, and scalars of the same text.
#[must_use]
pub fn loosely_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(_), Value::Object(_)) => {
            let mut equal = true;
            each_key(one, other, |_, one, other| equal &= loosely_equal(one, other));
            equal
        }
        (Value::Array(ones), Value::Array(others)) => {
            ones.len() == others.len() && ones.iter().zip(others).all(|(one, other)| loosely_equal(one, other))
        }
        (Value::Array(items), single) | (single, Value::Array(items)) if items.len() == 1 => {
            loosely_equal(&items[0], single)
        }
        (one, other) if is_empty(one) && is_empty(other) => true,
        (one, other) => text(one).is_some() && text(one) == text(other),
    }
}

/// Collects the fields of `sent` that `decoded` has not got, or has with another value. `is_typed` says whether the
/// format has types: without them, free-form scalars come back as text.
pub fn survives(
    catalogue: &Catalogue,
    kind: &Kind,
    path: &str,
    sent: &Value,
    decoded: &Value,
    is_typed: bool,
    lost: &mut Vec<String>,
) {
    match (kind, sent, decoded) {
        (Kind::List(inner), Value::Array(ones), Value::Array(others)) if ones.len() == others.len() => {
            for (index, (one, other)) in ones.iter().zip(others).enumerate() {
                survives(catalogue, inner, &format!("{path}[{index}]"), one, other, is_typed, lost);
            }
        }
        (Kind::Map(_) | Kind::Ref(_), Value::Object(fields), Value::Object(_)) => {
            for (key, value) in fields {
                let kind = inner_kind(catalogue, kind, key);
                let other = decoded.get(key).unwrap_or(&Value::Null);
                survives(catalogue, kind, &format!("{path}.{key}"), value, other, is_typed, lost);
            }
        }
        (_, one, other) if one == other => {}
        (Kind::Any, one, other) if !is_typed && loosely_equal(one, other) => {}
        // Known enum values are written in their documented spelling.
        (Kind::Ref(_), Value::String(one), Value::String(other)) if one.eq_ignore_ascii_case(other) => {}
        (Kind::List(_) | Kind::Map(_) | Kind::Ref(_), one, other) if is_empty(one) && is_empty(other) => {}
        (_, one, other) => lost.push(format!("{path} ({one} became {other})")),
    }
}

fn inner_kind<'a>(catalogue: &'a Catalogue, kind: &'a Kind, key: &str) -> &'a Kind {
    match kind {
        Kind::Map(inner) => inner,
        Kind::Ref(name) => {
            let field = catalogue.schemas.get(name).and_then(|schema| schema.fields.get(key));
            field.map_or(&Kind::Any, |field| &field.kind)
        }
        other => other,
    }
}

fn each_key(one: &Value, other: &Value, mut visit: impl FnMut(&str, &Value, &Value)) {
    let keys = |value: &Value| value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    let all: BTreeSet<String> = keys(one).into_iter().chain(keys(other)).collect();
    for key in all {
        visit(&key, one.get(&key).unwrap_or(&Value::Null), other.get(&key).unwrap_or(&Value::Null));
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
