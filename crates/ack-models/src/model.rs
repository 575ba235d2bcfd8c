//! How models are read and written: by tables of their fields, one line a field.
//!
//! With nearly four hundred models, the code that serde's derive writes for reading was most of the time this crate took
//! to build. Here the loop over the fields is written once, and a model adds one line for each field to it. What is read and written is the same, with one difference: a list of values in place of an object
//! is refused.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeStruct, Serializer};

use crate::list::ListSeed;

/// Gives a struct its `Serialize` and `Deserialize`.
///
/// A line for each field in the order of the wire names: its number, its wire name, and whether it is `optional` (left
/// out while it is empty) or `required` (always written).
macro_rules! model {
    ($name:ident { $($at:literal $wire:literal $kind:ident $field:ident,)* }) => {
        #[allow(deprecated, reason = "deprecated fields are read and written, too")]
        impl $crate::model::Model for $name {
            const NAME: &'static str = stringify!($name);
            const FIELDS: &'static [&'static str] = &[$($wire),*];

            fn read<'de, A: ::serde_core::de::MapAccess<'de>>(
                &mut self,
                at: usize,
                values: &mut A,
            ) -> Result<(), A::Error> {
                match at {
                    $($at => $crate::model::$kind(&mut self.$field, values),)*
                    _ => Ok(()),
                }
            }

            fn each<V: $crate::model::Fields>(&self, to: &mut V) {
                $(to.$kind($wire, &self.$field);)*
            }
        }

        impl<'de> ::serde_core::Deserialize<'de> for $name {
            fn deserialize<D: ::serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::model::read(deserializer)
            }
        }

        impl ::serde_core::Serialize for $name {
            fn serialize<S: ::serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::model::write(self, serializer)
            }
        }
    };
}

/// A struct with named fields, as [`model!`] describes it.
pub(crate) trait Model: Default {
    /// The name of the type.
    const NAME: &'static str;

    /// The wire names, sorted.
    const FIELDS: &'static [&'static str];

    /// Reads the value of the field with that number.
    fn read<'de, A: MapAccess<'de>>(&mut self, at: usize, values: &mut A) -> Result<(), A::Error>;

    /// Shows every field, in the order of the wire names.
    fn each<V: Fields>(&self, to: &mut V);
}

/// What is done with the fields of a model. It keeps its outcome to itself: a result to look at after each field would make
/// the code of a model twice as long.
pub(crate) trait Fields {
    /// A field that is left out while it is empty.
    fn optional<T: MayBeAbsent>(&mut self, name: &'static str, value: &T);

    /// A field that is always written.
    fn required<T: Serialize>(&mut self, name: &'static str, value: &T);
}

/// Reads a model. A field that is missing keeps its default, for nothing is required of an answer.
pub(crate) fn read<'de, M: Model, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    deserializer.deserialize_struct(M::NAME, M::FIELDS, ModelVisitor(PhantomData))
}

/// Reads a required field in place.
pub(crate) fn required<'de, T, A>(field: &mut T, values: &mut A) -> Result<(), A::Error>
where
    T: Deserialize<'de>,
    A: MapAccess<'de>,
{
    *field = values.next_value()?;
    Ok(())
}

/// Reads an optional field in place.
pub(crate) fn optional<'de, T, A>(field: &mut T, values: &mut A) -> Result<(), A::Error>
where
    T: Optional<'de>,
    A: MapAccess<'de>,
{
    *field = T::read(values)?;
    Ok(())
}

/// An optional field, as it is read.
pub(crate) trait Optional<'de>: Deserialize<'de> {
    /// Reads its value.
    fn read<A: MapAccess<'de>>(values: &mut A) -> Result<Self, A::Error> {
        values.next_value()
    }
}

impl<'de, T: Deserialize<'de>> Optional<'de> for Option<T> {}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Optional<'de> for BTreeMap<K, V> {}

impl<'de> Optional<'de> for serde_json::Map<String, serde_json::Value> {}

impl<'de, T: Deserialize<'de>> Optional<'de> for Vec<T> {
    fn read<A: MapAccess<'de>>(values: &mut A) -> Result<Self, A::Error> {
        values.next_value_seed(ListSeed::new())
    }
}

/// Writes a model.
pub(crate) fn write<M: Model, S: Serializer>(model: &M, serializer: S) -> Result<S::Ok, S::Error> {
    let mut count = Count(0);
    model.each(&mut count);
    let mut written = Written { to: serializer.serialize_struct(M::NAME, count.0)?, outcome: Ok(()) };
    model.each(&mut written);
    written.outcome?;
    written.to.end()
}

/// Counts the fields that are to be written.
struct Count(usize);

impl Fields for Count {
    fn optional<T: MayBeAbsent>(&mut self, _: &'static str, value: &T) {
        self.0 += usize::from(!value.is_absent());
    }

    fn required<T: Serialize>(&mut self, _: &'static str, _: &T) {
        self.0 += 1;
    }
}

/// Writes the fields, up to the first that fails.
struct Written<S: SerializeStruct> {
    to: S,
    outcome: Result<(), S::Error>,
}

impl<S: SerializeStruct> Fields for Written<S> {
    fn optional<T: MayBeAbsent>(&mut self, name: &'static str, value: &T) {
        if !value.is_absent() {
            self.required(name, value);
        } else if self.outcome.is_ok() {
            self.outcome = self.to.skip_field(name);
        }
    }

