//! Credentials given in the program.

use std::future;

use crate::credential::PartNames;
use crate::{Credential, CredentialFuture, Credentials, Error};

/// One AccessKey or STS pair, checked when it is made and given for every request.
///
/// ```
/// use ack_auth::StaticCredentials;
///
/// let error = StaticCredentials::access_key("LTAI5tExampleabcd", "pasted-with-line-end\n").unwrap_err();
/// assert!(error.is_invalid());
/// assert_eq!(error.field(), Some("AccessKey secret"));
/// ```
#[derive(Debug, Clone)]
pub struct StaticCredentials(Credential);

impl StaticCredentials {
    /// An AccessKey pair, reported to the service as `static_ak`.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid`] when a part is empty or holds white space, control or non-ASCII
    /// characters.
    pub fn access_key(id: impl Into<String>, secret: impl Into<String>) -> Result<Self, Error> {
        Self::checked(Credential::access_key(id, secret).with_provider_name("static_ak"))
    }

    /// An STS pair with its security token, reported to the service as `static_sts`.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid`] when a part is empty or holds white space, control or non-ASCII
    /// characters. An empty token is not an error: it makes a plain AccessKey pair, reported as
    /// `static_ak`.
    pub fn sts(
        id: impl Into<String>,
        secret: impl Into<String>,
        security_token: impl Into<String>,
    ) -> Result<Self, Error> {
        let token = security_token.into();
        let name = if token.is_empty() { "static_ak" } else { "static_sts" };
        Self::checked(Credential::sts(id, secret, token).with_provider_name(name))
    }

    fn checked(credential: Credential) -> Result<Self, Error> {
        credential.validate(&PartNames::PLAIN)?;
        Ok(Self(credential))
    }
}

impl Credentials for StaticCredentials {
    fn credential(&self) -> CredentialFuture<'_> {
        Box::pin(future::ready(Ok(self.0.clone())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::CredentialKind;
    use crate::ready::now;

    #[test]
    fn pairs_name_their_provider() {
        let plain = now(StaticCredentials::access_key("id", "secret").unwrap().credential()).unwrap();
        assert_eq!((plain.kind(), plain.provider_name()), (CredentialKind::AccessKey, Some("static_ak")));
        let sts = StaticCredentials::sts("id", "secret", "token").unwrap();
        let source: Arc<dyn Credentials> = Arc::new(Box::new(sts));
        let sts = now(source.credential()).unwrap();
        assert_eq!((sts.kind(), sts.provider_name()), (CredentialKind::Sts, Some("static_sts")));
        let tokenless = now(StaticCredentials::sts("id", "secret", "").unwrap().credential()).unwrap();
        assert_eq!((tokenless.kind(), tokenless.provider_name()), (CredentialKind::AccessKey, Some("static_ak")));
    }

    #[test]
    fn a_credential_is_its_own_source() {
        let credential = Credential::access_key("id", "secret");
        assert_eq!(now(credential.credential()).unwrap().access_key_id(), Some("id"));
    }

    #[test]
    fn bad_parts_are_named_with_a_remedy_and_never_echoed() {
        let cases = [
            StaticCredentials::access_key("", "hidden"),
            StaticCredentials::access_key("id", ""),
            StaticCredentials::access_key("id", "hidden\n"),
            StaticCredentials::access_key("id\u{7}", "hidden"),
            StaticCredentials::access_key("a,b", "hidden"),
            StaticCredentials::access_key("id", "hidden\u{fffd}"),
            StaticCredentials::sts("id", "hidden", "hidden token"),
        ];
        let texts: Vec<String> = cases
            .into_iter()
            .map(|case| {
                let error = case.unwrap_err();
                assert!(error.is_invalid());
                error.to_string()
            })
            .collect();
        assert!(!texts.join("\n").contains("hidden"));
        insta::assert_snapshot!(texts.join("\n"), @r"
        AccessKey id is empty: copy it again, exactly as the console or STS shows it
        AccessKey secret is empty: copy it again, exactly as the console or STS shows it
        AccessKey secret holds white space, perhaps a line end that was copied with it: copy it again, exactly as the console or STS shows it
        AccessKey id holds a control character: copy it again, exactly as the console or STS shows it
        AccessKey id holds a comma: copy the AccessKey id alone
        AccessKey secret holds a character outside ASCII: copy it again, exactly as the console or STS shows it
        security token holds white space, perhaps a line end that was copied with it: copy it again, exactly as the console or STS shows it
        ");
    }
}
