//! Numbers of things, in words.

use std::fmt;

/// `1 cluster`, `2 clusters`
pub(crate) struct Counted(pub(crate) usize, pub(crate) &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, one) = self;
        write!(f, "{number} {one}{}", if *number == 1 { "" } else { "s" })
    }
}
