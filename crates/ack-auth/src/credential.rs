//! The value a request is signed with.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

use crate::canonical::all_bytes;
use crate::error::{Error, Kind};

/// What a request proves its sender with: an AccessKey pair, an STS pair with its token, a bearer
/// token, or nothing.
///
/// Secrets and tokens are wiped from memory on drop, and no formatting shows them; the AccessKey id
/// is shortened (`LTAI****abcd`). Whether the characters are acceptable is checked when a request
/// is signed, and earlier by the sources, see [`StaticCredentials`](crate::StaticCredentials).
///
/// ```
/// use ack_auth::{Credential, CredentialKind};
///
/// let credential = Credential::sts("STS.NUexampleid", "placeholder", "example-token").with_provider_name("static_sts");
/// assert_eq!(credential.kind(), CredentialKind::Sts);
/// assert!(!format!("{credential:?}").contains("placeholder"));
/// ```
#[derive(Clone)]
pub struct Credential {
    identity: Identity,
    provider_name: Option<Cow<'static, str>>,
    role: Option<String>,
    expiration: Option<SystemTime>,
}

/// Which sort of [`Credential`] it is. More may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialKind {
    /// A long-lived AccessKey id and secret of a user.
    AccessKey,
    /// A temporary AccessKey id and secret with the security token STS gave with them.
    Sts,
    /// A token sent as is, without a signature.
    Bearer,
    /// Nothing: requests are sent unsigned.
    Anonymous,
}

#[derive(Clone)]
pub(crate) enum Identity {
    Keyed { id: String, secret: SecretString, token: Option<SecretString> },
    Bearer(SecretString),
    Anonymous,
}

impl Credential {
    /// An AccessKey pair of a user.
    pub fn access_key(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::keyed(id.into(), secret.into(), None)
    }

    /// A temporary AccessKey pair with its security token. An empty token makes it a plain
    /// AccessKey pair.
    pub fn sts(id: impl Into<String>, secret: impl Into<String>, security_token: impl Into<String>) -> Self {
        Self::keyed(id.into(), secret.into(), Some(security_token.into()).filter(|token| !token.is_empty()))
    }

    /// A bearer token, sent in `x-acs-bearer-token` without any signature.
    ///
    /// Whether ACK accepts one is doubtful: it is known to answer `UnsupportedSignatureType`.
    pub fn bearer(token: impl Into<String>) -> Self {
        Self::of(Identity::Bearer(seal(token.into())))
    }

    /// No credential. No operation of ACK accepts it; it serves emulators and tests.
    pub fn anonymous() -> Self {
        Self::of(Identity::Anonymous)
    }

    /// Names the source in `x-acs-credentials-provider`, the way official SDKs do: `static_ak`,
    /// `static_sts`, `default/env`. Default: none, and the header is not sent. Bearer and anonymous
    /// requests never send it.
    #[must_use]
    pub fn with_provider_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.provider_name = Some(name.into());
        self
    }

    /// Notes the RAM role the credential stands for: the ARN of a role that was taken on, or the name of an instance's
    /// role. Default: none. It is for accounts of who did what; signing does not look at it.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Notes when the credential stops being accepted. Default: none. Signing does not look at it;
    /// caches do.
    #[must_use]
    pub fn with_expiration(mut self, expiration: SystemTime) -> Self {
        self.expiration = Some(expiration);
        self
    }

    /// When the credential stops being accepted, where known.
    pub fn expiration(&self) -> Option<SystemTime> {
        self.expiration
    }

    /// The AccessKey id, for pairs. Not a secret, but better not logged in full.
    pub fn access_key_id(&self) -> Option<&str> {
        match &self.identity {
            Identity::Keyed { id, .. } => Some(id),
            Identity::Bearer(_) | Identity::Anonymous => None,
        }
    }

    /// The AccessKey id as it may be shown and kept: its first and last four characters, `LTAI****abcd`.
    pub fn shortened_access_key_id(&self) -> Option<String> {
        self.access_key_id().map(shortened)
    }

    /// The RAM role the credential stands for, where known, see [`with_role`](Self::with_role).
    pub fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    /// The source the credential names, see [`with_provider_name`](Self::with_provider_name).
    pub fn provider_name(&self) -> Option<&str> {
        self.provider_name.as_deref()
    }

    /// Which sort of credential this is.
    pub fn kind(&self) -> CredentialKind {
        match &self.identity {
            Identity::Keyed { token: None, .. } => CredentialKind::AccessKey,
            Identity::Keyed { token: Some(_), .. } => CredentialKind::Sts,
            Identity::Bearer(_) => CredentialKind::Bearer,
            Identity::Anonymous => CredentialKind::Anonymous,
        }
    }

    /// Puts a step in front of the provider name: `static_ak` becomes `ram_role_arn/static_ak`.
    pub(crate) fn behind(self, step: &str) -> Self {
        let name = match self.provider_name() {
            Some(inner) => format!("{step}/{inner}"),
            None => step.to_owned(),
        };
        self.with_provider_name(name)
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Refuses what the service cannot accept, naming the parts by `names`.
    pub(crate) fn validate(&self, names: &PartNames) -> Result<(), Error> {
        match &self.identity {
            Identity::Keyed { id, secret, token } => {
                check(names.id, id)?;
                if id.contains(',') {
                    return Err(invalid(names.id, "holds a comma", "copy the AccessKey id alone"));
                }
                check(names.secret, secret.expose_secret())?;
                token.as_ref().map_or(Ok(()), |token| check(names.token, token.expose_secret()))?;
            }
            Identity::Bearer(token) => check("bearer token", token.expose_secret())?,
            Identity::Anonymous => {}
        }
        self.provider_name.as_deref().map_or(Ok(()), |name| check("provider name", name))
    }

    fn keyed(id: String, secret: String, token: Option<String>) -> Self {
        Self::of(Identity::Keyed { id, secret: seal(secret), token: token.map(seal) })
    }

    fn of(identity: Identity) -> Self {
        Self { identity, provider_name: None, role: None, expiration: None }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("kind", &self.kind())
            .field("access_key_id", &self.access_key_id().map(shortened))
            .field("provider_name", &self.provider_name)
            .field("role", &self.role)
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}

/// What the parts of a pair are called where they were configured.
pub(crate) struct PartNames {
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) token: &'static str,
}

