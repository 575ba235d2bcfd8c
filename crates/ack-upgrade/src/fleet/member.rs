//! What a fleet remembers of one cluster. There may be ten thousand of them, so it is little.

use std::sync::Arc;
use std::time::SystemTime;

use ack_client::models::ClusterState;
use tokio::time::Instant;

use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::outcome::PausedBy;
use crate::phase::Phase;
use crate::status::{Progress, UpgradeStatus};
use crate::watch::judge::Judge;
use crate::watch::quiet::Quiet;

/// A cluster of the fleet.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) account: usize,
    pub(super) region: Arc<str>,
    pub(super) id: Arc<str>,
    /// What of the cluster it is, if it is not the cluster itself with its control plane: node pools and add-ons are
    /// remembered beside it, for as long as their upgrades go on.
    pub(super) part: Option<Box<UpgradeKind>>,
    pub(super) name: Option<Box<str>>,
    pub(super) version: Option<Arc<str>>,
    pub(super) state: Option<ClusterState>,
    /// Whether it was named, and is not on any list.
    pub(super) is_named: bool,
    pub(super) is_gone: bool,
    /// Where its newest upgrade stood at the last look; nothing before the first.
    pub(super) phase: Option<Phase>,
    /// The task of that upgrade.
    pub(super) task_id: Option<Box<str>>,
    /// The upgrade that is going on.
    pub(super) following: Option<Box<Following>>,
    /// Since when it belongs to the fleet, by the clock.
    pub(super) since: SystemTime,
    /// When to look at it, unless somebody does so now.
    pub(super) due: Option<Instant>,
    pub(super) is_under_look: bool,
    /// Failed looks in a row.
    pub(super) errors: u32,
    pub(super) last_look: Option<SystemTime>,
}

/// An upgrade that is going on.
#[derive(Debug)]
pub(super) struct Following {
    pub(super) target: Option<Arc<str>>,
    pub(super) stage: Option<Box<str>>,
    pub(super) stage_since: SystemTime,
    pub(super) progress: Option<Progress>,
    pub(super) paused_by: Option<PausedBy>,
    pub(super) started: SystemTime,
    pub(super) is_stalled: bool,
    pub(super) judge: Judge,
    pub(super) quiet: Quiet,
}

impl Member {
    pub(super) fn new(account: usize, region: Arc<str>, id: Arc<str>, since: SystemTime) -> Self {
        Self {
            account,
            region,
            id,
            part: None,
            name: None,
            version: None,
            state: None,
            is_named: false,
            is_gone: false,
            phase: None,
            task_id: None,
            following: None,
            since,
            due: None,
            is_under_look: false,
            errors: 0,
            last_look: None,
        }
    }

    /// What to look at: the upgrade that is going on, or whichever is the newest.
    pub(super) fn handle(&self) -> UpgradeHandle {
        let mut handle = UpgradeHandle::new(&*self.id).with_kind(self.kind());
        if self.following.is_some() || self.part.is_some() {
            handle.task_id = self.task_id.as_deref().map(str::to_owned);
        }
        if let Some(following) = &self.following {
            handle.target_version = following.target.as_deref().map(str::to_owned);
        }
        handle
    }

    /// What is upgraded.
    pub(super) fn kind(&self) -> UpgradeKind {
        self.part.as_deref().cloned().unwrap_or(UpgradeKind::ControlPlane)
    }

    /// Whether it is the cluster itself.
    pub(super) fn is_cluster(&self) -> bool {
        self.part.is_none()
    }

    /// Where its newest upgrade stands, if it was looked at and is not only taken to be at rest.
    pub(super) fn seen_phase(&self) -> Option<Phase> {
        self.phase.filter(|_| self.last_look.is_some())
    }

    /// Whether an upgrade of it is going on.
    pub(super) fn is_upgrading(&self) -> bool {
        self.following.is_some()
    }
}

impl Following {
    pub(super) fn new(status: &UpgradeStatus, target: Option<Arc<str>>, now: SystemTime) -> Self {
        Self {
            target,
            stage: status.stage.as_deref().map(Box::from),
            stage_since: now,
            progress: status.progress,
            paused_by: status.paused_by,
            started: now,
            is_stalled: false,
            judge: Judge::default(),
            quiet: Quiet::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_at_rest_takes_little() {
        assert!(size_of::<Member>() <= 256, "{}", size_of::<Member>());
    }
}
