//! What is shown while a fleet is followed or upgraded: a live display, or an account of each event.

use std::pin::pin;
use std::time::Duration;

use ack_upgrade::fleet::{FleetCheckpoint, FleetEvent, FleetRun, FleetSummary, FleetView, FleetWatch};
use indicatif::FormattedDuration;

use crate::arguments::OutputFormat;
use crate::context::Stream;
use crate::failure::Failure;
use crate::fleet_run_screen::FleetRunScreen;
use crate::fleet_screen::FleetScreen;
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

/// A live display of a fleet on a terminal.
pub(crate) trait Screen {
    /// Shows the fleet as it is now.
    fn draw(&self);

    /// Takes an event into account. What is worth a look stays above the display. The end takes it off the screen, and is
    /// given back to be printed.
    fn show(&self, event: &FleetEvent) -> Option<String>;
}

enum Shape {
    Live(Box<dyn Screen>),
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
                let (stderr, colours) = (session.stderr.clone(), session.stderr_colours);
                Shape::Live(match shown {
                    Shown::Watch(view) => Box::new(FleetScreen::new(view, stderr, colours)),
                    Shown::Run { checkpoint, allowed } => {
                        Box::new(FleetRunScreen::new(checkpoint, allowed, stderr, colours))
                    }
                })
            }
            OutputFormat::Table => Shape::Lines,
        };
        Self { stdout: session.stdout.clone(), shape }
    }

    /// Tells everything to the end.
    pub(crate) async fn follow(&self, session: &mut Session, told: &mut impl Told) -> Result<Followed, Failure> {
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
                        _ = ticks.tick(), if matches!(self.shape, Shape::Live(_)) => self.tick(),
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

    fn tick(&self) {
        if let Shape::Live(screen) = &self.shape {
            screen.draw();
        }
    }

    fn tell(&self, event: &FleetEvent) -> Result<(), Failure> {
        let text = match &self.shape {
            Shape::Live(screen) => match screen.show(event) {
                Some(end) => format!("{}\n", printable(&end)),
                None => return Ok(()),
            },
            Shape::Lines => format!("{}  {}\n", FormattedDuration(event.elapsed), printable(&event.to_string())),
            Shape::Json => json_line(event)?,
            Shape::Yaml => format!("---\n{}", yaml(event)?),
        };
        self.stdout.print(&text).map_err(|error| Failure::output(&error))
    }
}
