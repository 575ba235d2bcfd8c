//! What happens while a plan is carried out.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

use crate::counted::Counted;
use crate::event::{EventKind, maybe_rfc3339, rfc3339, seconds};
use crate::finding::PrecheckFinding;
use crate::handle::UpgradeKind;
use crate::outcome::Outcome;

/// One thing that happened while a plan is carried out: to the run as a whole, or to the upgrade of one of its steps.
///
/// Serialised it is one flat object of the same form as an [`Event`](crate::Event), with the step beside, as
/// [`EVENT_SCHEMA`](crate::EVENT_SCHEMA) says:
/// `{"at":"..","elapsed_seconds":12.5,"cluster_id":"..","step":"node-pool:np1:1.32.1-aliyun.1","kind":"node_pool",
/// "nodepool_id":"np1","event":"stage_changed","stage":".."}`. What is about the run as a whole has no step, and the kind
/// `cluster`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RunEvent {
    /// When it was seen, by the local clock.
    #[serde(serialize_with = "rfc3339")]
    pub at: SystemTime,
    /// How long the run had been going on then, in this process.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub elapsed: Duration,
    /// The cluster.
    pub cluster_id: String,
    /// The step it is about, by its ID in the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What of the cluster the step is about.
    #[serde(flatten, serialize_with = "kind")]
    pub upgrade: Option<UpgradeKind>,
    /// The task, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// The request ID of the call it was learned by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub kind: RunEventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RunEventKind {
    /// Something about the run, or about a step as one of its steps.
    Run(RunNews),
    /// Something about the upgrade of a step. Its end is [`RunNews::StepFinished`].
    Upgrade(EventKind),
}

/// What there is to tell of a run and of its steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunNews {
    /// It begins.
    RunStarted {
        /// The version the control plane has in the end.
        target_version: String,
        /// The steps, by their IDs, in order.
        steps: Vec<String>,
        /// How many of them a run before this one has done.
        done: usize,
    },
    /// A step is not needed: what it leads to is there already.
    StepSkipped,
    /// Nothing begins, or goes on, before the window opens.
    WaitingForWindow {
        /// When it opens.
        #[serde(serialize_with = "maybe_rfc3339")]
        until: Option<SystemTime>,
        /// Why.
        reason: WindowReason,
    },
    /// The service's check before a step has found something.
    CheckFinding {
        /// What it is.
        #[serde(flatten)]
        finding: PrecheckFinding,
    },
    /// The service's check before a step could not be run. It runs one of its own anyway.
    CheckFailed {
        /// Why.
        error: String,
    },
    /// The upgrade of a step was started.
    StepStarted {
        /// Whether it was found under way, instead of being started by this run.
        joined: bool,
    },
    /// The window has closed, and the upgrade of a step was not paused yet; it goes on. It is tried again.
    NotPaused {
        /// Why.
        error: String,
    },
    /// The window has opened, and the upgrade of a step that the run has paused was not resumed yet; it is tried again.
    NotResumed {
        /// Why.
        error: String,
    },
    /// The checkpoint could not be kept after a start; the run goes on without.
    CheckpointNotKept {
        /// Why.
        error: String,
    },
    /// A step has ended.
    StepFinished {
        /// How.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// The end of the run; no event follows.
    Finished {
        /// How it ended.
        #[serde(flatten)]
        outcome: Outcome,
    },
}

/// Why a run waits for its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WindowReason {
    /// The window is closed.
    Closed,
    /// It is open, but closes before the step is expected to end.
    TooShort,
    /// The upgrade was paused because the window has closed.
    Paused,
}

/// In words, without time and step.
impl fmt::Display for RunEventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(news) => news.fmt(f),
            Self::Upgrade(kind) => kind.fmt(f),
        }
    }
}

impl fmt::Display for RunNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RunStarted { target_version, steps, done: 0 } => {
                write!(f, "{} to {target_version}", Counted(steps.len(), "step"))
            }
            Self::RunStarted { target_version, steps, done } => {
                write!(f, "{} to {target_version}, {done} of them done before", Counted(steps.len(), "step"))
            }
            Self::StepSkipped => f.write_str("nothing to do"),
            Self::WaitingForWindow { until, reason } => {
                f.write_str(match reason {
                    WindowReason::Closed => "the window is closed",
                    WindowReason::TooShort => "the window closes too soon for this step",
                    WindowReason::Paused => "paused, as the window has closed",
                })?;
                match until.map(crate::window::timestamp) {
                    Some(until) => write!(f, "; waiting until {until:.0}"),
                    None => f.write_str("; it does not open within two years"),
                }
            }
            Self::CheckFinding { finding } => write!(f, "check: {finding}"),
            Self::CheckFailed { error } => write!(f, "the check could not be run: {error}"),
            Self::StepStarted { joined: false } => f.write_str("started"),
            Self::StepStarted { joined: true } => f.write_str("joined: it was under way already"),
            Self::NotPaused { error } => write!(f, "the window has closed, but it goes on: {error}"),
            Self::NotResumed { error } => write!(f, "the window is open, but it is still paused: {error}"),
            Self::CheckpointNotKept { error } => write!(f, "the checkpoint cannot be kept: {error}"),
            Self::StepFinished { outcome } | Self::Finished { outcome } => outcome.fmt(f),
        }
    }
}

/// What it is about, in the fields of an upgrade; of the cluster as a whole it is a kind of its own.
fn kind<S: Serializer>(upgrade: &Option<UpgradeKind>, serializer: S) -> Result<S::Ok, S::Error> {
    match upgrade {
        Some(upgrade) => upgrade.serialize(serializer),
        None => serializer.collect_map([("kind", "cluster")]),
    }
}
