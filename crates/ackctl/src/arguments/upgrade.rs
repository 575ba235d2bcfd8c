//! The arguments of `ackctl upgrade`.

use std::time::Duration;

use ack_upgrade::{AddonTarget, OnPause, UpgradeHandle, UpgradeKind, WatchOptions};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::plan::{APPLY_EXAMPLES, ApplyArguments, PLAN_EXAMPLES, PlanArguments, RUN_EXAMPLES, RunArguments};
use super::{RecordArguments, ReportArguments, identifier, report, whole_version};
use crate::duration::{self, TimeLimit};

#[derive(Debug, Subcommand)]
pub(crate) enum Upgrade {
    /// Look once at an upgrade
    ///
    /// It asks GetUpgradeStatus where the region still serves it, and the task API elsewhere. `source` tells which.
    #[command(after_help = STATUS_EXAMPLES)]
    Status(StatusArguments),
    /// Plan what it takes to bring a whole cluster to a version; nothing is changed
    ///
    /// It shows the hops of the control plane, one minor version at a time, the node pools and add-ons to bring along, what
    /// stands in the way, and with `-o json` the very requests. It only reads, unless --run-checks asks for checks.
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(PlanArguments),
    /// Carry out a plan that `upgrade plan` has written, unless the cluster has changed since
    ///
    /// How far it has come is kept in a checkpoint before each start and after each answer. Ended at any point, even by
    /// SIGKILL, the same command goes on from there, and starts nothing twice. One process at a time works by a checkpoint.
    /// The window of the plan holds: no step begins outside it. What it prints is that of `upgrade run`.
    #[command(after_help = APPLY_EXAMPLES)]
    Apply(ApplyArguments),
    /// Bring a whole cluster to a version: plan and carry out in one go
    ///
    /// Each step looks first: what is done already is skipped, what is under way is joined, everything else waits for the
    /// window, is checked, and is started at most once. It ends at the first step that does not succeed. Ended at any point,
    /// even by SIGKILL, the same command goes on: from its --checkpoint, or without one by a new plan for what is left.
    /// On a terminal it shows the progress. Elsewhere, or with --json, each event is one line of JSON, which
    /// crates/ack-upgrade/event.schema.json describes; with `-o table` it is a line of text, for logs that people read.
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArguments),
    /// Start the upgrade of a cluster's control plane, at most once
    ///
    /// A running upgrade to the same version is joined, any other is left alone and reported. If the answer to the
    /// start is lost, it looks whether the upgrade was started before it reports. Node pools are not upgraded.
    /// On a terminal the start is told as a table; elsewhere, or with --json, it is one line of JSON, and with --watch the
    /// events follow as `upgrade watch` prints them.
    #[command(after_help = START_EXAMPLES)]
    Start(StartArguments),
    /// Follow an upgrade to its end
    ///
    /// On a terminal it shows the progress and ends with a summary. Elsewhere, or with --json, each event is one line of
    /// JSON, which crates/ack-upgrade/event.schema.json describes. With `-o yaml` it is a document, and with `-o table` a
    /// line of text, for logs that people read. Ctrl-C stops the watching and not the upgrade, unless --on-interrupt says so. Success means that the cluster is `running`, or the node pool or add-on
    /// `active`, and at the version of --to if one is given or known.
    #[command(after_help = WATCH_EXAMPLES)]
    Watch(WatchArguments),
    /// Wait for the end of an upgrade, and print nothing before
    ///
    /// It ends as `upgrade watch` does, with the same exit codes. On a terminal, or with `-o table`, the end is one sentence.
    /// Elsewhere, or with --json, it is the last event, as one line of JSON.
    #[command(after_help = WAIT_EXAMPLES)]
    Wait(WatchArguments),
    /// Pause an upgrade, and wait until it is paused
    ///
    /// Nodes that are being worked on are finished first. A paused upgrade is closed by the service after 15 days.
    #[command(after_help = PAUSE_EXAMPLES)]
    Pause(SteerArguments),
    /// Resume a paused upgrade, and wait until it goes on
    #[command(after_help = RESUME_EXAMPLES)]
    Resume(SteerArguments),
    /// Cancel an upgrade for good, and wait until it is cancelled
    ///
    /// What is done stays done: nodes that were upgraded keep their version. There is no way back.
    #[command(after_help = CANCEL_EXAMPLES)]
    Cancel(SteerArguments),
    /// List the latest upgrades of a cluster: control plane, node pools and add-ons
    #[command(after_help = HISTORY_EXAMPLES)]
    History(HistoryArguments),
    /// Make a page of a record, for a change ticket
    ///
    /// The page is one HTML file that needs nothing else, no network and no script: what became of each upgrade, when each stage
    /// and node was worked on, what was found, who did what with which request IDs, and the record itself. With `-o json` or
    /// `-o yaml` it is the same as data. Nothing is asked of the service.
    #[command(after_help = report::EXAMPLES)]
    Report(ReportArguments),
}

