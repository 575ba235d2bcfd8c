//! What stands between the program and the emulator, and keeps what it hears.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How an echo writes what it was sent.
pub(super) type Encode = fn(&str) -> String;

/// As text, as JSON, with the signs of URLs escaped, as XML, in hexadecimal digits, where an ID belongs, and as a success.
pub(super) const ECHOES: [Encode; 7] = [
    |text| format!("HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\n\r\n{text}"),
    |text| {
        let text = serde_json::json!({"Code": "SignatureDoesNotMatch", "Message": text, "Recommend": text});
        format!("HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\r\n{text}")
    },
    |text| {
        let escape = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("%{:02X}", u32::from(c)) };
        let text: String = text.chars().map(escape).collect();
        format!("HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\r\n<html><a href=\"?{text}\">")
    },
    |text| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        format!(
            "HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\n\r\n<Error><Code>X</Code><Message>{text}</Message></Error>"
        )
    },
    |text| {
        let text: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/plain\r\n\r\n{text}")
    },
    |text| {
        let body = serde_json::json!({"code": text, "requestId": text, "message": ""});
        format!("HTTP/1.1 400 Bad Request\r\nx-acs-request-id: {text}\r\ncontent-type: application/json\r\n\r\n{body}")
    },
    |text| {
        let body = serde_json::json!({"cluster_id": [text], "state": text, "size": text, "request_id": text});
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{body}")
    },
];

pub(super) struct Relay {
    address: SocketAddr,
    received: Arc<Mutex<Vec<u8>>>,
    echo: Arc<Mutex<Option<Encode>>>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Passes everything on.
    pub(super) async fn before(service: SocketAddr) -> Self {
        Self::new(Some(service)).await
    }

    /// A proxy that lets nobody through.
    pub(super) async fn refusing() -> Self {
        let relay = Self::new(None).await;
        relay.echo(|_| "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n".to_owned());
        relay
    }

    /// Answers by itself from now on.
    pub(super) fn echo(&self, encode: Encode) {
        *self.echo.lock().unwrap() = Some(encode);
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn received(&self) -> String {
        String::from_utf8_lossy(&self.received.lock().unwrap()).into_owned()
    }

    /// What requests were signed with, by what it is.
    pub(super) fn signed(&self) -> Vec<(&'static str, String)> {
        let received = self.received();
        let headers = received.lines().filter_map(|line| line.split_once(": "));
        let authorizations: Vec<&str> =
            headers.filter(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value).collect();
        let signatures = authorizations.iter().filter_map(|value| value.split_once("Signature=")).map(|(_, rest)| rest);
        let signatures = signatures.map(|rest| ("a signature", rest.split(',').next().unwrap_or_default().to_owned()));
        let whole = authorizations.iter().map(|value| ("an Authorization header", (*value).to_owned()));
        signatures.chain(whole).collect()
    }

    async fn new(service: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (received, echo) = (Arc::<Mutex<Vec<u8>>>::default(), Arc::<Mutex<Option<Encode>>>::default());
        let (kept, encode) = (Arc::clone(&received), Arc::clone(&echo));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (kept, encode) = (Arc::clone(&kept), *encode.lock().unwrap());
                match (encode, service) {
                    (Some(encode), _) => drop(tokio::spawn(answer(client, kept, encode))),
                    (None, Some(service)) => drop(tokio::spawn(pass(client, service, kept))),
                    (None, None) => {}
                }
            }
        });
        Self { address, received, echo, task }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(client: TcpStream, service: SocketAddr, kept: Arc<Mutex<Vec<u8>>>) {
    let Ok(service) = TcpStream::connect(service).await else { return };
    let (mut requests, mut to_client) = client.into_split();
    let (mut answers, mut to_service) = service.into_split();
    let forth = async {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = requests.read(&mut buffer).await {
            kept.lock().unwrap().extend_from_slice(&buffer[..count]);
            if to_service.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
        let _ = to_service.shutdown().await;
    };
    let back = async {
        let _ = tokio::io::copy(&mut answers, &mut to_client).await;
        let _ = to_client.shutdown().await;
    };
    // Whichever side ends, the connection does.
    tokio::select! {
        () = forth => {}
        () = back => {}
    }
}

async fn answer(mut client: TcpStream, kept: Arc<Mutex<Vec<u8>>>, encode: Encode) {
    let mut buffer = vec![0; 64 * 1024];
    // Requests of these tests come in one piece.
    if let Ok(count @ 1..) = client.read(&mut buffer).await {
        let request = String::from_utf8_lossy(&buffer[..count]).into_owned();
        kept.lock().unwrap().extend_from_slice(request.as_bytes());
        let secret = request.lines().filter(|line| {
            let line = line.to_ascii_lowercase();
            ["authorization:", "x-acs-security-token:", "x-acs-bearer-token:"].iter().any(|name| line.starts_with(name))
        });
        let values: Vec<&str> = secret.filter_map(|line| Some(line.split_once(": ")?.1)).collect();
        let _ = client.write_all(encode(&values.join(" | ")).as_bytes()).await;
    }
    let _ = client.shutdown().await;
}
