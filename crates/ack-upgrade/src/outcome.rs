//! How following an upgrade ends.

use std::fmt;

use serde::Serialize;

use crate::phase::Phase;

/// How following an upgrade ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The task succeeded and the cluster is `running`, at the target version if one was known.
    Succeeded {
        /// The version the cluster runs now.
        version: Option<String>,
        /// Whether the version was compared with a known target.
        verified: bool,
    },
    /// The upgrade ended without success. Nothing will happen by itself.
    Failed {
        /// The service's words, or what does not fit.
        reason: String,
    },
    /// Somebody cancelled it. Nodes that were done stay upgraded.
    Cancelled,
    /// It is paused, by a person, a policy or an error, and waits to be resumed.
    Paused {
        /// The service's words, if any.
        reason: Option<String>,
    },
    /// The time limit passed while it was going on. It goes on; follow it again.
    StillRunning {
        /// Where it stood last.
        phase: Phase,
    },
    /// It cannot be followed: it is not to be found, or the service does not answer. It may go on all the same.
    Lost {
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// Whether the cluster reached what the upgrade was for.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded { version: Some(version), .. } => {
                write!(f, "succeeded: the cluster is running at {version}")
            }
            Self::Succeeded { .. } => f.write_str("succeeded: the cluster is running"),
            Self::Failed { reason } => write!(f, "failed: {reason}"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Paused { reason: Some(reason) } => write!(f, "paused: {reason}"),
            Self::Paused { reason: None } => f.write_str("paused"),
            Self::StillRunning { phase } => write!(f, "still running at the time limit ({phase})"),
            Self::Lost { reason } => write!(f, "lost sight of the upgrade: {reason}"),
        }
    }
}
