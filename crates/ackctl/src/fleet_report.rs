//! What is shown while a fleet is followed or upgraded: a live display, or an account of each event.

use std::pin::pin;
use std::time::Duration;

use ack_upgrade::fleet::{
    FleetCheckpoint, FleetEvent, FleetEventKind, FleetNews, FleetRun, FleetSummary, FleetView, FleetWatch,
};
use indicatif::FormattedDuration;

use crate::arguments::OutputFormat;
use crate::context::Stream;
use crate::failure::Failure;
use crate::fleet_run_screen::FleetRunScreen;
use crate::fleet_screen::FleetScreen;
use crate::live::Live;
use crate::output::{json_line, printable, yaml};
use crate::record::Fact;
use crate::report::is_live;
use crate::session::Session;

/// How often the display is drawn.
const TICK: Duration = Duration::from_millis(500);

/// How following ended.
#[derive(Debug)]
pub(crate) enum Followed {
    Ended(FleetSummary),
    Interrupted,
}

/// What events come from.
pub(crate) trait Told {
    async fn next(&mut self) -> Option<FleetEvent>;
    fn summary(&self) -> Option<FleetSummary>;
}

impl Told for FleetWatch {
    async fn next(&mut self) -> Option<FleetEvent> {
        self.next().await
    }

    fn summary(&self) -> Option<FleetSummary> {
        self.summary()
    }
}

impl Told for FleetRun {
    async fn next(&mut self) -> Option<FleetEvent> {
        self.next().await
    }

    fn summary(&self) -> Option<FleetSummary> {
        self.summary()
    }
}

pub(crate) struct FleetReport {
    stdout: Stream,
    shape: Shape,
}

/// What the live display of a fleet shows.
pub(crate) trait Screen {
    /// The fleet as it is now.
    fn lines(&self) -> Vec<String>;

    /// Takes an event into account.
    fn take(&mut self, event: &FleetEvent);

    /// Whether an event is to be seen after the next has come.
    fn is_lasting(&self, event: &FleetEvent) -> bool;
}

enum Shape {
    Live(Live, Box<dyn Screen>),
    Lines,
    Json,
    Yaml,
}

/// What a terminal shows instead of every event.
pub(crate) enum Shown {
    /// A fleet that is followed.
    Watch(FleetView),
    /// A run over a fleet: where it begins or goes on, and how many clusters may fail.
    Run { checkpoint: FleetCheckpoint, allowed: usize },
}

impl FleetReport {
    pub(crate) fn new(shown: Shown, session: &Session) -> Self {
        let shape = match session.output {
            OutputFormat::Json => Shape::Json,
            OutputFormat::Yaml => Shape::Yaml,
            OutputFormat::Table if is_live(session) => {
                let screen: Box<dyn Screen> = match shown {
                    Shown::Watch(view) => Box::new(FleetScreen::new(view)),
                    Shown::Run { checkpoint, allowed } => Box::new(FleetRunScreen::new(checkpoint, allowed)),
                };
                Shape::Live(Live::new(session.stderr.clone(), session.stderr_colours), screen)
            }
            OutputFormat::Table => Shape::Lines,
        };
        Self { stdout: session.stdout.clone(), shape }
    }

    /// Tells everything to the end.
    pub(crate) async fn follow(mut self, session: &mut Session, told: &mut impl Told) -> Result<Followed, Failure> {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            let event = {
                let mut next = pin!(told.next());
                loop {
                    tokio::select! {
                        biased;
                        () = &mut session.interrupt => {
                            session.interrupt_noticed();
                            return Ok(Followed::Interrupted);
                        }
                        event = &mut next => break event,
                        _ = ticks.tick(), if matches!(self.shape, Shape::Live(..)) => self.draw(),
                    }
                }
            };
            match event {
                Some(event) => {
                    session.record(&Fact::from(&event));
                    self.tell(&event)?;
                }
                None => break,
            }
        }
        match told.summary() {
            Some(summary) => Ok(Followed::Ended(summary)),
            None => Err(Failure::error("it ended without a summary")),
        }
    }

    fn draw(&self) {
        if let Shape::Live(live, screen) = &self.shape {
            live.draw(screen.lines());
        }
    }

    fn tell(&mut self, event: &FleetEvent) -> Result<(), Failure> {
        let line = || format!("{}  {event}", FormattedDuration(event.elapsed));
        let text = match (&mut self.shape, &event.kind) {
            (Shape::Live(live, _), FleetEventKind::Fleet(FleetNews::FleetFinished { summary })) => {
                live.clear();
                format!("{}\n", printable(&summary.to_string()))
            }
            (Shape::Live(live, screen), _) => {
                screen.take(event);
                if screen.is_lasting(event) {
                    live.print_above(&line(), screen.lines());
                }
                return Ok(());
            }
            (Shape::Lines, _) => format!("{}\n", printable(&line())),
            (Shape::Json, _) => json_line(event)?,
            (Shape::Yaml, _) => format!("---\n{}", yaml(event)?),
        };
        self.stdout.print(&text).map_err(|error| Failure::output(&error))
    }
}
