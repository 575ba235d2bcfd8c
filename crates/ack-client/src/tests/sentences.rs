//! What errors say: one sentence, whatever happened.

use std::fmt::Write as _;
use std::time::Duration;

use super::{SECRET, TOKEN, builder, client, read, upgrade};
use crate::error::Error;
use crate::retry::RetryBudget;
use crate::runtime::{Lost, Script, Step};

fn checked(error: &Error) -> String {
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    for secret in [SECRET, TOKEN] {
        assert!(!text.contains(secret) && !format!("{error:?}").contains(secret), "{text}");
    }
    text
}

#[tokio::test(start_paused = true)]
async fn sentences_of_failed_calls() {
    let later = Duration::from_millis(1234);
    let cases: [(&str, Vec<Step>); 12] = [
        ("refused", vec![Step::refusal(404, "ErrorClusterNotFound")]),
        ("attempts spent", (0..4).map(|_| Step::refusal(503, "ServiceUnavailable").after(later)).collect()),
        ("throttled to the end", (0..4).map(|_| Step::refusal(400, "Throttling.User")).collect()),
        (
            "no time for the wait",
            vec![Step::refusal(400, "Throttling.Api").header("x-acs-retry-after", "60000").after(later)],
        ),
        ("out of time", (0..4).map(|_| Step::never()).collect()),
        ("out of time after another failure", vec![Step::answer(502, "<html>").after(25 * later), Step::never()]),
        ("connection refused", (0..4).map(|_| Step::lost(Lost::Connecting)).collect()),
        ("connection lost", (0..4).map(|_| Step::lost(Lost::Exchanging)).collect()),
        ("certificate", vec![Step::bad_certificate()]),
        ("answer cut off", (0..4).map(|_| Step::lost(Lost::ReadingBody)).collect()),
        ("repaired in vain", vec![Step::answer(503, ""), Step::refusal(403, "StatusForbidden")]),
        ("not understood", vec![Step::answer(200, "{\"state\":\"run")]),
    ];
    let mut report = String::new();
    for (name, steps) in cases {
        let settings = || builder().attempt_timeout(Duration::from_secs(35)).timeout(Duration::from_secs(60));
        let idempotent = read(&client(settings(), &Script::new(steps.clone()))).await.unwrap_err();
        let not = upgrade(&client(settings(), &Script::new(steps))).await.unwrap_err();
        writeln!(report, "{name}:\n  {}\n  {}", checked(&idempotent), checked(&not)).unwrap();
    }
    let script = Script::new([Step::answer(503, "")]);
    let spent = builder().retry_throttle(RetryBudget::new(4));
    writeln!(report, "budget spent:\n  {}", checked(&read(&client(spent, &script)).await.unwrap_err())).unwrap();
    insta::assert_snapshot!(report);
}

/// Every code that is known, in the shape and with the status that the service is known to use.
#[tokio::test(start_paused = true)]
async fn next_steps_for_known_codes() {
    let codes = [
        (404, "ErrorClusterNotFound"),
        (403, "StatusForbidden"),
        (403, "Forbidden.RAM"),
        (403, "NoPermission"),
        (403, "ErrorCheckAcl"),
        (400, "ErrorQueryCluster"),
        (400, "ErrorClusterState"),
        (400, "ClusterNameAlreadyExist"),
        (404, "ErrorNodePoolNotFound"),
        (404, "AddonNotFound"),
        (400, "ErrorQueryClusterNamespace"),
        (403, "ForbiddenQueryClusterNamespace"),
        (500, "APIServer.500"),
        (403, "APISERVER_403"),
        (503, "ServiceUnavailable"),
        (400, "ErrorJsonDecode"),
        (400, "Throttling"),
        (400, "Throttling.User"),
        (400, "Throttling.Api"),
        (400, "Rejected.Throttling"),
        (404, "InvalidAccessKeyId.NotFound"),
        (400, "InvalidAccessKeyId.Inactive"),
        (400, "SignatureDoesNotMatch"),
        (400, "SignatureNonceUsed"),
        (400, "InvalidTimeStamp.Expired"),
        (400, "InvalidTimeStamp.Format"),
        (400, "IncompleteSignature"),
        (400, "MissingParameter"),
        (400, "InvalidSecurityToken.Expired"),
        (400, "UnsupportedSignatureType"),
        (404, "InvalidApi.NotFound"),
        (500, "InternalError"),
    ];
    let mut report = String::new();
    for (status, code) in codes {
        let script = Script::new([Step::refusal(status, code)]);
        let text = checked(&read(&client(builder().max_attempts(1), &script)).await.unwrap_err());
        let (_, step) = text.split_once("(request id 0527AC9A-TEST); ").unwrap_or_else(|| panic!("{text}"));
        writeln!(report, "{status} {code}: {step}").unwrap();
    }
    insta::assert_snapshot!(report);
}

