//! Values over time, for answers that are behind.

use std::collections::VecDeque;

use jiff::Timestamp;

/// How many changes are remembered. No lag reaches back further than the latest few.
const CAPACITY: usize = 64;

/// A value, what it was before, and since when.
#[derive(Debug)]
pub(crate) struct History<T> {
    first: Timestamp,
    entries: VecDeque<(Timestamp, T)>,
}

impl<T> History<T> {
    pub(crate) fn new(since: Timestamp, value: T) -> Self {
        Self { first: since, entries: VecDeque::from([(since, value)]) }
    }

    pub(crate) fn push(&mut self, at: Timestamp, value: T) {
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
        }
        self.entries.push_back((at, value));
    }

    /// The value now.
    pub(crate) fn latest(&self) -> &T {
        // Entries are only ever replaced by newer ones, and there is one from the beginning.
        let (_, value) = self.entries.back().expect("a history has a value");
        value
    }

    /// The value at a time; before there was any, the first one that is remembered.
    pub(crate) fn at_or_first(&self, time: Timestamp) -> &T {
        let oldest = self.entries.front().map(|(_, value)| value);
        self.at(time).or(oldest).unwrap_or_else(|| self.latest())
    }

    /// The value at a time; none before there was any. Of times longer ago than is remembered, the oldest that is.
    pub(crate) fn at(&self, time: Timestamp) -> Option<&T> {
        if time < self.first {
            return None;
        }
        let known = self.entries.iter().rev().find(|(since, _)| *since <= time).or(self.entries.front());
        known.map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_past_is_remembered() {
        let mut history = History::new(second(10), "first");
        history.push(second(20), "second");
        let at = |time| history.at(second(time)).copied().unwrap_or("-");
        assert_eq!([at(9), at(10), at(19), at(20), at(99)], ["-", "first", "first", "second", "second"]);
        assert_eq!(*history.latest(), "second");
        assert_eq!([*history.at_or_first(second(9)), *history.at_or_first(second(20))], ["first", "second"]);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut history = History::new(second(0), 0);
        (1..1000).for_each(|number| history.push(second(number), number));
        assert_eq!(history.entries.len(), CAPACITY);
        assert_eq!(history.at(second(5)), Some(&936));
        assert_eq!(history.latest(), &999);
    }
}
