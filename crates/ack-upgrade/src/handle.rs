//! What it takes to find an upgrade again, in this process or another.

mod stored;

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use stored::Stored;

/// Names an upgrade to look at, follow or steer. It is a small plain value that can be stored and taken up elsewhere.
///
/// The cluster alone is enough for the newest upgrade of its control plane. With the task, looks are cheaper and cannot
/// take an older upgrade for this one; with the version, success is verified against it.
///
/// Its stored form is one JSON object with a `version` of the format, written by [`to_json`](Self::to_json) and read by
/// [`from_json`](Self::from_json). Readers skip fields they do not know; a form they could misread has a higher version,
/// and is refused with an error that says so. No secrets are in it.
///
/// ```
/// use ack_upgrade::{UpgradeHandle, UpgradeKind};
///
/// let handle = UpgradeHandle::new("c106f377e16f34eb1808d6b9362c9test")
///     .with_kind(UpgradeKind::node_pool("np737c3ac1ac684703b9e10673aa2cdemo"))
///     .with_task_id("T-5faa48fb31b6b8078d000006")
///     .with_target_version("1.32.1-aliyun.1");
/// assert_eq!(UpgradeHandle::from_json(&handle.to_json())?, handle);
/// # Ok::<(), ack_upgrade::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
#[non_exhaustive]
pub struct UpgradeHandle {
    /// The cluster.
    pub cluster_id: String,
    /// What of the cluster is upgraded.
    pub kind: UpgradeKind,
    /// The region, such as `cn-hangzhou`, if known. Tasks are known in their region only.
    pub region: Option<String>,
    /// The task of the upgrade, if known.
    pub task_id: Option<String>,
    /// The Kubernetes version it leads to, if known. Add-ons have versions of their own in [`UpgradeKind::Addons`].
    pub target_version: Option<String>,
    /// When it was started, by the clock of the one who started it.
    pub started_at: Option<SystemTime>,
    /// The request ID of the call that started it.
    pub request_id: Option<String>,
}

/// What of a cluster an upgrade is about.
///
/// Serialised it is the field `kind` (`control_plane`, `node_pool` or `addons`), and beside it `nodepool_id` or `addons`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum UpgradeKind {
    /// The control plane: UpgradeCluster.
    #[default]
    ControlPlane,
    /// The nodes of one node pool: UpgradeClusterNodepool.
    NodePool {
        /// The ID of the node pool.
        nodepool_id: String,
    },
    /// Add-ons: UpgradeClusterAddons.
    Addons {
        /// The add-ons that one task upgrades.
        addons: Vec<AddonTarget>,
    },
}

/// An add-on that is upgraded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AddonTarget {
    /// The name of the add-on, such as `coredns`.
    pub name: String,
    /// The version it is to reach, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl UpgradeHandle {
    /// The newest upgrade of a cluster's control plane.
    #[must_use]
    pub fn new(cluster_id: impl Into<String>) -> Self {
        Self {
            cluster_id: cluster_id.into(),
            kind: UpgradeKind::ControlPlane,
            region: None,
            task_id: None,
            target_version: None,
            started_at: None,
            request_id: None,
        }
    }

    /// Says what of the cluster is upgraded.
    #[must_use]
    pub fn with_kind(self, kind: UpgradeKind) -> Self {
        Self { kind, ..self }
    }

    /// Names the region, such as `cn-hangzhou`.
    #[must_use]
    pub fn with_region(self, region: impl Into<String>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// Names the task.
    #[must_use]
    pub fn with_task_id(self, task_id: impl Into<String>) -> Self {
        Self { task_id: Some(task_id.into()), ..self }
    }

    /// Names the Kubernetes version to reach, such as `1.32.1-aliyun.1`.
    #[must_use]
    pub fn with_target_version(self, version: impl Into<String>) -> Self {
        Self { target_version: Some(version.into()), ..self }
    }

    /// Says when it was started.
    #[must_use]
    pub fn with_started_at(self, at: SystemTime) -> Self {
        Self { started_at: Some(at), ..self }
    }

    /// Names the request that started it.
    #[must_use]
    pub fn with_request_id(self, request_id: impl Into<String>) -> Self {
        Self { request_id: Some(request_id.into()), ..self }
    }

    /// The stored form: indented JSON with a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::stored::to_json(self)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_handle`] if the text is none, or one of a later format.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| Error::invalid_handle(error.to_string()))
    }
}

