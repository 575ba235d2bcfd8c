//! What a start sends.

use ack_client::Error as ClientError;

use super::{Accepted, Started, at_most_once};
use crate::error::Error;
use crate::handle::{AddonTarget, UpgradeHandle, UpgradeKind};
use crate::observe::{Wanted, newest_task, upgrade_of};
use crate::phase::Phase;
use crate::plan::Start;
use crate::upgrades::Upgrades;

/// Starts an upgrade at most once. `wanted` names what `start` upgrades, and where to.
pub(crate) async fn begin(upgrades: &Upgrades, wanted: UpgradeHandle, start: &Start) -> Result<Started, Error> {
    if let UpgradeKind::Addons { addons } = &wanted.kind {
        refuse_other_versions(upgrades, &wanted, addons).await?;
    }
    let cluster_id = wanted.cluster_id.clone();
    at_most_once(upgrades, wanted, &|| Box::pin(send(upgrades, &cluster_id, start))).await
}

async fn send(upgrades: &Upgrades, cluster_id: &str, start: &Start) -> Result<Accepted, ClientError> {
    let client = &upgrades.client;
    let (task_id, request_id) = match start {
        Start::ControlPlane(request) => {
            let answer = client.upgrade_cluster(cluster_id, request).await?;
            let request_id = answer.request_id().map(str::to_owned);
            (answer.into_inner().task_id, request_id)
        }
        Start::NodePool(nodepool_id, request) => {
            let answer = client.upgrade_cluster_nodepool(cluster_id, nodepool_id, request).await?;
            let request_id = answer.request_id().map(str::to_owned);
            (answer.into_inner().task_id, request_id)
        }
        Start::Addons(items) => {
            let answer = client.upgrade_cluster_addons(cluster_id, items).await?;
            let request_id = answer.request_id().map(str::to_owned);
            (answer.into_inner().task_id, request_id)
        }
    };
    Ok(Accepted { task_id, request_id })
}

/// Add-ons have versions of their own, so that a running task is not told apart by the version it leads to.
async fn refuse_other_versions(
    upgrades: &Upgrades,
    wanted: &UpgradeHandle,
    addons: &[AddonTarget],
) -> Result<(), Error> {
    let Some(task) = newest_task(upgrades, &wanted.cluster_id, &Wanted::of(wanted)).await? else { return Ok(()) };
    let phase = Phase::of_task(&task);
    let Some(UpgradeKind::Addons { addons: running }) = upgrade_of(&task) else { return Ok(()) };
    let is_at_work = phase.is_running() && phase != Phase::Finishing || phase == Phase::Paused;
    let same = |addon: &AddonTarget| running.iter().any(|own| own.name == addon.name && own.version == addon.version);
    if !is_at_work || running.is_empty() || addons.iter().all(same) {
        return Ok(());
    }
    let task_id = task.task_id.as_deref().unwrap_or("of unknown ID");
    let running: Vec<String> = running
        .iter()
        .map(|addon| format!("{} to {}", addon.name, addon.version.as_deref().unwrap_or("an unknown version")))
        .collect();
    Err(Error::refused(format!(
        "{} of cluster {} cannot be started: task {task_id}, {phase}, is upgrading {}; follow it, or wait for its end",
        wanted.kind,
        wanted.cluster_id,
        running.join(", ")
    )))
}
