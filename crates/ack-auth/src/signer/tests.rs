//! Known answers of official signers, and the requests that are refused.

use std::time::Duration;

use super::*;

const HOST: &str = "cs.cn-hangzhou.aliyuncs.com";
const NONCE: &str = "0123456789abcdef0123456789abcdef";
const AGENT: &str = "AlibabaCloud (Linux; x86_64) Vector/1.0 Core/0.0.0 TeaDSL/2";
const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

/// 2026-01-02T03:04:05Z, with a fraction that must not show.
fn date() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_323_045_999)
}

fn get<'a>(path: String, action: &'a str) -> SigningRequest<'a> {
    SigningRequest::new("GET", HOST, path, action, "2015-12-15").with_accept("application/json").with_user_agent(AGENT)
}

fn status() -> SigningRequest<'static> {
    get(format!("/api/v2/clusters/{CLUSTER}/upgrade/status"), "GetUpgradeStatus")
}

fn plain() -> Credential {
    Credential::access_key("testAccessKeyId", "testAccessKeySecret").with_provider_name("static_ak")
}

fn sign(request: &SigningRequest<'_>, credential: &Credential, policy: HeaderPolicy) -> SignedRequest {
    Signer::new(policy).sign(request, credential, date(), NONCE).unwrap()
}

fn signature_of(signed: &SignedRequest) -> &str {
    signed.authorization().unwrap().rsplit('=').next().unwrap()
}

fn refusal(request: &SigningRequest<'_>) -> Error {
    Signer::default().sign(request, &plain(), date(), NONCE).unwrap_err()
}

#[test]
fn a_get_without_query_matches_the_official_answer_under_both_policies() {
    let signed = sign(&status(), &plain(), HeaderPolicy::Minimal);
    insta::assert_snapshot!(signed.canonical_request().unwrap(), @r"
    GET
    /api/v2/clusters/c106f377e16f34eb1808d6b9362c9test/upgrade/status

    host:cs.cn-hangzhou.aliyuncs.com
    x-acs-action:GetUpgradeStatus
    x-acs-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    x-acs-credentials-provider:static_ak
    x-acs-date:2026-01-02T03:04:05Z
    x-acs-signature-nonce:0123456789abcdef0123456789abcdef
    x-acs-version:2015-12-15

    host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    ");
    assert_eq!(signature_of(&signed), "c8982b86f8286ff2664908146111fe6ea7d5412c3b14776dc705d8a59a2cbc74");
    assert_eq!(
        signature_of(&sign(&status(), &plain(), HeaderPolicy::All)),
        "e59791f693f0e2fcfb9c53e43c870988449f2b0e4451f7a657761d309dd68058"
    );
}

#[test]
fn an_sts_pair_adds_two_signed_headers() {
    let sts =
        Credential::sts("testAccessKeyId", "testAccessKeySecret", "testSecurityToken").with_provider_name("static_sts");
    let signed = sign(&status(), &sts, HeaderPolicy::All);
    let names: Vec<&str> = signed.headers().map(|(name, _)| name).collect();
    insta::assert_snapshot!(names.join(" "), @"host x-acs-version x-acs-action user-agent x-acs-date x-acs-signature-nonce accept x-acs-content-sha256 x-acs-credentials-provider x-acs-accesskey-id x-acs-security-token authorization");
    assert_eq!(signed.header("X-Acs-Security-Token"), Some("testSecurityToken"));
    assert_eq!(signature_of(&signed), "487598afe5026f0316eda6365b253ad0c14dfb3a589696df1a14d8718d1bb5ba");
    assert_eq!(
        signature_of(&sign(&status(), &sts, HeaderPolicy::Minimal)),
        "843dee4a5d8f04184b5ac2753b92485ac621c3b421875b19ec0fe31ee5b6293d"
    );
}

#[test]
fn query_values_are_encoded_as_the_official_answers_say() {
    let path = || format!("/clusters/{CLUSTER}/events");
    let cases = [
        (
            "q",
            "1+1",
            "q=1%2B1",
            "5dd7f6a5fb1e52b705372f0657354d6160f0019c3b3fb7005ad082503c4d63e7",
            "6f42f82c7700b1f4b2fc4d7fa09c370834f7f6efe6c26fd7157eeff133757d51",
        ),
        (
            "name",
            "集群-甲",
            "name=%E9%9B%86%E7%BE%A4-%E7%94%B2",
            "5f7c0fbc039fe93066822f758ce47803777481bc2c6f4ec55c91cfb697893525",
            "3a695402cc6b46ce9c19d4bc71d0fc306725334aa2960966a5bac7c9a101397a",
        ),
    ];
    for (key, value, query, minimal, all) in cases {
        let pairs = [(key, value)];
        let request = get(path(), "DescribeClusterEvents").with_query(&pairs);
        let signed = sign(&request, &plain(), HeaderPolicy::Minimal);
        assert_eq!(signed.canonical_query(), query);
        assert_eq!(signature_of(&signed), minimal);
        assert_eq!(signature_of(&sign(&request, &plain(), HeaderPolicy::All)), all);
    }
}

#[test]
fn the_documented_example_is_reproduced_under_both_policies() {
    let request = SigningRequest::new("POST", "ecs.cn-shanghai.aliyuncs.com", "/", "RunInstances", "2014-05-26")
        .with_query_pair("RegionId", "cn-shanghai")
        .with_query_pair("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")
        .with_accept("application/json")
        .with_user_agent(AGENT);
    let credential = Credential::access_key("YourAccessKeyId", "YourAccessKeySecret");
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_698_315_752);
    let sign =
        |policy| Signer::new(policy).sign(&request, &credential, date, "3156853299f313e23d1673dc12e1703d").unwrap();
    let minimal = sign(HeaderPolicy::Minimal);
    assert_eq!(
        minimal.string_to_sign().unwrap(),
        "ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
    );
    insta::assert_snapshot!(minimal.authorization().unwrap(), @"ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0");
    assert_eq!(
        signature_of(&sign(HeaderPolicy::All)),
        "a5cc2329c45e9ba8ff1ba46fc0740be11f4000bff40ba3db6641b4a6526d3565"
    );
}

