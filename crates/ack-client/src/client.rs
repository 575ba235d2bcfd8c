//! The client and the path one call takes.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ack_auth::{Clock, Credentials, NonceSource};
use ack_codec::{Decoder, Drift, Format, Limits};
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use tracing::Instrument as _;

use crate::builder::ClientBuilder;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::response::ResponseValue;
use crate::runtime::{Answer, Request, Transport};

/// A client of the ACK API in one region.
///
/// Cloning is cheap; clones share connections and configuration. Each operation of the API reference is a method
/// named after it: GetUpgradeStatus is [`get_upgrade_status`](Self::get_upgrade_status).
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

/// What the builder has made of its settings.
#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) endpoint: Endpoint,
    pub(crate) region: Option<String>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) format: Format,
    pub(crate) timeout: Duration,
    pub(crate) max_body_bytes: usize,
    pub(crate) user_agent: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) nonces: Arc<dyn NonceSource>,
    pub(crate) transport: Transport,
}

impl Client {
    /// Starts the configuration of a client. At least a region or an endpoint is needed.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// The region the client was built for; `None` if it was given only an endpoint.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.inner.region.as_deref()
    }

    /// Scheme, host and port that requests go to, such as `https://cs.cn-hangzhou.aliyuncs.com`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.inner.endpoint.as_str()
    }

    /// The wire format answers are asked in.
    #[must_use]
    pub fn format(&self) -> Format {
        self.inner.format
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// A client that keeps its next request in the slot instead of sending it.
    #[cfg(feature = "by-name")]
    pub(crate) fn previewing(&self) -> (Self, crate::runtime::PreviewSlot) {
        let slot = crate::runtime::PreviewSlot::default();
        let inner = Inner { transport: Transport::Preview(slot.clone()), ..Inner::clone(&self.inner) };
        (Self::new(inner), slot)
    }

    /// Makes one call: credentials, signature, exchange, decoding.
    pub(crate) async fn execute<T: DeserializeOwned>(&self, request: Request) -> Result<ResponseValue<T>, Error> {
        let operation = request.operation();
        let span = tracing::debug_span!(
            "ack_call",
            operation = operation.id,
            region = self.inner.region.as_deref(),
            endpoint = self.inner.endpoint.as_str(),
        );
        let started = Instant::now();
        let answer = self.exchange(request).instrument(span).await;
        answer
            .and_then(|answer| self.decode(answer))
            .map_err(|error| error.with_operation(operation.id).with_elapsed(started.elapsed()))
    }

    async fn exchange(&self, request: Request) -> Result<Answer, Error> {
        let inner = &self.inner;
        let parts = request.finish()?;
        let exchange = async {
            let credential = inner.credentials.credential().await.map_err(Error::credentials)?;
            let nonce = inner.nonces.nonce().map_err(Error::credentials)?;
            let signed = parts.sign(inner, &credential, inner.clock.now(), &nonce)?;
            inner.transport.send(&inner.endpoint, &parts, &signed, inner.max_body_bytes).await
        };
        let answer =
            tokio::time::timeout(inner.timeout, exchange).await.map_err(|_| Error::timed_out(inner.timeout))??;
        if answer.status.is_success() { Ok(answer) } else { Err(answer.into_error()) }
    }

    fn decode<T: DeserializeOwned>(&self, answer: Answer) -> Result<ResponseValue<T>, Error> {
        let format = match Format::detect(answer.content_type(), &answer.body) {
            Some(format) => format,
            // Operations without an answer send no body at all; the codec knows whether the type allows that.
            None if answer.body.is_empty() => self.inner.format,
            None => {
                return match bare_text(answer.content_type(), &answer.body) {
                    Some(value) => Ok(ResponseValue::new(value, Drift::default(), answer)),
                    None => Err(Error::unreadable(&answer)),
                };
            }
        };
        let limits = Limits::default().with_max_bytes(self.inner.max_body_bytes);
        match Decoder::new(format).limits(limits).decode::<T>(&answer.body) {
            Ok(decoded) => {
                if !decoded.drift.is_empty() {
                    tracing::debug!(drift = ?decoded.drift, "the answer holds fields or values the spec does not know");
                }
                Ok(ResponseValue::new(decoded.value, decoded.drift, answer))
            }
            Err(error) => match bare_text(answer.content_type(), &answer.body).filter(|_| error.is_syntax()) {
                Some(value) => Ok(ResponseValue::new(value, Drift::default(), answer)),
                None => Err(Error::decode(error, &answer)),
            },
        }
    }
}

/// A body that is the value itself: DescribeClusterAttachScripts answers with a script and no quotes around it, whatever
/// its label says. Only a type that takes any text takes it, and a web page is no such answer.
pub(crate) fn bare_text<T: DeserializeOwned>(content_type: Option<&str>, body: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(body).ok()?;
    let is_page = content_type.is_some_and(|label| label.to_ascii_lowercase().contains("html"));
    if is_page || text.trim_start().starts_with('<') || text.is_empty() {
        return None;
    }
    let text: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(text).ok()
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.inner.endpoint.as_str())
            .field("region", &self.inner.region)
            .field("format", &self.inner.format)
            .field("timeout", &self.inner.timeout)
            .finish_non_exhaustive()
    }
}
