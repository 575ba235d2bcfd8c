//! The client and the path one call takes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ack_auth::{Clock, Credentials, NonceSource};
use ack_codec::{Format, Limits};
use serde_core::de::DeserializeOwned;
use tracing::Instrument as _;

use crate::builder::ClientBuilder;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::limit::Limiters;
#[cfg(feature = "by-name")]
use crate::limit::RateLimiter;
use crate::reading::{bare_text, value_of};
use crate::response::ResponseValue;
use crate::retry::RetrySettings;
use crate::runtime::{Answer, Call, ClockSkew, Request, Server, Transport, spans};

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
    pub(crate) server: Server,
    pub(crate) region: Option<String>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) format: Format,
    pub(crate) timeout: Duration,
    pub(crate) max_body_bytes: usize,
    pub(crate) user_agent: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) nonces: Arc<dyn NonceSource>,
    pub(crate) transport: Transport,
    pub(crate) retries: RetrySettings,
    pub(crate) limiters: Limiters,
    pub(crate) skew: Arc<ClockSkew>,
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

    #[cfg(test)]
    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// A client that keeps its next request in the slot instead of sending it.
    #[cfg(feature = "by-name")]
    pub(crate) fn previewing(&self) -> (Self, crate::runtime::PreviewSlot) {
        let slot = crate::runtime::PreviewSlot::default();
        let limiters = Limiters { rate: RateLimiter::unlimited(), ..Limiters::default() };
        let inner = Inner { transport: Transport::Preview(slot.clone()), limiters, ..Inner::clone(&self.inner) };
        (Self::new(inner), slot)
    }

    /// Makes one call: attempts until there is an answer, and its decoding.
    pub(crate) async fn execute<T: DeserializeOwned>(&self, request: Request) -> Result<ResponseValue<T>, Error> {
        let operation = request.operation();
        let parts = request.finish().map_err(|mistake| mistake.with_operation(operation))?;
        let span = spans::call(&self.inner, operation.id);
        let mut call = Call::new(&self.inner, &parts);
        let work = async {
            // Boxed, as it is the same for all operations and large: futures that hold a call stay small.
            let answer = Box::pin(call.run()).await?;
            self.decode(answer)
        };
        let outcome: Result<ResponseValue<T>, Error> = work.instrument(span.clone()).await;
        let request_id = outcome.as_ref().ok().and_then(|answer| answer.request_id());
        spans::finished(&span, &outcome, call.attempts(), request_id);
        outcome.map_err(|error| error.with_operation(operation).with_effort(call.attempts(), call.elapsed()))
    }

    fn decode<T: DeserializeOwned>(&self, answer: Answer) -> Result<ResponseValue<T>, Error> {
        if answer.content_coding().is_some() {
            return Err(Error::unreadable(&answer));
        }
        let (label, body) = (answer.content_type(), answer.body.as_slice());
        let format = match Format::detect(label, body) {
            // Operations without an answer send no body at all; the codec knows whether the type allows that.
            None if body.is_empty() => Some(self.inner.format),
            format => format,
        };
        let limits = Limits::default().with_max_bytes(self.inner.max_body_bytes);
        let (value, drift) = match format {
            Some(format) => value_of(format, limits, label, body).map_err(|error| Error::decode(error, &answer))?,
            None => bare_text(label, body).ok_or_else(|| Error::unreadable(&answer))?,
        };
        if !drift.is_empty() {
            tracing::debug!(?drift, "the answer holds fields or values the spec does not know");
        }
        Ok(ResponseValue::new(value, drift, answer))
    }
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
