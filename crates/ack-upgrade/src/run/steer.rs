//! Pausing where the window closes, and resuming where it opens.

use std::time::Duration;

use ack_client::Error as ClientError;
use tokio::time::Instant;

use super::checkpoint::WindowPause;
use super::conductor::{Conductor, now};
use super::event::{RunNews, WindowReason};
use super::follow::{Follower, PATIENCE};
use super::step::is_passing;
use crate::control::{self, Action};
use crate::error::Error;
use crate::handle::UpgradeHandle;
use crate::observe::{Look, observe};
use crate::outcome::{Outcome, PausedBy};
use crate::phase::Phase;
use crate::watch::{PauseMark, is_permanent};

/// After something unexpected was seen, the watch is to see it, too.
const SHORTLY: Duration = Duration::from_secs(3);

/// So often a pause is asked for that the service has taken.
const MOST_TRIES: u32 = 2;

/// What came of a request.
enum Asked {
    /// The service has taken it.
    Taken,
    /// The answer is lost: it may have.
    Unknown,
    /// It surely has not.
    Refused(Refusal),
}

/// Why the service has not taken a request.
struct Refusal {
    error: Option<ClientError>,
    problem: String,
}

impl Conductor {
    /// Whether steps are paused where the window closes.
    pub(super) fn pauses(&self) -> bool {
        self.options.pauses_at_window_end && self.plan.window.is_some()
    }
}

