//! A cluster as it is when it is planned for, and what differs later.

use ack_client::models::{
    AddonState, ClusterProfile, ClusterSpec, ClusterState, ClusterType, DescribeClusterDetailResponse,
    DescribeClusterNodePoolsQuery, MaintenanceWindow, NodePoolState,
};
use serde::{Deserialize, Serialize};

use super::node_versions;
use crate::error::Error;
use crate::observe;
use crate::upgrades::Upgrades;

/// A cluster at the time of planning: what an upgrade depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClusterSnapshot {
    /// The cluster.
    pub cluster_id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its region, such as `cn-hangzhou`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What it is doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ClusterState>,
    /// The version of its control plane, such as `1.31.1-aliyun.1`.
    pub version: String,
    /// Whether ACK runs the control plane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_type: Option<ClusterType>,
    /// Its edition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_spec: Option<ClusterSpec>,
    /// What it is made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ClusterProfile>,
    /// The maintenance window it has itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance_window: Option<MaintenanceWindow>,
    /// Its node pools, in order of their IDs; `None` if they were not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_pools: Option<Vec<NodePoolSnapshot>>,
    /// Its add-ons, in order of their names; `None` if they were not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addons: Option<Vec<AddonSnapshot>>,
}

/// A node pool at the time of planning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NodePoolSnapshot {
    /// The node pool.
    pub nodepool_id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<NodePoolState>,
    /// How many nodes it has. It is no part of what must not change, for node pools scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<i64>,
    /// The Kubernetes version of its oldest nodes, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How the version is known.
    pub version_source: VersionSource,
}

/// How the version of nodes is known. The service does not always tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VersionSource {
    /// The node pool tells the version of its kubelet.
    Kubelet,
    /// The newest upgrade of the node pool that succeeded.
    Task,
    /// The control plane has never been upgraded, so the nodes cannot be at another version.
    NeverUpgraded,
    /// Upgrades of the control plane are on record, and none of the node pool since: the nodes are as old as the
    /// cluster's first version at worst.
    LeftBehind,
    /// Nothing tells.
    Unknown,
}

/// An add-on at the time of planning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AddonSnapshot {
    /// The name, such as `coredns`.
    pub name: String,
    /// What it is doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<AddonState>,
    /// The version that is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What to look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub(super) node_pools: bool,
    pub(super) addons: bool,
}

impl ClusterSnapshot {
    pub(super) async fn take(upgrades: &Upgrades, cluster_id: &str, scope: Scope) -> Result<Self, Error> {
        let detail = upgrades.client.describe_cluster_detail(cluster_id).await?.into_inner();
        let Some(version) = detail.current_version.clone().filter(|version| !version.is_empty()) else {
            return Err(Error::refused(format!("the service does not tell the version of cluster {cluster_id}")));
        };
        let node_pools = match scope.node_pools {
            true => Some(node_pools(upgrades, cluster_id, &detail).await?),
            false => None,
        };
        let addons = match scope.addons {
            true => Some(addons(upgrades, cluster_id).await?),
            false => None,
        };
        let region = detail.region_id.filter(|region| !region.is_empty());
        Ok(Self {
            cluster_id: cluster_id.to_owned(),
            name: detail.name,
            region: region.or_else(|| upgrades.client.region().map(str::to_owned)),
            state: detail.state,
            version,
            cluster_type: detail.cluster_type,
            cluster_spec: detail.cluster_spec,
            profile: detail.profile,
            maintenance_window: detail.maintenance_window,
            node_pools,
            addons,
        })
    }

    pub(super) fn scope(&self) -> Scope {
        Scope { node_pools: self.node_pools.is_some(), addons: self.addons.is_some() }
    }

