//! What can go wrong with credentials, signing and reading an `Authorization` header, in one opaque
//! type.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Why credentials could not be had, a request could not be signed, or an `Authorization` header
/// could not be read.
///
/// Ask the predicates what to do next; the text says which field, variable or header is meant and
/// how to mend it. No text ever holds a secret or a token, nor any value that might be one.
///
/// | predicate | what to do |
/// | --- | --- |
/// | [`is_not_configured`](Self::is_not_configured) | configure credentials, or try the next source |
/// | [`is_incomplete`](Self::is_incomplete) | set the missing half |
/// | [`is_invalid`](Self::is_invalid) | correct the credential that [`field`](Self::field) names |
/// | [`is_source`](Self::is_source) | see [`std::error::Error::source`]; often worth a retry |
/// | [`is_randomness`](Self::is_randomness) | nothing in the program: the operating system refused random bytes |
/// | [`is_signing`](Self::is_signing) | correct the part of the request that [`field`](Self::field) names |
/// | [`is_unsupported_algorithm`](Self::is_unsupported_algorithm) | sign with ACS3-HMAC-SHA256 |
/// | [`is_malformed_authorization`](Self::is_malformed_authorization) | correct the `Authorization` header |
/// | [`is_malformed_date`](Self::is_malformed_date) | write the date as `YYYY-MM-DDThh:mm:ssZ` |
///
/// A clone shares its cause with the original, so that callers who waited for one refresh together
/// can each be told why it failed.
#[derive(Debug, Clone)]
pub struct Error(Arc<Kind>);

