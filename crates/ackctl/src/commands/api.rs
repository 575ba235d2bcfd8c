//! `api`: any operation by its name.

mod fields;
mod help;
mod input;
mod list;
mod words;

use std::collections::BTreeMap;

use ack_client::{Client, Drift, Input, Preview};
use ack_models::catalogue::{Catalogue, OperationEntry};
use serde::Serialize;
use serde_json::Value;

use crate::arguments::{ApiArguments, OutputFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{help_width, json, yaml};
use crate::session::{Session, colours};

pub(crate) async fn run(arguments: &ApiArguments, session: &mut Session) -> Result<Exit, Failure> {
    let catalogue = Catalogue::get();
    let Some(name) = &arguments.operation else {
        let filter = arguments.list.clone().flatten().unwrap_or_default();
        session.print(&list::text(catalogue, &filter, session.output, session.stdout.width())?)?;
        return Ok(Exit::Success);
    };
    let (id, operation) = catalogue.operation(name).ok_or_else(|| unknown(catalogue, name))?;
    if arguments.help {
        let styled = colours(&session.stdout, session.environment(), session.global.no_color);
        session.print(&help::text(catalogue, id, operation, help_width(&session.stdout), styled)?)?;
        return Ok(Exit::Success);
    }
    if arguments.example {
        session.print(&json(&input::example(catalogue, operation))?)?;
        return Ok(Exit::Success);
    }
    let input = input::read(arguments, catalogue, (id, operation), &mut session.stdin)?;
    if let Some(instead) = &operation.deprecated {
        session.note(&format!("note: {id} is deprecated: {instead}"));
    }
    let client = session.client().await?;
    if arguments.dry_run {
        let preview = client.preview(id, &Input::new(input)).await?;
        session.print(&request_text(&preview, session.output)?)?;
        return Ok(Exit::Success);
    }
    call(&client, (id, operation), input, arguments.report_drift, session).await
}

async fn call(
    client: &Client,
    (id, operation): (&str, &OperationEntry),
    input: Value,
    report_drift: bool,
    session: &mut Session,
) -> Result<Exit, Failure> {
    let changes = operation.method != "GET";
    let interrupted = changes.then(|| format!("interrupted; whether {id} was carried out is not known"));
    let input = Input::new(input);
    let answer = session.unless_interrupted(client.call(id, &input), interrupted).await??;
    // The drift is told even if standard output turns out to be closed.
    if report_drift {
        drift_lines(answer.drift()).iter().for_each(|line| session.note(line));
    }
    session.print(&answer_text(operation, &answer, session.output)?)?;
    Ok(Exit::Success)
}

/// The decoded answer; nothing for an operation that has none.
fn answer_text(operation: &OperationEntry, answer: &Value, output: OutputFormat) -> Result<String, Failure> {
    match output {
        _ if operation.answer.is_none() => Ok(String::new()),
        OutputFormat::Yaml => yaml(answer),
        // Answers nest too deep for a table.
        OutputFormat::Table | OutputFormat::Json => json(answer),
    }
}

/// A request for programs.
#[derive(Serialize)]
struct RequestEntry<'a> {
    method: &'a str,
    url: &'a str,
    headers: BTreeMap<&'a str, &'a str>,
    body: Option<&'a str>,
}

/// A request as HTTP writes it, or for programs.
fn request_text(preview: &Preview, output: OutputFormat) -> Result<String, Failure> {
    let for_programs = || RequestEntry {
        method: &preview.method,
        url: &preview.url,
        headers: preview.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        body: preview.body.as_deref(),
    };
    match output {
        OutputFormat::Json => json(&for_programs()),
        OutputFormat::Yaml => yaml(&for_programs()),
        OutputFormat::Table => {
            let mut text = format!("{} {} HTTP/1.1\n", preview.method, preview.url);
            for (name, value) in &preview.headers {
                text.extend([name, ": ", value, "\n"]);
            }
            if let Some(body) = &preview.body {
                text.extend(["\n", body, "\n"]);
            }
            Ok(text)
        }
    }
}

fn drift_lines(drift: &Drift) -> Vec<String> {
    if drift.is_empty() {
        return vec!["drift: the answer holds no fields and no enum values beyond the API reference".to_owned()];
    }
    let mut lines: Vec<String> =
        drift.unknown_fields().iter().map(|path| format!("drift: unknown field {path}")).collect();
    let values = drift.unknown_values().iter();
    lines.extend(values.map(|unknown| format!("drift: unknown value {}: {:?}", unknown.path, unknown.value)));
    let seen = drift.unknown_field_count() + drift.unknown_value_count();
    if seen > lines.len() {
        lines.push(format!("drift: with repeats and what is not named here, it was seen {seen} times"));
    }
    lines
}

fn unknown(catalogue: &Catalogue, name: &str) -> Failure {
    let hint = match catalogue.nearest_operation(name) {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => "`ackctl api --list` lists all".to_owned(),
    };
    let name: String = name.chars().take(80).collect();
    Failure::usage(format!("the API has no operation {name:?}: {hint}"))
}
