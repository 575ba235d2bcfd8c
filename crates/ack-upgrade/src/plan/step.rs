//! The steps of a plan.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::request::PlannedRequest;
use crate::handle::{AddonTarget, UpgradeHandle, UpgradeKind};

/// One upgrade to start and to follow to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// Names the step within its plan, such as `control-plane:1.32.1-aliyun.1` or `node-pool:np1:1.32.1-aliyun.1`. A plan
    /// made again for the same cluster names the same steps alike.
    pub id: String,
    /// Steps of the same stage may be taken at the same time; stages follow one another.
    pub stage: u32,
    /// What it changes.
    #[serde(flatten)]
    pub change: Change,
    /// How long it is expected to take.
    #[serde(rename = "expected_seconds", with = "whole_seconds")]
    pub expected: Duration,
    /// The request that starts it.
    pub request: PlannedRequest,
}

/// What a step changes.
///
/// Serialised it is the field `kind` (`control_plane`, `node_pool` or `addons`) with the fields of its variant beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// The control plane, by one hop.
    ControlPlane {
        /// The version before.
        from: String,
        /// The version to reach.
        to: String,
    },
    /// The nodes of one node pool.
    NodePool {
        /// The node pool.
        nodepool_id: String,
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The version before, if it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// The version to reach: that of the control plane then.
        to: String,
        /// How many nodes it had when it was planned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nodes: Option<i64>,
    },
    /// Add-ons, all in one task.
    Addons {
        /// The add-ons.
        addons: Vec<AddonChange>,
    },
}

/// The change of one add-on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AddonChange {
    /// The name, such as `coredns`.
    pub name: String,
    /// The version before, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The version to reach.
    pub to: String,
}

impl AddonChange {
    /// Brings an add-on to a version, whatever it is at.
    #[must_use]
    pub fn new(name: impl Into<String>, to: impl Into<String>) -> Self {
        Self { name: name.into(), from: None, to: to.into() }
    }
}

impl Change {
    /// The name of the step that makes this change.
    pub(crate) fn step_id(&self) -> String {
        match self {
            Self::ControlPlane { to, .. } => format!("control-plane:{to}"),
            Self::NodePool { nodepool_id, to, .. } => format!("node-pool:{nodepool_id}:{to}"),
            Self::Addons { .. } => "addons".to_owned(),
        }
    }

    /// What to follow it by, once it is started.
    pub(crate) fn handle(&self, cluster_id: &str) -> UpgradeHandle {
        let handle = UpgradeHandle::new(cluster_id);
        match self {
            Self::ControlPlane { to, .. } => handle.with_target_version(to),
            Self::NodePool { nodepool_id, to, .. } => {
                handle.with_kind(UpgradeKind::node_pool(nodepool_id)).with_target_version(to)
            }
            Self::Addons { addons } => {
                let targets = addons.iter().map(|addon| AddonTarget::new(&addon.name).with_version(&addon.to));
                handle.with_kind(UpgradeKind::addons(targets))
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.change.fmt(f)
    }
}

/// A phrase: `control plane from 1.31.1-aliyun.1 to 1.32.1-aliyun.1`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlPlane { from, to } => write!(f, "control plane from {from} to {to}"),
            Self::NodePool { nodepool_id, name, from, to, .. } => {
                write!(f, "node pool {nodepool_id}")?;
                if let Some(name) = name.as_deref().filter(|name| name != nodepool_id) {
                    write!(f, " ({name})")?;
                }
                write!(f, " from {} to {to}", from.as_deref().unwrap_or("an unknown version"))
            }
            Self::Addons { addons } => {
                f.write_str(if addons.len() == 1 { "add-on " } else { "add-ons " })?;
                let names: Vec<String> = addons.iter().map(|addon| format!("{} to {}", addon.name, addon.to)).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

mod whole_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}
