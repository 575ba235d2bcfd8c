//! Credentials given in environment variables.

use std::collections::BTreeMap;
use std::fmt;
use std::future;
use std::sync::Arc;

use crate::credential::PartNames;
use crate::error::Kind;
use crate::{Credential, CredentialFuture, Credentials, Error};

const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// Where variables are read from. A map stands in for the process in tests.
pub trait Environment: fmt::Debug + Send + Sync {
    /// The value of a variable, none when it is not set.
    fn var(&self, name: &str) -> Option<String>;
}

/// The environment of this process, as [`std::env::var_os`] gives it.
///
/// Bytes that are not UTF-8 become U+FFFD. No credential may hold that character, so
/// [`EnvironmentCredentials`] answers with an error that names the variable, instead of treating it
/// as not set.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

/// The variables that official SDKs read:
///
/// | variable | meaning |
/// | --- | --- |
/// | `ALIBABA_CLOUD_ACCESS_KEY_ID` | the AccessKey id, needed |
/// | `ALIBABA_CLOUD_ACCESS_KEY_SECRET` | the AccessKey secret, needed |
/// | `ALIBABA_CLOUD_SECURITY_TOKEN` | the token of a temporary pair; absent or empty for a lasting one |
///
/// They are read each time a request is signed, so a change is seen at once. An empty variable
/// counts as not set. Older names (`ALICLOUD_ACCESS_KEY` and the like) are not read. Requests name
/// the source `default/env` in `x-acs-credentials-provider`, as official SDKs do.
///
/// ```
/// use ack_auth::{Credentials, EnvironmentCredentials};
/// use std::collections::BTreeMap;
///
/// let variables = BTreeMap::from([
///     ("ALIBABA_CLOUD_ACCESS_KEY_ID".to_owned(), "LTAI5tExampleabcd".to_owned()),
///     ("ALIBABA_CLOUD_ACCESS_KEY_SECRET".to_owned(), "placeholder".to_owned()),
/// ]);
/// let source = EnvironmentCredentials::from_environment(variables);
/// let future = source.credential();
/// # drop(future);
/// ```
pub struct EnvironmentCredentials<E = ProcessEnvironment>(E);

impl EnvironmentCredentials {
    /// Reads the environment of this process.
    pub fn new() -> Self {
        Self(ProcessEnvironment)
    }
}

impl<E: Environment> EnvironmentCredentials<E> {
    /// Reads the given environment.
    pub fn from_environment(environment: E) -> Self {
        Self(environment)
    }

    /// Reads the variables now; what [`Credentials::credential`] answers with.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_configured`] when neither half of the pair is set, [`Error::is_incomplete`]
    /// when one is, and [`Error::is_invalid`] when a value holds white space, control or non-ASCII
    /// characters.
    pub fn read(&self) -> Result<Credential, Error> {
        let var = |name| self.0.var(name).filter(|value| !value.is_empty());
        let (id, secret) = match (var(ID), var(SECRET)) {
            (Some(id), Some(secret)) => (id, secret),
            (Some(_), None) => {
                return Err(Kind::Incomplete { missing: SECRET, present: ID }.into());
            }
            (None, Some(_)) => {
                return Err(Kind::Incomplete { missing: ID, present: SECRET }.into());
            }
            (None, None) => {
                let remedy = format!("set {ID} and {SECRET}, and for a temporary pair also {TOKEN}");
                return Err(Error::not_configured("the environment", remedy));
            }
        };
        let credential = Credential::sts(id, secret, var(TOKEN).unwrap_or_default()).with_provider_name("default/env");
        credential.validate(&PartNames { id: ID, secret: SECRET, token: TOKEN })?;
        Ok(credential)
    }
}

impl Default for EnvironmentCredentials {
    fn default() -> Self {
        Self::new()
    }
}

/// Leaves the environment out: a map that stands in for one holds the secrets themselves.
impl<E> fmt::Debug for EnvironmentCredentials<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentCredentials").finish_non_exhaustive()
    }
}

impl<E: Environment> Credentials for EnvironmentCredentials<E> {
    fn credential(&self) -> CredentialFuture<'_> {
        Box::pin(future::ready(self.read()))
    }
}

impl Environment for ProcessEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }
}

impl<T: Environment + ?Sized> Environment for Arc<T> {
    fn var(&self, name: &str) -> Option<String> {
        (**self).var(name)
    }
}

impl Environment for BTreeMap<String, String> {
    fn var(&self, name: &str) -> Option<String> {
        self.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CredentialKind;
    use crate::ready::now;

    fn read(variables: &[(&str, &str)]) -> Result<Credential, Error> {
        let map: BTreeMap<String, String> = variables.iter().map(|&(n, v)| (n.to_owned(), v.to_owned())).collect();
        now(EnvironmentCredentials::from_environment(map).credential())
    }

    #[test]
    fn a_pair_is_read_with_and_without_a_token() {
        let plain = read(&[(ID, "id"), (SECRET, "secret"), (TOKEN, "")]).unwrap();
        assert_eq!((plain.kind(), plain.provider_name()), (CredentialKind::AccessKey, Some("default/env")));
        let sts = read(&[(ID, "id"), (SECRET, "secret"), (TOKEN, "token")]).unwrap();
        assert_eq!((sts.kind(), sts.access_key_id()), (CredentialKind::Sts, Some("id")));
    }

    #[test]
    fn what_is_missing_or_bad_is_named() {
        let none = read(&[(ID, ""), (TOKEN, "hidden")]).unwrap_err();
        assert!(none.is_not_configured() && !none.is_incomplete());
        let half = read(&[(SECRET, "hidden")]).unwrap_err();
        assert!(half.is_incomplete());
        assert_eq!(half.field(), Some(ID));
        let other_half = read(&[(ID, "id")]).unwrap_err();
        assert_eq!(other_half.field(), Some(SECRET));
        let bad = read(&[(ID, "id"), (SECRET, "hidden\n")]).unwrap_err();
        assert!(bad.is_invalid());
        assert_eq!(bad.field(), Some(SECRET));
        insta::assert_snapshot!([none, half, other_half, bad].map(|error| error.to_string()).join("\n"), @r"
        the environment holds no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and for a temporary pair also ALIBABA_CLOUD_SECURITY_TOKEN
        ALIBABA_CLOUD_ACCESS_KEY_ID is missing although ALIBABA_CLOUD_ACCESS_KEY_SECRET is set: set ALIBABA_CLOUD_ACCESS_KEY_ID too, or unset both
        ALIBABA_CLOUD_ACCESS_KEY_SECRET is missing although ALIBABA_CLOUD_ACCESS_KEY_ID is set: set ALIBABA_CLOUD_ACCESS_KEY_SECRET too, or unset both
        ALIBABA_CLOUD_ACCESS_KEY_SECRET holds white space, perhaps a line end that was copied with it: copy it again, exactly as the console or STS shows it
        ");
    }

    #[test]
    fn debug_of_a_source_over_a_map_shows_no_value() {
        let map: Arc<dyn Environment> = Arc::new(BTreeMap::from([(SECRET.to_owned(), "hidden".to_owned())]));
        let source = EnvironmentCredentials::from_environment(map);
        assert!(!format!("{source:?}").contains("hidden"));
        assert_eq!(source.read().unwrap_err().field(), Some(ID));
    }

    #[test]
    fn the_process_environment_is_reachable() {
        assert!(ProcessEnvironment.var("PATH").is_some());
        assert_eq!(ProcessEnvironment.var("ACK_AUTH_SURELY_NOT_SET"), None);
    }
}