/// Which upgrade.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").args(["cluster_id", "handle"]).required(true)))]
pub(crate) struct TargetArguments {
    /// ID of the cluster
    #[arg(value_parser = identifier)]
    pub(crate) cluster_id: Option<String>,

    /// File with the handle of an upgrade, as `upgrade start --handle` writes it; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to", "task", "node_pool", "addon"])]
    pub(crate) handle: Option<String>,

    /// Whole version the upgrade leads to; success is checked against it
    #[arg(long, value_parser = whole_version, value_name = "VERSION")]
    pub(crate) to: Option<String>,

    /// Task of the upgrade, as `upgrade start` prints it; without it, the newest upgrade is meant
    #[arg(long, value_parser = identifier, value_name = "TASK_ID")]
    pub(crate) task: Option<String>,

    /// The upgrade of a node pool instead of the control plane
    #[arg(long, value_parser = identifier, value_name = "NODEPOOL_ID")]
    pub(crate) node_pool: Option<String>,

    /// The upgrade of an add-on instead of the control plane; once for each that one task upgrades
    #[arg(long, value_parser = addon, value_name = "NAME[=VERSION]", conflicts_with_all = ["node_pool", "to"])]
    pub(crate) addon: Vec<AddonTarget>,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

#[derive(Debug, Args)]
pub(crate) struct StartArguments {
    /// ID of the cluster
    #[arg(value_parser = identifier)]
    pub(crate) cluster_id: String,

    /// Whole version to upgrade to, such as 1.32.1-aliyun.1; one minor version at a time
    #[arg(long, value_parser = whole_version, value_name = "VERSION")]
    pub(crate) to: String,

    /// File to write the handle of the upgrade to, for `upgrade watch --handle` and its like
    #[arg(long, value_name = "FILE")]
    pub(crate) handle: Option<String>,

    /// Follow the upgrade to its end, as `upgrade watch` does
    #[arg(long)]
    pub(crate) watch: bool,

    #[command(flatten)]
    pub(crate) follow: FollowArguments,

    #[command(flatten)]
    pub(crate) record: RecordArguments,
}

#[derive(Debug, Args)]
pub(crate) struct WatchArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    #[command(flatten)]
    pub(crate) follow: FollowArguments,

    #[command(flatten)]
    pub(crate) record: RecordArguments,
}

/// How to follow it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Following")]
pub(crate) struct FollowArguments {
    /// Fixed time between two looks, in place of one that follows the upgrade (2 to 30 seconds)
    #[arg(long, value_parser = duration::parse_interval, value_name = "DURATION")]
    pub(crate) interval: Option<Duration>,

    /// When to stop watching, or none [default: 90m; for a whole plan 168h]
    #[arg(long, value_parser = duration::parse_limit, value_name = "DURATION")]
    pub(crate) time_limit: Option<TimeLimit>,