/// One refusal in each of the forms the service and what stands before it are known to use.
#[tokio::test(start_paused = true)]
async fn forms_of_refusals() {
    let message = "RAM policy Forbidden for action cs:UpgradeCluster";
    let detail = r#""AccessDeniedDetail":{"AuthAction":"cs:UpgradeCluster","NoPermissionType":"ExplicitDeny"}"#;
    let xml = |root: &str| {
        format!("<{root}><RequestId>B1</RequestId><Code>StatusForbidden</Code><Message>{message}</Message></{root}>")
    };
    let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    let forms = [
        ("service", format!(r#"{{"code":"StatusForbidden","message":"{message}","requestId":"B1","status":403}}"#)),
        ("gateway", format!(r#"{{"Code":"StatusForbidden","Message":"{message}","RequestId":"B1",{detail}}}"#)),
        ("camel case detail", format!(r#"{{"code":"StatusForbidden",{}}}"#, detail.replace("AccessD", "accessD"))),
        ("upper case", r#"{"CODE":"StatusForbidden","MESSAGE":"m","REQUEST_ID":"B1"}"#.to_owned()),
        ("description", r#"{"code":"StatusForbidden","description":"in words"}"#.to_owned()),
        ("a number for a code", r#"{"code":403,"message":"in words"}"#.to_owned()),
        ("XML", format!("<?xml version=\"1.0\"?>{}", xml("Error"))),
        ("XML, another root", xml("Response")),
        ("XML without a root", xml("x").replace("<x>", "").replace("</x>", "")),
        ("HTML", "<html><head><title>403 Forbidden</title></head></html>".to_owned()),
        ("plain text", "code=403, message=Forbidden".to_owned()),
        ("empty", String::new()),
        ("JSON of another kind", "[1]".to_owned()),
        ("nothing in it", r#"{"code":"","message":null}"#.to_owned()),
        ("nested too deep", format!(r#"{{"code":"StatusForbidden","more":{deep}}}"#)),
        ("larger than any refusal", format!(r#"{{"code":"StatusForbidden","message":"{}"}}"#, "x".repeat(1 << 20))),
    ];
    let mut report = String::new();
    for (name, body) in forms {
        let script = Script::new([Step::answer(403, &body)]);
        let error = upgrade(&client(builder(), &script)).await.unwrap_err();
        assert!(error.is_forbidden(), "{name}");
        let text = checked(&error);
        writeln!(report, "{name}: {:?} {:?}\n  {text}", error.code(), error.denied_action()).unwrap();
    }
    insta::assert_snapshot!(report);
}

#[tokio::test(start_paused = true)]
async fn a_signature_that_does_not_match_says_whose_fault_it_is() {
    let refusal = |hash: &str| {
        let message = format!("Specified signature is not matched. server string to sign is:ACS3-HMAC-SHA256 {hash}");
        Step::worded_refusal(400, "SignatureDoesNotMatch", &message)
    };
    let client_of = |script: &std::sync::Arc<Script>| {
        client(builder().clock(super::RuntimeClock::new(0)).nonce_source(nonce()), script)
    };
    let script = Script::new([]);
    read(&client_of(&script)).await.unwrap();
    let own = script.sent()[0].signed_hash.clone().unwrap();
    for (hash, blamed) in
        [(own, "the AccessKey secret is wrong"), ("0".repeat(64), "the request was changed on the way")]
    {
        let script = Script::new([refusal(&hash)]);
        let text = checked(&read(&client_of(&script)).await.unwrap_err());
        assert!(text.contains(blamed), "{text}");
    }
}

fn nonce() -> ack_auth::FixedNonce {
    ack_auth::FixedNonce("0123456789abcdef0123456789abcdef".to_owned())
}
