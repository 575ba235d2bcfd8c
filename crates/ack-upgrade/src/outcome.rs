//! How following an upgrade ends.

use std::fmt;

use serde::Serialize;

use crate::phase::Phase;

/// How following an upgrade ended.
///
/// | outcome | what to do |
/// |---|---|
/// | `Succeeded` | nothing |
/// | `Failed` | mend what the reason names, then start again; nothing happens by itself |
/// | `Cancelled` | look at the versions of the nodes: those that were done stay upgraded |
/// | `Paused` | resume it, or cancel it; after 15 days the service closes it. What a run has paused itself is resumed by running it again |
/// | `StillRunning` | follow it again by its handle |
/// | `Lost` | look at its status once the cause is mended; it may go on all the same |
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
    /// It is paused and waits to be resumed.
    Paused {
        /// Who or what paused it.
        by: PausedBy,
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

/// Who or what paused an upgrade.
///
/// The service does not say so. It is inferred: from an error that the paused task reports, from the pause policy of a
/// node pool upgrade, and otherwise it was a person. A [`Run`](crate::Run) knows which pauses it has asked for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PausedBy {
    /// Somebody, by PauseTask or in the console.
    Person,
    /// The run that tells so, because its window has closed. Whoever else looks at the upgrade sees the pause of a person.
    Window,
    /// The pause policy of a node pool upgrade, after its first or after every batch.
    Policy,
    /// An error, at which the service pauses by itself.
    Error,
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
                write!(f, "succeeded: running at {version}")
            }
            Self::Succeeded { .. } => f.write_str("succeeded"),
            Self::Failed { reason } => write!(f, "failed: {reason}"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Paused { by, reason: Some(reason) } => write!(f, "paused by {by}: {reason}"),
            Self::Paused { by, reason: None } => write!(f, "paused by {by}"),
            Self::StillRunning { phase } => write!(f, "still running at the time limit ({phase})"),
            Self::Lost { reason } => write!(f, "lost sight of the upgrade: {reason}"),
        }
    }
}

/// A phrase to follow `paused by`.
impl fmt::Display for PausedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Person => "a person",
            Self::Window => "the end of its window",
            Self::Policy => "its pause policy",
            Self::Error => "an error",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Breaks where an outcome is added, to remind of the schema, and by it of whoever tells outcomes by it, such as exit codes.
    fn name(outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Succeeded { .. } => "succeeded",
            Outcome::Failed { .. } => "failed",
            Outcome::Cancelled => "cancelled",
            Outcome::Paused { .. } => "paused",
            Outcome::StillRunning { .. } => "still_running",
            Outcome::Lost { .. } => "lost",
        }
    }

    #[test]
    fn the_schema_has_every_outcome() {
        let reason = String::new;
        let all = [
            Outcome::Succeeded { version: None, verified: true },
            Outcome::Failed { reason: reason() },
            Outcome::Cancelled,
            Outcome::Paused { by: PausedBy::Policy, reason: None },
            Outcome::StillRunning { phase: Phase::Upgrading },
            Outcome::Lost { reason: reason() },
        ];
        let schema: serde_json::Value = serde_json::from_str(crate::EVENT_SCHEMA).unwrap();
        let listed = &schema["$defs"]["outcome"]["properties"]["outcome"]["enum"];
        assert_eq!(*listed, serde_json::json!(all.each_ref().map(name)));
        for outcome in all {
            assert_eq!(serde_json::to_value(&outcome).unwrap()["outcome"], name(&outcome));
        }
    }
}
