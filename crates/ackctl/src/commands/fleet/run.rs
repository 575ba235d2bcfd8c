//! `fleet run`: many clusters, upgraded in waves.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ack_upgrade::fleet::{
    FleetCheckpoint, FleetEnd, FleetFolder, FleetRun, FleetRunOptions, FleetStore as _, FleetSummary,
};
use ack_upgrade::{CheckpointLock, PlanOptions, RunOptions, Selection, Target, WatchOptions};

use crate::arguments::{Along, FleetRunArguments, OnInterrupt, OutputFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fleet_report::{FleetReport, Followed, Shown};
use crate::output::{grid, json, yaml};
use crate::record::{Fact, Subject};
use crate::session::Session;

pub(super) async fn run(arguments: &FleetRunArguments, session: &mut Session) -> Result<Exit, Failure> {
    let plan = plan_options(arguments)?;
    let keeper = arguments.checkpoint.as_ref().map(|path| Keeper::open(path, arguments.dry_run)).transpose()?;
    let (folder, kept) = keeper.as_ref().map_or((None, None), |own| (Some(own.folder.clone()), own.found.clone()));
    if !arguments.dry_run {
        let target = match &arguments.to {
            Target::Version(version) => Some(version.as_str()),
            _ => None,
        };
        let subject = Subject { target_version: target, ..Subject::default() };
        session.begin_record(&arguments.record, "fleet run", &subject)?;
    }
    let fleet = session.fleet(&arguments.fleet).await?;
    let options = options(arguments);
    let options = match (session.fleet_checkpoints(folder.as_ref()), folder) {
        (Some(store), _) => options.checkpoints(store),
        (None, Some(folder)) => options.checkpoints(folder),
        (None, None) => options,
    };
    let mut run = match kept {
        Some(checkpoint) => {
            let run = fleet.continue_run(checkpoint, plan, options)?;
            // Whoever calls again after a kill just before the end wants to know how it ended.
            session.note(if run.checkpoint().finished {
                "the run of this --checkpoint has ended: give another folder for a new run, or --retry-failed to begin clusters \
                 again that have failed"
            } else {
                "going on with the run of this --checkpoint; its clusters and waves are those of before"
            });
            run
        }
        None => session.unless_interrupted(Box::pin(fleet.run(plan, options)), None).await??,
    };
    let checkpoint = run.checkpoint();
    if arguments.dry_run {
        session.print(&waves_of(&checkpoint, session)?)?;
        return Ok(Exit::Success);
    }
    let allowed = arguments.failure_budget.allowed(checkpoint.members().count());
    session.record(&Fact::fleet_planned(&checkpoint, arguments, allowed));
    follow(&mut run, checkpoint, allowed, arguments, session).await
}

async fn follow(
    run: &mut FleetRun,
    checkpoint: FleetCheckpoint,
    allowed: usize,
    arguments: &FleetRunArguments,
    session: &mut Session,
) -> Result<Exit, Failure> {
    let report = FleetReport::new(Shown::Run { checkpoint, allowed }, session);
    match report.follow(session, run).await? {
        Followed::Ended(summary) => Ok(exit_of(&summary)),
        Followed::Interrupted => {
            session.record(&Fact::interrupted(OnInterrupt::Leave));
            session.note("interrupted; what is under way goes on, and nothing new is started");
            if arguments.checkpoint.is_some() {
                session.note("run the same command again to go on");
            }
            Err(Failure::silent(Exit::Interrupted))
        }
    }
}

fn exit_of(summary: &FleetSummary) -> Exit {
    match summary.end {
        FleetEnd::CheckpointNotKept => Exit::Error,
        FleetEnd::TimeLimit => Exit::StillRunning,
        _ if summary.is_success() => Exit::Success,
        _ => Exit::Failed,
    }
}

/// The clusters in their waves.
fn waves_of(checkpoint: &FleetCheckpoint, session: &Session) -> Result<String, Failure> {
    let rows = checkpoint.waves.iter().enumerate().flat_map(|(number, wave)| {
        let name = match &wave.name {
            Some(name) => format!("{} ({name})", number + 1),
            None => (number + 1).to_string(),
        };
        wave.clusters
            .iter()
            .map(move |member| [name.clone(), member.account.clone(), member.region.clone(), member.cluster_id.clone()])
    });
    match session.output {
        OutputFormat::Table => {
            let mut text = grid(["wave", "account", "region", "cluster"], rows, session.stdout.width());
            if checkpoint.left_out > 0 {
                text.push_str(&format!("{} clusters are in no wave\n", checkpoint.left_out));
            }
            Ok(text)
        }
        OutputFormat::Json => json(checkpoint),
        OutputFormat::Yaml => yaml(checkpoint),
    }
}

fn options(arguments: &FleetRunArguments) -> FleetRunOptions {
    FleetRunOptions::default()
        .waves(arguments.waves.clone())
        .first(arguments.first.iter().cloned())
        .failure_budget(arguments.failure_budget)
        .parallelism(usize::from(arguments.parallelism))
        .soak(arguments.soak.unwrap_or_default())
        .retry_failed(arguments.retry_failed)
        .run(run_options(arguments))
        .time_limit(Option::<Duration>::from(arguments.time_limit))
}

/// How each cluster is upgraded.
fn run_options(arguments: &FleetRunArguments) -> RunOptions {
    let mut options = RunOptions::default().pause_at_window_end(arguments.pause_at_window_end);
    if let Some(time) = arguments.settle {
        options = options.settle(time);
    }
    match arguments.interval {
        Some(interval) => options.watch(WatchOptions::default().interval(interval)),
        None => options,
    }
}

fn plan_options(arguments: &FleetRunArguments) -> Result<PlanOptions, Failure> {
    let options = PlanOptions::default().target(arguments.to.clone());
    let options = match arguments.with {
        Along::All => options,
        Along::NodePools => options.addons(Selection::None),
        Along::Nothing => options.node_pools(Selection::None).addons(Selection::None),
    };
    arguments.window.apply(options)
}

/// A folder of checkpoints that nobody else works by.
struct Keeper {
    folder: FleetFolder,
    found: Option<FleetCheckpoint>,
    // Held until the run has ended.
    _lock: Option<CheckpointLock>,
}

impl Keeper {
    /// Whoever only looks locks nothing.
    fn open(path: &PathBuf, looks_only: bool) -> Result<Self, Failure> {
        let folder = FleetFolder::new(path).map_err(|error| unusable(path, &error))?;
        let lock = (!looks_only).then(|| folder.lock()).transpose();
        let lock = lock.map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => Failure::new(
                Exit::Refused,
                format!("--checkpoint {} is in use: {error}; wait for its end, or interrupt it first", path.display()),
            ),
            _ => unusable(path, &error),
        })?;
        let text = folder.of_fleet().load().map_err(|error| unusable(path, &error))?;
        let found = text.as_deref().map(FleetCheckpoint::from_json).transpose()?;
        Ok(Self { folder, found, _lock: lock })
    }
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("--checkpoint {} cannot be used: {error}", path.display()))
}
