//! The exchange of one signed request for one answer. No other module knows which HTTP library does it.

use std::error::Error as StdError;
use std::sync::Arc;

use ack_auth::SignedRequest;
use http::Method;

use super::headers::headers;
use super::{Answer, Lost, Parts, TransportFailure};
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
    /// Does what a test says.
    #[cfg(test)]
    Scripted(Arc<super::Script>),
}

impl Transport {
    /// Sends one signed request and reads at most `max_body_bytes` of the answer.
    pub(crate) async fn send(
        &self,
        endpoint: &Endpoint,
        parts: &Parts,
        signed: SignedRequest,
        max_body_bytes: usize,
    ) -> Result<Answer, Error> {
        let url = endpoint.url(&parts.path, signed.canonical_query());
        let http = match self {
            Self::Http(http) => http,
            #[cfg(feature = "by-name")]
            Self::Preview(slot) => {
                slot.put(super::Preview::new(parts, &signed, url.as_str()));
                return Err(Error::unset("request", "was previewed", "call the operation to send it"));
            }
            #[cfg(test)]
            Self::Scripted(script) => return script.send(Arc::new(signed), max_body_bytes).await,
        };
        let method = Method::from_bytes(parts.operation.method.as_bytes())
            .map_err(|error| Error::set_up("the HTTP method", &error))?;
        let signed = Arc::new(signed);
        let mut request = reqwest::Request::new(method, url);
        *request.headers_mut() = headers(&signed, &parts.constants())?;
        *request.body_mut() = parts.body.clone().map(reqwest::Body::from);
        tracing::debug!(method = parts.operation.method, path = parts.path, "sending");
        let mut response =
            http.execute(request).await.map_err(|error| Error::transport(failure(error, Lost::Exchanging)))?;

        let mut answer = Answer::new(response.status(), std::mem::take(response.headers_mut()), signed);
        read_body(response, &mut answer, max_body_bytes).await?;
        Ok(answer)
    }
}

/// Counts what comes out of the HTTP library, which is the body after decompression.
async fn read_body(mut response: reqwest::Response, answer: &mut Answer, limit: usize) -> Result<(), Error> {
    let announced = response.content_length();
    if announced.is_some_and(|bytes| !usize::try_from(bytes).is_ok_and(|bytes| bytes <= limit)) {
        return Err(Error::body_too_large(limit, answer));
    }
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(()),
            Ok(Some(chunk)) if answer.body.len().saturating_add(chunk.len()) > limit => {
                return Err(Error::body_too_large(limit, answer));
            }
            Ok(Some(chunk)) => answer.body.extend_from_slice(&chunk),
            Err(error) => return Err(Error::transport(failure(error, Lost::ReadingBody)).with_answer(answer)),
        }
    }
}

/// What the HTTP library says of a loss. The URL is left out: its query is nobody else's business.
fn failure(error: reqwest::Error, lost: Lost) -> TransportFailure {
    let error = error.without_url();
    TransportFailure {
        lost: if error.is_connect() { Lost::Connecting } else { lost },
        timed_out: error.is_timeout(),
        certificate: is_certificate(&error) || is_native_certificate(&error),
        source: Box::new(error),
    }
}

/// Looks for the verifier's refusal, which the layers in between wrap as errors of input and output.
fn is_certificate(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// The platform's libraries tell in words alone.
#[cfg(feature = "native-tls")]
fn is_native_certificate(error: &reqwest::Error) -> bool {
    error.is_connect() && crate::error::chain(error).to_ascii_lowercase().contains("certificate")
}

#[cfg(not(feature = "native-tls"))]
fn is_native_certificate(_: &reqwest::Error) -> bool {
    false
}
