//! What is shown while a plan is carried out.

use ack_upgrade::{Outcome, Run, RunEvent, RunEventKind, RunNews};
use indicatif::FormattedDuration;

use super::{Followed, Shape, Telling};
use crate::failure::Failure;
use crate::output::{json_line, printable, yaml};
use crate::progress::Progress;
use crate::record::Fact;
use crate::session::Session;

/// Carries a plan out and shows what happens.
pub(crate) async fn follow_run(run: &mut Run, session: &mut Session) -> Result<Followed, Failure> {
    let shape = Shape::of(Telling::All, session);
    let mut ticks = tokio::time::interval(Progress::TICK);
    loop {
        let Some(event) = shape.unless_interrupted(run.next(), &mut ticks, session).await else {
            return Ok(Followed::Interrupted);
        };
        let Some(event) = event else { break };
        session.record(&Fact::from(&event));
        let text = match (&shape, &event.kind) {
            (Shape::Live(progress), RunEventKind::Run(RunNews::Finished { outcome })) => {
                progress.clear();
                summary(&event, outcome)
            }
            (Shape::Live(progress), _) => {
                progress.show_run(&event, &line(&event), &run.under_way());
                continue;
            }
            (Shape::Json, _) => json_line(&event)?,
            (Shape::Yaml, _) => format!("---\n{}", yaml(&event)?),
            (Shape::Lines | Shape::Summary, _) => format!("{}\n", printable(&line(&event))),
        };
        session.print(&text)?;
    }
    let outcome = run.outcome().cloned();
    Ok(Followed::Ended(outcome.unwrap_or(Outcome::Lost { reason: "the run ended without an outcome".to_owned() })))
}

/// An event in one line.
fn line(event: &RunEvent) -> String {
    let step = event.step.as_ref().map(|step| format!("{step}: ")).unwrap_or_default();
    format!("{}  {step}{}", FormattedDuration(event.elapsed), event.kind)
}

/// The end in one sentence.
fn summary(event: &RunEvent, outcome: &Outcome) -> String {
    let end = outcome.to_string();
    let end = end.trim_end_matches('.');
    let sentence =
        format!("The run on cluster {}: {end}. It took {}.", event.cluster_id, FormattedDuration(event.elapsed));
    format!("{}\n", printable(&sentence))
}
