//! Signing and verifying against each other, and every way to be refused.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;
use crate::{Credential, Error, HeaderPolicy, Signer, SigningRequest, encode_component};

const SECRET: &str = "testAccessKeySecret";

/// A request on the wire, in pieces that a test can damage.
#[derive(Debug, Clone)]
struct Wire {
    method: &'static str,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    authorization: Authorization,
}

impl Wire {
    fn signed(policy: HeaderPolicy, parameter: &str, query: Vec<(String, String)>, body: Vec<u8>, token: &str) -> Self {
        let path = format!("/api/v2/clusters/x{}/upgrade", encode_component(parameter));
        let request = SigningRequest::new("POST", "127.0.0.1:8080", path.as_str(), "UpgradeCluster", "2015-12-15")
            .with_query(&query)
            .with_accept("application/json")
            .with_user_agent("test/1")
            .with_content_type("application/json; charset=utf-8")
            .with_body(&body);
        let credential = Credential::sts("testAccessKeyId", SECRET, token).with_provider_name("static_sts");
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
        let signed = Signer::new(policy).sign(&request, &credential, date, "0123456789abcdef").unwrap();
        let headers = signed.headers().map(|(name, value)| (name.to_uppercase(), value.as_bytes().to_vec())).collect();
        let authorization = signed.authorization().unwrap().parse().unwrap();
        drop(request);
        Self { method: "POST", path, query, headers, body, authorization }
    }

    fn simple() -> Self {
        Self::signed(HeaderPolicy::Minimal, "c1", vec![("a".to_owned(), "b c".to_owned())], b"{}".to_vec(), "testToken")
    }

    /// The query in wire order with spaces as `+`, as official clients send it.
    fn form_query(&self) -> String {
        let encode = |text: &str| encode_component(text).replace("%20", "+");
        let pairs = self.query.iter().rev().map(|(key, value)| format!("{}={}", encode(key), encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    fn verify_with(&self, secret: &str) -> Result<(), Mismatch> {
        let query = self.form_query();
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value));
        let request = ReceivedRequest::new(self.method, &self.path, &query).with_headers(headers).with_body(&self.body);
        verify(&request, &self.authorization, secret)
    }

    fn verify(&self) -> Result<(), Mismatch> {
        self.verify_with(SECRET)
    }

    fn refusal(&self) -> MismatchKind {
        self.verify().unwrap_err().kind()
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        let (_, old) = self.headers.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(name)).unwrap();
        *old = value.to_vec();
    }

