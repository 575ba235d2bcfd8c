//! Requests that do not get past the gateway.

use std::time::Duration;

use ack_auth::{Credential, HeaderPolicy};

use crate::emulator::probe::{MANAGED, Probe, probe, settings, start};

const PATH: &str = "/clusters/c106f377e16f34eb1808d6b9362c9test";
const ACTION: &str = "DescribeClusterDetail";

/// Signs a request, lets `change` alter its headers, and sends it.
fn altered(probe: &Probe, change: impl Fn(&mut Vec<(String, String)>)) -> crate::emulator::probe::Reply {
    let signed = probe.signed(&probe.get(ACTION, PATH));
    let mut headers: Vec<(String, String)> =
        signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    change(&mut headers);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    probe.send_raw(&headers, "GET", PATH, b"")
}

fn without(name: &'static str) -> impl Fn(&mut Vec<(String, String)>) {
    move |headers| headers.retain(|(own, _)| own != name)
}

fn with(name: &'static str, value: &'static str) -> impl Fn(&mut Vec<(String, String)>) {
    move |headers| {
        headers.retain(|(own, _)| own != name);
        headers.push((name.to_owned(), value.to_owned()));
    }
}

#[test]
fn both_header_policies_pass() {
    for policy in [HeaderPolicy::Minimal, HeaderPolicy::All] {
        let probe = Probe { policy, ..probe() };
        assert_eq!(probe.detail(MANAGED).status, 200, "{policy:?}");
        assert_eq!(probe.upgrade(MANAGED, r#"{"next_version":"1.32.1-aliyun.1"}"#).status, 200, "{policy:?}");
    }
}

#[test]
fn faults_of_headers_are_named() {
    let probe = probe();
    let rows = [
        altered(&probe, without("authorization")),
        altered(&probe, with("authorization", "ACS3-HMAC-SHA256 Credential=id")),
        altered(&probe, with("authorization", "ACS3-HMAC-SM3 Credential=id,SignedHeaders=host,Signature=00")),
        altered(&probe, with("x-acs-signature-type", "BEARERTOKEN")),
        altered(&probe, without("x-acs-date")),
        altered(&probe, with("x-acs-date", "Fri, 02 Jan 2026 03:04:05 GMT")),
        altered(&probe, with("x-acs-date", "2026-02-30T03:04:05Z")),
        altered(&probe, without("x-acs-signature-nonce")),
        altered(&probe, without("x-acs-content-sha256")),
        altered(&probe, without("host")),
        altered(&probe, with("x-acs-extra", "unsigned")),
    ];
    let rows: Vec<String> = rows.iter().map(crate::emulator::probe::Reply::refusal).collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
    400 IncompleteSignature: The Authorization header is missing; sign the request with ACS3-HMAC-SHA256.
    400 IncompleteSignature: The request is not signed as it should be: the Authorization header cannot be read, because SignedHeaders is missing.
    400 UnsupportedSignatureType: The request is not signed as it should be: the signature algorithm "ACS3-HMAC-SM3" is not supported: sign with ACS3-HMAC-SHA256.
    400 UnsupportedSignatureType: Bearer tokens are not accepted; sign the request with ACS3-HMAC-SHA256.
    400 MissingParameter: The parameter x-acs-date is missing; every request needs it.
    400 InvalidTimeStamp.Format: The value of x-acs-date, "Fri, 02 Jan 2026 03:04:05 GMT", is not of the form 2006-01-02T15:04:05Z.
    400 InvalidTimeStamp.Format: The value of x-acs-date, "2026-02-30T03:04:05Z", is not of the form 2006-01-02T15:04:05Z.
    400 MissingParameter: The parameter x-acs-signature-nonce is missing; every request needs it.
    400 IncompleteSignature: The signature is incomplete: header `x-acs-content-sha256` is missing: send it, with the value that was signed.
    400 IncompleteSignature: The signature is incomplete: header `host` is missing: send it, with the value that was signed.
    400 IncompleteSignature: The signature is incomplete: header `x-acs-extra` is not covered by the signature: add it to SignedHeaders.
    "#);
}

#[test]
fn an_unknown_key_is_not_found() {
    let probe = Probe { credential: Credential::access_key("stranger", "secret"), ..probe() };
    insta::assert_snapshot!(probe.detail(MANAGED).refusal(), @"404 InvalidAccessKeyId.NotFound: The access key id is not known; the emulator prints those it knows when it starts.");
}

#[test]
fn a_wrong_secret_is_answered_with_the_string_to_sign() {
    let probe = Probe { credential: Credential::access_key("id", "wrong"), ..probe() };
    let signed = probe.signed(&probe.get(ACTION, PATH));
    let reply = probe.send(&signed, "GET", PATH, b"");
    let json = reply.json();
    assert_eq!((reply.status, json["Code"].as_str()), (400, Some("SignatureDoesNotMatch")));
    let message = json["Message"].as_str().unwrap();
    let string_to_sign = message.split_once("server string to sign is:").unwrap().1;
    assert_eq!(Some(string_to_sign), signed.string_to_sign());
    assert!(json["Recommend"].as_str().unwrap().ends_with(signed.canonical_request().unwrap()));
    assert_eq!(json["HostId"], "emulator");
    assert!(!reply.body.contains("wrong") && !reply.body.contains("\"secret\""));
}

#[test]
fn what_was_signed_is_what_must_arrive() {
    let probe = probe();
    let signed = probe.signed(&probe.get(ACTION, PATH));
    for (method, path, body) in [
        ("GET", "/clusters/c82e6987e2961451182edacd74faftest", &b""[..]),
        ("DELETE", PATH, b""),
        ("GET", "/clusters/c106f377e16f34eb1808d6b9362c9test?all=true", b""),
        ("GET", PATH, b"{}"),
    ] {
        let reply = probe.send(&signed, method, path, body);
        assert_eq!(reply.field("/Code"), "SignatureDoesNotMatch", "{method} {path}");
    }
    // None of these used up the nonce.
    assert_eq!(probe.send(&signed, "GET", PATH, b"").status, 200);
}

#[test]
fn a_nonce_serves_once() {
    let probe = probe();
    let signed = probe.signed(&probe.get(ACTION, PATH));
    assert_eq!(probe.send(&signed, "GET", PATH, b"").status, 200);
    insta::assert_snapshot!(probe.send(&signed, "GET", PATH, b"").refusal(), @"400 SignatureNonceUsed: The value of x-acs-signature-nonce was used before; send a new one with every attempt.");
}

#[test]
fn a_date_is_fresh_for_fifteen_minutes_either_way() {
    let quarter = Duration::from_secs(15 * 60);
    let second = Duration::from_secs(1);
    for (date, status) in [
        (start() - quarter, 200),
        (start() + quarter, 200),
        (start() - quarter - second, 400),
        (start() + quarter + second, 400),
    ] {
        let probe = Probe { date, ..probe() };
        let reply = probe.detail(MANAGED);
        assert_eq!(reply.status, status, "{}", reply.body);
    }
    let probe = Probe { date: start() - quarter - second, ..probe() };
    insta::assert_snapshot!(probe.detail(MANAGED).refusal(), @"400 InvalidTimeStamp.Expired: The value of x-acs-date, 2026-01-02T02:49:04Z, is more than 15 minutes from the time here, 2026-01-02T03:04:05Z; set the clock.");
    // The time of upgrades may run ahead without making requests stale.
    let probe = crate::emulator::probe::probe();
    probe.emulator.advance(Duration::from_secs(86_400));
    assert_eq!(probe.detail(MANAGED).status, 200);
}

#[test]
fn a_key_of_sts_needs_its_token() {
    let with_credential = |credential| {
        let emulator = settings().sts_key("STS.id", "secret", "token").build().unwrap();
        Probe { credential, ..Probe::new(emulator) }.detail(MANAGED)
    };
    assert_eq!(with_credential(Credential::sts("STS.id", "secret", "token")).status, 200);
    let rows = [
        with_credential(Credential::access_key("STS.id", "secret")),
        with_credential(Credential::sts("STS.id", "secret", "another")),
        with_credential(Credential::sts("id", "secret", "token")),
    ];
    let rows: Vec<String> = rows.iter().map(crate::emulator::probe::Reply::refusal).collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    400 InvalidSecurityToken.Malformed: The access key is one of STS; send its security token as x-acs-security-token.
    400 InvalidSecurityToken.MismatchWithAccessKey: The value of x-acs-security-token does not belong to the access key.
    400 InvalidSecurityToken.MismatchWithAccessKey: The value of x-acs-security-token does not belong to the access key.
    ");
}

#[test]
fn what_no_operation_fits_is_no_api() {
    let probe = probe();
    let call = |action, path| probe.call(action, path);
    let signed = |version: &'static str| {
        let request = ack_auth::SigningRequest::new("GET", "emulator", PATH, ACTION, version);
        probe.send(&probe.signed(&request), "GET", PATH, b"")
    };
    let rows = [
        call("GetUpgradeStatus", PATH),
        call("DeleteCluster", "/no/such/path"),
        call("DescribeClusterTasks", "/clusters//tasks"),
        signed("2019-01-01"),
    ];
    let rows: Vec<String> = rows.iter().map(crate::emulator::probe::Reply::refusal).collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
    404 InvalidApi.NotFound: The action "GetUpgradeStatus" does not fit the path, which is that of DescribeClusterDetail.
    404 InvalidApi.NotFound: No operation is called with GET on this path.
    404 InvalidApi.NotFound: No operation is called with GET on this path.
    404 InvalidApi.NotFound: There is no API version "2019-01-01"; send x-acs-version: 2015-12-15.
    "#);
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let probe = probe();
    let body = vec![b' '; 4 * 1024 * 1024 + 1];
    let reply = probe.send_raw(&[("accept", "application/json")], "POST", "/api/v2/clusters/c1/upgrade", &body);
    insta::assert_snapshot!(reply.refusal(), @"413 RequestEntityTooLarge: The request body is larger than 4194304 bytes; send a smaller one.");
}

#[test]
fn requests_are_recorded_without_secrets() {
    let probe = Probe { credential: Credential::access_key("id", "wrong"), ..probe() };
    probe.call("DescribeClustersForRegion", "/regions/cn-hangzhou/clusters?name=a");
    probe.call("Nothing", "/nothing");
    let requests = probe.emulator.requests();
    let rows: Vec<String> = requests
        .iter()
        .map(|request| {
            let (operation, code) = (request.operation.unwrap_or("-"), request.code.as_deref().unwrap_or("-"));
            let status = request.status.unwrap();
            format!("{operation} {} {} ?{} {status} {code}", request.method, request.path, request.query)
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    DescribeClustersForRegion GET /regions/cn-hangzhou/clusters ?name=a 400 SignatureDoesNotMatch
    - GET /nothing ? 400 SignatureDoesNotMatch
    ");
    assert_eq!(probe.emulator.count("DescribeClustersForRegion"), 1);
    assert!(!format!("{:?}", probe.emulator).contains("\"secret\""));
}
