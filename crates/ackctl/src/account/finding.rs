//! What went wrong, or might have.

use jiff::Timestamp;
use serde::Serialize;

use super::{rfc3339, words};
use crate::record::ReadEvent;

/// Something worth a look.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Finding {
    #[serde(serialize_with = "rfc3339")]
    pub(crate) at: Timestamp,
    pub(crate) weight: Weight,
    /// Where it comes from, such as `precheck`.
    pub(crate) source: &'static str,
    pub(crate) text: String,
    /// What it was found on.
    pub(crate) targets: Vec<String>,
    /// What to try next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
}

/// How much it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Weight {
    Warning,
    Error,
}

impl Weight {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Finding {
    /// Whether nothing like it was found before.
    pub(super) fn is_new_to(&self, known: &[Self]) -> bool {
        !known.iter().any(|known| known.source == self.source && known.text == self.text)
    }

    /// What an event is worth a look for, if it is.
    pub(super) fn of(event: &ReadEvent) -> Option<Self> {
        let serious = |value: Option<&str>, word| if value == Some(word) { Weight::Error } else { Weight::Warning };
        let (weight, source, text) = match event.event.as_str() {
            "precheck_finding" | "check_finding" => {
                let check = event.check.as_ref().map(|check| format!(" ({check})")).unwrap_or_default();
                (serious(event.severity.as_deref(), "blocking"), "precheck", format!("{}{check}", words(event)))
            }
            "node_event" | "task_event" if matches!(event.level.as_deref(), Some("warning" | "error")) => {
                let text = match &event.node {
                    Some(node) if !words(event).contains(node) => format!("node {node}: {}", words(event)),
                    _ => words(event),
                };
                (serious(event.level.as_deref(), "error"), "service", text)
            }
            "stalled" => {
                let minutes = event.idle_seconds.unwrap_or_default() / 60.0;
                let cause = event.likely_cause.as_deref().unwrap_or("unknown").replace('_', " ");
                (Weight::Warning, "stall", format!("nothing was heard for {minutes:.0} minutes; likely cause: {cause}"))
            }
            "poll_error" => (Weight::Warning, "look", format!("a look failed: {}", words(event))),
            "check_failed" => (Weight::Warning, "precheck", format!("the check could not be run: {}", words(event))),
            "not_paused" => (Weight::Warning, "window", format!("it was not paused: {}", words(event))),
            "not_resumed" => (Weight::Warning, "window", format!("it was not resumed: {}", words(event))),
            "checkpoint_not_kept" => {
                (Weight::Warning, "checkpoint", format!("the checkpoint could not be kept: {}", words(event)))
            }
            _ => return None,
        };
        let at = event.happened_at.unwrap_or(event.at);
        let (targets, next_step) = (event.targets.clone(), event.next_step.clone());
        Some(Self { at, weight, source, text, targets, next_step, request_id: event.request_id.clone() })
    }
}
