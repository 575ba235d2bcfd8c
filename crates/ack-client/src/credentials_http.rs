//! The HTTP exchanges of sources of credentials, over the client's HTTP library.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ack_auth::{HttpAnswer, HttpExchange, HttpFuture, HttpRequest};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use crate::error::{Error, chain};
use crate::runtime::{HttpSettings, Route};

/// What goes wrong with an exchange; its text is shown to users.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// The HTTP client of [`DefaultCredentials`](crate::auth::DefaultCredentials): STS, metadata services, credentials URIs.
///
/// [`ClientBuilder::credentials_http`](crate::ClientBuilder::credentials_http) makes one with the proxies, certificates and
/// time to connect of that builder. A client without credentials of its own uses it by itself; it is public for programs
/// that put a chain together, as to read another environment:
///
/// ```
/// use std::collections::BTreeMap;
/// use ack_client::{Client, auth::{Context, DefaultCredentials}};
///
/// let builder = Client::builder().region("cn-hangzhou");
/// let variables = BTreeMap::from([("ALIBABA_CLOUD_CREDENTIALS_URI".to_owned(), "http://localhost:8080/keys".to_owned())]);
/// let context = Context::new().with_environment(variables).with_http(builder.credentials_http());
/// let client = builder.credentials(DefaultCredentials::builder().with_context(context).build()).build()?;
/// # Ok::<(), ack_client::Error>(())
/// ```
///
/// It repeats nothing, follows no redirect, reads at most 1 MiB, and keeps no connection open. Requests to loopback addresses and to
/// the metadata service of the machine use no proxy. Its errors show neither the URL nor anything that was sent.
#[derive(Clone)]
pub struct CredentialsHttp {
    settings: HttpSettings,
    /// Made when first needed: most processes find their keys without a request.
    clients: Arc<Mutex<Vec<(Route, reqwest::Client)>>>,
}

impl CredentialsHttp {
    pub(crate) fn new(settings: HttpSettings) -> Self {
        Self { settings, clients: Arc::default() }
    }

    fn client(&self, route: Route) -> Result<reqwest::Client, Error> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(known, _)| *known == route) {
            return Ok(client.clone());
        }
        let client = self.settings.client(route)?;
        clients.push((route, client.clone()));
        Ok(client)
    }

    async fn send(&self, request: &HttpRequest) -> Result<HttpAnswer, Trouble> {
        // The parser's own words would quote a part of the URL.
        let url = Url::parse(request.url()).map_err(|_| "its URL cannot be read")?;
        let route = Route::to(&url);
        let client = self.client(if request.is_direct() { route.direct() } else { route })?;
        let told = |error: reqwest::Error| told(error, request.timeout());
        let sent = client
            .request(Method::from_bytes(request.method().as_bytes())?, url)
            .headers(headers(request)?)
            .body(request.body().to_vec())
            // It bounds the body of the answer, too.
            .timeout(request.timeout());
        let mut response = sent.send().await.map_err(told)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            if body.len().saturating_add(chunk.len()) > request.body_limit() {
                return Err(format!("the answer is larger than {} bytes", request.body_limit()).into());
            }
            body.extend_from_slice(&chunk);
        }
        tracing::debug!(
            status = response.status().as_u16(),
            bytes = body.len(),
            "a source of credentials was answered"
        );
        Ok(HttpAnswer::new(response.status().as_u16(), body))
    }
}

impl HttpExchange for CredentialsHttp {
    fn exchange(&self, request: HttpRequest) -> HttpFuture<'_> {
        Box::pin(async move { self.send(&request).await })
    }
}

impl fmt::Debug for CredentialsHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsHttp").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn headers(request: &HttpRequest) -> Result<HeaderMap, Trouble> {
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers() {
        let mut value = HeaderValue::from_str(value).map_err(|_| format!("the header {name} cannot be sent"))?;
        value.set_sensitive(true);
        headers.append(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

fn told(error: reqwest::Error, limit: Duration) -> Trouble {
    if error.is_timeout() {
        return format!("no complete answer came within {limit:?}").into();
    }
    chain(&error.without_url()).into()
}
