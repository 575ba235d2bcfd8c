//! What may stand in text and in names.

use crate::error::{Error, quoted};
use crate::xml::is_legal;

/// Appends text, escaped. A carriage return is written as a reference, because readers turn a bare one into a line
/// feed.
pub(super) fn text(out: &mut String, text: &str) -> Result<(), Error> {
    let mut plain = 0;
    for (at, character) in text.char_indices() {
        let escaped = match character {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '\r' => "&#13;",
            _ if is_legal(character) => continue,
            _ => {
                let found = format!("the character U+{:04X}", u32::from(character));
                return Err(Error::encode("text that XML 1.0 can carry", found));
            }
        };
        out.push_str(text.get(plain..at).unwrap_or_default());
        out.push_str(escaped);
        plain = at + character.len_utf8();
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    Ok(())
}

pub(super) fn start_tag(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

pub(super) fn end_tag(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Checks that a name survives as the name of an element. A colon would make what is before it a prefix, `!` and `?`
/// at the start another sort of markup.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let breaks = |character: char| {
        character.is_whitespace()
            || !is_legal(character)
            || matches!(character, '<' | '>' | '&' | '/' | '=' | '"' | '\'' | ':')
    };
    if name.is_empty() || name.starts_with(['!', '?']) || name.contains(breaks) {
        return Err(Error::encode("a name that an XML element can have", quoted(name)));
    }
    Ok(())
}
