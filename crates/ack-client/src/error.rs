//! The one error type of this crate.

use std::error::Error as StdError;
use std::time::Duration;

use ack_models::Operation;
use http::StatusCode;

use crate::runtime::{ServiceError, TransportFailure};

mod making;
mod predicates;
mod recorded;
mod text;

pub(crate) use text::chain;

/// Why a client could not be built or a call failed.
///
/// Its text is one sentence with the operation, the attempts and the time they took, what went wrong, the request id where
/// there is one, and what to do. Code decides by the predicates:
///
/// | predicate | what happened | what to do |
/// |---|---|---|
/// | [`is_invalid_input`](Self::is_invalid_input) | refused before anything was sent | correct what the text names |
/// | [`is_credentials`](Self::is_credentials) | no usable keys, or the request could not be signed | set the keys as the text says |
/// | [`is_not_found`](Self::is_not_found) | the service does not know the thing | check the ID and the region |
/// | [`is_forbidden`](Self::is_forbidden) | the keys may not do this | allow the RAM action, see [`denied_action`](Self::denied_action) |
/// | [`is_bad_signature`](Self::is_bad_signature) | the service does not accept key, signature, date or token | check the keys and the clock |
/// | [`is_throttled`](Self::is_throttled) | too many calls | wait ([`retry_after`](Self::retry_after)) and repeat |
/// | [`is_server`](Self::is_server) | HTTP 5xx | repeat reads; before repeating anything else look what happened |
/// | [`is_timeout`](Self::is_timeout) | no complete answer in time | the same |
/// | [`is_transport`](Self::is_transport) | connection, name or TLS trouble | the same; [`is_connect`](Self::is_connect) means nothing was sent |
/// | [`is_certificate`](Self::is_certificate) | the certificate of the other side is not trusted | find out who answers there; trust its certificate authority if that is right |
/// | [`is_redirect`](Self::is_redirect) | the service, or a proxy, points elsewhere; nothing was sent there | check the endpoint and the network |
/// | [`is_decode`](Self::is_decode) | a success whose body does not fit the model, or is compressed | report it with [`body_start`](Self::body_start) and the request id |
/// | [`is_body_too_large`](Self::is_body_too_large) | an answer over the limit | ask for less at a time, or raise the limit |
/// | [`is_page_limit`](Self::is_page_limit) | a list of more pages than the limit | narrow the query, or raise the limit |
/// | [`is_page_repeated`](Self::is_page_repeated) | the service goes round in circles | list anew; report it if it stays |
///
/// and three that go across these:
///
/// | predicate | what it says | what to do |
/// |---|---|---|
/// | [`is_transient`](Self::is_transient) | the same call may succeed later | repeat it later if that is safe |
/// | [`may_have_taken_effect`](Self::may_have_taken_effect) | the service may have done what it was asked | look before repeating what is not idempotent |
/// | [`is_retries_exhausted`](Self::is_retries_exhausted) | it was repeated, to the limits | wait longer, or raise what the text names |
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    operation: Option<&'static Operation>,
    status: Option<StatusCode>,
    request_id: Option<String>,
    body_start: Option<String>,
    /// The header `date` of the answer, as it came.
    date: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    elapsed: Option<Duration>,
    exhausted: Option<Exhausted>,
    /// What the attempt before failed with.
    earlier: Option<String>,
    /// Whether some attempt before the last may have taken effect.
    earlier_is_unclear: bool,
}

#[derive(Debug)]
enum Kind {
    InvalidInput {
        field: String,
        value: Option<String>,
        problem: String,
        remedy: String,
    },
    SetUp {
        what: &'static str,
        cause: String,
    },
    Credentials(ack_auth::Error),
    TimedOut {
        stage: Stage,
        scope: Scope,
        limit: Duration,
    },
    Transport(TransportFailure),
    Service(ServiceError),
    /// To the host, if the answer names one.
    Redirected(Option<String>),
    /// Under this content coding, if the body is compressed.
    Unreadable(Option<String>),
    Decode(ack_codec::Error),
    BodyTooLarge(usize),
    PageLimit(usize),
    PageRepeated {
        name: &'static str,
        value: String,
    },
}

/// What a call was waiting for when its time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Turn,
    Credentials,
    Answer,
}

/// Whose time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Attempt,
    Call,
}

/// Why a failure that could have been repeated was not repeated any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exhausted {
    /// All attempts are made.
    Attempts(u32),
    /// The wait before the next attempt would not fit into the time of the call.
    Time { wait: Duration, limit: Duration },
    /// The next attempt did not get its turn under the client's own limits within the time of the call.
    Turn { limit: Duration },
    /// The throttle let no further retry pass.
    Budget,
}

impl Error {
    /// The operation that failed, such as `GetUpgradeStatus`; `None` while building a client.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.map(|operation| operation.id)
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The service's error code, such as `ErrorClusterNotFound`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.said()?.code.as_deref()
    }

    /// The service's own words.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.said()?.message.as_deref()
    }

    /// The ID of the request, to quote to the vendor's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The RAM action a policy would have to allow, such as `cs:UpgradeCluster`, if the refusal names it: in the field
    /// `AccessDeniedDetail.AuthAction`, or else in its message.
    #[must_use]
    pub fn denied_action(&self) -> Option<&str> {
        self.said()?.denied_action.as_deref()
    }

    /// The first characters of the answer's body, as text; at most 512 of them.
    #[must_use]
    pub fn body_start(&self) -> Option<&str> {
        self.0.body_start.as_deref()
    }

    /// How often the request was sent. 0 if something stopped the call before.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the service asked to wait before the next call, in the header `x-acs-retry-after` of its answer. It
    /// counts in milliseconds there; what is no whole number above zero counts as no hint.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How long the call took until it failed, with all attempts and waits.
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    pub(crate) fn known_operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }

    pub(crate) fn said(&self) -> Option<&ServiceError> {
        match &self.0.kind {
            Kind::Service(said) => Some(said),
            _ => None,
        }
    }

    /// The answer's `date` header.
    pub(crate) fn date(&self) -> Option<&str> {
        self.0.date.as_deref()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            Kind::Credentials(source) => Some(source),
            Kind::Transport(failure) => Some(&*failure.source),
            Kind::Decode(source) => Some(source),
            _ => None,
        }
    }
}