#[test]
fn bearer_and_anonymous_requests_are_not_signed() {
    let bearer =
        sign(&status(), &Credential::bearer("testBearerToken").with_provider_name("ignored"), HeaderPolicy::All);
    let last: Vec<(&str, &str)> = bearer.headers().skip(8).collect();
    assert_eq!(last, [("x-acs-bearer-token", "testBearerToken"), ("x-acs-signature-type", "BEARERTOKEN")]);
    let anonymous = sign(&status(), &Credential::anonymous(), HeaderPolicy::Minimal);
    assert_eq!(anonymous.headers().len(), 8);
    for signed in [bearer, anonymous] {
        assert_eq!((signed.authorization(), signed.canonical_request(), signed.string_to_sign()), (None, None, None));
    }
}

#[test]
fn further_headers_are_lower_cased_trimmed_joined_and_sent_apart() {
    let request =
        status().with_header("X-Acs-Extra", " b ").with_header("x-acs-extra", "a").with_headers(&[("X-Trace", "t")]);
    let signed = sign(&request, &plain(), HeaderPolicy::Minimal);
    assert!(signed.canonical_request().unwrap().contains("\nx-acs-extra:a,b\n"));
    assert!(!signed.canonical_request().unwrap().contains("x-trace"));
    let sent: Vec<&str> = signed.headers().filter(|(name, _)| *name == "x-acs-extra").map(|(_, value)| value).collect();
    assert_eq!(sent, ["b", "a"]);
    assert!(sign(&request, &plain(), HeaderPolicy::All).canonical_request().unwrap().contains("\nx-trace:t\n"));
}

#[test]
fn every_text_is_part_of_one_memory_that_never_had_to_grow() {
    let body = vec![b'x'; 100];
    let pairs = [("name", "集群 a"), ("", "")];
    let full = status()
        .with_query(&pairs)
        .with_headers(&[("X-Trace", "t"), ("x-acs-extra", "b"), ("X-Acs-Extra", "")])
        .with_content_type("application/json; charset=utf-8")
        .with_body(&body);
    let bare = SigningRequest::new("GET", "h", "", "A", "1");
    let credentials =
        [plain(), Credential::sts("i", "s", "t".repeat(900)), Credential::bearer("b"), Credential::anonymous()];
    for (request, credential) in
        [&full, &bare].into_iter().flat_map(|request| credentials.iter().map(move |c| (request, c)))
    {
        for policy in [HeaderPolicy::Minimal, HeaderPolicy::All] {
            // Growing is an assertion of the text's own.
            let signed = sign(request, credential, policy);
            let memory = signed.memory().as_ptr_range();
            let texts = signed.headers().flat_map(|(name, value)| [name, value]);
            for text in texts.chain(signed.canonical_request()).chain(signed.string_to_sign()) {
                let text = text.as_bytes().as_ptr_range();
                assert!(memory.start <= text.start && text.end <= memory.end);
            }
        }
    }
}

