//! The stored form of a handle.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{AddonTarget, UpgradeHandle, UpgradeKind};
use crate::window::time_of;

/// Raised when a reader of before would misunderstand what is written now. A new optional field does not raise it.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object, the stored form of a handle")]
pub(super) struct Stored {
    #[serde(default = "current")]
    version: u32,
    #[serde(default = "control_plane")]
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    cluster_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nodepool_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    addons: Vec<AddonTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

fn current() -> u32 {
    VERSION
}

fn control_plane() -> String {
    "control_plane".to_owned()
}

impl From<UpgradeHandle> for Stored {
    fn from(handle: UpgradeHandle) -> Self {
        let (kind, nodepool_id, addons) = match handle.kind {
            UpgradeKind::ControlPlane => ("control_plane", None, Vec::new()),
            UpgradeKind::NodePool { nodepool_id } => ("node_pool", Some(nodepool_id), Vec::new()),
            UpgradeKind::Addons { addons } => ("addons", None, addons),
        };
        let started_at = handle.started_at.and_then(|at| jiff::Timestamp::try_from(at).ok());
        Self {
            version: VERSION,
            kind: kind.to_owned(),
            region: handle.region,
            cluster_id: handle.cluster_id,
            nodepool_id,
            addons,
            task_id: handle.task_id,
            target_version: handle.target_version,
            started_at: started_at.map(|at| at.to_string()),
            request_id: handle.request_id,
        }
    }
}

impl TryFrom<Stored> for UpgradeHandle {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        if stored.version > VERSION {
            return Err(format!(
                "version is {}, and this program reads up to {VERSION}: use a newer one",
                stored.version
            ));
        }
        if stored.cluster_id.is_empty() {
            return Err("cluster_id is empty: it has to name a cluster".to_owned());
        }
        let kind = match (stored.kind.as_str(), stored.nodepool_id) {
            ("control_plane", _) => UpgradeKind::ControlPlane,
            ("node_pool", Some(nodepool_id)) if !nodepool_id.is_empty() => UpgradeKind::NodePool { nodepool_id },
            ("node_pool", _) => return Err("nodepool_id is missing: a handle of kind node_pool needs it".to_owned()),
            ("addons", _) if stored.addons.is_empty() => {
                return Err("addons is missing: a handle of kind addons needs the names".to_owned());
            }
            ("addons", _) => UpgradeKind::addons(stored.addons),
            (other, _) => {
                return Err(format!(
                    "kind is {other:?}, and this program knows control_plane, node_pool and addons: use a newer one"
                ));
            }
        };
        Ok(Self {
            cluster_id: stored.cluster_id,
            kind,
            region: stored.region,
            task_id: stored.task_id,
            target_version: stored.target_version,
            started_at: stored.started_at.as_deref().map(time).transpose()?,
            request_id: stored.request_id,
        })
    }
}

fn time(text: &str) -> Result<SystemTime, String> {
    time_of(text)
        .ok_or_else(|| format!("started_at is {text:?}, which is no time: write one such as 2026-01-02T03:04:05Z"))
}
