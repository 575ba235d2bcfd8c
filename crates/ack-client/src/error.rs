//! The one error type of this crate.

use std::error::Error as StdError;
use std::time::Duration;

use http::StatusCode;

use crate::runtime::{Answer, ServiceError};

mod recorded;
mod text;

pub(crate) use text::chain;

/// Why a client could not be built or a call failed.
///
/// Its text is one sentence with the operation, what went wrong, the request id where there is one, and what to do.
/// Code decides by the predicates:
///
/// | predicate | what happened | what to do |
/// |---|---|---|
/// | [`is_invalid_input`](Self::is_invalid_input) | refused before anything was sent | correct what the text names |
/// | [`is_credentials`](Self::is_credentials) | no usable keys, or the request could not be signed | set the keys as the text says |
/// | [`is_not_found`](Self::is_not_found) | the service does not know the thing | check the ID and the region |
/// | [`is_forbidden`](Self::is_forbidden) | the keys may not do this | allow the RAM action, see [`denied_action`](Self::denied_action) |
/// | [`is_throttled`](Self::is_throttled) | too many calls | wait and repeat |
/// | [`is_timeout`](Self::is_timeout) | no complete answer in time | repeat reads; before repeating anything else look what happened |
/// | [`is_transport`](Self::is_transport) | connection, name or TLS trouble | as for a timeout; [`is_connect`](Self::is_connect) means nothing was sent |
/// | [`is_decode`](Self::is_decode) | a success whose body does not fit the model | report it with [`body_start`](Self::body_start) and the request id |
/// | [`is_body_too_large`](Self::is_body_too_large) | an answer over the limit | ask for less at a time, or raise the limit |
/// | [`is_page_limit`](Self::is_page_limit) | a list of more pages than the limit | narrow the query, or raise the limit |
/// | [`is_page_repeated`](Self::is_page_repeated) | the service goes round in circles | list anew; report it if it stays |
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    request_id: Option<String>,
    body_start: Option<String>,
    elapsed: Option<Duration>,
}

#[derive(Debug)]
enum Kind {
    InvalidInput { field: String, value: Option<String>, problem: String, remedy: String },
    SetUp { what: &'static str, cause: String },
    Credentials(ack_auth::Error),
    TimedOut(Duration),
    Transport { source: reqwest::Error, in_body: bool },
    Service(ServiceError),
    Unreadable,
    Decode(ack_codec::Error),
    BodyTooLarge(usize),
    PageLimit(usize),
    PageRepeated { name: &'static str, value: String },
}

impl Error {
    /// An argument or a setting was refused before anything was sent. The text names field, value and remedy.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidInput { .. })
    }

    /// There are no usable credentials, or signing failed; nothing was sent. The source is an
    /// [`ack_auth::Error`](crate::auth::Error).
    #[must_use]
    pub fn is_credentials(&self) -> bool {
        matches!(self.0.kind, Kind::Credentials(_))
    }

    /// The service does not know the cluster, task or other thing, at least not in this region.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.status == Some(StatusCode::NOT_FOUND) && !self.is_bad_signature()
            || self.code().is_some_and(|code| code.ends_with("NotFound") && !code.starts_with("Invalid"))
    }

