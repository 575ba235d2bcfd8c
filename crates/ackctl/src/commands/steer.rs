//! `upgrade pause`, `upgrade resume` and `upgrade cancel`.

use std::borrow::Cow;

use ack_upgrade::{Action, ControlOptions, Controlled};

use crate::arguments::{OutputFormat, SteerArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{json, table, yaml};
use crate::record::{Fact, Subject};
use crate::session::Session;

pub(crate) async fn run(action: Action, arguments: &SteerArguments, session: &mut Session) -> Result<Exit, Failure> {
    let handle = session.handle(&arguments.target)?;
    let command = match action {
        Action::Resume => "upgrade resume",
        Action::Cancel => "upgrade cancel",
        _ => "upgrade pause",
    };
    session.begin_record(&arguments.record, command, &Subject::from(&handle))?;
    let upgrades = session.connect_for(&handle).await?;
    let options = ControlOptions::default().time_limit(arguments.time_limit);
    let interrupted = format!("interrupted; whether the request to {action} {handle} takes effect is not known");
    let steering = async {
        match action {
            Action::Resume => upgrades.resume(handle, &options).await,
            Action::Cancel => upgrades.cancel(handle, &options).await,
            _ => upgrades.pause(handle, &options).await,
        }
    };
    let done = session.unless_interrupted(Box::pin(steering), Some(interrupted)).await??;
    session.record(&Fact::from(&done));
    let text = match session.output {
        OutputFormat::Table => for_people(&done, session),
        OutputFormat::Json => json(&done)?,
        OutputFormat::Yaml => yaml(&done)?,
    };
    session.print(&text)?;
    Ok(Exit::Success)
}

fn for_people(done: &Controlled, session: &Session) -> String {
    let status = &done.status;
    let state = if done.already { format!("{} already", status.phase) } else { status.phase.to_string() };
    let rows = [
        ("cluster", Some(Cow::from(status.cluster_id.as_str()))),
        ("upgrade of", Some(status.upgrade.to_string().into())),
        ("phase", Some(state.into())),
        ("task", status.task_id.as_deref().map(Cow::from)),
        ("request id", done.request_id.as_deref().map(Cow::from)),
    ];
    table(rows, session.stdout.width())
}
