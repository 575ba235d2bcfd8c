//! An upgrade that nothing is heard of: what is known, what it may be, and what to try.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::event::seconds;

/// An upgrade at which nothing has happened for longer than usual.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stall {
    /// How long nothing has been heard: no new stage, event, progress or state.
    #[serde(rename = "idle_seconds", serialize_with = "seconds")]
    pub idle: Duration,
    /// The stage it is at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The last the service said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event: Option<String>,
    /// What it looks like.
    pub likely_cause: StallCause,
    /// What to try next, in words for people.
    pub next_step: String,
}

/// What keeps an upgrade from going on, as far as its stage and events tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StallCause {
    /// Pods that cannot be evicted from a node.
    Drain,
    /// The check before the upgrade.
    Precheck,
    /// A quota, a lack of stock, or the account's balance.
    Quota,
    /// An image or package that cannot be fetched.
    ImagePull,
    /// A node that does not become ready.
    Node,
    /// The control plane that does not become healthy.
    ControlPlane,
    /// Nothing that the service said tells.
    Unknown,
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing heard for {} minutes", self.idle.as_secs() / 60)?;
        if let Some(stage) = &self.stage {
            write!(f, " at stage {stage}")?;
        }
        if let Some(event) = &self.last_event {
            write!(f, ", last {event:?}")?;
        }
        write!(f, "; likely cause: {}; {}", self.likely_cause, self.next_step)
    }
}

impl fmt::Display for StallCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Drain => "pods that cannot be evicted",
            Self::Precheck => "the check before the upgrade",
            Self::Quota => "a quota, stock or balance that is used up",
            Self::ImagePull => "an image that cannot be fetched",
            Self::Node => "a node that does not become ready",
            Self::ControlPlane => "a control plane that does not become healthy",
            Self::Unknown => "unknown",
        })
    }
}
