//! Where the service is: from a region or from an endpoint given outright.

use url::Url;

use crate::error::Error;
use crate::generated::endpoints;
use crate::runtime::{Route, is_loopback};

/// From where the service is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Network {
    /// From anywhere: `cs.{region}.aliyuncs.com`.
    #[default]
    Public,
    /// From inside a VPC of the region, without a way to the internet: `cs-anony-vpc.{region}.aliyuncs.com`.
    Vpc,
}

/// A region the service publishes, from the Endpoint page of the ACK API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishedRegion {
    /// The region ID, such as `cn-hangzhou`.
    pub id: &'static str,
    /// The English name, such as `China (Hangzhou)`.
    pub name: &'static str,
}

impl PublishedRegion {
    /// The host of the service in that region, for calls from that network.
    #[must_use]
    pub fn host(&self, network: Network) -> String {
        host(self.id, network)
    }
}

/// The regions of the Endpoint page of the ACK API reference, sorted by ID. New regions appear before a list knows
/// them, so a client accepts any well-formed region.
pub fn published_regions() -> impl ExactSizeIterator<Item = PublishedRegion> {
    endpoints::PUBLISHED.iter().map(|(id, name)| PublishedRegion { id, name })
}

/// Scheme, host and port, without a path.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    origin: Url,
    text: String,
    host: String,
}

impl Endpoint {
    /// The rule of the service: a special endpoint for the region if it has one, else one of the region and network.
    pub(crate) fn of_region(region: &str, network: Network) -> Result<Self, Error> {
        check_region(region)?;
        match endpoints::SPECIAL.iter().find(|(known, _)| *known == region) {
            None => Self::parse(&host(region, network), false),
            Some((_, host)) if network == Network::Public => Self::parse(host, false),
            // The official SDKs go to the public endpoint, which is not what was asked for.
            Some(_) => {
                let remedy = "use the public network, or give the endpoint";
                Err(Error::invalid_input("region", region, "has no known endpoint inside VPCs", remedy))
            }
        }
    }

    /// An endpoint given outright: a host, a host with a port, or a URL with nothing behind the port.
    pub(crate) fn parse(text: &str, allow_plain_http: bool) -> Result<Self, Error> {
        let refuse = |problem: &str, remedy: &str| Err(Error::invalid_input("endpoint", text, problem, remedy));
        if text.trim() != text || text.is_empty() {
            return refuse("is empty or has white space around it", "give a host such as cs.cn-hangzhou.aliyuncs.com");
        }
        let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = match Url::parse(&address) {
            Ok(url) => url,
            Err(error) => {
                return refuse(
                    &format!("is not a host or URL ({error})"),
                    "give a host such as cs.cn-hangzhou.aliyuncs.com",
                );
            }
        };
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return refuse("has no host", "give a host such as cs.cn-hangzhou.aliyuncs.com");
        };
        if !matches!(url.scheme(), "https" | "http") {
            return refuse("has an unknown scheme", "use https");
        }
        if !url.username().is_empty() || url.password().is_some() {
            // The value is not repeated: it may hold a password.
            let remedy = "give the host alone and pass keys as credentials";
            return Err(Error::unset("endpoint", "holds a user name or password", remedy));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return refuse(
                "has something behind the host",
                "give scheme, host and port alone, without a path or query",
            );
        }
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let endpoint = Self { text: format!("{}://{host}", url.scheme()), host, origin: url };
        if endpoint.is_plain_http() && !endpoint.is_loopback() && !allow_plain_http {
            let remedy = "use https; plain HTTP is for loopback, or for a network you trust with allow_plain_http";
            return refuse("would send the signed request in the clear", remedy);
        }
        Ok(endpoint)
    }

    /// Scheme, host and port as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The value of the `host` header: the port is part of it unless it is the scheme's own.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn is_plain_http(&self) -> bool {
        self.origin.scheme() == "http"
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.origin)
    }

    /// What connecting to it takes.
    pub(crate) fn route(&self) -> Route {
        Route::to(&self.origin)
    }

    /// The URL of a request. Path and query are encoded already and hold nothing the parser would change.
    pub(crate) fn url(&self, path: &str, query: &str) -> Url {
        let mut url = self.origin.clone();
        url.set_path(path);
        url.set_query((!query.is_empty()).then_some(query));
        url
    }
}

fn host(region: &str, network: Network) -> String {
    match network {
        Network::Public => format!("cs.{region}.aliyuncs.com"),
        Network::Vpc => format!("cs-anony-vpc.{region}.aliyuncs.com"),
    }
}

/// The region goes into a host name, so nothing but the characters of region IDs is let through.
pub(crate) fn check_region(region: &str) -> Result<(), Error> {
    let remedy = "use a region ID such as cn-hangzhou: lower-case letters, digits and hyphens";
    let well_formed = region.len() <= 63
        && region.starts_with(|c: char| c.is_ascii_lowercase())
        && !region.ends_with('-')
        && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if well_formed { Ok(()) } else { Err(Error::invalid_input("region", region, "is not a region ID", remedy)) }
}
