//! Which connections go through a proxy, and what it is told.

use std::process::{Command, Stdio};

use ack_client::auth::{HttpExchange as _, HttpRequest, StaticCredentials};
use ack_client::{Client, ClientBuilder, Error};

use crate::canned::{Canned, answer};

const PASSWORD: &str = "pr0xy/p+ww";
/// `ada` and the password, as HTTP carries them.
const BASIC: &str = "YWRhOnByMHh5L3Ard3c=";
/// Where the test that runs in a process of its own finds its endpoint.
const ENDPOINT: &str = "INTEGRATION_TEST_ENDPOINT";

fn fine() -> String {
    answer("200 OK", "application/json", "{}")
}

/// The URL of a proxy, with user and password.
fn with_password(proxy: &Canned) -> String {
    proxy.url("").replace("http://", "http://ada:pr0xy%2Fp%2Bww@")
}

/// The address of a server in a form that is not taken for loopback, so that a proxy stands before it.
fn as_foreign(server: &Canned) -> String {
    server.url("").replace("127.0.0.1", "[::ffff:127.0.0.1]")
}

fn builder(endpoint: &str) -> ClientBuilder {
    let keys = StaticCredentials::access_key("LTAI5tExampleabcd", "placeholder").unwrap();
    Client::builder().endpoint(endpoint).allow_plain_http(true).credentials(keys).max_attempts(1)
}

async fn call(builder: ClientBuilder) -> Result<(), Error> {
    builder.build()?.describe_user_quota().await.map(drop)
}

fn first_lines(server: &Canned) -> Vec<String> {
    server.requests().iter().map(|request| request.lines().next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_proxy_carries_tls_unread_and_its_password_is_not_shown() {
    let refusals = ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway"];
    let proxy = Canned::new(refusals.map(|status| answer(status, "text/html", "<html>"))).await;
    let mut report = String::new();
    for status in refusals {
        let builder = builder("https://cs.test.invalid").proxy(with_password(&proxy));
        assert!(!format!("{builder:?}").contains(PASSWORD), "{builder:?}");
        let error = call(builder).await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(![PASSWORD, "pr0xy", BASIC].iter().any(|secret| shown.contains(secret)), "{shown}");
        report.push_str(&format!("{status}: {error}\n"));
    }
    insta::assert_snapshot!(report);
    let requests = proxy.requests();
    insta::assert_snapshot!(requests[0], @r"
    CONNECT cs.test.invalid:443 HTTP/1.1
    Host: cs.test.invalid:443
    Proxy-Authorization: Basic YWRhOnByMHh5L3Ard3c=
    ");
    assert!(requests.iter().all(|request| *request == requests[0]), "{requests:?}");
}

#[tokio::test]
async fn loopback_and_direct_connections_pass_by_the_proxy() {
    let (server, proxy) = (Canned::new((0..6).map(|_| fine())).await, Canned::new((0..6).map(|_| fine())).await);
    let through = |endpoint: &str| builder(endpoint).proxy(proxy.url(""));
    call(through(&server.url(""))).await.unwrap();
    call(through(&as_foreign(&server)).no_proxy()).await.unwrap();
    let request = || HttpRequest::new("GET", format!("{}/keys", as_foreign(&server)));
    let http = through(&server.url("")).credentials_http();
    http.exchange(request().directly()).await.unwrap();
    assert_eq!(first_lines(&server), ["GET /quota HTTP/1.1", "GET /quota HTTP/1.1", "GET /keys HTTP/1.1"]);
    assert!(proxy.requests().is_empty());

    call(through(&as_foreign(&server))).await.unwrap();
    http.exchange(request()).await.unwrap();
    let port = server.url("").rsplit(':').next().unwrap().to_owned();
    let at = |path: &str| format!("GET http://[::ffff:7f00:1]:{port}{path} HTTP/1.1");
    assert_eq!(first_lines(&proxy), [at("/quota"), at("/keys")]);
    assert_eq!(server.requests().len(), 3);
}

/// The variables are those of a process, so each look at them takes one.
#[tokio::test]
async fn the_environment_names_the_proxy_and_who_needs_none() {
    let server = Canned::new((0..9).map(|_| fine())).await;
    let foreign = as_foreign(&server);
    for (variables, endpoint, is_proxied) in [
        (vec!["HTTP_PROXY"], foreign.as_str(), true),
        (vec!["http_proxy"], &foreign, true),
        (vec!["ALL_PROXY"], &foreign, true),
        (vec!["HTTPS_PROXY"], &foreign, false),
        (vec!["HTTP_PROXY", "NO_PROXY"], &foreign, false),
        (vec!["HTTP_PROXY"], &server.url(""), false),
        (vec!["HTTPS_PROXY"], "https://cs.test.invalid", true),
    ] {
        let proxy = Canned::new([fine()]).await;
        let mut child = Command::new(std::env::current_exe().unwrap());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
            child.env_remove(name).env_remove(name.to_lowercase());
        }
        for name in &variables {
            child.env(name, if *name == "NO_PROXY" { "::ffff:127.0.0.1".to_owned() } else { with_password(&proxy) });
        }
        child
            .args(["--exact", "--ignored", "proxies::a_call_in_a_process_of_its_own"])
            .env(ENDPOINT, endpoint)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        tokio::task::spawn_blocking(move || child.status()).await.unwrap().unwrap();
        assert_eq!(proxy.requests().len(), usize::from(is_proxied), "{variables:?} {endpoint}");
        let knows_password = |request: &String| request.to_lowercase().contains("proxy-authorization: basic");
        assert!(proxy.requests().iter().all(knows_password), "{:?}", proxy.requests());
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
#[ignore = "started by the_environment_names_the_proxy_and_who_needs_none, with the environment it needs"]
async fn a_call_in_a_process_of_its_own() {
    call(builder(&std::env::var(ENDPOINT).unwrap())).await.unwrap();
}

#[test]
fn proxies_that_cannot_be_used_are_refused_and_not_shown() {
    let said = [
        "",
        "http://",
        "http://ada:pr0xy@",
        "socks5://ada:pr0xy@proxy.example",
        "http://ada:pr0xy@proxy.example/path",
        "http://proxy.example?pr0xy",
        "http://ada:pr0xy@proxy.example:port",
    ]
    .map(|url| builder("https://localhost").proxy(url).build().unwrap_err().to_string())
    .join("\n");
    assert!(!said.contains("pr0xy"), "{said}");
    insta::assert_snapshot!(said, @r"
    proxy is not a URL (empty host): give it as http://host:port or https://host:port
    proxy is not a URL (empty host): give it as http://host:port or https://host:port
    proxy is not a URL (empty host): give it as http://host:port or https://host:port
    proxy has a scheme that is not supported: give it as http://host:port or https://host:port
    proxy has something behind host and port: give it as http://host:port or https://host:port
    proxy has something behind host and port: give it as http://host:port or https://host:port
    proxy is not a URL (invalid port number): give it as http://host:port or https://host:port
    ");
    assert!(builder("https://localhost").proxy("proxy.example:3128").build().is_ok());
}
