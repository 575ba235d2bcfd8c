//! The arguments of `ackctl upgrade plan`, `apply` and `run`.

use std::time::Duration;

use ack_client::models::RollingPausePolicy;
use ack_upgrade::{ExpectedDurations, NodePoolUpgrade, PlanOptions, RunOptions, Selection, Target};
use clap::{Args, ValueEnum};

use super::upgrade::{FollowArguments, choice, given};
use super::{RecordArguments, WindowArguments, identifier, name};
use crate::duration;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    /// File to write the plan to, for `upgrade apply`. It is written even if something stands in the way, to be looked at
    #[arg(long, value_parser = name, value_name = "FILE")]
    pub(crate) plan_out: Option<String>,

    /// Run the service's checks of the cluster and its node pools, and wait for what they find. They change nothing, but
    /// show in the cluster's list of checks
    #[arg(long)]
    pub(crate) run_checks: bool,

    #[command(flatten)]
    pub(crate) what: PlanningArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArguments {
    /// File with a plan, as `upgrade plan --plan-out` writes it
    #[arg(value_parser = name)]
    pub(crate) file: String,

    /// File to keep the checkpoint in, and to go on from [default: FILE.checkpoint]
    #[arg(long, value_parser = name, value_name = "FILE")]
    pub(crate) checkpoint: Option<String>,

    #[command(flatten)]
    pub(crate) running: RunningArguments,

    #[command(flatten)]
    pub(crate) record: RecordArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// File to keep the checkpoint in. If there is one of the same target, the run goes on from it, by the plan that was
    /// made then
    #[arg(long, value_parser = name, value_name = "FILE")]
    pub(crate) checkpoint: Option<String>,

    #[command(flatten)]
    pub(crate) what: PlanningArguments,

    #[command(flatten)]
    pub(crate) running: RunningArguments,

    #[command(flatten)]
    pub(crate) record: RecordArguments,
}

/// What to plan.
#[derive(Debug, Args)]
pub(crate) struct PlanningArguments {
    /// ID of the cluster
    #[arg(value_parser = identifier)]
    pub(crate) cluster_id: String,

    /// Version to reach: one such as 1.33.3-aliyun.1, the newest of a minor version such as 1.33, next for the newest of the
    /// next minor version, or latest
    #[arg(long, visible_alias = "to", value_parser = identifier, value_name = "VERSION")]
    pub(crate) target: String,

    /// Node pools to bring along, by ID or name, joined by commas; all that need it, or none
    #[arg(long, value_parser = selection, value_name = "all|none|ID,...")]
    node_pools: Option<String>,

    /// Add-ons to bring along, joined by commas; all that have a newer version, or none
    #[arg(long, value_parser = selection, value_name = "all|none|NAME,...")]
    addons: Option<String>,

    /// How many minor versions nodes may be behind their control plane on the way [default: 1]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3), value_name = "NUMBER")]
    max_skew: Option<u32>,

    #[command(flatten)]
    window: WindowArguments,

    /// How long a step is expected to take, where not as usual: control-plane (15m), master (10m), node-batch (10m) or addons
    /// (10m). Only steps that end before the window closes are begun
    #[arg(long, value_parser = expectation, value_name = "STEP=DURATION")]
    expect: Vec<(Expected, Duration)>,

    #[command(flatten)]
    nodes: NodesArguments,
}

/// How the nodes of a node pool take turns.
#[derive(Debug, Args)]
#[command(next_help_heading = "Nodes of a node pool")]
pub(crate) struct NodesArguments {
    /// How many nodes of a node pool are upgraded at the same time [default: 10, as the service has it]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10), value_name = "NUMBER")]
    max_parallelism: Option<u32>,

    /// How long to wait between two batches: whole minutes from 5m to 2h
    #[arg(long, value_parser = duration::parse, value_name = "DURATION")]
    batch_interval: Option<Duration>,

    /// When the upgrade of a node pool pauses by itself; --on-pause says what then
    #[arg(long, value_enum, value_name = "WHEN")]
    pause_policy: Option<PausePolicy>,

    /// How many nodes may fail before the upgrade of a node pool fails
    #[arg(long, value_name = "NUMBER")]
    max_failed_nodes: Option<u32>,

