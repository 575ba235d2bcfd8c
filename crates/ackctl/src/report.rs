//! What is shown while an upgrade is followed: a live display, or an account of each event.

mod run;

use std::pin::pin;

use ack_upgrade::{Event, EventKind, Outcome, UpgradeHandle, UpgradeStatus, Watch};
use indicatif::FormattedDuration;
use tokio::time::Interval;

use crate::arguments::OutputFormat;
use crate::context::Stream;
use crate::failure::Failure;
use crate::output::{json_line, printable, yaml};
use crate::progress::Progress;
use crate::record::Fact;
use crate::session::{Session, is_dumb};

pub(crate) use self::run::follow_run;

/// How following ended.
#[derive(Debug)]
pub(crate) enum Followed {
    /// The upgrade has come to this.
    Ended(Outcome),
    /// The user wants no more of it.
    Interrupted,
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// Everything that happens.
    All,
    /// The end alone.
    End,
}

impl Telling {
    /// The command that tells so much.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::All => "watch",
            Self::End => "wait",
        }
    }
}

/// Follows an upgrade and shows what happens.
pub(crate) async fn follow(watch: &mut Watch, telling: Telling, session: &mut Session) -> Result<Followed, Failure> {
    let report = Report::new(telling, session);
    let mut ticks = tokio::time::interval(Progress::TICK);
    loop {
        let Some(event) = report.shape.unless_interrupted(watch.next(), &mut ticks, session).await else {
            return Ok(Followed::Interrupted);
        };
        match event {
            Some(event) => {
                session.record(&Fact::from(&event));
                report.event(&event, watch.status())?;
            }
            None => break,
        }
    }
    let outcome = watch.outcome().cloned();
    Ok(Followed::Ended(outcome.unwrap_or(Outcome::Lost { reason: "the watch ended without an outcome".to_owned() })))
}

struct Report {
    stdout: Stream,
    telling: Telling,
    shape: Shape,
}

enum Shape {
    Live(Progress),
    Lines,
    Summary,
    Json,
    Yaml,
}

impl Shape {
    fn of(telling: Telling, session: &Session) -> Self {
        match session.output {
            OutputFormat::Json => Self::Json,
            OutputFormat::Yaml => Self::Yaml,
            OutputFormat::Table if telling == Telling::End => Self::Summary,
            OutputFormat::Table if is_live(session) => {
                Self::Live(Progress::new(session.stderr.clone(), session.stderr_colours))
            }
            OutputFormat::Table => Self::Lines,
        }
    }

    /// Awaits the next event while the display goes on; `None` once the user interrupts.
    async fn unless_interrupted<T>(
        &self,
        next: impl Future<Output = T>,
        ticks: &mut Interval,
        session: &mut Session,
    ) -> Option<T> {
        // A look that has begun has to be awaited across ticks, or slow answers would never arrive.
        let mut next = pin!(next);
        loop {
            tokio::select! {
                biased;
                () = &mut session.interrupt => {
                    session.interrupt_noticed();
                    return None;
                }
                event = &mut next => return Some(event),
                _ = ticks.tick(), if matches!(self, Self::Live(_)) => {
                    if let Self::Live(progress) = self {
                        progress.draw();
                    }
                }
            }
        }
    }
}

impl Report {
    fn new(telling: Telling, session: &Session) -> Self {
        Self { stdout: session.stdout.clone(), telling, shape: Shape::of(telling, session) }
    }

    fn event(&self, event: &Event, status: Option<&UpgradeStatus>) -> Result<(), Failure> {
        let end = match &event.kind {
            EventKind::Finished { outcome } => Some(outcome),
            _ if self.telling == Telling::End => return Ok(()),
            _ => None,
        };
        let text = match (&self.shape, end) {
            (Shape::Live(progress), None) => {
                progress.show(event, status);
                return Ok(());
            }
            (Shape::Live(progress), Some(outcome)) => {
                progress.clear();
                summary(event, outcome)
            }
            (Shape::Summary, Some(outcome)) => summary(event, outcome),
            (Shape::Lines | Shape::Summary, _) => format!("{}\n", printable(&line(event))),
            (Shape::Json, _) => json_line(event)?,
            (Shape::Yaml, _) => format!("---\n{}", yaml(event)?),
        };
        self.stdout.print(&text).map_err(|error| Failure::output(&error))
    }
}

/// Whether there is a screen to draw on that nothing else is written to.
pub(crate) fn is_live(session: &Session) -> bool {
    let screen = session.stdout.is_terminal() && session.stderr.is_terminal();
    screen && session.global.verbose == 0 && !is_dumb(session.environment())
}

/// An event in one line.
fn line(event: &Event) -> String {
    format!("{}  {}", FormattedDuration(event.elapsed), event.kind)
}

/// The end in one sentence.
fn summary(event: &Event, outcome: &Outcome) -> String {
    let end = match outcome {
        Outcome::Succeeded { verified: false, .. } => format!("{outcome} (no target version is known to compare with)"),
        Outcome::Cancelled => "was cancelled".to_owned(),
        Outcome::Paused { .. } => format!("is {outcome}"),
        Outcome::StillRunning { .. } => format!("is {outcome}"),
        Outcome::Lost { reason } => format!("is out of sight: {reason}"),
        _ => outcome.to_string(),
    };
    let end = end.trim_end_matches('.');
    let what = UpgradeHandle::new(&event.cluster_id).with_kind(event.upgrade.clone());
    let sentence = format!("{what} {end}. It was followed for {}.", FormattedDuration(event.elapsed));
    format!("{}\n", printable(&sentence.replacen("the", "The", 1)))
}
