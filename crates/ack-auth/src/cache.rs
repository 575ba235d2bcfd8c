//! Keeps a credential until shortly before it expires.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::{Clock, Credential, CredentialFuture, Credentials, Error};

const LARGEST_MARGIN: Duration = Duration::from_secs(15 * 60);
const LASTING: Duration = Duration::from_secs(5 * 60);
const PAUSE: Duration = Duration::from_secs(10);

/// Keeps what another source gave and asks it again in time.
///
/// * A credential with an expiration is renewed ahead of it: by 15 minutes, or by a quarter of the
///   time it had left when it was fetched if that is less (STS grants sessions as short as 15
///   minutes).
/// * A credential without one is asked for again after five minutes, so that a key replaced in a
///   file or variable is noticed.
/// * Callers at the same time make one refresh between them. While it runs, those who find the old
///   credential still valid are given that; the others wait, and share the outcome even when it is
///   a failure.
/// * A failure is never kept: the next caller asks again. While the old credential is still valid it
///   is given instead of the failure, and the source is left alone for ten seconds. One exception: a
///   lasting key whose source says [`Error::is_not_configured`] was taken away, and is not used on.
/// * A credential that the service [refused](Credentials::refused) is dropped, and the source is told.
///
/// ```
/// use ack_auth::{CachedCredentials, StaticCredentials, SystemClock};
///
/// let source = StaticCredentials::access_key("LTAI5tExampleabcd", "placeholder")?;
/// let cached = CachedCredentials::new(source, SystemClock);
/// # let _ = cached;
/// # Ok::<(), ack_auth::Error>(())
/// ```
pub struct CachedCredentials<S> {
    source: S,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    refresh: futures_util::lock::Mutex<()>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// How many refreshes have ended.
    ended: u64,
    /// Why the last of them failed, for those who waited for it.
    failure: Option<Error>,
}

struct Kept {
    credential: Credential,
    refresh_at: SystemTime,
}

impl<S: Credentials> CachedCredentials<S> {
    /// Keeps what `source` gives, by the time that `clock` tells.
    pub fn new(source: S, clock: impl Clock + 'static) -> Self {
        Self { source, clock: Arc::new(clock), state: Mutex::default(), refresh: futures_util::lock::Mutex::new(()) }
    }

    /// The source behind the cache.
    pub fn source(&self) -> &S {
        &self.source
    }

    async fn current(&self) -> Result<Credential, Error> {
        let (valid, ended) = {
            let state = self.state();
            let now = self.clock.now();
            if let Some(fresh) = state.fresh(now) {
                return Ok(fresh);
            }
            (state.valid(now), state.ended)
        };
        let _alone = match (self.refresh.try_lock(), valid) {
            (Some(guard), _) => guard,
            (None, Some(valid)) => return Ok(valid),
            (None, None) => self.refresh.lock().await,
        };
        {
            let state = self.state();
            if let Some(fresh) = state.fresh(self.clock.now()) {
                return Ok(fresh);
            }
            if let Some(failure) = state.failure.as_ref().filter(|_| state.ended != ended) {
                return Err(failure.clone());
            }
        }
        let outcome = self.source.credential().await;
        self.state().settle(outcome, self.clock.now())
    }

    /// A panic elsewhere leaves the state whole, since each change of it is one assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Credentials> Credentials for CachedCredentials<S> {
    fn credential(&self) -> CredentialFuture<'_> {
        Box::pin(self.current())
    }

    fn refused(&self, credential: &Credential) {
        {
            let mut state = self.state();
            let is_same = |kept: &Kept| kept.credential.access_key_id() == credential.access_key_id();
            if state.kept.as_ref().is_some_and(is_same) {
                state.kept = None;
            }
        }
        self.source.refused(credential);
    }
}

/// Shows the source alone.
impl<S: fmt::Debug> fmt::Debug for CachedCredentials<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedCredentials").field("source", &self.source).finish_non_exhaustive()
    }
}

impl State {
    fn fresh(&self, now: SystemTime) -> Option<Credential> {
        self.kept.as_ref().filter(|kept| now < kept.refresh_at).map(|kept| kept.credential.clone())
    }

    fn valid(&self, now: SystemTime) -> Option<Credential> {
        let credential = &self.kept.as_ref()?.credential;
        credential.expiration().is_none_or(|expiration| now < expiration).then(|| credential.clone())
    }

    fn settle(&mut self, outcome: Result<Credential, Error>, now: SystemTime) -> Result<Credential, Error> {
        self.ended = self.ended.wrapping_add(1);
        self.failure = None;
        let error = match outcome {
            Ok(credential) => {
                self.kept = Some(Kept { credential: credential.clone(), refresh_at: refresh_at(&credential, now) });
                return Ok(credential);
            }
            Err(error) => error,
        };
        let was_taken_away = |old: &Credential| old.expiration().is_none() && error.is_not_configured();
        let Some(old) = self.valid(now).filter(|old| !was_taken_away(old)) else {
            self.kept = None;
            self.failure = Some(error.clone());
            return Err(error);
        };
        self.kept = Some(Kept { credential: old.clone(), refresh_at: now.checked_add(PAUSE).unwrap_or(now) });
        Ok(old)
    }
}

fn refresh_at(credential: &Credential, now: SystemTime) -> SystemTime {
    let Some(expiration) = credential.expiration() else {
        return now.checked_add(LASTING).unwrap_or(now);
    };
    let left = expiration.duration_since(now).unwrap_or_default();
    expiration.checked_sub((left / 4).min(LARGEST_MARGIN)).unwrap_or(expiration)
}

#[cfg(test)]
mod tests;