    fn required<T: Serialize>(&mut self, name: &'static str, value: &T) {
        if self.outcome.is_ok() {
            self.outcome = self.to.serialize_field(name, value);
        }
    }
}

/// What can be left out: an `Option`, a list, a map.
pub(crate) trait MayBeAbsent: Serialize {
    fn is_absent(&self) -> bool;
}

impl<T: Serialize> MayBeAbsent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Serialize> MayBeAbsent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<K: Serialize, V: Serialize> MayBeAbsent for BTreeMap<K, V> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl MayBeAbsent for serde_json::Map<String, serde_json::Value> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// The fields that were read already; no model has as many as there are bits.
#[derive(Default)]
struct Seen([u64; 4]);

impl Seen {
    /// Notes a field; false if it was noted before.
    fn insert(&mut self, at: usize) -> bool {
        let Some(word) = self.0.get_mut(at / 64) else {
            return true;
        };
        let bit = 1 << (at % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

struct ModelVisitor<M>(PhantomData<M>);

impl<'de, M: Model> Visitor<'de> for ModelVisitor<M> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", M::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut values: A) -> Result<M, A::Error> {
        let mut model = M::default();
        let mut seen = Seen::default();
        let mut likely = 0;
        while let Some(found) = values.next_key_seed(FieldSeed { names: M::FIELDS, likely })? {
            let Some(at) = found else {
                values.next_value::<IgnoredAny>()?;
                continue;
            };
            if !seen.insert(at) {
                return Err(A::Error::duplicate_field(M::FIELDS.get(at).copied().unwrap_or(M::NAME)));
            }
            model.read(at, &mut values)?;
            likely = at + 1;
        }
        Ok(model)
    }
}

/// Reads a key: the number of the field, or none for one that the model does not have.
struct FieldSeed {
    names: &'static [&'static str],
    /// The field that comes next if they come in order.
    likely: usize,
}

impl FieldSeed {
    fn find(&self, name: &str) -> Option<usize> {
        if self.names.get(self.likely) == Some(&name) {
            return Some(self.likely);
        }
        self.names.binary_search(&name).ok()
    }
}

impl<'de> DeserializeSeed<'de> for FieldSeed {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldSeed {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    fn visit_str<E: serde_core::de::Error>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.find(name))
    }

    fn visit_bytes<E: serde_core::de::Error>(self, name: &[u8]) -> Result<Option<usize>, E> {
        Ok(std::str::from_utf8(name).ok().and_then(|name| self.find(name)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Pool {
        id: Option<String>,
        labels: BTreeMap<String, String>,
        name: String,
        nodes: Vec<i64>,
    }

    model! { Pool {
        0 "Id" optional id,
        1 "labels" optional labels,
        2 "name" required name,
        3 "nodes" optional nodes,
    } }

    fn pool(value: serde_json::Value) -> Result<Pool, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn fields_are_read_in_any_order_and_written_in_theirs() {
        let read = pool(json!({"nodes": [1, 2], "unknown": {"a": 1}, "name": "np", "Id": "np1"})).unwrap();
        let expected = Pool { id: Some("np1".to_owned()), name: "np".to_owned(), nodes: vec![1, 2], ..Pool::default() };
        assert_eq!(read, expected);
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"Id":"np1","name":"np","nodes":[1,2]}"#);
        let borrowed: Pool = serde_json::from_slice(br#"{"Id":"np1","name":"np","nodes":[1,2]}"#).unwrap();
        assert_eq!(borrowed, expected);
    }

    #[test]
    fn what_is_missing_keeps_its_default_and_required_fields_are_written_empty() {
        assert_eq!(pool(json!({"Id": null})).unwrap(), Pool::default());
        assert_eq!(serde_json::to_string(&Pool::default()).unwrap(), r#"{"name":""}"#);
    }

    #[test]
    fn the_number_of_fields_is_told_before_they_are_written() {
        let count = |pool: &Pool| {
            let mut count = Count(0);
            pool.each(&mut count);
            count.0
        };
        assert_eq!(count(&Pool::default()), 1);
        assert_eq!(count(&Pool { nodes: vec![1], ..Pool::default() }), 2);
    }

    #[test]
    fn a_field_that_comes_twice_and_other_shapes_are_refused() {
        let twice = serde_json::from_str::<Pool>(r#"{"name":"a","name":"b"}"#).unwrap_err();
        insta::assert_snapshot!(twice, @"duplicate field `name` at line 1 column 18");
        insta::assert_snapshot!(pool(json!([1])).unwrap_err(), @"invalid type: sequence, expected struct Pool");
        insta::assert_snapshot!(pool(json!({"nodes": ["x"]})).unwrap_err(), @r#"invalid type: string "x", expected i64"#);
    }

    #[test]
    fn every_model_has_its_fields_sorted_and_few_enough_to_be_noted() {
        fn check<M: Model>() {
            assert!(M::FIELDS.is_sorted(), "{}", M::NAME);
            assert!(M::FIELDS.len() <= 256, "{}", M::NAME);
        }
        check::<Pool>();
        let mut seen = Seen::default();
        assert!((0..256).all(|at| seen.insert(at)));
        assert!((0..256).all(|at| !seen.insert(at)));
    }
}