impl PartNames {
    /// The names used where no variable or file key stands behind a part.
    pub(crate) const PLAIN: Self = Self { id: "AccessKey id", secret: "AccessKey secret", token: "security token" };
}

/// The first and last four characters of an AccessKey id, or nothing of one too short to hide the
/// rest.
pub(crate) fn shortened(id: &str) -> String {
    let count = id.chars().count();
    if count < 12 {
        return "****".to_owned();
    }
    let head = id.chars().take(4);
    let tail = id.chars().skip(count - 4);
    head.chain("****".chars()).chain(tail).collect()
}

fn check(field: &'static str, value: &str) -> Result<(), Error> {
    if !value.is_empty() && all_bytes(value, |byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let problem = if value.is_empty() {
        "is empty"
    } else if value.chars().any(char::is_whitespace) {
        "holds white space, perhaps a line end that was copied with it"
    } else if value.chars().any(char::is_control) {
        "holds a control character"
    } else {
        "holds a character outside ASCII"
    };
    Err(invalid(field, problem, "copy it again, exactly as the console or STS shows it"))
}

fn invalid(field: &'static str, problem: &'static str, remedy: &'static str) -> Error {
    Kind::Invalid { field: field.into(), problem: problem.into(), remedy }.into()
}

/// Moves text into wiped memory. Boxing the `String` itself could leave a copy behind when it is
/// shrunk.
fn seal(mut text: String) -> SecretString {
    let sealed = SecretString::from(Box::<str>::from(text.as_str()));
    text.zeroize();
    sealed
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn debug_shows_kind_short_id_and_provider_only() {
        let credential = Credential::sts("LTAI5tExampleabcd", "hidden-secret", "hidden-token")
            .with_provider_name("static_sts")
            .with_expiration(SystemTime::UNIX_EPOCH + Duration::from_secs(1));
        let text = format!("{credential:?}");
        assert!(text.starts_with(
            r#"Credential { kind: Sts, access_key_id: Some("LTAI****abcd"), provider_name: Some("static_sts"), "#
        ));
        assert!(!text.contains("hidden"), "{text}");
    }

    #[test]
    fn a_short_id_is_not_shown_at_all() {
        assert_eq!(shortened("LTAIabcd123"), "****");
        assert_eq!(shortened("集集集集集集集集集集集集集"), "集集集集****集集集集");
    }

    #[test]
    fn an_empty_token_makes_a_plain_pair() {
        let credential = Credential::sts("id", "secret", "");
        assert_eq!(credential.kind(), CredentialKind::AccessKey);
        assert_eq!(
            (credential.access_key_id(), credential.shortened_access_key_id().as_deref()),
            (Some("id"), Some("****"))
        );
        assert_eq!(credential.role(), None);
        assert_eq!(credential.with_role("upgrader").with_provider_name("x").role(), Some("upgrader"));
    }

    #[test]
    fn unsigned_kinds_have_no_id() {
        assert_eq!(Credential::bearer("t").kind(), CredentialKind::Bearer);
        assert_eq!(Credential::anonymous().kind(), CredentialKind::Anonymous);
        assert_eq!(Credential::bearer("t").access_key_id(), None);
        assert_eq!(Credential::anonymous().expiration(), None);
    }
}