impl UpgradeKind {
    /// The nodes of a node pool.
    #[must_use]
    pub fn node_pool(nodepool_id: impl Into<String>) -> Self {
        Self::NodePool { nodepool_id: nodepool_id.into() }
    }

    /// Add-ons, in order of their names.
    #[must_use]
    pub fn addons(addons: impl IntoIterator<Item = AddonTarget>) -> Self {
        let mut addons: Vec<AddonTarget> = addons.into_iter().collect();
        addons.sort();
        Self::Addons { addons }
    }
}

impl AddonTarget {
    /// An add-on, whatever version it is to reach.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), version: None }
    }

    /// Names the version to reach.
    #[must_use]
    pub fn with_version(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }
}

/// A phrase for sentences: `the upgrade of node pool np1 of cluster c1`.
impl fmt::Display for UpgradeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            UpgradeKind::ControlPlane => write!(f, "the upgrade of cluster {}", self.cluster_id),
            kind => write!(f, "the upgrade of {kind} of cluster {}", self.cluster_id),
        }
    }
}

/// A phrase for sentences: `control plane`, `node pool np1`, `add-ons coredns, csi-plugin`.
impl fmt::Display for UpgradeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlPlane => f.write_str("control plane"),
            Self::NodePool { nodepool_id } => write!(f, "node pool {nodepool_id}"),
            Self::Addons { addons } => {
                f.write_str(if addons.len() == 1 { "add-on " } else { "add-ons " })?;
                let names: Vec<&str> = addons.iter().map(|addon| addon.name.as_str()).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

impl From<&str> for UpgradeHandle {
    fn from(cluster_id: &str) -> Self {
        Self::new(cluster_id)
    }
}

impl From<String> for UpgradeHandle {
    fn from(cluster_id: String) -> Self {
        Self::new(cluster_id)
    }
}

impl From<&String> for UpgradeHandle {
    fn from(cluster_id: &String) -> Self {
        Self::new(cluster_id)
    }
}

impl From<&Self> for UpgradeHandle {
    fn from(handle: &Self) -> Self {
        handle.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn full() -> UpgradeHandle {
        UpgradeHandle::new("c1")
            .with_region("cn-hangzhou")
            .with_task_id("T-1")
            .with_target_version("1.32.1-aliyun.1")
            .with_started_at(SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_323_045_678))
            .with_request_id("R-1")
    }

    #[test]
    fn the_stored_form_is_kept() {
        let coredns = AddonTarget::new("coredns").with_version("v1.9.3");
        let stored: String = [
            full(),
            UpgradeHandle::new("c1").with_kind(UpgradeKind::node_pool("np1")),
            UpgradeHandle::new("c1").with_kind(UpgradeKind::addons([AddonTarget::new("csi-plugin"), coredns])),
        ]
        .iter()
        .map(|handle| {
            assert_eq!(UpgradeHandle::from_json(&handle.to_json()).unwrap(), *handle);
            format!("{handle}:\n{}", handle.to_json())
        })
        .collect();
        insta::assert_snapshot!(stored);
    }

    #[test]
    fn handles_of_before_and_of_later_are_read() {
        let old = UpgradeHandle::from_json(r#"{"cluster_id":"c1","task_id":"T-1"}"#).unwrap();
        assert_eq!(old, UpgradeHandle::new("c1").with_task_id("T-1"));
        let later = r#"{"version":1,"kind":"control_plane","cluster_id":"c1","colour":["blue"],"task_id":null}"#;
        assert_eq!(UpgradeHandle::from_json(later).unwrap(), UpgradeHandle::new("c1"));
    }

    #[test]
    fn what_is_no_handle_is_refused() {
        let texts = [
            "",
            "[]",
            r#"{"version":1}"#,
            r#"{"cluster_id":""}"#,
            r#"{"cluster_id":"c1","version":2}"#,
            r#"{"cluster_id":"c1","kind":"node_pool"}"#,
            r#"{"cluster_id":"c1","kind":"addons","addons":[]}"#,
            r#"{"cluster_id":"c1","kind":"fleet"}"#,
            r#"{"cluster_id":"c1","started_at":"yesterday"}"#,
        ];
        let errors = texts.map(|text| {
            let error = UpgradeHandle::from_json(text).unwrap_err();
            assert!(error.is_invalid_handle());
            error.to_string()
        });
        insta::assert_snapshot!(errors.join("\n"));
    }
}
