//! A cluster and the upgrades it has been through.

use std::collections::VecDeque;

use ack_models::ClusterState;
use jiff::Timestamp;

use super::timeline::{Progress, Standing, Timeline};
use crate::{ClusterSeed, UpgradeDurations, UpgradeFailure};

/// How many upgrades of a cluster are remembered; those before are forgotten, as the service forgets old tasks.
const MAX_UPGRADES: usize = 1000;

#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) seed: ClusterSeed,
    pub(crate) region: String,
    pub(crate) created: Timestamp,
    /// The failure that waits for an upgrade to come to its stage.
    pub(crate) failure: Option<UpgradeFailure>,
    upgrades: VecDeque<Upgrade>,
}

#[derive(Debug)]
pub(crate) struct Upgrade {
    pub(crate) task_id: String,
    pub(crate) report_id: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) master_only: bool,
    pub(crate) started: Timestamp,
    pub(crate) timeline: Timeline,
}

impl Upgrade {
    pub(crate) fn progress(&self, now: Timestamp) -> Progress {
        self.timeline.progress(self.started, now)
    }

    /// Why it failed, if it is to fail. Ask only once it has.
    pub(crate) fn failure_message(&self) -> Option<&str> {
        self.timeline.failure().map(UpgradeFailure::message)
    }
}

impl Cluster {
    pub(crate) fn new(mut seed: ClusterSeed, home_region: &str, created: Timestamp) -> Self {
        let region = seed.region.take().unwrap_or_else(|| home_region.to_owned());
        let failure = seed.failure.take();
        Self { seed, region, created, failure, upgrades: VecDeque::new() }
    }

    /// The state at `now`: `upgrading` from the start of an upgrade until it has settled, unless its precheck fails.
    pub(crate) fn state(&self, now: Timestamp) -> ClusterState {
        match self.upgrading(now) {
            Some(_) => ClusterState::Upgrading,
            None => self.seed.state.clone(),
        }
    }

    /// The upgrade that keeps the cluster from being in its own state at `now`.
    pub(crate) fn upgrading(&self, now: Timestamp) -> Option<&Upgrade> {
        let upgrade = self.latest()?;
        let is_busy = match upgrade.progress(now).standing {
            Standing::Running(_) | Standing::Settling => true,
            Standing::Failed(stage) => stage != crate::UpgradeStage::Precheck,
            Standing::Done => false,
        };
        is_busy.then_some(upgrade)
    }

    /// The Kubernetes version at `now`. It changes when an upgrade has settled, not before.
    pub(crate) fn version(&self, now: Timestamp) -> &str {
        match self.latest() {
            Some(upgrade) if upgrade.progress(now).standing == Standing::Done => &upgrade.to,
            Some(upgrade) => &upgrade.from,
            None => &self.seed.version,
        }
    }

    /// When the cluster last changed.
    pub(crate) fn updated(&self, now: Timestamp) -> Timestamp {
        self.latest().map_or(self.created, |upgrade| upgrade.progress(now).changed)
    }

    pub(crate) fn latest(&self) -> Option<&Upgrade> {
        self.upgrades.back()
    }

    /// The upgrades, newest first.
    pub(crate) fn upgrades(&self) -> impl ExactSizeIterator<Item = &Upgrade> {
        self.upgrades.iter().rev()
    }

    /// Starts an upgrade that the caller has found to be allowed.
    pub(crate) fn start(
        &mut self,
        (task_id, report_id): (String, String),
        to: &str,
        master_only: bool,
        durations: &UpgradeDurations,
        now: Timestamp,
    ) {
        let mut timeline = Timeline::new(&self.seed.cluster_type, self.seed.nodes, master_only, durations);
        if let Some(failure) = self.failure.take_if(|failure| timeline.has_stage(failure.stage())) {
            timeline.set_failure(failure);
        }
        let from = self.version(now).to_owned();
        if self.upgrades.len() == MAX_UPGRADES {
            self.upgrades.pop_front();
        }
        self.upgrades.push_back(Upgrade {
            task_id,
            report_id,
            from,
            to: to.to_owned(),
            master_only,
            started: now,
            timeline,
        });
    }
}