    /// Replace the system disk of each node instead of upgrading in place; what it held is lost
    #[arg(long)]
    use_replace: bool,

    /// Go on in spite of warnings of the check before a node pool
    #[arg(long)]
    ignore_warnings: bool,
}

/// When the upgrade of a node pool pauses by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PausePolicy {
    /// After the first batch
    FirstBatch,
    /// After every batch
    EveryBatch,
    /// Never
    NotPause,
}

/// A kind of step that is expected to take some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Expected {
    ControlPlane,
    Master,
    NodeBatch,
    Addons,
}

/// How to carry a plan out.
#[derive(Debug, Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunningArguments {
    /// How many node pools may be upgraded at the same time [default: 1]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=50), value_name = "NUMBER")]
    parallel_pools: Option<u8>,

    /// Go on with the other node pools of a stage when one of them does not succeed
    #[arg(long)]
    keep_going: bool,

    /// Pause what is under way when the window closes, and resume it when it opens again
    #[arg(long)]
    pause_at_window_end: bool,

    /// Leave out the service's check before each control plane and node pool
    #[arg(long)]
    skip_checks: bool,

    /// How long a start that a killed run may have sent is looked for before it is sent again: longer than the service's
    /// lists lag [default: 21s]
    #[arg(long, value_parser = duration::parse, value_name = "DURATION")]
    settle: Option<Duration>,

    #[command(flatten)]
    pub(crate) follow: FollowArguments,
}

impl PlanningArguments {
    pub(crate) fn target(&self) -> Target {
        self.target.as_str().into()
    }

    pub(crate) fn options(&self) -> Result<PlanOptions, Failure> {
        let mut options = PlanOptions::default().target(self.target()).node_pool_upgrade(self.nodes.how());
        if let Some(selection) = &self.node_pools {
            options = options.node_pools(select(selection));
        }
        if let Some(selection) = &self.addons {
            options = options.addons(select(selection));
        }
        if let Some(skew) = self.max_skew {
            options = options.max_skew(skew);
        }
        let mut durations = ExpectedDurations::default();
        for (step, duration) in &self.expect {
            *match step {
                Expected::ControlPlane => &mut durations.control_plane,
                Expected::Master => &mut durations.master,
                Expected::NodeBatch => &mut durations.node_batch,
                Expected::Addons => &mut durations.addons,
            } = *duration;
        }
        self.window.apply(options.expected_durations(durations))
    }

    /// The arguments as they were given, for a command to repeat.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = vec![self.cluster_id.clone(), "--target".to_owned(), self.target.clone()];
        words.extend(given([
            ("--node-pools", self.node_pools.clone()),
            ("--addons", self.addons.clone()),
            ("--max-skew", self.max_skew.map(|number| number.to_string())),
        ]));
        words.extend(self.window.words());
        for (step, duration) in &self.expect {
            let step = choice(step).unwrap_or_default();
            words.extend(["--expect".to_owned(), format!("{step}={}", duration::text(*duration))]);
        }
        words.extend(self.nodes.words());
        words
    }
}

impl NodesArguments {
    fn how(&self) -> NodePoolUpgrade {
        let mut how = NodePoolUpgrade::default().use_replace(self.use_replace).ignore_warnings(self.ignore_warnings);
        if let Some(nodes) = self.max_parallelism {
            how = how.max_parallelism(nodes);
        }
        if let Some(interval) = self.batch_interval {
            how = how.batch_interval(interval);
        }
        if let Some(policy) = self.pause_policy {
            how = how.pause_policy(match policy {
                PausePolicy::FirstBatch => RollingPausePolicy::FirstBatch,
                PausePolicy::EveryBatch => RollingPausePolicy::EveryBatch,
                PausePolicy::NotPause => RollingPausePolicy::NotPause,
            });
        }
        if let Some(nodes) = self.max_failed_nodes {
            how = how.max_failed_nodes(nodes);
        }
        how
    }

    fn words(&self) -> Vec<String> {
        let mut words = given([
            ("--max-parallelism", self.max_parallelism.map(|number| number.to_string())),
            ("--batch-interval", self.batch_interval.map(duration::text)),
            ("--pause-policy", self.pause_policy.as_ref().and_then(choice)),
            ("--max-failed-nodes", self.max_failed_nodes.map(|number| number.to_string())),
        ]);
        words.extend(flags([("--use-replace", self.use_replace), ("--ignore-warnings", self.ignore_warnings)]));
        words
    }
}

