//! Following the upgrade of a step, with a pause where the window ends.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::Instant;

use super::checkpoint::StepProgress;
use super::conductor::Conductor;
use super::event::RunNews;
use super::step::is_passing;
use crate::control::ControlOptions;
use crate::event::EventKind;
use crate::handle::UpgradeHandle;
use crate::outcome::{Outcome, PausedBy};
use crate::plan::Step;

/// How long after it was sent a pause may take effect.
const LATEST_PAUSE: Duration = Duration::from_secs(10 * 60);

/// What made following stop.
enum Stop {
    Ended(Outcome),
    WindowClosed,
}

/// What came of pausing at the end of the window.
enum Pause {
    /// It is paused by this run, which is to resume it.
    Ours,
    /// It was paused already, by somebody else or by its policy.
    Others,
    /// It was sent, and may take effect yet.
    Late,
    /// It goes on, and has been told of.
    None,
}

impl Conductor {
    /// Follows to the end. `was_paused` says that a run before this one was about to pause it at the end of the window, or to
    /// resume it: it may or may not have come to that.
    pub(super) async fn follow(&self, step: &Step, mut handle: UpgradeHandle, was_paused: bool) -> Outcome {
        let pauses = self.options.pauses_at_window_end && self.plan.window.is_some();
        // A pause that is found, and taken for somebody else's, is the run's own while it may yet take effect.
        let mut late_until: Option<Instant> = None;
        let mut may_pause = pauses;
        let mut to_resume = was_paused;
        if was_paused && pauses && !self.is_window_open() {
            to_resume = match self.pause(step, &handle).await {
                Pause::Ours | Pause::Others => true,
                Pause::Late | Pause::None => false,
            };
            (may_pause, late_until) = (to_resume, far_away());
        }
        loop {
            if to_resume {
                match self.go_on(step, &handle).await {
                    Ok(is_sent) => late_until = (!is_sent).then(|| Instant::now() + LATEST_PAUSE),
                    Err(outcome) => return outcome,
                }
                self.remember(step, &handle, false);
                (to_resume, may_pause) = (false, pauses);
            }
            match self.watch(step, &mut handle, may_pause).await {
                Stop::Ended(Outcome::Paused { by: PausedBy::Person, .. })
                    if late_until.take().is_some_and(|until| Instant::now() < until) =>
                {
                    to_resume = true;
                }
                Stop::Ended(outcome) => return outcome,
                Stop::WindowClosed => match self.pause(step, &handle).await {
                    Pause::Ours => to_resume = true,
                    // Whether it is to go on is not for the window to say.
                    Pause::Others => {
                        self.remember(step, &handle, false);
                        if let Err(outcome) = self.wait_until_open(step).await {
                            return outcome;
                        }
                    }
                    Pause::Late => (may_pause, late_until) = (false, far_away()),
                    Pause::None => may_pause = false,
                },
            }
        }
    }

    /// Pauses at the end of the window. Failures that pass are borne for a while, and what has no effect is sent once more.
    async fn pause(&self, step: &Step, handle: &UpgradeHandle) -> Pause {
        // Kept first, so that whoever takes this up knows whose pause it is.
        self.remember(step, handle, true);
        let (mut errors, mut is_sent) = (0, false);
        let error = loop {
            let error = match self.upgrades.pause(handle, &ControlOptions::default()).await {
                Ok(done) if done.already && !is_sent => return Pause::Others,
                Ok(_) => return Pause::Ours,
                Err(error) => error,
            };
            if error.is_not_in_effect() && !is_sent {
                // The request may have been lost.
                is_sent = true;
                continue;
            }
            match error.client().filter(|cause| is_passing(cause)) {
                Some(cause) if self.bear(Some(step), cause, &mut errors).await.is_ok() => {}
                _ => break error,
            }
        };
        self.tell(Some(step), RunNews::NotPaused { error: error.to_string() });
        if error.is_not_in_effect() {
            return Pause::Late;
        }
        self.remember(step, handle, false);
        Pause::None
    }

    async fn watch(&self, step: &Step, handle: &mut UpgradeHandle, stops_at_window_end: bool) -> Stop {
        let options = self.options.watch.clone().time_limit(None);
        let mut watch = self.upgrades.watch_with(&*handle, options);
        loop {
            let event = {
                let next = pin!(watch.next());
                if stops_at_window_end {
                    match select(next, pin!(self.window_closed())).await {
                        Either::Left((event, _)) => event,
                        Either::Right(_) => return Stop::WindowClosed,
                    }
                } else {
                    next.await
                }
            };
            let Some(event) = event else { break };
            if watch.handle() != handle {
                // It has learned the task, so that nobody else's can be taken for it.
                handle.clone_from(watch.handle());
                self.remember(step, handle, false);
            }
            self.see(step, handle, watch.status());
            if !matches!(event.kind, EventKind::Finished { .. }) {
                self.pass_on(step, event);
            }
        }
        let outcome = watch.outcome().cloned();
        Stop::Ended(outcome.unwrap_or(Outcome::Lost { reason: "the watch ended without an outcome".to_owned() }))
    }

    /// Waits for the window and resumes. Says whether that had to be sent.
    async fn go_on(&self, step: &Step, handle: &UpgradeHandle) -> Result<bool, Outcome> {
        self.wait_until_open(step).await?;
        let mut errors = 0;
        loop {
            match self.upgrades.resume(handle, &ControlOptions::default()).await {
                Ok(done) => return Ok(!done.already),
                // It has ended: following it tells.
                Err(error) if error.is_refused() => return Ok(true),
                Err(error) => match error.client() {
                    Some(cause) => self.bear(Some(step), cause, &mut errors).await?,
                    None => {
                        let reason =
                            Some(format!("it was paused at the end of the window, and cannot be resumed: {error}"));
                        return Err(Outcome::Paused { by: PausedBy::Person, reason });
                    }
                },
            }
        }
    }

    fn remember(&self, step: &Step, handle: &UpgradeHandle, paused_by_window: bool) {
        self.record_if_possible(step, StepProgress::Started { handle: handle.clone(), paused_by_window });
    }
}

/// Later than any upgrade takes.
fn far_away() -> Option<Instant> {
    Instant::now().checked_add(Duration::from_secs(30 * 24 * 60 * 60))
}
