//! What can go wrong while decoding or encoding, in terms of the body.
//!
//! ```
//! use ack_codec::{Format, decode};
//!
//! #[derive(Debug, serde::Deserialize)]
//! struct Cluster {
//!     #[expect(dead_code)]
//!     size: i64,
//! }
//!
//! let error = decode::<Vec<Cluster>>(Format::Json, br#"[{"size": 3}, {"size": "three"}]"#).unwrap_err();
//! assert!(error.is_data());
//! assert_eq!(error.path(), "[1].size");
//! assert_eq!(error.offset(), Some(23));
//! ```
//!
//! An error shows at most some 40 characters of a value, and never a whole body.

mod serde_impl;

use std::borrow::Cow;
use std::fmt;

use crate::format::Format;
use crate::tape::{Indexes, Kind as NodeKind, NONE, Tape, path_of};

/// Why a body could not be decoded or a value not be encoded.
///
/// It reads as one sentence that names the place, what was expected and what was found:
/// `upgrade_task.status: expected a string, found a list, at byte 52 of the JSON body`.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    format: Format,
    /// Empty for the document itself.
    path: String,
    offset: Option<usize>,
    complaint: Complaint,
    /// Where decoding failed, until the path is computed from it.
    node: u32,
    /// A field of the struct at `node` that is missing or duplicate.
    field: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Syntax,
    CutOff,
    Data,
    Limit,
    EmptyBody,
    Encode,
    /// Not for users: the only item of a list turned out to be a wrapper without items.
    EmptyWrapper,
}

enum Complaint {
    Mismatch {
        expected: Cow<'static, str>,
        found: Cow<'static, str>,
    },
    /// In the words of a type's own `Deserialize` or `Serialize`.
    Message(String),
}

impl Error {
    /// Where in the document: field names joined by dots and list positions from zero, such as
    /// `tasks[3].error.code`. `$` is the document itself. XML paths leave out the root element.
    #[must_use]
    pub fn path(&self) -> &str {
        if self.0.path.is_empty() { "$" } else { &self.0.path }
    }

    /// Where in the body, in bytes from its start, if known. Always `None` for encoding.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// What should have been there, such as `a string`; `None` if a type's own check failed with a message.
    #[must_use]
    pub fn expected(&self) -> Option<&str> {
        match &self.0.complaint {
            Complaint::Mismatch { expected, .. } => Some(expected),
            Complaint::Message(_) => None,
        }
    }

    /// What was there instead, such as `a list` or `"three"`, shortened; `None` if a type's own check failed with a message.
    #[must_use]
    pub fn found(&self) -> Option<&str> {
        match &self.0.complaint {
            Complaint::Mismatch { found, .. } => Some(found),
            Complaint::Message(_) => None,
        }
    }

    /// The format that was being read or written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.0.format
    }

    /// The body is not in the format at all: bad JSON, mismatched XML tags, a DTD, text that is not UTF-8.
    ///
    /// # What to do
    ///
    /// Look at what answered; a proxy's page or another format is the usual cause. [`Format::detect`] tells the two
    /// formats apart.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        self.0.kind == Kind::Syntax
    }

    /// The body ends too early.
    ///
    /// # What to do
    ///
    /// Ask again if asking has no side effect: the connection was probably cut.
    #[must_use]
    pub fn is_eof(&self) -> bool {
        self.0.kind == Kind::CutOff
    }

    /// The body is well formed and does not have the shape of the type.
    ///
    /// # What to do
    ///
    /// Compare the named field with the API reference; the type declares something the service does not send.
    #[must_use]
    pub fn is_data(&self) -> bool {
        self.0.kind == Kind::Data
    }

    /// The body is larger or nested deeper than [`Limits`](crate::Limits) allow.
    ///
    /// # What to do
    ///
    /// Raise the limits if the body is legitimate, or ask for less, for example by a smaller page.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.0.kind == Kind::Limit
    }

    /// There is no body, and the type needs one.
    ///
    /// # What to do
    ///
    /// Decode into `()` or `Option<T>` where an operation may answer without a body, as `PauseUpgradeCluster` does.
    #[must_use]
    pub fn is_empty_body(&self) -> bool {
        self.0.kind == Kind::EmptyBody
    }

    /// The value cannot be written in the format, for example a map key that is no XML element name.
    ///
    /// # What to do
    ///
    /// Change the named value, or write JSON.
    #[must_use]
    pub fn is_encode(&self) -> bool {
        self.0.kind == Kind::Encode
    }
}

impl Error {
    pub(crate) fn too_large(format: Format, bytes: usize, limit: usize) -> Self {
        let expected = format!("a body of at most {limit} bytes");
        Self::new(Kind::Limit, format, expected, format!("{bytes} bytes"))
    }

    pub(crate) fn too_deep(format: Format, limit: usize) -> Self {
        let nested = if format == Format::Json { "lists and objects" } else { "elements" };
        Self::new(Kind::Limit, format, format!("at most {limit} nested {nested}"), "one more")
    }

    pub(crate) fn not_utf8(format: Format, body: &[u8], error: &std::str::Utf8Error) -> Self {
        let at = error.valid_up_to();
        if error.error_len().is_none() {
            return Self::cut_off(format, "the rest of a UTF-8 character").at_offset(body.len());
        }
        let found = body.get(at).map_or_else(String::new, |byte| format!("the byte 0x{byte:02X}"));
        Self::syntax(format, "UTF-8 text", found).at_offset(at)
    }

