//! Starting an upgrade at most once, without an idempotency token.

use std::time::Duration;

use ack_client::Error as ClientError;
use ack_client::models::{ClusterState, UpgradeClusterRequest};

use crate::error::Error;
use crate::handle::UpgradeHandle;
use crate::observe::{newest_task, observe};
use crate::phase::Phase;
use crate::status::UpgradeStatus;
use crate::upgrades::Upgrades;

/// Lists lag up to ten seconds, so a lost answer is followed up for longer than that.
const LOOKS_AFTER_LOST_ANSWER: u32 = 6;
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

/// An upgrade that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Started {
    handle: UpgradeHandle,
    joined: bool,
}

impl Started {
    /// What to follow it by.
    #[must_use]
    pub fn handle(&self) -> &UpgradeHandle {
        &self.handle
    }

    /// Whether it was found running instead of being started by this call.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.joined
    }

    /// The request ID of the start, if its answer arrived.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.handle.request_id.as_deref()
    }
}

pub(crate) async fn start(upgrades: &Upgrades, cluster_id: &str, version: &str) -> Result<Started, Error> {
    if version.trim().is_empty() || version.trim() != version {
        return Err(Error::refused(format!(
            "the version {version:?} is not a Kubernetes version of ACK: give one such as 1.32.1-aliyun.1"
        )));
    }
    let mut wanted = UpgradeHandle::new(cluster_id).with_target_version(version);
    wanted.region = upgrades.client.region().map(str::to_owned);
    let before = observe(upgrades, &UpgradeHandle::new(cluster_id)).await?;
    if is_under_way(&before) {
        return join(&before, wanted);
    }
    if before.current_version.as_deref() == Some(version) {
        return Err(Error::refused(format!("cluster {cluster_id} is at version {version} already")));
    }

    let request =
        UpgradeClusterRequest { next_version: Some(version.to_owned()), master_only: Some(true), ..Default::default() };
    wanted.started_at = Some(upgrades.clock.now());
    match upgrades.client.upgrade_cluster(cluster_id, &request).await {
        Ok(answer) => {
            wanted.request_id = answer.request_id().map(str::to_owned);
            wanted.task_id = answer.into_inner().task_id.filter(|task_id| !task_id.is_empty());
            Ok(Started { handle: wanted, joined: false })
        }
        Err(error) if may_have_been_accepted(&error) => {
            tracing::warn!(%error, "the answer to the start is lost; looking whether it was accepted");
            match look_for_new_task(upgrades, cluster_id, before.task_id.as_deref()).await {
                Some(task_id) => Ok(Started { handle: wanted.with_task_id(task_id), joined: true }),
                None => Err(Error::unclear(cluster_id, error)),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// A task that succeeded while the cluster runs another version is an old one: the version was changed since.
fn is_under_way(status: &UpgradeStatus) -> bool {
    match status.phase {
        Phase::Finishing => status.cluster_state != Some(ClusterState::Running),
        phase => phase.is_running() || phase == Phase::Paused,
    }
}

/// Joins a running upgrade if it leads to the wanted version.
fn join(running: &UpgradeStatus, wanted: UpgradeHandle) -> Result<Started, Error> {
    let task = running.task_id.as_deref().unwrap_or("of unknown ID");
    if running.target_version == wanted.target_version {
        let handle = UpgradeHandle { task_id: running.task_id.clone(), ..wanted };
        return Ok(Started { handle, joined: true });
    }
    let target = running.target_version.as_deref().unwrap_or("a version it does not name");
    Err(Error::refused(format!(
        "cluster {} has an upgrade already, task {task}, {} on its way to {target}: follow it, or wait for its end",
        wanted.cluster_id, running.phase
    )))
}

/// Only a refusal by the service, or no connection at all, proves that nothing was started.
fn may_have_been_accepted(error: &ClientError) -> bool {
    if error.is_invalid_input() || error.is_credentials() || error.is_connect() || error.is_throttled() {
        return false;
    }
    error.is_timeout() || error.is_transport() || error.is_decode() || error.is_body_too_large() || error.is_server()
}

async fn look_for_new_task(upgrades: &Upgrades, cluster_id: &str, known: Option<&str>) -> Option<String> {
    for _ in 0..LOOKS_AFTER_LOST_ANSWER {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        match newest_task(upgrades, cluster_id).await {
            Ok(task) => {
                let task_id = task.and_then(|task| task.into_inner().task_id);
                if task_id.is_some() && task_id.as_deref() != known {
                    return task_id;
                }
            }
            Err(error) => tracing::debug!(%error, "looking for the new task"),
        }
    }
    None
}
