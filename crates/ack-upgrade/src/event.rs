//! What happens while an upgrade is followed.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

use crate::finding::PrecheckFinding;
use crate::handle::UpgradeKind;
use crate::outcome::{Outcome, PausedBy};
use crate::phase::Phase;
use crate::stall::Stall;
use crate::status::{Progress, UpgradeStatus};

/// The JSON Schema of a serialised [`Event`] or [`RunEvent`](crate::RunEvent), and so of each line of JSON that `ackctl upgrade start`,
/// `watch`, `wait`, `run` and `apply` print.
///
/// Later versions may add events, fields and values: ignore what is not known. What it requires today stays.
pub const EVENT_SCHEMA: &str = include_str!("../event.schema.json");

/// One thing that happened, with when and by which call it was learned.
///
/// Serialised it is one flat object:
/// `{"at":"..","elapsed_seconds":12.5,"cluster_id":"..","kind":"control_plane","event":"stage_changed","stage":".."}`, as [`EVENT_SCHEMA`] says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// When it was seen, by the local clock.
    #[serde(serialize_with = "rfc3339")]
    pub at: SystemTime,
    /// How long the upgrade had been followed then.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub elapsed: Duration,
    /// The cluster.
    pub cluster_id: String,
    /// What of the cluster is upgraded.
    #[serde(flatten)]
    pub upgrade: UpgradeKind,
    /// The task, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// The request ID of the call it was learned by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// The first look.
    Started {
        /// All that was seen.
        status: Box<UpgradeStatus>,
    },
    /// The check before the upgrade has found something.
    PrecheckFinding {
        /// What it is.
        #[serde(flatten)]
        finding: PrecheckFinding,
    },
    /// The upgrade stands elsewhere now.
    PhaseChanged {
        /// Where it stood.
        from: Phase,
        /// Where it stands.
        to: Phase,
    },
    /// The task is at another stage.
    StageChanged {
        /// The stage, as the service names it.
        stage: String,
    },
    /// More work is done, or more is known.
    Progress {
        /// Work done of work known.
        #[serde(flatten)]
        progress: Progress,
    },
    /// The service tells of something that happened to one node.
    NodeEvent {
        /// The node: its name, or the ID of its instance.
        node: String,
        /// What the service tells.
        #[serde(flatten)]
        notice: Notice,
    },
    /// The service tells of something that is not about one node.
    TaskEvent {
        /// What the service tells.
        #[serde(flatten)]
        notice: Notice,
    },
    /// It has paused.
    Paused {
        /// Who or what paused it.
        by: PausedBy,
        /// The service's words, if any.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// It has left the pause.
    Resumed,
    /// Nothing has been heard of it for a while. It may well go on; told once until something is heard again.
    Stalled {
        /// What is known about it.
        #[serde(flatten)]
        stall: Stall,
    },
    /// A look failed; the next one is on its way.
    PollError {
        /// What failed.
        error: String,
        /// How many looks have failed in a row.
        consecutive: u32,
    },
    /// The end; no event follows.
    Finished {
        /// How it ended.
        #[serde(flatten)]
        outcome: Outcome,
    },
}

/// An event of the service's own, as the task lists it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Notice {
    /// How serious it is.
    pub level: Level,
    /// A short reason in one word, such as `NodePoolUpgradeStart`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What happened, in words for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When it happened, by the service's clock.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_rfc3339")]
    pub happened_at: Option<SystemTime>,
}

/// How serious an event of the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// For information, and everything that is not known to be more than that.
    Normal,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
}

impl Notice {
    /// A notice without reason and time.
    #[must_use]
    pub fn new(level: Level, message: impl Into<String>) -> Self {
        Self { level, reason: None, message: Some(message.into()), happened_at: None }
    }
}

/// What happened in words, without its time.
impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started { status } => status.fmt(f),
            Self::PrecheckFinding { finding } => write!(f, "precheck: {finding}"),
            Self::PhaseChanged { to, .. } => to.fmt(f),
            Self::StageChanged { stage } => write!(f, "stage {stage}"),
            Self::Progress { progress } => write!(f, "{progress} done"),
            Self::NodeEvent { node, notice } => match &notice.message {
                // Most messages name the node themselves.
                Some(message) if message.contains(node) => notice.fmt(f),
                _ => write!(f, "node {node}: {notice}"),
            },
            Self::TaskEvent { notice } => notice.fmt(f),
            Self::Paused { by, reason: None } => write!(f, "paused by {by}"),
            Self::Paused { by, reason: Some(reason) } => write!(f, "paused by {by}: {reason}"),
            Self::Resumed => f.write_str("resumed"),
            Self::Stalled { stall } => stall.fmt(f),
            Self::PollError { error, consecutive: 1 } => write!(f, "a look failed: {error}"),
            Self::PollError { error, consecutive } => write!(f, "{consecutive} looks in a row failed: {error}"),
            Self::Finished { outcome } => outcome.fmt(f),
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.level != Level::Normal {
            write!(f, "{}: ", self.level)?;
        }
        match (&self.message, &self.reason) {
            (Some(message), _) => f.write_str(message),
            (None, Some(reason)) => f.write_str(reason),
            (None, None) => f.write_str("an event without words"),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Normal => "normal",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A time with milliseconds.
pub(crate) fn rfc3339<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let text = jiff::Timestamp::try_from(*at).map_or_else(|_| String::new(), |at| format!("{at:.3}"));
    serializer.serialize_str(&text)
}

pub(crate) fn maybe_rfc3339<S: Serializer>(at: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => rfc3339(at, serializer),
        None => serializer.serialize_none(),
    }
}

/// Seconds with milliseconds.
pub(crate) fn seconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let milliseconds = (elapsed.as_secs_f64() * 1000.0).round();
    serializer.serialize_f64(milliseconds / 1000.0)
}
