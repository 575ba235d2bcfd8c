//! Following the upgrade of a step, with a pause where the window ends.

use std::pin::pin;

use futures_util::future::{Either, select};

use super::checkpoint::StepProgress;
use super::conductor::Conductor;
use super::event::RunNews;
use crate::control::ControlOptions;
use crate::event::EventKind;
use crate::handle::UpgradeHandle;
use crate::outcome::{Outcome, PausedBy};
use crate::plan::Step;

/// What made following stop.
enum Stop {
    Ended(Outcome),
    WindowClosed,
}

impl Conductor {
    /// Follows to the end. `paused` says that the run itself has paused it at the end of the window.
    pub(super) async fn follow(&self, step: &Step, mut handle: UpgradeHandle, mut paused: bool) -> Outcome {
        let mut may_pause = self.options.pauses_at_window_end && self.plan.window.is_some();
        loop {
            if paused {
                if let Err(outcome) = self.go_on(step, &handle).await {
                    return outcome;
                }
                self.remember(step, &handle, false);
            }
            match self.watch(step, &mut handle, may_pause).await {
                Stop::Ended(outcome) => return outcome,
                Stop::WindowClosed => {
                    // Kept first, so that whoever takes this up knows whose pause it is.
                    self.remember(step, &handle, true);
                    match self.upgrades.pause(&handle, &ControlOptions::default()).await {
                        Ok(_) => paused = true,
                        Err(error) => {
                            self.remember(step, &handle, false);
                            self.tell(Some(step), RunNews::NotPaused { error: error.to_string() });
                            (paused, may_pause) = (false, false);
                        }
                    }
                }
            }
        }
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

    /// Waits for the window and resumes.
    async fn go_on(&self, step: &Step, handle: &UpgradeHandle) -> Result<(), Outcome> {
        self.wait_until_open(step).await?;
        let mut errors = 0;
        loop {
            match self.upgrades.resume(handle, &ControlOptions::default()).await {
                Ok(_) => return Ok(()),
                // It has ended or goes on already: following it tells.
                Err(error) if error.is_refused() => return Ok(()),
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
