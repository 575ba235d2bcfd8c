//! The settings of connections.

use std::time::Duration;

use super::ClientBuilder;
use crate::credentials_http::CredentialsHttp;
use crate::runtime::{ProxyChoice, TlsBackend};

/// Connections. They hold for calls, and for the sources of credentials that the client asks by itself.
impl ClientBuilder {
    /// How long connecting may take, name resolution and TLS included.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.http.connect_timeout = limit;
        self
    }

    /// The proxy of all connections, such as `http://proxy.example:3128` or `https://user:password@proxy.example`. User
    /// and password are sent to the proxy alone and never shown. Loopback addresses and the metadata service of the machine
    /// are reached directly all the same.
    ///
    /// Without it, the environment names one (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, in either case) and the hosts
    /// that need none (`NO_PROXY`), or on Windows and macOS the settings of the system do. They do not count beside it.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// Connects directly, whatever proxy environment and system name.
    pub fn no_proxy(mut self) -> Self {
        self.http.proxy = ProxyChoice::None;
        self
    }

    /// Trusts these certificate authorities, too: one or more certificates in PEM text, as of a proxy that opens TLS. May
    /// be called again for more.
    ///
    /// What the platform trusts stays trusted. On Linux that is the system's bundle, or the file or folder that
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead.
    pub fn ca_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http.tls.authorities.push(pem.into());
        self
    }

    /// What carries TLS. Without it that is [`TlsBackend::Rustls`], whichever features are on: features of one crate in a
    /// program are those that any other crate asks for, and must not decide whom a connection trusts.
    pub fn tls_backend(mut self, backend: TlsBackend) -> Self {
        self.http.tls.backend = backend;
        self
    }

    /// An HTTP client for sources of credentials, with the connection settings made so far.
    pub fn credentials_http(&self) -> CredentialsHttp {
        CredentialsHttp::new(self.http.clone())
    }
}
