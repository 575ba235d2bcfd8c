//! Clients that mean no good, over loopback. Time is paused: it passes at once where everybody waits.

use std::net::SocketAddr;

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::*;

const LIMITS: Limits =
    Limits { connections: 2, request: Duration::from_secs(5), connection: Duration::from_secs(8), request_bytes: 8192 };

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A server with an answer of a length, and its address.
async fn server(length: usize) -> (JoinSet<Infallible>, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", get(move || async move { "x".repeat(length) }));
    let mut tasks = JoinSet::new();
    tasks.spawn(serve(listener, router, LIMITS));
    (tasks, address)
}

async fn connect(address: SocketAddr, text: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text).await.unwrap();
    stream
}

/// Everything until the connection ends, however it does.
async fn answer(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_connection_has_one_answer() {
    let (_server, address) = server(3).await;
    let before = Instant::now();
    let answer = answer(connect(address, &[GET, GET].concat()).await).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("connection: close"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!(before.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let (_server, address) = server(3).await;
    let before = Instant::now();
    let silent = [connect(address, b"").await, connect(address, b"").await];
    let third = answer(connect(address, GET).await).await;
    assert!(third.starts_with("HTTP/1.1 200 OK"), "{third}");
    // It was answered when one of the silent ones had to go.
    assert!(before.elapsed() >= LIMITS.request && before.elapsed() < LIMITS.connection, "{:?}", before.elapsed());
    drop(silent);
    let before = Instant::now();
    assert!(answer(connect(address, GET).await).await.starts_with("HTTP/1.1 200 OK"));
    assert!(before.elapsed() < Duration::from_secs(1), "places are free again");
}

#[tokio::test(start_paused = true)]
async fn requests_that_trickle_in_are_given_up() {
    let (_server, address) = server(3).await;
    let before = Instant::now();
    let mut stream = connect(address, b"GET / HTTP/1.1\r\n").await;
    // One more header each second, as long as somebody takes them.
    let mut answer = Vec::new();
    let mut buffer = [0; 512];
    loop {
        match tokio::time::timeout(Duration::from_secs(1), stream.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => break,
            Ok(Ok(count)) => answer.extend_from_slice(&buffer[..count]),
            Err(_) => drop(stream.write_all(b"a: b\r\n").await),
        }
        assert!(before.elapsed() < LIMITS.connection, "it goes on");
    }
    assert!(before.elapsed() >= LIMITS.request, "{:?}", before.elapsed());
    assert!(!String::from_utf8(answer).unwrap().contains("200 OK"));
}

#[tokio::test(start_paused = true)]
async fn answers_that_nobody_reads_are_given_up() {
    // Far more than the buffers of the operating system hold.
    let (_server, address) = server(64 * 1024 * 1024).await;
    let before = Instant::now();
    let unread = [connect(address, GET).await, connect(address, GET).await];
    let third = connect(address, GET).await;
    let mut start = [0; 15];
    let mut third = third;
    third.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    assert!(before.elapsed() >= LIMITS.connection, "{:?}", before.elapsed());
    for stream in unread {
        assert!(answer(stream).await.len() < 64 * 1024 * 1024);
    }
}

#[tokio::test(start_paused = true)]
async fn large_requests_are_refused() {
    let (_server, address) = server(3).await;
    let header = format!("GET / HTTP/1.1\r\nhost: localhost\r\na: {}\r\n\r\n", "x".repeat(7000));
    assert!(answer(connect(address, header.as_bytes()).await).await.starts_with("HTTP/1.1 200 OK"));
    let header = format!("GET / HTTP/1.1\r\nhost: localhost\r\na: {}\r\n\r\n", "x".repeat(9000));
    let refused = answer(connect(address, header.as_bytes()).await).await;
    assert!(refused.starts_with("HTTP/1.1 431 Request Header Fields Too Large"), "{refused}");
    // One without an end is not waited for.
    let before = Instant::now();
    let endless = answer(connect(address, format!("GET /{}", "x".repeat(9000)).as_bytes()).await).await;
    assert!(endless.starts_with("HTTP/1.1 4"), "{endless}");
    assert!(before.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_http_is_refused() {
    let (_server, address) = server(3).await;
    for text in
        [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"GET\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        let refused = answer(connect(address, text).await).await;
        assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 400"), "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn its_end_is_that_of_its_connections() {
    let (mut server, address) = server(3).await;
    let stream = connect(address, b"GET / HT").await;
    // Lets the server take it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = Instant::now();
    server.shutdown().await;
    assert_eq!(answer(stream).await, "");
    assert!(before.elapsed() < LIMITS.request);
}
