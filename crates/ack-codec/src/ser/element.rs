//! Writes one value as the content of one place: the top, a field, a map entry or a list item.

use std::fmt::Display;

use serde_core::ser::{Impossible, Serialize, Serializer};

use super::children::{Children, List};
use super::escape;
use crate::error::Error;

/// As deep as the default limits of the decoder reach.
const MAX_DEPTH: usize = 128;

/// A place to write a value to.
pub(super) struct Element<'a> {
    pub(super) out: &'a mut String,
    pub(super) place: Place<'a>,
    /// How many elements are open around it.
    pub(super) depth: usize,
}

/// Where a value goes, with the name of its element.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Top,
    Field(&'a str),
    Entry(&'a str),
    Item(&'a str),
}

impl<'a> Element<'a> {
    pub(super) fn top(out: &'a mut String) -> Self {
        Self { out, place: Place::Top, depth: 0 }
    }

    fn name(&self) -> Option<&'a str> {
        match self.place {
            Place::Top => None,
            Place::Field(name) | Place::Entry(name) | Place::Item(name) => Some(name),
        }
    }

    fn text(self, text: &str) -> Result<(), Error> {
        let name = self.name();
        if let Some(name) = name {
            escape::check_name(name)?;
            escape::start_tag(self.out, name);
        }
        escape::text(self.out, text)?;
        if let Some(name) = name {
            escape::end_tag(self.out, name);
        }
        Ok(())
    }

    fn plain(self, value: impl Display) -> Result<(), Error> {
        self.text(&value.to_string())
    }

    fn number(self, finite: bool, text: &str) -> Result<(), Error> {
        if finite { self.text(text) } else { Err(Error::encode("a finite number", text.to_owned())) }
    }

    fn nothing(self) -> Result<(), Error> {
        if let Place::Entry(name) | Place::Item(name) = self.place {
            escape::check_name(name)?;
            self.out.push('<');
            self.out.push_str(name);
            self.out.push_str("/>");
        }
        Ok(())
    }

    fn children(self) -> Result<Children<'a>, Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::encode(format!("at most {MAX_DEPTH} nested elements"), "one more"));
        }
        let name = self.name();
        if let Some(name) = name {
            escape::check_name(name)?;
            escape::start_tag(self.out, name);
        }
        Ok(Children { out: self.out, name, key: None, depth: self.depth + 1 })
    }

    fn list(self) -> Result<List<'a>, Error> {
        match self.place {
            Place::Item(_) => Err(Error::encode("a list of single values", "a list in a list")),
            _ => Ok(List { name: self.name(), out: self.out, count: 0, depth: self.depth }),
        }
    }
}

fn variant_with_content(variant: &str) -> Error {
    Error::encode("a variant without content", format!("the variant `{}`", crate::error::shorten(variant)))
}

macro_rules! plain {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(self, value: $type) -> Result<(), Error> {
            self.plain(value)
        }
    )*};
}

impl<'a> Serializer for Element<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Children<'a>;
    type SerializeStruct = Children<'a>;
    type SerializeStructVariant = Impossible<(), Error>;

    plain! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_char char;
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.number(value.is_finite(), &format!("{value:?}"))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.number(value.is_finite(), &format!("{value:?}"))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        match std::str::from_utf8(value) {
            Ok(text) => self.text(text),
            Err(_) => Err(Error::encode("UTF-8 text", "other bytes")),
        }
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.nothing()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.nothing()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.nothing()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        Err(variant_with_content(variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Error> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Error> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Error> {
        self.list()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Error>, Error> {
        Err(variant_with_content(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Children<'a>, Error> {
        self.children()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Children<'a>, Error> {
        self.children()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Error>, Error> {
        Err(variant_with_content(variant))
    }
}
