//! The retry settings of one client.

use std::sync::Arc;
use std::time::Duration;

use super::{Backoff, ExponentialBackoff, RetryBudget, RetryPolicy, RetryThrottle, StandardRetry};

#[derive(Clone, Debug)]
pub(crate) struct RetrySettings {
    pub(crate) policy: Arc<dyn RetryPolicy>,
    pub(crate) backoff: Arc<dyn Backoff>,
    pub(crate) throttle: Arc<dyn RetryThrottle>,
    pub(crate) max_attempts: u32,
    /// The longest wait that the service may ask for.
    pub(crate) max_retry_after: Duration,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) correct_clock_skew: bool,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            policy: Arc::new(StandardRetry),
            backoff: Arc::new(ExponentialBackoff::new()),
            throttle: Arc::new(RetryBudget::default()),
            max_attempts: 4,
            max_retry_after: Duration::from_secs(60),
            attempt_timeout: Some(Duration::from_secs(20)),
            correct_clock_skew: true,
        }
    }
}
