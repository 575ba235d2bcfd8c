//! The client on the wire: what it sends, and what becomes of every kind of answer.

use std::time::Duration;

use ack_client::models::{DescribeClusterTasksQuery, DescribeClustersForRegionQuery, UpgradeClusterRequest};
use ack_client::{Client, Error, Network};

use crate::canned::{Canned, SECRET, TOKEN, answer};

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";
const OK: &str = r#"{"status":"running","upgrade_step":"prechecking"}"#;

fn json(status: &str, body: &str) -> String {
    answer(status, "application/json;charset=utf-8", body)
}

#[expect(deprecated, reason = "the operation this workspace starts from is deprecated by the service")]
async fn get_upgrade_status(client: &Client, cluster: &str) -> Result<String, Error> {
    let status = client.get_upgrade_status(cluster).await?;
    let request_id = status.request_id().unwrap_or("none").to_owned();
    Ok(format!("HTTP {} {:?} {:?} {request_id}", status.status().as_u16(), status.upgrade_step, status.status))
}

/// Everything an error has to say, for snapshots.
fn describe(error: &Error) -> String {
    let predicates = [
        ("invalid_input", error.is_invalid_input()),
        ("credentials", error.is_credentials()),
        ("not_found", error.is_not_found()),
        ("forbidden", error.is_forbidden()),
        ("throttled", error.is_throttled()),
        ("bad_signature", error.is_bad_signature()),
        ("server", error.is_server()),
        ("timeout", error.is_timeout()),
        ("transport", error.is_transport()),
        ("connect", error.is_connect()),
        ("decode", error.is_decode()),
        ("body_too_large", error.is_body_too_large()),
    ];
    let holding: Vec<&str> = predicates.iter().filter(|(_, holds)| *holds).map(|(name, _)| *name).collect();
    let shown = format!("{error}\n{error:?}");
    assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "a secret shows in {shown}");
    format!(
        "{error}\n  [{}] status {:?} code {:?}",
        holding.join(" "),
        error.status().map(|s| s.as_u16()),
        error.code()
    )
}

