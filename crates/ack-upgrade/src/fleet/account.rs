//! An account: who calls, and in which regions.

use std::fmt;
use std::sync::Arc;

use ack_client::auth::Clock;
use ack_client::limit::{ConcurrencyLimit, RateLimiter};
use ack_client::{Client, ClientBuilder};

use crate::error::Error;
use crate::upgrades::Upgrades;

type Connect = dyn Fn(ClientBuilder) -> Result<Client, ack_client::Error> + Send + Sync;

/// An account, with the regions in which its clusters are looked for.
///
/// Clusters and tasks are known in their own region only, so there is a client for each. All of them share the limits of the
/// account: its rate of calls and how many are under way at once.
#[derive(Clone)]
pub struct Account {
    name: Arc<str>,
    home: Arc<str>,
    regions: Arc<[Arc<str>]>,
    clusters: Arc<[Arc<str>]>,
    rate: RateLimiter,
    concurrency: ConcurrencyLimit,
    connect: Arc<Connect>,
}

impl Account {
    /// An account under a name of one's own, and the region whose endpoint is asked for the list of its clusters: those of all
    /// regions, unless [`regions`](Self::regions) says which.
    ///
    /// `connect` makes the client of a region. The builder it is given has that region and the limits of this account; it adds
    /// credentials, or an endpoint, and builds. It is called once for each region in which there are clusters.
    #[must_use]
    pub fn new<C>(name: impl Into<String>, home_region: impl Into<String>, connect: C) -> Self
    where
        C: Fn(ClientBuilder) -> Result<Client, ack_client::Error> + Send + Sync + 'static,
    {
        Self {
            name: name.into().into(),
            home: home_region.into().into(),
            regions: Arc::default(),
            clusters: Arc::default(),
            rate: RateLimiter::default(),
            concurrency: ConcurrencyLimit::default(),
            connect: Arc::new(connect),
        }
    }

    /// The regions to list clusters in, each at its own endpoint, so that one that does not answer leaves the others as they
    /// are. By default the home region is asked for the clusters of all regions.
    #[must_use]
    pub fn regions<R: Into<String>>(self, regions: impl IntoIterator<Item = R>) -> Self {
        Self { regions: regions.into_iter().map(|region| region.into().into()).collect(), ..self }
    }

    /// Names the clusters, all of the home region, in place of a list that the service gives. Each is looked at by itself,
    /// which takes no permission to list; labels and names are not known then.
    #[must_use]
    pub fn clusters<I: Into<String>>(self, ids: impl IntoIterator<Item = I>) -> Self {
        let mut clusters: Vec<Arc<str>> = Vec::new();
        for id in ids {
            let id: Arc<str> = id.into().into();
            if !clusters.contains(&id) {
                clusters.push(id);
            }
        }
        Self { clusters: clusters.into(), ..self }
    }

    /// How fast the account may call, over all regions; by default as fast as the service puts up with.
    #[must_use]
    pub fn rate_limiter(self, rate: RateLimiter) -> Self {
        Self { rate, ..self }
    }

    /// How many calls of the account may be under way at once; 64 by default.
    #[must_use]
    pub fn concurrency_limit(self, concurrency: ConcurrencyLimit) -> Self {
        Self { concurrency, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn home(&self) -> &Arc<str> {
        &self.home
    }

    /// The regions to list, each by itself; none for all of them at once.
    pub(super) fn listed_regions(&self) -> &[Arc<str>] {
        &self.regions
    }

    /// The clusters that were named.
    pub(super) fn named(&self) -> &[Arc<str>] {
        &self.clusters
    }

    /// The requests a second that are allowed at present, if there is a limit.
    pub(super) fn rate(&self) -> Option<f64> {
        self.rate.rate()
    }

    pub(super) fn connect(&self, region: &str, clock: &Arc<dyn Clock>) -> Result<Upgrades, ack_client::Error> {
        let builder = Client::builder()
            .region(region)
            .rate_limiter(self.rate.clone())
            .concurrency_limit(self.concurrency.clone());
        Ok(Upgrades::new((self.connect)(builder)?).with_clock(Arc::clone(clock)))
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.name.is_empty() || self.name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            let remedy = "give it one such as production, without white space";
            return Err(Error::invalid(format!("the account {:?} has no usable name: {remedy}", self.name)));
        }
        if !self.regions.is_empty() && !self.clusters.is_empty() {
            return Err(Error::invalid(format!(
                "the account {} names both clusters and regions to list: give one of the two, and the region of the clusters as \
                 its home",
                self.name
            )));
        }
        Ok(())
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("name", &self.name)
            .field("home", &self.home)
            .field("regions", &self.regions)
            .field("clusters", &self.clusters.len())
            .finish_non_exhaustive()
    }
}
