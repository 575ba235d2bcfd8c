//! Enums that keep values they do not know.

use std::fmt;

use serde_core::de::{DeserializeSeed, Deserializer, EnumAccess, VariantAccess as _, Visitor};

/// Defines an open enum: the documented values as variants, any other text as `Unknown`.
///
/// The text is matched without regard to ASCII case and without surrounding white space. A known value is
/// written in its documented spelling, an unknown one exactly as it was read.
///
/// Everything is `inline`, which leaves it to the crates that use it to compile it: few use more than a handful of these.
macro_rules! open_enum {
    ($(#[$attribute:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $value:literal,)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// A value the API reference does not list, as it was received.
            Unknown(String),
        }

        impl $name {
            /// The documented values, as they are written.
            pub const VALUES: &'static [&'static str] = &[$($value),*];

            const VARIANTS: &'static [Self] = &[$(Self::$variant),*];

            /// The value as it is written.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unknown(text) => text,
                }
            }

            /// Whether this is a value the API reference does not list.
            #[must_use]
            #[inline]
            pub fn is_unknown(&self) -> bool {
                matches!(self, Self::Unknown(_))
            }
        }

        /// The empty text, which is no value: a placeholder for a required field that is still to be filled.
        impl Default for $name {
            #[inline]
            fn default() -> Self {
                Self::Unknown(String::new())
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                let known = $crate::open_enum::position(Self::VALUES, text);
                known.and_then(|at| Self::VARIANTS.get(at).cloned())
                    .unwrap_or_else(|| Self::Unknown(text.to_owned()))
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                let known = $crate::open_enum::position(Self::VALUES, &text);
                known.and_then(|at| Self::VARIANTS.get(at).cloned()).unwrap_or(Self::Unknown(text))
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                self.as_str().eq_ignore_ascii_case(other)
            }
        }

        impl PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                self.as_str().eq_ignore_ascii_case(other)
            }
        }

        impl serde_core::Serialize for $name {
            fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde_core::Deserialize<'de> for $name {
            fn deserialize<D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::open_enum::deserialize(deserializer, stringify!($name), Self::VALUES).map(Self::from)
            }
        }
    };
}

/// Where a text stands among the known values.
pub(crate) fn position(values: &[&str], text: &str) -> Option<usize> {
    let text = text.trim();
    // Nearly every text is spelled as documented, and comparing without regard to case takes ten times as long.
    let as_documented = values.iter().position(|value| *value == text);
    as_documented.or_else(|| values.iter().position(|value| value.eq_ignore_ascii_case(text)))
}

/// Reads the text of an enum. It asks the format for an enum, so that a format which reports undocumented values
/// learns the documented ones, and takes whatever text comes.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
    name: &'static str,
    values: &'static [&'static str],
) -> Result<String, D::Error> {
    deserializer.deserialize_enum(name, values, TextVisitor)
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde_core::de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<String, A::Error> {
        let (text, variant) = access.variant_seed(TextSeed)?;
        variant.unit_variant()?;
        Ok(text)
    }
}

struct TextSeed;

impl<'de> DeserializeSeed<'de> for TextSeed {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_identifier(TextVisitor)
    }
}
