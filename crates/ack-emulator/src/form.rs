//! Settings that people write: what they must look like, said once in tables.
//!
//! A table of [`Key`]s is what written settings are checked against, what their JSON Schema is made from, and what help
//! prints; so the three cannot differ. Faults and scenario files are described this way.

mod check;
mod fields;
mod schema;
mod text;

pub(crate) use check::{Problems, check, nearest};
pub(crate) use fields::Fields;
pub(crate) use schema::{object as object_schema, shared as shared_schemas};
pub(crate) use text::{parse, parse_duration};

/// The longest text that is taken, in bytes.
pub(crate) const MAX_TEXT: usize = 4096;

/// The longest duration that is taken, in seconds: 30 days.
pub(crate) const MAX_SECONDS: i64 = 30 * 24 * 60 * 60;

/// One key of an object.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// What it is for, as the beginning of a sentence without its full stop.
    pub(crate) doc: &'static str,
    pub(crate) is_required: bool,
}

/// What a value has to be.
#[derive(Debug)]
pub(crate) enum Form {
    /// A text that is not empty.
    Text,
    /// A text that may be empty.
    AnyText,
    /// A text that is not empty and never shown.
    Secret,
    /// One text, or a list of them.
    Texts,
    /// A list of texts.
    TextList,
    /// An object whose values are texts.
    TextMap,
    /// True or false.
    Flag,
    /// A whole number in a range, both ends included.
    Whole(u64, u64),
    /// One of some whole numbers.
    WholeOf(&'static [u64]),
    /// A number above the first and up to the second.
    Number(f64, f64),
    /// A duration with its unit, such as `1m30s`.
    Duration,
    /// A duration that may be negative, such as `-20m`.
    Shift,
    /// One of some words.
    Word(&'static [&'static str]),
    /// An object with these keys.
    Object(&'static [Key]),
    /// A list of objects with these keys.
    Objects(&'static [Key]),
    /// Nothing but the name: only as the form of a variant.
    Nothing,
    /// One of these: the name alone for one without settings, else an object with the name and its settings.
    Variant(&'static [Key]),
    /// A list of objects, each with the keys that go with what its first key names.
    Tagged(&'static Tagged),
}

/// Objects of several kinds, told apart by the value of one key.
#[derive(Debug)]
pub(crate) struct Tagged {
    /// The key that names the kind.
    pub(crate) tag: &'static str,
    /// What one of the objects is called in messages.
    pub(crate) noun: &'static str,
    pub(crate) kinds: fn() -> Vec<TaggedKind>,
    /// The keys that every kind has.
    pub(crate) shared: &'static [Key],
}

/// One kind of tagged object.
#[derive(Debug)]
pub(crate) struct TaggedKind {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
}

impl Key {
    pub(crate) const fn new(name: &'static str, form: Form, doc: &'static str) -> Self {
        Self { name, form, doc, is_required: false }
    }

    pub(crate) const fn required(name: &'static str, form: Form, doc: &'static str) -> Self {
        Self { name, form, doc, is_required: true }
    }
}
