//! `upgrade status`: one look.

use crate::arguments::{OutputFormat, StatusArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{json, status_table, yaml};
use crate::session::Session;

pub(crate) async fn run(arguments: &StatusArguments, session: &mut Session) -> Result<Exit, Failure> {
    let handle = session.handle(&arguments.target)?;
    let upgrades = session.connect_for(&handle).await?;
    let status = session.unless_interrupted(upgrades.status(handle), None).await??;
    let text = match session.output {
        OutputFormat::Table => status_table(&status, session.stdout.width()),
        OutputFormat::Json => json(&status)?,
        OutputFormat::Yaml => yaml(&status)?,
    };
    session.print(&text)?;
    Ok(Exit::Success)
}
