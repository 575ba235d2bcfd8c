//! What tests order of a running emulator, besides time.

use ack_models::ClusterState;

use crate::state::{Cluster, State};
use crate::{Emulator, Error, Finding, Incident, UpgradeFailure};

impl Emulator {
    /// Makes the next upgrade of a cluster that comes to the failure's stage fail. It takes the place of an earlier
    /// failure that has not struck yet.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`] if there is no such cluster, or if it never comes to that stage.
    pub fn fail_next_upgrade(&self, cluster_id: &str, failure: UpgradeFailure) -> Result<(), Error> {
        self.order(cluster_id, failure.into())
    }

    /// Lets something befall the next task of a cluster that comes to the incident's stage. Tasks that have started
    /// already are not affected.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`] if there is no such cluster, or if no task of it ever comes to that stage.
    pub fn order(&self, cluster_id: &str, incident: Incident) -> Result<(), Error> {
        self.change(cluster_id, |cluster, _| {
            cluster.seed.check_incident(&incident)?;
            cluster.await_incident(incident);
            Ok(())
        })
    }

    /// Lets a drain that sticks go on, as if somebody had removed the disruption budget in its way. A drain of the node
    /// that has not begun yet will not stick either.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`] if there is no such cluster or node.
    pub fn release_drain(&self, cluster_id: &str, node_name: &str) -> Result<(), Error> {
        self.change(cluster_id, |cluster, now| {
            let node = cluster.world.nodes.position(node_name).ok_or_else(|| {
                let remedy = "use one that DescribeClusterNodes lists";
                Error::setting("node name", node_name, "is not that of a node of the cluster", remedy)
            })?;
            cluster.release_drain(node, now);
            Ok(())
        })
    }

    /// Sets what checks of a cluster find from now on, in place of all they found before.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`] if there is no such cluster, or for a finding without text.
    pub fn set_findings(&self, cluster_id: &str, findings: Vec<Finding>) -> Result<(), Error> {
        findings.iter().try_for_each(Finding::check)?;
        self.change(cluster_id, |cluster, _| {
            cluster.world.findings = findings;
            Ok(())
        })
    }

    /// Sets the state of a cluster, such as `failed` or `unavailable`, as
    /// [`ClusterSeed::with_state`](crate::ClusterSeed::with_state) does. An upgrade at work goes on, and the cluster comes
    /// back to this state.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`] if there is no such cluster.
    pub fn set_cluster_state(&self, cluster_id: &str, state: impl Into<ClusterState>) -> Result<(), Error> {
        self.change(cluster_id, |cluster, now| {
            cluster.world.set_own_state(now, state.into());
            Ok(())
        })
    }

    fn change(
        &self,
        cluster_id: &str,
        work: impl FnOnce(&mut Cluster, jiff::Timestamp) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.cloud.state(|state: &mut State| {
            let now = self.cloud.time.now();
            let cluster = state.cluster(cluster_id, now).ok_or_else(|| {
                Error::setting("cluster id", cluster_id, "is not known", "use one that cluster_ids() lists")
            })?;
            work(cluster, now)
        })
    }
}
