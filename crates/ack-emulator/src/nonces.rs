//! The nonces that were used, for as long as a request that carries them could come again.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

/// How many nonces are kept at most. Beyond it, those that expire soonest are forgotten first.
const CAPACITY: usize = 100_000;

/// Key id and nonce.
type Used = (String, String);

#[derive(Debug)]
pub(crate) struct Nonces {
    used: HashSet<Arc<Used>>,
    by_expiry: BTreeSet<(Timestamp, Arc<Used>)>,
    capacity: usize,
}

impl Default for Nonces {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl Nonces {
    fn with_capacity(capacity: usize) -> Self {
        Self { used: HashSet::new(), by_expiry: BTreeSet::new(), capacity }
    }

    /// Notes a nonce that matters until `expiry`; false if the key has used it before.
    pub(crate) fn consume(&mut self, key_id: &str, nonce: &str, expiry: Timestamp, now: Timestamp) -> bool {
        while self.by_expiry.first().is_some_and(|(expiry, _)| *expiry < now) {
            self.forget_first();
        }
        let used = Arc::new((key_id.to_owned(), nonce.to_owned()));
        if !self.used.insert(Arc::clone(&used)) {
            return false;
        }
        self.by_expiry.insert((expiry, used));
        while self.by_expiry.len() > self.capacity {
            self.forget_first();
        }
        true
    }

    fn forget_first(&mut self) {
        if let Some((_, used)) = self.by_expiry.pop_first() {
            self.used.remove(&used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_nonce_is_good_once_per_key_until_it_expires() {
        let mut nonces = Nonces::default();
        assert!(nonces.consume("a", "n", at(10), at(0)));
        assert!(!nonces.consume("a", "n", at(10), at(5)));
        assert!(nonces.consume("b", "n", at(10), at(5)));
        assert!(nonces.consume("a", "n", at(30), at(11)));
    }

    #[test]
    fn no_more_are_kept_than_fit() {
        let mut nonces = Nonces::with_capacity(2);
        for (nonce, expiry) in [("late", 30), ("soon", 10), ("later", 40)] {
            assert!(nonces.consume("a", nonce, at(expiry), at(0)));
        }
        assert_eq!((nonces.used.len(), nonces.by_expiry.len()), (2, 2));
        assert!(!nonces.consume("a", "late", at(30), at(0)));
        assert!(nonces.consume("a", "soon", at(50), at(0)));
    }
}
