//! The arguments of `ackctl fleet` and of whatever else works on many clusters.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use ack_upgrade::Target;
use ack_upgrade::fleet::{FailureBudget, Selector, Waves};
use clap::{Args, Subcommand, ValueEnum};

use super::{RecordArguments, WindowArguments, identifier, name};
use crate::duration::{self, TimeLimit};

#[derive(Debug, Subcommand)]
pub(crate) enum FleetCommand {
    /// Look once at many clusters
    ///
    /// Clusters that are `running` are shown as the list of their region tells of them, and the upgrades of the others are
    /// looked at. What cannot be listed or looked at is told on standard error.
    #[command(after_help = STATUS_EXAMPLES)]
    Status(FleetStatusArguments),
    /// Follow the upgrades of many clusters as one stream of events
    ///
    /// On a terminal it shows the upgrades that are going on. Elsewhere, or with --json, each event is one line of JSON, which
    /// crates/ack-upgrade/fleet-event.schema.json describes. With `-o yaml` it is a document, and with `-o table` a line of
    /// text, for logs that people read. Every change is told once; with --every-cluster, those of node pools and add-ons, too. A cluster or region that fails is an event, and ends
    /// nothing.
    #[command(after_help = WATCH_EXAMPLES)]
    Watch(FleetWatchArguments),
    /// Upgrade many clusters in waves
    ///
    /// Each cluster is planned when it is its turn, and brought to the version: control plane, node pools, add-ons. Those that
    /// are newer are left alone; they are in no wave, and neither successes nor failures. A wave begins when the one before
    /// has succeeded. Whatever is under way is joined, and every upgrade is started at most once.
    /// With --checkpoint it can be interrupted at any point, and goes on where it was. What it prints is that of `fleet watch`.
    #[command(after_help = RUN_EXAMPLES)]
    Run(Box<FleetRunArguments>),
}

impl FleetCommand {
    /// Whether it follows a fleet, instead of answering once.
    pub(super) fn follows(&self) -> bool {
        match self {
            Self::Status(_) => false,
            Self::Watch(_) => true,
            Self::Run(arguments) => !arguments.dry_run,
        }
    }
}

/// Which clusters, and how fast they may be called about.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Fleet")]
pub(crate) struct FleetArguments {
    /// Profile of the aliyun CLI, or section of the credentials file, whose account has clusters of the fleet; once for each.
    /// Without it, there is one account, called `default`, with the keys that every command uses
    #[arg(long, value_parser = name, value_name = "PROFILE", conflicts_with = "profile")]
    pub(crate) account: Vec<String>,

    /// Regions to list clusters in, each at its own endpoint, joined by commas. Without it, the endpoint of --region is asked
    /// for the clusters of all regions
    #[arg(long, value_parser = identifier, value_delimiter = ',', value_name = "ID,..")]
    pub(crate) regions: Vec<String>,

    /// Clusters of the fleet, by their IDs, in --region, joined by commas. Nothing is listed then
    #[arg(long, value_parser = identifier, value_delimiter = ',', value_name = "ID,..", conflicts_with_all = ["regions", "label", "name", "at_version"])]
    pub(crate) cluster: Vec<String>,

    /// Only clusters with this tag; given again, with all of them
    #[arg(long, value_parser = label, value_name = "KEY[=VALUE]")]
    pub(crate) label: Vec<String>,

    /// Only clusters whose name contains this text
    #[arg(long, value_parser = name, value_name = "TEXT")]
    pub(crate) name: Option<String>,

    /// Only clusters at this version when they are found, such as 1.31 or 1.31.1-aliyun.1
    #[arg(long, value_parser = present_version, value_name = "VERSION")]
    pub(crate) at_version: Option<String>,

    /// How many calls a second each account may make at most [default: as many as the service puts up with]
    #[arg(long, value_name = "CALLS")]
    pub(crate) rate: Option<NonZeroU32>,
}

#[derive(Debug, Args)]
pub(crate) struct FleetStatusArguments {
    /// Look at every cluster, not only at those that are not `running`; two to four calls each. It shows upgrades of node
    /// pools and add-ons, too
    #[arg(long)]
    pub(crate) every_cluster: bool,

