//! The emulator on a socket.

use std::time::{Duration, SystemTime};

use ack_auth::{Credential, Signer, SigningRequest};
use ack_emulator::{Announcement, DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET, Emulator, XmlStyle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends bytes and reads until the emulator closes the connection.
async fn exchange(address: std::net::SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}

#[tokio::test]
async fn a_signed_request_is_answered_over_the_network() {
    let emulator = Emulator::builder().start().await.unwrap();
    let host = emulator.address().to_string();
    let request =
        SigningRequest::new("GET", host, "/regions/cn-hangzhou/clusters", "DescribeClustersForRegion", "2015-12-15");
    let credential = Credential::access_key(DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET);
    let signed = Signer::default().sign(&request, &credential, SystemTime::now(), "n").unwrap();
    let mut text = "GET /regions/cn-hangzhou/clusters HTTP/1.1\r\nconnection: close\r\n".to_owned();
    for (name, value) in signed.headers() {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let reply = exchange(emulator.address(), text.as_bytes()).await;
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    assert!(reply.contains("x-acs-request-id: ") && reply.contains("demo-managed"), "{reply}");
    assert_eq!(emulator.count("DescribeClustersForRegion"), 1);
    emulator.shutdown().await;
}

#[tokio::test]
async fn an_unsigned_request_is_refused_over_the_network() {
    let emulator = Emulator::builder().start().await.unwrap();
    let reply = exchange(emulator.address(), b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(reply.starts_with("HTTP/1.1 400 Bad Request\r\n") && reply.contains("IncompleteSignature"), "{reply}");
    assert_eq!(emulator.requests()[0].operation, None);
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read_to_its_end() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut stream = TcpStream::connect(emulator.address()).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n").await.unwrap();
    let chunk = vec![b' '; 64 * 1024];
    // One chunk more than the limit, and then no more, although far more was announced.
    for _ in 0..65 {
        stream.write_all(&chunk).await.unwrap();
    }
    let mut head = [0; 16];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 413 Pay");
}

#[tokio::test]
async fn an_emulator_stops_when_told_and_when_dropped() {
    let emulator = Emulator::builder().start().await.unwrap();
    let address = emulator.address();
    let _idle = TcpStream::connect(address).await.unwrap();
    emulator.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());

    let mut emulator = Emulator::builder().start().await.unwrap();
    let address = emulator.address();
    // It does not end by itself.
    assert!(tokio::time::timeout(Duration::from_millis(1), emulator.wait()).await.is_err());
    drop(emulator);
    tokio::task::yield_now().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn addresses_that_cannot_be_listened_on_are_refused() {
    let open = Emulator::builder().listen("0.0.0.0:0".parse().unwrap());
    let error = open.start().await.unwrap_err();
    assert!(error.is_not_loopback());
    insta::assert_snapshot!(error, @"refusing to listen on 0.0.0.0:0: the emulator speaks plain HTTP with known keys, so it serves loopback addresses only; listen on 127.0.0.1, or call allow_non_loopback(true)");

    let first = Emulator::builder().start().await.unwrap();
    let error = Emulator::builder().listen(first.address()).start().await.unwrap_err();
    assert!(error.is_bind(), "{error}");
    assert!(error.to_string().starts_with(&format!("cannot listen on {}: ", first.address())), "{error}");
}

#[tokio::test]
async fn an_announcement_is_one_line_of_json() {
    let emulator = Emulator::builder().time_scale(60.0).xml_style(XmlStyle::Rooted).start().await.unwrap();
    let line = serde_json::to_string(&emulator.announcement()).unwrap();
    let port = format!(":{}", emulator.address().port());
    insta::assert_snapshot!(line.replace(&port, ":PORT"), @r#"{"endpoint":"http://127.0.0.1:PORT","address":"127.0.0.1:PORT","region":"cn-hangzhou","access_key_id":"emulatorAccessKeyId","access_key_secret":"emulatorAccessKeySecret","clusters":["c106f377e16f34eb1808d6b9362c9demo","c82e6987e2961451182edacd74fafdemo","c78592bfe92244365b3c3ad47f1dedemo"],"time_scale":60.0,"xml_style":"rooted"}"#);
    assert_eq!(serde_json::from_str::<Announcement>(&line).unwrap(), emulator.announcement());
    assert!(!format!("{:?}", emulator.announcement()).contains(DEFAULT_ACCESS_KEY_SECRET));

    let builder = Emulator::builder().sts_key("STS.id", "secret", "token").access_key("id", "secret");
    assert_eq!(builder.start().await.unwrap().announcement().access_key_id, "id");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    use ack_emulator::{ClusterSeed, ManualClock, UpgradeFailure, UpgradeStage};
    let one = || ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1");
    let wrong_stage = UpgradeFailure::new(UpgradeStage::Master1, "no");
    let builders = [
        Emulator::builder().region(""),
        Emulator::builder().access_key("a b", "secret"),
        Emulator::builder().access_key("id", ""),
        Emulator::builder().access_key("id", "secret").sts_key("id", "secret", "token"),
        Emulator::builder().cluster(one()).cluster(one()),
        Emulator::builder().cluster(ClusterSeed::managed("", "one", "1.31.1-aliyun.1")),
        Emulator::builder().cluster(ClusterSeed::managed("c1", "one", "latest")),
        Emulator::builder().cluster(one().with_nodes(10_001)),
        Emulator::builder().cluster(one().with_failure(wrong_stage)),
        Emulator::builder().time_scale(0.0),
        Emulator::builder().time_scale(2.0).clock(ManualClock::new(SystemTime::UNIX_EPOCH)),
    ];
    let errors: Vec<String> = builders
        .into_iter()
        .map(|builder| {
            let error = builder.build().unwrap_err();
            assert!(error.is_invalid_setting());
            error.to_string()
        })
        .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    region "" is empty: give it a text
    access key id "a b" cannot stand in an Authorization header: use printable ASCII without blanks and commas
    access key id "id" has a secret or token that is empty, overlong or not printable ASCII: give it another
    access key id "id" is given twice: leave one of them out
    cluster id "c1" is given twice: leave one of them out
    cluster id "" is empty: give it a text
    cluster version "latest" is not a Kubernetes version: use one such as 1.31.1-aliyun.1
    number of nodes "10001" is too large: use 10000 at most
    stage to fail at "upgrade_master1" is not a stage of this type of cluster: use upgrade_control_plane for managed and upgrade_master1 to upgrade_master3 for dedicated clusters
    time scale "0" is not a number above 0 and up to 1000000: use 1 for real time, or 60 to let a minute pass in a second
    time scale "2" is set together with a clock of one's own: set one of the two
    "#);
}
