//! Checking the signature of a received request, for servers that stand in for the service.

use std::collections::BTreeMap;

use subtle::ConstantTimeEq;

use crate::canonical::{HeaderValues, canonical, signature, trimmed_value};
use crate::hex::sha256_hex;
use crate::mismatch::Texts;
use crate::received::redacted;
use crate::signed_request::REDACTED;
use crate::signer::is_minimal;
use crate::{Authorization, Mismatch, MismatchKind, ReceivedRequest, SignedRequest};

/// The header every V3 request carries the hash of its body in.
const BODY_HASH: &str = "x-acs-content-sha256";

/// Checks that a request was signed with `secret`, computing everything anew from what was
/// received.
///
/// The query is decoded as a form (`+` is a space) and encoded anew, so its order and spelling on
/// the wire do not matter; the path counts as it was received. Signatures are compared in constant
/// time. It does not look at the date, at whether the nonce was used before, at whose secret it is,
/// or at the security token: those are the caller's.
///
/// ```
/// use ack_auth::{Authorization, Credential, ReceivedRequest, Signer, SigningRequest, verify};
/// use std::time::{Duration, SystemTime};
///
/// let request = SigningRequest::new("GET", "127.0.0.1:8080", "/clusters", "DescribeClusters", "2015-12-15")
///     .with_query_pair("name", "a b");
/// let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
/// let signed = Signer::default().sign(&request, &Credential::access_key("id", "secret"), date, "nonce")?;
///
/// let authorization: Authorization = signed.authorization().unwrap_or_default().parse()?;
/// let received = ReceivedRequest::new("GET", "/clusters", "name=a+b").with_headers(signed.headers());
/// assert!(verify(&received, &authorization, "secret").is_ok());
///
/// let mismatch = verify(&received, &authorization, "another").unwrap_err();
/// assert_eq!(mismatch.code(), "SignatureDoesNotMatch");
/// # Ok::<(), ack_auth::Error>(())
/// ```
///
/// # Errors
///
/// A [`Mismatch`] whose [`kind`](Mismatch::kind) says what is wrong. Headers are looked at first,
/// then the body's hash, then the signature. `host`, `x-acs-content-sha256`, the `content-type` of a
/// body, and every `x-acs-*` header present must be covered. Without a body a `content-type` may be
/// left out: the official Python SDK's asynchronous calls are given one after they are signed.
pub fn verify(request: &ReceivedRequest<'_>, authorization: &Authorization, secret: &str) -> Result<(), Mismatch> {
    let covered = covered_headers(request, authorization)?;
    let payload_hash = sha256_hex(request.body);
    let query = request.canonical_query();
    let text = |headers: &HeaderValues<'_>| canonical(request.method, request.path, &query, headers, &payload_hash);
    let made = text(&covered);
    let mismatch = |kind| {
        let shown = text(&redacted(&covered, SignedRequest::is_sensitive, REDACTED));
        let canonical_request = shown.request.as_str().to_owned();
        Err(Mismatch::of_texts(kind, Texts { canonical_request, string_to_sign: made.string_to_sign.clone() }))
    };
    if !covered.values(BODY_HASH).eq([payload_hash.as_str()]) {
        return mismatch(MismatchKind::BodyHash);
    }
    let expected = signature(secret, &made.string_to_sign);
    if bool::from(expected.as_bytes().ct_eq(authorization.signature().as_bytes())) {
        Ok(())
    } else {
        mismatch(MismatchKind::Signature)
    }
}

/// The headers that `SignedHeaders` lists, once it is certain that it lists enough and all are
/// there.
fn covered_headers<'a>(
    request: &ReceivedRequest<'a>,
    authorization: &Authorization,
) -> Result<HeaderValues<'a>, Mismatch> {
    let mut received: BTreeMap<String, Vec<&'a [u8]>> = BTreeMap::new();
    for (name, value) in request.headers() {
        received.entry(name).or_default().push(value);
    }
    for name in ["host", BODY_HASH] {
        if !received.contains_key(name) {
            return Err(Mismatch::of_header(MismatchKind::AbsentHeader, name));
        }
    }
    let mut covered = Vec::new();
    for name in authorization.signed_headers().iter().map(|name| name.to_ascii_lowercase()) {
        let Some(values) = received.remove(&name) else {
            return Err(Mismatch::of_header(MismatchKind::AbsentHeader, name));
        };
        for value in values {
            match trimmed_value(value) {
                Ok(value) => covered.push((name.clone().into(), value)),
                Err(_) => return Err(Mismatch::of_header(MismatchKind::MalformedHeader, name)),
            }
        }
    }
    let has_body = !request.body.is_empty();
    match received.into_keys().find(|name| is_minimal(name) && (has_body || name != "content-type")) {
        Some(name) => Err(Mismatch::of_header(MismatchKind::UnsignedHeader, name)),
        None => Ok(covered.into_iter().collect()),
    }
}

#[cfg(test)]
mod tests;
