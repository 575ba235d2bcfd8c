//! How many requests are under way at once.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::Error;

/// How many requests may be under way at once, from the first byte sent to the last one read. First come, first served.
///
/// The default is [`DEFAULT`](Self::DEFAULT). It bounds connections, and the memory that answers take while they are
/// read. Clones share the limit.
#[derive(Clone)]
pub struct ConcurrencyLimit {
    permits: Option<Arc<Semaphore>>,
    most: usize,
}

impl ConcurrencyLimit {
    /// The requests that may be under way at once unless set.
    pub const DEFAULT: usize = 64;

    /// At most this many at once.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] for 0, with which nothing would ever be sent.
    pub fn new(most: usize) -> Result<Self, Error> {
        match most {
            0 => {
                let remedy = "allow at least 1, or use ConcurrencyLimit::unlimited()";
                Err(Error::invalid_input("concurrency_limit", "0", "sends nothing", remedy))
            }
            _ => Ok(Self::of(most)),
        }
    }

    /// No limit.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { permits: None, most: usize::MAX }
    }

    /// The turn to send, held until the permit is dropped.
    pub(crate) async fn acquire(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so the only error there is cannot happen.
        self.permits.as_ref()?.acquire().await.ok()
    }

    fn of(most: usize) -> Self {
        let most = most.min(Semaphore::MAX_PERMITS);
        Self { permits: Some(Arc::new(Semaphore::new(most))), most }
    }
}

impl Default for ConcurrencyLimit {
    fn default() -> Self {
        Self::of(Self::DEFAULT)
    }
}

impl fmt::Debug for ConcurrencyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let free = self.permits.as_ref().map(|permits| permits.available_permits());
        let most = self.permits.as_ref().map(|_| self.most);
        f.debug_struct("ConcurrencyLimit").field("most", &most).field("free", &free).finish()
    }
}
