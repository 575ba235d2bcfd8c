//! First stage: a request as it came in, with a body of bounded size.

use std::net::SocketAddr;

use ack_codec::Format;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::header::{ACCEPT, HOST};
use http::request::Parts;

use crate::refusal::Refusal;

/// The largest body that is read, in bytes. No request of the API comes near it.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// A request with its body, or with the reason why the body was not read.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) parts: Parts,
    pub(crate) body: Result<Bytes, Refusal>,
    /// Who sent it; none if it came without a network.
    pub(crate) peer: Option<SocketAddr>,
}

impl Received {
    pub(crate) fn whole(request: http::Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        let body = if body.len() > MAX_BODY { Err(Refusal::body_too_large(MAX_BODY)) } else { Ok(body) };
        Self { parts, body, peer: None }
    }

    /// Reads a body from the network, up to the limit.
    pub(crate) async fn streamed(request: http::Request<Body>, peer: SocketAddr) -> Self {
        let peer = Some(peer);
        let (parts, body) = request.into_parts();
        let mut chunks = body.into_data_stream();
        let mut read = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            let Ok(chunk) = chunk else {
                let status = http::StatusCode::BAD_REQUEST;
                let refusal =
                    Refusal::gateway(status, "IncompleteBody", "The request body was cut off; send all of it.");
                return Self { parts, body: Err(refusal), peer };
            };
            if read.len().saturating_add(chunk.len()) > MAX_BODY {
                return Self { parts, body: Err(Refusal::body_too_large(MAX_BODY)), peer };
            }
            read.extend_from_slice(&chunk);
        }
        Self { parts, body: Ok(read.freeze()), peer }
    }

    /// The path as it was sent, still encoded.
    pub(crate) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// The query as it was sent, still encoded; empty for none.
    pub(crate) fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// The first value of a header; one that is not printable ASCII counts as absent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn host(&self) -> &str {
        self.header(HOST.as_str()).unwrap_or_default()
    }

    /// The format to answer in: XML if the first media type of `Accept` that names a format is XML, else JSON.
    pub(crate) fn answer_format(&self) -> Format {
        let mut media_types = self
            .parts
            .headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|item| item.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let named = media_types.find_map(|media_type| match media_type.as_str() {
            "application/xml" | "text/xml" => Some(Format::Xml),
            "application/json" | "*/*" => Some(Format::Json),
            _ => None,
        });
        named.unwrap_or(Format::Json)
    }

    /// Whether the content type says JSON.
    pub(crate) fn is_json(&self) -> bool {
        let content_type = self.header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        media_type.eq_ignore_ascii_case("application/json")
    }
}
