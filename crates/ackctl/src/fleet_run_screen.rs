//! The live display of a run over a fleet on a terminal.

mod standing;

use ack_upgrade::fleet::{FleetCheckpoint, FleetEvent, FleetEventKind, FleetNews};
use ack_upgrade::{EventKind, RunNews, Severity};

use self::standing::Standing;
use crate::fleet_report::Screen;

/// How many clusters are shown at most. The second line counts the others.
const ROWS: usize = 15;

/// A line about the wave, one about all clusters, and below them one for each cluster that is at work.
pub(crate) struct FleetRunScreen(Standing);

impl FleetRunScreen {
    pub(crate) fn new(checkpoint: FleetCheckpoint, allowed: usize) -> Self {
        Self(Standing::new(checkpoint, allowed))
    }
}

impl Screen for FleetRunScreen {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.0.wave(), format!("  {}", self.0.fleet())];
        lines.extend(self.0.rows().take(ROWS).map(|row| format!("    {row}")));
        lines
    }

    fn take(&mut self, event: &FleetEvent) {
        self.0.take(event);
    }

    /// Waves, the ends of clusters, and whatever went wrong.
    fn is_lasting(&self, event: &FleetEvent) -> bool {
        match &event.kind {
            FleetEventKind::Fleet(news) => !matches!(news, FleetNews::ClusterStarted),
            FleetEventKind::Run(news) => match news {
                RunNews::Finished { .. }
                | RunNews::CheckFailed { .. }
                | RunNews::NotPaused { .. }
                | RunNews::NotResumed { .. }
                | RunNews::CheckpointNotKept { .. } => true,
                RunNews::StepFinished { outcome } => !outcome.is_success(),
                RunNews::CheckFinding { finding } => finding.severity == Severity::Blocking,
                _ => false,
            },
            FleetEventKind::Upgrade(kind) => matches!(
                kind,
                EventKind::Paused { .. } | EventKind::Resumed | EventKind::Stalled { .. } | EventKind::PollError { .. }
            ),
            _ => false,
        }
    }
}
