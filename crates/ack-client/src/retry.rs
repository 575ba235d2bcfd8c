//! When a failed call is made again, how long it waits before that, and who says stop when everybody fails at once.
//!
//! Three questions, three policies, each set for a client on its [`ClientBuilder`](crate::ClientBuilder):
//!
//! | question | trait | default |
//! |---|---|---|
//! | may this call be repeated? | [`RetryPolicy`] | [`StandardRetry`]: never twice what must happen once |
//! | how long between attempts? | [`Backoff`] | [`ExponentialBackoff`]: full jitter, 50 ms to 20 s |
//! | is everybody failing? | [`RetryThrottle`] | [`RetryBudget`]: 500 tokens, 5 or 10 a retry, refilled by successes |
//!
//! Two limits hold whatever the policies say: the number of attempts
//! ([`max_attempts`](crate::ClientBuilder::max_attempts)) and the time of the whole call
//! ([`timeout`](crate::ClientBuilder::timeout)). A call never starts a wait that would end after its time: it fails at
//! once with what it knows. When the service says how long to wait (`x-acs-retry-after`, in milliseconds), that goes
//! before the backoff. Each attempt asks for credentials, is dated and signed anew, and says which retry it is
//! (`x-acs-retry-attempts`, `x-acs-retry-delay`).
//!
//! ```
//! use std::time::Duration;
//! use ack_client::Client;
//! use ack_client::retry::{ExponentialBackoff, RetryBudget};
//!
//! let budget = RetryBudget::new(100); // one for all clients of the program
//! let client = Client::builder()
//!     .region("cn-hangzhou")
//!     .max_attempts(6)
//!     .backoff(ExponentialBackoff::new().initial(Duration::from_millis(200)).cap(Duration::from_secs(5)))
//!     .retry_throttle(budget.clone())
//!     .build()?;
//! # let _ = client;
//! # Ok::<(), ack_client::Error>(())
//! ```
//!
//! `max_attempts(1)` turns retries off. What it does not do: it does not wait for an operation of the service to end,
//! which is polling and has a rhythm of its own (see the `ack-upgrade` crate), and it repeats no failure to get
//! credentials, since sources have their own rules for that.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ack_models::Operation;

use crate::error::Error;

mod backoff;
mod budget;
mod settings;

pub use backoff::{Backoff, ExponentialBackoff};
pub use budget::{RetryBudget, RetryThrottle, Unthrottled};
pub(crate) use settings::RetrySettings;

/// Whether a failed attempt may be followed by another one.
///
/// It is asked after each failed attempt while attempts and time are left. Two repairs are not its business, since the
/// service has refused the request for sure: a signature dated by a wrong clock, and a temporary credential that has
/// expired. Each is mended and repeated once in a call.
///
/// ```
/// use ack_client::retry::{FailedAttempt, RetryPolicy, StandardRetry};
///
/// /// The standard policy, but a gateway that is known to pass on nothing while it answers 502 is tried again.
/// #[derive(Debug)]
/// struct TrustedGateway;
///
/// impl RetryPolicy for TrustedGateway {
///     fn may_retry(&self, failed: &FailedAttempt<'_>) -> bool {
///         let bad_gateway = failed.error.status().is_some_and(|status| status.as_u16() == 502);
///         bad_gateway || StandardRetry.may_retry(failed)
///     }
/// }
///
/// let client = ack_client::Client::builder().region("cn-hangzhou").retry_policy(TrustedGateway).build()?;
/// # let _ = client;
/// # Ok::<(), ack_client::Error>(())
/// ```
pub trait RetryPolicy: fmt::Debug + Send + Sync {
    /// Whether the call may be made again.
    fn may_retry(&self, failed: &FailedAttempt<'_>) -> bool;
}

/// One attempt that failed, as policies see it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FailedAttempt<'a> {
    /// The operation that was called. [`Operation::idempotent`] says whether repeating it has no further effect.
    pub operation: &'a Operation,
    /// What failed.
    pub error: &'a Error,
    /// Which attempt it was, counted from 1.
    pub attempt: u32,
    /// The time since the call began.
    pub elapsed: Duration,
}

/// Repeats what is worth repeating, but never what could happen twice by it. The default.
///
/// | failure | operation idempotent | not idempotent |
/// |---|---|---|
/// | no connection came about ([`Error::is_connect`]) | repeated | repeated |
/// | refused by flow control ([`Error::is_throttled`]), with HTTP 400, 429 or another 4xx, or by its code with HTTP 503 | repeated | repeated |
/// | flow control with any other HTTP 5xx, or with HTTP 503 and no such code | repeated | not repeated |
/// | any other HTTP 5xx but 501 and 505; HTTP 408 | repeated | not repeated |
/// | connection lost, answer cut off, attempt out of time | repeated | not repeated |
/// | a nonce that the service has seen (`SignatureNonceUsed`) | repeated | not repeated |
/// | everything else, a certificate that is not trusted among it | not repeated | not repeated |
///
/// An operation is idempotent if the spec says so ([`Operation::idempotent`]) or if its method is GET.
///
/// The right column holds only failures after which the service cannot have accepted the request, as
/// [`Error::may_have_taken_effect`] decides it. Without a connection nothing was sent. Flow control refuses at the gateway, before the service sees the request; it is known by the codes
/// `Throttling`, `Throttling.*` and `Rejected.Throttling` (with HTTP 400 as often as not), by HTTP 429, and by a wait
/// in `x-acs-retry-after`, which the official SDKs take for throttling on any error.
/// HTTP 503 without such a code proves nothing of the kind, even with `ServiceUnavailable` or a wait: a load balancer
/// answers so, too, when it has lost a server that had the request already. And a nonce that was seen before means that a copy of
/// the request has arrived, so that one may have been accepted.
#[derive(Clone, Copy, Debug, Default)]
pub struct StandardRetry;

/// Repeats nothing. A wrong clock and an expired credential are still mended, unless
/// [`max_attempts(1)`](crate::ClientBuilder::max_attempts) forbids that as well.
#[derive(Clone, Copy, Debug, Default)]
pub struct NeverRetry;

impl RetryPolicy for StandardRetry {
    fn may_retry(&self, failed: &FailedAttempt<'_>) -> bool {
        let is_idempotent = failed.operation.idempotent || failed.operation.method == "GET";
        failed.error.is_transient() && (is_idempotent || !failed.error.may_have_taken_effect())
    }
}

impl RetryPolicy for NeverRetry {
    fn may_retry(&self, _failed: &FailedAttempt<'_>) -> bool {
        false
    }
}

impl<T: RetryPolicy + ?Sized> RetryPolicy for Arc<T> {
    fn may_retry(&self, failed: &FailedAttempt<'_>) -> bool {
        (**self).may_retry(failed)
    }
}
