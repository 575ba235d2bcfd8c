//! Reads XML into the tape.
//!
//! Built on the events of quick-xml, except for the simplest elements (`leaf.rs`). The document is kept as a forest: the top node is an object whose entries are
//! the top-level elements, one or many, because the service prints both. An element with child elements becomes an
//! object, any other a text. The declaration, comments, processing instructions, prefixes and attributes are dropped.
//!
//! Names are not checked beyond what markup needs, because the service prints lists as `<0>..</0>`, which no strict
//! parser reads. There is no DTD support at all, so no entity can expand.

mod fault;
mod leaf;
mod siblings;
mod text;

use std::io::BufRead as _;

use quick_xml::Reader;
use quick_xml::events::Event;

use self::leaf::Leaf;
use self::siblings::Siblings;
use self::text::Pending;
pub(crate) use self::text::is_legal;
use crate::error::Error;
use crate::tape::{Kind, NONE, Node, Side, Tape};

/// Reads a whole document or a run of elements. A body without elements and without text makes a tape of one
/// [`Kind::Nothing`].
pub(crate) fn read(text: &str, max_depth: usize) -> Result<Tape<'_>, Error> {
    read_by(text, max_depth, true)
}

/// Reads with or without the short way for leaves; both make the same tape.
fn read_by(text: &str, max_depth: usize, short: bool) -> Result<Tape<'_>, Error> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().trim_markup_names_in_closing_tags = true;
    let mut document = Document::new(text, max_depth);
    loop {
        let before = reader.buffer_position() as usize;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Err(document.malformed(&error, before, reader.error_position() as usize)),
        };
        let done = document.take(&event, before);
        match done {
            Ok(true) => return document.finish(),
            Ok(false) => {
                if short && matches!(event, Event::Start(_) | Event::Empty(_) | Event::End(_)) {
                    let after = reader.buffer_position() as usize;
                    let end = document.leaves(after);
                    reader.stream().consume(end - after);
                }
            }
            Err(fault) => return Err(document.explain(&fault)),
        }
    }
}

/// The tape under construction.
struct Document<'de> {
    tape: Tape<'de>,
    /// The open element, or 0 for the top.
    open: u32,
    /// How many elements are open.
    depth: usize,
    max_depth: usize,
    siblings: Siblings<'de>,
    /// Text of the open element, as long as it has no child elements.
    pending: Pending,
}

/// A reason to stop, found by us rather than by the event reader.
struct Fault {
    at: usize,
    wanted: Wanted,
}

enum Wanted {
    NoDtd,
    KnownReference,
    ElementName,
    Depth,
    EndTag,
    OnlyElements,
}

impl<'de> Document<'de> {
    fn new(text: &'de str, max_depth: usize) -> Self {
        // Ordinary answers have an element every thirty bytes or so, and an element is two nodes.
        let mut nodes = Vec::with_capacity(text.len() / 16 + 8);
        nodes.push(Node::open(Kind::Nothing, 0, NONE));
        Self {
            tape: Tape { body: text, nodes, side: Side::default() },
            open: 0,
            depth: 0,
            max_depth,
            siblings: Siblings::new(),
            pending: Pending::default(),
        }
    }

