//! Reads JSON into the tape.
//!
//! Strict by RFC 8259: no trailing commas, no comments, no leading zeros, no bare control characters, no lone
//! surrogates, nothing after the value. Tolerance for shapes is not decided here but where values are taken out.
//!
//! A name that occurs twice in an object is kept twice: it is an error in a struct, and the last one counts in a map.
//!
//! One pass, no recursion: an open container keeps its parent in its own node, so the tape is the stack.

mod number;
mod string;

use crate::error::{Error, shorten};
use crate::format::Format;
use crate::tape::{Indexes, Kind, NONE, Node, Side, Tape, path_of};

/// A reason to stop.
#[derive(Clone, Copy, Debug)]
struct Fault {
    at: usize,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Value,
    Name,
    Colon,
    CommaOrBrace,
    CommaOrBracket,
    End,
    Digit,
    NoLeadingZero,
    Quote,
    Escape,
    HexDigits,
    LowSurrogate,
    HighSurrogate,
    Depth,
}

/// Reads a whole document. A text of nothing but whitespace makes a tape of one [`Kind::Nothing`].
pub(crate) fn read(text: &str, max_depth: usize) -> Result<Tape<'_>, Error> {
    let bytes = text.as_bytes();
    // Ordinary answers have a name or value every ten bytes or so.
    let mut nodes: Vec<Node> = Vec::with_capacity(bytes.len() / 10 + 8);
    let mut side = Side::default();
    let mut pos = skip_space(bytes, 0);
    if pos == bytes.len() {
        nodes.push(Node::scalar(Kind::Nothing, 0, 0, 0));
        return Ok(Tape { body: text, nodes, side });
    }

    let mut open = NONE;
    let mut in_object = false;
    let mut depth = 0;
    let mut count = 0;
    let fault = 'read: loop {
        if in_object {
            if bytes.get(pos) != Some(&b'"') {
                break Fault { at: pos, wanted: Wanted::Name };
            }
            match string::read(text, pos + 1, &mut side) {
                Ok(span) => {
                    let mut key = Node::key(span.start, span.len);
                    key.side = span.side;
                    nodes.push(key);
                    pos = skip_space(bytes, span.end);
                }
                Err(fault) => break fault,
            }
            if bytes.get(pos) != Some(&b':') {
                break Fault { at: pos, wanted: Wanted::Colon };
            }
            pos = skip_space(bytes, pos + 1);
        }

        let Some(&first) = bytes.get(pos) else { break Fault { at: pos, wanted: Wanted::Value } };
        match first {
            b'"' => match string::read(text, pos + 1, &mut side) {
                Ok(span) => {
                    let mut node = Node::scalar(Kind::Text, span.start, span.len, nodes.len());
                    node.side = span.side;
                    nodes.push(node);
                    pos = span.end;
                }
                Err(fault) => break fault,
            },
            b'-' | b'0'..=b'9' => match number::end(bytes, pos) {
                Ok(end) => {
                    nodes.push(Node::scalar(Kind::Number, pos, end - pos, nodes.len()));
                    pos = end;
                }
                Err(fault) => break fault,
            },
            b'{' | b'[' => {
                let (kind, close) = if first == b'{' { (Kind::Object, b'}') } else { (Kind::List, b']') };
                if depth == max_depth {
                    break Fault { at: pos, wanted: Wanted::Depth };
                }
                let start = pos;
                pos = skip_space(bytes, pos + 1);
                if bytes.get(pos) == Some(&close) {
                    nodes.push(Node::scalar(kind, start, 0, nodes.len()));
                    pos += 1;
                } else {
                    if let Some(parent) = nodes.get_mut(open as usize) {
                        parent.len = count;
                    }
                    let index = nodes.len() as u32;
                    nodes.push(Node::open(kind, start, open));
                    open = index;
                    in_object = first == b'{';
                    count = 0;
                    depth += 1;
                    continue;
                }
            }
            b't' | b'f' | b'n' => {
                let (kind, word): (_, &[u8]) = match first {
                    b't' => (Kind::True, b"true"),
                    b'f' => (Kind::False, b"false"),
                    _ => (Kind::Null, b"null"),
                };
                let rest = bytes.get(pos..).unwrap_or_default();
                if !rest.starts_with(word) {
                    // A word that the end of the body cuts is a cut-off body.
                    let at = if word.starts_with(rest) { bytes.len() } else { pos };
                    break Fault { at, wanted: Wanted::Value };
                }
                nodes.push(Node::scalar(kind, pos, word.len(), nodes.len()));
                pos += word.len();
            }
            _ => break Fault { at: pos, wanted: Wanted::Value },
        }

        // A value is complete: close what it completes.
        loop {
            pos = skip_space(bytes, pos);
            let next = bytes.get(pos).copied();
            if open == NONE {
                if next.is_none() {
                    return Ok(Tape { body: text, nodes, side });
                }
                break 'read Fault { at: pos, wanted: Wanted::End };
            }
            count += 1;
            match next {
                Some(b',') => {
                    pos = skip_space(bytes, pos + 1);
                    break;
                }
                Some(b'}') if in_object => {}
                Some(b']') if !in_object => {}
                _ if in_object => break 'read Fault { at: pos, wanted: Wanted::CommaOrBrace },
                _ => break 'read Fault { at: pos, wanted: Wanted::CommaOrBracket },
            }
            pos += 1;
            let end = nodes.len() as u32;
            if let Some(node) = nodes.get_mut(open as usize) {
                node.len = count;
                open = std::mem::replace(&mut node.next, end);
            }
            depth -= 1;
            if let Some(parent) = nodes.get(open as usize) {
                count = parent.len;
                in_object = parent.kind == Kind::Object;
            }
        }
    };
    Err(explain(Tape { body: text, nodes, side }, open, fault, max_depth))
}

