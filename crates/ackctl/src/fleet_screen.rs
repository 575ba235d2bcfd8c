//! The live display of a fleet on a terminal.

use ack_upgrade::fleet::{ClusterStatus, FleetEvent, FleetEventKind, FleetNews, FleetView};
use ack_upgrade::{EventKind, Phase, UpgradeKind};
use indicatif::{FormattedDuration, MultiProgress, ProgressDrawTarget};

use crate::context::Stream;
use crate::fleet_report::Screen;
use crate::output::printable;
use crate::progress::{Row, Terminal, bar};

/// How many upgrades are shown at most. The first line counts the others.
const ROWS: usize = 15;

/// One line about the fleet, and below it one for each of the upgrades that are going on.
pub(crate) struct FleetScreen {
    view: FleetView,
    screen: MultiProgress,
    standing: Row,
    rows: Vec<Row>,
}

impl FleetScreen {
    const DRAWS_PER_SECOND: u8 = 10;

    pub(crate) fn new(view: FleetView, stderr: Stream, colours: bool) -> Self {
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(Terminal(stderr)), Self::DRAWS_PER_SECOND);
        let screen = MultiProgress::with_draw_target(target);
        let spinner = if colours { "{spinner:.cyan}" } else { "{spinner}" };
        let row = |template: &str| Row::new(screen.add(bar(template)));
        let standing = row(&format!("{spinner} {{wide_msg}} {{elapsed_precise}}"));
        standing.show("looking for clusters");
        let rows = (0..ROWS).map(|_| row("  {wide_msg}")).collect();
        Self { view, screen, standing, rows }
    }

    fn clear(&self) {
        self.standing.clear();
        self.rows.iter().for_each(Row::clear);
        // A screen that cannot be written to any more needs no clearing.
        let _ = self.screen.clear();
    }
}

impl Screen for FleetScreen {
    fn draw(&self) {
        let mut clusters = 0_usize;
        self.view.count(|_, _, _, _| clusters += 1);
        let mut upgrading = self.view.upgrading();
        upgrading.extend(self.view.parts());
        let paused = upgrading.iter().filter(|cluster| cluster.phase == Some(Phase::Paused)).count();
        let regions = self.view.regions();
        let ended = |count: fn(&ack_upgrade::fleet::RegionStatus) -> u64| regions.iter().map(count).sum::<u64>();
        let (succeeded, failed) = (ended(|region| region.succeeded), ended(|region| region.failed + region.cancelled));
        let mut text = format!("{clusters} clusters, {} upgrading", upgrading.len());
        for (count, word) in [(paused as u64, "paused"), (succeeded, "succeeded"), (failed, "failed")] {
            if count > 0 {
                text.push_str(&format!(", {count} {word}"));
            }
        }
        self.standing.show(&text);
        self.standing.tick();
        let mut shown = upgrading.iter().map(words);
        for row in &self.rows {
            row.show(&shown.next().unwrap_or_default());
        }
    }

    fn show(&self, event: &FleetEvent) -> Option<String> {
        if let FleetEventKind::Fleet(FleetNews::FleetFinished { summary }) = &event.kind {
            self.clear();
            return Some(summary.to_string());
        }
        if is_lasting(&event.kind) {
            let line = format!("{}  {event}", FormattedDuration(event.elapsed));
            // A screen that cannot be written to any more is no reason to stop following.
            let _ = self.screen.println(printable(&line));
        }
        None
    }
}

/// The display is gone when following ends early, too.
impl Drop for FleetScreen {
    fn drop(&mut self) {
        self.clear();
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

/// Whether an event is to be seen after the next has come.
fn is_lasting(kind: &FleetEventKind) -> bool {
    match kind {
        FleetEventKind::Fleet(news) => {
            matches!(
                news,
                FleetNews::ClusterGone
                    | FleetNews::RegionListed { .. }
                    | FleetNews::RegionFailed { .. }
                    | FleetNews::RegionRecovered
            )
        }
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
