//! The HTTP client below every exchange: how it connects, through which proxy, and whom it trusts.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use url::{Host, Url};

use super::tls::{self, TlsBackend, TlsSettings};
use crate::error::Error;

/// How connections are made, for calls and for sources of credentials alike.
#[derive(Clone)]
pub(crate) struct HttpSettings {
    /// Name resolution and TLS included.
    pub(crate) connect_timeout: Duration,
    pub(crate) proxy: ProxyChoice,
    pub(crate) tls: TlsSettings,
}

/// Where the proxy comes from.
#[derive(Clone)]
pub(crate) enum ProxyChoice {
    /// The environment, or else the settings of the system.
    System,
    None,
    /// This URL, unread. It may hold a password.
    Url(String),
}

/// What the way to a server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    tls: bool,
    proxy: bool,
}

impl Route {
    /// The way to a URL. A loopback address means something on this machine only, so no proxy stands before it.
    pub(crate) fn to(url: &Url) -> Self {
        Self { tls: url.scheme() == "https", proxy: !is_loopback(url) }
    }

    /// The same way without a proxy.
    pub(crate) fn direct(self) -> Self {
        Self { proxy: false, ..self }
    }
}

impl Default for HttpSettings {
    fn default() -> Self {
        let connect_timeout = Duration::from_secs(5);
        Self { connect_timeout, proxy: ProxyChoice::System, tls: TlsSettings::default() }
    }
}

impl HttpSettings {
    /// Refuses settings that cannot be used, whether or not the client at hand would use them.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.tls.certificates()?;
        if let ProxyChoice::Url(text) = &self.proxy {
            proxy(text)?;
        }
        Ok(())
    }

    /// A client for that way. It follows no redirects, which would carry signatures and tokens to another host, sends
    /// nothing twice, and asks for answers that are not compressed.
    pub(crate) fn client(&self, route: Route) -> Result<reqwest::Client, Error> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // `never` alone still copies each request, in case it should be repeated.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .referer(false)
            .default_headers(uncompressed())
            .connect_timeout(self.connect_timeout);
        let builder = match (&self.proxy, route.proxy) {
            (ProxyChoice::None, _) | (_, false) => builder.no_proxy(),
            (ProxyChoice::System, true) => builder,
            (ProxyChoice::Url(text), true) => builder.proxy(proxy(text)?),
        };
        // A proxy may have to be reached by TLS where the server is not.
        let verified = route.tls || route.proxy;
        let builder = match self.tls.backend {
            TlsBackend::Rustls if verified => {
                builder.tls_backend_preconfigured(tls::verifying(self.tls.certificates()?)?)
            }
            TlsBackend::Rustls => builder.tls_backend_preconfigured(tls::unused()?),
            #[cfg(feature = "native-tls")]
            TlsBackend::Native => {
                let certificates = self.tls.certificates()?;
                let certificates = certificates.iter().map(|certificate| reqwest::Certificate::from_der(certificate));
                let certificates: Result<Vec<_>, _> = certificates.collect();
                let certificates = certificates.map_err(|error| Error::set_up("the trusted certificates", &error))?;
                builder.tls_backend_native().tls_certs_merge(certificates)
            }
        };
        builder.build().map_err(|error| Error::set_up("the HTTP client", &error))
    }
}

/// Says that no decoder is here: answers are small, and what was compressed by somebody else could be a bomb.
fn uncompressed() -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))])
}

/// Never shows the text, which may hold a password.
fn proxy(text: &str) -> Result<reqwest::Proxy, Error> {
    let refuse = |problem: &str| Error::unset("proxy", problem, "give it as http://host:port or https://host:port");
    let address = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&address).map_err(|error| refuse(&format!("is not a URL ({error})")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("has a scheme that is not supported"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has something behind host and port"));
    }
    reqwest::Proxy::all(url).map_err(|_| refuse("cannot be used"))
}

impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSettings")
            .field("connect_timeout", &self.connect_timeout)
            .field("proxy", &self.proxy)
            .field("tls_backend", &self.tls.backend)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ProxyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::None => "None",
            Self::Url(_) => "Url(..)",
        })
    }
}

/// Whether a URL names this machine by a loopback address or as `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