    pub(crate) fn syntax(
        format: Format,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Kind::Syntax, format, expected, found)
    }

    pub(crate) fn cut_off(format: Format, expected: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::CutOff, format, expected, "the end of the body")
    }

    pub(crate) fn empty_body() -> Self {
        Self::new(Kind::EmptyBody, Format::Json, "a value", "an empty body")
    }

    pub(crate) fn empty_wrapper() -> Self {
        Self::new(Kind::EmptyWrapper, Format::Json, "an item", "an empty wrapper")
    }

    /// The node does not hold what the type wants.
    pub(crate) fn data(expected: impl Into<Cow<'static, str>>, found: impl Into<Cow<'static, str>>, node: u32) -> Self {
        let mut error = Self::new(Kind::Data, Format::Json, expected, found);
        error.0.node = node;
        error
    }

    pub(crate) fn encode(expected: impl Into<Cow<'static, str>>, found: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Encode, Format::Xml, expected, found)
    }

    pub(crate) fn encode_message(format: Format, message: String) -> Self {
        Self(Box::new(Inner { kind: Kind::Encode, format, ..*Self::message(message).0 }))
    }

    pub(crate) fn is_empty_wrapper(&self) -> bool {
        self.0.kind == Kind::EmptyWrapper
    }

    pub(crate) fn at_offset(mut self, offset: usize) -> Self {
        self.0.offset = Some(offset);
        self
    }

    /// Counts the bytes before the text that was read, such as a byte order mark.
    pub(crate) fn shifted(mut self, bytes: usize) -> Self {
        self.0.offset = self.0.offset.map(|offset| offset + bytes);
        self
    }

    pub(crate) fn at_path(mut self, path: String) -> Self {
        self.0.path = path;
        self
    }

    /// Says where an error from a type's own code happened, unless something nearer is known.
    #[cold]
    pub(crate) fn or_at(mut self, node: u32) -> Self {
        if self.0.node == NONE {
            self.0.node = node;
        }
        self
    }

    /// Puts the path of an encoding error inside one more field.
    #[cold]
    pub(crate) fn inside(self, name: &str) -> Self {
        let mut path = String::new();
        crate::tape::push_name(&mut path, name);
        self.below(path)
    }

    /// Puts the path of an encoding error inside one more list.
    #[cold]
    pub(crate) fn inside_item(self, index: usize) -> Self {
        self.below(format!("[{index}]"))
    }

    fn below(mut self, mut path: String) -> Self {
        if !self.0.path.is_empty() && !self.0.path.starts_with('[') {
            path.push('.');
        }
        path.push_str(&self.0.path);
        self.0.path = path;
        self
    }

    /// Turns the node of a decoding error into a path and an offset.
    pub(crate) fn located(mut self, tape: &Tape<'_>, format: Format, base: u32) -> Self {
        let inner = &mut *self.0;
        inner.format = format;
        if inner.node == NONE || inner.kind == Kind::EmptyBody {
            return self;
        }
        let mut offset = tape.offset(inner.node);
        if format == Format::Json && tape.node(inner.node).kind == NodeKind::Text {
            // The quotation mark belongs to the value.
            offset = offset.saturating_sub(1);
        }
        inner.path = path_of(tape, base, inner.node, Indexes::Exact);
        if let Some(field) = inner.field {
            crate::tape::push_name(&mut inner.path, field);
            let mut named = tape.keys(inner.node).filter(|&key| tape.text(tape.node(key)) == field);
            if let Some(second) = named.nth(1) {
                offset = tape.offset(second).saturating_sub(1);
            }
        }
        inner.offset = Some(offset);
        self
    }

    fn new(
        kind: Kind,
        format: Format,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Self {
        let complaint = Complaint::Mismatch { expected: expected.into(), found: found.into() };
        Self(Box::new(Inner { kind, format, path: String::new(), offset: None, complaint, node: NONE, field: None }))
    }

    fn message(message: String) -> Self {
        let mut error = Self::new(Kind::Data, Format::Json, "", "");
        error.0.complaint = Complaint::Message(message);
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { path, offset, complaint, format, kind, .. } = &*self.0;
        let name = if *format == Format::Json { "JSON" } else { "XML" };
        f.write_str(if path.is_empty() { "the document" } else { path })?;
        match complaint {
            Complaint::Mismatch { expected, found } => write!(f, ": expected {expected}, found {found}")?,
            Complaint::Message(message) => write!(f, ": {message}")?,
        }
        match offset {
            Some(offset) => write!(f, ", at byte {offset} of the {name} body"),
            None if *kind == Kind::EmptyBody => write!(f, " instead of {name}"),
            None if *kind == Kind::Encode => write!(f, ", while writing {name}"),
            None => write!(f, ", in the {name} body"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl std::error::Error for Error {}

/// A text for an error message: at most 40 characters, control characters escaped.
pub(crate) fn shorten(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown = String::with_capacity(text.len().min(SHOWN + 8));
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN {
            shown.push('\u{2026}');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A text for an error message, in quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", shorten(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_and_goes_anywhere() {
        fn portable<T: std::error::Error + Send + Sync + 'static>() {}
        portable::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn values_are_shown_short_and_printable() {
        assert_eq!(shorten("a\nb\u{7}"), "a\\nb\\u{7}");
        let long = shorten(&"\u{4e2d}".repeat(100));
        assert_eq!(long.chars().count(), 41);
        assert!(long.ends_with('\u{2026}'));
    }
}
