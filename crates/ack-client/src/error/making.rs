//! How the crate makes its errors.

use std::error::Error as StdError;
use std::time::Duration;

use ack_models::Operation;
use http::header::{DATE, LOCATION};
use url::Url;

use super::text::chain;
use super::{Error, Exhausted, Inner, Kind, Scope, Stage};
use crate::runtime::{Answer, ServiceError, TransportFailure};

impl Error {
    pub(crate) fn invalid_input(field: &str, value: &str, problem: &str, remedy: &str) -> Self {
        let mut error = Self::unset(field, problem, remedy);
        if let Kind::InvalidInput { value: shown, .. } = &mut error.0.kind {
            *shown = Some(value.chars().take(80).collect());
        }
        error
    }

    /// [`invalid_input`](Self::invalid_input) without a value, because there is none or because it must not be shown.
    pub(crate) fn unset(field: &str, problem: &str, remedy: &str) -> Self {
        let [field, problem, remedy] = [field, problem, remedy].map(str::to_owned);
        Self::new(Kind::InvalidInput { field, value: None, problem, remedy })
    }

    pub(crate) fn unencodable(what: &str) -> Self {
        Self::unset("request", &format!("cannot be written as JSON: {what}"), "pass plain values")
    }

    pub(crate) fn set_up(what: &'static str, cause: &dyn StdError) -> Self {
        Self::new(Kind::SetUp { what, cause: chain(cause) })
    }

    pub(crate) fn credentials(source: ack_auth::Error) -> Self {
        Self::new(Kind::Credentials(source))
    }

    pub(crate) fn timed_out(stage: Stage, scope: Scope, limit: Duration) -> Self {
        Self::new(Kind::TimedOut { stage, scope, limit })
    }

    pub(crate) fn transport(failure: TransportFailure) -> Self {
        Self::new(Kind::Transport(failure))
    }

    /// A refusal: a status that is no success, with whatever its body said.
    pub(crate) fn service(said: ServiceError, answer: &Answer) -> Self {
        let mut error = Self::unreadable(answer);
        if answer.status.is_redirection()
            && let Some(location) = answer.header(&LOCATION)
        {
            error.0.kind = Kind::Redirected(redirect_host(location));
        } else if said != ServiceError::default() {
            error.0.request_id = error.0.request_id.or_else(|| said.request_id.clone());
            error.0.kind = Kind::Service(said);
        }
        error
    }

    pub(crate) fn unreadable(answer: &Answer) -> Self {
        Self::new(Kind::Unreadable(answer.content_coding())).with_answer(answer)
    }

    pub(crate) fn decode(source: ack_codec::Error, answer: &Answer) -> Self {
        Self::new(Kind::Decode(source)).with_answer(answer)
    }

    /// A body that came without an exchange.
    #[cfg(feature = "by-name")]
    pub(crate) fn decode_alone(source: ack_codec::Error) -> Self {
        Self::new(Kind::Decode(source))
    }

    pub(crate) fn body_too_large(limit: usize, answer: &Answer) -> Self {
        Self::new(Kind::BodyTooLarge(limit)).with_answer(answer)
    }

    pub(crate) fn page_limit(limit: usize) -> Self {
        Self::new(Kind::PageLimit(limit))
    }

    pub(crate) fn page_repeated(name: &'static str, value: &str) -> Self {
        Self::new(Kind::PageRepeated { name, value: value.chars().take(80).collect() })
    }

    pub(crate) fn with_answer(mut self, answer: &Answer) -> Self {
        self.0.status = Some(answer.status);
        self.0.request_id = answer.request_id();
        self.0.body_start = answer.content_coding().is_none().then(|| answer.body_start());
        self.0.date = answer.header(&DATE).map(str::to_owned);
        self.0.retry_after = answer.retry_after();
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// How often the request was sent, and how long that took.
    pub(crate) fn with_effort(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = Some(elapsed);
        self
    }

    pub(crate) fn with_exhausted(mut self, exhausted: Option<Exhausted>) -> Self {
        self.0.exhausted = exhausted;
        self
    }

    /// What the attempt before failed with, for an attempt that ended without an answer of its own.
    pub(crate) fn with_earlier(mut self, earlier: Option<&Self>) -> Self {
        self.0.earlier = earlier.map(Self::cause);
        self
    }

    pub(crate) fn with_unclear_attempts(mut self, some: bool) -> Self {
        self.0.earlier_is_unclear = some;
        self
    }

    fn new(kind: Kind) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            status: None,
            request_id: None,
            body_start: None,
            date: None,
            retry_after: None,
            attempts: 0,
            elapsed: None,
            exhausted: None,
            earlier: None,
            earlier_is_unclear: false,
        }))
    }
}

/// The host alone: path and query may hold what was sent, and are somebody else's words.
fn redirect_host(location: &str) -> Option<String> {
    // A relative location stays with the host; one that begins with two slashes names another.
    let url = match location.strip_prefix("//") {
        Some(rest) => Url::parse(&format!("https://{rest}")),
        None => Url::parse(location),
    };
    let url = url.ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
