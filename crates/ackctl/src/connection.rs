//! Where calls go and who makes them: region, endpoint and keys, from options, environment and profiles.

use std::sync::Arc;

use ack_auth::{Credentials as _, DefaultCredentials};
use ack_client::{Client, Network};
use ack_upgrade::{UpgradeHandle, Upgrades};
use serde::Serialize;

use crate::arguments::NetworkChoice;
use crate::failure::Failure;
use crate::session::Session;

/// The variables that name a region, as the aliyun CLI reads them. It also reads REGION_ID and REGION, which may as well
/// be meant for another cloud.
const REGION: [&str; 3] = ["ALIBABA_CLOUD_REGION_ID", "ALIBABACLOUD_REGION_ID", "ALICLOUD_REGION_ID"];
const ENDPOINT: &str = "ALIBABA_CLOUD_ENDPOINT";
const NETWORK: &str = "ALIBABA_CLOUD_ENDPOINT_TYPE";
const PROFILE: &str = "ALIBABA_CLOUD_PROFILE";

/// What to say where no source of credentials is configured.
pub(crate) const NO_CREDENTIALS: &str = "no credentials are configured: set ALIBABA_CLOUD_ACCESS_KEY_ID and \
     ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run `aliyun configure`";

/// A region and what named it.
#[derive(Debug, Serialize)]
pub(crate) struct Region {
    pub(crate) id: String,
    pub(crate) source: &'static str,
}

impl Session {
    /// The upgrades that [`client`](Self::client) leads to.
    pub(crate) async fn connect(&mut self) -> Result<Upgrades, Failure> {
        let clock = self.clock.clone();
        Ok(Upgrades::new(self.client().await?).with_clock(clock))
    }

    /// The upgrades of the region that a handle names, unless options or environment name one.
    pub(crate) async fn connect_for(&mut self, handle: &UpgradeHandle) -> Result<Upgrades, Failure> {
        if self.global.region.is_none() && REGION.iter().all(|name| self.variable(name).is_none()) {
            self.global.region.clone_from(&handle.region);
        }
        self.connect().await
    }

    /// The client that region, endpoint and keys lead to. What is missing is reported before the API is called.
    pub(crate) async fn client(&mut self) -> Result<Client, Failure> {
        let credentials = Arc::new(self.credentials()?);
        let endpoint = self.endpoint();
        let region = self.region(&credentials);
        let mut builder = self.settings()?.credentials(Arc::clone(&credentials));
        match (region, &endpoint) {
            (Ok(Some(region)), _) => builder = builder.region(region.id),
            // An endpoint will do.
            (_, Some(_)) => {}
            (Ok(None), None) => {
                return Err(Failure::usage(format!(
                    "the region of the cluster is not known: give it with --region, such as --region cn-hangzhou, or set \
                     {}; an endpoint (--endpoint or {ENDPOINT}) does as well",
                    REGION[0]
                )));
            }
            (Err(error), None) => {
                return Err(Failure::usage(format!(
                    "the region of the cluster is not known: give it with --region, such as --region cn-hangzhou, for no \
                     profile can be asked for it: {error}"
                )));
            }
        }
        if let Some(network) = self.network(endpoint.is_some())? {
            builder = builder.network(network);
        }
        if let Some(endpoint) = endpoint {
            builder = builder.endpoint(endpoint);
        }
        let client = builder.build()?;
        // The chain keeps what it found, so the first call does not search again.
        match self.unless_interrupted(credentials.credential(), None).await? {
            Ok(credential) => {
                self.record_caller(&credential, &client, None)?;
                Ok(client)
            }
            Err(error) if error.is_not_configured() => Err(Failure::usage(format!(
                "{NO_CREDENTIALS}; `ackctl auth explain` lists all the places they may come from"
            ))),
            Err(error) => Err(error.into()),
        }
    }

    /// The sources of credentials. Nothing is read yet.
    pub(crate) fn credentials(&self) -> Result<DefaultCredentials, Failure> {
        self.credentials_of(self.global.profile.as_deref())
    }

    /// The same for a profile by name.
    pub(crate) fn credentials_of(&self, profile: Option<&str>) -> Result<DefaultCredentials, Failure> {
        let outside = self.outside.clone();
        let settings = self.settings()?;
        let http = outside.http.unwrap_or_else(|| Arc::new(settings.credentials_http()));
        let context = ack_auth::Context::new()
            .with_environment(Arc::clone(&self.environment))
            .with_clock(self.clock.clone())
            .with_file_reader(outside.files)
            .with_command_runner(outside.commands)
            .with_http(http);
        let builder = DefaultCredentials::builder().with_context(context);
        Ok(match profile {
            Some(profile) => builder.with_profile(profile).build(),
            None => builder.build(),
        })
    }

    /// The endpoint of the option, else of the environment. A network that is an option says that none is meant.
    pub(crate) fn endpoint(&self) -> Option<String> {
        let given = self.global.endpoint.clone();
        given.or_else(|| self.variable(ENDPOINT).filter(|_| self.global.network.is_none()))
    }

    /// The network of the option, else of the environment, where an endpoint leaves a choice.
    pub(crate) fn network(&self, has_endpoint: bool) -> Result<Option<Network>, Failure> {
        match (self.global.network, self.variable(NETWORK)) {
            (Some(NetworkChoice::Public), _) => Ok(Some(Network::Public)),
            (Some(NetworkChoice::Vpc), _) => Ok(Some(Network::Vpc)),
            (None, Some(text)) if !has_endpoint => match text.as_str() {
                "public" => Ok(Some(Network::Public)),
                "vpc" => Ok(Some(Network::Vpc)),
                _ => Err(Failure::usage(format!("{NETWORK} is {text:?}: set it to public or vpc, or unset it"))),
            },
            (None, _) => Ok(None),
        }
    }

    /// The profile that was asked for by name.
    pub(crate) fn profile(&self) -> Option<String> {
        self.global.profile.clone().or_else(|| self.variable(PROFILE))
    }

    /// The region of the option, else of the environment, else of the profile.
    pub(crate) fn region(&self, credentials: &DefaultCredentials) -> Result<Option<Region>, ack_auth::Error> {
        if let Some(id) = self.global.region.clone() {
            return Ok(Some(Region { id, source: "--region" }));
        }
        if let Some((id, source)) = REGION.iter().find_map(|name| Some((self.variable(name)?, *name))) {
            return Ok(Some(Region { id, source }));
        }
        let region = credentials.profile_region()?;
        Ok(region.map(|id| Region { id, source: "region_id of the CLI profile" }))
    }
}
