//! How large and how deep a body may be before it is refused.
//!
//! ```
//! use ack_codec::Limits;
//!
//! let limits = Limits::default().with_max_bytes(1024).with_max_depth(16);
//! assert_eq!((limits.max_bytes(), limits.max_depth()), (1024, 16));
//! ```
//!
//! These limits bound memory and stack use of decoding. They do not limit how much a transport reads.

/// Bounds on what a decoder accepts.
///
/// While decoding, the body is indexed by 16 bytes a key and 16 bytes a value, so the memory needed besides the body
/// and the decoded value is at most some 16 times the body (for a list of one-digit numbers), and about the size of
/// the body for ordinary answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    max_bytes: usize,
    max_depth: usize,
}

/// Offsets are kept in 32 bits, with room for a little arithmetic.
const BYTES_CEILING: usize = (u32::MAX / 2) as usize;

/// Free-form values are built recursively, so depth is bounded by what a thread's stack can carry.
const DEPTH_CEILING: usize = 256;

impl Limits {
    /// Sets the largest body, in bytes. Values above 2 GiB mean 2 GiB.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes.min(BYTES_CEILING);
        self
    }

    /// Sets the deepest nesting: the number of lists, objects or elements that may be open at once. Values above 256
    /// mean 256.
    #[must_use]
    pub fn with_max_depth(mut self, depth: usize) -> Self {
        self.max_depth = depth.min(DEPTH_CEILING);
        self
    }

    /// The largest body, in bytes. The default is 64 MiB.
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// The deepest nesting. The default is 128.
    #[must_use]
    pub fn max_depth(&self) -> usize {
        self.max_depth
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_depth: 128 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setters_clamp_to_what_the_index_and_the_stack_can_carry() {
        let limits = Limits::default().with_max_bytes(usize::MAX).with_max_depth(usize::MAX);
        assert_eq!(limits.max_bytes(), (u32::MAX / 2) as usize);
        assert_eq!(limits.max_depth(), 256);
    }
}
