//! Looking at a fleet while it is followed.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use ack_client::models::ClusterState;
use serde::Serialize;

use super::Fleet;
use super::member::Member;
use super::shared::Shared;
use crate::event::{maybe_rfc3339, rfc3339};
use crate::handle::UpgradeKind;
use crate::outcome::PausedBy;
use crate::phase::Phase;
use crate::status::Progress;

/// The fleet as it is known at any time, for metrics and displays, while a [`FleetWatch`](super::FleetWatch) follows it
/// elsewhere. Clones look at the same fleet.
#[derive(Clone)]
pub struct FleetView {
    pub(super) fleet: Fleet,
    pub(super) shared: Shared,
}

/// A cluster of the fleet, as it is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClusterStatus {
    /// The account, by the name it was given.
    pub account: String,
    /// The region.
    pub region: String,
    /// The cluster.
    pub cluster_id: String,
    /// Its name, if a list has told it.
    pub name: Option<String>,
    /// The version of its control plane.
    pub version: Option<String>,
    /// What it is doing.
    pub state: Option<ClusterState>,
    /// Where its newest upgrade stands; `None` if that is not known.
    pub phase: Option<Phase>,
    /// The upgrade that is going on, if one is: that of the control plane, unless it says otherwise.
    pub upgrade: Option<UnderWayStatus>,
    /// The upgrades of its node pools and add-ons that are going on, as far as looks have shown them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<UnderWayStatus>,
    /// When it was looked at last; `None` if only the list has told of it.
    #[serde(serialize_with = "maybe_rfc3339")]
    pub looked_at: Option<SystemTime>,
    /// How many looks have failed since.
    pub failed_looks: u32,
}

/// An upgrade that is going on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UnderWayStatus {
    /// What is upgraded.
    #[serde(flatten)]
    pub kind: UpgradeKind,
    /// Where it stands; `None` if that is not known.
    pub phase: Option<Phase>,
    /// The version it leads to.
    pub target_version: Option<String>,
    /// The task.
    pub task_id: Option<String>,
    /// The stage it is at.
    pub stage: Option<String>,
    /// Since when it has been seen at that stage.
    #[serde(serialize_with = "rfc3339")]
    pub stage_since: SystemTime,
    /// Since when it has been seen going on.
    #[serde(serialize_with = "rfc3339")]
    pub since: SystemTime,
    /// How many stages and nodes are done.
    pub progress: Option<Progress>,
    /// Who or what paused it, while it is paused.
    pub paused_by: Option<PausedBy>,
    /// Whether nothing has been heard of it for longer than usual.
    pub is_stalled: bool,
}

/// A region of an account, and what was counted there since the fleet is followed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RegionStatus {
    /// The account, by the name it was given.
    pub account: String,
    /// The region.
    pub region: String,
    /// Looks at clusters.
    pub looks: u64,
    /// Those of them that failed.
    pub look_errors: u64,
    /// Lists of clusters. They count where they are asked for.
    pub lists: u64,
    /// Those of them that failed.
    pub list_errors: u64,
    /// When a look or a list has succeeded last.
    #[serde(serialize_with = "maybe_rfc3339")]
    pub last_answer: Option<SystemTime>,
    /// Upgrades that have succeeded.
    pub succeeded: u64,
    /// Upgrades that have failed, or were lost sight of.
    pub failed: u64,
    /// Upgrades that were cancelled.
    pub cancelled: u64,
    /// When an upgrade has succeeded last.
    #[serde(serialize_with = "maybe_rfc3339")]
    pub last_upgrade: Option<SystemTime>,
}

impl ClusterStatus {
    fn place(&self) -> (&str, &str, &str) {
        (&self.account, &self.region, &self.cluster_id)
    }
}

impl FleetView {
    /// All clusters, by account, region and ID. Those that are gone are left out.
    #[must_use]
    pub fn clusters(&self) -> Vec<ClusterStatus> {
        let mut clusters = self.chosen(|member| member.is_cluster() && !member.is_gone);
        for part in self.parts() {
            let place = |own: &ClusterStatus| own.place().cmp(&part.place());
            if let Ok(position) = clusters.binary_search_by(place) {
                clusters[position].parts.extend(part.upgrade);
            }
        }
        clusters
    }

    /// The upgrades of node pools and add-ons that are going on, as far as looks have shown them, in the same order: the cluster
    /// once for each of them.
    #[must_use]
    pub fn parts(&self) -> Vec<ClusterStatus> {
        self.chosen(|member| !member.is_cluster() && member.is_upgrading())
    }

    /// The clusters of which the control plane is being upgraded, in the same order.
    #[must_use]
    pub fn upgrading(&self) -> Vec<ClusterStatus> {
        self.chosen(|member| member.is_cluster() && member.is_upgrading())
    }

    /// Calls a function with account, region, state and phase of each cluster, without making a list of them.
    pub fn count(&self, mut each: impl FnMut(&str, &str, Option<&ClusterState>, Option<Phase>)) {
        let state = self.shared.lock();
        for member in state.members.iter().filter(|member| member.is_cluster() && !member.is_gone) {
            each(self.account(member.account), &member.region, member.state.as_ref(), member.seen_phase());
        }
    }

    /// The regions that were called so far, by account and ID.
    #[must_use]
    pub fn regions(&self) -> Vec<RegionStatus> {
        let state = self.shared.lock();
        let status = |((account, region), counted): (&super::shared::Place, &super::shared::Region)| RegionStatus {
            account: self.account(*account).to_owned(),
            region: region.to_string(),
            looks: counted.looks,
            look_errors: counted.look_errors,
            lists: counted.lists,
            list_errors: counted.list_errors,
            last_answer: counted.last_answer,
            succeeded: counted.succeeded,
            failed: counted.failed,
            cancelled: counted.cancelled,
            last_upgrade: counted.last_upgrade,
        };
        state.regions.iter().map(status).collect()
    }

    fn chosen(&self, chosen: impl Fn(&Member) -> bool) -> Vec<ClusterStatus> {
        let mut clusters: Vec<ClusterStatus> = {
            let state = self.shared.lock();
            state.members.iter().filter(|member| chosen(member)).map(|member| self.status(member)).collect()
        };
        clusters.sort_by(|left, right| left.place().cmp(&right.place()));
        clusters
    }

    fn status(&self, member: &Member) -> ClusterStatus {
        let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
        ClusterStatus {
            account: self.account(member.account).to_owned(),
            region: member.region.to_string(),
            cluster_id: member.id.to_string(),
            name: member.name.as_deref().map(str::to_owned),
            version: text(&member.version),
            state: member.state.clone(),
            phase: member.seen_phase(),
            parts: Vec::new(),
            upgrade: member.following.as_ref().map(|following| UnderWayStatus {
                kind: member.kind(),
                phase: member.seen_phase(),
                target_version: text(&following.target),
                task_id: member.task_id.as_deref().map(str::to_owned),
                stage: following.stage.as_deref().map(str::to_owned),
                stage_since: following.stage_since,
                since: following.started,
                progress: following.progress,
                paused_by: following.paused_by,
                is_stalled: following.is_stalled,
            }),
            looked_at: member.last_look,
            failed_looks: member.errors,
        }
    }

    fn account(&self, number: usize) -> &str {
        self.fleet.accounts.get(number).map_or("", |account| account.name())
    }
}

impl fmt::Debug for FleetView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetView").field("fleet", &self.fleet).finish_non_exhaustive()
    }
}