    #[command(flatten)]
    pub(crate) fleet: FleetArguments,
}

/// How to follow a fleet.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Following")]
pub(crate) struct FleetFollowArguments {
    /// Look at every cluster, at first and every --idle, not only at those that change on the list
    #[arg(long)]
    pub(crate) every_cluster: bool,

    /// Time between two lists of a region
    #[arg(long, value_parser = duration::parse, default_value = "1m", value_name = "DURATION")]
    pub(crate) sweep: Duration,

    /// Time between two looks at a cluster at rest, where they are looked at one by one
    #[arg(long, value_parser = duration::parse, default_value = "5m", value_name = "DURATION")]
    pub(crate) idle: Duration,

    /// Fixed time between two looks at an upgrade, in place of one that follows it (5 to 30 seconds)
    #[arg(long, value_parser = duration::parse_interval, value_name = "DURATION")]
    pub(crate) interval: Option<Duration>,

    /// After how long without anything new to tell that an upgrade has stalled, or none [default: 15m]
    #[arg(long, value_parser = duration::parse_limit, value_name = "DURATION")]
    pub(crate) stall_after: Option<TimeLimit>,
}

#[derive(Debug, Args)]
pub(crate) struct FleetWatchArguments {
    /// End once every cluster was seen and no upgrade is going on
    #[arg(long)]
    pub(crate) until_at_rest: bool,

    /// When to stop watching, or none
    #[arg(long, value_parser = duration::parse_limit, default_value = "none", value_name = "DURATION")]
    pub(crate) time_limit: TimeLimit,

    #[command(flatten)]
    pub(crate) fleet: FleetArguments,

    #[command(flatten)]
    pub(crate) follow: FleetFollowArguments,
}

#[derive(Debug, Args)]
pub(crate) struct FleetRunArguments {
    /// Version to bring the clusters to: a whole one, a minor one such as 1.32, `next` or `latest`
    #[arg(long, value_parser = target, value_name = "VERSION")]
    pub(crate) to: Target,

    /// How many clusters to begin with, and then: numbers, parts of all clusters, and the rest, joined by commas
    #[arg(long, value_parser = waves, default_value = "rest", value_name = "WAVES")]
    pub(crate) waves: Waves,

    /// Clusters to begin with, by their IDs, as canaries, joined by commas
    #[arg(long, value_parser = identifier, value_delimiter = ',', value_name = "ID,..")]
    pub(crate) first: Vec<String>,

    /// How many clusters may fail before nothing new is started: a number, or a part of all such as 5%
    #[arg(long, value_parser = budget, default_value = "0", value_name = "BUDGET")]
    pub(crate) failure_budget: FailureBudget,

    /// How many clusters may be under way at the same time
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=200), value_name = "NUMBER")]
    pub(crate) parallelism: u16,

    /// How long each wave has to prove itself before the next begins
    #[arg(long, value_parser = duration::parse, value_name = "DURATION")]
    pub(crate) soak: Option<Duration>,

    #[command(flatten)]
    pub(crate) window: WindowArguments,

    /// Pause what is under way when the window closes, and resume it when it opens again
    #[arg(long)]
    pub(crate) pause_at_window_end: bool,

    /// What to bring along with the control planes
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub(crate) with: Along,

    /// Folder to keep the state of the run in, and to take it up from. It is made if there is none
    #[arg(long, value_name = "FOLDER")]
    pub(crate) checkpoint: Option<PathBuf>,

    /// Begin clusters again that have failed in the run that is taken up
    #[arg(long, requires = "checkpoint")]
    pub(crate) retry_failed: bool,

    /// How long a start that a killed run may have sent is looked for before it is sent again: longer than the service's lists
    /// lag [default: 21s]
    #[arg(long, value_parser = duration::parse, value_name = "DURATION")]
    pub(crate) settle: Option<Duration>,

    /// Fixed time between two looks at an upgrade, in place of one that follows it (5 to 30 seconds)
    #[arg(long, value_parser = duration::parse_interval, value_name = "DURATION")]
    pub(crate) interval: Option<Duration>,

    /// Print the waves, and which clusters are left alone, and start nothing. No record is kept of that
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// When to stop, or none; what is under way goes on
    #[arg(long, value_parser = duration::parse_limit, default_value = "none", value_name = "DURATION")]
    pub(crate) time_limit: TimeLimit,

    #[command(flatten)]
    pub(crate) fleet: FleetArguments,

    #[command(flatten)]
    pub(crate) record: RecordArguments,
}

