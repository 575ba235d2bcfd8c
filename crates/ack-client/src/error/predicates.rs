//! What sort of failure an error is. Each predicate says what to do about it.

use http::StatusCode;

use super::{Error, Kind, Scope, Stage};
use crate::runtime::Lost;

impl Error {
    /// An argument or a setting was refused before anything was sent. Correct what the text names; repeating the call as
    /// it is gives the same error.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidInput { .. })
    }

    /// There are no usable credentials, or signing failed; nothing was sent. The source is an
    /// [`ack_auth::Error`](crate::auth::Error), which names the variable, file or service at fault: set it right there.
    #[must_use]
    pub fn is_credentials(&self) -> bool {
        matches!(self.0.kind, Kind::Credentials(_))
    }

    /// The service does not know the cluster, task or other thing, at least not in this region. Check the ID, and that
    /// the client is one of the thing's own region. After a repeated deletion it is what success looks like.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.status == Some(StatusCode::NOT_FOUND) && !self.is_bad_signature()
            || self.code().is_some_and(|code| code.ends_with("NotFound") && !code.starts_with("Invalid"))
    }

    /// The credentials are good, but a RAM or STS policy does not allow the call. Allow the RAM action of
    /// [`denied_action`](Self::denied_action), on the cluster or on all.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.0.status == Some(StatusCode::FORBIDDEN)
            || self.code().is_some_and(|code| {
                code.starts_with("Forbidden") || matches!(code, "NoPermission" | "StatusForbidden" | "ErrorCheckAcl")
            })
    }

    /// The service refused because of too many calls: a code with `Throttling` (often with HTTP 400), HTTP 429, or
    /// any error with a wait in `x-acs-retry-after`. Wait as long as [`retry_after`](Self::retry_after) says, make fewer
    /// calls at once, or have the quota raised. The request was not accepted, unless
    /// [`may_have_taken_effect`](Self::may_have_taken_effect) holds, as with most of HTTP 5xx.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        let refused = self.0.status.is_some_and(|status| status.is_client_error() || status.is_server_error());
        self.0.status == Some(StatusCode::TOO_MANY_REQUESTS)
            || self.has_throttling_code()
            || refused && self.0.retry_after.is_some()
    }

    /// The service did not accept key, signature, date or token: `InvalidAccessKeyId.*`, `SignatureDoesNotMatch`,
    /// `SignatureNonceUsed`, `InvalidTimeStamp.*`, `InvalidSecurityToken.*` and their like. Check the keys, and the clock
    /// of this machine.
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

    /// The service, or something in front of it, failed on its side: HTTP 5xx. Repeat what only reads; before repeating
    /// anything else look what has happened.
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.0.status.is_some_and(|status| status.is_server_error())
    }

    /// Time ran out: for the call, for its last attempt, or for connecting. Repeat what only reads, with more time if the
    /// call is a slow one. Whether the service did what it was asked is unknown if
    /// [`may_have_taken_effect`](Self::may_have_taken_effect) holds: look before repeating anything else.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match &self.0.kind {
            Kind::TimedOut { .. } => true,
            Kind::Transport(failure) => failure.timed_out,
            _ => false,
        }
    }

    /// The request or the answer was lost on the way: name resolution, connection, TLS, a reset, a cut-off body. Repeat
    /// what only reads; look at the network, the proxy and the endpoint if it stays.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        matches!(self.0.kind, Kind::Transport(_))
    }

    /// No connection came about, so the service cannot have seen the request. Check the endpoint's name, the network and
    /// the proxy; anything may be repeated.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(&self.0.kind, Kind::Transport(failure) if failure.lost == Lost::Connecting)
    }

    /// No connection came about because the certificate of the other side is not trusted, has expired or is another
    /// host's. Repeating does not help. Check this machine's clock and who answers at the endpoint; if a proxy of one's own does,
    /// trust its certificate authority.
    #[must_use]
    pub fn is_certificate(&self) -> bool {
        matches!(&self.0.kind, Kind::Transport(failure) if failure.certificate)
    }

    /// The answer points elsewhere (HTTP 3xx). Redirects are never followed: the signature, and the security token of
    /// temporary credentials, would go to whoever answers there. The text names the host. Check the endpoint; behind a
    /// captive portal or a proxy that wants a sign-in, the network.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        matches!(self.0.kind, Kind::Redirected(_))
    }

    /// The service answered with success, but the body is neither JSON nor XML or does not fit the model. A body that is
    /// compressed, which requests ask not to be, is not unpacked, so that its size stays bounded; it counts as well. For a
    /// call that changes something this means that it was accepted. Report it, with [`body_start`](Self::body_start)
    /// and [`request_id`](Self::request_id).
    #[must_use]
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode(_)) || matches!(self.0.kind, Kind::Unreadable(_)) && self.is_success()
    }

    /// The answer is larger than [`ClientBuilder::max_body_bytes`](crate::ClientBuilder::max_body_bytes). Ask for less at
    /// a time, or raise the limit. A call that changes something was accepted if the [status](Self::status) is a success.
    #[must_use]
    pub fn is_body_too_large(&self) -> bool {
        matches!(self.0.kind, Kind::BodyTooLarge(_))
    }

    /// A list has more pages than [`Pages::limit_pages`](crate::Pages::limit_pages) allows. The pages before are good.
    /// Narrow the query, ask for larger pages, or raise the limit.
    #[must_use]
    pub fn is_page_limit(&self) -> bool {
        matches!(self.0.kind, Kind::PageLimit(_))
    }

    /// The service answered with a page number that does not go on, or with a token it had given before. The pages
    /// before are good, but the list is not complete: list anew, and report it if it stays.
    #[must_use]
    pub fn is_page_repeated(&self) -> bool {
        matches!(self.0.kind, Kind::PageRepeated { .. })
    }

    /// The same call may succeed later: throttling, HTTP 408 and 5xx (but 501 and 505), an attempt out of time, trouble on the way
    /// (but not with certificates), a nonce used before. Whether repeating it is safe is another question: see
    /// [`may_have_taken_effect`](Self::may_have_taken_effect) and [`Operation::idempotent`](ack_models::Operation::idempotent).
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match &self.0.kind {
            Kind::TimedOut { .. } => true,
            Kind::Transport(failure) => !failure.certificate,
            Kind::Service(_) | Kind::Unreadable(_) | Kind::BodyTooLarge(_) => {
                let passing = self.0.status.is_some_and(|status| match status {
                    StatusCode::REQUEST_TIMEOUT => true,
                    StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => false,
                    _ => status.is_server_error(),
                });
                passing || self.is_throttled() || self.is_nonce_used()
            }
            _ => false,
        }
    }

    /// The service may have done what it was asked, or has done it for certain (a success that could not be read). Before
    /// a call that is not idempotent is made again, look what has happened.
    ///
    /// What was sent and not refused for certain may have taken effect:
    ///
    /// | how it ended | may have taken effect |
    /// |---|---|
    /// | nothing was sent: bad input, no credentials, time out before the client's own limits gave it a turn | no |
    /// | no connection came about, its certificate was not trusted | no |
    /// | connection lost, answer cut off, no answer in time | yes |
    /// | HTTP 2xx that is no answer: unreadable, not of the model, too large | yes |
    /// | HTTP 3xx: a gateway may point on before the call or after it | yes |
    /// | HTTP 4xx, [throttling](Self::is_throttled) among it | no |
    /// | but HTTP 408 without a code of throttling: the wait may have been for an answer | yes |
    /// | but `SignatureNonceUsed`: a copy of the request has arrived | yes |
    /// | HTTP 503 with a code of throttling, which is how flow control refuses | no |
    /// | any other HTTP 5xx, also with such a code or with a wait in `x-acs-retry-after` | yes |
    /// | any of these, if an attempt before it in the same call may have taken effect | yes |
    ///
    /// The codes of throttling are `Throttling`, `Throttling.*` and `Rejected.Throttling`. A
    /// [`RetryPolicy`](crate::retry::RetryPolicy) is shown one attempt, so to it the last row does not apply.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        if self.0.earlier_is_unclear {
            return true;
        }
        match &self.0.kind {
            Kind::InvalidInput { .. } | Kind::SetUp { .. } | Kind::Credentials(_) => false,
            // Lists only read.
            Kind::PageLimit(_) | Kind::PageRepeated { .. } => false,
            Kind::TimedOut { stage, .. } => *stage == Stage::Answer,
            Kind::Transport(failure) => failure.lost != Lost::Connecting,
            Kind::Decode(_) | Kind::Redirected(_) => true,
            Kind::Service(_) | Kind::Unreadable(_) | Kind::BodyTooLarge(_) => match self.0.status {
                Some(StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE) => !self.has_throttling_code(),
                Some(status) if status.is_client_error() => self.is_nonce_used(),
                Some(_) => true,
                None => false,
            },
        }
    }

    /// The call was one to be repeated, and limits ended that: of attempts, of time, or of the retry budget. The text says which.
    /// The other predicates tell what failed last. Try again in a while, or raise what the text names.
    #[must_use]
    pub fn is_retries_exhausted(&self) -> bool {
        self.0.exhausted.is_some()
    }

    /// The whole call is out of time.
    pub(crate) fn is_call_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::TimedOut { scope: Scope::Call, .. })
    }

    /// The body is compressed.
    pub(crate) fn is_compressed(&self) -> bool {
        matches!(self.0.kind, Kind::Unreadable(Some(_)))
    }

    /// The client's own limits left no turn.
    pub(crate) fn is_out_of_turn(&self) -> bool {
        matches!(self.0.kind, Kind::TimedOut { stage: Stage::Turn, .. })
    }

    /// The date of the signature was refused.
    pub(crate) fn is_bad_date(&self) -> bool {
        const PREFIX: &str = "InvalidTimeStamp";
        self.code().and_then(|code| code.get(..PREFIX.len())).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
    }

    /// The temporary credential has ended.
    pub(crate) fn is_expired_token(&self) -> bool {
        self.code() == Some("InvalidSecurityToken.Expired")
    }

    /// One word for statistics: the service's code, or else the status or what failed.
    pub(crate) fn label(&self) -> &str {
        match &self.0.kind {
            Kind::InvalidInput { .. } => "invalid_input",
            Kind::SetUp { .. } => "set_up",
            Kind::Credentials(_) => "credentials",
            Kind::TimedOut { .. } => "timeout",
            Kind::Transport(failure) if failure.timed_out => "connect_timeout",
            Kind::Transport(failure) if failure.certificate => "certificate",
            Kind::Transport(failure) => match failure.lost {
                Lost::Connecting => "connect",
                Lost::Exchanging => "connection_lost",
                Lost::ReadingBody => "body_cut_off",
            },
            Kind::Redirected(_) => "redirect",
            Kind::Unreadable(_) if self.is_success() => "unreadable",
            Kind::Service(_) | Kind::Unreadable(_) => {
                let status = || self.0.status.as_ref().map_or("unreadable", |status| status.as_str());
                self.code().unwrap_or_else(status)
            }
            Kind::Decode(_) => "decode",
            Kind::BodyTooLarge(_) => "body_too_large",
            Kind::PageLimit(_) | Kind::PageRepeated { .. } => "paging",
        }
    }

    fn has_throttling_code(&self) -> bool {
        self.code().is_some_and(|code| code.contains("Throttling"))
    }

    fn is_nonce_used(&self) -> bool {
        self.code() == Some("SignatureNonceUsed")
    }

    fn is_success(&self) -> bool {
        self.0.status.is_some_and(|status| status.is_success())
    }
}
