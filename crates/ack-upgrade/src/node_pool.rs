//! How the nodes of a node pool take turns in an upgrade.

use std::time::Duration;

use ack_client::models::{NodePoolUpgradeRollingPolicy, RollingPausePolicy, UpgradeClusterNodepoolRequest};

use crate::error::Error;

/// How many nodes the service upgrades at the same time unless told otherwise, and at most.
const MOST_AT_ONCE: u32 = 10;

/// How to upgrade the nodes of a node pool: what UpgradeClusterNodepool takes besides the version.
///
/// ```
/// use std::time::Duration;
/// use ack_client::models::RollingPausePolicy;
/// use ack_upgrade::NodePoolUpgrade;
///
/// let careful = NodePoolUpgrade::default()
///     .max_parallelism(2)
///     .pause_policy(RollingPausePolicy::FirstBatch)
///     .max_failed_nodes(0);
/// let slow = NodePoolUpgrade::default().batch_interval(Duration::from_secs(600));
/// assert!(careful.check().is_ok() && slow.check().is_ok());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodePoolUpgrade {
    max_parallelism: Option<u32>,
    batch_interval: Option<Duration>,
    pause_policy: Option<RollingPausePolicy>,
    max_failed_nodes: Option<u32>,
    use_replace: bool,
    ignore_warnings: bool,
}

impl NodePoolUpgrade {
    /// How many nodes are upgraded at the same time at most: 1 to 10; the service's default is 10.
    #[must_use]
    pub fn max_parallelism(self, nodes: u32) -> Self {
        Self { max_parallelism: Some(nodes), ..self }
    }

    /// How long to wait between two batches: whole minutes from 5 to 120, or nothing, the default. Heeded only
    /// if the upgrade does not pause between batches.
    #[must_use]
    pub fn batch_interval(self, interval: Duration) -> Self {
        Self { batch_interval: Some(interval), ..self }
    }

    /// When the upgrade pauses by itself, to be resumed by ResumeTask. Without it, it does not pause.
    #[must_use]
    pub fn pause_policy(self, policy: RollingPausePolicy) -> Self {
        Self { pause_policy: Some(policy), ..self }
    }

    /// How many nodes may fail before the whole upgrade fails. Only newer SDKs of the service know it.
    #[must_use]
    pub fn max_failed_nodes(self, nodes: u32) -> Self {
        Self { max_failed_nodes: Some(nodes), ..self }
    }

    /// Replaces the system disk of each node instead of upgrading in place. What the disk held is lost.
    #[must_use]
    pub fn use_replace(self, yes: bool) -> Self {
        Self { use_replace: yes, ..self }
    }

    /// Goes on in spite of warnings of the check before it.
    #[must_use]
    pub fn ignore_warnings(self, yes: bool) -> Self {
        Self { ignore_warnings: yes, ..self }
    }

    /// Whether the service takes these values.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] naming the value and the range.
    pub fn check(&self) -> Result<(), Error> {
        if let Some(nodes) = self.max_parallelism
            && !(1..=MOST_AT_ONCE).contains(&nodes)
        {
            return Err(Error::invalid(format!(
                "{nodes} nodes at the same time is not possible: give a number from 1 to {MOST_AT_ONCE}"
            )));
        }
        if let Some(interval) = self.batch_interval {
            let minutes = interval.as_secs() / 60;
            let is_whole = interval == Duration::from_secs(minutes * 60);
            if !is_whole || !(minutes == 0 || (5..=120).contains(&minutes)) {
                return Err(Error::invalid(format!(
                    "{interval:?} between batches is not possible: give whole minutes from 5 to 120, or 0"
                )));
            }
        }
        if let Some(RollingPausePolicy::Unknown(policy)) = &self.pause_policy {
            return Err(Error::invalid(format!(
                "{policy:?} is no pause policy: give FirstBatch, EveryBatch or NotPause"
            )));
        }
        Ok(())
    }

    /// The body of UpgradeClusterNodepool.
    pub(crate) fn request(&self, version: &str) -> UpgradeClusterNodepoolRequest {
        let minutes = self.batch_interval.map(|interval| interval.as_secs() / 60);
        let policy = NodePoolUpgradeRollingPolicy {
            batch_interval: minutes.and_then(|minutes| i32::try_from(minutes).ok()),
            max_failed_nodes: self.max_failed_nodes.map(i64::from),
            max_parallelism: self.max_parallelism.and_then(|nodes| i32::try_from(nodes).ok()),
            pause_policy: self.pause_policy.clone(),
        };
        UpgradeClusterNodepoolRequest {
            kubernetes_version: Some(version.to_owned()),
            rolling_policy: (policy != NodePoolUpgradeRollingPolicy::default()).then_some(policy),
            use_replace: self.use_replace.then_some(true),
            ignore_warning_check: self.ignore_warnings.then_some(true),
            ..Default::default()
        }
    }

    /// How long so many nodes take, if one batch takes `batch`.
    pub(crate) fn expected(&self, nodes: Option<i64>, batch: Duration) -> Duration {
        let at_once = self.max_parallelism.unwrap_or(MOST_AT_ONCE).max(1);
        // A node pool that does not tell its size counts as one batch.
        let nodes = nodes.and_then(|nodes| u32::try_from(nodes).ok()).unwrap_or(at_once);
        let batches = nodes.div_ceil(at_once).max(1);
        let waits = self.batch_interval.unwrap_or_default().saturating_mul(batches - 1);
        batch.saturating_mul(batches).saturating_add(waits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_holds_what_was_set_and_nothing_else() {
        let plain = serde_json::to_string(&NodePoolUpgrade::default().request("1.32.1-aliyun.1")).unwrap();
        assert_eq!(plain, r#"{"kubernetes_version":"1.32.1-aliyun.1"}"#);
        let full = NodePoolUpgrade::default()
            .max_parallelism(3)
            .batch_interval(Duration::from_secs(300))
            .pause_policy(RollingPausePolicy::EveryBatch)
            .max_failed_nodes(1)
            .use_replace(true)
            .ignore_warnings(true);
        insta::assert_json_snapshot!(full.request("1.32.1-aliyun.1"));
    }

    #[test]
    fn values_out_of_range_are_named() {
        let mistakes = [
            NodePoolUpgrade::default().max_parallelism(0),
            NodePoolUpgrade::default().max_parallelism(11),
            NodePoolUpgrade::default().batch_interval(Duration::from_secs(240)),
            NodePoolUpgrade::default().batch_interval(Duration::from_secs(330)),
            NodePoolUpgrade::default().pause_policy("Sometimes".into()),
        ];
        let told = mistakes.map(|mistake| mistake.check().unwrap_err().to_string());
        insta::assert_snapshot!(told.join("\n"));
        assert!(NodePoolUpgrade::default().batch_interval(Duration::ZERO).check().is_ok());
    }

    #[test]
    fn expected_durations_count_batches() {
        let ten = Duration::from_secs(600);
        let policy = NodePoolUpgrade::default().max_parallelism(2).batch_interval(Duration::from_secs(300));
        assert_eq!(policy.expected(Some(5), ten), Duration::from_secs(3 * 600 + 2 * 300));
        assert_eq!(NodePoolUpgrade::default().expected(Some(10), ten), ten);
        assert_eq!(NodePoolUpgrade::default().expected(None, ten), ten);
        assert_eq!(NodePoolUpgrade::default().expected(Some(11), ten), 2 * ten);
    }
}
