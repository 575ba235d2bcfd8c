//! Whether a JSON value has the shape that the catalogue declares.
//!
//! Less is asked than the catalogue's own check asks: unknown fields pass, as the service lets them pass; null stands
//! for an absent field; and numbers may come as text, as some clients send them.

use std::collections::BTreeMap;
use std::fmt;

use ack_models::catalogue::{Catalogue, FieldEntry, Kind};
use serde_json::Value;

use crate::refusal::Refusal;

/// The longest path that a refusal shows, in characters.
const MAX_PATH: usize = 200;

/// The longest text of a request that a refusal repeats, in characters.
const MAX_TEXT: usize = 40;

/// Where a value stands in a request: `body.nodepools[0].count`. It is put into words only for a refusal.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
    /// Whether the value here is not to be repeated.
    is_secret: bool,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
}

impl<'a> Place<'a> {
    pub(super) fn top(part: &'a str) -> Self {
        Self { parent: None, step: Step::Field(part), is_secret: false }
    }

    pub(super) fn field(&'a self, name: &'a str, entry: &FieldEntry) -> Self {
        Self { parent: Some(self), step: Step::Field(name), is_secret: self.is_secret || entry.sensitive }
    }

    fn inside(&'a self, step: Step<'a>) -> Self {
        Self { parent: Some(self), step, is_secret: self.is_secret }
    }

    /// Refuses the value here. A secret is not repeated.
    pub(super) fn mistyped(&self, expected: &str, found: &Value) -> Refusal {
        let found = match found {
            Value::Null => "null".to_owned(),
            Value::Bool(_) => "a boolean".to_owned(),
            Value::Number(number) if !self.is_secret => format!("the number {number}"),
            Value::Number(_) => "a number".to_owned(),
            Value::String(text) if !self.is_secret => {
                let start: String = text.chars().take(MAX_TEXT).collect();
                format!("the string {start:?}")
            }
            Value::String(_) => "a string".to_owned(),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        Refusal::mistyped_field(&self.to_string(), expected, &found)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = Vec::new();
        let mut next = Some(self);
        while let Some(place) = next {
            steps.push(place.step);
            next = place.parent;
        }
        let mut text = String::new();
        for step in steps.iter().rev() {
            match step {
                Step::Item(index) => text.push_str(&format!("[{index}]")),
                Step::Field(name) => {
                    text.push_str(if text.is_empty() { "" } else { "." });
                    text.extend(name.chars().take(MAX_PATH));
                }
            }
        }
        text.chars().take(MAX_PATH).try_for_each(|letter| fmt::Write::write_char(f, letter))
    }
}

/// The shapes that a catalogue declares.
#[derive(Clone, Copy)]
pub(super) struct Shapes<'c> {
    catalogue: &'c Catalogue,
}

impl<'c> Shapes<'c> {
    pub(super) fn of(catalogue: &'c Catalogue) -> Self {
        Self { catalogue }
    }

    /// Accepts a value of a kind, or says what about it does not fit. Values nest as deep as the JSON reader allows.
    pub(super) fn check(self, place: &Place<'_>, kind: &Kind, value: &Value) -> Result<(), Refusal> {
        match (kind, value) {
            (Kind::String, Value::String(_)) | (Kind::Number, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => {
                Ok(())
            }
            (Kind::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(()),
            (Kind::Integer, Value::String(text)) if text.trim().parse::<i64>().is_ok() => Ok(()),
            (Kind::Number, Value::String(text)) if text.trim().parse::<f64>().is_ok_and(f64::is_finite) => Ok(()),
            (Kind::List(inner), Value::Array(items)) => items
                .iter()
                .enumerate()
                .try_for_each(|(index, item)| self.check(&place.inside(Step::Item(index)), inner, item)),
            (Kind::Map(inner), Value::Object(entries)) => entries
                .iter()
                .filter(|(_, item)| !item.is_null())
                .try_for_each(|(key, item)| self.check(&place.inside(Step::Field(key)), inner, item)),
            (Kind::Ref(name), value) => self.check_schema(place, name, value),
            (Kind::String, other) => Err(place.mistyped("a string", other)),
            (Kind::Integer, other) => Err(place.mistyped("a whole number", other)),
            (Kind::Number, other) => Err(place.mistyped("a number", other)),
            (Kind::Boolean, other) => Err(place.mistyped("true or false", other)),
            (Kind::List(_), other) => Err(place.mistyped("a list", other)),
            (Kind::Map(_), other) => Err(place.mistyped("an object", other)),
            _ => Ok(()),
        }
    }

    fn check_schema(self, place: &Place<'_>, name: &str, value: &Value) -> Result<(), Refusal> {
        let Some(schema) = self.catalogue.schemas.get(name) else { return Ok(()) };
        match (&schema.values, value) {
            // The service knows values that its documents do not.
            (Some(_), Value::String(_)) => Ok(()),
            (Some(values), other) => Err(place.mistyped(&format!("one of {}", values.join(", ")), other)),
            (None, Value::Object(given)) => {
                for (field, value) in given.iter().filter(|(_, value)| !value.is_null()) {
                    match schema.fields.get(field) {
                        Some(entry) => self.check(&place.field(field, entry), &entry.kind, value)?,
                        None => tracing::debug!(%place, field, "ignored an unknown field"),
                    }
                }
                required(place, name, &schema.fields, |field| given.get(field).is_some_and(|value| !value.is_null()))
            }
            (None, other) => Err(place.mistyped("an object", other)),
        }
    }
}

/// Checks that every required field is there, of which `has` knows.
pub(super) fn required(
    place: &Place<'_>,
    owner: &str,
    fields: &BTreeMap<String, FieldEntry>,
    has: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    match fields.iter().find(|(name, entry)| entry.required && !has(name)) {
        Some((name, entry)) => Err(Refusal::missing_field(&place.field(name, entry).to_string(), owner)),
        None => Ok(()),
    }
}
