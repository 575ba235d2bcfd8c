//! Which events of the service have been told already.

use std::collections::{HashSet, VecDeque};

use crate::observe::Told;

/// How many events are remembered at least. A list that is longer is remembered twice over.
const CAPACITY: usize = 4096;

/// Remembers the events of earlier looks by their hash, the oldest of which are forgotten.
#[derive(Debug, Default)]
pub(super) struct Seen {
    keys: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Seen {
    /// Those of a look that no earlier look had, in the order of the service.
    pub(super) fn fresh(&mut self, told: Vec<Told>) -> Vec<Told> {
        // An answer that is behind lacks events that come again later, so more than the latest list is remembered.
        let capacity = CAPACITY.max(told.len().saturating_mul(2));
        let mut fresh = Vec::new();
        for told in told {
            let key = told.key();
            if self.keys.insert(key) {
                self.order.push_back(key);
                fresh.push(told);
            }
        }
        while self.order.len() > capacity {
            if let Some(oldest) = self.order.pop_front() {
                self.keys.remove(&oldest);
            }
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Level, Notice};

    fn told(numbers: impl IntoIterator<Item = usize>) -> Vec<Told> {
        let one = |number: usize| Told { node: None, notice: Notice::new(Level::Normal, number.to_string()) };
        numbers.into_iter().map(one).collect()
    }

    #[test]
    fn each_is_told_once_even_after_an_answer_that_is_behind() {
        let mut seen = Seen::default();
        assert_eq!(seen.fresh(told(0..3)), told(0..3));
        assert_eq!(seen.fresh(told(0..2)), []);
        assert_eq!(seen.fresh(told(0..4)), told(3..4));
        assert_eq!(seen.fresh(told([4, 4])), told([4]));
    }

    #[test]
    fn memory_is_bounded_and_long_lists_are_not_told_again() {
        let mut seen = Seen::default();
        for start in 0..50 {
            seen.fresh(told(start * 1000..(start + 1) * 1000));
        }
        assert_eq!((seen.keys.len(), seen.order.len()), (CAPACITY, CAPACITY));
        assert_eq!(seen.fresh(told(100_000..110_000)).len(), 10_000);
        assert_eq!(seen.fresh(told(100_000..110_000)), []);
    }
}
