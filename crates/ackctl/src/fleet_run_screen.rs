//! The live display of a run over a fleet on a terminal.

mod standing;

use std::cell::RefCell;

use ack_upgrade::fleet::{FleetCheckpoint, FleetEvent, FleetEventKind, FleetNews};
use ack_upgrade::{EventKind, RunNews, Severity};
use indicatif::{FormattedDuration, MultiProgress, ProgressDrawTarget};

use self::standing::Standing;
use crate::context::Stream;
use crate::fleet_report::Screen;
use crate::output::printable;
use crate::progress::{Row, Terminal, bar};

/// How many clusters are shown at most. The second line counts the others.
const ROWS: usize = 15;

/// A line about the wave, one about all clusters, and below them one for each cluster that is at work.
pub(crate) struct FleetRunScreen {
    standing: RefCell<Standing>,
    screen: MultiProgress,
    wave: Row,
    fleet: Row,
    rows: Vec<Row>,
}

impl FleetRunScreen {
    const DRAWS_PER_SECOND: u8 = 10;

    pub(crate) fn new(checkpoint: FleetCheckpoint, allowed: usize, stderr: Stream, colours: bool) -> Self {
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(Terminal(stderr)), Self::DRAWS_PER_SECOND);
        let screen = MultiProgress::with_draw_target(target);
        let spinner = if colours { "{spinner:.cyan}" } else { "{spinner}" };
        let row = |template: &str| Row::new(screen.add(bar(template)));
        let wave = row(&format!("{spinner} {{wide_msg}} {{elapsed_precise}}"));
        let fleet = row("  {wide_msg}");
        let rows = (0..ROWS).map(|_| row("    {wide_msg}")).collect();
        Self { standing: RefCell::new(Standing::new(checkpoint, allowed)), screen, wave, fleet, rows }
    }

    fn clear(&self) {
        self.wave.clear();
        self.fleet.clear();
        self.rows.iter().for_each(Row::clear);
        // A screen that cannot be written to any more needs no clearing.
        let _ = self.screen.clear();
    }
}

impl Screen for FleetRunScreen {
    fn draw(&self) {
        let standing = self.standing.borrow();
        self.wave.show(&standing.wave());
        self.wave.tick();
        self.fleet.show(&standing.fleet());
        let mut shown = standing.rows();
        for row in &self.rows {
            row.show(&shown.next().unwrap_or_default());
        }
    }

    fn show(&self, event: &FleetEvent) -> Option<String> {
        self.standing.borrow_mut().take(event);
        if let FleetEventKind::Fleet(FleetNews::FleetFinished { summary }) = &event.kind {
            self.clear();
            return Some(summary.to_string());
        }
        if is_lasting(event) {
            // Whoever looks up because of it sees what it has led to.
            self.draw();
            let line = format!("{}  {event}", FormattedDuration(event.elapsed));
            // A screen that cannot be written to any more is no reason to stop.
            let _ = self.screen.println(printable(&line));
        }
        None
    }
}

/// The display is gone when the run ends early, too.
impl Drop for FleetRunScreen {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Whether an event is to be seen after the next has come: waves, the ends of clusters, and whatever went wrong.
fn is_lasting(event: &FleetEvent) -> bool {
    match &event.kind {
        FleetEventKind::Fleet(_) => true,
        FleetEventKind::Run(news) => match news {
            RunNews::Finished { .. }
            | RunNews::CheckFailed { .. }
            | RunNews::NotPaused { .. }
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
