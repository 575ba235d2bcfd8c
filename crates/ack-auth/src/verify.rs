//! Checking the signature of a received request, for servers that stand in for the service.

use subtle::ConstantTimeEq;

use crate::canonical::{self, Line, signature, trimmed_value};
use crate::hex::sha256_hex;
use crate::mismatch::Texts;
use crate::signed_request::REDACTED;
use crate::signer::is_minimal;
use crate::wiped::WipedText;
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
    let headers = covered_headers(request, authorization)?;
    let mut covered: Vec<Line<'_>> = headers.iter().map(|(name, value)| Line { name, value }).collect();
    canonical::sort(&mut covered);
    let payload_hash = sha256_hex(request.body);
    let query = request.canonical_query();
    let parts = [request.method, request.path, &query];
    let write = |covered: &[Line<'_>]| {
        let room = canonical::room(parts) + covered.iter().map(Line::room).sum::<usize>();
        let mut text = WipedText::with_capacity(room);
        let made = canonical::write(&mut text, parts, covered.iter().copied(), &payload_hash, |_, _| ());
        (text, made)
    };
    let (text, made) = write(&covered);
    let string_to_sign = text.at(made.string_to_sign);
    let mismatch = |kind| {
        let shown = |line: &Line<'_>| SignedRequest::is_sensitive(line.name);
        let redacted: Vec<Line<'_>> =
            covered.iter().map(|line| if shown(line) { Line { value: REDACTED, ..*line } } else { *line }).collect();
        let (shown, made) = write(&redacted);
        let canonical_request = shown.at(made.request).to_owned();
        Err(Mismatch::of_texts(kind, Texts { canonical_request, string_to_sign: string_to_sign.to_owned() }))
    };
    let hashes = covered.iter().filter(|line| line.name == BODY_HASH).map(|line| line.value);
    if !hashes.eq([&*payload_hash]) {
        return mismatch(MismatchKind::BodyHash);
    }
    let expected = signature(secret, string_to_sign);
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
) -> Result<Vec<(String, &'a str)>, Mismatch> {
    let mut received: Vec<(String, &'a [u8])> = request.headers().collect();
    for name in ["host", BODY_HASH] {
        if !received.iter().any(|(present, _)| present == name) {
            return Err(Mismatch::of_header(MismatchKind::AbsentHeader, name));
        }
    }
    let mut covered = Vec::new();
    for name in authorization.signed_headers().iter().map(|name| name.to_ascii_lowercase()) {
        let before = covered.len();
        for (_, value) in received.iter().filter(|(present, _)| *present == name) {
            match trimmed_value(value) {
                Ok(value) => covered.push((name.clone(), value)),
                Err(_) => return Err(Mismatch::of_header(MismatchKind::MalformedHeader, name)),
            }
        }
        if covered.len() == before {
            return Err(Mismatch::of_header(MismatchKind::AbsentHeader, name));
        }
        received.retain(|(present, _)| *present != name);
    }
    let has_body = !request.body.is_empty();
    let rest = received.into_iter().map(|(name, _)| name);
    match rest.filter(|name| is_minimal(name) && (has_body || name != "content-type")).min() {
        Some(name) => Err(Mismatch::of_header(MismatchKind::UnsignedHeader, name)),
        None => Ok(covered),
    }
}

#[cfg(test)]
mod tests;
