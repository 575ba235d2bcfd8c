//! What checks of a cluster find.

use ack_models::ClusterCheckType;
use serde::Deserialize;

use super::check_text;
use crate::Error;

/// Something that checks of a cluster find, whether a client starts them or an upgrade does.
///
/// In a file: `{"group": "NodeStatus", "level": "error", "message": "2 nodes are NotReady", "targets": ["node-1"],
/// "checks": ["NodePoolUpgrade"], "node_pool": "np-1"}`; group, level and message have to be there.
///
/// ```
/// use ack_emulator::{ClusterSeed, Finding};
///
/// let finding = Finding::warning("DeprecatedAPI", "policy/v1beta1 is used").with_target("PodSecurityPolicy/restricted");
/// let seed = ClusterSeed::managed("c106f377e16f", "demo", "1.31.1-aliyun.1").with_finding(finding);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub(crate) group: String,
    pub(crate) level: FindingLevel,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) targets: Vec<String>,
    #[serde(default)]
    pub(crate) checks: Vec<ClusterCheckType>,
    #[serde(default)]
    pub(crate) node_pool: Option<String>,
}

/// How bad a [`Finding`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingLevel {
    /// Worth a look. The check succeeds and a cluster upgrade goes on; that of a node pool goes on only if it was told
    /// to ignore warnings.
    Warning,
    /// In the way. The check fails, and with it the upgrade.
    Error,
}

impl Finding {
    /// A finding that is in the way of an upgrade. `group` is what kind of check found it, such as `NodeStatus`.
    pub fn error(group: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            level: FindingLevel::Error,
            message: message.into(),
            targets: Vec::new(),
            checks: Vec::new(),
            node_pool: None,
        }
    }

    /// A finding that is worth a look.
    pub fn warning(group: impl Into<String>, message: impl Into<String>) -> Self {
        Self { level: FindingLevel::Warning, ..Self::error(group, message) }
    }

    /// Adds what it is about, such as the name of a node.
    #[must_use]
    pub fn with_target(mut self, target: impl Into<String>) -> Self {
        self.targets.push(target.into());
        self
    }

    /// Lets only checks of this type find it, of which more than one may be given; `ClusterUpgrade` also finds what
    /// `MasterUpgrade` and `NodePoolUpgrade` do. Default: all of them.
    #[must_use]
    pub fn in_check(mut self, check: impl Into<ClusterCheckType>) -> Self {
        self.checks.push(check.into());
        self
    }

    /// Lets checks of other node pools miss it.
    #[must_use]
    pub fn in_node_pool(self, nodepool_id: impl Into<String>) -> Self {
        Self { node_pool: Some(nodepool_id.into()), ..self }
    }

    /// Whether a check of a type and, if it is about one, of a node pool finds it.
    pub(crate) fn is_found_by(&self, check: &ClusterCheckType, node_pool: Option<&str>) -> bool {
        let is_whole = *check == ClusterCheckType::ClusterUpgrade;
        let is_part =
            |own: &ClusterCheckType| matches!(own, ClusterCheckType::MasterUpgrade | ClusterCheckType::NodePoolUpgrade);
        let fits = self.checks.is_empty() || self.checks.iter().any(|own| own == check || (is_whole && is_part(own)));
        fits && match (self.node_pool.as_deref(), node_pool) {
            (None, _) => true,
            (Some(own), Some(asked)) => own == asked,
            (Some(_), None) => is_whole,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check_text("group of findings", &self.group, false)?;
        check_text("finding", &self.message, false)?;
        self.targets.iter().try_for_each(|target| check_text("target of a finding", target, false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_find_what_is_theirs() {
        use ClusterCheckType::{ClusterUpgrade, MasterUpgrade, NodePoolUpgrade};
        let anywhere = Finding::error("g", "m");
        assert!(anywhere.is_found_by(&MasterUpgrade, None) && anywhere.is_found_by(&NodePoolUpgrade, Some("np-1")));
        let masters = Finding::error("g", "m").in_check("MasterUpgrade");
        assert!(masters.is_found_by(&MasterUpgrade, None) && masters.is_found_by(&ClusterUpgrade, None));
        assert!(!masters.is_found_by(&NodePoolUpgrade, Some("np-1")));
        let pool = Finding::warning("g", "m").in_node_pool("np-1");
        assert!(pool.is_found_by(&NodePoolUpgrade, Some("np-1")) && pool.is_found_by(&ClusterUpgrade, None));
        assert!(!pool.is_found_by(&NodePoolUpgrade, Some("np-2")) && !pool.is_found_by(&MasterUpgrade, None));
    }
}