impl Follower<'_> {
    /// Does what is to be done by the newest look and the window; an outcome is the end.
    pub(super) async fn steer(&mut self) -> Option<Outcome> {
        // What led to the newest look is told first.
        if self.watch.is_behind() || self.watch.outcome().is_some() {
            return None;
        }
        let status = self.watch.status()?;
        let (phase, by) = (status.phase, status.paused_by);
        let opens = self.run.opens();
        self.take_note(phase, by, opens.is_none());
        match opens {
            None => self.within(phase).await,
            Some(opens) => {
                let is_own = phase == Phase::Paused && by == Some(PausedBy::Window);
                let is_held = phase == Phase::Paused
                    && by == Some(PausedBy::Policy)
                    && self.run.pauses()
                    && self.watch.resumes_policy_pauses();
                if let Some(reason) = self.not_resumed.take_if(|_| is_own) {
                    return Some(in_vain(&reason));
                }
                if is_own || is_held {
                    match opens {
                        Ok(until) if !self.is_waiting => {
                            let reason = if is_own { WindowReason::Paused } else { WindowReason::Closed };
                            let until = Some(until);
                            self.run.tell(Some(self.step), RunNews::WaitingForWindow { until, reason });
                        }
                        Ok(_) => {}
                        Err(never) => return Some(never),
                    }
                    self.is_waiting = true;
                }
                if self.run.pauses() {
                    self.outside(phase).await;
                }
                None
            }
        }
    }

    /// What the newest look says of the pause at the end of the window.
    fn take_note(&mut self, phase: Phase, by: Option<PausedBy>, is_open: bool) {
        let Some(pause) = &self.pause else { return };
        let is_own = by == Some(PausedBy::Window);
        match pause {
            WindowPause::Overruled if is_open => self.set(None),
            WindowPause::Overruled => {}
            // It is another's, or stopped by an error.
            _ if phase == Phase::Paused && !is_own => self.set(None),
            WindowPause::Asking { .. } | WindowPause::Asked { .. } if phase == Phase::Paused => {
                let seen = self.watch.mark().clone();
                self.set(Some(WindowPause::InEffect { seen }));
                (self.tries, self.told, self.not_before, self.errors) = (0, None, None, 0);
            }
            // A wish that was not granted in time is none of the window that has opened since.
            WindowPause::Asking { .. } if is_open && self.since.elapsed() >= PATIENCE => self.set(None),
            WindowPause::InEffect { seen } if phase == Phase::Paused => {
                let now = self.watch.mark();
                if seen != now {
                    self.mark(now.clone());
                }
            }
            WindowPause::InEffect { .. } if phase.is_running() => {
                self.set((!is_open).then_some(WindowPause::Overruled));
                self.is_waiting = false;
            }
            WindowPause::Resuming { .. } if phase.is_running() => {
                self.set(None);
                (self.told, self.not_resumed, self.not_before, self.errors) = (None, None, None, 0);
                self.is_waiting = false;
            }
            _ => {}
        }
    }

    async fn within(&mut self, phase: Phase) -> Option<Outcome> {
        (self.is_waiting, self.told, self.tries) = (false, None, 0);
        self.watch.hold_policy_pauses(false);
        if phase != Phase::Paused || !self.is_due() {
            return None;
        }
        match &self.pause {
            Some(WindowPause::InEffect { .. }) => self.resume().await,
            Some(WindowPause::Resuming { .. }) if self.since.elapsed() >= PATIENCE => {
                let problem = format!("it is still paused after {} s", self.since.elapsed().as_secs());
                if !self.is_inherited {
                    self.is_not_resumed(Error::not_in_effect(Action::Resume, &self.named(), None, problem).to_string());
                }
                self.resume().await
            }
            // Nothing has happened to it since a run before this one was about to resume it.
            Some(WindowPause::Resuming { seen, .. }) if self.is_inherited && seen.is_surely(self.watch.mark()) => {
                self.resume().await
            }
            _ => None,
        }
    }

    async fn outside(&mut self, phase: Phase) {
        self.watch.hold_policy_pauses(true);
        if !is_pausable(phase) || !self.is_due() {
            return;
        }
        let is_late = self.since.elapsed() >= PATIENCE;
        match &self.pause {
            None => {
                self.tries = 0;
                self.pause().await;
            }
            // A run before this one may not have come to it.
            Some(WindowPause::Asking { .. }) if self.is_inherited => self.pause().await,
            Some(pause @ (WindowPause::Asking { .. } | WindowPause::Asked { .. })) if is_late => {
                let is_lost = matches!(pause, WindowPause::Asking { .. });
                if self.tries >= MOST_TRIES {
                    let asked = if is_lost { "the answer was lost" } else { "the service has taken the request" };
                    let waited = self.since.elapsed().as_secs();
                    let problem = format!("{asked}, but it is still {phase} after {waited} s");
                    let error = Error::not_in_effect(Action::Pause, &self.named(), None, problem).to_string();
                    self.tell_once(asked.to_owned(), RunNews::NotPaused { error });
                }
                if is_lost || self.tries < MOST_TRIES {
                    self.pause().await;
                }
            }
            _ => {}
        }
    }

    /// Asks for a pause, unless somebody else was faster.
    async fn pause(&mut self) {
        let look = match observe(&self.run.upgrades, &self.named()).await {
            Ok(look) => look,
            Err(error) => return self.is_not_paused(Refusal::from(error)),
        };
        if !is_pausable(look.status.phase) {
            return self.is_surprised();
        }
        let before = self.pause.clone();
        // What was taken once stays so, whatever comes of asking again.
        if !matches!(before, Some(WindowPause::Asked { .. })) {
            self.set(Some(WindowPause::Asking { since: now(&self.run.upgrades) }));
        }
        match self.ask(Action::Pause, &look).await {
            Asked::Taken => self.set(Some(WindowPause::Asked { since: now(&self.run.upgrades) })),
            Asked::Unknown => self.since = Instant::now(),
            Asked::Refused(refusal) => {
                // One that was sent before may yet take effect.
                self.set(before);
                return match observe(&self.run.upgrades, &self.named()).await {
                    Ok(look) if !is_pausable(look.status.phase) => self.is_surprised(),
                    _ => self.is_not_paused(refusal),
                };
            }
        }
        self.tries += 1;
        self.errors = 0;
    }

    /// Asks to go on, unless it is not that pause any more. What is refused for good is the end.
    async fn resume(&mut self) -> Option<Outcome> {
        let claim = self.claimed();
        let look = match observe(&self.run.upgrades, &self.named()).await {
            Ok(look) => look,
            Err(error) => {
                self.put_off(Refusal::from(error), |follower, problem| follower.is_not_resumed(problem));
                return None;
            }
        };
        if !claim.is_some_and(|claim| claim.covers(&look)) {
            self.is_surprised();
            return None;
        }
        let seen = PauseMark::of(&look);
        self.set(Some(WindowPause::Resuming { since: now(&self.run.upgrades), seen: seen.clone() }));
        let Asked::Refused(refusal) = self.ask(Action::Resume, &look).await else {
            self.errors = 0;
            return None;
        };
        self.set(Some(WindowPause::InEffect { seen }));
        match observe(&self.run.upgrades, &self.named()).await {
            Ok(look) if look.status.phase != Phase::Paused => self.is_surprised(),
            _ if refusal.error.as_ref().is_some_and(is_permanent) => return Some(refused(&refusal.problem)),
            _ => self.put_off(refusal, |follower, problem| follower.is_not_resumed(problem)),
        }
        None
    }

    async fn ask(&self, action: Action, look: &Look) -> Asked {
        let handle = self.named();
        match control::request(&self.run.upgrades, action, &handle, &look.status).await {
            Ok(Some(_)) => Asked::Taken,
            Ok(None) => {
                let problem = format!("no task of {handle} is known, so it cannot be told to {action}");
                Asked::Refused(Refusal { error: None, problem })
            }
            Err(error) if error.may_have_taken_effect() => {
                tracing::warn!(%error, %action, "the answer is lost; looking whether it takes effect");
                Asked::Unknown
            }
            Err(error) => Asked::Refused(Refusal::from(error)),
        }
    }

    fn is_not_paused(&mut self, refusal: Refusal) {
        self.put_off(refusal, |follower, error| {
            // The text has the ID of each request.
            let what = error.split(" (").next().unwrap_or_default().to_owned();
            follower.tell_once(what, RunNews::NotPaused { error });
        });
    }

    fn is_not_resumed(&mut self, error: String) {
        self.not_resumed = Some(error.clone());
        self.run.tell(Some(self.step), RunNews::NotResumed { error });
    }

    /// Tries again soon after a failure that passes, and else after a while, once it is told.
    fn put_off(&mut self, refusal: Refusal, tell: impl FnOnce(&mut Self, String)) {
        let passing = refusal.error.as_ref().filter(|error| is_passing(error));
        let soon = passing.and_then(|error| self.run.next_try(Some(self.step), error, &mut self.errors));
        if soon.is_none() {
            self.errors = 0;
            tell(self, refusal.problem);
        }
        self.not_before = Instant::now().checked_add(soon.unwrap_or(PATIENCE));
    }

    /// It stands elsewhere than the watch has seen it.
    fn is_surprised(&mut self) {
        self.watch.look_at_once();
        self.not_before = Instant::now().checked_add(SHORTLY);
    }

    fn is_due(&self) -> bool {
        self.not_before.is_none_or(|at| Instant::now() >= at)
    }

    fn named(&self) -> UpgradeHandle {
        self.watch.handle().clone()
    }
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Self {
        Self { problem: error.to_string(), error: Some(error) }
    }
}

fn is_pausable(phase: Phase) -> bool {
    matches!(phase, Phase::Prechecking | Phase::Upgrading | Phase::Unknown)
}

fn refused(problem: &str) -> Outcome {
    let reason = format!("it cannot be resumed: {problem}");
    Outcome::Paused { by: PausedBy::Window, reason: Some(reason) }
}

fn in_vain(problem: &str) -> Outcome {
    let reason = format!("it could not be resumed before the next window closed: {problem}");
    Outcome::Paused { by: PausedBy::Window, reason: Some(reason) }
}