#[inline]
fn skip_space(bytes: &[u8], mut pos: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(pos) {
        pos += 1;
    }
    pos
}

/// Says what was wrong, naming the place by what was read so far.
#[cold]
fn explain(mut tape: Tape<'_>, open: u32, fault: Fault, max_depth: usize) -> Error {
    let last = tape.nodes.last().map(|node| node.kind);
    let in_list = tape.node(open).kind == Kind::List;
    let mut place = open;
    if last == Some(Kind::Key) || (in_list && fault.wanted != Wanted::CommaOrBracket) {
        // The fault is inside a value that has no node yet; an empty one stands in for it.
        place = tape.nodes.len() as u32;
        tape.nodes.push(Node::scalar(Kind::Null, fault.at, 0, place as usize));
    }
    let path = if place == NONE {
        String::new()
    } else {
        tape.close_all(open);
        path_of(&tape, 0, place, Indexes::Exact)
    };
    let found = tape.body.get(fault.at..).and_then(|rest| rest.chars().next());
    let error = match (fault.wanted, found) {
        (Wanted::Depth, _) => Error::too_deep(Format::Json, max_depth),
        (wanted, None) => Error::cut_off(Format::Json, wanted.text()),
        (wanted, Some(character)) => Error::syntax(Format::Json, wanted.text(), show(character)),
    };
    error.at_offset(fault.at).at_path(path)
}

fn show(character: char) -> String {
    match character {
        '`' => "a backquote".to_owned(),
        _ if character.is_control() => format!("the control character U+{:04X}", u32::from(character)),
        _ => format!("`{}`", shorten(character.encode_utf8(&mut [0; 4]))),
    }
}

impl Wanted {
    fn text(self) -> &'static str {
        match self {
            Self::Value => "a value",
            Self::Name => "a field name in quotation marks",
            Self::Colon => "`:` after a field name",
            Self::CommaOrBrace => "`,` or `}`",
            Self::CommaOrBracket => "`,` or `]`",
            Self::End => "nothing after the value",
            Self::Digit => "a digit",
            Self::NoLeadingZero => "a number without leading zeros",
            Self::Quote => "the rest of a string",
            Self::Escape => "one of `\"\\/bfnrtu` after a backslash",
            Self::HexDigits => "four hexadecimal digits after `\\u`",
            Self::LowSurrogate => "the second half of a surrogate pair",
            Self::HighSurrogate => "the first half of a surrogate pair",
            Self::Depth => "less nesting",
        }
    }
}
