//! `upgrade start`: starting an upgrade at most once.

use std::borrow::Cow;

use ack_auth::Clock as _;
use ack_upgrade::{Started, UpgradeHandle, UpgradeKind};
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::{OutputFormat, StartArguments};
use crate::commands::watch;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::handle_file;
use crate::output::{json_line, table, yaml};
use crate::record::{Fact, Subject};
use crate::report::Telling;
use crate::session::Session;

pub(crate) async fn run(arguments: &StartArguments, session: &mut Session) -> Result<Exit, Failure> {
    if !arguments.watch
        && let Some(option) = arguments.follow.words().first()
    {
        return Err(Failure::usage(format!("{option} says how to follow the upgrade: add --watch")));
    }
    let file = arguments.handle.as_deref();
    file.map_or(Ok(()), handle_file::check)?;
    let wanted = UpgradeHandle::new(&arguments.cluster_id).with_target_version(&arguments.to);
    session.begin_record(&arguments.record, "upgrade start", &Subject::from(&wanted))?;
    let upgrades = session.connect().await?;
    let interrupted = format!(
        "interrupted; whether the upgrade of cluster {} was started is not known, so look at its status before \
         starting it again",
        arguments.cluster_id
    );
    let start = Box::pin(upgrades.start(&arguments.cluster_id, &arguments.to));
    let started = session.unless_interrupted(start, Some(interrupted)).await??;
    session.record(&Fact::from(&started));
    // What was started is said even where its handle cannot be kept.
    let kept = file.map_or(Ok(()), |file| handle_file::write(file, started.handle()));
    session.print(&announcement(&started, arguments, session)?)?;
    kept?;
    if !arguments.watch {
        return Ok(Exit::Success);
    }
    let telling = (Telling::All, file);
    watch::follow_to_the_end(&upgrades, started.handle(), &arguments.follow, telling, session).await
}

/// What there is to know of a start, for programs: an event as the schema has it, for those that follow it.
#[derive(Serialize)]
struct Announcement<'a> {
    at: String,
    elapsed_seconds: f64,
    cluster_id: &'a str,
    #[serde(flatten)]
    kind: &'a UpgradeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    /// Tells it from the events that follow.
    event: &'static str,
    joined: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_version: Option<&'a str>,
    handle: &'a UpgradeHandle,
    follow: &'a str,
}

fn announcement(started: &Started, arguments: &StartArguments, session: &Session) -> Result<String, Failure> {
    let (handle, goes_on) = (started.handle(), arguments.watch);
    let follow = session.command("watch", handle, arguments.handle.as_deref(), arguments.follow.words());
    let announcement = Announcement {
        // A clock outside the years -9999 to 9999 tells no time.
        at: Timestamp::try_from(session.clock.now()).map_or_else(|_| String::new(), |at| format!("{at:.3}")),
        elapsed_seconds: 0.0,
        cluster_id: &handle.cluster_id,
        kind: &handle.kind,
        task_id: handle.task_id.as_deref(),
        request_id: started.request_id(),
        event: "start",
        joined: started.is_joined(),
        target_version: handle.target_version.as_deref(),
        handle,
        follow: &follow,
    };
    match session.output {
        // Events may follow, one a line or document.
        OutputFormat::Json => json_line(&announcement),
        OutputFormat::Yaml if goes_on => Ok(format!("---\n{}", yaml(&announcement)?)),
        OutputFormat::Yaml => yaml(&announcement),
        OutputFormat::Table => {
            let what = if started.is_joined() { "joined: the upgrade was running already" } else { "started" };
            let rows = [
                ("cluster", Some(Cow::from(announcement.cluster_id))),
                ("upgrade", Some(what.into())),
                ("target version", announcement.target_version.map(Cow::from)),
                ("task", announcement.task_id.map(Cow::from)),
                ("request id", announcement.request_id.map(Cow::from)),
            ];
            let table = table(rows, session.stdout.width());
            // The command is not wrapped, so that it can be copied.
            Ok(if goes_on { table } else { format!("{table}\nFollow it with:\n  {follow}\n") })
        }
    }
}
