//! The accounts and clusters that the arguments of a fleet name.

use std::sync::Arc;
use std::time::Duration;

use ack_auth::{Credentials as _, DefaultCredentials};
use ack_client::limit::RateLimiter;
use ack_client::{Client, ClientBuilder, Network};
use ack_upgrade::fleet::{Account, Fleet};

use crate::arguments::FleetArguments;
use crate::connection::NO_CREDENTIALS;
use crate::failure::Failure;
use crate::session::{ClientSettings, Session};

/// The account of those who name none.
const DEFAULT: &str = "default";

impl Session {
    /// The fleet that the arguments name. That there are keys for each account is seen to before anything is listed.
    pub(crate) async fn fleet(&mut self, arguments: &FleetArguments) -> Result<Fleet, Failure> {
        let profiles: Vec<Option<&str>> = match arguments.account.as_slice() {
            [] => vec![None],
            accounts => accounts.iter().map(|account| Some(account.as_str())).collect(),
        };
        if let ([_, _, ..], [cluster, ..]) = (profiles.as_slice(), arguments.cluster.as_slice()) {
            return Err(Failure::usage(format!(
                "--cluster {cluster} does not say which --account it is of: name clusters of one account at a time, or select those \
                 of several by --label, --name or --at-version"
            )));
        }
        let mut accounts = Vec::new();
        for profile in profiles {
            accounts.push(self.account(profile, arguments).await?);
        }
        Ok(Fleet::new(accounts)?.select(arguments.selector()).with_clock(self.clock.clone()))
    }

    async fn account(&mut self, profile: Option<&str>, arguments: &FleetArguments) -> Result<Account, Failure> {
        let credentials = Arc::new(match profile {
            Some(profile) => self.credentials_of(Some(profile))?,
            None => self.credentials()?,
        });
        let name = profile.unwrap_or(DEFAULT);
        let home = self.home(&credentials, name, arguments)?;
        let endpoint = self.endpoint();
        let network = self.network(endpoint.is_some())?;
        let route = Route { settings: self.client_settings()?, endpoint, network };
        let credential = match self.unless_interrupted(credentials.credential(), None).await? {
            Ok(credential) => credential,
            Err(error) if error.is_not_configured() => {
                return Err(Failure::usage(format!(
                    "{NO_CREDENTIALS}, or name the profile of each account with --account; `ackctl auth explain` lists all the \
                     places they may come from"
                )));
            }
            Err(error) => return Err(Failure::usage(format!("the account {name} cannot be used: {error}"))),
        };
        if self.record.path().is_some() {
            let regions = if arguments.regions.is_empty() { std::slice::from_ref(&home) } else { &arguments.regions };
            for region in regions {
                let builder = route.lead(Client::builder().region(region)).credentials(Arc::clone(&credentials));
                self.record_caller(&credential, &builder.build()?, Some((name, profile)))?;
            }
        }
        let mut account =
            Account::new(name, home, move |builder| route.lead(builder).credentials(Arc::clone(&credentials)).build());
        if !arguments.regions.is_empty() {
            account = account.regions(arguments.regions.iter().cloned());
        }
        if !arguments.cluster.is_empty() {
            account = account.clusters(arguments.cluster.iter().cloned());
        }
        if let Some(rate) = arguments.rate {
            account = account.rate_limiter(RateLimiter::new(rate.get(), Duration::from_secs(1))?);
        }
        Ok(account)
    }

    /// The region whose endpoint is asked, or in which the named clusters are.
    fn home(
        &self,
        credentials: &DefaultCredentials,
        account: &str,
        arguments: &FleetArguments,
    ) -> Result<String, Failure> {
        match (self.region(credentials), arguments.regions.first()) {
            (Ok(Some(region)), _) => Ok(region.id),
            (_, Some(region)) => Ok(region.clone()),
            (Ok(None), None) => Err(Failure::usage(format!(
                "no region is known for the account {account}: give those of its clusters with --regions, such as --regions \
                 cn-hangzhou,cn-beijing, or --region cn-hangzhou to ask its endpoint for the clusters of all regions"
            ))),
            (Err(error), None) => Err(Failure::usage(format!(
                "no region is known for the account {account}: give it with --region or --regions, for no profile can be asked \
                 for it: {error}"
            ))),
        }
    }
}

/// Where the clients of all regions lead.
#[derive(Clone, Debug)]
struct Route {
    settings: ClientSettings,
    endpoint: Option<String>,
    network: Option<Network>,
}

impl Route {
    /// Leads the client of a region where the options and the environment say.
    fn lead(&self, builder: ClientBuilder) -> ClientBuilder {
        let mut builder = self.settings.apply(builder);
        if let Some(network) = self.network {
            builder = builder.network(network);
        }
        match &self.endpoint {
            Some(endpoint) => builder.endpoint(endpoint),
            None => builder,
        }
    }
}
