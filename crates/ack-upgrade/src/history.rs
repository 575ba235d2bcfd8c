//! Upgrades that a cluster has been through.

use ack_client::models::ClusterTask;
use serde::Serialize;

use crate::error::Error;
use crate::handle::UpgradeKind;
use crate::observe::{error_of, kind_of, phase_of, target_of, tasks, upgrade_of};
use crate::phase::Phase;
use crate::upgrades::Upgrades;

/// An upgrade in the list of a cluster's tasks. The service forgets old ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PastUpgrade {
    /// The task, for a handle.
    pub task_id: String,
    /// What was upgraded. The ID of the node pool is empty, and so is the list of add-ons, if the task does not tell
    /// or is forgotten.
    #[serde(flatten)]
    pub upgrade: UpgradeKind,
    /// Where it stands by the word of its task. Whether the cluster has arrived where a successful one led, only a look
    /// at the upgrade tells.
    pub phase: Phase,
    /// The Kubernetes version it led to.
    pub target_version: Option<String>,
    /// When the task was created, as the service prints it.
    pub started_at: Option<String>,
    /// When the task changed last, as the service prints it.
    pub updated_at: Option<String>,
    /// Why it failed, in the service's words.
    pub error_message: Option<String>,
}

/// The latest upgrades of a cluster, newest first, `limit` at most.
pub(crate) async fn history(upgrades: &Upgrades, cluster_id: &str, limit: usize) -> Result<Vec<PastUpgrade>, Error> {
    let listed = tasks(upgrades, cluster_id).await?;
    let listed = listed.iter().filter_map(|task| {
        let kind = kind_of(task.task_type.as_deref()?)?;
        Some((task.task_id.as_deref()?, kind, task))
    });
    let mut past = Vec::new();
    for (task_id, kind, task) in listed.take(limit) {
        past.push(read(upgrades, task_id, kind, task).await?);
    }
    Ok(past)
}

/// The list tells neither version nor node pool; the task does, unless it is forgotten already.
async fn read(
    upgrades: &Upgrades,
    task_id: &str,
    kind: UpgradeKind,
    listed: &ClusterTask,
) -> Result<PastUpgrade, Error> {
    let details = match upgrades.client.describe_task_info(task_id).await {
        Ok(details) => Some(details),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error.into()),
    };
    let phase =
        details.as_ref().map_or_else(|| Phase::of_task_state(listed.state.as_ref()), |details| phase_of(details));
    let listed_error = || listed.error.as_ref().and_then(|error| error.message.clone());
    Ok(PastUpgrade {
        task_id: task_id.to_owned(),
        upgrade: details.as_ref().and_then(|details| upgrade_of(details)).unwrap_or(kind),
        phase: match phase {
            Phase::Finishing => Phase::Succeeded,
            phase => phase,
        },
        target_version: details.as_ref().and_then(|details| target_of(details)),
        started_at: listed.created.clone(),
        updated_at: listed.updated.clone(),
        error_message: details.as_ref().and_then(|details| error_of(details)).or_else(listed_error),
    })
}
