//! How far the node pools of a cluster are behind its control plane.

use ack_client::Error;
use ack_client::models::DescribeClusterNodePoolsQuery;

use crate::observe::kubelet_version;
use crate::upgrades::Upgrades;

/// What became of comparing node pools with their control plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skew {
    /// The node pools that are too far behind, in words.
    pub(crate) too_old: Option<String>,
    /// Whether every node pool with nodes tells its version.
    pub(crate) is_known: bool,
}

/// Compares the node pools of a cluster with the version of its control plane. One call.
pub(crate) async fn compare(
    upgrades: &Upgrades,
    cluster_id: &str,
    control_plane: &str,
    allowed: u32,
) -> Result<Skew, Error> {
    let query = DescribeClusterNodePoolsQuery::default();
    let answer = upgrades.client.describe_cluster_node_pools(cluster_id, &query).await?;
    let (mut behind, mut is_known) = (Vec::new(), true);
    for pool in &answer.nodepools {
        if pool.status.as_ref().and_then(|status| status.total_nodes) == Some(0) {
            continue;
        }
        let id = pool.nodepool_info.as_ref().and_then(|info| info.nodepool_id.as_deref()).unwrap_or("without an ID");
        match kubelet_version(&pool.node_components) {
            Some(version) => match minor_versions_behind(control_plane, &version) {
                Some(count) if count > allowed => behind.push(format!("node pool {id} is at {version}")),
                Some(_) => {}
                None => is_known = false,
            },
            None => is_known = false,
        }
    }
    let too_old = (!behind.is_empty()).then(|| {
        let pools = behind.join(", ");
        format!(
            "the control plane is upgraded to {control_plane}, but {pools}, further behind it than the {allowed} minor versions allowed"
        )
    });
    Ok(Skew { too_old, is_known })
}

/// How many minor versions `older` is behind `newer`; 0 if it is not behind.
fn minor_versions_behind(newer: &str, older: &str) -> Option<u32> {
    let (newer, older) = (minor(newer)?, minor(older)?);
    (newer.0 == older.0).then(|| newer.1.saturating_sub(older.1))
}

/// Major and minor of a version such as `1.31.1-aliyun.1` or `v1.31`.
fn minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim().trim_start_matches('v').split(['.', '-', '+']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_versions() {
        for (newer, older, behind) in [
            ("1.32.1-aliyun.1", "1.31.1-aliyun.1", Some(1)),
            ("1.32.1-aliyun.1", "1.32.6-aliyun.1", Some(0)),
            ("1.32.1-aliyun.1", "v1.28", Some(4)),
            ("1.31.1-aliyun.1", "1.32.1-aliyun.1", Some(0)),
            ("2.0.0", "1.32.1", None),
            ("1.32.1", "", None),
            ("1.32.1", "one", None),
        ] {
            assert_eq!(minor_versions_behind(newer, older), behind, "{newer} {older}");
        }
    }
}
