//! The exchange of one signed request for one answer. No other module knows which HTTP library does it.

use std::time::Instant;

use ack_auth::SignedRequest;
use http::{HeaderMap, HeaderValue, Method};

use super::{Answer, Parts};
use crate::endpoint::Endpoint;
use crate::error::Error;

/// What carries requests out.
#[derive(Clone)]
pub(crate) enum Transport {
    /// A pool of connections.
    Http(reqwest::Client),
    /// Keeps the request instead of sending it.
    #[cfg(feature = "by-name")]
    Preview(super::PreviewSlot),
}

impl Transport {
    /// Sends one signed request and reads at most `max_body_bytes` of the answer.
    pub(crate) async fn send(
        &self,
        endpoint: &Endpoint,
        parts: &Parts,
        signed: &SignedRequest,
        max_body_bytes: usize,
    ) -> Result<Answer, Error> {
        let url = endpoint.url(&parts.path, signed.canonical_query());
        let http = match self {
            Self::Http(http) => http,
            #[cfg(feature = "by-name")]
            Self::Preview(slot) => {
                slot.put(super::Preview::new(parts, signed, url.as_str()));
                return Err(Error::unset("request", "was previewed", "call the operation to send it"));
            }
        };
        let method = Method::from_bytes(parts.operation.method.as_bytes())
            .map_err(|error| Error::set_up("the HTTP method", &error))?;
        let mut request = http.request(method, url).headers(headers(signed)?);
        if let Some(body) = &parts.body {
            request = request.body(body.clone());
        }
        let started = Instant::now();
        tracing::debug!(method = parts.operation.method, path = parts.path, "sending");
        let response = request.send().await.map_err(|error| Error::transport(error, false))?;

        let mut answer = Answer::new(response.status(), response.headers().clone(), signed);
        read_body(response, &mut answer, max_body_bytes).await?;
        tracing::debug!(
            status = answer.status.as_u16(),
            request_id = answer.request_id(),
            bytes = answer.body.len(),
            elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "answered"
        );
        Ok(answer)
    }
}

async fn read_body(mut response: reqwest::Response, answer: &mut Answer, limit: usize) -> Result<(), Error> {
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(()),
            Ok(Some(chunk)) if answer.body.len().saturating_add(chunk.len()) > limit => {
                return Err(Error::body_too_large(limit, answer));
            }
            Ok(Some(chunk)) => answer.body.extend_from_slice(&chunk),
            Err(error) => return Err(Error::transport(error, true).with_answer(answer)),
        }
    }
}

fn headers(signed: &SignedRequest) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    for (name, value) in signed.headers() {
        let name =
            http::HeaderName::from_bytes(name.as_bytes()).map_err(|error| Error::set_up("a header name", &error))?;
        let mut value = HeaderValue::from_str(value).map_err(|error| Error::set_up("a header", &error))?;
        value.set_sensitive(SignedRequest::is_sensitive(name.as_str()));
        headers.append(name, value);
    }
    Ok(headers)
}
