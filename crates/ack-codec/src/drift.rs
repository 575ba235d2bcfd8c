//! What a body held beyond what its type declares.
//!
//! ```
//! use ack_codec::{Decoder, Format};
//!
//! #[derive(serde::Deserialize)]
//! struct Task {
//!     id: String,
//! }
//!
//! let decoded = Decoder::new(Format::Json).decode::<Vec<Task>>(br#"[{"id": "T-1", "retries": 0}]"#)?;
//! assert_eq!(decoded.value[0].id, "T-1");
//! assert_eq!(decoded.drift.unknown_fields(), ["[].retries"]);
//! # Ok::<(), ack_codec::Error>(())
//! ```
//!
//! Drift is no error: it tells the keepers of a specification where the service has moved on. It does not notice
//! fields that are declared and never sent.

use crate::tape::{Indexes, Tape, path_of};

/// At most this many distinct fields, and as many distinct values, are named; the rest is only counted.
const NAMED: usize = 64;

/// Fields and enum values the declared type does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drift {
    unknown_fields: Vec<String>,
    unknown_values: Vec<UnknownValue>,
    unknown_field_count: usize,
    unknown_value_count: usize,
}

/// An enum value that none of the known ones equals, apart from case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownValue {
    /// Where it stands, such as `tasks[].state`.
    pub path: String,
    /// The text as received, without surrounding whitespace; long texts are shortened.
    pub value: String,
}

impl Drift {
    /// Paths of fields that no declared field took, such as `clusters[].swarm_mode`. A field of one type is named
    /// once, where it was first seen; at most 64 are named.
    #[must_use]
    pub fn unknown_fields(&self) -> &[String] {
        &self.unknown_fields
    }

    /// Enum values that are not among the known ones. One value of one enum is named once, where it was first
    /// seen; at most 64 are named.
    #[must_use]
    pub fn unknown_values(&self) -> &[UnknownValue] {
        &self.unknown_values
    }

    /// How many unknown fields there were in all, repeats included.
    #[must_use]
    pub fn unknown_field_count(&self) -> usize {
        self.unknown_field_count
    }

    /// How many unknown enum values there were in all, repeats included.
    #[must_use]
    pub fn unknown_value_count(&self) -> usize {
        self.unknown_value_count
    }

    /// Whether the body held nothing beyond what the type declares.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.unknown_field_count == 0 && self.unknown_value_count == 0
    }
}

/// Collects drift while decoding, as nodes; paths are computed once, at the end.
#[derive(Debug, Default)]
pub(crate) struct Log<'de> {
    fields: Seen<'de>,
    values: Seen<'de>,
}

/// Distinct sightings of one sort. Looking one up is bounded by [`NAMED`] comparisons.
#[derive(Debug, Default)]
struct Seen<'de> {
    count: usize,
    first: Vec<(&'static str, &'de str, u32)>,
}

impl<'de> Seen<'de> {
    fn note(&mut self, owner: &'static str, text: &'de str, node: u32) {
        self.count += 1;
        if self.first.len() < NAMED && !self.first.iter().any(|&(o, t, _)| t == text && o == owner) {
            self.first.push((owner, text, node));
        }
    }
}

impl<'de> Log<'de> {
    /// Notes the field `name` at `node`, which the struct `owner` does not declare.
    #[cold]
    pub(crate) fn field(&mut self, owner: &'static str, name: &'de str, node: u32) {
        self.fields.note(owner, name, node);
    }

    /// Notes the `text` at `node`, which the enum `owner` does not declare.
    #[cold]
    pub(crate) fn value(&mut self, owner: &'static str, text: &'de str, node: u32) {
        self.values.note(owner, text, node);
    }

    /// Turns nodes into paths that start at `base`.
    pub(crate) fn report(&self, tape: &Tape<'_>, base: u32) -> Drift {
        let path = |node| path_of(tape, base, node, Indexes::Any);
        let mut unknown_fields: Vec<String> = Vec::new();
        for &(_, _, node) in &self.fields.first {
            let path = path(node);
            if !unknown_fields.contains(&path) {
                unknown_fields.push(path);
            }
        }
        let values = self.values.first.iter();
        Drift {
            unknown_fields,
            unknown_values: values
                .map(|&(_, text, node)| UnknownValue { path: path(node), value: crate::error::shorten(text) })
                .collect(),
            unknown_field_count: self.fields.count,
            unknown_value_count: self.values.count,
        }
    }
}
