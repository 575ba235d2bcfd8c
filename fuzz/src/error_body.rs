//! Answers that are failures.

use ack_client::{Error, Format};
use ack_codec::{Root, encode};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

/// An input is a line of status and content type, and the body after it.
pub(crate) fn run(input: &[u8]) {
    let end = input.iter().position(|&byte| byte == b'\n').unwrap_or(input.len());
    let (line, body) = input.split_at(end);
    let (status, content_type) = line.split_at(line.len().min(3));
    let status = StatusCode::from_bytes(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let error = read(status, content_type.trim_ascii(), body.get(1..).unwrap_or_default());
    assert!(error.body_start().is_some_and(|start| start.chars().count() <= 512));
    let shown = error.to_string();
    assert!(shown.chars().count() < 8192, "a text of {} bytes", shown.len());
    if let Some(code) = error.code() {
        assert!(error.to_string().contains(code), "the code {code} is not in: {error}");
        is_read_alike(status, code, error.message().unwrap_or_default());
    }
}

fn read(status: StatusCode, content_type: &[u8], body: &[u8]) -> Error {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(content_type) {
        headers.insert(http::header::CONTENT_TYPE, value);
    }
    Error::from_answer(status, headers, body)
}

/// Code and message mean the same in every shape the service uses.
fn is_read_alike(status: StatusCode, code: &str, message: &str) {
    let gateway = json!({"Code": code, "Message": message, "RequestId": "R"});
    let service = json!({"code": code, "message": message, "requestId": "R", "status": status.as_u16()});
    let mut errors = Vec::new();
    for (format, root, value) in [
        (Format::Json, Root::Fragment, &gateway),
        (Format::Json, Root::Fragment, &service),
        (Format::Xml, Root::Named("Error"), &gateway),
        (Format::Xml, Root::Fragment, &service),
    ] {
        // A control character is nothing that XML can carry.
        if let Ok(body) = encode(format, root, value) {
            errors.push(read(status, format.media_type().as_bytes(), &body));
        }
    }
    for error in errors {
        assert_eq!((error.code(), error.message().unwrap_or_default()), (Some(code), message));
        assert_eq!(error.request_id(), Some("R"));
    }
}
