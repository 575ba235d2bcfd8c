//! Lists: a JSON list, repeated elements, a wrapper with items inside, one value, or nothing.

use serde_core::de::{DeserializeSeed, SeqAccess, Visitor};

use super::items::Items;
use super::place::{Place, Want, Wrapper};
use super::{De, seed};
use crate::error::Error;
use crate::tape::Kind;

pub(super) fn visit<'de, V: Visitor<'de>>(mut de: De<'_, 'de>, visitor: V) -> Result<V::Value, Error> {
    de.find(Want::List)?;
    let tape = de.tape();
    let node = de.value();
    let mut wrapper = None;
    let (items, len) = match (node.kind, de.place) {
        (_, Place::Group(_)) => {
            // As much room as a list takes in the end that doubles while it grows, without the copies on the way.
            let key = tape.node(de.node.saturating_sub(1));
            (Items::of_group(tape, de.node), Some(1 << key.magnitude))
        }
        (Kind::List, _) => (Items::of_list(tape, de.node), Some(node.len as usize)),
        (Kind::Null, _) => (Items::EMPTY, None),
        (Kind::Text, _) if node.len == 0 => (Items::EMPTY, None),
        (Kind::Nothing, _) => return Err(Error::empty_body()),
        (Kind::Object, Place::Root) => (Items::of_entries(tape, de.node), None),
        _ => {
            wrapper = Some(Wrapper::default());
            (Items::one(tape, de.node), None)
        }
    };
    let mut access = Access { de, items, len, wrapper: wrapper.as_ref() };
    let value = de.check(visitor.visit_seq(&mut access))?;
    match access.next() {
        None => Ok(value),
        // Tuples and arrays stop asking when they are full.
        Some(extra) => Err(de.at(extra, Place::Item).unexpected("the end of the list")),
    }
}

struct Access<'a, 'de> {
    de: De<'a, 'de>,
    items: Items,
    /// How many items are left, if known; of repeated elements, less than twice as many.
    len: Option<usize>,
    /// Set until the only item of a list was handed out.
    wrapper: Option<&'a Wrapper>,
}

impl Access<'_, '_> {
    #[inline]
    fn next(&mut self) -> Option<u32> {
        self.items.next(self.de.tape())
    }
}

impl<'de> SeqAccess<'de> for &mut Access<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, item: S) -> Result<Option<S::Value>, Error> {
        let Some(node) = self.next() else { return Ok(None) };
        self.len = self.len.map(|len| len.saturating_sub(1));
        let Some(wrapper) = self.wrapper.take() else {
            return seed(item, self.de.at(node, Place::Item)).map(Some);
        };
        match item.deserialize(self.de.at(node, Place::Only(wrapper))) {
            Ok(value) => {
                if let Some(rest) = wrapper.rest.take() {
                    self.items = rest;
                }
                Ok(Some(value))
            }
            Err(error) if error.is_empty_wrapper() => Ok(None),
            Err(error) => Err(error.or_at(node)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use serde_core::de::{Deserialize, Deserializer, IgnoredAny};

    use super::*;
    use crate::Format;

    /// How many items a list is said to have, and has.
    #[derive(Debug, Default, PartialEq)]
    struct Counts(Option<usize>, usize);

    struct CountsVisitor;

    impl<'de> Visitor<'de> for CountsVisitor {
        type Value = Counts;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Counts, A::Error> {
            let mut counts = Counts(items.size_hint(), 0);
            while items.next_element::<IgnoredAny>()?.is_some() {
                counts.1 += 1;
            }
            Ok(counts)
        }
    }

    impl<'de> Deserialize<'de> for Counts {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_seq(CountsVisitor)
        }
    }

    #[derive(serde::Deserialize)]
    struct Pool {
        nodes: Counts,
    }

    #[test]
    fn lists_tell_how_long_they_are_exactly_or_up_to_the_next_power_of_two() {
        for (count, of_xml) in [(1, None), (2, Some(2)), (3, Some(4)), (7, Some(8)), (8, Some(8)), (9, Some(16))] {
            let json = format!(r#"{{"nodes": [{}]}}"#, vec!["{}"; count].join(","));
            let pool: Pool = crate::decode(Format::Json, json.as_bytes()).unwrap();
            assert_eq!(pool.nodes, Counts(Some(count), count));
            for between in ["", "<id/>"] {
                let xml =
                    format!("<PoolResponse>{}</PoolResponse>", format!("<nodes>a</nodes>{between}").repeat(count));
                let pool: Pool = crate::decode(Format::Xml, xml.as_bytes()).unwrap();
                assert_eq!(pool.nodes, Counts(of_xml, count), "{xml}");
            }
        }
    }
}
