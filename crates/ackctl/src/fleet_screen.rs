//! The live display of a fleet on a terminal.

use std::iter;

use ack_upgrade::fleet::{ClusterStatus, FleetEvent, FleetEventKind, FleetNews, FleetView};
use ack_upgrade::{EventKind, Phase, UpgradeKind};

use crate::fleet_report::Screen;
use crate::output::count;

/// How many upgrades are shown at most. The first line counts the others.
const ROWS: usize = 15;

/// One line about the fleet, and below it one for each of the upgrades that are going on.
pub(crate) struct FleetScreen {
    view: FleetView,
    /// The upgrades that have ended: of control planes, node pools and add-ons, as they are told.
    succeeded: u64,
    failed: u64,
}

impl FleetScreen {
    pub(crate) fn new(view: FleetView) -> Self {
        Self { view, succeeded: 0, failed: 0 }
    }
}

impl Screen for FleetScreen {
    fn lines(&self) -> Vec<String> {
        let view = &self.view;
        let mut clusters = 0_usize;
        view.count(|_, _, _, _| clusters += 1);
        let mut upgrading = view.upgrading();
        upgrading.extend(view.parts());
        let paused = upgrading.iter().filter(|cluster| cluster.phase == Some(Phase::Paused)).count();
        let mut text = format!("{}, {} upgrading", count(clusters, "cluster"), upgrading.len());
        for (count, word) in [(paused as u64, "paused"), (self.succeeded, "succeeded"), (self.failed, "failed")] {
            if count > 0 {
                text.push_str(&format!(", {count} {word}"));
            }
        }
        iter::once(text).chain(upgrading.iter().take(ROWS).map(|cluster| format!("  {}", words(cluster)))).collect()
    }

    /// The view knows of everything else already.
    fn take(&mut self, event: &FleetEvent) {
        match &event.kind {
            FleetEventKind::Upgrade(EventKind::Finished { outcome }) if outcome.is_success() => self.succeeded += 1,
            FleetEventKind::Upgrade(EventKind::Finished { .. }) => self.failed += 1,
            _ => {}
        }
    }

    fn is_lasting(&self, event: &FleetEvent) -> bool {
        match &event.kind {
            FleetEventKind::Fleet(news) => matches!(
                news,
                FleetNews::ClusterGone
                    | FleetNews::RegionListed { .. }
                    | FleetNews::RegionFailed { .. }
                    | FleetNews::RegionRecovered
            ),
            FleetEventKind::Upgrade(kind) => matches!(
                kind,
                EventKind::Paused { .. }
                    | EventKind::Resumed
                    | EventKind::Stalled { .. }
                    | EventKind::PollError { .. }
                    | EventKind::Finished { .. }
            ),
            _ => false,
        }
    }
}

fn words(cluster: &ClusterStatus) -> String {
    let mut text = cluster.name.clone().unwrap_or_else(|| cluster.cluster_id.clone());
    let part = cluster.upgrade.as_ref().map(|upgrade| &upgrade.kind).filter(|kind| **kind != UpgradeKind::ControlPlane);
    if let Some(part) = part {
        text.push_str(&format!(", {part}"));
    }
    if let Some(phase) = cluster.phase {
        text.push_str(&format!(": {phase}"));
    }
    if let Some(upgrade) = &cluster.upgrade {
        if let Some(target) = &upgrade.target_version {
            text.push_str(&format!(" to {target}"));
        }
        if let Some(stage) = &upgrade.stage {
            text.push_str(&format!(", {stage}"));
        }
        if let Some(progress) = upgrade.progress {
            text.push_str(&format!(", {progress}"));
        }
        if upgrade.is_stalled {
            text.push_str(", stalled");
        }
    }
    text
}
