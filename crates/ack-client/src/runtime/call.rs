//! One call: as many attempts as it takes, and as policies and limits allow.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use ack_auth::Credential;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{Answer, Learned, Parts, Retry, spans};
use crate::client::Inner;
use crate::error::{Error, Exhausted, Scope, Stage};
use crate::retry::FailedAttempt;

/// A call under way.
pub(crate) struct Call<'a> {
    client: &'a Inner,
    parts: &'a Parts,
    started: Instant,
    /// None for a limit further away than the clock counts.
    deadline: Option<Instant>,
    /// The requests sent so far.
    attempts: u32,
    /// The wait before the attempt at hand.
    delay: Duration,
    /// What the attempt at hand was signed with, and when it went out.
    credential: Option<Credential>,
    sent: Option<Instant>,
    clock_corrected: bool,
    /// The credential that was refused as expired, if one was.
    expired: Option<Credential>,
    /// What the attempt before failed with.
    earlier: Option<Error>,
    /// Whether some attempt so far may have taken effect.
    is_unclear: bool,
}

/// What follows a failed attempt.
enum Next {
    Repeat { after: Duration, why: &'static str },
    Fail(Option<Exhausted>),
}

impl<'a> Call<'a> {
    pub(crate) fn new(client: &'a Inner, parts: &'a Parts) -> Self {
        let started = Instant::now();
        Self {
            client,
            parts,
            started,
            deadline: started.checked_add(client.timeout),
            attempts: 0,
            delay: Duration::ZERO,
            credential: None,
            sent: None,
            clock_corrected: false,
            expired: None,
            earlier: None,
            is_unclear: false,
        }
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Sends the request until it is answered or may not be repeated.
    pub(crate) async fn run(&mut self) -> Result<Answer, Error> {
        // Handed on, as asking for the time is not free: it is a device on some machines.
        let mut began = self.started;
        loop {
            let span = spans::attempt(self.client, self.parts, self.attempts);
            // Pinned here and below, as these futures are large and would be copied at every step of the way.
            let outcome = {
                let attempt = pin!(self.traced_attempt(&span, began));
                attempt.instrument(span.clone()).await
            };
            let error = match outcome {
                Ok(answer) => {
                    self.client.retries.throttle.succeeded(self.attempts);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let next = self.next(&error);
            self.is_unclear |= error.may_have_taken_effect();
            match next {
                Next::Repeat { after, why } => {
                    tracing::info!(
                        attempt = self.attempts,
                        delay_ms = spans::millis(after),
                        reason = why,
                        "error.type" = error.label(),
                        "repeating the call"
                    );
                    self.earlier = Some(error);
                    self.delay = after;
                    if !after.is_zero() {
                        tokio::time::sleep(after).await;
                    }
                    began = Instant::now();
                }
                Next::Fail(exhausted) => {
                    return Err(self.last_word(error, exhausted).with_unclear_attempts(self.is_unclear));
                }
            }
        }
    }

    /// What the call fails with.
    fn last_word(&mut self, error: Error, exhausted: Option<Exhausted>) -> Error {
        match self.earlier.take() {
            // Nothing was sent any more, so what the service said before is what there is to know.
            Some(earlier) if error.is_out_of_turn() => {
                earlier.with_exhausted(Some(Exhausted::Turn { limit: self.client.timeout }))
            }
            // An error with an answer speaks for itself.
            earlier => {
                let earlier = earlier.filter(|_| error.is_timeout());
                error.with_exhausted(exhausted).with_earlier(earlier.as_ref())
            }
        }
    }

    async fn traced_attempt(&mut self, span: &tracing::Span, began: Instant) -> Result<Answer, Error> {
        let outcome = self.attempt().await;
        spans::ended(span, &outcome, began);
        outcome
    }

    /// One request: its turn, credentials, signature, exchange.
    async fn attempt(&mut self) -> Result<Answer, Error> {
        let client = self.client;
        (self.credential, self.sent) = (None, None);
        let turn = pin!(async {
            let permit = client.limiters.concurrency.acquire().await;
            client.limiters.rate.acquire(self.deadline).await.then_some(permit)
        });
        let out_of_turn = || Error::timed_out(Stage::Turn, Scope::Call, client.timeout);
        let _permit = self.soon(Stage::Turn, turn).await?.ok_or_else(out_of_turn)?;
        let credential = self.soon(Stage::Credentials, client.credentials.credential()).await?;
        let credential = credential.map_err(Error::credentials)?;
        if let (Some(expired), Some(_)) = (&self.expired, &self.earlier)
            && expired.access_key_id() == credential.access_key_id()
            && let Some(error) = self.earlier.take()
        {
            // There is no other credential to be had, so the refusal stands.
            return Err(error);
        }
        // Everything that may take time is behind, so that the date is that of the request.
        let nonce = client.nonces.nonce().map_err(Error::credentials)?;
        let date = client.skew.apply(client.clock.now());
        let retry = (self.attempts > 0).then_some(Retry { number: self.attempts, delay: self.delay });
        let signed = self.parts.sign(client, &credential, date, &nonce, retry)?;
        let now = Instant::now();
        self.credential = Some(credential);
        self.sent = Some(now);
        self.attempts = self.attempts.saturating_add(1);
        let exchange = pin!(client.transport.send(&client.endpoint, self.parts, signed, client.max_body_bytes));
        let answer = self.within_attempt(now, exchange).await??;
        if answer.status.is_success() { Ok(answer) } else { Err(answer.into_error()) }
    }

    fn next(&mut self, error: &Error) -> Next {
        let retries = &self.client.retries;
        if error.is_throttled()
            && let Some(sent) = self.sent
        {
            self.client.limiters.rate.throttled(sent);
        }
        if error.is_call_timeout() {
            return Next::Fail(None);
        }
        let repair = self.repair(error);
        if repair.is_none() {
            let failed = self.failed(error);
            if retries.max_attempts <= 1 || !retries.policy.may_retry(&failed) {
                return Next::Fail(None);
            }
        }
        if self.attempts >= retries.max_attempts {
            return Next::Fail((retries.max_attempts > 1).then_some(Exhausted::Attempts(retries.max_attempts)));
        }
        if let Some(why) = repair {
            return Next::Repeat { after: Duration::ZERO, why };
        }
        let (after, why) = match error.retry_after() {
            Some(hint) => (hint.min(retries.max_retry_after), "the service asked to wait"),
            None => (retries.backoff.delay(self.attempts), "the failure may pass"),
        };
        let in_time = self
            .deadline
            .is_none_or(|deadline| Instant::now().checked_add(after).is_some_and(|resumed| resumed < deadline));
        if !in_time {
            return Next::Fail(Some(Exhausted::Time { wait: after, limit: self.client.timeout }));
        }
        if !retries.throttle.permit(&self.failed(error)) {
            return Next::Fail(Some(Exhausted::Budget));
        }
        Next::Repeat { after, why }
    }

    /// Sets right what made the service refuse the signature, once for each cause. Such a request was not accepted, so
    /// that any method may be repeated.
    fn repair(&mut self, error: &Error) -> Option<&'static str> {
        if error.is_bad_date() && self.client.retries.correct_clock_skew && !self.clock_corrected {
            self.clock_corrected = true;
            return match self.client.skew.learn(self.client.clock.now(), error.date()) {
                Learned::Corrected(seconds) => {
                    tracing::warn!(seconds, "this machine's clock is wrong: signatures are dated by the service's");
                    Some("the date of the signature is corrected")
                }
                Learned::Absurd(seconds) => {
                    tracing::warn!(
                        seconds,
                        "the service's date is too far away to be believed: set this machine's clock"
                    );
                    None
                }
                Learned::Nothing => None,
            };
        }
        if error.is_expired_token() && self.expired.is_none() {
            let credential = self.credential.take()?;
            tracing::info!("the temporary credential has expired: another one is asked for");
            self.client.credentials.refused(&credential);
            self.expired = Some(credential);
            return Some("another credential is used");
        }
        None
    }

    fn failed<'e>(&self, error: &'e Error) -> FailedAttempt<'e>
    where
        'a: 'e,
    {
        FailedAttempt { operation: self.parts.operation, error, attempt: self.attempts, elapsed: self.elapsed() }
    }

    /// What is mostly there at once, within the time of the call. A timer is made only for what is not.
    async fn soon<T>(&self, stage: Stage, mut work: impl Future<Output = T> + Unpin) -> Result<T, Error> {
        match poll_fn(|context| Poll::Ready(Pin::new(&mut work).poll(context))).await {
            Poll::Ready(done) => Ok(done),
            Poll::Pending => self.within_call(stage, work).await,
        }
    }

    async fn within_call<T>(&self, stage: Stage, work: impl Future<Output = T>) -> Result<T, Error> {
        let limit = self.client.timeout;
        match self.deadline {
            None => Ok(work.await),
            Some(deadline) => {
                tokio::time::timeout_at(deadline, work).await.map_err(|_| Error::timed_out(stage, Scope::Call, limit))
            }
        }
    }

    /// The attempt's own limit, or the call's if that comes first.
    async fn within_attempt<T>(&self, now: Instant, exchange: impl Future<Output = T>) -> Result<T, Error> {
        let own = self.client.retries.attempt_timeout;
        let ends = own.and_then(|limit| now.checked_add(limit)).zip(own);
        match ends {
            Some((end, limit)) if self.deadline.is_none_or(|deadline| end < deadline) => {
                tokio::time::timeout_at(end, exchange)
                    .await
                    .map_err(|_| Error::timed_out(Stage::Answer, Scope::Attempt, limit))
            }
            _ => self.within_call(Stage::Answer, exchange).await,
        }
    }
}
