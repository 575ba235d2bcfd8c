//! Whose a pause is, where the one who follows has asked for it.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::Watch;
use crate::observe::Look;
use crate::outcome::PausedBy;
use crate::phase::Phase;
use crate::status::UpgradeStatus;
use crate::window::time_of;

/// What was seen of an upgrade in a pause. Nothing of it changes while it is paused, so that another mark tells of another
/// pause, and so of somebody who has resumed it in between.
///
/// What the service does not tell is absent, and says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PauseMark {
    /// When the task changed last, as the service prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// The stage the task is at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The work that is done, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<String>,
    /// The newest event of the service, with its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_event: Option<String>,
}

/// Which pauses are those that a run has asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The first that is seen, unless the task has changed later than this.
    First { not_after: Option<SystemTime> },
    /// The one that was seen before, unless something shows that it has been left since.
    Same { seen: PauseMark },
    /// The one that was seen before, if that is certain.
    Surely { seen: PauseMark },
}

/// How often to look, beside what the options say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    AtMost(Duration),
    AtLeast(Duration),
}

/// What a run tells the watch of one of its steps.
#[derive(Debug, Default)]
pub(super) struct Steering {
    claim: Option<Claim>,
    pace: Option<Pace>,
    holds_policy_pauses: bool,
}

impl PauseMark {
    /// What one look has seen.
    pub(crate) fn of(look: &Look) -> Self {
        let status = &look.status;
        // The list may be in any order, and of events of the same time the last is the newest.
        let newest = look.told.iter().max_by_key(|told| told.notice.happened_at);
        let last_event = newest.map(|told| {
            let at = told.notice.happened_at.and_then(|at| jiff::Timestamp::try_from(at).ok());
            let at = at.map(|at| format!("{at:.3} ")).unwrap_or_default();
            format!("{at}{}", told.notice)
        });
        Self {
            updated_at: status.updated_at.clone(),
            stage: status.stage.clone(),
            progress: status.progress.map(|progress| progress.to_string()),
            last_event,
        }
    }

    /// Whether work was done or something was told between two marks.
    fn has_moved(&self, now: &Self) -> bool {
        let differ = |left: &Option<String>, right: &Option<String>| left.is_some() && right.is_some() && left != right;
        differ(&self.stage, &now.stage)
            || differ(&self.progress, &now.progress)
            || differ(&self.last_event, &now.last_event)
    }

    /// Whether nothing can have happened between two marks. Whether a service changes a task only when something happens to
    /// it is not known; that the time of its last change is the same proves that nothing has.
    pub(crate) fn is_surely(&self, now: &Self) -> bool {
        self.updated_at.is_some() && self.updated_at == now.updated_at && !self.has_moved(now)
    }
}

impl Claim {
    pub(crate) fn covers(&self, look: &Look) -> bool {
        let is_stated = look.is_pause_stated && look.status.paused_by != Some(PausedBy::Person);
        if look.status.phase != Phase::Paused || is_stated {
            return false;
        }
        match self {
            Self::First { not_after } => match (not_after, changed_at(&look.status)) {
                (Some(limit), Some(changed)) => changed <= *limit,
                _ => true,
            },
            Self::Same { seen } => !seen.has_moved(&PauseMark::of(look)),
            Self::Surely { seen } => seen.is_surely(&PauseMark::of(look)),
        }
    }
}

impl Steering {
    /// Names who has asked for a pause, where the service cannot.
    pub(super) fn attribute(&self, look: &mut Look) {
        if self.claim.as_ref().is_some_and(|claim| claim.covers(look)) {
            look.status.paused_by = Some(PausedBy::Window);
        }
    }

    pub(super) fn paced(&self, wait: Duration) -> Duration {
        match self.pace {
            Some(Pace::AtMost(most)) => wait.min(most),
            Some(Pace::AtLeast(least)) => wait.max(least),
            None => wait,
        }
    }

    pub(super) fn lets_policy_pauses_end(&self) -> bool {
        !self.holds_policy_pauses
    }
}

impl Watch {
    /// Which pauses are to be taken for those that the window has asked for, from the next look on.
    pub(crate) fn claim(&mut self, claim: Option<Claim>) {
        self.steering.claim = claim;
    }

    /// Whether pauses of a policy are left as they are for now, though they are to be resumed.
    pub(crate) fn hold_policy_pauses(&mut self, holds: bool) {
        self.steering.holds_policy_pauses = holds;
        if holds {
            self.resumption.put_off();
        }
    }

    /// Whether pauses of a policy are to be resumed.
    pub(crate) fn resumes_policy_pauses(&self) -> bool {
        self.options.on_pause == super::OnPause::ResumePolicyPauses
    }

    /// How often to look from now on.
    pub(crate) fn set_pace(&mut self, pace: Option<Pace>) {
        if self.steering.pace == pace {
            return;
        }
        self.steering.pace = pace;
        if let (Some(Pace::AtMost(most)), Some(next)) = (pace, self.next_look) {
            self.next_look = Some(next.min(Instant::now() + most));
        }
    }

    /// What was seen is out of date.
    pub(crate) fn look_at_once(&mut self) {
        self.next_look = self.next_look.map(|next| next.min(Instant::now()));
    }

    /// Whether the newest status has more to tell than was told so far.
    pub(crate) fn is_behind(&self) -> bool {
        !self.pending.is_empty()
    }

    /// What the newest look has seen of a pause.
    pub(crate) fn mark(&self) -> &PauseMark {
        &self.mark
    }

    /// The next event, or none once it is `wake` and no look is under way: one that has begun is made to its end.
    pub(crate) async fn next_until(&mut self, wake: Instant) -> Option<super::Event> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            if self.outcome.is_some() || Instant::now() >= wake {
                return None;
            }
            match self.next_look {
                _ if self.resumption.is_due() => self.resume().await,
                Some(at) if at > wake => tokio::time::sleep_until(wake).await,
                _ => self.look().await,
            }
        }
    }
}

fn changed_at(status: &UpgradeStatus) -> Option<SystemTime> {
    time_of(status.updated_at.as_deref()?)
}
