//! The clusters of a fleet, found once.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;

use super::Fleet;
use super::listing::{Source, list};
use super::run::{FleetMember, MemberProgress};
use crate::error::Error;

/// A cluster of a fleet, as its list tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FleetCluster {
    /// The account, by the name it was given.
    pub account: String,
    /// The region.
    pub region: String,
    /// The cluster.
    pub cluster_id: String,
    /// Its name; `None` for a cluster that was named by its ID.
    pub name: Option<String>,
    /// The version of its control plane; `None` for a cluster that was named by its ID.
    pub version: Option<String>,
}

impl Fleet {
    /// The clusters of the fleet: of each account those that it names, in that order, else those that it lists, by region and ID.
    ///
    /// # Errors
    ///
    /// The error of the list that failed.
    pub async fn find(&self) -> Result<Vec<FleetCluster>, Error> {
        let mut clusters = Vec::new();
        for (number, account) in self.accounts.iter().enumerate() {
            clusters.extend(account.named().iter().map(|id| FleetCluster {
                account: account.name().to_owned(),
                region: account.home().to_string(),
                cluster_id: id.to_string(),
                name: None,
                version: None,
            }));
            if account.named().is_empty() {
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
}

impl FleetCluster {
    pub(super) fn into_member(self) -> FleetMember {
        FleetMember {
            account: self.account,
            region: self.region,
            cluster_id: self.cluster_id,
            progress: MemberProgress::Waiting,
        }
    }
}
