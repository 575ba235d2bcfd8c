//! `auth explain`: where keys come from.

use ack_auth::{SourceOutcome, SourceReport};
use serde::Serialize;

use crate::arguments::OutputFormat;
use crate::connection::{NO_CREDENTIALS, Region};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{columns, json, yaml};
use crate::session::Session;

/// What was found, for programs.
#[derive(Serialize)]
struct Findings<'a> {
    /// The profile asked for by name, by the option or a variable.
    profile: Option<String>,
    region: Option<Region>,
    sources: &'a [SourceReport],
}

pub(crate) async fn explain(session: &mut Session) -> Result<Exit, Failure> {
    let credentials = session.credentials()?;
    let sources = session.unless_interrupted(credentials.explain(), None).await?;
    // A file that cannot be read is told of among the sources.
    let region = session.region(&credentials).unwrap_or(None);
    let findings = Findings { profile: session.profile(), region, sources: &sources };
    let text = match session.output {
        OutputFormat::Table => table(&findings, session.stdout.width()),
        OutputFormat::Json => json(&findings)?,
        OutputFormat::Yaml => yaml(&findings)?,
    };
    session.print(&text)?;
    if sources.iter().any(|report| report.outcome() == SourceOutcome::Used) {
        return Ok(Exit::Success);
    }
    let broken = sources.iter().find(|report| report.outcome() == SourceOutcome::Broken);
    Err(Failure::usage(broken.map_or_else(
        || NO_CREDENTIALS.to_owned(),
        |report| {
            format!(
                "the search for credentials ends at the {}, and no other source is asked in its stead: mend what it \
                 says, or take its configuration away",
                report.source()
            )
        },
    )))
}

fn table(findings: &Findings<'_>, width: Option<u16>) -> String {
    let row = |report: &SourceReport| [report.source().to_owned(), report.outcome().to_string(), detail(report)];
    let sources: Vec<_> = findings.sources.iter().map(row).collect();
    let mut text = columns(&sources, width);
    if let Some(Region { id, source }) = &findings.region {
        text.push('\n');
        text.push_str(&columns(&[["region".to_owned(), format!("{id}, from {source}")]], width));
    }
    text
}

fn detail(report: &SourceReport) -> String {
    let parts = [
        report.reason().map(str::to_owned),
        report.access_key_id().map(|id| format!("AccessKey id {id}")),
        report.provider().map(|provider| format!("provider {provider}")),
        report
            .expiration()
            .and_then(|expiration| ack_auth::format_date(expiration).ok())
            .map(|at| format!("expires {at}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