/// What is brought along with a control plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Along {
    /// Node pools and add-ons
    #[default]
    All,
    /// Node pools
    NodePools,
    /// Nothing
    Nothing,
}

impl FleetArguments {
    pub(crate) fn selector(&self) -> Selector {
        let mut selector = Selector::default();
        if let Some(part) = &self.name {
            selector = selector.name(part);
        }
        if let Some(version) = &self.at_version {
            selector = selector.version(version);
        }
        self.label.iter().fold(selector, |selector, label| match label.split_once('=') {
            Some((key, value)) => selector.label(key, value),
            None => selector.has_label(label),
        })
    }
}

/// Reads a version to reach; every text is one.
fn target(text: &str) -> Result<Target, String> {
    Ok(Target::from(identifier(text)?.as_str()))
}

/// Reads a tag, of which the key says which it is.
fn label(text: &str) -> Result<String, String> {
    match text.split('=').next().map(str::trim) {
        None | Some("") => Err("it has no key: write it as KEY, or as KEY=VALUE".to_owned()),
        Some(_) => Ok(text.to_owned()),
    }
}

/// Reads a version that clusters have, or the beginning of one.
fn present_version(text: &str) -> Result<String, String> {
    let version = identifier(text.strip_prefix('v').unwrap_or(text))?;
    let mut numbers = version.split('.').map(|part| part.bytes().take_while(u8::is_ascii_digit).count());
    match (numbers.next(), numbers.next()) {
        (Some(1..), Some(1..)) => Ok(version),
        _ => Err("it is no version that a cluster has: give one such as 1.31, or 1.31.1-aliyun.1".to_owned()),
    }
}

fn waves(text: &str) -> Result<Waves, String> {
    text.parse().map_err(|error: ack_upgrade::Error| error.to_string())
}

fn budget(text: &str) -> Result<FailureBudget, String> {
    text.parse().map_err(|error: ack_upgrade::Error| error.to_string())
}

const STATUS_EXAMPLES: &str = "\
Examples:
  ackctl fleet status --region cn-hangzhou
  ackctl fleet status --account production --account staging --at-version 1.31
  ackctl fleet status --label env=production --every-cluster -o json

Exit code 0 means that all was seen, 1 that something could not be listed or looked at.";

const WATCH_EXAMPLES: &str = "\
Examples:
  ackctl fleet watch --region cn-hangzhou --rate 20
  ackctl fleet watch --regions cn-hangzhou,cn-beijing --label env=production --json
  ackctl fleet watch --cluster c106f377e16f34eb1808d6b9362c9test --until-at-rest

Exit code 0 means that it has ended with nothing failed, 1 that a cluster of --cluster is not known to the service, 3 that an upgrade has failed or was cancelled, 6 that upgrades were going on at the time limit, 130 that it was interrupted.";

const RUN_EXAMPLES: &str = "\
Examples:
  ackctl fleet run --to 1.32 --label env=production --waves 'canary 1, 10 %, rest' --dry-run
  ackctl fleet run --to 1.32 --waves 'canary 1, 10 %, rest' --soak 1h --checkpoint fleet-1.32
  ackctl fleet run --to 1.32 --window 01:00-05:00 --tz Asia/Shanghai --checkpoint fleet-1.32
  ackctl fleet run --to 1.32 --checkpoint fleet-1.32 --record fleet.jsonl
  ackctl upgrade report fleet.jsonl --out fleet.html

Exit code 0 means that every cluster is at the version or newer, 3 that some are not because they failed or too many others did, 6 that the time limit has passed, 8 that another process is at work by the same --checkpoint, 130 that it was interrupted. Run again with the same --checkpoint, it goes on; one that has ended tells how.";
