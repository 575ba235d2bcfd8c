//! `fleet status`, `fleet watch` and `fleet run`: many clusters at once.

use ack_upgrade::fleet::{
    ClusterStatus, FleetCheckpoint, FleetEnd, FleetFolder, FleetRun, FleetRunOptions, FleetStore as _, FleetSummary,
    FleetWatchOptions, Looks,
};
use ack_upgrade::{PlanOptions, RunOptions, Selection, WatchOptions};

use crate::arguments::{
    Along, FleetCommand, FleetFollowArguments, FleetRunArguments, FleetStatusArguments, FleetWatchArguments,
    OutputFormat,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fleet_report::{FleetReport, Followed};
use crate::output::{grid, json, yaml};
use crate::session::Session;

pub(crate) async fn run(command: &FleetCommand, session: &mut Session) -> Result<Exit, Failure> {
    match command {
        FleetCommand::Status(arguments) => status(arguments, session).await,
        FleetCommand::Watch(arguments) => watch(arguments, session).await,
        FleetCommand::Run(arguments) => upgrade(arguments, session).await,
    }
}

async fn status(arguments: &FleetStatusArguments, session: &mut Session) -> Result<Exit, Failure> {
    let fleet = session.fleet(&arguments.fleet).await?;
    let looks = if arguments.every_cluster { Looks::Every } else { Looks::Changed };
    let status = session.unless_interrupted(Box::pin(fleet.status(looks)), None).await?;
    for problem in &status.problems {
        session.note(&problem.to_string());
    }
    let text = match session.output {
        OutputFormat::Table if status.clusters.is_empty() => "no clusters\n".to_owned(),
        OutputFormat::Table => table(&status.clusters, session.stdout.width()),
        OutputFormat::Json => json(&status)?,
        OutputFormat::Yaml => yaml(&status)?,
    };
    session.print(&text)?;
    Ok(if status.problems.is_empty() { Exit::Success } else { Exit::Error })
}

/// The clusters, one a line.
fn table(clusters: &[ClusterStatus], width: Option<u16>) -> String {
    let rows = clusters.iter().map(|cluster| {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let state = cluster.state.as_ref().map_or("-", |state| state.as_str()).to_owned();
        let (upgrade, progress) = match (&cluster.upgrade, cluster.phase) {
            (Some(upgrade), Some(phase)) => {
                let stage = upgrade.stage.as_ref().map(|stage| format!(", {stage}")).unwrap_or_default();
                let progress = upgrade.progress.map(|progress| progress.to_string());
                let target = upgrade.target_version.as_ref().map(|target| format!(" to {target}")).unwrap_or_default();
                (format!("{phase}{target}{stage}"), progress.unwrap_or_else(|| "-".to_owned()))
            }
            (_, Some(phase)) => (phase.to_string(), "-".to_owned()),
            (_, None) => ("-".to_owned(), "-".to_owned()),
        };
        [
            cluster.account.clone(),
            cluster.region.clone(),
            cluster.cluster_id.clone(),
            text(&cluster.name),
            text(&cluster.version),
            state,
            upgrade,
            progress,
        ]
    });
    grid(["account", "region", "cluster", "name", "version", "state", "upgrade", "progress"], rows, width)
}

async fn watch(arguments: &FleetWatchArguments, session: &mut Session) -> Result<Exit, Failure> {
    let fleet = session.fleet(&arguments.fleet).await?;
    let options = arguments.follow.options().until_at_rest(arguments.until_at_rest).time_limit(Option::<
        std::time::Duration,
    >::from(
        arguments.time_limit
    ));
    let mut watch = fleet.watch(options);
    let report = FleetReport::new(Some(watch.view()), session);
    match report.follow(session, &mut watch).await? {
        Followed::Ended(summary) => Ok(exit_of_watch(&summary)),
        Followed::Interrupted => {
            session.note("interrupted; upgrades go on");
            Err(Failure::silent(Exit::Interrupted))
        }
    }
}

fn exit_of_watch(summary: &FleetSummary) -> Exit {
    match summary.end {
        _ if summary.failed > 0 => Exit::Failed,
        FleetEnd::TimeLimit if summary.under_way > 0 => Exit::StillRunning,
        _ => Exit::Success,
    }
}

async fn upgrade(arguments: &FleetRunArguments, session: &mut Session) -> Result<Exit, Failure> {
    let plan = plan_options(arguments)?;
    let fleet = session.fleet(&arguments.fleet).await?;
    let options = FleetRunOptions::default()
        .waves(arguments.waves.clone())
        .first(arguments.first.iter().cloned())
        .failure_budget(arguments.failure_budget)
        .parallelism(usize::from(arguments.parallelism))
        .soak(arguments.soak.unwrap_or_default())
        .retry_failed(arguments.retry_failed)
        .run(run_options(arguments))
        .time_limit(Option::<std::time::Duration>::from(arguments.time_limit));
    // Held until the run has ended.
    let (options, kept, _lock) = match &arguments.checkpoint {
        Some(path) => {
            let wrong = |error: std::io::Error| {
                Failure::usage(format!("--checkpoint {} cannot be used: {error}", path.display()))
            };
            let folder = FleetFolder::new(path).map_err(wrong)?;
            let lock = folder.lock().map_err(|error| match error.kind() {
                std::io::ErrorKind::WouldBlock => Failure::new(
                    Exit::Refused,
                    format!(
                        "--checkpoint {} is in use: {error}; wait for its end, or interrupt it first",
                        path.display()
                    ),
                ),
                _ => wrong(error),
            })?;
            let kept = folder.of_fleet().load().map_err(wrong)?;
            (options.checkpoints(folder), kept, Some(lock))
        }
        None => (options, None, None),
    };
    let mut run = match kept.as_deref().map(FleetCheckpoint::from_json).transpose()? {
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
    if arguments.dry_run {
        session.print(&waves_of(&run, session)?)?;
        return Ok(Exit::Success);
    }
    let report = FleetReport::new(None, session);
    match report.follow(session, &mut run).await? {
        Followed::Ended(summary) => Ok(exit_of_run(&summary)),
        Followed::Interrupted => {
            session.note("interrupted; what is under way goes on, and nothing new is started");
            if arguments.checkpoint.is_some() {
                session.note("run the same command again to go on");
            }
            Err(Failure::silent(Exit::Interrupted))
        }
    }
}

fn exit_of_run(summary: &FleetSummary) -> Exit {
    match summary.end {
        FleetEnd::CheckpointNotKept => Exit::Error,
        FleetEnd::TimeLimit => Exit::StillRunning,
        _ if summary.is_success() => Exit::Success,
        _ => Exit::Failed,
    }
}

/// The clusters in their waves.
fn waves_of(run: &FleetRun, session: &Session) -> Result<String, Failure> {
    let checkpoint = run.checkpoint();
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
        OutputFormat::Json => json(&checkpoint),
        OutputFormat::Yaml => yaml(&checkpoint),
    }
}

/// How each cluster is upgraded.
fn run_options(arguments: &FleetRunArguments) -> RunOptions {
    let mut options = RunOptions::default();
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

impl FleetFollowArguments {
    pub(crate) fn options(&self) -> FleetWatchOptions {
        let looks = if self.every_cluster { Looks::Every } else { Looks::Changed };
        let mut options = FleetWatchOptions::default().looks(looks).sweep(self.sweep).idle(self.idle);
        if let Some(interval) = self.interval {
            options = options.interval(interval);
        }
        if let Some(time) = self.stall_after {
            options = options.stall_after(Option::<std::time::Duration>::from(time));
        }
        options
    }
}
