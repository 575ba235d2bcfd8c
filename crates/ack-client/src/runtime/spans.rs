//! The spans of a call and of its attempts, with the names of OpenTelemetry's semantic conventions.
//!
//! No header, query or body is recorded, and so no secret.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;
use tracing::field::Empty;

use super::{Answer, Parts};
use crate::client::Inner;
use crate::error::Error;

/// One span for a call, whatever it takes.
pub(crate) fn call(client: &Inner, operation: &'static str) -> Span {
    tracing::info_span!(
        "ack_call",
        otel.name = %Name("CS", "/", operation),
        otel.kind = "client",
        otel.status_code = Empty,
        rpc.system = "acs",
        rpc.service = "CS",
        rpc.method = operation,
        cloud.provider = "alibaba_cloud",
        cloud.region = client.region.as_deref(),
        server.address = client.server.address,
        "error.type" = Empty,
        acs.attempts = Empty,
        acs.request_id = Empty,
    )
}

/// One span for an attempt, from the wait for its turn to the end of the answer.
pub(crate) fn attempt(client: &Inner, parts: &Parts, resend_count: u32) -> Span {
    tracing::info_span!(
        "ack_attempt",
        otel.name = %Name(parts.operation.method, " ", parts.operation.path),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = parts.operation.method,
        http.request.resend_count = resend_count,
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        url.template = parts.operation.path,
        server.address = client.server.address,
        server.port = client.server.port,
        "error.type" = Empty,
        acs.request_id = Empty,
    )
}

/// Notes how an attempt ended.
pub(crate) fn ended(span: &Span, outcome: &Result<Answer, Error>, started: Instant) {
    // Asked for by a macro that asks only if somebody listens.
    let elapsed_ms = || millis(started.elapsed());
    match outcome {
        Ok(answer) => {
            let (status, bytes) = (answer.status.as_u16(), answer.body.len());
            if !span.is_disabled() {
                span.record("http.response.status_code", status);
                span.record("http.response.body.size", bytes);
                span.record("acs.request_id", answer.request_id());
            }
            tracing::debug!(elapsed_ms = elapsed_ms(), status, bytes, "answered");
        }
        Err(error) => {
            failed(span, error);
            let status = error.status().map(|status| status.as_u16());
            if let Some(status) = status {
                span.record("http.response.status_code", status);
            }
            tracing::debug!(elapsed_ms = elapsed_ms(), status, code = error.code(), "failed: {}", error.cause());
        }
    }
}

/// Notes how a call ended.
pub(crate) fn finished<T>(span: &Span, outcome: &Result<T, Error>, attempts: u32, request_id: Option<&str>) {
    if span.is_disabled() {
        return;
    }
    span.record("acs.attempts", attempts);
    match outcome {
        Ok(_) => {
            span.record("acs.request_id", request_id);
        }
        Err(error) => failed(span, error),
    }
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn failed(span: &Span, error: &Error) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", error.label());
    span.record("acs.request_id", error.request_id());
}

/// A name of two parts, put together only if somebody looks.
struct Name(&'static str, &'static str, &'static str);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(first, separator, second) = self;
        write!(f, "{first}{separator}{second}")
    }
}

/// Where requests go, for spans.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) port: u16,
}

impl Server {
    /// Takes apart an origin such as `https://cs.cn-hangzhou.aliyuncs.com`.
    pub(crate) fn of(origin: &str) -> Self {
        let url = url::Url::parse(origin).ok();
        let address = url.as_ref().and_then(|url| url.host_str()).unwrap_or(origin).to_owned();
        Self { address, port: url.and_then(|url| url.port_or_known_default()).unwrap_or(443) }
    }
}