    /// What differs from this snapshot in a later one, in words; nothing if an upgrade may go by it.
    ///
    /// Compared are state, version, the set of node pools, their versions and states, and the add-ons and their
    /// versions. The number of nodes may change.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut differs = |what: String, before: Option<&str>, now: Option<&str>| {
            if before != now {
                let text = |value: Option<&str>| value.unwrap_or("unknown").to_owned();
                found.push(format!("{what} was {} and is {}", text(before), text(now)));
            }
        };
        differs("the cluster's state".to_owned(), state(&self.state), state(&now.state));
        differs("the control plane's version".to_owned(), Some(&self.version), Some(&now.version));
        let (pools, pools_now) = (self.node_pools.as_deref(), now.node_pools.as_deref());
        for (pool, pool_now) in pairs(pools, pools_now, |pool| &pool.nodepool_id) {
            match (pool, pool_now) {
                (Some(pool), Some(now)) => {
                    let id = &pool.nodepool_id;
                    differs(format!("the version of node pool {id}"), text(&pool.version), text(&now.version));
                    let [before, now] = [pool, now].map(|pool| pool.state.as_ref().map(NodePoolState::as_str));
                    differs(format!("the state of node pool {id}"), before, now);
                }
                (Some(pool), None) => differs(format!("node pool {}", pool.nodepool_id), Some("there"), Some("gone")),
                (None, Some(pool)) => {
                    differs(format!("node pool {}", pool.nodepool_id), Some("not there"), Some("new"));
                }
                (None, None) => {}
            }
        }
        let (addons, addons_now) = (self.addons.as_deref(), now.addons.as_deref());
        for (addon, addon_now) in pairs(addons, addons_now, |addon| &addon.name) {
            match (addon, addon_now) {
                (Some(addon), Some(now)) => {
                    differs(format!("the version of add-on {}", addon.name), text(&addon.version), text(&now.version));
                }
                (Some(addon), None) => differs(format!("add-on {}", addon.name), Some("installed"), Some("gone")),
                (None, Some(addon)) => differs(format!("add-on {}", addon.name), Some("not installed"), Some("new")),
                (None, None) => {}
            }
        }
        found
    }
}

async fn node_pools(
    upgrades: &Upgrades,
    cluster_id: &str,
    detail: &DescribeClusterDetailResponse,
) -> Result<Vec<NodePoolSnapshot>, Error> {
    let query = DescribeClusterNodePoolsQuery::default();
    let answer = upgrades.client.describe_cluster_node_pools(cluster_id, &query).await?.into_inner();
    let told = answer.nodepools.iter().filter_map(|pool| {
        let info = pool.nodepool_info.as_ref()?;
        Some(NodePoolSnapshot {
            nodepool_id: info.nodepool_id.clone().filter(|id| !id.is_empty())?,
            name: info.name.clone().filter(|name| !name.is_empty()),
            state: pool.status.as_ref().and_then(|status| status.state.clone()),
            nodes: pool.status.as_ref().and_then(|status| status.total_nodes),
            version: observe::kubelet_version(&pool.node_components),
            version_source: VersionSource::Kubelet,
        })
    });
    let mut pools: Vec<NodePoolSnapshot> = told.collect();
    pools.sort_by(|left, right| left.nodepool_id.cmp(&right.nodepool_id));
    if pools.iter().any(|pool| pool.version.is_none()) {
        node_versions::infer(upgrades, cluster_id, detail, &mut pools).await?;
    }
    Ok(pools)
}

async fn addons(upgrades: &Upgrades, cluster_id: &str) -> Result<Vec<AddonSnapshot>, Error> {
    let answer = upgrades.client.list_cluster_addon_instances(cluster_id).await?.into_inner();
    let mut addons: Vec<AddonSnapshot> = answer
        .addons
        .into_iter()
        .filter_map(|addon| {
            let name = addon.name.filter(|name| !name.is_empty())?;
            Some(AddonSnapshot { name, state: addon.state, version: addon.version })
        })
        .collect();
    addons.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(addons)
}

fn state(state: &Option<ClusterState>) -> Option<&str> {
    state.as_ref().map(ClusterState::as_str)
}

fn text(value: &Option<String>) -> Option<&str> {
    value.as_deref()
}

/// The items of two lists by their names, in order. Lists of which one was not asked for are not compared.
fn pairs<'a, T>(
    before: Option<&'a [T]>,
    now: Option<&'a [T]>,
    name: impl Fn(&T) -> &String,
) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let (Some(before), Some(now)) = (before, now) else { return Vec::new() };
    let find = |list: &'a [T], wanted: &T| list.iter().find(|item| name(item) == name(wanted));
    let mut pairs: Vec<_> = before.iter().map(|item| (Some(item), find(now, item))).collect();
    pairs.extend(now.iter().filter(|item| find(before, item).is_none()).map(|item| (None, Some(item))));
    pairs
}
