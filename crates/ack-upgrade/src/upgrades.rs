//! The entry point: upgrades of the clusters a client can reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ack_client::Client;
use ack_client::auth::{Clock, SystemClock};

use crate::error::Error;
use crate::handle::UpgradeHandle;
use crate::observe::observe;
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

    /// Looks once at the upgrade of a cluster, given by its ID or by a handle.
    ///
    /// It takes two to four read calls: DescribeClusterDetail always; for a known task DescribeTaskInfo; otherwise
    /// GetUpgradeStatus as long as the region serves it, and DescribeClusterTasks with DescribeTaskInfo.
    ///
    /// # Errors
    ///
    /// The error of the call that failed; [`Error::client`] has it.
    pub async fn status(&self, upgrade: impl Into<UpgradeHandle>) -> Result<UpgradeStatus, Error> {
        Ok(observe(self, &upgrade.into()).await?)
    }

    /// Starts the upgrade of a cluster to a version, control plane only.
    ///
    /// The service has no idempotency token, so this looks first: a running upgrade to the same version is joined,
    /// any other is refused by name. If the answer to the start is lost, it looks again before it reports.
    /// Node pools follow by UpgradeClusterNodepool.
    ///
    /// # Errors
    ///
    /// [`Error::is_refused`] if the cluster is at that version already or another upgrade is running;
    /// [`Error::is_unclear`] if the answer was lost and no task has shown up; else the error of the call that failed.
    pub async fn start(&self, cluster_id: &str, version: &str) -> Result<Started, Error> {
        start::start(self, cluster_id, version).await
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

    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    pub(crate) fn set_retired(&self) {
        if !self.retired.swap(true, Ordering::Relaxed) {
            tracing::info!("the region no longer serves GetUpgradeStatus; using the task API");
        }
    }
}