    /// The credentials are good, but a RAM or STS policy does not allow the call.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.0.status == Some(StatusCode::FORBIDDEN)
            || self.code().is_some_and(|code| code.starts_with("Forbidden") || code == "NoPermission")
    }

    /// The service refused because of too many calls. ACK says so with HTTP 400 and a code as well as with HTTP 429.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.0.status == Some(StatusCode::TOO_MANY_REQUESTS)
            || self.code().is_some_and(|code| code.contains("Throttling"))
    }

    /// The service did not accept key, signature, date or token: `InvalidAccessKeyId.*`, `SignatureDoesNotMatch`,
    /// `SignatureNonceUsed`, `InvalidTimeStamp.*`, `InvalidSecurityToken.*` and their like. Check keys and clock.
    #[must_use]
    pub fn is_bad_signature(&self) -> bool {
        const PREFIXES: [&str; 6] = [
            "InvalidAccessKeyId",
            "InvalidAccessKeySecret",
            "Signature",
            "InvalidTimeStamp",
            "InvalidSecurityToken",
            "IncompleteSignature",
        ];
        self.code().is_some_and(|code| PREFIXES.iter().any(|prefix| code.starts_with(prefix)))
    }

    /// The service failed on its side: HTTP 5xx.
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.0.status.is_some_and(|status| status.is_server_error())
    }

    /// The time for the call, or for connecting, ran out. What the service did with the request is unknown unless
    /// [`is_connect`](Self::is_connect) holds.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match &self.0.kind {
            Kind::TimedOut(_) => true,
            Kind::Transport { source, .. } => source.is_timeout(),
            _ => false,
        }
    }

    /// The request or the answer was lost on the way: name resolution, connection, TLS, a reset, a cut-off body.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        matches!(self.0.kind, Kind::Transport { .. })
    }

    /// No connection came about, so the service cannot have seen the request.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(&self.0.kind, Kind::Transport { source, .. } if source.is_connect())
    }

    /// The service answered with success, but the body is neither JSON nor XML or does not fit the model. For a
    /// call that changes something this means that it was accepted.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        let success = self.0.status.is_some_and(|status| status.is_success());
        matches!(self.0.kind, Kind::Decode(_)) || matches!(self.0.kind, Kind::Unreadable) && success
    }

    /// The answer is larger than [`ClientBuilder::max_body_bytes`](crate::ClientBuilder::max_body_bytes).
    #[must_use]
    pub fn is_body_too_large(&self) -> bool {
        matches!(self.0.kind, Kind::BodyTooLarge(_))
    }

    /// A list has more pages than [`Pages::limit_pages`](crate::Pages::limit_pages) allows. The pages before are good.
    #[must_use]
    pub fn is_page_limit(&self) -> bool {
        matches!(self.0.kind, Kind::PageLimit(_))
    }

    /// The service answered with a page number that does not go on, or with a token it had given before. The pages
    /// before are good, but the list is not complete.
    #[must_use]
    pub fn is_page_repeated(&self) -> bool {
        matches!(self.0.kind, Kind::PageRepeated { .. })
    }

    /// The operation that failed, such as `GetUpgradeStatus`; `None` while building a client.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
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

    /// The RAM action a policy would have to allow, such as `cs:UpgradeCluster`, if the refusal names it.
    #[must_use]
    pub fn denied_action(&self) -> Option<&str> {
        self.said()?.denied_action.as_deref()
    }

    /// The first characters of the answer's body, as text; at most 512 of them.
    #[must_use]
    pub fn body_start(&self) -> Option<&str> {
        self.0.body_start.as_deref()
    }

    /// How long the call took until it failed.
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    fn said(&self) -> Option<&ServiceError> {
        match &self.0.kind {
            Kind::Service(said) => Some(said),
            _ => None,
        }
    }
}

impl Error {
    fn new(kind: Kind) -> Self {
        Self(Box::new(Inner { kind, operation: None, status: None, request_id: None, body_start: None, elapsed: None }))
    }

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

    pub(crate) fn timed_out(limit: Duration) -> Self {
        Self::new(Kind::TimedOut(limit))
    }

    pub(crate) fn transport(source: reqwest::Error, in_body: bool) -> Self {
        Self::new(Kind::Transport { source: source.without_url(), in_body })
    }

    /// A refusal: a status that is no success, with whatever its body said.
    pub(crate) fn service(said: ServiceError, answer: &Answer) -> Self {
        let mut error = Self::new(Kind::Unreadable).with_answer(answer);
        if said != ServiceError::default() {
            error.0.request_id = error.0.request_id.or_else(|| said.request_id.clone());
            error.0.kind = Kind::Service(said);
        }
        error
    }

    pub(crate) fn unreadable(answer: &Answer) -> Self {
        Self::new(Kind::Unreadable).with_answer(answer)
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
        self.0.body_start = Some(answer.body_start());
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn with_elapsed(mut self, elapsed: Duration) -> Self {
        self.0.elapsed = Some(elapsed);
        self
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            Kind::Credentials(source) => Some(source),
            Kind::Transport { source, .. } => Some(source),
            Kind::Decode(source) => Some(source),
            _ => None,
        }
    }
}
