//! A server on loopback that answers with raw bytes, one after the other or by the request, and keeps what it was sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ack_client::auth::{FixedClock, FixedNonce, StaticCredentials};
use ack_client::{Client, ClientBuilder, Format};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The secret of the test credentials, which must never show up anywhere.
pub(crate) const SECRET: &str = "canned-secret-0123456789";
/// The security token of the test credentials.
pub(crate) const TOKEN: &str = "canned-token-0123456789";

/// The server.
pub(crate) struct Canned {
    address: std::net::SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Canned {
    /// Answers one connection for each of `answers`; an empty one is never answered.
    pub(crate) async fn new(answers: impl IntoIterator<Item = String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<String> = answers.into_iter().collect();
        let kept = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut unanswered = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = receive(&mut stream).await;
                kept.lock().unwrap().push(request);
                if answer.is_empty() {
                    unanswered.push(stream);
                    continue;
                }
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
            // Whoever calls again is refused, but who waits goes on waiting.
            drop(listener);
            std::future::pending::<()>().await;
        });
        Self { address, requests, task }
    }

    /// The address of this server with a path, as a URL.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers every request with what a function makes of its first line, such as `GET /tasks/T-1 HTTP/1.1`; an empty
    /// answer ends the connection without one.
    pub(crate) async fn scripted(mut answer: impl FnMut(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = receive(&mut stream).await;
                let answer = answer(request.lines().next().unwrap_or_default());
                kept.lock().unwrap().push(request);
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, requests, task }
    }

    /// A client of this server with a fixed date and nonce, so that requests are the same in every run. It repeats nothing.
    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder()
            .endpoint(format!("http://{}", self.address))
            .credentials(StaticCredentials::sts("cannedAccessKeyId", SECRET, TOKEN).unwrap())
            .clock(FixedClock(std::time::UNIX_EPOCH + Duration::from_secs(1_767_323_045)))
            .nonce_source(FixedNonce("0123456789abcdef0123456789abcdef".to_owned()))
            .timeout(Duration::from_secs(10))
            // Each answer is for one request, unless a test is about retries.
            .max_attempts(1)
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn xml_client(&self) -> Client {
        self.builder().format(Format::Xml).build().unwrap()
    }

    /// The requests so far, with what differs from run to run replaced.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|request| request.replace(&self.address.to_string(), "HOST")).collect()
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An HTTP answer with a body of any type.
pub(crate) fn answer(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\nx-acs-request-id: 0527AC9A-TEST\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

async fn receive(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    while !is_complete(&received) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => received.extend_from_slice(&buffer[..count]),
        }
    }
    String::from_utf8_lossy(&received).replace("\r\n", "\n")
}

/// Whether the head and as much body as it announces have arrived.
fn is_complete(received: &[u8]) -> bool {
    let text = String::from_utf8_lossy(received);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0_usize)
}
