//! Signing one request, and the part of it that no signer can avoid.

use std::time::{Duration, SystemTime};

use ack_auth::{Credential, SignedRequest, Signer, SigningRequest};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

const SECRET: &str = "testAccessKeySecretOf30Letters";

/// Signs the request for the status of an upgrade with a credential that is there already, as a client does.
///
/// # Errors
///
/// None that is expected.
pub fn sign(credential: &Credential) -> Result<SignedRequest, ack_auth::Error> {
    let request = SigningRequest::new(
        "GET",
        "cs.cn-hangzhou.aliyuncs.com",
        "/api/v2/clusters/c106f377e16f34eb1808d6b9362c9test/upgrade/status",
        "GetUpgradeStatus",
        "2015-12-15",
    )
    .with_accept("application/json")
    .with_user_agent("ack-client/0.1.0");
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    Signer::default().sign(&request, credential, date, "0123456789abcdef0123456789abcdef")
}

/// The credential to sign with.
#[must_use]
pub fn credential() -> Credential {
    Credential::access_key("LTAI5tExampleabcd", SECRET)
}

/// The hash of the body, the hash of the canonical request, and the keyed hash of the string to sign.
#[must_use]
pub fn unavoidable(canonical_request: &[u8], string_to_sign: &[u8]) -> [u8; 3] {
    let body = Sha256::digest(b"");
    let request = Sha256::digest(canonical_request);
    let signature = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).map(|mut mac| {
        mac.update(string_to_sign);
        mac.finalize().into_bytes()[0]
    });
    [body[0], request[0], signature.unwrap_or_default()]
}
