//! Enums: the variant is a text, and an unknown one is for the type to accept or refuse.

use serde_core::de::value::BorrowedStrDeserializer;
use serde_core::de::{DeserializeSeed, EnumAccess, Error as _, Unexpected, VariantAccess, Visitor};

use super::De;
use crate::error::Error;

pub(super) fn visit<'de, V: Visitor<'de>>(
    mut de: De<'_, 'de>,
    name: &'static str,
    variants: &'static [&'static str],
    visitor: V,
) -> Result<V::Value, Error> {
    let text = de.scalar("a string")?.trim();
    let value = de.check(visitor.visit_enum(Choice { text }))?;
    // Nearly every text is spelled as documented, and comparing without regard to case takes ten times as long.
    if !variants.contains(&text) && !variants.iter().any(|known| known.eq_ignore_ascii_case(text)) {
        de.context.drift.borrow_mut().value(name, text, de.node);
    }
    Ok(value)
}

/// A variant without content.
struct Choice<'de> {
    text: &'de str,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = Error;
    type Variant = Unit;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Unit), Error> {
        seed.deserialize(BorrowedStrDeserializer::new(self.text)).map(|value| (value, Unit))
    }
}

/// The content of a variant: always none, since the API's enums are texts.
struct Unit;

impl<'de> VariantAccess<'de> for Unit {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, Error> {
        Err(content("a variant with a value"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        Err(Error::invalid_type(Unexpected::UnitVariant, &visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        Err(Error::invalid_type(Unexpected::UnitVariant, &visitor))
    }
}

#[cold]
fn content(expected: &str) -> Error {
    Error::invalid_type(Unexpected::UnitVariant, &expected)
}
