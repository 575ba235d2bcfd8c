//! Resuming what a pause policy has paused.

use std::time::Duration;

use tokio::time::Instant;

use super::{OnPause, Watch};
use crate::control::{self, Action};
use crate::event::EventKind;
use crate::outcome::{Outcome, PausedBy};
use crate::phase::Phase;

/// A resume that was taken has so long to show, before it is asked for again.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a pause is tried to be resumed.
const ATTEMPTS: u32 = 3;

/// How far resuming the present pause has come.
#[derive(Debug, Default)]
pub(super) struct Resumption {
    is_due: bool,
    attempts: u32,
    asked: Option<Instant>,
}

impl Resumption {
    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }

    /// Leaves the present pause as it is until the next look.
    pub(super) fn put_off(&mut self) {
        self.is_due = false;
    }

    /// Takes note of a look, and of whether a pause is one of a policy that is to end now.
    pub(super) fn see(&mut self, phase: Phase, is_to_end: bool) {
        if phase != Phase::Paused {
            *self = Self::default();
        } else {
            self.is_due = is_to_end && self.asked.is_none_or(|asked| asked.elapsed() >= PATIENCE);
        }
    }
}

impl Watch {
    /// Asks the service to resume it. Whether it does is seen by the next look.
    pub(super) async fn resume(&mut self) {
        let Some(status) = self.last.as_ref().filter(|_| self.options.on_pause == OnPause::ResumePolicyPauses) else {
            self.resumption.is_due = false;
            return;
        };
        let answer = control::request(&self.upgrades, Action::Resume, &self.handle, status).await;
        self.resumption.is_due = false;
        self.resumption.attempts += 1;
        self.resumption.asked = Some(Instant::now());
        let (cause, request_id) = match answer {
            Ok(Some(_)) => return,
            Ok(None) => ("its task is not known".to_owned(), None),
            Err(error) => (error.to_string(), error.request_id().map(str::to_owned)),
        };
        let error = format!("it could not be resumed: {cause}");
        if self.resumption.attempts >= ATTEMPTS {
            self.finish(Outcome::Paused { by: PausedBy::Policy, reason: Some(error) }, request_id);
        } else {
            self.tell(EventKind::PollError { error, consecutive: self.resumption.attempts }, request_id);
        }
    }
}
