//! The headers of a signed request, as the HTTP library takes them.

use std::sync::Arc;

use ack_auth::SignedRequest;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::error::Error;

/// All headers. Their values are no copies but parts of the signed request, whose memory is wiped when the last of them
/// is dropped, or constants, which the HTTP library copies and drops without counting.
pub(crate) fn headers(signed: &Arc<SignedRequest>, constants: &[&'static str]) -> Result<HeaderMap, Error> {
    let memory = Bytes::from_owner(Memory(signed.clone()));
    let mut headers = HeaderMap::with_capacity(signed.headers().len() + ADDED_LATER);
    for (name, value) in signed.headers() {
        let bytes = match constants.iter().find(|constant| **constant == value) {
            Some(constant) => Bytes::from_static(constant.as_bytes()),
            // A signed request promises that its values lie in its memory.
            None => memory.slice_ref(value.as_bytes()),
        };
        let value = HeaderValue::from_maybe_shared(bytes);
        let mut value = value.map_err(|error| Error::set_up("a header", &error))?;
        value.set_sensitive(SignedRequest::is_sensitive(name));
        headers.append(header_name(name)?, value);
    }
    Ok(headers)
}

/// How many headers the HTTP library adds: `accept-encoding`, and `content-length` where there is a body.
const ADDED_LATER: usize = 2;

struct Memory(Arc<SignedRequest>);

impl AsRef<[u8]> for Memory {
    fn as_ref(&self) -> &[u8] {
        self.0.memory()
    }
}

/// Names that every request carries need neither be checked nor copied.
fn header_name(name: &str) -> Result<HeaderName, Error> {
    const ACTION: HeaderName = HeaderName::from_static("x-acs-action");
    const ACCESS_KEY_ID: HeaderName = HeaderName::from_static("x-acs-accesskey-id");
    const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-acs-content-sha256");
    const CREDENTIALS_PROVIDER: HeaderName = HeaderName::from_static("x-acs-credentials-provider");
    const DATE: HeaderName = HeaderName::from_static("x-acs-date");
    const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-acs-security-token");
    const SIGNATURE_NONCE: HeaderName = HeaderName::from_static("x-acs-signature-nonce");
    const VERSION: HeaderName = HeaderName::from_static("x-acs-version");
    Ok(match name {
        "accept" => header::ACCEPT,
        "authorization" => header::AUTHORIZATION,
        "content-type" => header::CONTENT_TYPE,
        "host" => header::HOST,
        "user-agent" => header::USER_AGENT,
        "x-acs-action" => ACTION,
        "x-acs-accesskey-id" => ACCESS_KEY_ID,
        "x-acs-content-sha256" => CONTENT_SHA256,
        "x-acs-credentials-provider" => CREDENTIALS_PROVIDER,
        "x-acs-date" => DATE,
        "x-acs-security-token" => SECURITY_TOKEN,
        "x-acs-signature-nonce" => SIGNATURE_NONCE,
        "x-acs-version" => VERSION,
        other => HeaderName::from_bytes(other.as_bytes()).map_err(|error| Error::set_up("a header name", &error))?,
    })
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use ack_auth::{Credential, Signer, SigningRequest};

    use super::*;

    #[test]
    fn all_that_was_signed_is_sent_and_shares_its_memory() {
        let request = SigningRequest::new("POST", "h:1", "/", "UpgradeCluster", "2015-12-15")
            .with_accept("application/json")
            .with_user_agent("a b")
            .with_content_type("application/json")
            .with_headers(&[("X-Acs-Retry-Attempts", "1"), ("x-trace", ""), ("x-trace", "2")]);
        for credential in [
            Credential::access_key("id", "secret").with_provider_name("static_ak"),
            Credential::sts("id", "secret", "token"),
            Credential::bearer("token"),
        ] {
            let signed = Signer::default().sign(&request, &credential, SystemTime::UNIX_EPOCH, "nonce").unwrap();
            let signed = Arc::new(signed);
            let sent = headers(&signed, &["2015-12-15"]).unwrap();
            let memory = signed.memory().as_ptr_range();
            for (name, value) in &sent {
                assert_eq!(value.is_sensitive(), SignedRequest::is_sensitive(name.as_str()), "{name}");
                let is_constant = value == "2015-12-15";
                let value = value.as_bytes().as_ptr_range();
                let is_shared = memory.start <= value.start && value.end <= memory.end;
                assert_eq!(is_shared, !is_constant && !value.is_empty(), "{name}");
            }
            let sent: Vec<(&str, &str)> =
                sent.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
            assert_eq!(sent, signed.headers().collect::<Vec<_>>());
        }
    }
}
