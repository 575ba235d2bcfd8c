//! What is shown while a fleet is followed or upgraded: a live display, or an account of each event.

use std::pin::pin;
use std::time::Duration;

use ack_upgrade::fleet::{FleetEvent, FleetRun, FleetSummary, FleetView, FleetWatch};
use indicatif::FormattedDuration;

use crate::arguments::OutputFormat;
use crate::context::Stream;
use crate::failure::Failure;
use crate::fleet_screen::FleetScreen;
use crate::output::{json_line, printable, yaml};
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

enum Shape {
    Live(Box<FleetScreen>),
    Lines,
    Json,
    Yaml,
}

impl FleetReport {
    /// With a view of the fleet, a terminal shows the upgrades that are going on instead of every event.
    pub(crate) fn new(view: Option<FleetView>, session: &Session) -> Self {
        let shape = match (session.output, view) {
            (OutputFormat::Json, _) => Shape::Json,
            (OutputFormat::Yaml, _) => Shape::Yaml,
            (OutputFormat::Table, Some(view)) if is_live(session) => {
                Shape::Live(Box::new(FleetScreen::new(view, session.stderr.clone(), session.stderr_colours)))
            }
            (OutputFormat::Table, _) => Shape::Lines,
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
                Some(event) => self.tell(&event)?,
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