/// The port is part of the signed host, so the signature differs in every run.
fn without_signature(request: &str) -> String {
    let (head, rest) = request.split_once("Signature=").unwrap();
    format!("{head}Signature=SIGNATURE{}", rest.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

#[tokio::test]
async fn requests_as_they_go_out() {
    let server = Canned::new((0..4).map(|_| json("200 OK", "{}"))).await;
    let client = server.client();
    get_upgrade_status(&client, "a b/ü").await.unwrap();
    let request = UpgradeClusterRequest {
        next_version: Some("1.32.1-aliyun.1".to_owned()),
        master_only: Some(true),
        ..Default::default()
    };
    client.upgrade_cluster(CLUSTER, &request).await.unwrap();
    let query = DescribeClustersForRegionQuery {
        name: Some("a b+c&d=ü".to_owned()),
        page_size: Some(50),
        ..Default::default()
    };
    client.describe_clusters_for_region("cn-hangzhou", &query).await.unwrap();
    get_upgrade_status(&server.xml_client(), CLUSTER).await.unwrap();
    let requests: Vec<String> = server.requests().iter().map(|request| without_signature(request)).collect();
    insta::assert_snapshot!(requests.join("\n-----\n").replace(TOKEN, "TOKEN"));
}

#[tokio::test]
async fn answers_that_are_read() {
    let xml = "<upgrade_step>prechecking</upgrade_step><status>running</status>";
    let cases = [
        ("JSON", json("200 OK", OK)),
        ("JSON labelled as text", answer("200 OK", "text/plain", OK)),
        ("XML without a root", answer("200 OK", "application/xml", xml)),
        (
            "XML with a root",
            answer(
                "202 Accepted",
                "text/xml;charset=utf-8",
                &format!("<GetUpgradeStatusResponse>{xml}</GetUpgradeStatusResponse>"),
            ),
        ),
        ("XML labelled as JSON", json("200 OK", xml)),
        ("unknown values and fields", json("200 OK", r#"{"status":"resting","upgrade_step":"PRECHECKING","new":1}"#)),
    ];
    let server = Canned::new(cases.iter().map(|(_, answer)| answer.clone())).await;
    let mut report = String::new();
    for (name, _) in &cases {
        report.push_str(&format!("{name}: {}\n", get_upgrade_status(&server.client(), CLUSTER).await.unwrap()));
    }
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn answers_that_are_errors() {
    let html = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    let denied = r#"{"code":"StatusForbidden","message":"RAM policy Forbidden for action cs:GetUpgradeStatus","requestId":"B1","status":403,"accessDeniedDetail":{"AuthAction":"cs:GetUpgradeStatus","AuthPrincipalType":"SubUser"}}"#;
    let xml = "<?xml version=\"1.0\"?><Error><RequestId>X1</RequestId><HostId>cs</HostId><Code>SignatureDoesNotMatch</Code><Message>Specified signature is not matched.</Message></Error>";
    let cut = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"status\":\"run";
    let cases = [
        (
            "unknown cluster",
            json(
                "404 Not Found",
                r#"{"code":"ErrorClusterNotFound","message":"cluster (c1) not found in our records","requestId":"B0","status":404}"#,
            ),
        ),
        (
            "throttled with 400",
            json(
                "400 Bad Request",
                r#"{"Code":"Throttling.User","Message":"Request was denied due to user flow control.","RequestId":"B2","HostId":"cs","Recommend":"x"}"#,
            ),
        ),
        ("forbidden", json("403 Forbidden", denied)),
        ("XML error", answer("400 Bad Request", "text/xml;charset=utf-8", xml)),
        ("XML error, other label", answer("400 Bad Request", "application/xml", xml)),
        (
            "unknown key",
            json(
                "404 Not Found",
                r#"{"Code":"InvalidAccessKeyId.NotFound","Message":"Specified access key is not found."}"#,
            ),
        ),
        ("HTML 502", answer("502 Bad Gateway", "text/html", html)),
        (
            "plain text 415",
            answer("415 Unsupported Media Type", "text/plain", "code=415, message=Unsupported Media Type"),
        ),
        ("empty 500", json("500 Internal Server Error", "")),
        ("JSON 503 without a code", json("503 Service Unavailable", r#"{"detail":"later"}"#)),
        ("redirect", "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_owned()),
        (
            "an answer that echoes the token",
            json(
                "400 Bad Request",
                &format!(
                    r#"{{"Code":"SignatureDoesNotMatch","Message":"server string is x-acs-security-token:{TOKEN}"}}"#
                ),
            ),
        ),
        ("HTML with 200", answer("200 OK", "text/html", html)),
        ("empty with 200", json("200 OK", "")),
        ("cut-off JSON", json("200 OK", r#"{"status":"running","upgrade_task":{"sta"#)),
        ("cut-off XML", answer("200 OK", "application/xml", "<status>running</status><upgrade_task><sta")),
        (
            "wrong type deep inside",
            json("200 OK", r#"{"upgrade_task":{"upgrade_status":{"events":[{"Message":["x"]}]}}}"#),
        ),
        ("connection lost in the body", cut.to_owned()),
        ("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n".to_owned()),
        ("larger than the limit", json("200 OK", &format!(r#"{{"error_message":"{}"}}"#, "x".repeat(5000)))),
    ];
    let server = Canned::new(cases.iter().map(|(_, answer)| answer.clone())).await;
    let client = server.builder().max_body_bytes(4096).build().unwrap();
    let mut report = String::new();
    for (name, _) in &cases {
        let error = get_upgrade_status(&client, CLUSTER).await.unwrap_err();
        assert_eq!(error.operation(), Some("GetUpgradeStatus"));
        assert!(error.elapsed().is_some());
        report.push_str(&format!("{name}:\n  {}\n", describe(&error)));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn what_a_failure_says_is_cut_to_what_a_person_reads() {
    let long = "é".repeat(100_000);
    let body = serde_json::json!({"code": long, "message": long, "requestId": long, "Recommend": long}).to_string();
    let error = Error::from_answer(http::StatusCode::BAD_REQUEST, http::HeaderMap::new(), body);
    let length = |text: Option<&str>| text.map(|text| text.chars().count());
    let lengths = (length(error.code()), length(error.message()), length(error.request_id()));
    assert_eq!(lengths, (Some(256), Some(4096), Some(256)));
    assert!(error.message().unwrap().ends_with("é…"));
    assert!(error.to_string().chars().count() < 8192 && format!("{error:?}").chars().count() < 16384);
}

#[tokio::test]
async fn the_body_of_a_failure_survives() {
    let html = format!("<html>{}</html>", "é".repeat(1000));
    let server = Canned::new([answer("502 Bad Gateway", "text/html", &html)]).await;
    let error = get_upgrade_status(&server.client(), CLUSTER).await.unwrap_err();
    assert_eq!(error.body_start().map(|start| start.chars().count()), Some(512));
    assert_eq!(error.request_id(), Some("0527AC9A-TEST"));
}

#[tokio::test]
async fn an_answer_that_never_comes_times_out() {
    let server = Canned::new([String::new()]).await;
    let client = server.builder().timeout(Duration::from_millis(50)).build().unwrap();
    let error = get_upgrade_status(&client, CLUSTER).await.unwrap_err();
    insta::assert_snapshot!(describe(&error), @r"
    GetUpgradeStatus failed: no complete answer came within 50ms, the limit of the call
      [timeout] status None code None
    ");
}

#[tokio::test]
async fn nobody_listening_is_a_connect_error() {
    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let server = Canned::new([]).await;
    let client = server.builder().endpoint(format!("http://{address}")).build().unwrap();
    let error = get_upgrade_status(&client, CLUSTER).await.unwrap_err();
    assert!(error.is_connect() && error.is_transport() && !error.is_timeout(), "{error}");
    assert!(error.to_string().starts_with("GetUpgradeStatus failed: no connection to the service"), "{error}");
}

#[tokio::test]
async fn bad_arguments_are_refused_before_anything_is_sent() {
    let server = Canned::new([]).await;
    let client = server.client();
    let mut report = String::new();
    for cluster in ["", ".", "..", "c1\n"] {
        let error = get_upgrade_status(&client, cluster).await.unwrap_err();
        report.push_str(&format!("{cluster:?}: {}\n", describe(&error)));
    }
    let query = DescribeClusterTasksQuery::default();
    let error = client.describe_cluster_tasks("..", &query).await.unwrap_err();
    report.push_str(&format!("..: {}\n", describe(&error)));
    insta::assert_snapshot!(report);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn missing_credentials_are_refused_before_anything_is_sent() {
    use ack_client::auth::EnvironmentCredentials;
    use std::collections::BTreeMap;
    let server = Canned::new([]).await;
    let half = BTreeMap::from([("ALIBABA_CLOUD_ACCESS_KEY_ID".to_owned(), "LTAI5tExampleabcd".to_owned())]);
    let mut report = String::new();
    for (name, environment) in [("none", BTreeMap::new()), ("half", half)] {
        let credentials = EnvironmentCredentials::from_environment(environment);
        let client = server.builder().credentials(credentials).build().unwrap();
        let error = get_upgrade_status(&client, CLUSTER).await.unwrap_err();
        report.push_str(&format!("{name}: {}\n", describe(&error)));
    }
    insta::assert_snapshot!(report);
    assert!(server.requests().is_empty());
}

#[test]
fn settings_that_cannot_be_used() {
    let build = |change: fn(ack_client::ClientBuilder) -> ack_client::ClientBuilder| {
        change(Client::builder()).build().map(|client| client.endpoint().to_owned()).map_err(|error| error.to_string())
    };
    let report = [
        build(|builder| builder),
        build(|builder| builder.region("cn-hangzhou")),
        build(|builder| builder.region("cn-wuhan")),
        build(|builder| builder.region("cn-hangzhou").network(Network::Vpc)),
        build(|builder| builder.region("cn-hangzhou").network(Network::Public)),
        build(|builder| builder.region("cn-wuhan").network(Network::Vpc)),
        build(|builder| builder.endpoint("gateway.example").network(Network::Vpc)),
        build(|builder| builder.region("CN-Hangzhou")),
        build(|builder| builder.region("evil.com/#")),
        build(|builder| builder.region("")),
        build(|builder| builder.region("cn hangzhou").endpoint("cs.cn-hangzhou.aliyuncs.com")),
        build(|builder| builder.endpoint("cs-anony-vpc.cn-hangzhou.aliyuncs.com")),
        build(|builder| builder.endpoint("https://cs.cn-hangzhou.aliyuncs.com:443")),
        build(|builder| builder.endpoint("https://gateway.example:8443")),
        build(|builder| builder.endpoint("http://127.0.0.1:8080")),
        build(|builder| builder.endpoint("http://[::1]:8080")),
        build(|builder| builder.endpoint("http://localhost")),
        build(|builder| builder.endpoint("http://gateway.example")),
        build(|builder| builder.endpoint("http://gateway.example").allow_plain_http(true)),
        build(|builder| builder.endpoint("https://gateway.example/api")),
        build(|builder| builder.endpoint("https://gateway.example/")),
        build(|builder| builder.endpoint("gateway.example?x=1")),
        build(|builder| builder.endpoint("https://user:password@gateway.example")),
        build(|builder| builder.endpoint("ftp://gateway.example")),
        build(|builder| builder.endpoint("")),
        build(|builder| builder.endpoint(" gateway.example")),
        build(|builder| builder.endpoint("gate way")),
        build(|builder| builder.region("cn-hangzhou").timeout(Duration::ZERO)),
        build(|builder| builder.region("cn-hangzhou").user_agent("a\nb")),
    ];
    let lines: Vec<String> = report
        .into_iter()
        .map(|result| result.map_or_else(|error| format!("refused: {error}"), |endpoint| format!("ok: {endpoint}")))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn published_regions_are_listed() {
    let regions: Vec<_> = ack_client::published_regions().collect();
    assert_eq!(regions.len(), 37);
    let hangzhou = regions.iter().find(|region| region.id == "cn-hangzhou").unwrap();
    assert_eq!(hangzhou.name, "China (Hangzhou)");
    assert_eq!(hangzhou.host(Network::Public), "cs.cn-hangzhou.aliyuncs.com");
    assert_eq!(hangzhou.host(Network::Vpc), "cs-anony-vpc.cn-hangzhou.aliyuncs.com");
    for region in regions {
        let built = Client::builder().region(region.id).build().unwrap();
        assert_eq!(built.endpoint(), format!("https://{}", region.host(Network::Public)));
    }
}
