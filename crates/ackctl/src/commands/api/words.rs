//! Kinds and values of the catalogue in words.

use ack_models::catalogue::{Catalogue, FieldEntry, Kind, SchemaEntry};
use serde_json::Value;

use crate::output::printable;

/// A kind in a few words: `list of object Tag`.
pub(super) fn kind(catalogue: &Catalogue, kind: &Kind) -> String {
    match kind {
        Kind::String => "string".to_owned(),
        Kind::Integer => "integer".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Boolean => "boolean".to_owned(),
        Kind::List(inner) => format!("list of {}", self::kind(catalogue, inner)),
        Kind::Map(inner) => format!("map of {}", self::kind(catalogue, inner)),
        Kind::Ref(name) => {
            let is_enum = catalogue.schemas.get(name).is_some_and(|schema| schema.values.is_some());
            format!("{} {name}", if is_enum { "enum" } else { "object" })
        }
        _ => "anything".to_owned(),
    }
}

/// The schema that a kind is, or is made of.
pub(super) fn schema<'a>(catalogue: &'a Catalogue, kind: &'a Kind) -> Option<(&'a str, &'a SchemaEntry)> {
    match kind {
        Kind::List(inner) | Kind::Map(inner) => schema(catalogue, inner),
        Kind::Ref(name) => catalogue.schemas.get(name).map(|schema| (name.as_str(), schema)),
        _ => None,
    }
}

/// Whether a value of the kind is text.
pub(super) fn is_text(catalogue: &Catalogue, kind: &Kind) -> bool {
    match kind {
        Kind::String => true,
        Kind::Ref(name) => catalogue.schemas.get(name).is_some_and(|schema| schema.values.is_some()),
        _ => false,
    }
}

/// Fields as people want to read them: first what is required, last what is deprecated.
pub(super) fn ordered<'a>(
    fields: impl IntoIterator<Item = (&'a String, &'a FieldEntry)>,
) -> Vec<(&'a str, &'a FieldEntry)> {
    let mut fields: Vec<_> = fields.into_iter().map(|(name, field)| (name.as_str(), field)).collect();
    fields.sort_by_key(|(_, field)| (field.deprecated.is_some(), !field.required));
    fields
}

/// A value as it is given for `--path` and `--query`.
pub(super) fn argument(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A documented value on one line.
pub(super) fn value(value: &Value) -> String {
    const LONGEST: usize = 200;
    let text = match value {
        Value::String(text) if !text.is_empty() && !text.chars().any(char::is_control) => text.clone(),
        other => other.to_string(),
    };
    let mut short: String = printable(&text).chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
