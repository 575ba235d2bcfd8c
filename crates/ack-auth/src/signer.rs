//! Signing a request with ACS3-HMAC-SHA256.

use std::borrow::Cow;
use std::time::SystemTime;

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::authorization::written;
use crate::canonical::{HeaderValues, canonical, signature};
use crate::credential::{Identity, PartNames};
use crate::date::format_date;
use crate::hex::sha256_hex;
use crate::request::{header_field, header_value};
use crate::signed_request::SignedTexts;
use crate::{Credential, Error, SignedRequest, SigningRequest, canonical_query};

/// Which headers a signature covers. The service reads the list from `SignedHeaders`, so it accepts
/// both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HeaderPolicy {
    /// `host`, `content-type` and `x-acs-*`, as the official SDKs for Go, TypeScript, PHP and C#
    /// do. It survives proxies that rewrite `user-agent` or `accept`.
    #[default]
    Minimal,
    /// Every header but `authorization`, as the official SDK for Python does.
    All,
}

/// Writes the headers of a request and signs it.
///
/// It reads no clock and draws no random numbers: the same arguments give the same signature.
///
/// ```
/// use ack_auth::{Credential, Signer, SigningRequest};
/// use std::time::{Duration, SystemTime};
///
/// // The example of the "V3 request structure and signature" documentation page.
/// let request = SigningRequest::new("POST", "ecs.cn-shanghai.aliyuncs.com", "/", "RunInstances", "2014-05-26")
///     .with_query_pair("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")
///     .with_query_pair("RegionId", "cn-shanghai");
/// let credential = Credential::access_key("YourAccessKeyId", "YourAccessKeySecret");
/// let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_698_315_752);
/// let signed = Signer::default().sign(&request, &credential, date, "3156853299f313e23d1673dc12e1703d")?;
/// assert!(signed.authorization().is_some_and(|value| {
///     value.ends_with("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
/// }));
/// # Ok::<(), ack_auth::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Signer {
    policy: HeaderPolicy,
}

impl Signer {
    /// A signer with the given policy; `Signer::default()` has [`HeaderPolicy::Minimal`].
    pub fn new(policy: HeaderPolicy) -> Self {
        Self { policy }
    }

    /// Which headers are signed.
    pub fn policy(&self) -> HeaderPolicy {
        self.policy
    }

    /// Signs one attempt of a request. Bearer and anonymous credentials give the headers without
    /// `authorization`.
    ///
    /// `date` is written in whole seconds of UTC and must be within 15 minutes of the service's
    /// time; `nonce` must be new for every attempt, see [`NonceSource`](crate::NonceSource).
    ///
    /// # Errors
    ///
    /// [`Error::is_signing`] when a part of the request cannot be sent as it would be signed: a
    /// method in lower case, a host with a scheme, a path that is not percent-encoded or has a
    /// segment `.` or `..`, a header value with a line end or non-ASCII characters, a header that
    /// the signer writes itself, a date before 1970 or after 9999. [`Error::is_invalid`] when the
    /// credential is empty or holds unacceptable characters.
    pub fn sign(
        &self,
        request: &SigningRequest<'_>,
        credential: &Credential,
        date: SystemTime,
        nonce: &str,
    ) -> Result<SignedRequest, Error> {
        request.check()?;
        credential.validate(&PartNames::PLAIN)?;
        if nonce.trim().is_empty() {
            return Err(Error::signing("nonce", "is empty", "pass a new random text for every attempt"));
        }
        let payload_hash = sha256_hex(request.body.unwrap_or_default());
        let mut headers = Headers(Vec::with_capacity(16));
        headers.request(request, &format_date(date)?, nonce, &payload_hash)?;
        headers.credential(credential)?;
        let query = canonical_query(&request.query);
        let signed = match credential.identity() {
            Identity::Keyed { id, secret, .. } => {
                let covered = headers.covered(self.policy);
                let made = canonical(&request.method, &request.path, &query, &covered, &payload_hash);
                let signature = signature(secret.expose_secret(), &made.string_to_sign);
                let authorization = written(id, covered.names(), &signature);
                headers.0.push(("authorization".into(), Zeroizing::new(authorization)));
                Some(SignedTexts::from(made))
            }
            Identity::Bearer(_) | Identity::Anonymous => None,
        };
        Ok(SignedRequest { headers: headers.0, canonical_query: query, signed })
    }
}

/// The headers in the order they are sent.
struct Headers(Vec<(Cow<'static, str>, Zeroizing<String>)>);

impl Headers {
    fn request(&mut self, request: &SigningRequest<'_>, date: &str, nonce: &str, hash: &str) -> Result<(), Error> {
        self.push("host", &request.host)?;
        self.push("x-acs-version", &request.version)?;
        self.push("x-acs-action", &request.action)?;
        self.push_some("user-agent", request.user_agent.as_deref())?;
        self.push("x-acs-date", date)?;
        self.push("x-acs-signature-nonce", nonce)?;
        self.push_some("accept", request.accept.as_deref())?;
        for (name, value) in &request.headers {
            let name = name.to_ascii_lowercase();
            let value = header_value(|| header_field(&name).into(), value)?.to_owned();
            self.0.push((name.into(), Zeroizing::new(value)));
        }
        self.push_some("content-type", request.content_type.as_deref())?;
        self.push("x-acs-content-sha256", hash)
    }

    fn credential(&mut self, credential: &Credential) -> Result<(), Error> {
        match credential.identity() {
            Identity::Keyed { id, token, .. } => {
                self.push_some("x-acs-credentials-provider", credential.provider_name())?;
                if let Some(token) = token {
                    self.push("x-acs-accesskey-id", id)?;
                    self.push("x-acs-security-token", token.expose_secret())?;
                }
                Ok(())
            }
            Identity::Bearer(token) => {
                self.push("x-acs-bearer-token", token.expose_secret())?;
                self.push("x-acs-signature-type", "BEARERTOKEN")
            }
            Identity::Anonymous => Ok(()),
        }
    }

    fn push_some(&mut self, name: &'static str, value: Option<&str>) -> Result<(), Error> {
        value.map_or(Ok(()), |value| self.push(name, value))
    }

    fn push(&mut self, name: &'static str, value: &str) -> Result<(), Error> {
        let value = header_value(|| format!("header `{name}`").into(), value)?;
        self.0.push((name.into(), Zeroizing::new(value.to_owned())));
        Ok(())
    }

    fn covered(&self, policy: HeaderPolicy) -> HeaderValues<'_> {
        let covers = |name: &str| policy == HeaderPolicy::All || is_minimal(name);
        let covered = self.0.iter().filter(|(name, _)| covers(name));
        covered.map(|(name, value)| (Cow::Borrowed(&**name), value.as_str())).collect()
    }
}

/// Whether [`HeaderPolicy::Minimal`] covers a header; a verifier insists on the same ones.
pub(crate) fn is_minimal(name: &str) -> bool {
    name == "host" || name == "content-type" || name.starts_with("x-acs-")
}

#[cfg(test)]
mod tests;
