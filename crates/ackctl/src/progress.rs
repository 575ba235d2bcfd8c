//! The live display of an upgrade on a terminal.

use std::cell::RefCell;
use std::time::Duration;

use ack_upgrade::{Event, EventKind, Level, RunEvent, RunEventKind, UnderWay, UpgradeStatus};
use indicatif::FormattedDuration;

use crate::context::Stream;
use crate::live::Live;

/// Two lines that are drawn again and again: where the upgrade stands, and what it does.
pub(crate) struct Progress {
    live: Live,
    lines: RefCell<[String; 2]>,
}

impl Progress {
    /// How often to call [`draw`](Self::draw).
    pub(crate) const TICK: Duration = Duration::from_millis(100);

    pub(crate) fn new(stderr: Stream, colours: bool) -> Self {
        let lines = RefCell::new(["looking".to_owned(), String::new()]);
        Self { live: Live::new(stderr, colours), lines }
    }

    /// Shows how things stand, and that time goes on.
    pub(crate) fn draw(&self) {
        self.live.draw(self.lines.borrow().iter());
    }

    /// Takes an event into account, and the status it has led to. What is worth a look stays above the display.
    pub(crate) fn show(&self, event: &Event, status: Option<&UpgradeStatus>) {
        let doing = match (&event.kind, status) {
            (EventKind::PollError { .. } | EventKind::Stalled { .. }, _) | (_, None) => event.kind.to_string(),
            (_, Some(status)) => doing(status),
        };
        self.set(status.map(standing), &doing);
        if is_lasting(&event.kind) {
            self.print_above(&format!("{}  {}", FormattedDuration(event.elapsed), event.kind));
        } else {
            self.draw();
        }
    }

    /// The same for an event of a run, which may have several upgrades under way.
    pub(crate) fn show_run(&self, event: &RunEvent, line: &str, under_way: &[UnderWay]) {
        let all: Vec<String> = under_way.iter().map(step_standing).collect();
        let all = if all.is_empty() { "between steps".to_owned() } else { all.join("; ") };
        let doing = match (&event.kind, &event.step) {
            (RunEventKind::Upgrade(EventKind::Started { status }), _) => doing(status),
            (kind, Some(step)) => format!("{step}: {kind}"),
            (kind, None) => kind.to_string(),
        };
        self.set(Some(all), &doing);
        let is_lasting = match &event.kind {
            RunEventKind::Upgrade(kind) => is_lasting(kind),
            _ => true,
        };
        if is_lasting {
            self.print_above(line);
        } else {
            self.draw();
        }
    }

    /// Takes the display off the screen.
    pub(crate) fn clear(&self) {
        self.live.clear();
    }

    fn set(&self, standing: Option<String>, doing: &str) {
        let mut lines = self.lines.borrow_mut();
        if let Some(standing) = standing {
            lines[0] = standing;
        }
        lines[1] = format!("  {doing}");
    }

    /// Prints a line, with the display below it as it is after the event that the line is about.
    fn print_above(&self, line: &str) {
        self.live.print_above(line, self.lines.borrow().iter());
    }
}

/// Whether an event is to be seen after the next has come.
fn is_lasting(kind: &EventKind) -> bool {
    match kind {
        EventKind::PrecheckFinding { .. }
        | EventKind::Paused { .. }
        | EventKind::Resumed
        | EventKind::Stalled { .. } => true,
        EventKind::NodeEvent { notice, .. } | EventKind::TaskEvent { notice } => notice.level != Level::Normal,
        _ => false,
    }
}

fn standing(status: &UpgradeStatus) -> String {
    match status.progress {
        Some(progress) => format!("{}, {progress}", status.phase),
        None => status.phase.to_string(),
    }
}

fn step_standing(own: &UnderWay) -> String {
    match &own.status {
        Some(status) => format!("{} {}", own.step, standing(status)),
        None => format!("{} starting", own.step),
    }
}

fn doing(status: &UpgradeStatus) -> String {
    match (&status.stage, &status.last_event) {
        (Some(stage), Some(event)) if !event.contains(stage) => format!("{stage}: {event}"),
        (_, Some(event)) => event.clone(),
        (Some(stage), None) => stage.clone(),
        (None, None) => String::new(),
    }
}
