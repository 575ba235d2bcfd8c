//! Finds the end of a JSON number; its value is computed only when someone wants it.

use super::{Fault, Wanted};

/// The end of the number that starts at `pos`, by RFC 8259, section 6.
#[inline]
pub(super) fn end(bytes: &[u8], mut pos: usize) -> Result<usize, Fault> {
    if bytes.get(pos) == Some(&b'-') {
        pos += 1;
    }
    if bytes.get(pos) == Some(&b'0') {
        pos += 1;
        if let Some(b'0'..=b'9') = bytes.get(pos) {
            return Err(Fault { at: pos, wanted: Wanted::NoLeadingZero });
        }
    } else {
        pos = digits(bytes, pos)?;
    }
    if bytes.get(pos) == Some(&b'.') {
        pos = digits(bytes, pos + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(pos) {
        pos += 1;
        if let Some(b'+' | b'-') = bytes.get(pos) {
            pos += 1;
        }
        pos = digits(bytes, pos)?;
    }
    Ok(pos)
}

/// Skips at least one digit.
#[inline]
fn digits(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    let mut pos = start;
    while let Some(b'0'..=b'9') = bytes.get(pos) {
        pos += 1;
    }
    if pos == start { Err(Fault { at: pos, wanted: Wanted::Digit }) } else { Ok(pos) }
}
