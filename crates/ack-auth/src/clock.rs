//! The time a request is dated with, injectable so that a signature can be reproduced.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// Where the date of a signature comes from.
///
/// The service refuses requests whose `x-acs-date` is more than 15 minutes from its own time, so a
/// client on a machine with a wrong clock may implement this with a corrected one.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present time. Only whole seconds reach the wire.
    fn now(&self) -> SystemTime;
}

/// The clock of the operating system: [`SystemTime::now`].
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// A clock that stands still, for tests and for reproducing a signature.
///
/// ```
/// use ack_auth::{Clock, FixedClock};
/// use std::time::{Duration, SystemTime};
///
/// let instant = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
/// assert_eq!(FixedClock(instant).now(), instant);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(
    /// The time to tell.
    pub SystemTime,
);

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

impl Clock for FixedClock {
    fn now(&self) -> SystemTime {
        self.0
    }
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }
}