    /// Takes one event that starts at `at`; says whether it was the last.
    fn take(&mut self, event: &Event<'_>, at: usize) -> Result<bool, Fault> {
        match event {
            Event::Start(tag) => {
                self.start(tag.name().as_ref(), at)?;
            }
            Event::Empty(tag) => {
                self.start(tag.name().as_ref(), at)?;
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(piece) => self.text(at, piece.len()),
            // The text stands after `<![CDATA[`.
            Event::CData(piece) => self.text(at + 9, piece.len()),
            Event::GeneralRef(reference) => {
                let fault = Fault { at, wanted: Wanted::KnownReference };
                let character = text::resolve(reference).ok_or(fault)?;
                self.character(character, at);
            }
            Event::DocType(_) => return Err(Fault { at, wanted: Wanted::NoDtd }),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof if self.open != 0 => return Err(Fault { at, wanted: Wanted::EndTag }),
            Event::Eof => return Ok(true),
        }
        Ok(false)
    }

    fn start(&mut self, qualified: &str, at: usize) -> Result<(), Fault> {
        if self.depth == self.max_depth {
            return Err(Fault { at, wanted: Wanted::Depth });
        }
        let prefix = qualified.find(':').map_or(0, |colon| colon + 1);
        let (from, to) = (at + 1 + prefix, at + 1 + qualified.len());
        let name = self.tape.body.get(from..to).unwrap_or_default();
        if !is_name(name) {
            return Err(Fault { at, wanted: Wanted::ElementName });
        }

        self.become_object();
        let element = self.push_key(from, name);
        self.tape.nodes.push(Node::open(Kind::Text, at, self.open));
        self.open = element;
        self.depth += 1;
        self.siblings.enter();
        Ok(())
    }

    /// Takes the leaves that follow at `at`, and returns the place after them.
    fn leaves(&mut self, mut at: usize) -> usize {
        let body = self.tape.body;
        while self.depth < self.max_depth
            && let Some(leaf) = Leaf::find(body.as_bytes(), at)
        {
            self.become_object();
            let name = leaf.at + 1;
            let element = self.push_key(name, body.get(name..name + leaf.name_len).unwrap_or_default());
            // The place of an empty element is that of its tag, as if it had come in events.
            let start = if leaf.text_len == 0 { leaf.at } else { leaf.text };
            self.tape.nodes.push(Node::scalar(Kind::Text, start, leaf.text_len, element as usize));
            at = leaf.end;
        }
        at
    }

    /// Adds the name of a child of the open element, and returns where its value goes.
    fn push_key(&mut self, at: usize, name: &'de str) -> u32 {
        let key = self.tape.nodes.len() as u32;
        let mut node = Node::key(at, name.len());
        if let Some(before) = self.siblings.add(name, key) {
            node.repeat = true;
            if let Some(last) = self.tape.nodes.get_mut(before.last as usize) {
                last.next = key;
            }
            if before.count.is_power_of_two()
                && let Some(first) = self.tape.nodes.get_mut(before.first as usize)
            {
                first.magnitude = before.count.ilog2() as u8 + 1;
            }
        }
        self.tape.nodes.push(node);
        if let Some(parent) = self.tape.nodes.get_mut(self.open as usize) {
            parent.len += 1;
        }
        key + 1
    }

    /// The open element turns out to have child elements.
    fn become_object(&mut self) {
        let blank = self.pending.is_blank(&self.tape);
        if let Some(node) = self.tape.nodes.get_mut(self.open as usize)
            && matches!(node.kind, Kind::Text | Kind::Nothing)
        {
            node.kind = if blank { Kind::Object } else { Kind::Mixed };
        }
        self.pending.clear();
    }

    fn end(&mut self) {
        let pending = self.pending.take();
        let end = self.tape.nodes.len() as u32;
        if let Some(node) = self.tape.nodes.get_mut(self.open as usize) {
            if let (Kind::Text, Some(text)) = (node.kind, pending) {
                node.start = text.start as u32;
                node.len = text.len as u32;
                node.side = text.side;
            }
            self.open = std::mem::replace(&mut node.next, end);
        }
        self.depth -= 1;
        self.siblings.leave();
    }

    fn text(&mut self, at: usize, len: usize) {
        if let Some(mixed) = self.beside_elements() {
            let piece = self.tape.body.get(at..at + len).unwrap_or_default();
            if !text::is_blank(piece) {
                self.set_mixed(mixed);
            }
            return;
        }
        self.pending.push(&mut self.tape, at, len);
    }

    fn character(&mut self, character: char, at: usize) {
        match self.beside_elements() {
            Some(mixed) => self.set_mixed(mixed),
            None => self.pending.push_char(&mut self.tape, character, at),
        }
    }

    /// The open element, if it already has child elements.
    fn beside_elements(&self) -> Option<u32> {
        matches!(self.tape.node(self.open).kind, Kind::Object | Kind::Mixed).then_some(self.open)
    }

    fn set_mixed(&mut self, element: u32) {
        if let Some(node) = self.tape.nodes.get_mut(element as usize) {
            node.kind = Kind::Mixed;
        }
    }

    /// Closes the top after the last event.
    fn finish(mut self) -> Result<Tape<'de>, Error> {
        let blank = self.pending.is_blank(&self.tape);
        let pending = self.pending.take();
        let end = self.tape.nodes.len() as u32;
        let mut mixed = false;
        if let Some(top) = self.tape.nodes.first_mut() {
            top.next = end;
            mixed = top.kind == Kind::Mixed;
            if let (Kind::Nothing, false, Some(text)) = (top.kind, blank, pending) {
                // Bare text: some operations are documented to answer with a string.
                *top = Node { side: text.side, ..Node::scalar(Kind::Text, text.start, text.len, 0) };
            }
        }
        if mixed {
            return Err(self.explain(&Fault { at: 0, wanted: Wanted::OnlyElements }));
        }
        Ok(self.tape)
    }
}

/// Whether a name can be told from the markup around it. Digits and `-` may come first: the service prints them.
fn is_name(name: &str) -> bool {
    const MARKUP: [bool; 256] = {
        let mut markup = [false; 256];
        let bytes = b"<>&/=\"'";
        let mut index = 0;
        while index < bytes.len() {
            markup[bytes[index] as usize] = true;
            index += 1;
        }
        markup
    };
    !name.is_empty() && !name.bytes().any(|byte| MARKUP[usize::from(byte)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces of markup that make leaves, and what spoils them.
    fn markup() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[a-c]{1,2}".prop_map(|name| format!("<{name}>text</{name}>")),
            2 => "[a-c]".prop_map(|name| format!("<{name}>")),
            2 => "[a-c]".prop_map(|name| format!("</{name}>")),
            3 => "[a-cé0-9<>/&;:!?= \t\r\n\"'\\[\\]-]{0,6}",
            1 => Just("<a>x&lt;y</a>".to_owned()),
            1 => Just("<a b='c'>x</a >".to_owned()),
            1 => Just("<!--a--><![CDATA[b]]><?c d?>".to_owned()),
            1 => Just(" <a/>\r\n<b></b> <p:c> </p:c>".to_owned()),
        ];
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| format!("<a>{}</a>", pieces.concat()))
    }

    /// All that a tape tells. Where in the side text a text stands is its own affair.
    fn seen(text: &str, max_depth: usize, short: bool) -> Result<Vec<String>, String> {
        let tape = read_by(text, max_depth, short).map_err(|error| error.to_string())?;
        let nodes = tape.nodes.iter().zip(0..);
        let told = nodes.map(|(node, index)| {
            let text = matches!(node.kind, Kind::Text | Kind::Key).then(|| tape.text(*node));
            format!("{:?} {} {} {} {text:?} {}", node.kind, node.len, node.next, node.repeat, tape.offset(index))
        });
        Ok(told.collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_short_way_makes_the_same_tape(text in markup(), max_depth in 1_usize..5) {
            prop_assert_eq!(seen(&text, max_depth, true), seen(&text, max_depth, false));
        }
    }
}