#[derive(Debug)]
pub(crate) enum Kind {
    NotConfigured { source_name: Cow<'static, str>, remedy: Cow<'static, str> },
    Incomplete { missing: &'static str, present: &'static str },
    Invalid { field: Cow<'static, str>, problem: Cow<'static, str>, remedy: &'static str },
    Source { source_name: Cow<'static, str>, cause: Box<dyn std::error::Error + Send + Sync> },
    Randomness(getrandom::Error),
    Signing { field: Cow<'static, str>, problem: Cow<'static, str>, remedy: Cow<'static, str> },
    UnsupportedAlgorithm(String),
    Date(String),
    Authorization(Cow<'static, str>),
}

impl Error {
    /// An error for an own [`Credentials`](crate::Credentials) source that found nothing
    /// configured.
    ///
    /// `source_name` names the source (a file, a service); `remedy` tells the reader what to set. A
    /// chain of sources goes on to the next one when it meets this error, see
    /// [`is_not_configured`](Self::is_not_configured). Neither text may hold a secret: both are
    /// displayed.
    #[cold]
    pub fn not_configured(source_name: impl Into<Cow<'static, str>>, remedy: impl Into<Cow<'static, str>>) -> Self {
        Kind::NotConfigured { source_name: source_name.into(), remedy: remedy.into() }.into()
    }

    /// An error for an own [`Credentials`](crate::Credentials) source that is configured but
    /// failed.
    ///
    /// `source_name` names the source; `cause` is displayed and must hold no secret.
    #[cold]
    pub fn source_failed(
        source_name: impl Into<Cow<'static, str>>,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Kind::Source { source_name: source_name.into(), cause: cause.into() }.into()
    }

    /// Nothing is configured in the source that was asked. Set what the text lists, or ask another
    /// source.
    pub fn is_not_configured(&self) -> bool {
        matches!(*self.0, Kind::NotConfigured { .. })
    }

    /// One half of a pair is set and the other is not. Set the one that [`field`](Self::field)
    /// names; do not fall back to another source, which would hide the mistake.
    pub fn is_incomplete(&self) -> bool {
        matches!(*self.0, Kind::Incomplete { .. })
    }

    /// A credential is empty or holds white space, control or non-ASCII characters, typically a
    /// pasted line end. Correct what [`field`](Self::field) names.
    pub fn is_invalid(&self) -> bool {
        matches!(*self.0, Kind::Invalid { .. })
    }

    /// A configured source failed (a file, a metadata service, STS). The cause is in
    /// [`std::error::Error::source`]; a failure of the network is worth a retry.
    pub fn is_source(&self) -> bool {
        matches!(*self.0, Kind::Source { .. })
    }

    /// The operating system's random source failed, so no nonce could be made. Not a fault of the
    /// request; try again later or look at the machine (an early boot stage, a sandbox that forbids
    /// the system call).
    pub fn is_randomness(&self) -> bool {
        matches!(*self.0, Kind::Randomness(_))
    }

    /// The request holds something that cannot be signed or sent. Correct the part that
    /// [`field`](Self::field) names; a retry gives the same error.
    pub fn is_signing(&self) -> bool {
        matches!(*self.0, Kind::Signing { .. })
    }

    /// The `Authorization` header names another algorithm than ACS3-HMAC-SHA256. Configure the
    /// caller to use that one.
    pub fn is_unsupported_algorithm(&self) -> bool {
        matches!(*self.0, Kind::UnsupportedAlgorithm(_))
    }

    /// A date that was to be read is not of the form `YYYY-MM-DDThh:mm:ssZ`. Write UTC in whole
    /// seconds.
    pub fn is_malformed_date(&self) -> bool {
        matches!(*self.0, Kind::Date(_))
    }

    /// The `Authorization` header is not of the form `ACS3-HMAC-SHA256
    /// Credential=…,SignedHeaders=…,Signature=…`. The text says which part is wrong.
    pub fn is_malformed_authorization(&self) -> bool {
        matches!(*self.0, Kind::Authorization(_))
    }

    /// The variable, credential part or request part at fault, for the kinds that have one:
    /// `AccessKey secret`, `ALIBABA_CLOUD_ACCESS_KEY_ID`, `path`, ``header `x-trace` ``.
    pub fn field(&self) -> Option<&str> {
        match &*self.0 {
            Kind::Incomplete { missing, .. } => Some(missing),
            Kind::Invalid { field, .. } | Kind::Signing { field, .. } => Some(field),
            _ => None,
        }
    }

    /// What to set, of a source where nothing is.
    pub(crate) fn remedy(&self) -> Option<&str> {
        match &*self.0 {
            Kind::NotConfigured { remedy, .. } => Some(remedy),
            _ => None,
        }
    }

    #[cold]
    pub(crate) fn signing(
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Kind::Signing { field: field.into(), problem: problem.into(), remedy: remedy.into() }.into()
    }

    /// A setting or file entry that is missing or cannot be used; `problem` must hold no secret.
    #[cold]
    pub(crate) fn invalid(
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
        remedy: &'static str,
    ) -> Self {
        Kind::Invalid { field: field.into(), problem: problem.into(), remedy }.into()
    }

    #[cold]
    pub(crate) fn authorization(problem: impl Into<Cow<'static, str>>) -> Self {
        Kind::Authorization(problem.into()).into()
    }
}

/// What makes errors is marked as cold throughout: there are many places, and a copy in each of them is built for nothing.
impl From<Kind> for Error {
    #[cold]
    fn from(kind: Kind) -> Self {
        Self(Arc::new(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::NotConfigured { source_name, remedy } => write!(f, "{source_name} holds no credentials: {remedy}"),
            Kind::Incomplete { missing, present } => {
                write!(f, "{missing} is missing although {present} is set: set {missing} too, or unset both")
            }
            Kind::Invalid { field, problem, remedy } => write!(f, "{field} {problem}: {remedy}"),
            Kind::Source { source_name, cause } => {
                write!(f, "credentials from {source_name} could not be obtained: {cause}")
            }
            Kind::Randomness(cause) => write!(f, "the operating system gave no random bytes for a nonce: {cause}"),
            Kind::Signing { field, problem, remedy } => {
                write!(f, "the request cannot be signed, because its {field} {problem}: {remedy}")
            }
            Kind::UnsupportedAlgorithm(name) => {
                write!(f, "the signature algorithm {name:?} is not supported: sign with ACS3-HMAC-SHA256")
            }
            Kind::Date(text) => {
                write!(f, "{text:?} is not a date of the form YYYY-MM-DDThh:mm:ssZ: write UTC in whole seconds")
            }
            Kind::Authorization(problem) => write!(f, "the Authorization header cannot be read, because {problem}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            Kind::Source { cause, .. } => Some(&**cause),
            Kind::Randomness(cause) => Some(cause),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn own_sources_report_through_the_same_type() {
        fn is_send_and_sync<T: Send + Sync + 'static>(_: &T) {}
        let failed = Error::source_failed("the metadata service", "no route to host");
        is_send_and_sync(&failed);
        assert!(failed.is_source() && !failed.is_not_configured());
        assert_eq!(failed.source().map(ToString::to_string).as_deref(), Some("no route to host"));
        assert_eq!(failed.field(), None);
        let absent = Error::not_configured("the profile file", "add a profile");
        assert!(absent.is_not_configured());
        insta::assert_snapshot!(format!("{failed}\n{absent}"), @r"
        credentials from the metadata service could not be obtained: no route to host
        the profile file holds no credentials: add a profile
        ");
    }
}
