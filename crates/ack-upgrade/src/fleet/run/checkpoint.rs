//! How far a run over a fleet has come.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::outcome::Outcome;
use crate::stored;

/// What the stored form says it is.
const FORMAT: &str = "ack-upgrade-fleet-checkpoint";
/// The version of the stored form. It rises when older readers would misread it.
const FORMAT_VERSION: u32 = 1;

/// The clusters of a run over a fleet in their waves, and how far each has come: what it takes to go on in another process,
/// together with the [`Checkpoint`](crate::Checkpoint) of each cluster that was begun.
///
/// Its stored form is JSON and holds no secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FleetCheckpoint {
    format: String,
    format_version: u32,
    /// The version to reach, as it was asked for.
    pub target: String,
    /// When it was kept, as an RFC 3339 time.
    pub updated_at: String,
    /// Whether every cluster has ended.
    pub finished: bool,
    /// The waves, in order.
    pub waves: Vec<FleetWave>,
    /// How many clusters of the fleet are in none of them, as the waves take no more.
    #[serde(default)]
    pub left_out: usize,
    /// The clusters that are in none of them because there is nothing to bring them to: when they were found they were newer than
    /// the target, or at it with nothing else to bring along.
    #[serde(default)]
    pub left_alone: Vec<FleetMember>,
}

/// A wave of a run over a fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FleetWave {
    /// Its name, if it was given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Until when the wave after it waits, as an RFC 3339 time, once it has succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soaks_until: Option<String>,
    /// Its clusters, in order.
    pub clusters: Vec<FleetMember>,
}

/// A cluster in a wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FleetMember {
    /// The account, by the name it was given.
    pub account: String,
    /// The region.
    pub region: String,
    /// The cluster.
    pub cluster_id: String,
    /// The version of its control plane when it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How far it has come.
    #[serde(flatten)]
    pub progress: MemberProgress,
}

/// How far a cluster has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MemberProgress {
    /// It has not begun.
    Waiting,
    /// It has begun.
    UnderWay,
    /// It was brought to the version.
    Succeeded,
    /// It was at the version already, and there was nothing to do.
    UpToDate,
    /// It is newer than the version, and was left alone.
    Newer {
        /// The version that its control plane has, or is being brought to.
        newer_version: String,
    },
    /// It has failed, or was cancelled. It is begun again only if that is asked for.
    Failed {
        /// How it ended, in words.
        reason: String,
    },
    /// It is paused, or out of sight. It is taken up again by the next run.
    Halted {
        /// How it stands, in words.
        reason: String,
    },
}

impl FleetCheckpoint {
    pub(super) fn new(target: String, waves: Vec<FleetWave>, left_out: usize, left_alone: Vec<FleetMember>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            target,
            updated_at: String::new(),
            finished: false,
            waves,
            left_out,
            left_alone,
        }
    }

    /// The stored form: indented JSON with a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        stored::to_json(self)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the text is no checkpoint of a fleet, or one of a later format.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &dyn std::fmt::Display| {
            Error::invalid(format!(
                "the checkpoint of the fleet cannot be read: {problem}; a new run looks at every cluster before it starts anything"
            ))
        };
        let value = stored::of_version(text, FORMAT, FORMAT_VERSION, wrong)?;
        serde_json::from_value(value).map_err(|error| wrong(&error))
    }

    /// Lets clusters begin again that stand still, and those that have failed if they are to be tried again.
    pub(super) fn reopen(&mut self, retries_failed: bool) {
        for member in self.waves.iter_mut().flat_map(|wave| &mut wave.clusters) {
            let is_due = match member.progress {
                MemberProgress::Halted { .. } => true,
                MemberProgress::Failed { .. } => retries_failed,
                _ => false,
            };
            if is_due {
                member.progress = MemberProgress::Waiting;
                self.finished = false;
            }
        }
    }

    /// All clusters in the waves, and so not those that are left alone from the beginning.
    pub fn members(&self) -> impl Iterator<Item = &FleetMember> {
        self.waves.iter().flat_map(|wave| &wave.clusters)
    }
}

impl MemberProgress {
    /// How a cluster stands whose own run has ended.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Succeeded { .. } => Self::Succeeded,
            Outcome::Failed { .. } | Outcome::Cancelled => Self::Failed { reason: outcome.to_string() },
            other => Self::Halted { reason: other.to_string() },
        }
    }

    /// Whether there is nothing left to do about it, unless it failed and is to be tried again.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        !matches!(self, Self::Waiting | Self::UnderWay | Self::Halted { .. })
    }

    /// Whether there was nothing to do: it is up to date, or newer.
    #[must_use]
    pub fn is_left_alone(&self) -> bool {
        matches!(self, Self::UpToDate | Self::Newer { .. })
    }

    /// Whether it has ended without success, or stands still: then it counts against the
    /// [`FailureBudget`](super::FailureBudget).
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Halted { .. })
    }
}
