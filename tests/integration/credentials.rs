//! Credentials that the client fetches by itself: what it sends to their sources, and what becomes of the answers.

use std::collections::BTreeMap;
use std::time::Duration;

use ack_client::auth::{
    Context, Credential, DefaultCredentials, HttpExchange as _, HttpRequest, RandomNonce, SystemClock,
};
use ack_client::models::DescribeClustersForRegionQuery;
use ack_client::{Client, ClientBuilder};

use crate::canned::{Canned, SECRET, TOKEN, answer};

/// A builder for this server, and the default credentials over an environment of those variables.
fn chain(server: &Canned, variables: &[(&str, &str)]) -> (ClientBuilder, DefaultCredentials) {
    let builder = server.builder().clock(SystemClock).nonce_source(RandomNonce);
    let mut environment = BTreeMap::from([("ALIBABA_CLOUD_ECS_METADATA_DISABLED".to_owned(), "true".to_owned())]);
    environment.extend(variables.iter().map(|(name, value)| (format!("ALIBABA_CLOUD_{name}"), (*value).to_owned())));
    let context = Context::new().with_environment(environment).with_http(builder.credentials_http());
    (builder, DefaultCredentials::builder().with_context(context).build())
}

fn keys() -> String {
    let body = format!(
        r#"{{"Code":"Success","AccessKeyId":"STS.ExampleUriabcd","AccessKeySecret":"{SECRET}","SecurityToken":"{TOKEN}","Expiration":"2999-01-01T00:00:00Z"}}"#
    );
    answer("200 OK", "application/json", &body)
}

async fn list(client: &Client) -> Result<usize, ack_client::Error> {
    let query = DescribeClustersForRegionQuery::default();
    Ok(client.describe_clusters_for_region("cn-hangzhou", &query).await?.clusters.len())
}

/// The lines of a request that say who sent it.
fn proof(request: &str) -> String {
    let wanted = ["authorization:", "x-acs-accesskey-id:", "x-acs-bearer-token:", "x-acs-credentials-provider:"];
    let wanted =
        |line: &&str| wanted.iter().any(|name| line.starts_with(name)) || line.starts_with("x-acs-signature-type:");
    let lines: Vec<&str> =
        request.lines().filter(wanted).map(|line| line.split(",SignedHeaders").next().unwrap()).collect();
    lines.join("\n")
}

#[tokio::test]
async fn callers_at_the_same_time_fetch_once_and_sign_with_what_came() {
    let api = || answer("200 OK", "application/json", "{}");
    let server = Canned::new([keys(), api(), api(), api()]).await;
    let uri = server.url("/keys?of=pod");
    let (builder, credentials) = chain(&server, &[("CREDENTIALS_URI", &uri)]);
    let client = builder.credentials(credentials).build().unwrap();
    let outcomes = futures_util::future::join_all([list(&client), list(&client), list(&client)]).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let requests = server.requests();
    insta::assert_snapshot!(requests[0], @r"
    GET /keys?of=pod HTTP/1.1
    accept: application/json
    accept-encoding: identity
    host: HOST
    ");
    for request in &requests[1..] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(proof(request), @r"
            x-acs-credentials-provider: default/credential_uri
            x-acs-accesskey-id: STS.ExampleUriabcd
            authorization: ACS3-HMAC-SHA256 Credential=STS.ExampleUriabcd
            ");
        }
    }
}

#[tokio::test]
async fn a_bearer_token_is_sent_without_a_signature() {
    let server = Canned::new([answer("200 OK", "application/json", "{}")]).await;
    let client = server.builder().credentials(Credential::bearer("bearer-0123456789")).build().unwrap();
    list(&client).await.unwrap();
    let request = server.requests().remove(0);
    assert_eq!(proof(&request), "x-acs-bearer-token: bearer-0123456789\nx-acs-signature-type: BEARERTOKEN");
    assert!(request.contains("\nx-acs-content-sha256: ") && request.contains("\nx-acs-signature-nonce: "), "{request}");
}

#[tokio::test]
async fn a_source_that_is_configured_and_broken_is_the_error() {
    let cases = [
        ("refused", answer("403 Forbidden", "text/plain", TOKEN)),
        ("redirect", format!("HTTP/1.1 302 Found\r\nlocation: /{TOKEN}\r\ncontent-length: 0\r\n\r\n")),
        ("no keys", answer("200 OK", "application/json", &format!(r#"{{"token":"{TOKEN}"}}"#))),
        ("no JSON", answer("200 OK", "text/html", &format!("<html>{TOKEN}</html>"))),
        ("too large", answer("200 OK", "application/json", &"x".repeat((1 << 20) + 1))),
        ("cut off", format!("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{{\"AccessKeySecret\":\"{SECRET}")),
        ("no HTTP", format!("{SECRET}\r\n")),
    ];
    let server = Canned::new(cases.iter().map(|(_, answer)| answer.clone())).await;
    let uri = server.url(&format!("/keys?token={TOKEN}"));
    let mut report = String::new();
    for (name, _) in &cases {
        let (builder, credentials) = chain(&server, &[("CREDENTIALS_URI", &uri)]);
        let error = list(&builder.credentials(credentials).build().unwrap()).await.unwrap_err();
        assert!(error.is_credentials() && !error.is_transport(), "{error}");
        let shown = format!("{error}\n{error:?}");
        assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
        report.push_str(&format!("{name}: {error}\n"));
    }
    let address = uri.split('/').nth(2).unwrap();
    insta::assert_snapshot!(report.replace(address, "HOST"));
    // Neither was the redirect followed nor anything sent with keys nobody has.
    assert!(
        server.requests().len() == cases.len()
            && server.requests().iter().all(|request| request.starts_with("GET /keys?"))
    );
}

#[tokio::test]
async fn an_exchange_is_bounded_in_time_and_quotes_nothing() {
    let server = Canned::new([String::new()]).await;
    let http = server.builder().credentials_http();
    let mut report = String::new();
    for (name, url) in [
        ("never answered", server.url("/hidden")),
        ("nobody there", "http://127.0.0.1:1/hidden?hidden".to_owned()),
        ("no URL", "hidden".to_owned()),
        ("another scheme", "hidden://127.0.0.1/hidden".to_owned()),
    ] {
        let request = HttpRequest::new("GET", url).with_timeout(Duration::from_millis(50));
        let error = http.exchange(request).await.unwrap_err();
        // Behind it stands what the operating system calls it.
        let error = error.to_string();
        let error = error.split(": tcp connect error").next().unwrap_or_default();
        report.push_str(&format!("{name}: {error}\n"));
    }
    assert!(!report.contains("hidden"), "{report}");
    insta::assert_snapshot!(report);
}

#[test]
fn a_profile_and_credentials_exclude_each_other() {
    let said = [
        Client::builder().region("cn-hangzhou").profile("dev").credentials(Credential::anonymous()).build(),
        Client::builder().region("cn-hangzhou").profile(" ").build(),
    ]
    .map(|refused| refused.unwrap_err().to_string());
    insta::assert_snapshot!(said.join("\n"), @r#"
    profile "dev" is set beside credentials: set one of the two: a profile is where default credentials come from
    profile " " names nothing: give the name of a profile, or leave it out
    "#);
}
