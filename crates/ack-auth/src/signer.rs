//! Signing a request with ACS3-HMAC-SHA256.

use std::borrow::Cow;
use std::time::SystemTime;

use secrecy::ExposeSecret;

use crate::authorization::{authorization_room, write_authorization};
use crate::canonical::{self, Line, signature};
use crate::credential::{Identity, PartNames};
use crate::date::format_date;
use crate::hex::{Digits, sha256_hex};
use crate::own_header::OwnHeader;
use crate::request::{header_field, header_value};
use crate::signed_request::Header;
use crate::wiped::WipedText;
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
        let date = format_date(date)?;
        let extra_names: Vec<String> = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        let fields = Vec::with_capacity(OwnHeader::ALL.len() + extra_names.len());
        let mut fields = Fields { policy: self.policy, fields };
        fields.own(request, credential, [&date, nonce, &payload_hash])?;
        fields.extra(request, &extra_names)?;
        let query = canonical_query(&request.query);
        Ok(written(request, credential, &query, &payload_hash, &fields.fields))
    }
}

/// Writes everything into one text, and signs it.
fn written(
    request: &SigningRequest<'_>,
    credential: &Credential,
    query: &str,
    payload_hash: &Digits,
    fields: &[Field<'_>],
) -> SignedRequest {
    let key = match credential.identity() {
        Identity::Keyed { id, secret, .. } => Some((id.as_str(), secret.expose_secret())),
        Identity::Bearer(_) | Identity::Anonymous => None,
    };
    let parts = [&request.method, &request.path, query];
    let lines: usize = fields.iter().map(|field| field.line.room()).sum();
    let authorization = key.map_or(0, |(id, _)| authorization_room(id));
    let mut text = WipedText::with_capacity(canonical::room(parts) + lines + authorization);

    let mut headers = Vec::with_capacity(fields.len() + 1);
    let mut covered = fields.iter().filter(|field| field.is_covered);
    let lines = covered.clone().map(|field| field.line);
    let canonical = canonical::write(&mut text, parts, lines, payload_hash, |name, value| {
        headers.extend(covered.next().map(|field| Header { place: field.place, name, value }));
    });
    for Field { line, place, .. } in fields.iter().filter(|field| !field.is_covered) {
        headers.push(Header { place: *place, name: text.push(line.name), value: text.push(line.value) });
    }
    if let Some((id, secret)) = key {
        let signature = signature(secret, text.at(canonical.string_to_sign));
        let name = text.push(OwnHeader::Authorization.name());
        let value = write_authorization(&mut text, id, canonical.names, &signature);
        headers.push(Header { place: OwnHeader::Authorization.place(), name, value });
    }
    headers.sort_unstable_by_key(|header| header.place);
    SignedRequest { text, headers, canonical, is_signed: key.is_some() }
}

/// The headers to send, in the order they are signed in.
struct Fields<'a> {
    policy: HeaderPolicy,
    fields: Vec<Field<'a>>,
}

/// A value, checked.
struct Field<'a> {
    line: Line<'a>,
    is_covered: bool,
    /// See [`Header::place`].
    place: u64,
}

impl<'a> Fields<'a> {
    /// The signer's own headers. They are written down in the order of their names, so that there is nothing to sort.
    fn own(
        &mut self,
        request: &'a SigningRequest<'_>,
        credential: &'a Credential,
        [date, nonce, payload_hash]: [&'a str; 3],
    ) -> Result<(), Error> {
        use OwnHeader as Own;
        let (mut id, mut token, mut bearer, mut provider) = (None, None, None, None);
        match credential.identity() {
            Identity::Keyed { id: own, token: own_token, .. } => {
                token = own_token.as_ref().map(|token| token.expose_secret());
                id = token.and(Some(own.as_str()));
                provider = credential.provider_name();
            }
            Identity::Bearer(token) => bearer = Some(token.expose_secret()),
            Identity::Anonymous => {}
        }
        for (own, value) in [
            (Own::Accept, request.accept.as_deref()),
            (Own::ContentType, request.content_type.as_deref()),
            (Own::Host, Some(&*request.host)),
            (Own::UserAgent, request.user_agent.as_deref()),
            (Own::AccessKeyId, id),
            (Own::Action, Some(&*request.action)),
            (Own::BearerToken, bearer),
            (Own::ContentSha256, Some(payload_hash)),
            (Own::CredentialsProvider, provider),
            (Own::Date, Some(date)),
            (Own::SecurityToken, token),
            (Own::SignatureNonce, Some(nonce)),
            (Own::SignatureType, bearer.and(Some("BEARERTOKEN"))),
            (Own::Version, Some(&*request.version)),
        ] {
            let Some(value) = value else { continue };
            let value = header_value(|| format!("header `{}`", own.name()).into(), value)?;
            self.push(own.name(), value, own.place());
        }
        Ok(())
    }

    /// The headers of the caller's choice, under their names in lower case.
    fn extra(&mut self, request: &'a SigningRequest<'_>, names: &'a [String]) -> Result<(), Error> {
        for (index, (name, (_, value))) in names.iter().zip(&request.headers).enumerate() {
            let value = header_value(|| Cow::Owned(header_field(name)), value)?;
            self.push(name, value, OwnHeader::extra_place(index));
        }
        if !names.is_empty() {
            self.fields.sort_unstable_by_key(|field| field.line);
        }
        Ok(())
    }

    fn push(&mut self, name: &'a str, value: &'a str, place: u64) {
        let is_covered = self.policy == HeaderPolicy::All || is_minimal(name);
        self.fields.push(Field { line: Line { name, value }, is_covered, place });
    }
}

/// Whether [`HeaderPolicy::Minimal`] covers a header; a verifier insists on the same ones.
pub(crate) fn is_minimal(name: &str) -> bool {
    name == "host" || name == "content-type" || name.starts_with("x-acs-")
}

#[cfg(test)]
mod tests;
