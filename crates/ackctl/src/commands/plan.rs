//! `upgrade plan`: what it takes to bring a cluster to a version.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use ack_upgrade::{Plan, Severity};

use crate::arguments::{OutputFormat, PlanArguments};
use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{grid, printable, table, yaml};
use crate::session::Session;
use crate::whole_file;

pub(crate) async fn run(arguments: &PlanArguments, session: &mut Session) -> Result<Exit, Failure> {
    let options = arguments.what.options()?.run_checks(arguments.run_checks);
    let upgrades = session.connect().await?;
    let planning = Box::pin(upgrades.plan(&arguments.what.cluster_id, &options));
    let plan = session.unless_interrupted(planning, None).await??;
    if let Some(file) = &arguments.plan_out {
        whole_file::write(Path::new(file), plan.to_json().as_bytes())
            .map_err(|error| Failure::error(format!("--plan-out: {file} cannot be written: {error}")))?;
    }
    let text = match session.output {
        OutputFormat::Table => for_people(&plan, arguments, session),
        OutputFormat::Json => plan.to_json(),
        OutputFormat::Yaml => yaml(&plan)?,
    };
    session.print(&text)?;
    refuse_blocked(&plan)?;
    Ok(Exit::Success)
}

/// A plan that something stands in the way of is not carried out.
pub(crate) fn refuse_blocked(plan: &Plan) -> Result<(), Failure> {
    let details: Vec<String> = plan.blocking().map(|finding| format!("{finding}")).collect();
    if details.is_empty() {
        return Ok(());
    }
    let message = format!(
        "this stands in the way of bringing cluster {} to {}; mend it and make a new plan:",
        plan.cluster.cluster_id, plan.target_version
    );
    Err(Failure { details, ..Failure::new(Exit::Refused, message) })
}

fn for_people(plan: &Plan, arguments: &PlanArguments, session: &Session) -> String {
    let width = session.stdout.width();
    let cluster = match &plan.cluster.name {
        Some(name) => format!("{} ({name})", plan.cluster.cluster_id),
        None => plan.cluster.cluster_id.clone(),
    };
    let all: Duration = plan.steps.iter().map(|step| step.expected).sum();
    let steps = match plan.steps.len() {
        0 => "none: there is nothing to do".to_owned(),
        count => format!("{count}, expected to take {}", duration::text(all)),
    };
    let rows = [
        ("cluster", Some(Cow::from(cluster))),
        ("version", Some(plan.cluster.version.as_str().into())),
        ("target version", Some(plan.target_version.as_str().into())),
        ("window", plan.window.as_ref().map(|window| window.to_string().into())),
        ("checks", plan.checked.then(|| "run".into())),
        ("steps", Some(steps.into())),
    ];
    let mut text = table(rows, width);
    if !plan.is_empty() {
        let steps = plan.steps.iter().map(|step| {
            let stage = step.stage.to_string();
            [stage, step.to_string(), duration::text(step.expected), step.request.operation.clone()]
        });
        text.push('\n');
        text.push_str(&grid(["stage", "step", "expected", "request"], steps, width));
    }
    let warnings: Vec<String> = plan
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Blocking)
        .map(|finding| format!("  {}\n", printable(&finding.to_string())))
        .collect();
    if !warnings.is_empty() {
        text.extend(["\nFindings:\n", &warnings.concat()]);
    }
    if !plan.is_empty() && plan.blocking().next().is_none() {
        // The command is not wrapped, so that it can be copied.
        let command = match &arguments.plan_out {
            Some(file) => session.command_of("apply", vec![file.clone()]),
            None => session.command_of("run", arguments.what.words()),
        };
        text.push_str(&format!("\nCarry it out with:\n  {command}\n"));
    }
    text
}
