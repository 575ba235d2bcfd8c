//! Recorded calls of the official Python SDK, made through the client.
//!
//! A case file is a JSON list of `{operation, input, request, response}`: the call by wire names, the request that SDK sent,
//! and the answer it was given. The client has to send the same method, path, query and body, and every field of
//! the answer has to survive decoding and encoding, whether it comes as JSON or as XML.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ack_client::auth::StaticCredentials;
use ack_client::{Client, Format, Input};
use ack_models::catalogue::Catalogue;
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::compare::{loosely_equal, survives};

/// One recorded call.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    operation: String,
    input: Value,
    request: Sent,
    response: Value,
}

/// What went over the wire.
#[derive(Clone, Debug, Deserialize)]
struct Sent {
    method: String,
    raw_path: String,
    query: BTreeMap<String, String>,
    body: Value,
}

/// The cases of every `.json` file of a folder, named `<file>[<index>] <operation>`.
///
/// # Errors
///
/// If the folder cannot be read, holds no case, or a file is no list of cases.
pub fn read(folder: &Path) -> Result<Vec<(String, Case)>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut paths: Vec<_> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        let value: Value = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        // A file holds one case or a list of them.
        let list = if value.is_array() { value } else { json!([value]) };
        let list: Vec<Case> = serde_json::from_value(list).with_context(|| path.display().to_string())?;
        let file = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        for (index, case) in list.into_iter().enumerate() {
            cases.push((format!("{file}[{index}] {}", case.operation), case));
        }
    }
    ensure!(!cases.is_empty(), "{} holds no case files", folder.display());
    Ok(cases)
}

/// Every failure, by the name of its case.
pub async fn check(cases: &[(String, Case)]) -> Vec<(String, String)> {
    let mut failures = Vec::new();
    for (name, case) in cases {
        let mut problems = Vec::new();
        for format in [Format::Json, Format::Xml] {
            if let Err(problem) = case.check(format).await {
                problems.push(format!("{format}: {problem:#}"));
            }
        }
        if !problems.is_empty() {
            failures.push((name.clone(), problems.join("; ")));
        }
    }
    failures
}

impl Case {
    async fn check(&self, format: Format) -> Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = Client::builder()
            .endpoint(format!("http://{}", listener.local_addr()?))
            .credentials(StaticCredentials::access_key("caseAccessKeyId", "case-secret")?)
            .timeout(Duration::from_secs(10))
            .format(format)
            .build()?;
        let answer = self.answer(format)?;
        let input = Input::new(self.input.clone());
        let call = client.call(&self.operation, &input);
        let (outcome, received) = tokio::join!(call, serve(&listener, &answer));
        let outcome = outcome?;
        self.check_request(&received?)?;
        self.check_answer(&outcome, format)
    }

    /// The recorded answer as the service would send it in a format. A bare string is plain text in both.
    fn answer(&self, format: Format) -> Result<String> {
        let (media_type, body) = match (&self.response, format) {
            (Value::Null, _) => (format.media_type(), Vec::new()),
            (Value::String(text), _) => ("text/plain;charset=utf-8", text.clone().into_bytes()),
            (value, _) => (format.media_type(), ack_client::encode_answer(format, &self.operation, value)?),
        };
        let body = String::from_utf8(body)?;
        let length = body.len();
        Ok(format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    }

    fn check_request(&self, received: &Received) -> Result<()> {
        ensure!(received.method == self.request.method, "sent {}, expected {}", received.method, self.request.method);
        let expected = normal_path(&self.request.raw_path);
        ensure!(received.path == expected, "sent the path {}, expected {expected}", received.path);
        let keys: Vec<_> = received.query.keys().collect();
        let expected: Vec<_> = self.request.query.keys().collect();
        ensure!(keys == expected, "sent the query parameters {keys:?}, expected {expected:?}");
        for (name, value) in &received.query {
            let expected = &self.request.query[name];
            ensure!(same_query_value(value, expected), "sent the query {name}={value}, expected {expected}");
        }
        ensure!(received.body == self.request.body, "sent the body {}, expected {}", received.body, self.request.body);
        Ok(())
    }

    fn check_answer(&self, decoded: &Value, format: Format) -> Result<()> {
        let catalogue = Catalogue::get();
        let kind = catalogue.operation(&self.operation).and_then(|(_, entry)| entry.answer.clone());
        let Some(kind) = kind else {
            return Ok(());
        };
        let mut lost = Vec::new();
        survives(catalogue, &kind, "$", &self.response, decoded, format == Format::Json, &mut lost);
        ensure!(lost.is_empty(), "did not survive: {}", lost.join(", "));
        Ok(())
    }
}

/// The official SDK leaves some characters bare that may also be encoded; both spell the same path.
fn normal_path(raw: &str) -> String {
    let mut path = raw.to_owned();
    for (bare, encoded) in [("!", "%21"), ("'", "%27"), ("(", "%28"), (")", "%29"), ("*", "%2A")] {
        path = path.replace(bare, encoded);
    }
    path
}

/// The official SDK writes booleans as `True` and `False`; and JSON text may order its fields differently.
fn same_query_value(sent: &str, expected: &str) -> bool {
    let is_boolean = matches!(expected, "True" | "False");
    if sent == expected || (is_boolean && sent.eq_ignore_ascii_case(expected)) {
        return true;
    }
    let json =
        |text: &str| serde_json::from_str::<Value>(text).ok().filter(|value| value.is_array() || value.is_object());
    matches!((json(sent), json(expected)), (Some(sent), Some(expected)) if loosely_equal(&sent, &expected))
}

/// A request as it arrived.
struct Received {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    body: Value,
}

async fn serve(listener: &TcpListener, answer: &str) -> Result<Received> {
    let accepted = tokio::time::timeout(Duration::from_secs(5), listener.accept()).await;
    let (mut stream, _) = accepted.context("nothing was sent")??;
    let (head, body) = read_request(&mut stream).await?;
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    let mut words = head.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap_or(Value::Null) };
    Ok(Received { method, path: path.to_owned(), query, body })
}

async fn read_request(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    const LARGEST: usize = 16 << 20;
    let mut received = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(received.get(..end).unwrap_or_default()).into_owned();
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()
            });
            let body = received.get(end + 4..).unwrap_or_default();
            if body.len() >= length.unwrap_or(0) {
                return Ok((head, body.to_vec()));
            }
        }
        let count = stream.read(&mut buffer).await?;
        ensure!(count > 0 && received.len() < LARGEST, "the request is cut off or too large");
        received.extend_from_slice(buffer.get(..count).unwrap_or_default());
    }
}
