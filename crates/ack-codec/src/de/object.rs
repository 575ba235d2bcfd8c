//! Structs and maps: JSON objects, and XML elements with children.

use serde_core::de::{DeserializeSeed, MapAccess, Visitor};

use super::place::{Owner, Place, Want};
use super::{De, seed};
use crate::error::Error;
use crate::format::Format;
use crate::tape::{Kind, NONE, Node};

pub(super) fn visit_struct<'de, V: Visitor<'de>>(
    mut de: De<'_, 'de>,
    name: &'static str,
    fields: &'static [&'static str],
    visitor: V,
) -> Result<V::Value, Error> {
    de.find(Want::Struct(fields))?;
    let node = de.value();
    let empty = node.kind == Kind::Text && de.context.format == Format::Xml && is_blank(&de, node);
    if node.kind != Kind::Object && !empty {
        return Err(de.unexpected("an object"));
    }
    let owner = Owner { name };
    de.check(visitor.visit_map(Access::new(de, node, Some(&owner))))
}

pub(super) fn visit_map<'de, V: Visitor<'de>>(mut de: De<'_, 'de>, visitor: V) -> Result<V::Value, Error> {
    de.find(Want::Map)?;
    let node = de.value();
    let empty = match node.kind {
        Kind::Null => true,
        Kind::Text => node.len == 0 || (de.context.format == Format::Xml && is_blank(&de, node)),
        _ => false,
    };
    if node.kind != Kind::Object && !empty {
        return Err(de.unexpected("an object"));
    }
    de.check(visitor.visit_map(Access::new(de, node, None)))
}

/// The entries of an object, one for each name.
pub(super) struct Access<'a, 'de> {
    de: De<'a, 'de>,
    owner: Option<&'a Owner>,
    /// The next key.
    at: u32,
    end: u32,
    /// The key whose value is next.
    key: Node,
}

impl<'a, 'de> Access<'a, 'de> {
    /// The entries of `de`; none, if it is not an object.
    pub(super) fn new(de: De<'a, 'de>, node: Node, owner: Option<&'a Owner>) -> Self {
        let end = if node.kind == Kind::Object { node.next } else { de.node + 1 };
        Self { de, owner, at: de.node + 1, end, key: node }
    }
}

impl<'de> MapAccess<'de> for Access<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, name: S) -> Result<Option<S::Value>, Error> {
        let tape = self.de.tape();
        while self.at < self.end {
            self.key = tape.node(self.at);
            if !self.key.repeat {
                return seed(name, self.de.at(self.at, Place::Item)).map(Some);
            }
            // A repeated element was handed out with the first of its name.
            self.at = tape.node(self.at + 1).next;
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, value: S) -> Result<S::Value, Error> {
        let node = self.at + 1;
        self.at = self.de.tape().node(node).next;
        let place = match self.owner {
            _ if self.key.next != NONE => Place::Group(self.owner),
            Some(owner) => Place::Field(owner),
            None => Place::Item,
        };
        seed(value, self.de.at(node, place))
    }
}

fn is_blank(de: &De<'_, '_>, node: Node) -> bool {
    de.tape().text(node).trim_ascii().is_empty()
}
