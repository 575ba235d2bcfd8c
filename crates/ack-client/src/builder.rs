//! The configuration of a client.

use std::sync::Arc;
use std::time::Duration;

use ack_auth::{Clock, Context, Credentials, DefaultCredentials, NonceSource, RandomNonce, SystemClock};
use ack_codec::Format;

use crate::client::{Client, Inner};
use crate::endpoint::{Endpoint, Network, check_region};
use crate::error::Error;
use crate::limit::Limiters;
use crate::retry::RetrySettings;
use crate::runtime::{HttpSettings, Server, Transport};

mod connections;
mod limits;
mod retries;

/// Configures a [`Client`].
///
/// | setting | default |
/// |---|---|
/// | [`region`](Self::region) or [`endpoint`](Self::endpoint) | none; one is needed |
/// | [`network`](Self::network) | the public one |
/// | [`credentials`](Self::credentials) | [`DefaultCredentials`]: environment, OIDC role, CLI profile, credentials file, ECS RAM role, credentials URI |
/// | [`profile`](Self::profile) | none; the default credentials choose |
/// | [`format`](Self::format) | JSON |
/// | [`connect_timeout`](Self::connect_timeout) | 5 seconds |
/// | [`attempt_timeout`](Self::attempt_timeout) | 20 seconds |
/// | [`timeout`](Self::timeout) | 60 seconds for the whole call |
/// | [`max_attempts`](Self::max_attempts) | 4: one and three retries |
/// | [`retry_policy`](Self::retry_policy) | [`StandardRetry`](crate::retry::StandardRetry): only what cannot happen twice by it |
/// | [`backoff`](Self::backoff) | [`ExponentialBackoff`](crate::retry::ExponentialBackoff): random waits up to 0.5, 1, 2 .. 20 seconds |
/// | [`max_retry_after`](Self::max_retry_after) | 60 seconds, if the service asks for a wait |
/// | [`retry_throttle`](Self::retry_throttle) | [`RetryBudget`](crate::retry::RetryBudget) of 500 tokens, shared by clones |
/// | [`correct_clock_skew`](Self::correct_clock_skew) | on |
/// | [`rate_limiter`](Self::rate_limiter) | [`RateLimiter::adaptive`](crate::limit::RateLimiter::adaptive): none until the service throttles |
/// | [`concurrency_limit`](Self::concurrency_limit) | 64 requests at once, shared by clones |
/// | [`max_body_bytes`](Self::max_body_bytes) | 64 MiB |
/// | [`proxy`](Self::proxy) | the environment's or the system's; none for loopback addresses |
/// | [`ca_certificates`](Self::ca_certificates) | none beside those the platform trusts |
/// | [`tls_backend`](Self::tls_backend) | [`TlsBackend::Rustls`](crate::TlsBackend::Rustls) |
///
/// ```
/// use ack_client::{Client, Format, auth::StaticCredentials};
///
/// let client = Client::builder()
///     .region("cn-hangzhou")
///     .credentials(StaticCredentials::access_key("LTAI5tExampleabcd", "placeholder").unwrap())
///     .format(Format::Xml)
///     .build()?;
/// assert_eq!(client.endpoint(), "https://cs.cn-hangzhou.aliyuncs.com");
/// # Ok::<(), ack_client::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    region: Option<String>,
    endpoint: Option<String>,
    network: Option<Network>,
    allow_plain_http: bool,
    credentials: Option<Arc<dyn Credentials>>,
    profile: Option<String>,
    format: Format,
    http: HttpSettings,
    timeout: Duration,
    max_body_bytes: usize,
    user_agent: Option<String>,
    clock: Arc<dyn Clock>,
    nonces: Arc<dyn NonceSource>,
    retries: RetrySettings,
    limiters: Limiters,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            region: None,
            endpoint: None,
            network: None,
            allow_plain_http: false,
            credentials: None,
            profile: None,
            format: Format::Json,
            http: HttpSettings::default(),
            timeout: Duration::from_secs(60),
            max_body_bytes: 64 << 20,
            user_agent: None,
            clock: Arc::new(SystemClock),
            nonces: Arc::new(RandomNonce),
            retries: RetrySettings::default(),
            limiters: Limiters::default(),
        }
    }

    /// The region of the clusters, such as `cn-hangzhou`. Clusters and tasks are known in their own region only.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Where to send requests, instead of where the region points: a host (`cs-anony-vpc.cn-hangzhou.aliyuncs.com`),
    /// a host with a port, or `https://host:port`. Plain `http://` is taken for loopback addresses.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// From which network the endpoint of the region is reached: [`Network::Vpc`] for programs without a way to the
    /// internet. An endpoint given outright leaves nothing to choose.
    pub fn network(mut self, network: Network) -> Self {
        self.network = Some(network);
        self
    }

    /// Whether `http://` may be used for an endpoint that is not loopback. Requests and answers then travel in the
    /// clear, temporary credentials among them. Off by default.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// Where the keys come from. It is asked for each attempt of each call, so a source that fetches keys should keep
    /// them, as [`CachedCredentials`](crate::auth::CachedCredentials) does.
    ///
    /// Without it they come from [`DefaultCredentials`], looked for as the official SDKs do, kept until shortly before they
    /// expire, and fetched by one caller at a time. Nothing is looked for before the first call.
    pub fn credentials(mut self, credentials: impl Credentials + 'static) -> Self {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// Takes the keys from this profile of the aliyun CLI (`~/.aliyun/config.json`), or from the section of that name in the
    /// credentials file (`~/.alibabacloud/credentials`), and from nowhere else.
    ///
    /// To choose a profile and let the environment come first all the same, set the variable `ALIBABA_CLOUD_PROFILE`.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// The wire format to ask answers in. Requests are always JSON, and an answer in the other format is read too.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// How long a call may take altogether: all attempts, the waits between them, and the waits for credentials and for a
    /// turn under the limits of rate and concurrency.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// The largest answer to read, in bytes.
    ///
    /// Answers are not compressed, and requests say so (`accept-encoding: identity`), as those of the official SDKs do. They
    /// are small, the largest being kubeconfigs and lists of clusters; a decoder would be one more thing between limit and memory. One that comes
    /// compressed all the same is an error that says so.
    pub fn max_body_bytes(mut self, limit: usize) -> Self {
        self.max_body_bytes = limit;
        self
    }

    /// Names the calling program in the `user-agent` header, in front of this crate: `my-operator/1.2`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// The clock that dates signatures; for tests.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The source of signature nonces; for tests.
    pub fn nonce_source(mut self, nonces: impl NonceSource + 'static) -> Self {
        self.nonces = Arc::new(nonces);
        self
    }

    /// Makes the client. Nothing is sent yet, and credentials are read with the first call.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if neither region nor endpoint is given, or one of the settings cannot be used; the
    /// text names it. Another error if the platform's trusted certificates cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let endpoint = self.chosen_endpoint()?;
        for (name, limit) in [("connect_timeout", self.http.connect_timeout), ("timeout", self.timeout)] {
            if limit.is_zero() {
                return Err(Error::invalid_input(name, "0", "leaves no time", "give it at least a second"));
            }
        }
        retries::check(&self.retries)?;
        self.http.check()?;
        let user_agent = user_agent(self.user_agent.as_deref())?;
        let credentials = self.source_of_credentials()?;
        let transport = Transport::Http(self.http.client(endpoint.route())?);
        Ok(Client::new(Inner {
            server: Server::of(endpoint.as_str()),
            endpoint,
            region: self.region,
            credentials,
            format: self.format,
            timeout: self.timeout,
            max_body_bytes: self.max_body_bytes,
            user_agent,
            clock: self.clock,
            nonces: self.nonces,
            transport,
            retries: self.retries,
            limiters: self.limiters,
            skew: Arc::default(),
        }))
    }

    fn chosen_endpoint(&self) -> Result<Endpoint, Error> {
        match (&self.endpoint, &self.region) {
            (Some(_), _) if self.network.is_some() => {
                let remedy = "set one of the two: the network chooses among the endpoints of a region";
                Err(Error::unset("network", "is set beside an endpoint", remedy))
            }
            (Some(endpoint), region) => {
                region.as_deref().map_or(Ok(()), check_region)?;
                Endpoint::parse(endpoint, self.allow_plain_http)
            }
            (None, Some(region)) => Endpoint::of_region(region, self.network.unwrap_or_default()),
            (None, None) => {
                let remedy = "set the region of the cluster, such as cn-hangzhou, or an endpoint";
                Err(Error::unset("region", "is not set", remedy))
            }
        }
    }

    fn source_of_credentials(&self) -> Result<Arc<dyn Credentials>, Error> {
        let profile = match (&self.credentials, &self.profile) {
            (Some(credentials), None) => return Ok(Arc::clone(credentials)),
            (Some(_), Some(profile)) => {
                let remedy = "set one of the two: a profile is where default credentials come from";
                return Err(Error::invalid_input("profile", profile, "is set beside credentials", remedy));
            }
            (None, Some(profile)) if profile.trim().is_empty() => {
                let remedy = "give the name of a profile, or leave it out";
                return Err(Error::invalid_input("profile", profile, "names nothing", remedy));
            }
            (None, profile) => profile.as_deref(),
        };
        let context = Context::new().with_clock(Arc::clone(&self.clock)).with_http(self.credentials_http());
        let mut chain = DefaultCredentials::builder().with_context(context);
        if let Some(profile) = profile {
            chain = chain.with_profile(profile);
        }
        Ok(Arc::new(chain.build()))
    }
}

fn user_agent(product: Option<&str>) -> Result<String, Error> {
    let own = concat!("ack-client/", env!("CARGO_PKG_VERSION"));
    match product {
        None => Ok(own.to_owned()),
        Some(product) if !product.is_empty() && product.chars().all(|c| c == ' ' || c.is_ascii_graphic()) => {
            Ok(format!("{product} {own}"))
        }
        Some(product) => {
            let remedy = "use printable ASCII such as my-operator/1.2";
            Err(Error::invalid_input("user_agent", product, "cannot stand in a header", remedy))
        }
    }
}
