//! What a client sees of an answer on a socket, byte by byte, and how the connection ends.

use std::cell::Cell;
use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use ack_auth::{Credential, Signer, SigningRequest};
use ack_emulator::RunningEmulator;
use flate2::read::MultiGzDecoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::emulator::probe::{MANAGED, start};

/// How long a connection may be silent before it counts as one that stays so.
const SILENCE: Duration = Duration::from_millis(300);

/// A client that signs its requests and reads answers as they come.
pub(crate) struct Wire<'e> {
    emulator: &'e RunningEmulator,
    pub(crate) accept: &'static str,
    nonces: Cell<u32>,
}

impl<'e> Wire<'e> {
    pub(crate) fn new(emulator: &'e RunningEmulator, accept: &'static str) -> Self {
        Self { emulator, accept, nonces: Cell::new(0) }
    }

    /// A request as it goes over the network. It asks to close the connection after it.
    pub(crate) fn request(&self, method: &str, action: &str, path: &str, body: &str) -> String {
        self.nonces.set(self.nonces.get() + 1);
        let nonce = format!("{}-{}", self.accept, self.nonces.get());
        let request = SigningRequest::new(method, "emulator", path, action, "2015-12-15")
            .with_accept(self.accept)
            .with_content_type("application/json")
            .with_body(body.as_bytes());
        let credential = Credential::access_key("id", "secret");
        let signed = Signer::default().sign(&request, &credential, start(), &nonce).unwrap();
        let mut text = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        for (name, value) in signed.headers() {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text + &format!("content-length: {}\r\n\r\n{body}", body.len())
    }

    pub(crate) async fn status(&self) -> String {
        let path = format!("/api/v2/clusters/{MANAGED}/upgrade/status");
        self.seen(&self.request("GET", "GetUpgradeStatus", &path, "")).await
    }

    pub(crate) async fn upgrade(&self) -> String {
        let path = format!("/api/v2/clusters/{MANAGED}/upgrade");
        self.seen(&self.request("POST", "UpgradeCluster", &path, r#"{"next_version":"1.32.1-aliyun.1"}"#)).await
    }

    /// Makes an admin call and gives status line and body.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: &str) -> String {
        let length = body.len();
        let request = format!(
            "{method} /_emulator{path} HTTP/1.1\r\nhost: emulator\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let seen = self.seen(&request).await;
        let (head, body) = seen.split_once("\n\n").unwrap();
        let body = body.trim_end_matches("[closed]").trim_end();
        format!("{} {body}", head.lines().next().unwrap().trim_start_matches("HTTP/1.1 ")).trim_end().to_owned()
    }

    /// Sends a request and tells what comes, with line ends as they are in text files.
    pub(crate) async fn seen(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.emulator.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let (mut bytes, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
        let end = loop {
            match tokio::time::timeout(SILENCE, stream.read(&mut buffer)).await {
                Err(_) => break "[silent]",
                Ok(Ok(0)) => break "[closed]",
                Ok(Ok(count)) => bytes.extend_from_slice(&buffer[..count]),
                Ok(Err(error)) if error.kind() == ErrorKind::ConnectionReset => break "[reset]",
                Ok(Err(error)) => panic!("{error}"),
            }
        };
        let text = unpacked(&bytes).replace("\r\n", "\n");
        format!("{}{end}", without_blanks(&text))
    }
}

/// What came, with its body unpacked if it is compressed.
fn unpacked(bytes: &[u8]) -> String {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let (head, body) = bytes.split_at(head);
    let head = String::from_utf8(head.to_vec()).unwrap();
    let mut text = String::new();
    if head.contains("content-encoding: gzip") {
        MultiGzDecoder::new(body).read_to_string(&mut text).unwrap();
        return format!("{}[unpacked] {text}", without_length(&head));
    }
    head + std::str::from_utf8(body).unwrap()
}

/// How much a packer makes of a text is its own affair.
fn without_length(head: &str) -> String {
    head.split_inclusive("\r\n").filter(|line| !line.starts_with("content-length")).collect()
}

/// The text with long runs of blanks counted instead.
fn without_blanks(text: &str) -> String {
    let mut short = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("                ") {
        let (before, from) = rest.split_at(at);
        let after = from.trim_start_matches(' ');
        short.push_str(&format!("{before}[{} blanks]", from.len() - after.len()));
        rest = after;
    }
    short + rest
}
