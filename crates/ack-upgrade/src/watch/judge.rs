//! Whether what a look has seen is the end, and which.

use std::time::Duration;

use tokio::time::Instant;

use super::{OnPause, WatchOptions};
use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::observe::{Amiss, Look, Rest};
use crate::outcome::{Outcome, PausedBy};
use crate::phase::Phase;
use crate::skew::Skew;

/// Remembers since when what is upgraded does not show what its task reports.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    unsettled_since: Option<Instant>,
}

impl Judge {
    /// Whether a look is the end. `skew` is that of the node pools, if it was asked for.
    pub(crate) fn judge(
        &mut self,
        handle: &UpgradeHandle,
        look: &Look,
        skew: Option<&Skew>,
        options: &WatchOptions,
    ) -> Option<Outcome> {
        if let Some(Amiss::Foreign(problem)) = &look.amiss {
            return Some(Outcome::Lost { reason: problem.clone() });
        }
        let status = &look.status;
        let unsettled = self.unsettled(look);
        let is_overdue = unsettled.is_some_and(|time| time >= options.settle);
        match status.phase {
            Phase::Succeeded => Some(success(look, skew)),
            // There is a task no more, or never was one; what is upgraded is where it was to be all the same.
            Phase::NotStarted if handle.task_id.is_none() && has_arrived(look) => Some(success(look, skew)),
            Phase::Failed => Some(Outcome::Failed {
                reason: status.error_message.clone().unwrap_or_else(|| "the service names no reason".to_owned()),
            }),
            Phase::Cancelled => Some(Outcome::Cancelled),
            Phase::Paused => {
                let by = status.paused_by.unwrap_or(PausedBy::Person);
                let goes_on = match options.on_pause {
                    // Whoever has asked for it goes on with it.
                    _ if by == PausedBy::Window => true,
                    OnPause::Return => false,
                    OnPause::KeepWaiting => true,
                    OnPause::ResumePolicyPauses => by == PausedBy::Policy,
                };
                (!goes_on).then(|| Outcome::Paused { by, reason: status.error_message.clone() })
            }
            Phase::NotStarted if is_overdue => Some(Outcome::Lost { reason: unknown(handle, look) }),
            Phase::Finishing if is_overdue && look.amiss.is_some() => {
                Some(Outcome::Lost { reason: unknown(handle, look) })
            }
            Phase::Finishing if is_overdue => Some(Outcome::Failed { reason: not_converged(look) }),
            _ => None,
        }
    }

    /// How long it has not been settled, if it is not.
    fn unsettled(&mut self, look: &Look) -> Option<Duration> {
        let is_unsettled = match look.status.phase {
            Phase::NotStarted => true,
            Phase::Finishing => look.rest != Rest::Moving,
            _ => false,
        };
        if !is_unsettled {
            self.unsettled_since = None;
            return None;
        }
        Some(self.unsettled_since.get_or_insert_with(Instant::now).elapsed())
    }
}

fn has_arrived(look: &Look) -> bool {
    look.rest == Rest::InOrder && look.shortfall.is_none() && look.is_verified
}

fn success(look: &Look, skew: Option<&Skew>) -> Outcome {
    match skew {
        Some(Skew { too_old: Some(problem), .. }) => Outcome::Failed { reason: problem.clone() },
        _ => Outcome::Succeeded {
            version: look.status.current_version.clone(),
            verified: look.is_verified && skew.is_none_or(|skew| skew.is_known),
        },
    }
}

fn unknown(handle: &UpgradeHandle, look: &Look) -> String {
    let Some(task_id) = &handle.task_id else {
        return match &handle.kind {
            UpgradeKind::ControlPlane => "the service knows of no upgrade of this cluster".to_owned(),
            kind => format!("the service knows of no upgrade of {kind}"),
        };
    };
    let stands = match (&look.rest, &look.shortfall) {
        (Rest::Broken(problem), _) | (_, Some(problem)) => problem.clone(),
        (_, None) if look.is_verified => "what it was to upgrade is at the target version".to_owned(),
        (_, None) => "whether it has come to its end cannot be told".to_owned(),
    };
    format!("the service does not know task {task_id}, or not any more; {stands}")
}

fn not_converged(look: &Look) -> String {
    let problem = match (&look.rest, &look.shortfall) {
        (Rest::Broken(problem), _) | (_, Some(problem)) => problem.as_str(),
        _ => "it does not show",
    };
    format!("the task succeeded, but {problem}")
}
