//! No secret shows in what the libraries log, say and print: all logs of all crates, the HTTP library's among them, and
//! every error, in every failure. The command line has a test of its own, with the same forms.

mod forms;

use std::fmt::Debug;
use std::time::Duration;

use ack_client::auth::StaticCredentials;
use ack_client::models::UpgradeClusterRequest;
use ack_client::retry::ExponentialBackoff;
use ack_client::{Client, ClientBuilder, Error};
use ack_emulator::{ClusterSeed, Emulator};
use ack_upgrade::Upgrades;

use self::forms::Secrets;
use crate::canned::{Canned, SECRET, TOKEN, answer};
use crate::emulator::faults;
use crate::logs::Logs;

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";
const KEY: &str = r#"emu1ator-5ecret/+="\%<&>'"#;
const SESSION_TOKEN: &str = r#"emu1ator-t0ken/+="\%<&>'"#;
const PASSWORD: &str = "pr0xy/p+ww-0123456789";

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    for (name, secret) in [
        ("the secret", SECRET),
        ("the token", TOKEN),
        ("the secret of the session", KEY),
        ("the token of the session", SESSION_TOKEN),
        ("the password of the proxy", PASSWORD),
    ] {
        secrets.add(name, secret);
    }
    secrets
}

/// Three attempts, without waits.
fn retrying(builder: ClientBuilder) -> ClientBuilder {
    builder.max_attempts(3).backoff(ExponentialBackoff::new().cap(Duration::ZERO))
}

async fn read(client: &Client) -> Result<impl Debug, Error> {
    client.describe_cluster_detail(CLUSTER).await
}

async fn upgrade(client: &Client) -> Result<impl Debug, Error> {
    client.upgrade_cluster(CLUSTER, &UpgradeClusterRequest::default()).await
}

/// All that an outcome can be made to say.
fn said<T: Debug>(outcome: &Result<T, Error>) -> String {
    match outcome {
        Ok(value) => format!("{value:?}\n{value:#?}"),
        Err(error) => {
            let mut text = format!("{error}\n{error:?}\n{error:#?}\n{:?} {:?}", error.body_start(), error.message());
            let mut source = std::error::Error::source(error);
            while let Some(cause) = source {
                text.push_str(&format!("\n{cause} {cause:?}"));
                source = cause.source();
            }
            text
        }
    }
}

#[tokio::test]
async fn of_answers_that_quote_the_request() {
    let logs = Logs::start();
    let json = |status: &str, body: &str| answer(status, "application/json", body);
    let echo = json("400 Bad Request", &format!(r#"{{"Code":"SignatureDoesNotMatch","Message":"{TOKEN}"}}"#));
    let id = json("200 OK", r#"{"cluster_id":[]}"#).replace("0527AC9A-TEST", TOKEN);
    let answers = [json("503 Service Unavailable", TOKEN), echo.clone(), "SSH-2.0\r\n".to_owned(), echo, id];
    let server = Canned::new(answers).await;
    let client = retrying(server.builder()).build().unwrap();
    let mut text = format!("{client:?} {:?}\n", server.builder());
    text.push_str(&said(&read(&client).await));
    for _ in 0..3 {
        text.push_str(&said(&upgrade(&client).await));
    }
    let logged = logs.end();
    assert!(logged.contains("TRACE") && logged.contains("ack_attempt"), "{logged}");
    let mut secrets = secrets();
    for request in server.requests() {
        let (_, signature) = request.split_once("Signature=").unwrap();
        secrets.add_plain("a signature", &signature[..64]);
    }
    secrets.assert_hidden(&logged, "the log");
    secrets.assert_hidden(&text, "what is said");
}

#[tokio::test(start_paused = true)]
async fn of_every_fault() {
    let secrets = secrets();
    for fault in faults::all() {
        let emulator = Emulator::builder()
            .sts_key("STS.Emulated", KEY, SESSION_TOKEN)
            .cluster(ClusterSeed::managed(CLUSTER, "managed", "1.31.1-aliyun.1"))
            .start()
            .await
            .unwrap();
        let shown = format!("{fault:?}");
        emulator.inject(fault).unwrap();
        let logs = Logs::start();
        let credentials = StaticCredentials::sts("STS.Emulated", KEY, SESSION_TOKEN).unwrap();
        let builder = retrying(Client::builder().endpoint(emulator.endpoint()).credentials(credentials));
        let builder = builder.max_body_bytes(64 * 1024);
        let client = builder.max_retry_after(Duration::from_millis(1)).build().unwrap();
        let mut text = format!("{}\n{}\n{emulator:?}\n", said(&read(&client).await), said(&upgrade(&client).await));
        let upgrades = Upgrades::new(client);
        let status = upgrades.status(CLUSTER).await;
        text.push_str(&format!(
            "{upgrades:?} {status:?} {}",
            status.as_ref().map_or_else(ToString::to_string, |_| String::new())
        ));
        let logged = logs.end();
        assert!(logged.contains("ack_attempt"), "{shown}");
        secrets.assert_hidden(&logged, format_args!("the log of {shown}"));
        secrets.assert_hidden(&text, format_args!("what is said of {shown}"));
    }
}

#[tokio::test]
async fn of_a_proxy() {
    let mut secrets = secrets();
    secrets.add("user and password of the proxy", &format!("ada:{PASSWORD}"));
    let refusing = Canned::scripted(|_| answer("407 Proxy Authentication Required", "text/html", "<html>")).await;
    let proxy = refusing.url("").replace("http://", "http://ada:pr0xy%2Fp%2Bww-0123456789@");
    let broken = proxy.replace("127.0.0.1:", "nowhere invalid:x");
    for proxy in [proxy.clone(), broken, proxy.replace("http://", "htp://"), proxy.replace("ada:", "ada@")] {
        let logs = Logs::start();
        let keys = StaticCredentials::sts("STS.Emulated", KEY, SESSION_TOKEN).unwrap();
        let builder = Client::builder().endpoint("https://cs.test.invalid").credentials(keys).max_attempts(2);
        let builder = builder.proxy(proxy.as_str());
        let mut text = format!("{builder:?}\n");
        match builder.build() {
            Ok(client) => text.push_str(&format!("{client:?}\n{}", said(&read(&client).await))),
            Err(error) => text.push_str(&said::<()>(&Err(error))),
        }
        secrets.assert_hidden(&text, format_args!("what is said of {proxy}"));
        secrets.assert_hidden(&logs.end(), format_args!("the log of {proxy}"));
    }
    assert!(
        refusing.requests()[0].to_ascii_lowercase().contains("proxy-authorization: basic"),
        "{:?}",
        refusing.requests()
    );
}
