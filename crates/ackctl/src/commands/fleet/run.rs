//! `fleet run`: many clusters, upgraded in waves.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ack_upgrade::fleet::{
    FleetCheckpoint, FleetEnd, FleetFolder, FleetMember, FleetRun, FleetRunOptions, FleetStore as _, FleetSummary,
    MemberProgress,
};
use ack_upgrade::{CheckpointLock, PlanOptions, RunOptions, Selection, Target, WatchOptions};

use crate::arguments::{Along, FleetRunArguments, OnInterrupt, OutputFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fleet_report::{FleetReport, Followed, Shown};
use crate::output::{grid, json, yaml};
use crate::record::{Fact, Subject};
use crate::session::Session;

/// How many clusters that were not upgraded are named in the end.
const MOST_FAILURES: usize = 10;

pub(super) async fn run(arguments: &FleetRunArguments, session: &mut Session) -> Result<Exit, Failure> {
    let plan = plan_options(arguments)?;
    // Whoever only looks makes no folder.
    let folder = arguments.checkpoint.as_ref().filter(|path| !arguments.dry_run || path.exists());
    let keeper = folder.map(|path| Keeper::open(path, arguments.dry_run)).transpose()?;
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
        Followed::Ended(summary) => {
            tell_failures(&run.checkpoint(), arguments, session);
            if summary.end == FleetEnd::TimeLimit {
                session.note("what is under way goes on");
                session.note(how_to_go_on(arguments));
            }
            Ok(exit_of(&summary))
        }
        Followed::Interrupted => {
            session.record(&Fact::interrupted(OnInterrupt::Leave));
            session.note("interrupted; what is under way goes on, and nothing new is started");
            session.note(how_to_go_on(arguments));
            Err(Failure::silent(Exit::Interrupted))
        }
    }
}

fn how_to_go_on(arguments: &FleetRunArguments) -> &'static str {
    match arguments.checkpoint {
        Some(_) => "run the same command again to go on",
        None => "run the same command again to join it, and to plan the other clusters anew",
    }
}

/// Which clusters were not upgraded, and how to go on. They have been told of before, but maybe hours ago.
fn tell_failures(checkpoint: &FleetCheckpoint, arguments: &FleetRunArguments, session: &Session) {
    let failures = || checkpoint.members().filter(|member| member.progress.is_failure());
    let count = failures().count();
    if count == 0 {
        return;
    }
    session.note("not upgraded:");
    for member in failures().take(MOST_FAILURES) {
        let (MemberProgress::Failed { reason } | MemberProgress::Halted { reason }) = &member.progress else {
            continue;
        };
        session.note(&format!("  {}/{}/{}: {reason}", member.account, member.region, member.cluster_id));
    }
    if count > MOST_FAILURES {
        session.note(&format!("  and {} more", count - MOST_FAILURES));
    }
    let is_halted = |member: &FleetMember| matches!(member.progress, MemberProgress::Halted { .. });
    session.note(match arguments.checkpoint {
        Some(_) if failures().all(is_halted) => "once the causes are mended, the same command takes them up again",
        Some(_) => "once the causes are mended, the same command with --retry-failed begins them again",
        None => "once the causes are mended, the same command plans whatever is left anew",
    });
}

fn exit_of(summary: &FleetSummary) -> Exit {
    match summary.end {
        FleetEnd::CheckpointNotKept => Exit::Error,
        FleetEnd::TimeLimit => Exit::StillRunning,
        _ if summary.is_success() => Exit::Success,
        _ => Exit::Failed,
    }
}

/// The clusters in their waves, and those that are left alone.
fn waves_of(checkpoint: &FleetCheckpoint, session: &Session) -> Result<String, Failure> {
    let row = |wave: &str, member: &FleetMember| {
        let version = member.version.as_deref().unwrap_or("-");
        let cells = [wave, &member.account, &member.region, &member.cluster_id, version, state(&member.progress)];
        cells.map(str::to_owned)
    };
    let in_waves = checkpoint.waves.iter().enumerate().flat_map(|(number, wave)| {
        let name = match &wave.name {
            Some(name) => format!("{} ({name})", number + 1),
            None => (number + 1).to_string(),
        };
        wave.clusters.iter().map(move |member| row(&name, member))
    });
    let rows = in_waves.chain(checkpoint.left_alone.iter().map(|member| row("-", member)));
    match session.output {
        OutputFormat::Table => {
            let header = ["wave", "account", "region", "cluster", "version", "state"];
            let mut text = grid(header, rows, session.stdout.width());
            for (number, why) in [
                (checkpoint.left_out, "in no wave: have the last one take the `rest`"),
                (count_of(checkpoint, |progress| *progress == MemberProgress::UpToDate), "up to date: left alone"),
                (
                    count_of(checkpoint, |progress| matches!(progress, MemberProgress::Newer { .. })),
                    "newer than the target: left alone",
                ),
            ] {
                match number {
                    0 => {}
                    1 => text.push_str(&format!("1 cluster is {why}\n")),
                    _ => text.push_str(&format!("{number} clusters are {why}\n")),
                }
            }
            Ok(text)
        }
        OutputFormat::Json => json(checkpoint),
        OutputFormat::Yaml => yaml(checkpoint),
    }
}

fn count_of(checkpoint: &FleetCheckpoint, fits: fn(&MemberProgress) -> bool) -> usize {
    checkpoint.members().chain(&checkpoint.left_alone).filter(|member| fits(&member.progress)).count()
}

/// How far a cluster has come, in a word or two.
fn state(progress: &MemberProgress) -> &'static str {
    match progress {
        MemberProgress::Waiting => "waiting",
        MemberProgress::UnderWay => "under way",
        MemberProgress::Succeeded => "succeeded",
        MemberProgress::UpToDate => "up to date",
        MemberProgress::Newer { .. } => "newer",
        MemberProgress::Failed { .. } => "failed",
        MemberProgress::Halted { .. } => "halted",
        _ => "-",
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
        let folder = FleetFolder::new(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => Failure::usage(format!(
                "--checkpoint {} is a file, or below one: name a folder, which is made if there is none",
                path.display()
            )),
            _ => unusable(path, &error),
        })?;
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
