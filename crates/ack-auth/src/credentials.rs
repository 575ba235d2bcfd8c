//! The source of credentials: one trait that every way to get them fits.

use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::Arc;

use crate::{Credential, Error};

/// The future a [`Credentials`] source answers with.
pub type CredentialFuture<'a> = Pin<Box<dyn Future<Output = Result<Credential, Error>> + Send + 'a>>;

/// Something that gives a [`Credential`] when a request is about to be signed.
///
/// It is asked once for every attempt of every request, so a source that fetches should keep what
/// it got until shortly before [`Credential::expiration`]. The trait is object safe: hold it as
/// `Arc<dyn Credentials>`. The crate offers [`StaticCredentials`](crate::StaticCredentials) and
/// [`EnvironmentCredentials`](crate::EnvironmentCredentials), and a [`Credential`] is a source of
/// itself. Sources that read files or ask STS or a metadata service implement it the same way,
/// reporting through [`Error::not_configured`] and [`Error::source_failed`].
///
/// ```
/// use ack_auth::{Credential, CredentialFuture, Credentials};
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl Credentials for Vault {
///     fn credential(&self) -> CredentialFuture<'_> {
///         Box::pin(async { Ok(Credential::access_key("LTAI5tExampleabcd", "fetched")) })
///     }
/// }
///
/// let source: std::sync::Arc<dyn Credentials> = std::sync::Arc::new(Vault);
/// # let _ = source;
/// ```
pub trait Credentials: fmt::Debug + Send + Sync {
    /// The credential to sign the next request with.
    ///
    /// # Errors
    ///
    /// Any [`Error`] that concerns credentials; [`Error::is_not_configured`] lets a chain try its
    /// next source.
    fn credential(&self) -> CredentialFuture<'_>;

    /// Takes note that the service refused a credential of this source although it was taken to be
    /// good, such as a session that ended early (`InvalidSecurityToken.Expired`).
    ///
    /// A source that keeps what it got drops that credential, so that the next request is signed
    /// with another. It should compare by [`Credential::access_key_id`] first: by the time it
    /// is told, somebody else may have fetched a new one. Default: nothing happens.
    fn refused(&self, credential: &Credential) {
        let _ = credential;
    }
}

impl Credentials for Credential {
    fn credential(&self) -> CredentialFuture<'_> {
        Box::pin(future::ready(Ok(self.clone())))
    }
}

impl<T: Credentials + ?Sized> Credentials for Arc<T> {
    fn credential(&self) -> CredentialFuture<'_> {
        (**self).credential()
    }

    fn refused(&self, credential: &Credential) {
        (**self).refused(credential);
    }
}

impl<T: Credentials + ?Sized> Credentials for Box<T> {
    fn credential(&self) -> CredentialFuture<'_> {
        (**self).credential()
    }

    fn refused(&self, credential: &Credential) {
        (**self).refused(credential);
    }
}
