//! The very requests that a plan sends.

use ack_client::auth::encode_component;
use ack_client::models::{
    AddonUpgradePolicy, Operation, UpgradeClusterAddonsItem, UpgradeClusterNodepoolRequest, UpgradeClusterRequest,
    operations,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::step::{AddonChange, Change};
use crate::error::Error;
use crate::node_pool::NodePoolUpgrade;

/// A request as it goes over the wire, without what signs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlannedRequest {
    /// The operation, such as `UpgradeCluster`.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The path, percent-encoded.
    pub path: String,
    /// The JSON body.
    pub body: Value,
}

/// The same, typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Start {
    ControlPlane(UpgradeClusterRequest),
    NodePool(String, UpgradeClusterNodepoolRequest),
    Addons(Vec<UpgradeClusterAddonsItem>),
}

impl Start {
    pub(crate) fn control_plane(to: &str) -> Self {
        let next_version = Some(to.to_owned());
        Self::ControlPlane(UpgradeClusterRequest { next_version, master_only: Some(true), ..Default::default() })
    }

    pub(crate) fn node_pool(nodepool_id: &str, to: &str, how: &NodePoolUpgrade) -> Self {
        Self::NodePool(nodepool_id.to_owned(), how.request(to))
    }

    pub(crate) fn addons(addons: &[AddonChange]) -> Self {
        let item = |addon: &AddonChange| UpgradeClusterAddonsItem {
            component_name: addon.name.clone(),
            next_version: addon.to.clone(),
            version: addon.from.clone(),
            // The service does not say what it does without a policy; this is what clients in use send.
            policy: Some(AddonUpgradePolicy::Overwrite),
            config: None,
        };
        Self::Addons(addons.iter().map(item).collect())
    }

    pub(crate) fn planned(&self, cluster_id: &str) -> PlannedRequest {
        let (operation, parts, body) = match self {
            Self::ControlPlane(request) => {
                (operations::UPGRADE_CLUSTER, vec![cluster_id], serde_json::to_value(request))
            }
            Self::NodePool(id, request) => {
                (operations::UPGRADE_CLUSTER_NODEPOOL, vec![cluster_id, id], serde_json::to_value(request))
            }
            Self::Addons(items) => (operations::UPGRADE_CLUSTER_ADDONS, vec![cluster_id], serde_json::to_value(items)),
        };
        PlannedRequest {
            operation: operation.id.to_owned(),
            method: operation.method.to_owned(),
            path: path(&operation, &parts),
            // Structs of texts and numbers always have a JSON form.
            body: body.unwrap_or_default(),
        }
    }

    /// The request of a planned change, as read from a file. One that would not do what the change says is refused.
    pub(crate) fn read(cluster_id: &str, change: &Change, request: &PlannedRequest) -> Result<Self, Error> {
        let body = request.body.clone();
        let unreadable = |error: serde_json::Error| {
            Error::invalid(format!("the plan's request {} cannot be read: {error}", request.operation))
        };
        let (start, fits) = match change {
            Change::ControlPlane { to, .. } => {
                let body: UpgradeClusterRequest = serde_json::from_value(body).map_err(unreadable)?;
                let fits = body.next_version.as_ref() == Some(to);
                (Self::ControlPlane(body), fits)
            }
            Change::NodePool { nodepool_id, to, .. } => {
                let body: UpgradeClusterNodepoolRequest = serde_json::from_value(body).map_err(unreadable)?;
                let fits = body.kubernetes_version.as_ref() == Some(to);
                (Self::NodePool(nodepool_id.clone(), body), fits)
            }
            Change::Addons { addons } => {
                let body: Vec<UpgradeClusterAddonsItem> = serde_json::from_value(body).map_err(unreadable)?;
                let same = |(item, addon): (&UpgradeClusterAddonsItem, &AddonChange)| {
                    item.component_name == addon.name && item.next_version == addon.to
                };
                let fits = body.len() == addons.len() && body.iter().zip(addons).all(same);
                (Self::Addons(body), fits)
            }
        };
        // Fields that no model knows would be lost in silence.
        if !fits || start.planned(cluster_id) != *request {
            return Err(Error::invalid(format!(
                "the plan's request {} does not do what its step says ({change}); the file has been edited: make a new \
                 plan",
                request.operation
            )));
        }
        Ok(start)
    }
}

/// Fills a path template.
fn path(operation: &Operation, parts: &[&str]) -> String {
    let mut path = String::new();
    let mut parts = parts.iter();
    for segment in operation.path.split_inclusive('/') {
        match (segment.starts_with('{'), segment.strip_suffix('/')) {
            (false, _) => path.push_str(segment),
            (true, slash) => {
                path.push_str(&encode_component(parts.next().copied().unwrap_or_default()));
                path.push_str(if slash.is_some() { "/" } else { "" });
            }
        }
    }
    path
}
