//! The clusters of an account that belong to the fleet, as DescribeClustersV1 lists them.

use std::collections::HashSet;
use std::sync::Arc;

use ack_client::Error;
use ack_client::models::{ClusterState, ClusterSummaryV1, DescribeClustersV1Query};

use super::account::Account;
use super::selector::Selector;
use crate::upgrades::Upgrades;

/// Clusters a page. The limit is not documented; other lists of ACK take 50 at least.
const PAGE_SIZE: i64 = 50;

/// A list that is asked for again and again.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) account: usize,
    /// Whose endpoint is asked.
    pub(super) region: Arc<str>,
    /// Whether for the clusters of that region alone.
    pub(super) is_regional: bool,
}

impl Source {
    /// The lists of an account: one for each of the regions it names, else one of all regions.
    pub(super) fn all(number: usize, account: &Account) -> Vec<Self> {
        let of = |region: &Arc<str>, is_regional| Self { account: number, region: Arc::clone(region), is_regional };
        match account.listed_regions() {
            [] => vec![of(account.home(), false)],
            regions => regions.iter().map(|region| of(region, true)).collect(),
        }
    }
}

/// A cluster on the list, with as much of it as is needed.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) id: Arc<str>,
    pub(super) name: Option<Box<str>>,
    pub(super) region: Arc<str>,
    pub(super) version: Option<Box<str>>,
    pub(super) state: Option<ClusterState>,
}

/// Reads all pages. `known` are the clusters that belong to the fleet already.
pub(super) async fn list(
    upgrades: Upgrades,
    source: Source,
    selector: Selector,
    known: Arc<HashSet<Arc<str>>>,
) -> Result<Vec<Listed>, Error> {
    let query = DescribeClustersV1Query {
        page_size: Some(PAGE_SIZE),
        name: selector.name_part().map(str::to_owned),
        region_id: source.is_regional.then(|| source.region.to_string()),
        ..Default::default()
    };
    let mut pages = upgrades.client.describe_clusters_v1_pages(&query);
    let mut listed = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page?.into_inner();
        listed.extend(page.clusters.into_iter().filter_map(|cluster| selected(cluster, &source, &selector, &known)));
    }
    Ok(listed)
}

fn selected(
    mut cluster: ClusterSummaryV1,
    source: &Source,
    selector: &Selector,
    known: &HashSet<Arc<str>>,
) -> Option<Listed> {
    let id = cluster.cluster_id.take().filter(|id| !id.is_empty())?;
    let region = cluster.region_id.get_or_insert_with(|| source.region.to_string()).clone();
    let is_known = known.contains(id.as_str());
    if !selector.fits(&cluster, is_known) {
        return None;
    }
    Some(Listed {
        id: id.into(),
        name: cluster.name.filter(|name| !name.is_empty()).map(Into::into),
        region: if *region == *source.region { Arc::clone(&source.region) } else { region.into() },
        version: cluster.current_version.filter(|version| !version.is_empty()).map(Into::into),
        state: cluster.state,
    })
}
