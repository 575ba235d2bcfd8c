//! Where a node stands, as far as it matters for what can be read from it.

use super::items::Items;
use super::{De, root};
use crate::error::Error;
use crate::tape::{Kind, NONE};
use std::cell::Cell;

/// Where a node stands.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// The top of the body. In XML, a root may stand around what is wanted.
    Root,
    /// A value that stands for itself: an item of a list, or the only value of its name in a map.
    Item,
    /// The only item of a list, which may turn out to be a wrapper around the items.
    Only(&'a Wrapper),
    /// The only value of its name in a struct.
    Field(&'a Owner),
    /// The first of several values of one name.
    Group(Option<&'a Owner>),
}

/// The struct a field is in.
pub(crate) struct Owner {
    pub(super) name: &'static str,
}

/// How the first item tells its list that it was a wrapper.
#[derive(Default)]
pub(crate) struct Wrapper {
    /// The items after the first, once the wrapper was opened.
    pub(super) rest: Cell<Option<Items>>,
}

/// What a type asks for.
#[derive(Clone, Copy)]
pub(crate) enum Want {
    Scalar,
    Struct(&'static [&'static str]),
    Map,
    List,
    Any,
}

impl<'de> De<'_, 'de> {
    /// The node that holds what is wanted, in places where it may be another one.
    #[cold]
    pub(super) fn find_slowly(self, want: Want) -> Result<Self, Error> {
        match (self.place, want) {
            (Place::Root, _) => root::find(self, want),
            (Place::Group(_), Want::Scalar | Want::Struct(_) | Want::Map) => Err(self.several()),
            (Place::Only(wrapper), Want::Scalar | Want::Struct(_)) => self.unwrap(wrapper, want),
            _ => Ok(self),
        }
    }

    /// The error for several values where one is wanted.
    fn several(self) -> Error {
        let key = self.node.saturating_sub(1);
        let count = std::iter::successors(Some(key), |&key| Some(self.tape().node(key).next)).skip(1);
        let count = count.take_while(|&key| key != NONE).count() + 1;
        let name = crate::error::shorten(self.tape().text(self.tape().node(key)));
        Error::data("one element", format!("{count} elements named `{name}`"), key)
    }

    /// Steps into a wrapper, if the only item of a list is one.
    fn unwrap(self, wrapper: &Wrapper, want: Want) -> Result<Self, Error> {
        let Some(key) = self.wrapped(want) else { return Ok(self.at(self.node, Place::Item)) };
        let mut items = Items::of_group(self.tape(), key + 1);
        let Some(first) = items.next(self.tape()) else { return Err(Error::empty_wrapper()) };
        wrapper.rest.set(Some(items));
        Ok(self.at(first, Place::Item))
    }

    /// The only name inside the node, if the node is a wrapper around values of the wanted sort.
    fn wrapped(self, want: Want) -> Option<u32> {
        let tape = self.tape();
        if self.value().kind != Kind::Object {
            return None;
        }
        let key = tape.only_key(self.node)?;
        match want {
            Want::Struct(fields) => {
                let unknown = !fields.contains(&tape.text(tape.node(key)));
                let inner = tape.node(key + 1);
                let empty = inner.kind == Kind::Null || (inner.kind == Kind::Text && inner.len == 0);
                (unknown && (empty || matches!(inner.kind, Kind::Object | Kind::List))).then_some(key)
            }
            _ => Some(key),
        }
    }
}
