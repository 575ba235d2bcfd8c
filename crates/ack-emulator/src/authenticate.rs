//! Second stage: who sent the request, and is it fresh and unaltered?
//!
//! The checks and their answers follow ACS3-HMAC-SHA256 and the vendor's error tables, in this order: form of the
//! `Authorization` header, key, date, signature, security token, nonce. A nonce is used up by a request whose signature
//! is right, and by no other.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ack_auth::{Authorization, Mismatch, ReceivedRequest, verify};
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::clock::{after, elapsed};
use crate::keys::{Key, Keys};
use crate::nonces::Nonces;
use crate::receive::Received;
use crate::refusal::Refusal;

/// How far the date of a request may be from the present, either way.
const FRESHNESS: Duration = Duration::from_secs(15 * 60);

/// The longest nonce that is accepted, in bytes.
const MAX_NONCE: usize = 256;

/// The present, for judging dates by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present {
    /// The wall clock's time.
    pub(crate) real: Timestamp,
    /// What the server takes for it.
    pub(crate) shown: Timestamp,
}

/// Keys and used nonces.
#[derive(Debug)]
pub(crate) struct Gate {
    keys: Keys,
    nonces: Mutex<Nonces>,
}

impl Gate {
    pub(crate) fn new(keys: Keys) -> Self {
        Self { keys, nonces: Mutex::default() }
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Lets a request pass or says why not.
    pub(crate) fn authenticate(&self, received: &Received, body: &[u8], present: Present) -> Result<(), Refusal> {
        let authorization = authorization(received)?;
        let key = self.keys.find(authorization.access_key_id()).ok_or_else(|| {
            let message = "The access key id is not known; the emulator prints those it knows when it starts.";
            Refusal::gateway(StatusCode::NOT_FOUND, "InvalidAccessKeyId.NotFound", message)
        })?;
        let date = fresh_date(received, present.shown)?;
        let nonce = nonce(received)?;
        let headers = received.parts.headers.iter();
        let signed = ReceivedRequest::new(received.parts.method.as_str(), received.path(), received.query())
            .with_headers(headers.map(|(name, value)| (name.as_str(), value.as_bytes())))
            .with_body(body);
        verify(&signed, &authorization, key.secret()).map_err(|mismatch| refused_signature(&mismatch))?;
        check_token(received, key)?;
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        // A request dated ahead stays fresh for longer, and so can be sent again for longer. Nonces are kept by the wall
        // clock, for one that is off now may be right with the next request.
        let expiry = after(date.max(present.real), FRESHNESS);
        if nonces.consume(&key.id, nonce, expiry, present.real) {
            Ok(())
        } else {
            let message = "The value of x-acs-signature-nonce was used before; send a new one with every attempt.";
            Err(bad_request("SignatureNonceUsed", message))
        }
    }
}

fn authorization(received: &Received) -> Result<Authorization, Refusal> {
    let signature_type = received.header("x-acs-signature-type").unwrap_or_default();
    if signature_type.eq_ignore_ascii_case("BEARERTOKEN") {
        let message = "Bearer tokens are not accepted; sign the request with ACS3-HMAC-SHA256.";
        return Err(bad_request("UnsupportedSignatureType", message));
    }
    let Some(text) = received.header("authorization") else {
        let message = "The Authorization header is missing; sign the request with ACS3-HMAC-SHA256.";
        return Err(bad_request("IncompleteSignature", message));
    };
    text.parse().map_err(|error: ack_auth::Error| {
        let code = if error.is_unsupported_algorithm() { "UnsupportedSignatureType" } else { "IncompleteSignature" };
        bad_request(code, format!("The request is not signed as it should be: {error}."))
    })
}

fn fresh_date(received: &Received, now: Timestamp) -> Result<Timestamp, Refusal> {
    let text = received.header("x-acs-date").ok_or_else(|| Refusal::missing_parameter("x-acs-date"))?;
    let date = parse_date(text).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        let message = format!("The value of x-acs-date, {shown:?}, is not of the form 2006-01-02T15:04:05Z.");
        bad_request("InvalidTimeStamp.Format", message)
    })?;
    if elapsed(date, now).max(elapsed(now, date)) <= FRESHNESS {
        return Ok(date);
    }
    let message = format!(
        "The value of x-acs-date, {date}, is more than 15 minutes from the time here, {}; set the clock.",
        now.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    Err(bad_request("InvalidTimeStamp.Expired", message))
}

fn parse_date(text: &str) -> Option<Timestamp> {
    const LENGTH: usize = "2006-01-02T15:04:05Z".len();
    if text.len() != LENGTH {
        return None;
    }
    let date = DateTime::strptime("%Y-%m-%dT%H:%M:%SZ", text).ok()?;
    Some(date.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
}

fn nonce(received: &Received) -> Result<&str, Refusal> {
    let nonce = received.header("x-acs-signature-nonce").unwrap_or_default().trim();
    if nonce.is_empty() {
        return Err(Refusal::missing_parameter("x-acs-signature-nonce"));
    }
    if nonce.len() > MAX_NONCE {
        let message = "The value of x-acs-signature-nonce is longer than 256 bytes; 32 hexadecimal digits will do.";
        return Err(bad_request("IncompleteSignature", message));
    }
    Ok(nonce)
}

/// The service echoes its string to sign, so that a client can tell a wrong secret from a wrong canonical request. The
/// canonical request itself comes as a hint for people: which of its lines differs, only the sender can see.
fn refused_signature(mismatch: &Mismatch) -> Refusal {
    let Some(string_to_sign) = mismatch.string_to_sign() else {
        return bad_request(mismatch.code(), format!("The signature is incomplete: {mismatch}."));
    };
    let canonical_request = mismatch.canonical_request().unwrap_or_default();
    tracing::debug!(%mismatch, canonical_request, "refused a signature");
    let message = format!("The signature is not the one computed here. server string to sign is:{string_to_sign}");
    let hint = format!("{mismatch}. The canonical request computed here is:\n{canonical_request}");
    bad_request(mismatch.code(), message).with_recommend(hint)
}

fn check_token(received: &Received, key: &Key) -> Result<(), Refusal> {
    let sent = received.header("x-acs-security-token").filter(|token| !token.is_empty());
    match (key.token(), sent) {
        (None, None) => Ok(()),
        (Some(expected), Some(sent)) if expected == sent => Ok(()),
        (Some(_), None) => {
            let message = "The access key is one of STS; send its security token as x-acs-security-token.";
            Err(bad_request("InvalidSecurityToken.Malformed", message))
        }
        (_, Some(_)) => {
            let message = "The value of x-acs-security-token does not belong to the access key.";
            Err(bad_request("InvalidSecurityToken.MismatchWithAccessKey", message))
        }
    }
}

fn bad_request(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::gateway(StatusCode::BAD_REQUEST, code, message)
}
