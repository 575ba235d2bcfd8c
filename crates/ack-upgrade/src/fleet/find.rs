//! The clusters of a fleet, found once.

use std::collections::HashSet;
use std::sync::Arc;

use ack_client::models::ClusterState;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use super::Fleet;
use super::account::Account;
use super::listing::{Source, list};
use super::run::{FleetMember, MemberProgress};
use crate::error::Error;
use crate::upgrades::Upgrades;

/// How many clusters that were named are asked for at the same time.
const AT_ONCE: usize = 8;

/// A cluster of a fleet, as its list tells of it, or the service where it was named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FleetCluster {
    /// The account, by the name it was given.
    pub account: String,
    /// The region.
    pub region: String,
    /// The cluster.
    pub cluster_id: String,
    /// Its name.
    pub name: Option<String>,
    /// The version of its control plane.
    pub version: Option<String>,
    /// Its state.
    pub state: Option<ClusterState>,
}

impl Fleet {
    /// The clusters of the fleet: of each account those that it names, in that order, else those that it lists, by region and ID.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if one that is named is not known to the service; else the error of the list or look that
    /// failed.
    pub async fn find(&self) -> Result<Vec<FleetCluster>, Error> {
        let mut clusters = Vec::new();
        for (number, account) in self.accounts.iter().enumerate() {
            if !account.named().is_empty() {
                clusters.extend(self.named(account).await?);
            } else {
                let mut listed = Vec::new();
                for source in Source::all(number, account) {
                    let upgrades = account.connect(&source.region, &self.clock)?;
                    listed.extend(list(upgrades, source, self.selector.clone(), Arc::new(HashSet::new())).await?);
                }
                let mut listed: Vec<FleetCluster> = listed
                    .into_iter()
                    .map(|cluster| FleetCluster {
                        account: account.name().to_owned(),
                        region: cluster.region.to_string(),
                        cluster_id: cluster.id.to_string(),
                        name: cluster.name.map(Into::into),
                        version: cluster.version.map(Into::into),
                        state: cluster.state,
                    })
                    .collect();
                listed.sort_by(|left, right| (&left.region, &left.cluster_id).cmp(&(&right.region, &right.cluster_id)));
                // A cluster that moves from one page to the next while they are read is on both.
                listed.dedup_by(|left, right| left.cluster_id == right.cluster_id);
                clusters.append(&mut listed);
            }
        }
        Ok(clusters)
    }

    /// The clusters that an account names.
    async fn named(&self, account: &Account) -> Result<Vec<FleetCluster>, Error> {
        let upgrades = account.connect(account.home(), &self.clock)?;
        let mut looks: Vec<BoxFuture<'_, Result<FleetCluster, Error>>> = Vec::new();
        for id in account.named() {
            // Boxed, or the compiler could not tell that finding may move between threads.
            looks.push(Box::pin(look(&upgrades, account, id)));
        }
        futures_util::stream::iter(looks).buffered(AT_ONCE).try_collect().await
    }
}

async fn look(upgrades: &Upgrades, account: &Account, id: &str) -> Result<FleetCluster, Error> {
    let detail = match upgrades.client.describe_cluster_detail(id).await {
        Ok(detail) => detail.into_inner(),
        Err(error) if error.is_not_found() => {
            return Err(Error::invalid(format!(
                "cluster {id} is none of the account {} in {}: {error}",
                account.name(),
                account.home()
            )));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(FleetCluster {
        account: account.name().to_owned(),
        region: account.home().to_string(),
        cluster_id: id.to_owned(),
        name: detail.name.filter(|name| !name.is_empty()),
        version: detail.current_version.filter(|version| !version.is_empty()),
        state: detail.state,
    })
}

impl FleetCluster {
    pub(super) fn into_member(self, progress: MemberProgress) -> FleetMember {
        FleetMember {
            account: self.account,
            region: self.region,
            cluster_id: self.cluster_id,
            version: self.version,
            progress,
        }
    }
}
