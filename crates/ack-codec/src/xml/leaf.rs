//! Reads elements of nothing but plain text without the event reader.
//!
//! Nearly every element of an answer is `<name>text</name>`, and as three events it takes more than twice as long as it
//! takes here. Whatever is not quite of this form (attributes, prefixes, references, child elements, an end tag that does
//! not fit) is no leaf: it goes through the events, so that all forgiving and all refusing is in one place.

use memchr::memchr3;

/// An element without child elements, as places in the body.
pub(super) struct Leaf {
    /// Where its `<` is.
    pub(super) at: usize,
    /// The name starts after the `<`.
    pub(super) name_len: usize,
    pub(super) text: usize,
    pub(super) text_len: usize,
    /// The place after the element.
    pub(super) end: usize,
}

impl Leaf {
    /// The leaf that follows at `from`, after whitespace at most.
    pub(super) fn find(body: &[u8], from: usize) -> Option<Self> {
        let rest = body.get(from..)?;
        let blank = rest.iter().position(|&byte| CLASSES[usize::from(byte)] != Class::Blank)?;
        let at = from + blank;
        let rest = rest.get(blank..)?.strip_prefix(b"<")?;
        let name_len = rest.iter().position(|&byte| CLASSES[usize::from(byte)] != Class::Name)?;
        let (name, rest) = rest.split_at_checked(name_len).filter(|(name, _)| !name.is_empty())?;
        let text = at + 1 + name_len + 1;
        if rest.starts_with(b"/>") {
            return Some(Self { at, name_len, text, text_len: 0, end: text + 1 });
        }
        let rest = rest.strip_prefix(b">")?;
        // A carriage return is part of a line end to be made uniform, and `&` starts a reference.
        let text_len = memchr3(b'<', b'&', b'\r', rest)?;
        rest.get(text_len..)?.strip_prefix(b"</")?.strip_prefix(name)?.strip_prefix(b">")?;
        Some(Self { at, name_len, text, text_len, end: text + text_len + 2 + name_len + 1 })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Name,
    Blank,
    /// What ends a name, or makes it one that is not simple.
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Name; 256];
    let other = b"<>&/=\"':?!";
    let mut index = 0;
    while index < other.len() {
        classes[other[index] as usize] = Class::Other;
        index += 1;
    }
    let blank = b" \t\r\n";
    index = 0;
    while index < blank.len() {
        classes[blank[index] as usize] = Class::Blank;
        index += 1;
    }
    classes
};
