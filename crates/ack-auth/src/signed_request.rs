//! A request after signing: its headers, and the texts that were signed.

use std::fmt;

use crate::canonical::Canonical;
use crate::wiped::{Span, WipedText};

/// Headers that let whoever reads them act as the sender.
pub(crate) const SENSITIVE: [&str; 3] = ["authorization", "x-acs-security-token", "x-acs-bearer-token"];

/// What is written in place of a sensitive value.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// The headers to send, and what was signed.
///
/// Made by [`Signer::sign`](crate::Signer::sign), for one attempt: a retry needs a new nonce and so
/// a new one. Send the method, host, path and body that were signed,
/// [`canonical_query`](Self::canonical_query) as the query, and every header. `Debug` shows
/// `[REDACTED]` for sensitive values; the memory of all values is wiped on drop.
#[derive(Clone)]
pub struct SignedRequest {
    /// Everything below stands in here.
    pub(crate) text: WipedText,
    /// In the order of sending.
    pub(crate) headers: Vec<Header>,
    pub(crate) canonical: Canonical,
    pub(crate) is_signed: bool,
}

/// Where a header stands in the text.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    /// The place among the headers that are sent.
    pub(crate) place: u64,
    pub(crate) name: Span,
    pub(crate) value: Span,
}

impl SignedRequest {
    /// All headers with lower-case names, in the order official SDKs send them: `host` first,
    /// `authorization` last.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.headers.iter().map(|header| (self.text.at(header.name), self.text.at(header.value)))
    }

    /// The first value of a header, whatever the case of `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The `Authorization` header. None for bearer and anonymous credentials, which do not sign.
    pub fn authorization(&self) -> Option<&str> {
        self.header("authorization")
    }

    /// The canonical request that was signed, to compare with what a service or emulator says it
    /// computed. It holds the security token where there is one: do not log it. None for bearer and
    /// anonymous credentials.
    pub fn canonical_request(&self) -> Option<&str> {
        self.is_signed.then(|| self.text.at(self.canonical.request))
    }

    /// The algorithm's name and the hash of the canonical request, as signed; the service echoes
    /// its own in `SignatureDoesNotMatch`. None for bearer and anonymous credentials.
    pub fn string_to_sign(&self) -> Option<&str> {
        self.is_signed.then(|| self.text.at(self.canonical.string_to_sign))
    }

    /// The query to put behind `?`, sorted and encoded; empty for none. Sending it as it is keeps
    /// wire and signature alike.
    pub fn canonical_query(&self) -> &str {
        self.text.at(self.canonical.query)
    }

    /// The memory that all these texts are parts of, for HTTP clients that share it instead of copying values
    /// (`Bytes::from_owner` of the crate `bytes`). It holds tokens in the clear.
    pub fn memory(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Whether a header must be kept out of logs: `authorization`, `x-acs-security-token`,
    /// `x-acs-bearer-token`, in any case.
    pub fn is_sensitive(name: &str) -> bool {
        SENSITIVE.iter().any(|sensitive| sensitive.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value)| (name, if Self::is_sensitive(name) { REDACTED } else { value });
        f.debug_struct("SignedRequest")
            .field("headers", &self.headers().map(shown).collect::<Vec<_>>())
            .field("canonical_query", &self.canonical_query())
            .finish_non_exhaustive()
    }
}
