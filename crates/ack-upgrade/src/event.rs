//! What happens while an upgrade is followed.

use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::status::{Progress, UpgradeStatus};

/// One thing that happened, with when and by which call it was learned.
///
/// Serialised it is one flat object: `{"at":"..","elapsed_seconds":12.5,"event":"stage_changed","stage":"..."}`.
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
    /// The upgrade stands elsewhere now.
    PhaseChanged {
        /// Where it stood.
        from: Phase,
        /// Where it stands.
        to: Phase,
    },
    /// The task is at another stage.
    StageChanged {
        /// The stage.
        stage: String,
    },
    /// More work is done, or more is known.
    Progress {
        /// Work done of work known.
        #[serde(flatten)]
        progress: Progress,
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

fn rfc3339<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let text = jiff::Timestamp::try_from(*at).map_or_else(|_| String::new(), |at| format!("{at:.3}"));
    serializer.serialize_str(&text)
}

fn seconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let milliseconds = (elapsed.as_secs_f64() * 1000.0).round();
    serializer.serialize_f64(milliseconds / 1000.0)
}
