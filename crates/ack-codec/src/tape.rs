//! The tape: a flat index over a body, the one form both formats are read into.
//!
//! Nodes stand in document order. An object is a node followed by its entries, each a key node and then the value; a
//! list is a node followed by its items. Every value knows where the node after it stands, so that walking over a
//! subtree is one step. Text is a range of the body, or of a side text where escapes had to be resolved.
//!
//! XML repeats a name where JSON has a list. Keys of one name inside one element are therefore chained: the first
//! points at the second and so on, and all but the first are marked, so that grouping costs one step an item.

mod path;

pub(crate) use path::{Indexes, path_of, push_name};

/// No node: the end of a chain, the parent of the top.
pub(crate) const NONE: u32 = u32::MAX;

/// What stands at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The whole body is empty.
    Nothing,
    Null,
    True,
    False,
    /// A JSON number, as its source text.
    Number,
    /// Text; `len` is zero for `""` and for an empty element.
    Text,
    /// A JSON list; `len` counts the items.
    List,
    /// Entries; `len` counts them.
    Object,
    /// An XML element with both text and child elements. Nothing can be read from it without losing something.
    Mixed,
    /// The name of an entry; the value is the next node.
    Key,
}

/// One entry of the tape, 16 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Where the text starts; for containers, where they start in the body.
    pub(crate) start: u32,
    /// Length of the text in bytes, or the number of items or entries.
    pub(crate) len: u32,
    /// For values: the node after the subtree (while a container is open: its parent). For keys: the next key of the
    /// same name in the same object, or [`NONE`].
    pub(crate) next: u32,
    pub(crate) kind: Kind,
    /// The text is in the side text, not in the body.
    pub(crate) side: bool,
    /// A key whose name occurred before in the same object.
    pub(crate) repeat: bool,
    /// For the first of several keys of one name: the binary logarithm of their number, rounded up.
    pub(crate) magnitude: u8,
}

impl Node {
    /// A value that has no parts, about to be pushed at `index`.
    #[inline]
    pub(crate) fn scalar(kind: Kind, start: usize, len: usize, index: usize) -> Self {
        Self {
            start: start as u32,
            len: len as u32,
            next: index as u32 + 1,
            kind,
            side: false,
            repeat: false,
            magnitude: 0,
        }
    }

    /// A container that was just opened inside `parent`.
    #[inline]
    pub(crate) fn open(kind: Kind, start: usize, parent: u32) -> Self {
        Self { start: start as u32, len: 0, next: parent, kind, side: false, repeat: false, magnitude: 0 }
    }

    /// The name of an entry.
    #[inline]
    pub(crate) fn key(start: usize, len: usize) -> Self {
        Self {
            start: start as u32,
            len: len as u32,
            next: NONE,
            kind: Kind::Key,
            side: false,
            repeat: false,
            magnitude: 0,
        }
    }
}

/// A body and its index.
#[derive(Debug)]
pub(crate) struct Tape<'de> {
    /// The body after a byte order mark; offsets count from here.
    pub(crate) body: &'de str,
    pub(crate) nodes: Vec<Node>,
    pub(crate) side: Side,
}

/// Text that differs from the body because escapes or references were resolved.
#[derive(Debug, Default)]
pub(crate) struct Side {
    pub(crate) text: String,
    /// For each piece, where it starts in `text` and where it came from in the body; ascending.
    origins: Vec<(u32, u32)>,
}

impl Side {
    /// Notes that a piece which came from `origin` in the body starts at the end of the text.
    pub(crate) fn begin(&mut self, origin: usize) -> usize {
        let start = self.text.len();
        self.origins.push((start as u32, origin as u32));
        start
    }

    fn origin(&self, start: u32) -> u32 {
        let after = self.origins.partition_point(|&(piece, _)| piece <= start);
        after.checked_sub(1).and_then(|index| self.origins.get(index)).map_or(0, |&(_, origin)| origin)
    }
}

impl Tape<'_> {
    /// The node at `index`. Indexes come from the tape itself; one past the end reads as an absent body.
    #[inline]
    pub(crate) fn node(&self, index: u32) -> Node {
        match self.nodes.get(index as usize) {
            Some(node) => *node,
            None => {
                Node { start: 0, len: 0, next: NONE, kind: Kind::Nothing, side: false, repeat: false, magnitude: 0 }
            }
        }
    }

    /// The text of a text, number or key node.
    #[inline]
    pub(crate) fn text(&self, node: Node) -> &str {
        let source = if node.side { self.side.text.as_str() } else { self.body };
        source.get(node.start as usize..node.start as usize + node.len as usize).unwrap_or_default()
    }

    /// The key nodes of an object, repeats included.
    pub(crate) fn keys(&self, object: u32) -> Keys<'_> {
        let node = self.node(object);
        let end = if matches!(node.kind, Kind::Object | Kind::Mixed) { node.next } else { object + 1 };
        Keys { nodes: &self.nodes, at: object + 1, end }
    }

    /// The first key of an object, if all its entries have that one name.
    pub(crate) fn only_key(&self, object: u32) -> Option<u32> {
        let mut keys = self.keys(object);
        let first = keys.next()?;
        keys.all(|key| self.node(key).repeat).then_some(first)
    }

    /// Where a node starts in the body, in bytes.
    pub(crate) fn offset(&self, index: u32) -> usize {
        let node = self.node(index);
        if node.side { self.side.origin(node.start) as usize } else { node.start as usize }
    }

    /// Closes what is still open after reading stopped at an error, so that paths can be computed.
    pub(crate) fn close_all(&mut self, mut open: u32) {
        let end = self.nodes.len() as u32;
        while let Some(node) = self.nodes.get_mut(open as usize) {
            open = std::mem::replace(&mut node.next, end);
        }
    }
}

/// Iterates over the key nodes of an object.
pub(crate) struct Keys<'a> {
    nodes: &'a [Node],
    at: u32,
    end: u32,
}

impl Iterator for Keys<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.at >= self.end {
            return None;
        }
        let key = self.at;
        // A key whose value was never read ends the entries.
        self.at = self.nodes.get(key as usize + 1).map_or(self.end, |value| value.next);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_stays_small() {
        assert_eq!(size_of::<Node>(), 16);
    }
}
