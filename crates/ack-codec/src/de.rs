//! Takes a value out of the tape, driven by what the type asks for. All tolerance for shapes is decided here.
//!
//! One deserializer serves both formats, so that every model is compiled once. What a type does not ask for, such as
//! which of its parents it is in, is kept in [`Place`].

mod any;
mod choice;
mod items;
mod list;
mod number;
mod object;
mod option;
mod place;
mod root;

use std::cell::{Cell, RefCell};

use serde_core::de::{DeserializeSeed, Deserializer, Visitor};

pub(crate) use self::place::Place;
use self::place::Want;
use crate::drift::Log;
use crate::error::{Error, quoted};
use crate::format::Format;
use crate::tape::{Kind, Node, Tape};

/// What all deserializers of one body share.
#[derive(Debug)]
pub(crate) struct Context<'de> {
    pub(crate) tape: &'de Tape<'de>,
    pub(crate) format: Format,
    /// The node paths start from: the top, or the XML root once it was stepped into.
    pub(crate) base: Cell<u32>,
    pub(crate) drift: RefCell<Log<'de>>,
}

/// A deserializer of one node.
#[derive(Clone, Copy)]
pub(crate) struct De<'a, 'de> {
    context: &'a Context<'de>,
    node: u32,
    place: Place<'a>,
}

impl<'a, 'de> De<'a, 'de> {
    /// The whole body.
    pub(crate) fn root(context: &'a Context<'de>) -> Self {
        Self { context, node: 0, place: Place::Root }
    }

    #[inline]
    fn tape(&self) -> &'de Tape<'de> {
        self.context.tape
    }

    #[inline]
    fn value(&self) -> Node {
        self.context.tape.node(self.node)
    }

    /// The same context, somewhere else.
    #[inline]
    fn at(self, node: u32, place: Place<'a>) -> Self {
        Self { node, place, ..self }
    }

    /// Steps to the node that holds what is wanted. In ordinary places, this is the one, and nothing is copied: this comes
    /// before every value.
    #[inline]
    fn find(&mut self, want: Want) -> Result<(), Error> {
        if !matches!(self.place, Place::Item | Place::Field(_)) {
            *self = self.find_slowly(want)?;
        }
        Ok(())
    }

    /// Steps to a scalar, and returns its literal text.
    #[inline]
    fn scalar(&mut self, expected: &'static str) -> Result<&'de str, Error> {
        self.find(Want::Scalar)?;
        let node = self.value();
        match node.kind {
            Kind::Text | Kind::Number | Kind::Key => Ok(self.tape().text(node)),
            Kind::True => Ok("true"),
            Kind::False => Ok("false"),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// An error that says what this node holds instead.
    #[cold]
    fn unexpected(&self, expected: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        let node = self.value();
        let xml = self.context.format == Format::Xml;
        let found = match node.kind {
            Kind::Nothing => return Error::empty_body(),
            Kind::Null => "null".into(),
            Kind::True => "true".into(),
            Kind::False => "false".into(),
            Kind::Number => crate::error::shorten(self.tape().text(node)).into(),
            Kind::Text if xml && node.len == 0 => "an empty element".into(),
            Kind::Text | Kind::Key => quoted(self.tape().text(node)).into(),
            Kind::List => "a list".into(),
            Kind::Object if xml => "child elements".into(),
            Kind::Object => "an object".into(),
            Kind::Mixed => std::borrow::Cow::Borrowed("text mixed with child elements"),
        };
        Error::data(expected, found, self.node)
    }

    /// Says where a visitor's own complaint happened.
    #[inline]
    fn check<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err(error.or_at(self.node)),
        }
    }
}

/// Forwards every integer type to exact reading from text.
macro_rules! integers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
            let text = self.scalar("a number")?;
            let Some(number) = number::integer::<$type>(text) else {
                return Err(self.unexpected(number::range::<$type>()));
            };
            self.check(visitor.$visit(number))
        }
    )*};
}

impl<'de> Deserializer<'de> for De<'_, 'de> {
    type Error = Error;

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
    }

    fn deserialize_f32<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let text = self.scalar("a number")?;
        let number = number::decimal::<f32>(text).filter(|number| number.is_finite());
        let number = number.ok_or_else(|| self.unexpected("a number"))?;
        self.check(visitor.visit_f32(number))
    }

    fn deserialize_f64<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let text = self.scalar("a number")?;
        let number = number::decimal::<f64>(text).filter(|number| number.is_finite());
        let number = number.ok_or_else(|| self.unexpected("a number"))?;
        self.check(visitor.visit_f64(number))
    }

    fn deserialize_bool<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let text = self.scalar("true or false")?;
        let text = text.trim();
        let is = |word: &str, digit: &str| text == digit || text.eq_ignore_ascii_case(word);
        let flag = match (is("true", "1"), is("false", "0")) {
            (true, _) => true,
            (_, true) => false,
            _ => return Err(self.unexpected("true or false")),
        };
        self.check(visitor.visit_bool(flag))
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let text = self.scalar("a string")?;
        self.check(visitor.visit_borrowed_str(text))
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // The name of a field: the most frequent request of all.
        let node = self.value();
        if node.kind == Kind::Key {
            return visitor.visit_borrowed_str(self.tape().text(node));
        }
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        if self.value().kind == Kind::List {
            return self.deserialize_seq(visitor);
        }
        let text = self.scalar("a string")?;
        self.check(visitor.visit_borrowed_bytes(text.as_bytes()))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        any::visit(self, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        option::visit(self, visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let node = self.value();
        let nothing = match node.kind {
            Kind::Nothing | Kind::Null => true,
            Kind::Text | Kind::Object => node.len == 0,
            _ => false,
        };
        // A caller that wants nothing from a body takes any.
        if nothing || matches!(self.place, Place::Root) {
            return self.check(visitor.visit_unit());
        }
        Err(self.unexpected("nothing"))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        list::visit(self, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        list::visit(self, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        list::visit(self, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        object::visit_map(self, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        object::visit_struct(self, name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        choice::visit(self, name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Place::Field(owner) | Place::Group(Some(owner)) = self.place {
            let key = self.tape().node(self.node.saturating_sub(1));
            self.context.drift.borrow_mut().field(owner.name, self.tape().text(key), self.node);
        }
        visitor.visit_unit()
    }
}

/// Hands a node to a seed. A free function so that list and object access read alike.
#[inline]
fn seed<'de, S: DeserializeSeed<'de>>(seed: S, de: De<'_, 'de>) -> Result<S::Value, Error> {
    match seed.deserialize(de) {
        Ok(value) => Ok(value),
        // Errors of a field without a node of its own, such as a newtype's check.
        Err(error) => Err(error.or_at(de.node)),
    }
}
