//! One look at an upgrade: the calls it takes, and how their answers become one status.

mod addons;
mod control_plane;
mod find;
mod foreign;
mod node_pool;
mod notices;
mod reading;

use ack_client::Error;
use ack_client::models::DescribeTaskInfoResponse;

use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::phase::Phase;
use crate::status::UpgradeStatus;
use crate::upgrades::Upgrades;

pub(crate) use control_plane::is_no_longer_served;
pub(crate) use find::{Wanted, newest_task, tasks};
use find::{newest_of, of_parts};
pub(crate) use node_pool::kubelet_version;
pub(crate) use notices::Told;
pub(crate) use reading::{error_of, kind_of, nodepool_of, target_of, upgrade_of};

/// All that one look has seen.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) status: UpgradeStatus,
    /// The events that the task lists, as far as they go back.
    pub(crate) told: Vec<Told>,
    /// Where what is upgraded stands, whatever the task says.
    pub(crate) rest: Rest,
    /// What is missing at what is upgraded, in words; `None` if it has reached its target or there is none to compare.
    pub(crate) shortfall: Option<String>,
    /// Whether the service states who or what has paused it, in place of it being guessed from what it does not state.
    pub(crate) is_pause_stated: bool,
    /// Whether what is upgraded was compared with a target.
    pub(crate) is_verified: bool,
    /// The tasks of upgrades of node pools and add-ons that go on, where a look at the control plane has listed tasks.
    pub(crate) others: Vec<String>,
    /// What is wrong with the task that the handle names, if something is.
    pub(crate) amiss: Option<Amiss>,
}

/// Why what was seen is not told by the task that the handle names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Amiss {
    /// The service does not know that task: not yet, or not any more.
    Unknown,
    /// It is the task of something else, in words.
    Foreign(String),
}

/// Whether what is upgraded is at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// In order: a cluster is `running`, a node pool or add-on `active`.
    InOrder,
    /// Something is at work on it, or it is in a state nobody knows.
    Moving,
    /// In a state that it does not leave by itself.
    Broken(String),
}

pub(crate) async fn observe(upgrades: &Upgrades, handle: &UpgradeHandle) -> Result<Look, Error> {
    // Boxed, for a look holds several answers at a time, and it is made in many places.
    match &handle.kind {
        UpgradeKind::ControlPlane => Box::pin(control_plane::look(upgrades, handle)).await,
        UpgradeKind::NodePool { nodepool_id } => Box::pin(node_pool::look(upgrades, handle, nodepool_id)).await,
        UpgradeKind::Addons { addons } => Box::pin(addons::look(upgrades, handle, addons)).await,
    }
}

/// The task of a handle, by its ID if that is known, else the newest that fits.
async fn task_of(upgrades: &Upgrades, handle: &UpgradeHandle) -> Result<(Option<find::Task>, Option<Amiss>), Error> {
    let Some(task_id) = &handle.task_id else {
        return Ok((newest_task(upgrades, &handle.cluster_id, &Wanted::of(handle)).await?, None));
    };
    match upgrades.client.describe_task_info(task_id).await {
        Ok(task) => Ok(match foreign::of_something_else(handle, task_id, &task) {
            Some(problem) => (None, Some(Amiss::Foreign(problem))),
            None => (Some(task), None),
        }),
        // Tasks are forgotten after a while; what is left is to see what came of it.
        Err(error) if is_unknown_task(&error) => Ok((None, Some(Amiss::Unknown))),
        Err(error) => Err(error),
    }
}

/// Whether the service does not know the task. That it does not know the cluster is another matter.
pub(crate) fn is_unknown_task(error: &Error) -> bool {
    error.is_not_found() && !error.code().is_some_and(|code| code.contains("Cluster") || code.contains("NodePool"))
}

/// The phase once what is upgraded is compared with what the task says: success counts only at rest and at the target.
fn verify(reported: Phase, rest: &Rest, shortfall: Option<&str>) -> Phase {
    match (reported, rest) {
        (Phase::Finishing, Rest::InOrder) if shortfall.is_none() => Phase::Succeeded,
        (phase, _) => phase,
    }
}

/// The phase that a task tells; one that reports success in spite of failed parts has failed.
pub(crate) fn phase_of(task: &DescribeTaskInfoResponse) -> Phase {
    match Phase::of_task(task) {
        Phase::Finishing if !reading::failed_parts(task).is_empty() => Phase::Failed,
        phase => phase,
    }
}
