//! Why a received request was refused.

use std::borrow::Cow;
use std::fmt;

/// A request that [`verify`](crate::verify) refused.
///
/// `Display` says what is wrong and what the sender should do. The texts of the verifier's side
/// hold no secret and no token, so an emulator may send them back.
#[derive(Clone)]
pub struct Mismatch {
    kind: MismatchKind,
    header: Option<String>,
    texts: Option<Texts>,
}

/// What was wrong with a received request. More may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MismatchKind {
    /// The signature is not the one this request and secret give: a wrong secret, or request and
    /// signature differ.
    Signature,
    /// `x-acs-content-sha256` is not the hash of the body received.
    BodyHash,
    /// A header that must be covered is present, but not listed in `SignedHeaders`: `host`,
    /// `content-type`, `x-acs-*`.
    UnsignedHeader,
    /// A header that is listed in `SignedHeaders`, or that every request needs, is absent.
    AbsentHeader,
    /// A signed header holds control or non-ASCII characters.
    MalformedHeader,
}

#[derive(Clone)]
pub(crate) struct Texts {
    pub(crate) canonical_request: String,
    pub(crate) string_to_sign: String,
}

impl Mismatch {
    pub(crate) fn of_header(kind: MismatchKind, name: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, header: Some(name.into().into_owned()), texts: None }
    }

    pub(crate) fn of_texts(kind: MismatchKind, texts: Texts) -> Self {
        Self { kind, header: None, texts: Some(texts) }
    }

    /// What was wrong.
    pub fn kind(&self) -> MismatchKind {
        self.kind
    }

    /// The error code the service would answer with: `SignatureDoesNotMatch` when signature or body
    /// hash are wrong, `IncompleteSignature` when headers are. Both codes are those of the vendor's
    /// error tables and come with HTTP 400; which of them a given fault of the headers gets is our
    /// assumption.
    pub fn code(&self) -> &'static str {
        match self.kind {
            MismatchKind::Signature | MismatchKind::BodyHash => "SignatureDoesNotMatch",
            MismatchKind::UnsignedHeader | MismatchKind::AbsentHeader | MismatchKind::MalformedHeader => {
                "IncompleteSignature"
            }
        }
    }

    /// The lower-case name of the header at fault, for the kinds that concern one header.
    pub fn header(&self) -> Option<&str> {
        self.header.as_deref()
    }

    /// The canonical request as the verifier computed it, with the values of `x-acs-security-token`
    /// and `x-acs-bearer-token` replaced by `[REDACTED]`; the hash in
    /// [`string_to_sign`](Self::string_to_sign) is that of the true one. None when a fault of the
    /// headers kept it from being computed.
    pub fn canonical_request(&self) -> Option<&str> {
        self.texts.as_ref().map(|texts| texts.canonical_request.as_str())
    }

    /// The string to sign as the verifier computed it. None when a fault of the headers kept it
    /// from being computed.
    pub fn string_to_sign(&self) -> Option<&str> {
        self.texts.as_ref().map(|texts| texts.string_to_sign.as_str())
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.header.as_deref().unwrap_or_default().escape_debug();
        match self.kind {
            MismatchKind::Signature => f.write_str(
                "the signature does not match: check the AccessKey secret, and compare the canonical request line by line",
            ),
            MismatchKind::BodyHash => f.write_str(
                "x-acs-content-sha256 is not the SHA-256 of the body received: hash the exact bytes that are sent",
            ),
            MismatchKind::UnsignedHeader => {
                write!(f, "header `{header}` is not covered by the signature: add it to SignedHeaders")
            }
            MismatchKind::AbsentHeader => {
                write!(f, "header `{header}` is missing: send it, with the value that was signed")
            }
            MismatchKind::MalformedHeader => {
                write!(f, "header `{header}` holds control or non-ASCII characters: encode its value")
            }
        }
    }
}

impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mismatch")
            .field("kind", &self.kind)
            .field("header", &self.header)
            .field("canonical_request", &self.canonical_request())
            .field("string_to_sign", &self.string_to_sign())
            .finish()
    }
}

impl std::error::Error for Mismatch {}
