//! Retries, repairs and limits over real connections.

use std::time::{Duration, SystemTime};

use ack_client::auth::{Clock, StaticCredentials, SystemClock};
use ack_client::models::UpgradeClusterRequest;
use ack_client::retry::ExponentialBackoff;
use ack_client::{Client, ClientBuilder, Error};
use ack_emulator::{ClusterSeed, Emulator, Fault};

use crate::canned::{Canned, answer};

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

fn json(status: &str, body: &str) -> String {
    answer(status, "application/json", body)
}

/// Three attempts, without waits.
fn retrying(server: &Canned) -> ClientBuilder {
    server.builder().max_attempts(3).backoff(ExponentialBackoff::new().cap(Duration::ZERO))
}

async fn read(client: &Client) -> Result<(), Error> {
    client.describe_cluster_detail(CLUSTER).await.map(drop)
}

async fn upgrade(client: &Client) -> Result<(), Error> {
    client.upgrade_cluster(CLUSTER, &UpgradeClusterRequest::default()).await.map(drop)
}

#[tokio::test]
async fn requests_that_are_repeated() {
    let throttled =
        json("400 Bad Request", r#"{"Code":"Throttling.User"}"#).replacen("\r\n", "\r\nx-acs-retry-after: 5\r\n", 1);
    let server = Canned::new([json("503 Service Unavailable", ""), throttled, json("200 OK", "{}")]).await;
    read(&retrying(&server).build().unwrap()).await.unwrap();
    let said: Vec<String> = server
        .requests()
        .iter()
        .map(|request| {
            let of_retries = request.lines().filter(|line| line.starts_with("x-acs-retry"));
            let (_, signed) = request.split_once("SignedHeaders=").unwrap();
            let signed = signed.split_once(',').unwrap().0;
            format!("{}signed: {signed}", of_retries.map(|line| format!("{line}\n")).collect::<String>())
        })
        .collect();
    insta::assert_snapshot!(said.join("\n-----\n"));
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer() {
    for (body, sent) in [("", 3), ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", 3), ("HTTP/1.1 200 OK\r\nx: y", 3)]
    {
        let server = Canned::scripted(move |_| body.to_owned()).await;
        let client = retrying(&server).build().unwrap();
        let error = read(&client).await.unwrap_err();
        assert!(error.is_transport() && error.is_retries_exhausted() && !error.is_connect(), "{error}");
        assert_eq!((error.attempts(), server.requests().len()), (sent, 3));

        let server = Canned::scripted(move |_| body.to_owned()).await;
        let error = upgrade(&retrying(&server).build().unwrap()).await.unwrap_err();
        assert!(error.may_have_taken_effect() && !error.is_retries_exhausted(), "{error}");
        assert_eq!((error.attempts(), server.requests().len()), (1, 1));
    }
}

#[tokio::test]
async fn nobody_listening_is_tried_again_whatever_the_method() {
    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let server = Canned::new([]).await;
    let client = retrying(&server).endpoint(format!("http://{address}")).build().unwrap();
    let error = upgrade(&client).await.unwrap_err();
    assert!(error.is_connect() && !error.may_have_taken_effect() && error.is_retries_exhausted(), "{error}");
    assert_eq!(error.attempts(), 3);
}

#[tokio::test]
async fn an_attempt_that_stalls_is_given_up_for_another() {
    let server = Canned::new([String::new()]).await;
    let client = retrying(&server).attempt_timeout(Duration::from_millis(50)).max_attempts(1).build().unwrap();
    let error = upgrade(&client).await.unwrap_err();
    assert!(error.is_timeout() && error.may_have_taken_effect(), "{error}");
    assert_eq!(server.requests().len(), 1);

    let server = Canned::new([String::new(), json("200 OK", "{}")]).await;
    let client = retrying(&server).attempt_timeout(Duration::from_millis(200)).build().unwrap();
    read(&client).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn bodies_are_bounded_however_they_are_sent() {
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let deep = format!("{{\"cluster_id\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let cases = [
        ("announced", format!("{head}content-length: 9999999999\r\n\r\n{{")),
        ("in chunks", format!("{head}transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n", chunk.repeat(5))),
        ("to the end of the connection", format!("{head}connection: close\r\n\r\n{}", "x".repeat(5000))),
        ("of a refusal", json("404 Not Found", &"x".repeat(5000))),
        ("nested too deep", json("200 OK", &deep)),
    ];
    let server = Canned::new(cases.iter().map(|(_, answer)| answer.clone())).await;
    let client = server.builder().max_body_bytes(4096).build().unwrap();
    let mut report = String::new();
    for (name, _) in &cases {
        let error = read(&client).await.unwrap_err();
        report.push_str(&format!("{name}: {error}\n"));
    }
    insta::assert_snapshot!(report);
}

/// Nothing is unpacked, so what is small on the wire stays small.
#[tokio::test]
async fn compressed_answers_are_told_and_not_unpacked() {
    let head = |status: &str, coding: &str| {
        json(status, "\u{1f}\u{8b}not to be shown").replacen("\r\n", &format!("\r\ncontent-encoding: {coding}\r\n"), 1)
    };
    let cases = [
        ("success", head("200 OK", "gzip")),
        ("another coding", head("200 OK", "BR")),
        ("refusal", head("404 Not Found", "deflate, gzip")),
        ("failure", head("502 Bad Gateway", "zstd")),
        ("none at all", json("200 OK", "{}").replacen("\r\n", "\r\ncontent-encoding: identity\r\n", 1)),
    ];
    let server = Canned::new(cases.iter().map(|(_, answer)| answer.clone())).await;
    let client = server.client();
    let mut report = String::new();
    for (name, _) in &cases {
        let told = upgrade(&client).await.map_or_else(
            |error| {
                assert!(
                    error.body_start().is_none() && error.is_decode() == (error.status().unwrap() == 200),
                    "{error:?}"
                );
                assert_eq!(error.may_have_taken_effect(), error.status().unwrap() != 404);
                error.to_string()
            },
            |()| "read".to_owned(),
        );
        report.push_str(&format!("{name}: {told}\n"));
    }
    insta::assert_snapshot!(report);

    // A GiB in a MiB.
    let emulator = Emulator::builder().access_key("emulatorKey", "emulator-secret").start().await.unwrap();
    emulator.inject(Fault::compressed(1 << 30)).unwrap();
    let credentials = StaticCredentials::access_key("emulatorKey", "emulator-secret").unwrap();
    let builder = || Client::builder().endpoint(emulator.endpoint()).credentials(credentials.clone());
    let error = builder().build().unwrap().describe_user_quota().await.unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("is compressed (gzip)"), "{error}");
    let error = builder().max_body_bytes(1000).build().unwrap().describe_user_quota().await.unwrap_err();
    assert!(error.is_body_too_large(), "{error}");
}

/// A clock that is wrong.
#[derive(Debug)]
struct Fast(Duration);

impl Clock for Fast {
    fn now(&self) -> SystemTime {
        SystemClock.now() + self.0
    }
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_by_the_date_of_the_refusal() {
    let emulator = Emulator::builder()
        .access_key("emulatorKey", "emulator-secret")
        .cluster(ClusterSeed::managed(CLUSTER, "managed", "1.31.1-aliyun.1"))
        .start()
        .await
        .unwrap();
    let builder = |correct| {
        Client::builder()
            .endpoint(emulator.endpoint())
            .credentials(StaticCredentials::access_key("emulatorKey", "emulator-secret").unwrap())
            .clock(Fast(Duration::from_secs(3 * 3600)))
            .correct_clock_skew(correct)
    };
    let error = read(&builder(false).build().unwrap()).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("InvalidTimeStamp.Expired"), 1));
    let client = builder(true).build().unwrap();
    read(&client).await.unwrap();
    read(&client.clone()).await.unwrap();
}
