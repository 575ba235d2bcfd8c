//! The entry point: upgrades of the clusters a client can reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ack_client::Client;
use ack_client::auth::{Clock, SystemClock};

use crate::control::{Action, ControlOptions, Controlled, control};
use crate::error::Error;
use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::history::{self, PastUpgrade};
use crate::node_pool::NodePoolUpgrade;
use crate::observe::{Amiss, observe};
use crate::plan::{AddonChange, Change, Start};
use crate::start::{self, Started};
use crate::status::UpgradeStatus;
use crate::watch::{Watch, WatchOptions};

/// Upgrades of the clusters a client can reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Upgrades {
    pub(crate) client: Client,
    pub(crate) clock: Arc<dyn Clock>,
    /// Set once the region has shown that it no longer serves GetUpgradeStatus.
    retired: Arc<AtomicBool>,
}

impl Upgrades {
    /// Upgrades through this client. All clusters must be in the client's region, for tasks are known there only.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, clock: Arc::new(SystemClock), retired: Arc::default() }
    }

    /// Sets the clock that dates handles and events; for tests. Waiting is done in the time of tokio.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// The client behind it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Looks once at an upgrade, given by the ID of a cluster or by a handle.
    ///
    /// It takes two to four read calls. For a control plane: DescribeClusterDetail always; for a known task
    /// DescribeTaskInfo; otherwise GetUpgradeStatus as long as the region serves it, and DescribeClusterTasks with
    /// DescribeTaskInfo. For a node pool DescribeClusterNodePoolDetail, for add-ons ListClusterAddonInstances, and the
    /// task.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the task that the handle names is that of something else, such as another cluster;
    /// else the error of the call that failed, which [`Error::client`] has.
    pub async fn status(&self, upgrade: impl Into<UpgradeHandle>) -> Result<UpgradeStatus, Error> {
        let look = observe(self, &upgrade.into()).await?;
        match look.amiss {
            Some(Amiss::Foreign(problem)) => Err(Error::invalid(problem)),
            _ => Ok(look.status),
        }
    }

    /// Starts the upgrade of a cluster to a version, control plane only.
    ///
    /// The service has no idempotency token, so this looks first: a running upgrade to the same version is joined,
    /// any other is refused by name. If the answer to the start is lost, it looks for 21 seconds, twice as long as the
    /// service's lists lag, whether an upgrade shows up; only if every one of these looks shows the cluster at rest, the
    /// start is sent once more.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the version leaves open which one it is, as `1.32` and `latest` do, which
    /// [`plan`](Self::plan) takes; [`Error::is_refused`] if the cluster is at that version already or another upgrade is running;
    /// [`Error::is_unclear`] if the answer was lost and no task has shown up; else the error of the call that failed.
    pub async fn start(&self, cluster_id: &str, version: &str) -> Result<Started, Error> {
        start::start(self, cluster_id, version).await
    }

    /// Starts the upgrade of the nodes of a node pool to a version, usually that of the control plane, which nodes must not
    /// overtake. As with [`start`](Self::start), at most one is started.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); [`Error::is_invalid_input`] also if `how` holds what the service does not take.
    pub async fn start_node_pool(
        &self,
        cluster_id: &str,
        nodepool_id: &str,
        version: &str,
        how: &NodePoolUpgrade,
    ) -> Result<Started, Error> {
        start::check_version(version)?;
        how.check()?;
        let handle = UpgradeHandle::new(cluster_id).with_kind(UpgradeKind::node_pool(nodepool_id));
        let start = Start::node_pool(nodepool_id, version, how);
        start::begin(self, handle.with_target_version(version), &start).await
    }

    /// Starts the upgrade of add-ons, all in one task. As with [`start`](Self::start), at most one is started; a task that
    /// upgrades some of them to other versions is refused by name.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); [`Error::is_invalid_input`] if there are none.
    pub async fn start_addons(&self, cluster_id: &str, addons: &[AddonChange]) -> Result<Started, Error> {
        if addons.is_empty() {
            return Err(Error::invalid("there is no add-on to upgrade: name one at least, with its version"));
        }
        let change = Change::Addons { addons: addons.to_vec() };
        start::begin(self, change.handle(cluster_id), &Start::addons(addons)).await
    }

    /// Follows an upgrade with the default [`WatchOptions`].
    #[must_use]
    pub fn watch(&self, upgrade: impl Into<UpgradeHandle>) -> Watch {
        self.watch_with(upgrade, WatchOptions::default())
    }

    /// Follows an upgrade.
    #[must_use]
    pub fn watch_with(&self, upgrade: impl Into<UpgradeHandle>, options: WatchOptions) -> Watch {
        Watch::new(self.clone(), upgrade.into(), options)
    }

    /// Takes up an upgrade by its handle, such as one stored by another process, and follows it.
    ///
    /// # Errors
    ///
    /// [`Error::is_refused`] if the handle is of another region than the client, which would not know its task.
    pub fn attach(&self, handle: UpgradeHandle, options: WatchOptions) -> Result<Watch, Error> {
        if let (Some(of_handle), Some(of_client)) = (handle.region.as_deref(), self.client.region())
            && of_handle != of_client
        {
            return Err(Error::refused(format!(
                "{handle} is in region {of_handle}, and tasks are known there only: use a client of that region, not of \
                 {of_client}"
            )));
        }
        Ok(self.watch_with(handle, options))
    }

    /// Pauses an upgrade, and waits until it is paused. The nodes that are being worked on are finished first.
    ///
    /// It is sent by PauseTask, or by the deprecated operations where the task is not known. If the answer is lost, where
    /// the upgrade stands tells whether it was accepted.
    ///
    /// # Errors
    ///
    /// [`Error::is_refused`] if there is nothing to pause, or the service does not know the task that the handle names;
    /// [`Error::is_invalid_input`] if that task is of something else, such as another cluster;
    /// [`Error::is_not_in_effect`] if it was sent and the upgrade is not paused in time, or has ended meanwhile; else the
    /// error of the call that failed.
    pub async fn pause(
        &self,
        upgrade: impl Into<UpgradeHandle>,
        options: &ControlOptions,
    ) -> Result<Controlled, Error> {
        control(self, Action::Pause, &upgrade.into(), options).await
    }

    /// Resumes a paused upgrade, and waits until it has left the pause.
    ///
    /// # Errors
    ///
    /// As [`pause`](Self::pause).
    pub async fn resume(
        &self,
        upgrade: impl Into<UpgradeHandle>,
        options: &ControlOptions,
    ) -> Result<Controlled, Error> {
        control(self, Action::Resume, &upgrade.into(), options).await
    }

    /// Cancels an upgrade for good, and waits until it is cancelled. What is done stays done, and there is no way back.
    ///
    /// # Errors
    ///
    /// As [`pause`](Self::pause).
    pub async fn cancel(
        &self,
        upgrade: impl Into<UpgradeHandle>,
        options: &ControlOptions,
    ) -> Result<Controlled, Error> {
        control(self, Action::Cancel, &upgrade.into(), options).await
    }

    /// The latest upgrades of a cluster's control plane, node pools and add-ons, newest first, `limit` at most. It takes
    /// a call for each besides those for the list.
    ///
    /// # Errors
    ///
    /// The error of the call that failed.
    pub async fn history(&self, cluster_id: &str, limit: usize) -> Result<Vec<PastUpgrade>, Error> {
        history::history(self, cluster_id, limit).await
    }

    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    pub(crate) fn set_retired(&self) {
        if !self.retired.swap(true, Ordering::Relaxed) {
            tracing::info!("the region no longer serves GetUpgradeStatus; using the task API");
        }
    }
}
