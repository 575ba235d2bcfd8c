//! The HTTP client below every exchange: how it connects, and whom it trusts.

use std::time::Duration;

use url::{Host, Url};

use super::tls;
use crate::error::Error;

/// How connections are made, for calls and for sources of credentials alike.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    /// Name resolution and TLS included.
    pub(crate) connect_timeout: Duration,
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

impl HttpSettings {
    /// A client for that way. It follows no redirects, which would carry signatures and tokens to another host, and
    /// sends nothing twice.
    pub(crate) fn client(&self, route: Route) -> Result<reqwest::Client, Error> {
        // A proxy may have to be reached by TLS where the server is not.
        let tls = if route.tls || route.proxy { tls::verifying()? } else { tls::unused()? };
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(self.connect_timeout)
            .tls_backend_preconfigured(tls);
        if !route.proxy {
            builder = builder.no_proxy();
        }
        builder.build().map_err(|error| Error::set_up("the HTTP client", &error))
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