    fn remove(&mut self, name: &str) {
        self.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    /// Replaces the list of covered headers, keeping the signature.
    fn relist(&mut self, names: impl Iterator<Item = String>) {
        let (id, signature) = (self.authorization.access_key_id(), self.authorization.signature());
        self.authorization = Authorization::new(id.to_owned(), names.collect(), signature.to_owned());
    }
}

/// The official Python SDK's asynchronous calls go through a library that labels a request without a body after it
/// has been signed.
#[test]
fn a_content_type_that_labels_no_body_need_not_be_signed() {
    let request = SigningRequest::new("GET", "127.0.0.1:8080", "/clusters", "DescribeClusters", "2015-12-15");
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    let signed = Signer::default().sign(&request, &Credential::access_key("id", SECRET), date, "nonce").unwrap();
    let authorization: Authorization = signed.authorization().unwrap().parse().unwrap();
    let label = [("Content-Type", "application/octet-stream")];
    let received = ReceivedRequest::new("GET", "/clusters", "").with_headers(signed.headers().chain(label));
    assert!(verify(&received, &authorization, SECRET).is_ok());
}

#[test]
fn a_signed_request_is_accepted_however_its_query_is_spelled() {
    let wire = Wire::simple();
    assert!(wire.verify().is_ok());
    let headers = || wire.headers.iter().map(|(name, value)| (name.as_str(), value));
    for query in ["a=b+c", "a=b%20c", "%61=b%20c&", "a=b%20%63"] {
        let request = ReceivedRequest::new("POST", &wire.path, query).with_headers(headers()).with_body(b"{}");
        assert!(verify(&request, &wire.authorization, SECRET).is_ok(), "{query}");
    }
}

#[test]
fn a_wrong_secret_is_answered_with_the_verifiers_texts_without_the_token() {
    let mismatch = Wire::simple().verify_with("another").unwrap_err();
    assert_eq!((mismatch.kind(), mismatch.code()), (MismatchKind::Signature, "SignatureDoesNotMatch"));
    insta::assert_snapshot!(mismatch.canonical_request().unwrap(), @r"
    POST
    /api/v2/clusters/xc1/upgrade
    a=b%20c
    content-type:application/json; charset=utf-8
    host:127.0.0.1:8080
    x-acs-accesskey-id:testAccessKeyId
    x-acs-action:UpgradeCluster
    x-acs-content-sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
    x-acs-credentials-provider:static_sts
    x-acs-date:2026-01-02T03:04:05Z
    x-acs-security-token:[REDACTED]
    x-acs-signature-nonce:0123456789abcdef
    x-acs-version:2015-12-15

    content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version
    44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
    ");
    assert!(mismatch.string_to_sign().unwrap().starts_with("ACS3-HMAC-SHA256\n"));
}

#[test]
fn faults_of_the_headers_are_told_apart() {
    let mut unlisted = Wire::simple();
    unlisted.headers.push(("X-Acs-Retry-Attempts".to_owned(), b"1".to_vec()));
    let mut unlisted_host = Wire::simple();
    let names: Vec<String> = unlisted_host.authorization.signed_headers().to_vec();
    unlisted_host.relist(names.iter().filter(|name| *name != "host").cloned());
    let mut unlisted_type = Wire::simple();
    unlisted_type.relist(names.iter().filter(|name| *name != "content-type").cloned());
    let mut hostless = Wire::simple();
    hostless.remove("host");
    let mut hashless = Wire::simple();
    hashless.remove(BODY_HASH);
    let mut dateless = Wire::simple();
    dateless.remove("x-acs-date");
    let mut unprintable = Wire::simple();
    unprintable.set("x-acs-action", &[b'a', 0xff]);
    let mut body = Wire::simple();
    body.body.push(b' ');
    let mut relabelled = Wire::simple();
    relabelled.set(BODY_HASH, b"0000");
    let mut repeated = Wire::simple();
    repeated.headers.push((BODY_HASH.to_owned(), b"0000".to_vec()));

    let wires =
        [unlisted, unlisted_host, unlisted_type, hostless, hashless, dateless, unprintable, body, relabelled, repeated];
    let lines: Vec<String> = wires
        .iter()
        .map(|wire| {
            let mismatch = wire.verify().unwrap_err();
            let texts = mismatch.canonical_request().is_some();
            format!("{:?} {} {:?} {texts}: {mismatch}", mismatch.kind(), mismatch.code(), mismatch.header())
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    UnsignedHeader IncompleteSignature Some("x-acs-retry-attempts") false: header `x-acs-retry-attempts` is not covered by the signature: add it to SignedHeaders
    UnsignedHeader IncompleteSignature Some("host") false: header `host` is not covered by the signature: add it to SignedHeaders
    UnsignedHeader IncompleteSignature Some("content-type") false: header `content-type` is not covered by the signature: add it to SignedHeaders
    AbsentHeader IncompleteSignature Some("host") false: header `host` is missing: send it, with the value that was signed
    AbsentHeader IncompleteSignature Some("x-acs-content-sha256") false: header `x-acs-content-sha256` is missing: send it, with the value that was signed
    AbsentHeader IncompleteSignature Some("x-acs-date") false: header `x-acs-date` is missing: send it, with the value that was signed
    MalformedHeader IncompleteSignature Some("x-acs-action") false: header `x-acs-action` holds control or non-ASCII characters: encode its value
    BodyHash SignatureDoesNotMatch None true: x-acs-content-sha256 is not the SHA-256 of the body received: hash the exact bytes that are sent
    BodyHash SignatureDoesNotMatch None true: x-acs-content-sha256 is not the SHA-256 of the body received: hash the exact bytes that are sent
    BodyHash SignatureDoesNotMatch None true: x-acs-content-sha256 is not the SHA-256 of the body received: hash the exact bytes that are sent
    "#);
}

#[test]
fn another_method_is_refused() {
    let mut wire = Wire::simple();
    wire.method = "PUT";
    assert_eq!(wire.refusal(), MismatchKind::Signature);
}

fn wires() -> impl Strategy<Value = Wire> {
    let policy = prop_oneof![Just(HeaderPolicy::Minimal), Just(HeaderPolicy::All)];
    let pairs = prop::collection::vec((any::<String>(), any::<String>()), 0..5);
    let body = prop::collection::vec(any::<u8>(), 0..40);
    (policy, any::<String>(), pairs, body, "[A-Za-z0-9+/]{0,20}")
        .prop_map(|(policy, parameter, query, body, token)| Wire::signed(policy, &parameter, query, body, &token))
}

/// Changes one bit of a byte at a place chosen by `at`; false when there is no byte.
fn flip(bytes: &mut [u8], at: prop::sample::Index, bit: u8) -> bool {
    if bytes.is_empty() {
        return false;
    }
    let place = at.index(bytes.len());
    bytes.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1 << (bit % 8));
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_signed_is_accepted(wire in wires()) {
        prop_assert!(wire.verify().is_ok());
    }

    #[test]
    fn a_flipped_byte_of_the_path_is_refused(wire in wires(), at: prop::sample::Index, bit in 0_u8..7) {
        let mut bytes = wire.path.clone().into_bytes();
        prop_assume!(flip(&mut bytes, at, bit));
        let damaged = Wire { path: String::from_utf8(bytes).unwrap(), ..wire };
        prop_assert_eq!(damaged.refusal(), MismatchKind::Signature);
    }

    #[test]
    fn a_flipped_byte_of_a_query_value_is_refused(
        mut wire in wires(), which: prop::sample::Index, at: prop::sample::Index, bit in 0_u8..7
    ) {
        prop_assume!(!wire.query.is_empty());
        let place = which.index(wire.query.len());
        let value = &mut wire.query[place].1;
        let mut bytes = value.clone().into_bytes();
        prop_assume!(flip(&mut bytes, at, bit));
        let Ok(changed) = String::from_utf8(bytes) else { return Err(TestCaseError::reject("not text any more")) };
        *value = changed;
        prop_assert_eq!(wire.refusal(), MismatchKind::Signature);
    }

    #[test]
    fn a_flipped_byte_of_the_body_is_refused(mut wire in wires(), at: prop::sample::Index, bit in 0_u8..8) {
        prop_assume!(flip(&mut wire.body, at, bit));
        prop_assert_eq!(wire.refusal(), MismatchKind::BodyHash);
    }

    #[test]
    fn a_flipped_byte_of_a_signed_header_is_refused(
        mut wire in wires(), which: prop::sample::Index, at: prop::sample::Index, bit in 0_u8..8
    ) {
        let names = wire.authorization.signed_headers().to_vec();
        let name = which.get(&names);
        let (_, value) = wire.headers.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(name)).unwrap();
        prop_assume!(flip(value, at, bit));
        prop_assert!(wire.verify().is_err());
    }

    #[test]
    fn a_flipped_byte_of_the_signature_is_refused(wire in wires(), at: prop::sample::Index, bit in 0_u8..7) {
        let mut bytes = wire.authorization.signature().as_bytes().to_vec();
        flip(&mut bytes, at, bit);
        let signature = String::from_utf8(bytes).unwrap();
        let written = wire.authorization.to_string().replace(wire.authorization.signature(), &signature);
        match written.parse() {
            Ok(authorization) => prop_assert_eq!(Wire { authorization, ..wire }.refusal(), MismatchKind::Signature),
            Err(error) => prop_assert!(Error::is_malformed_authorization(&error)),
        }
    }
}
