//! Text whose memory is wiped when it is dropped.

use std::fmt;
use std::ops::Deref;

use zeroize::Zeroize as _;

/// A text that may hold a token. It is made with all the room it needs, as a text that grows leaves unwiped copies of
/// itself behind.
#[derive(Clone)]
pub(crate) struct WipedText(String);

impl WipedText {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Adds a part, and says where it stands.
    pub(crate) fn push(&mut self, part: &str) -> Span {
        debug_assert!(self.0.len() + part.len() <= self.0.capacity(), "the text outgrows the room that was reserved");
        let start = self.0.len();
        self.0.push_str(part);
        self.since(start)
    }

    /// Adds what stands at that place of the text once more.
    pub(crate) fn repeat(&mut self, place: Span) {
        debug_assert!(self.0.len() + place.len() <= self.0.capacity(), "the text outgrows the room that was reserved");
        self.0.extend_from_within(place.start..place.end);
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }

    /// The text at that place.
    pub(crate) fn at(&self, place: Span) -> &str {
        self.0.get(place.start..place.end).unwrap_or_default()
    }

    /// From there to the present end.
    pub(crate) fn since(&self, start: usize) -> Span {
        Span { start, end: self.0.len() }
    }
}

impl Deref for WipedText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Nothing of the text.
impl fmt::Debug for WipedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WipedText(..)")
    }
}

impl Drop for WipedText {
    fn drop(&mut self) {
        // Of spare capacity zeroize wipes all at once, of what a vector holds one byte after another, which took longer
        // than signing.
        self.0.clear();
        self.0.zeroize();
    }
}

/// A part of a text, by bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    pub(crate) fn len(self) -> usize {
        self.end - self.start
    }
}
