//! The settings of retries.

use std::sync::Arc;
use std::time::Duration;

use super::ClientBuilder;
use crate::error::Error;
use crate::retry::{Backoff, RetryPolicy, RetrySettings, RetryThrottle};

impl ClientBuilder {
    /// How often a call may be sent altogether: 1 for no retries at all. The corrections of a wrong clock and of an
    /// expired credential count as well.
    pub fn max_attempts(mut self, count: u32) -> Self {
        self.retries.max_attempts = count;
        self
    }

    /// How long one attempt may take, from connecting to the end of the answer; `None` for as long as the whole call
    /// ([`timeout`](Self::timeout)). Waiting for credentials, or for a turn under the limits of rate and concurrency, is
    /// not part of it.
    pub fn attempt_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.retries.attempt_timeout = limit.into();
        self
    }

    /// Which failures may be repeated.
    pub fn retry_policy(mut self, policy: impl RetryPolicy + 'static) -> Self {
        self.retries.policy = Arc::new(policy);
        self
    }

    /// How long to wait before a retry, unless the service says so itself.
    pub fn backoff(mut self, backoff: impl Backoff + 'static) -> Self {
        self.retries.backoff = Arc::new(backoff);
        self
    }

    /// What holds back retries when everything fails. Give the same [`RetryBudget`](crate::retry::RetryBudget) to several
    /// clients to have them share it, or [`Unthrottled`](crate::retry::Unthrottled) to have none.
    pub fn retry_throttle(mut self, throttle: impl RetryThrottle + 'static) -> Self {
        self.retries.throttle = Arc::new(throttle);
        self
    }

    /// The longest wait that the service may ask for with `x-acs-retry-after`; longer ones are cut to it.
    pub fn max_retry_after(mut self, longest: Duration) -> Self {
        self.retries.max_retry_after = longest;
        self
    }

    /// Whether the dates of signatures follow the service's clock after it has refused one (`InvalidTimeStamp.*`). The
    /// difference is learned from the `date` header of the refusal, shared by all clones, and believed up to 24 hours;
    /// the refused request is repeated once.
    pub fn correct_clock_skew(mut self, correct: bool) -> Self {
        self.retries.correct_clock_skew = correct;
        self
    }
}

pub(super) fn check(retries: &RetrySettings) -> Result<(), Error> {
    if retries.max_attempts == 0 {
        let remedy = "allow at least 1 attempt; 1 turns retries off";
        return Err(Error::invalid_input("max_attempts", "0", "sends nothing", remedy));
    }
    if retries.attempt_timeout.is_some_and(|limit| limit.is_zero()) {
        return Err(Error::invalid_input("attempt_timeout", "0", "leaves no time", "give it at least a second"));
    }
    Ok(())
}