    /// What Ctrl-C does to the upgrade [default: leave]
    #[arg(long, value_enum, value_name = "ACTION")]
    pub(crate) on_interrupt: Option<OnInterrupt>,

    /// What to do when it pauses [default: return]
    #[arg(long, value_enum, value_name = "ACTION")]
    pub(crate) on_pause: Option<PauseChoice>,

    /// After how long without anything new to tell that it has stalled, or none [default: 15m]
    #[arg(long, value_parser = duration::parse_limit, value_name = "DURATION")]
    pub(crate) stall_after: Option<TimeLimit>,

    /// Call a control plane upgraded only if no node pool is more than this many minor versions behind
    #[arg(long, value_name = "NUMBER")]
    pub(crate) node_skew: Option<u32>,
}

/// What an interruption does to the upgrade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnInterrupt {
    /// It goes on, and the command to follow it again is printed
    #[default]
    Leave,
    /// It is paused first; another Ctrl-C ends the waiting for that
    Pause,
    /// It is cancelled first, for good; another Ctrl-C ends the waiting for that
    Cancel,
}

/// What a pause does to the watching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PauseChoice {
    /// End with exit code 5
    Return,
    /// Wait until somebody resumes it
    Wait,
    /// Resume it where its pause policy has paused it, and end at any other pause
    Resume,
}

#[derive(Debug, Args)]
pub(crate) struct SteerArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    /// How long to wait for it to take effect
    #[arg(long, value_parser = duration::parse, default_value = "10m", value_name = "DURATION")]
    pub(crate) time_limit: Duration,

    #[command(flatten)]
    pub(crate) record: RecordArguments,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    /// ID of the cluster
    #[arg(value_parser = identifier)]
    pub(crate) cluster_id: String,

    /// How many upgrades to list at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200), value_name = "NUMBER")]
    pub(crate) limit: u16,
}

impl Upgrade {
    /// Whether it follows an upgrade. The start is the first thing that is told of one, followed or not.
    pub(super) fn follows(&self) -> bool {
        matches!(self, Self::Start(_) | Self::Watch(_) | Self::Wait(_) | Self::Apply(_) | Self::Run(_))
    }
}

impl TargetArguments {
    /// The upgrade that the options name; `None` if a file names it.
    pub(crate) fn named(&self) -> Option<UpgradeHandle> {
        let mut handle = UpgradeHandle::new(self.cluster_id.as_ref()?);
        handle.task_id.clone_from(&self.task);
        handle.target_version.clone_from(&self.to);
        handle.kind = match &self.node_pool {
            Some(nodepool_id) => UpgradeKind::node_pool(nodepool_id),
            None if self.addon.is_empty() => UpgradeKind::ControlPlane,
            None => UpgradeKind::addons(self.addon.iter().cloned()),
        };
        Some(handle)
    }
}

impl FollowArguments {
    pub(crate) fn options(&self) -> WatchOptions {
        let mut options = WatchOptions::default().node_skew(self.node_skew);
        if let Some(interval) = self.interval {
            options = options.interval(interval);
        }
        if let Some(limit) = self.time_limit {
            options = options.time_limit(limit);
        }
        if let Some(time) = self.stall_after {
            options = options.stall_after(time);
        }
        match self.on_pause {
            None | Some(PauseChoice::Return) => options,
            Some(PauseChoice::Wait) => options.on_pause(OnPause::KeepWaiting),
            Some(PauseChoice::Resume) => options.on_pause(OnPause::ResumePolicyPauses),
        }
    }

    /// The options as they were given, for a command to repeat.
    pub(crate) fn words(&self) -> Vec<String> {
        let limit =
            |limit: TimeLimit| Option::<Duration>::from(limit).map_or_else(|| "none".to_owned(), duration::text);
        given([
            ("--interval", self.interval.map(duration::text)),
            ("--time-limit", self.time_limit.map(limit)),
            ("--on-interrupt", self.on_interrupt.as_ref().and_then(choice)),
            ("--on-pause", self.on_pause.as_ref().and_then(choice)),
            ("--stall-after", self.stall_after.map(limit)),
            ("--node-skew", self.node_skew.map(|number| number.to_string())),
        ])
    }
}

