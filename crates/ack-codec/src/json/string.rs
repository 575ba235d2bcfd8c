//! Reads JSON strings: a plain one is a range of the body, an escaped one goes to the side text.

use super::{Fault, Wanted};
use crate::tape::Side;

/// The text of a string and where the string ends.
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) side: bool,
    /// After the closing quotation mark.
    pub(super) end: usize,
}

/// Reads the string whose text starts at `start`, after the opening quotation mark.
#[inline]
pub(super) fn read(text: &str, start: usize, side: &mut Side) -> Result<Span, Fault> {
    let stop = scan(text.as_bytes(), start);
    if text.as_bytes().get(stop) == Some(&b'"') {
        return Ok(Span { start, len: stop - start, side: false, end: stop + 1 });
    }
    read_escaped(text, start, stop, side)
}

/// The first quotation mark, backslash or control character at or after `pos`, or the end.
///
/// Most strings of an answer are some ten characters long. Looking at eight bytes at a time beats a vectorised search
/// on these, and finds control characters in the same pass.
#[inline]
fn scan(bytes: &[u8], mut pos: usize) -> usize {
    while let Some(chunk) = bytes.get(pos..).and_then(<[u8]>::first_chunk::<8>) {
        let hits = special(u64::from_le_bytes(*chunk));
        if hits != 0 {
            return pos + (hits.trailing_zeros() / 8) as usize;
        }
        pos += 8;
    }
    while let Some(&byte) = bytes.get(pos) {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            break;
        }
        pos += 1;
    }
    pos
}

/// Sets the top bit of each byte that is special. A borrow can set bits above a true hit, never below, so the lowest
/// set bit is right.
#[inline]
fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (quote | backslash | control) & TOPS
}

#[cold]
fn read_escaped(text: &str, start: usize, mut stop: usize, side: &mut Side) -> Result<Span, Fault> {
    let bytes = text.as_bytes();
    let begin = side.begin(start);
    let mut plain = start;
    loop {
        side.text.push_str(text.get(plain..stop).unwrap_or_default());
        match bytes.get(stop) {
            Some(b'"') => {
                return Ok(Span { start: begin, len: side.text.len() - begin, side: true, end: stop + 1 });
            }
            Some(b'\\') => {
                let (character, end) = escape(bytes, stop + 1)?;
                side.text.push(character);
                plain = end;
                stop = scan(bytes, end);
            }
            _ => return Err(Fault { at: stop, wanted: Wanted::Quote }),
        }
    }
}

/// The character an escape stands for; `pos` is after the backslash.
fn escape(bytes: &[u8], pos: usize) -> Result<(char, usize), Fault> {
    let character = match bytes.get(pos) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(bytes, pos),
        _ => return Err(Fault { at: pos, wanted: Wanted::Escape }),
    };
    Ok((character, pos + 1))
}

/// The character of a `\uXXXX` escape or of a surrogate pair of them; `pos` is at the `u`.
fn unicode(bytes: &[u8], pos: usize) -> Result<(char, usize), Fault> {
    let first = hex(bytes, pos + 1)?;
    let mut end = pos + 5;
    let mut code = u32::from(first);
    if (0xD800..0xDC00).contains(&first) {
        for expected in [b'\\', b'u'] {
            if bytes.get(end) != Some(&expected) {
                return Err(Fault { at: end, wanted: Wanted::LowSurrogate });
            }
            end += 1;
        }
        let second = hex(bytes, end)?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(Fault { at: end, wanted: Wanted::LowSurrogate });
        }
        end += 4;
        code = 0x10000 + ((code - 0xD800) << 10) + (u32::from(second) - 0xDC00);
    }
    // What is left is the second half of a pair without the first.
    let lone = Fault { at: pos + 1, wanted: Wanted::HighSurrogate };
    char::from_u32(code).map(|character| (character, end)).ok_or(lone)
}

fn hex(bytes: &[u8], pos: usize) -> Result<u16, Fault> {
    let mut code = 0u16;
    for at in pos..pos + 4 {
        let digit = bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        let digit = digit.ok_or(Fault { at, wanted: Wanted::HexDigits })?;
        code = code << 4 | digit as u16;
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanning_agrees_with_a_byte_by_byte_search() {
        for special in 0..=255u8 {
            for at in 0..20 {
                let mut bytes = [b'a'; 24];
                bytes[at] = special;
                bytes[22] = b'"';
                let expected = bytes.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20);
                assert_eq!(Some(scan(&bytes, 0)), expected, "byte {special} at {at}");
            }
        }
    }
}
