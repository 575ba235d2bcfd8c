//! Requests that do not get past the gateway.

use std::time::Duration;

use ack_auth::{Credential, HeaderPolicy};

use crate::probe::{MANAGED, Probe, probe, settings, start};

const PATH: &str = "/clusters/c106f377e16f34eb1808d6b9362c9test";
const ACTION: &str = "DescribeClusterDetail";

/// Signs a request, lets `change` alter its headers, and sends it.
fn altered(probe: &Probe, change: impl Fn(&mut Vec<(String, String)>)) -> crate::probe::Reply {
    let signed = probe.signed(probe.get(ACTION, PATH));
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
    let rows: Vec<String> = rows.iter().map(crate::probe::Reply::refusal).collect();
    insta::assert_snapshot!(rows.join("\n"), @"");
}

#[test]
fn an_unknown_key_is_not_found() {
    let probe = Probe { credential: Credential::access_key("stranger", "secret"), ..probe() };
    insta::assert_snapshot!(probe.detail(MANAGED).refusal(), @"");
}

#[test]
fn a_wrong_secret_is_answered_with_the_string_to_sign() {
    let probe = Probe { credential: Credential::access_key("id", "wrong"), ..probe() };
    let signed = probe.signed(probe.get(ACTION, PATH));
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
    let signed = probe.signed(probe.get(ACTION, PATH));
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
    let signed = probe.signed(probe.get(ACTION, PATH));
    assert_eq!(probe.send(&signed, "GET", PATH, b"").status, 200);
    insta::assert_snapshot!(probe.send(&signed, "GET", PATH, b"").refusal(), @"");
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
    insta::assert_snapshot!(probe.detail(MANAGED).refusal(), @"");
    // The time of upgrades may run ahead without making requests stale.
    let probe = crate::probe::probe();
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
    let rows: Vec<String> = rows.iter().map(crate::probe::Reply::refusal).collect();
    insta::assert_snapshot!(rows.join("\n"), @"");
}

#[test]
fn what_no_operation_fits_is_no_api() {
    let probe = probe();
    let call = |action, path| probe.call(action, path);
    let signed = |version: &'static str| {
        let request = ack_auth::SigningRequest::new("GET", "emulator", PATH, ACTION, version);
        probe.send(&probe.signed(request), "GET", PATH, b"")
    };
    let rows = [
        call("GetUpgradeStatus", PATH),
        call("DeleteCluster", "/clusters"),
        call("DescribeClusterTasks", "/clusters//tasks"),
        signed("2019-01-01"),
    ];
    let rows: Vec<String> = rows.iter().map(crate::probe::Reply::refusal).collect();
    insta::assert_snapshot!(rows.join("\n"), @"");
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let probe = probe();
    let body = vec![b' '; 4 * 1024 * 1024 + 1];
    let reply = probe.send_raw(&[("accept", "application/json")], "POST", "/api/v2/clusters/c1/upgrade", &body);
    insta::assert_snapshot!(reply.refusal(), @"");
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
            format!("{operation} {} {} ?{} {} {code}", request.method, request.path, request.query, request.status)
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @"");
    assert_eq!(probe.emulator.count("DescribeClustersForRegion"), 1);
    assert!(!format!("{:?}", probe.emulator).contains("\"secret\""));
}