/// The options that have values, as words of a command.
pub(super) fn given<'a>(options: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Vec<String> {
    let given = options.into_iter().filter_map(|(option, value)| Some([option.to_owned(), value?]));
    given.flatten().collect()
}

/// A value of an option as it is written.
pub(super) fn choice(value: &impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

/// Reads an add-on, with the version it is to reach if that is given.
fn addon(text: &str) -> Result<AddonTarget, String> {
    match text.split_once('=') {
        Some((name, version)) => Ok(AddonTarget::new(identifier(name)?).with_version(identifier(version)?)),
        None => Ok(AddonTarget::new(identifier(text)?)),
    }
}

const STATUS_EXAMPLES: &str = "\
Examples:
  ackctl upgrade status c106f377e16f34eb1808d6b9362c9test --region cn-hangzhou
  ackctl upgrade status c106f377e16f34eb1808d6b9362c9test --node-pool np737c3ac1ac684703b9e10673aa2ctest
  ackctl upgrade status --handle upgrade.json -o json";

const START_EXAMPLES: &str = "\
Examples:
  ackctl upgrade start c106f377e16f34eb1808d6b9362c9test --to 1.32.1-aliyun.1
  ackctl upgrade start c106f377e16f34eb1808d6b9362c9test --to 1.32.1-aliyun.1 --handle upgrade.json
  ackctl upgrade start c106f377e16f34eb1808d6b9362c9test --to 1.32.1-aliyun.1 --watch --on-interrupt pause

Exit code 8 means that nothing was started; 9 that it is not known: look at the status before starting it again. `ackctl --help` lists the others.";

const WATCH_EXAMPLES: &str = "\
Examples:
  ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --to 1.32.1-aliyun.1
  ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --addon coredns=v1.11.3.2-f57ea7ed6-aliyun
  ackctl upgrade watch --handle upgrade.json --interval 1m --time-limit none --json

The exit code tells how it ended: 0 succeeded, 3 failed, 4 cancelled, 5 paused, 6 still running at the time limit, 7 out of sight, 130 interrupted.";

const WAIT_EXAMPLES: &str = "\
Examples:
  ackctl upgrade wait c106f377e16f34eb1808d6b9362c9test --to 1.32.1-aliyun.1
  ackctl upgrade wait --handle upgrade.json --time-limit 30m && echo upgraded

The exit code tells how it ended: 0 succeeded, 3 failed, 4 cancelled, 5 paused, 6 still running at the time limit, 7 out of sight, 130 interrupted.";

const PAUSE_EXAMPLES: &str = "\
Examples:
  ackctl upgrade pause c106f377e16f34eb1808d6b9362c9test
  ackctl upgrade pause --handle upgrade.json --time-limit 30m

Exit code 8 means that there is nothing to pause; 10 that it has not taken effect in time.";

const RESUME_EXAMPLES: &str = "\
Examples:
  ackctl upgrade resume c106f377e16f34eb1808d6b9362c9test
  ackctl upgrade resume --handle upgrade.json

Exit code 8 means that there is nothing to resume; 10 that it has not taken effect in time.";

const CANCEL_EXAMPLES: &str = "\
Examples:
  ackctl upgrade cancel c106f377e16f34eb1808d6b9362c9test --task T-5faa48fb31b6b8078d000006
  ackctl upgrade cancel --handle upgrade.json

Exit code 8 means that there is nothing to cancel; 10 that it has not taken effect in time.";

const HISTORY_EXAMPLES: &str = "\
Examples:
  ackctl upgrade history c106f377e16f34eb1808d6b9362c9test
  ackctl upgrade history c106f377e16f34eb1808d6b9362c9test --limit 5 -o json";