#[test]
fn what_cannot_be_signed_is_named_with_a_remedy() {
    let of = |method: &'static str, host: &'static str, path: &'static str| {
        SigningRequest::new(method, host, path, "Action", "2015-12-15")
    };
    let cases = [
        of("get", HOST, "/"),
        of("GET", "https://cs.aliyuncs.com", "/"),
        of("GET", "", "/"),
        of("GET", HOST, "clusters"),
        of("GET", HOST, "/a b"),
        of("GET", HOST, "/a?b=c"),
        of("GET", HOST, "/100%"),
        of("GET", HOST, "/clusters/../x"),
        of("GET", HOST, "/clusters/%2e"),
        SigningRequest::new("GET", HOST, "/", "", "2015-12-15"),
        SigningRequest::new("GET", HOST, "/", "Two\nLines", "2015-12-15"),
        status().with_header("x-trace", "a\r\nb"),
        status().with_header("x-trace", "集群"),
        status().with_header("x trace", "a"),
        status().with_header("Host", "a"),
        status().with_user_agent("bell\u{7}"),
    ];
    let texts: Vec<String> = cases
        .iter()
        .map(|request| {
            let error = refusal(request);
            assert!(error.is_signing() && error.field().is_some());
            error.to_string().replace("the request cannot be signed, because its ", "")
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    method is not an upper-case word: pass GET, POST, PUT or DELETE
    host is not a host name with an optional port: pass it without scheme, path and white space
    host is not a host name with an optional port: pass it without scheme, path and white space
    path does not start with a slash: pass the path only, without scheme and host
    path is not percent-encoded: pass parameters through encode_component and the query apart
    path is not percent-encoded: pass parameters through encode_component and the query apart
    path holds a % without two hexadecimal digits: pass parameters through encode_component
    path has a segment `.` or `..`: pass another value for that parameter
    path has a segment `.` or `..`: pass another value for that parameter
    action is empty: pass the one of the operation
    header `x-acs-action` holds a line end: headers carry printable ASCII on one line
    header `x-trace` holds a line end: headers carry printable ASCII on one line
    header `x-trace` holds a character outside ASCII: headers carry printable ASCII on one line
    header `x trace` has a name that is not an HTTP token: use letters, digits and hyphens
    header `Host` is written by the signer: leave it out, or use the method made for it
    header `user-agent` holds a control character: headers carry printable ASCII on one line
    ");
}

#[test]
fn a_header_name_of_any_length_makes_a_short_refusal() {
    for (name, value) in [("\u{12}".repeat(10_000), "x"), ("x".repeat(10_000), "\n")] {
        let refused = refusal(&status().with_header(name, value)).to_string();
        assert!(refused.len() < 600 && refused.contains('…'), "{refused}");
    }
}

#[test]
fn dates_outside_four_digit_years_and_empty_nonces_are_refused() {
    let sign = |date, nonce| Signer::default().sign(&status(), &plain(), date, nonce).unwrap_err();
    let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
    let after = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800);
    for date in [before, after] {
        assert_eq!(sign(date, NONCE).field(), Some("date"));
    }
    assert_eq!(sign(date(), " ").field(), Some("nonce"));
    let epoch = Signer::default().sign(&status(), &plain(), SystemTime::UNIX_EPOCH, NONCE).unwrap();
    assert_eq!(epoch.header("x-acs-date"), Some("1970-01-01T00:00:00Z"));
}

#[test]
fn credentials_that_cannot_be_sent_are_refused() {
    let sign = |credential: &Credential| Signer::default().sign(&status(), credential, date(), NONCE).unwrap_err();
    let bad = [
        Credential::access_key("", "secret"),
        Credential::access_key("id", ""),
        Credential::sts("id", "secret", "to\nken"),
        Credential::bearer(""),
        plain().with_provider_name("two words"),
    ];
    let fields: Vec<String> = bad.iter().map(|credential| sign(credential).field().unwrap().to_owned()).collect();
    assert_eq!(fields, ["AccessKey id", "AccessKey secret", "security token", "bearer token", "provider name"]);
}
