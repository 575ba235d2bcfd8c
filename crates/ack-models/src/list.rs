//! How the lists in models are read.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{Deserialize, DeserializeSeed, Deserializer, SeqAccess, Visitor};

/// Reads a list into room for all of it. Serde's own lists begin with a mebibyte at most, so that long lists of large structs
/// are copied again and again as they grow.
pub(crate) struct ListSeed<T>(PhantomData<T>);

impl<T> ListSeed<T> {
    /// Room is taken on the word of the format, which may be wrong: not more than this many bytes of it.
    const MOST_ROOM: usize = 64 << 20;

    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for ListSeed<T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListSeed<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Vec<T>, A::Error> {
        let most = Self::MOST_ROOM / size_of::<T>().max(1);
        let mut items = Vec::with_capacity(values.size_hint().unwrap_or_default().min(most));
        while let Some(item) = values.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use serde_core::de::value::{Error, SeqDeserializer};

    use super::*;

    /// Ones, with more of them promised than come.
    struct Promised {
        come: usize,
        promised: usize,
    }

    impl Iterator for Promised {
        type Item = u64;

        fn next(&mut self) -> Option<u64> {
            self.come = self.come.checked_sub(1)?;
            Some(1)
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.promised, Some(self.promised))
        }
    }

    fn read(values: Promised) -> Vec<u64> {
        ListSeed::new().deserialize(SeqDeserializer::<_, Error>::new(values)).unwrap()
    }

    #[test]
    fn a_list_of_known_length_is_never_moved() {
        let list = read(Promised { come: 300_000, promised: 300_000 });
        assert_eq!((list.len(), list.capacity()), (300_000, 300_000));
    }

    #[test]
    fn a_length_that_is_not_true_is_no_harm() {
        let list = read(Promised { come: 3, promised: usize::MAX });
        assert_eq!((list.len(), list.capacity()), (3, (64 << 20) / 8));
        assert_eq!(read(Promised { come: 3, promised: 0 }).len(), 3);
    }
}
