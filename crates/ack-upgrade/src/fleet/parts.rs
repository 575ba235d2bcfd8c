//! Upgrades of node pools and add-ons, which run while the control plane of their cluster rests.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::event::FleetEventKind;
use super::member::Member;
use super::shared::Shared;
use super::watch::{Failed, FleetWatch, Seen};
use crate::event::EventKind;
use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::observe::{is_unknown_task, observe, upgrade_of};
use crate::outcome::Outcome;
use crate::upgrades::Upgrades;

/// How long after its start a task is on the list for sure.
const LIST_LAG: Duration = Duration::from_secs(15);

impl FleetWatch {
    /// Follows what else of a cluster is upgraded.
    pub(super) fn take_parts(&mut self, cluster: usize, parts: Vec<(String, UpgradeKind)>) {
        let now = self.fleet.clock.now();
        for (task_id, kind) in parts {
            let position = self.shared.lock().add_part(cluster, kind, &task_id, now);
            if let Some(position) = position {
                self.schedule(position, Instant::now());
            }
        }
    }

    /// Forgets a part of a cluster that is not upgraded any more. The next one may follow soon, so the cluster is looked at.
    pub(super) fn end_part(&mut self, position: usize) {
        let cluster = {
            let mut state = self.shared.lock();
            let is_over = |member: &Member| !member.is_cluster() && !member.is_upgrading();
            if !state.members.get(position).is_some_and(is_over) {
                return;
            }
            state.end_part(position)
        };
        if let Some(cluster) = cluster.filter(|_| !self.options.is_once) {
            self.schedule(cluster, Instant::now() + LIST_LAG);
        }
    }

    /// Gives up on a part of a cluster that the service does not know any more.
    pub(super) fn lose_part(&mut self, position: usize, failed: &Failed) {
        let outcome = Outcome::Lost { reason: failed.to_string() };
        let was_upgrading = {
            let mut state = self.shared.lock();
            let Some(member) = state.members.get(position) else { return };
            let (account, region, was_upgrading) = (member.account, Arc::clone(&member.region), member.is_upgrading());
            let counted = state.region(account, &region);
            counted.looks += 1;
            counted.look_errors += 1;
            was_upgrading
        };
        if was_upgrading {
            self.under_way -= 1;
            self.failed += 1;
            let kind = FleetEventKind::Upgrade(EventKind::Finished { outcome });
            let event = self.of_cluster(position, failed.request_id(), kind);
            self.pending.push_back(event);
        }
        if let Some(member) = self.shared.lock().members.get_mut(position) {
            member.following = None;
        }
        self.end_part(position);
    }
}

/// Looks at an upgrade; and what else of its cluster is upgraded is named, where it is not known.
pub(super) async fn look_at(
    upgrades: &Upgrades,
    handle: &UpgradeHandle,
    shared: &Shared,
    position: usize,
) -> Result<Seen, ack_client::Error> {
    let look = observe(upgrades, handle).await?;
    let unknown = shared.lock().unknown_tasks(position, &look.others);
    let mut parts = Vec::with_capacity(unknown.len());
    for task_id in unknown {
        let task = match upgrades.client.describe_task_info(&task_id).await {
            Ok(task) => task,
            // The list was behind.
            Err(error) if is_unknown_task(&error) => continue,
            Err(error) => return Err(error),
        };
        // What does not tell what it works on cannot be looked at.
        let kind = upgrade_of(&task).filter(|kind| match kind {
            UpgradeKind::ControlPlane => false,
            UpgradeKind::NodePool { nodepool_id } => !nodepool_id.is_empty(),
            UpgradeKind::Addons { addons } => !addons.is_empty(),
        });
        parts.extend(kind.map(|kind| (task_id, kind)));
    }
    Ok(Seen { look, parts })
}