impl RunningArguments {
    pub(crate) fn options(&self) -> RunOptions {
        let mut options = RunOptions::default()
            .keep_going(self.keep_going)
            .pause_at_window_end(self.pause_at_window_end)
            .run_checks(!self.skip_checks)
            .watch(self.follow.options());
        if let Some(pools) = self.parallel_pools {
            options = options.parallelism(pools.into());
        }
        if let Some(time) = self.settle {
            options = options.settle(time);
        }
        match self.follow.time_limit {
            Some(limit) => options.time_limit(limit),
            None => options,
        }
    }

    /// The options as they were given, for a command to repeat.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = given([
            ("--parallel-pools", self.parallel_pools.map(|number| number.to_string())),
            ("--settle", self.settle.map(duration::text)),
        ]);
        words.extend(flags([
            ("--keep-going", self.keep_going),
            ("--pause-at-window-end", self.pause_at_window_end),
            ("--skip-checks", self.skip_checks),
        ]));
        words.extend(self.follow.words());
        words
    }
}

fn flags<'a>(flags: impl IntoIterator<Item = (&'a str, bool)>) -> Vec<String> {
    flags.into_iter().filter(|(_, is_given)| *is_given).map(|(flag, _)| flag.to_owned()).collect()
}

/// Reads which node pools or add-ons are meant.
fn selection(text: &str) -> Result<String, String> {
    if text.split(',').any(|name| name.trim().is_empty()) {
        return Err("it names nothing in one place: write all, none, or names joined by commas".to_owned());
    }
    Ok(text.to_owned())
}

fn select(text: &str) -> Selection {
    // Every text is one.
    let Ok(selection) = text.parse();
    selection
}

/// Reads how long a kind of step is expected to take.
fn expectation(text: &str) -> Result<(Expected, Duration), String> {
    let form =
        "write it as STEP=DURATION, such as node-batch=5m, with control-plane, master, node-batch or addons for STEP";
    let (step, duration) = text.split_once('=').ok_or_else(|| form.to_owned())?;
    let step = Expected::from_str(step, false).map_err(|_| form.to_owned())?;
    Ok((step, duration::parse(duration)?))
}

pub(super) const PLAN_EXAMPLES: &str = "\
Examples:
  ackctl upgrade plan c106f377e16f34eb1808d6b9362c9test --target 1.33
  ackctl upgrade plan c106f377e16f34eb1808d6b9362c9test --target next --node-pools none -o json
  ackctl upgrade plan c106f377e16f34eb1808d6b9362c9test --target 1.33 --run-checks \\
    --window 01:00-05:00 --tz Asia/Shanghai --plan-out plan.json

Exit code 8 means that something stands in the way, or that the version cannot be reached.";

pub(super) const APPLY_EXAMPLES: &str = "\
Examples:
  ackctl upgrade apply plan.json
  ackctl upgrade apply plan.json --parallel-pools 3 --on-interrupt pause -o json

Exit code 8 means that nothing was started: the plan is blocked, the cluster has changed since, or another process is at work by the same checkpoint. Otherwise it tells how the run ended: 0 succeeded, 3 a step failed, 4 was cancelled, 5 is paused, 6 still running at the time limit, 7 out of sight, 130 interrupted.";

pub(super) const RUN_EXAMPLES: &str = "\
Examples:
  ackctl upgrade run c106f377e16f34eb1808d6b9362c9test --target 1.33 --checkpoint night.json
  ackctl upgrade run c106f377e16f34eb1808d6b9362c9test --target next --window 01:00-05:00 --tz UTC
  ackctl upgrade run c106f377e16f34eb1808d6b9362c9test --target 1.33 --max-parallelism 2 \\
    --pause-policy first-batch --on-pause resume

Exit code 8 means that nothing was started: something stands in the way, the version cannot be reached, or another process is at work by the same checkpoint. Otherwise it tells how the run ended: 0 succeeded, 3 a step failed, 4 was cancelled, 5 is paused, 6 still running at the time limit, 7 out of sight, 130 interrupted.";
