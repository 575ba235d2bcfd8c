//! The HTTP exchanges that sources of credentials need, behind a trait.

use std::error::Error as StdError;
use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

/// The most bytes of an answer that are read: 1 MiB.
pub(crate) const BODY_LIMIT: usize = 1 << 20;

/// The future an [`HttpExchange`] answers with. Its error is displayed to users, so it must hold
/// neither the URL nor a header.
pub type HttpFuture<'a> =
    Pin<Box<dyn Future<Output = Result<HttpAnswer, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// Sends one request and reads its answer; an adapter of the HTTP client of one's choice.
///
/// An adapter
///
/// * sends exactly the method, URL, headers and body given, with no retry of its own;
/// * gives up after [`HttpRequest::timeout`], which bounds the whole exchange;
/// * does not follow redirects, which would carry tokens to another host;
/// * uses no proxy where [`HttpRequest::is_direct`] says so;
/// * answers with any status as it is, and stops reading after [`HttpRequest::body_limit`] bytes;
/// * fails with an error that does not show the URL (reqwest: `Error::without_url`).
///
/// ```
/// use ack_auth::{HttpAnswer, HttpExchange, HttpFuture, HttpRequest};
///
/// #[derive(Debug)]
/// struct AlwaysNotFound;
///
/// impl HttpExchange for AlwaysNotFound {
///     fn exchange(&self, request: HttpRequest) -> HttpFuture<'_> {
///         assert!(!request.url().is_empty());
///         Box::pin(async { Ok(HttpAnswer::new(404, Vec::new())) })
///     }
/// }
/// ```
pub trait HttpExchange: fmt::Debug + Send + Sync {
    /// Sends the request and reads the answer.
    ///
    /// # Errors
    ///
    /// Whatever kept an answer from arriving, and a body beyond the limit.
    fn exchange(&self, request: HttpRequest) -> HttpFuture<'_>;
}

/// A request to STS, to a metadata service or to a credentials URI.
///
/// Its formatting shows the method alone: URL, headers and body may hold tokens.
#[derive(Clone)]
pub struct HttpRequest {
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, Zeroizing<String>)>,
    body: Zeroizing<Vec<u8>>,
    timeout: Duration,
    direct: bool,
}

/// What came back: the status and the body. The body is wiped on drop and not formatted.
pub struct HttpAnswer {
    status: u16,
    body: Zeroizing<Vec<u8>>,
}

/// Stands in where no HTTP client was given: every exchange fails and says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHttp;

impl HttpRequest {
    /// A request without headers and body, to be answered within ten seconds.
    pub fn new(method: &'static str, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Zeroizing::default(),
            timeout: Duration::from_secs(10),
            direct: false,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, Zeroizing::new(value.into())));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Zeroizing::new(body.into());
        self
    }

    /// Bounds the whole exchange.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks for no proxy: the address means something on this machine only.
    #[must_use]
    pub fn directly(mut self) -> Self {
        self.direct = true;
        self
    }

    /// `GET`, `POST` or `PUT`.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The absolute URL. It may hold a token in its query, so do not log it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Names in lower case and values, none of them repeated. Values may be tokens.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The body, empty for none.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How long the exchange may take, connecting included.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The most bytes of the answer's body to read: 1 MiB.
    pub fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    /// Whether a proxy must not be used, as for the metadata service of this machine.
    pub fn is_direct(&self) -> bool {
        self.direct
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

impl HttpAnswer {
    /// An answer of that status and body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: Zeroizing::new(body.into()) }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body, which may hold keys.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl HttpExchange for NoHttp {
    fn exchange(&self, _: HttpRequest) -> HttpFuture<'_> {
        let problem = "no HTTP client was given to the credentials: plug one in with Context::with_http";
        Box::pin(future::ready(Err(problem.into())))
    }
}

impl<T: HttpExchange + ?Sized> HttpExchange for Arc<T> {
    fn exchange(&self, request: HttpRequest) -> HttpFuture<'_> {
        (**self).exchange(request)
    }
}
