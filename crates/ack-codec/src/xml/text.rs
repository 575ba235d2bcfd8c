//! Joins the pieces of an element's text: runs, CDATA sections and references come as separate events.

use memchr::memchr;
use quick_xml::events::BytesRef;

use crate::tape::Tape;

/// Text seen so far. A single piece stays a range of the body; more pieces are joined in the side text.
#[derive(Default)]
pub(super) struct Pending {
    text: Option<Text>,
}

/// Where a text is.
#[derive(Clone, Copy)]
pub(super) struct Text {
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) side: bool,
}

impl Pending {
    /// Adds a range of the body. Line ends become single line feeds, as XML 1.0, section 2.11, has it.
    pub(super) fn push(&mut self, tape: &mut Tape<'_>, start: usize, len: usize) {
        let piece = tape.body.get(start..start + len).unwrap_or_default();
        let carriage = memchr(b'\r', piece.as_bytes()).is_some();
        if self.text.is_none() && !carriage {
            self.text = Some(Text { start, len, side: false });
            return;
        }
        let begin = self.move_aside(tape, start);
        if carriage {
            let mut lines = piece.split('\r');
            tape.side.text.push_str(lines.next().unwrap_or_default());
            for line in lines {
                tape.side.text.push('\n');
                tape.side.text.push_str(line.strip_prefix('\n').unwrap_or(line));
            }
        } else {
            tape.side.text.push_str(piece);
        }
        self.text = Some(Text { start: begin, len: tape.side.text.len() - begin, side: true });
    }

    /// Adds one character that a reference at `origin` stands for.
    pub(super) fn push_char(&mut self, tape: &mut Tape<'_>, character: char, origin: usize) {
        let begin = self.move_aside(tape, origin);
        tape.side.text.push(character);
        self.text = Some(Text { start: begin, len: tape.side.text.len() - begin, side: true });
    }

    /// Whether there is nothing but whitespace.
    pub(super) fn is_blank(&self, tape: &Tape<'_>) -> bool {
        let Some(text) = self.text else { return true };
        let source = if text.side { tape.side.text.as_str() } else { tape.body };
        is_blank(source.get(text.start..text.start + text.len).unwrap_or_default())
    }

    pub(super) fn take(&mut self) -> Option<Text> {
        self.text.take()
    }

    pub(super) fn clear(&mut self) {
        self.text = None;
    }

    /// Makes the text the end of the side text, so that more can follow, and returns where it starts there.
    fn move_aside(&mut self, tape: &mut Tape<'_>, origin: usize) -> usize {
        match self.text {
            Some(text) if text.side => text.start,
            Some(text) => {
                let begin = tape.side.begin(text.start);
                tape.side.text.push_str(tape.body.get(text.start..text.start + text.len).unwrap_or_default());
                begin
            }
            None => tape.side.begin(origin),
        }
    }
}

/// Whether a text is nothing but XML whitespace.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// The character of a predefined entity or of a character reference; `None` if it is neither or not legal in XML 1.0.
pub(super) fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    match &**reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten().filter(|&character| is_legal(character)),
    }
}

/// Whether XML 1.0 allows the character (production 2, `Char`).
pub(crate) fn is_legal(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        _ => character >= ' ',
    }
}
