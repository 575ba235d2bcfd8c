//! Writes what has parts: the entries of a struct or map, and the items of a list.

use serde_core::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct};

use super::element::{Element, Place};
use super::{escape, key};
use crate::error::Error;

/// The entries of a struct or map, inside an element that is already open.
pub(super) struct Children<'a> {
    pub(super) out: &'a mut String,
    /// The element to close, if not at the top.
    pub(super) name: Option<&'a str>,
    /// The key whose value comes next.
    pub(super) key: Option<String>,
    pub(super) depth: usize,
}

/// The items of a list.
pub(super) struct List<'a> {
    pub(super) out: &'a mut String,
    /// The name of every item's element; at the top, items are named by position.
    pub(super) name: Option<&'a str>,
    pub(super) count: usize,
    pub(super) depth: usize,
}

impl Children<'_> {
    fn write<T: Serialize + ?Sized>(&mut self, place: Place<'_>, name: &str, value: &T) -> Result<(), Error> {
        let element = Element { out: self.out, place, depth: self.depth };
        value.serialize(element).map_err(|error| error.inside(name))
    }

    fn close(self) {
        if let Some(name) = self.name {
            escape::end_tag(self.out, name);
        }
    }
}

impl SerializeStruct for Children<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.write(Place::Field(name), name, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeMap for Children<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = Some(key.serialize(key::Key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let name = self.key.take().unwrap_or_default();
        self.write(Place::Entry(&name), &name, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl List<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let index = self.count;
        self.count += 1;
        let result = match self.name {
            Some(name) => value.serialize(Element { out: self.out, place: Place::Item(name), depth: self.depth }),
            None => {
                let name = index.to_string();
                value.serialize(Element { out: self.out, place: Place::Item(&name), depth: self.depth })
            }
        };
        result.map_err(|error| error.inside_item(index))
    }
}

impl SerializeSeq for List<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

impl SerializeTuple for List<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

impl SerializeTupleStruct for List<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}
