//! Reads settings that were found to fit their table.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::parse_duration;

/// The entries of an object. A key that is absent has no value; nor has one of another form, but that has been refused
/// before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(crate) fn of(entries: &'a Map<String, Value>) -> Self {
        Self(entries)
    }

    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    pub(crate) fn whole(self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }

    pub(crate) fn number(self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    pub(crate) fn shift(self, name: &str) -> Option<SignedDuration> {
        parse_duration(self.text(name)?)
    }

    pub(crate) fn duration(self, name: &str) -> Option<Duration> {
        self.shift(name)?.try_into().ok()
    }

    /// The texts of a list, or the one that stands for it.
    pub(crate) fn texts(self, name: &str) -> Vec<&'a str> {
        match self.0.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => vec![text],
            _ => Vec::new(),
        }
    }

    pub(crate) fn text_map(self, name: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let entries = self.0.get(name).and_then(Value::as_object).into_iter().flatten();
        entries.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }

    pub(crate) fn object(self, name: &str) -> Option<Self> {
        self.0.get(name)?.as_object().map(Self)
    }

    pub(crate) fn objects(self, name: &str) -> impl Iterator<Item = Self> {
        let items = self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_object).map(Self)
    }

    /// All entries.
    pub(crate) fn entries(self) -> &'a Map<String, Value> {
        self.0
    }
}
