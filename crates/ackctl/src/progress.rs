//! The live display of an upgrade on a terminal.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::time::Duration;

use ack_upgrade::{Event, EventKind, Level, RunEvent, RunEventKind, UnderWay, UpgradeStatus};
use indicatif::{FormattedDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::context::Stream;
use crate::output::printable;

/// Two lines that are drawn again and again: where the upgrade stands, and what it does.
pub(crate) struct Progress {
    screen: MultiProgress,
    standing: ProgressBar,
    doing: ProgressBar,
}

impl Progress {
    /// How often to call [`tick`](Self::tick).
    pub(crate) const TICK: Duration = Duration::from_millis(100);

    const DRAWS_PER_SECOND: u8 = 20;

    pub(crate) fn new(stderr: Stream, colours: bool) -> Self {
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(Terminal(stderr)), Self::DRAWS_PER_SECOND);
        let screen = MultiProgress::with_draw_target(target);
        let spinner = if colours { "{spinner:.cyan}" } else { "{spinner}" };
        let standing = screen.add(bar(&format!("{spinner} {{wide_msg}} {{elapsed_precise}}")));
        let doing = screen.add(bar("  {wide_msg}"));
        standing.set_message("looking");
        doing.tick();
        Self { screen, standing, doing }
    }

    /// Shows that time goes on.
    pub(crate) fn tick(&self) {
        self.standing.tick();
    }

    /// Shows an event, and the status it has led to. What is worth a look stays above the display.
    pub(crate) fn show(&self, event: &Event, status: Option<&UpgradeStatus>) {
        if is_lasting(&event.kind) {
            let line = format!("{}  {}", FormattedDuration(event.elapsed), event.kind);
            // A screen that cannot be written to any more is no reason to stop following.
            let _ = self.screen.println(printable(&line));
        }
        if let Some(status) = status {
            self.standing.set_message(printable(&standing(status)).into_owned());
        }
        let doing = match (&event.kind, status) {
            (EventKind::PollError { .. } | EventKind::Stalled { .. }, _) | (_, None) => event.kind.to_string(),
            (_, Some(status)) => doing(status),
        };
        self.doing.set_message(printable(&doing).into_owned());
    }

    /// The same for an event of a run, which may have several upgrades under way.
    pub(crate) fn show_run(&self, event: &RunEvent, line: &str, under_way: &[UnderWay]) {
        let is_lasting = match &event.kind {
            RunEventKind::Upgrade(kind) => is_lasting(kind),
            _ => true,
        };
        if is_lasting {
            // A screen that cannot be written to any more is no reason to stop.
            let _ = self.screen.println(printable(line));
        }
        let all: Vec<String> = under_way.iter().map(step_standing).collect();
        let all = if all.is_empty() { "between steps".to_owned() } else { all.join("; ") };
        self.standing.set_message(printable(&all).into_owned());
        let doing = match (&event.kind, &event.step) {
            (RunEventKind::Upgrade(EventKind::Started { status }), _) => doing(status),
            (kind, Some(step)) => format!("{step}: {kind}"),
            (kind, None) => kind.to_string(),
        };
        self.doing.set_message(printable(&doing).into_owned());
    }

    /// Takes the display off the screen.
    pub(crate) fn clear(&self) {
        self.standing.finish_and_clear();
        self.doing.finish_and_clear();
        // A screen that cannot be written to any more needs no clearing.
        let _ = self.screen.clear();
    }
}

/// The display is gone when following ends early, too.
impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
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

/// A line of a display, which is drawn anew only when it has changed.
pub(crate) struct Row {
    bar: ProgressBar,
    shown: RefCell<String>,
}

impl Row {
    pub(crate) fn new(bar: ProgressBar) -> Self {
        Self { bar, shown: RefCell::default() }
    }

    pub(crate) fn show(&self, text: &str) {
        let text = printable(text);
        let mut shown = self.shown.borrow_mut();
        if *shown != text {
            text.as_ref().clone_into(&mut shown);
            self.bar.set_message(text.into_owned());
        }
    }

    /// Shows that time goes on.
    pub(crate) fn tick(&self) {
        self.bar.tick();
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

pub(crate) fn bar(template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    // The templates are constants; one that is not understood would leave the default style.
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
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

/// The terminal behind a stream, steered by the escape sequences of ECMA-48.
pub(crate) struct Terminal(pub(crate) Stream);

impl Terminal {
    fn cursor(&self, by: usize, direction: char) -> io::Result<()> {
        if by == 0 { Ok(()) } else { self.0.print(&format!("\u{1b}[{by}{direction}")) }
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Terminal").field(&self.0).finish()
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        self.0.width().unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.cursor(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.print(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.print(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.print("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}
