//! The canonical request, the string to sign and the signature of ACS3-HMAC-SHA256, from parts
//! already checked.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::hex::{Digits, sha256_hex};
use crate::wiped::{Span, WipedText};

/// The name of the algorithm in the string to sign and in the `Authorization` header.
pub(crate) const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// One value of a header that is signed. Sorted as they are signed in: by name, then by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line<'a> {
    /// In lower case.
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

impl Line<'_> {
    /// The most that it adds to a canonical request, with `SignedHeaders` there and in `Authorization`.
    pub(crate) fn room(&self) -> usize {
        3 * self.name.len() + self.value.len() + 4
    }
}

/// Puts lines in the order they are signed in.
pub(crate) fn sort(lines: &mut [Line<'_>]) {
    lines.sort_unstable();
}

/// Where the parts of a canonical request stand in its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Canonical {
    pub(crate) request: Span,
    pub(crate) query: Span,
    /// The names of the headers, as `SignedHeaders` lists them.
    pub(crate) names: Span,
    pub(crate) string_to_sign: Span,
}

/// The most that [`write`] adds to a text besides the room of the lines.
pub(crate) fn room(parts: [&str; 3]) -> usize {
    parts.iter().map(|part| part.len()).sum::<usize>() + 2 * Digits::LENGTH + ALGORITHM.len() + 8
}

/// Adds the canonical request and the string to sign to a text. `lines` are exactly the headers that are signed, in
/// their order; `place` is told where each of them stands, name and value.
pub(crate) fn write<'l>(
    text: &mut WipedText,
    [method, path, query]: [&str; 3],
    lines: impl Iterator<Item = Line<'l>> + Clone,
    payload_hash: &str,
    mut place: impl FnMut(Span, Span),
) -> Canonical {
    let start = text.len();
    for part in [method, "\n", if path.is_empty() { "/" } else { path }, "\n"] {
        text.push(part);
    }
    let query = text.push(query);
    text.push("\n");
    let mut last = None;
    for line in lines.clone() {
        let name = match last.filter(|&last| text.at(last) == line.name) {
            Some(name) => {
                // A further value of the same header takes the place of the line end.
                text.pop();
                text.push(",");
                name
            }
            None => {
                let name = text.push(line.name);
                text.push(":");
                name
            }
        };
        last = Some(name);
        let value = text.push(line.value);
        text.push("\n");
        place(name, value);
    }
    text.push("\n");
    let names = push_names(text, lines.map(|line| line.name));
    text.push("\n");
    text.push(payload_hash);
    let request = text.since(start);
    let hash = sha256_hex(text.at(request).as_bytes());
    let start = text.len();
    for part in [ALGORITHM, "\n", &hash] {
        text.push(part);
    }
    Canonical { request, query, names, string_to_sign: text.since(start) }
}

/// The signature as 64 lower-case hexadecimal digits. The key is the secret as it is, without
/// derivation.
pub(crate) fn signature(secret: &str, string_to_sign: &str) -> Digits {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    Digits::of(&mac.finalize().into_bytes().into())
}

/// A header value without the blanks around it, or what is wrong with it.
pub(crate) fn trimmed_value(value: &[u8]) -> Result<&str, &'static str> {
    trimmed_text(str::from_utf8(value).map_err(|_| "holds bytes that are not ASCII")?)
}

/// [`trimmed_value`] of what is known to be text.
pub(crate) fn trimmed_text(text: &str) -> Result<&str, &'static str> {
    // Looked at first, as trimming takes characters apart and hardly any value needs it.
    let text = match text.as_bytes() {
        [b' ' | b'\t', ..] | [.., b' ' | b'\t'] => text.trim_matches([' ', '\t']),
        _ => text,
    };
    let is_printable = |byte: u8| (b' '..=b'~').contains(&byte);
    if all_bytes(text, is_printable) {
        return Ok(text);
    }
    match text.bytes().find(|byte| !is_printable(*byte)) {
        Some(b'\r' | b'\n') => Err("holds a line end"),
        Some(byte) if byte.is_ascii() => Err("holds a control character"),
        _ => Err("holds a character outside ASCII"),
    }
}

/// Whether every byte is such a one. It does not stop at the first that is not, so that the compiler can look at many at
/// once: texts are checked before every signature, and nearly all are in order.
pub(crate) fn all_bytes(text: &str, is_such: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, byte| all & is_such(byte))
}

/// Each name once, with semicolons between.
fn push_names<'l>(text: &mut WipedText, names: impl Iterator<Item = &'l str>) -> Span {
    let start = text.len();
    let mut last = "";
    for name in names.filter(|name| std::mem::replace(&mut last, name) != *name) {
        if text.len() > start {
            text.push(";");
        }
        text.push(name);
    }
    text.since(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_values_are_joined_and_their_places_told() {
        let lines = [("host", "h"), ("x-acs-extra", ""), ("x-acs-extra", "a"), ("x-acs-extra", "b")]
            .map(|(name, value)| Line { name, value });
        let room = room(["GET", "", "a=1"]) + lines.iter().map(Line::room).sum::<usize>();
        let mut text = WipedText::with_capacity(room);
        let mut places = Vec::new();
        let made = write(&mut text, ["GET", "", "a=1"], lines.into_iter(), "hash", |name, value| {
            places.push((name, value));
        });
        assert_eq!(text.at(made.request), "GET\n/\na=1\nhost:h\nx-acs-extra:,a,b\n\nhost;x-acs-extra\nhash");
        assert_eq!((text.at(made.query), text.at(made.names)), ("a=1", "host;x-acs-extra"));
        assert!(text.at(made.string_to_sign).starts_with("ACS3-HMAC-SHA256\n"));
        let told: Vec<Line<'_>> =
            places.iter().map(|&(name, value)| Line { name: text.at(name), value: text.at(value) }).collect();
        assert_eq!(told, lines);
    }

    #[test]
    fn the_known_answer_of_the_documentation_is_reproduced() {
        let string_to_sign = "ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259";
        let expected = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
        assert_eq!(&*signature("YourAccessKeySecret", string_to_sign), expected);
    }

    #[test]
    fn values_are_trimmed_of_blanks_and_refused_with_other_bytes() {
        assert_eq!(trimmed_value(b" \ta b\t "), Ok("a b"));
        assert_eq!(trimmed_value(b"a\n"), Err("holds a line end"));
        assert_eq!(trimmed_value(b"a\tb"), Err("holds a control character"));
        assert_eq!(trimmed_value("é".as_bytes()), Err("holds a character outside ASCII"));
        assert_eq!(trimmed_value(&[0xff]), Err("holds bytes that are not ASCII"));
    }
}
