//! `demo`: a whole upgrade against an emulator inside this program.

use std::time::Duration;

use ack_auth::StaticCredentials;
use ack_emulator::{ClusterSeed, Emulator, RunningEmulator, UpgradeFailure, UpgradeStage};
use ack_models::ClusterState;
use ack_upgrade::{Outcome, Upgrades, WatchOptions};

use crate::arguments::{DemoArguments, FailAt, OutputFormat};
use crate::commands::emulator::refuse_endpoint;
use crate::duration::LONGEST;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::printable;
use crate::report::{Followed, Telling, follow};
use crate::session::Session;

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9demo";
const NAME: &str = "demo-managed";
const FROM: &str = "1.31.1-aliyun.1";
const TO: &str = "1.32.6-aliyun.1";

pub(crate) async fn run(arguments: &DemoArguments, session: &mut Session) -> Result<Exit, Failure> {
    refuse_endpoint(session, "demo")?;
    let emulator = start_emulator(arguments, session).await?;
    let keys = emulator.announcement();
    let keys = StaticCredentials::access_key(keys.access_key_id, keys.access_key_secret)?;
    let upgrades = session.connect_to(&emulator.endpoint(), emulator.region(), keys)?;

    let (endpoint, region, scale) = (emulator.endpoint(), emulator.region(), arguments.time_scale);
    tell(
        session,
        &format!("An emulated ACK of region {region} is at {endpoint}; its time goes {scale} times as fast."),
    )?;
    let cluster = describe(&upgrades, session).await?;
    tell(session, &format!("Cluster {CLUSTER} ({NAME}) is {cluster}."))?;
    tell(session, &format!("Starting the upgrade of its control plane to {TO}."))?;
    let started = session.unless_interrupted(upgrades.start(CLUSTER, TO), None).await??;
    let task = started.handle().task_id.as_deref().unwrap_or("of unknown id");
    let request = started.request_id().unwrap_or("unknown");
    tell(session, &format!("The upgrade has started: task {task}, request id {request}."))?;

    let interval = scaled(15.0, scale, Duration::from_millis(50));
    let settle = scaled(120.0, scale, Duration::from_secs(2));
    let limit = scaled(5400.0, scale, Duration::from_secs(30));
    tell(session, &format!("Following it with a look every {} ms:", interval.as_millis()))?;
    let options = WatchOptions::default().interval(interval).time_limit(limit).settle(settle);
    let mut watch = upgrades.watch_with(started.handle(), options);
    match follow(&mut watch, Telling::All, session).await? {
        Followed::Interrupted => Err(Failure::silent(Exit::Interrupted)),
        Followed::Ended(outcome) => conclude(&outcome, &upgrades, session).await,
    }
}

async fn start_emulator(arguments: &DemoArguments, session: &Session) -> Result<RunningEmulator, Failure> {
    let mut cluster = ClusterSeed::managed(CLUSTER, NAME, FROM);
    if let Some(fail) = arguments.fail {
        cluster = cluster.with_failure(match fail {
            FailAt::Precheck => UpgradeFailure::new(UpgradeStage::Precheck, "2 of 3 nodes are NotReady"),
            FailAt::Stage => UpgradeFailure::new(UpgradeStage::ControlPlane, "the API server did not become healthy"),
        });
    }
    let mut builder = Emulator::builder().cluster(cluster).time_scale(arguments.time_scale);
    if let Some(region) = &session.global.region {
        builder = builder.region(region);
    }
    Ok(builder.start().await?)
}

/// Checks the end against what the cluster itself says.
async fn conclude(outcome: &Outcome, upgrades: &Upgrades, session: &mut Session) -> Result<Exit, Failure> {
    let cluster = describe(upgrades, session).await?;
    tell(session, &format!("DescribeClusterDetail says that the cluster is {cluster}."))?;
    match outcome {
        Outcome::Succeeded { verified: true, .. } if cluster.is_running_at(TO) => Ok(Exit::Success),
        Outcome::Succeeded { .. } => {
            Err(Failure::error(format!("the upgrade is reported as succeeded, but the cluster is {cluster}")))
        }
        other => Ok(Exit::from(other)),
    }
}

/// State and version of the cluster.
struct Cluster {
    state: Option<ClusterState>,
    version: Option<String>,
}

impl Cluster {
    fn is_running_at(&self, version: &str) -> bool {
        self.state == Some(ClusterState::Running) && self.version.as_deref() == Some(version)
    }
}

impl std::fmt::Display for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state.as_ref().map_or("in no known state", ClusterState::as_str);
        write!(f, "`{state}` at {}", self.version.as_deref().unwrap_or("an unknown version"))
    }
}

async fn describe(upgrades: &Upgrades, session: &mut Session) -> Result<Cluster, Failure> {
    let call = upgrades.client().describe_cluster_detail(CLUSTER);
    let detail = session.unless_interrupted(call, None).await??.into_inner();
    Ok(Cluster { state: detail.state, version: detail.current_version })
}

/// Prints a step where it does not mix with events for programs.
fn tell(session: &Session, sentence: &str) -> Result<(), Failure> {
    match session.output {
        OutputFormat::Table => session.print(&format!("{}\n", printable(sentence))),
        OutputFormat::Json | OutputFormat::Yaml => {
            session.note(sentence);
            Ok(())
        }
    }
}

/// A span of the real service, as long as it takes on the emulator's clock, but at least `floor`.
fn scaled(seconds: f64, scale: f64, floor: Duration) -> Duration {
    Duration::try_from_secs_f64(seconds / scale).unwrap_or(LONGEST).clamp(floor, LONGEST)
}
