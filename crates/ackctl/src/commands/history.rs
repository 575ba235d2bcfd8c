//! `upgrade history`: the upgrades that a cluster has been through.

use ack_upgrade::PastUpgrade;

use crate::arguments::{HistoryArguments, OutputFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{grid, json, yaml};
use crate::session::Session;

pub(crate) async fn run(arguments: &HistoryArguments, session: &mut Session) -> Result<Exit, Failure> {
    let upgrades = session.connect().await?;
    let history = upgrades.history(&arguments.cluster_id, arguments.limit.into());
    let past = session.unless_interrupted(history, None).await??;
    let text = match session.output {
        OutputFormat::Table if past.is_empty() => {
            session.note(&format!("no upgrade of cluster {} is remembered", arguments.cluster_id));
            String::new()
        }
        OutputFormat::Table => grid(
            ["started", "upgrade of", "to", "ended", "task", "error"],
            past.iter().map(row),
            session.stdout.width(),
        ),
        OutputFormat::Json => json(&past)?,
        OutputFormat::Yaml => yaml(&past)?,
    };
    session.print(&text)?;
    Ok(Exit::Success)
}

fn row(past: &PastUpgrade) -> [String; 6] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        text(&past.started_at),
        past.upgrade.to_string(),
        text(&past.target_version),
        past.phase.to_string(),
        past.task_id.clone(),
        text(&past.error_message),
    ]
}
