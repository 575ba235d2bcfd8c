//! `fleet status`, `fleet watch` and `fleet run`: many clusters at once.

mod run;

use std::collections::BTreeSet;

use ack_upgrade::fleet::{ClusterStatus, FleetEnd, FleetSummary, FleetWatchOptions, Looks, UnderWayStatus};

use crate::arguments::{FleetCommand, FleetFollowArguments, FleetStatusArguments, FleetWatchArguments, OutputFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fleet_report::{FleetReport, Followed, Shown};
use crate::output::{grid, json, yaml};
use crate::session::Session;

pub(crate) async fn run(command: &FleetCommand, session: &mut Session) -> Result<Exit, Failure> {
    match command {
        FleetCommand::Status(arguments) => status(arguments, session).await,
        FleetCommand::Watch(arguments) => watch(arguments, session).await,
        FleetCommand::Run(arguments) => run::run(arguments, session).await,
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
    let rows = clusters.iter().flat_map(|cluster| {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let state = cluster.state.as_ref().map_or("-", |state| state.as_str()).to_owned();
        let own = match (&cluster.upgrade, cluster.phase) {
            (Some(upgrade), _) => under_way(upgrade),
            (_, Some(phase)) => (phase.to_string(), "-".to_owned()),
            (_, None) => ("-".to_owned(), "-".to_owned()),
        };
        let parts = cluster.parts.iter().map(|part| {
            let (standing, progress) = under_way(part);
            (format!("{}: {standing}", part.kind), progress)
        });
        let place = [
            cluster.account.clone(),
            cluster.region.clone(),
            cluster.cluster_id.clone(),
            text(&cluster.name),
            text(&cluster.version),
            state,
        ];
        // A cluster has a line for each of its upgrades.
        let upgrades: Vec<(String, String)> = std::iter::once(own).chain(parts).collect();
        upgrades.into_iter().map(move |(upgrade, progress)| {
            let [account, region, cluster, name, version, state] = place.clone();
            [account, region, cluster, name, version, state, upgrade, progress]
        })
    });
    grid(["account", "region", "cluster", "name", "version", "state", "upgrade", "progress"], rows, width)
}

/// Where an upgrade stands, and how much of it is done.
fn under_way(upgrade: &UnderWayStatus) -> (String, String) {
    let phase = upgrade.phase.map_or_else(|| "-".to_owned(), |phase| phase.to_string());
    let stage = upgrade.stage.as_ref().map(|stage| format!(", {stage}")).unwrap_or_default();
    let progress = upgrade.progress.map(|progress| progress.to_string());
    let target = upgrade.target_version.as_ref().map(|target| format!(" to {target}")).unwrap_or_default();
    (format!("{phase}{target}{stage}"), progress.unwrap_or_else(|| "-".to_owned()))
}

async fn watch(arguments: &FleetWatchArguments, session: &mut Session) -> Result<Exit, Failure> {
    let fleet = session.fleet(&arguments.fleet).await?;
    let options = arguments.follow.options().until_at_rest(arguments.until_at_rest).time_limit(Option::<
        std::time::Duration,
    >::from(
        arguments.time_limit
    ));
    let mut watch = fleet.watch(options);
    let report = FleetReport::new(Shown::Watch(watch.view()), session);
    match report.follow(session, &mut watch).await? {
        Followed::Ended(summary) => {
            let named: BTreeSet<&String> = arguments.fleet.cluster.iter().collect();
            let missing = named.len().saturating_sub(summary.clusters);
            if missing > 0 {
                session.note(&format!("not known to the service, of those of --cluster: {missing}; check their IDs"));
            }
            Ok(match exit_of_watch(&summary) {
                Exit::Success if missing > 0 => Exit::Error,
                exit => exit,
            })
        }
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
