//! The settings of the client's own limits.

use super::ClientBuilder;
use crate::limit::{ConcurrencyLimit, RateLimiter};

impl ClientBuilder {
    /// How many requests may start in a time. Give the same limiter to all clients of one account in one region.
    pub fn rate_limiter(mut self, limiter: RateLimiter) -> Self {
        self.limiters.rate = limiter;
        self
    }

    /// How many requests may be under way at once.
    pub fn concurrency_limit(mut self, limit: ConcurrencyLimit) -> Self {
        self.limiters.concurrency = limit;
        self
    }
}
