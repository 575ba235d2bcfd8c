//! Following the upgrade of a step: what it tells is passed on, and between two looks it is steered.

use std::time::Duration;

use tokio::time::Instant;

use super::checkpoint::{StepProgress, WindowPause};
use super::conductor::Conductor;
use super::event::RunNews;
use crate::event::EventKind;
use crate::handle::UpgradeHandle;
use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::plan::Step;
use crate::watch::{Claim, Pace, PauseMark, Watch};
use crate::window::time_of;

/// How long a pause or a resume may take to have an effect before it is told that it has none, and asked for again.
pub(super) const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Something that was asked for is looked for so often, at first and later on.
const SOON: Duration = Duration::from_secs(3);
const LATER: Duration = Duration::from_secs(10);

/// So long a request is expected to have its effect soon, and a pause may still be told more of than that it is one.
const FRESH: Duration = Duration::from_secs(60);

/// What the window has paused is looked at so seldom: nothing is to happen, but others may do something to it.
const SELDOM: Duration = Duration::from_secs(5 * 60);

/// Follows the upgrade of one step.
#[derive(Debug)]
pub(super) struct Follower<'a> {
    pub(super) run: &'a Conductor,
    pub(super) step: &'a Step,
    pub(super) watch: Watch,
    /// What the checkpoint says of the pause at the end of the window.
    pub(super) pause: Option<WindowPause>,
    /// Since when that is so, as far as this process knows.
    pub(super) since: Instant,
    /// Whether it comes from the checkpoint of another process.
    pub(super) is_inherited: bool,
    /// How often the present pause was asked for.
    pub(super) tries: u32,
    /// Not before this is a refused request repeated.
    pub(super) not_before: Option<Instant>,
    /// How many calls in a row have failed.
    pub(super) errors: u32,
    /// What was told last of a request that has no effect, to be told once.
    pub(super) told: Option<String>,
    /// Why it could not be resumed in this window.
    pub(super) not_resumed: Option<String>,
    pub(super) is_waiting: bool,
    handle: UpgradeHandle,
}

impl Conductor {
    /// Follows to the end. `pause` is what a run before this one has done about the end of the window.
    pub(super) async fn follow(&self, step: &Step, handle: UpgradeHandle, pause: Option<WindowPause>) -> Outcome {
        let since = match &pause {
            Some(
                WindowPause::Asking { since } | WindowPause::Asked { since } | WindowPause::Resuming { since, .. },
            ) => self.instant_of(since),
            // What it was seen as is complete by now.
            _ => Instant::now().checked_sub(FRESH).unwrap_or_else(Instant::now),
        };
        let follower = Follower {
            run: self,
            step,
            watch: self.watch(&handle),
            is_inherited: pause.is_some(),
            pause,
            since,
            tries: 0,
            not_before: None,
            errors: 0,
            told: None,
            not_resumed: None,
            is_waiting: false,
            handle,
        };
        Box::pin(follower.follow()).await
    }

    fn watch(&self, handle: &UpgradeHandle) -> Watch {
        self.upgrades.watch_with(handle, self.options.watch.clone().time_limit(None))
    }

    /// The moment of a time that was kept; one that is not to be read, or still to come, is now.
    fn instant_of(&self, kept: &str) -> Instant {
        let now = Instant::now();
        let ago = time_of(kept).and_then(|at| self.upgrades.clock.now().duration_since(at).ok()).unwrap_or_default();
        now.checked_sub(ago).unwrap_or(now)
    }
}

impl Follower<'_> {
    async fn follow(mut self) -> Outcome {
        self.watch.claim(self.claimed());
        self.watch.hold_policy_pauses(self.run.pauses() && !self.run.is_window_open());
        loop {
            if let Some(outcome) = self.steer().await {
                return outcome;
            }
            self.watch.claim(self.claimed());
            self.watch.set_pace(self.pace());
            let event = self.watch.next_until(self.wakes()).await;
            self.learn();
            match event {
                Some(event) if !matches!(event.kind, EventKind::Finished { .. }) => self.run.pass_on(self.step, event),
                _ => match self.watch.outcome() {
                    Some(Outcome::Lost { .. }) if self.is_held() => self.look_again_later().await,
                    Some(outcome) => {
                        let outcome = outcome.clone();
                        self.give_up_claims(&outcome);
                        return outcome;
                    }
                    None => {}
                },
            }
        }
    }

    /// Takes over what the watch has learned. Once it has the task, nobody else's can be taken for it.
    fn learn(&mut self) {
        if *self.watch.handle() != self.handle {
            self.handle.clone_from(self.watch.handle());
            self.keep();
        }
        self.run.see(self.step, &self.handle, self.watch.status());
    }

    /// Which pauses are those of the run.
    pub(super) fn claimed(&self) -> Option<Claim> {
        match self.pause.as_ref()? {
            WindowPause::Asking { since } => {
                // Whether it was sent is not known, and an old wish makes no pause of today one's own.
                Some(Claim::First { not_after: time_of(since).and_then(|at| at.checked_add(PATIENCE)) })
            }
            WindowPause::Asked { .. } => Some(Claim::First { not_after: None }),
            WindowPause::InEffect { .. } if self.since.elapsed() < FRESH => Some(Claim::First { not_after: None }),
            WindowPause::InEffect { seen } => Some(Claim::Same { seen: seen.clone() }),
            // That it was asked to go on may be all that has changed.
            WindowPause::Resuming { .. } if self.since.elapsed() < PATIENCE => Some(Claim::First { not_after: None }),
            WindowPause::Resuming { seen, .. } if self.is_inherited => Some(Claim::Surely { seen: seen.clone() }),
            WindowPause::Resuming { seen, .. } => Some(Claim::Same { seen: seen.clone() }),
            WindowPause::Overruled => None,
        }
    }

    fn pace(&self) -> Option<Pace> {
        let asked = self.since.elapsed();
        match self.pause.as_ref()? {
            WindowPause::InEffect { .. } if asked < FRESH => None,
            WindowPause::InEffect { .. } => (!self.run.is_window_open()).then_some(Pace::AtLeast(SELDOM)),
            WindowPause::Overruled => None,
            _ if asked < FRESH => Some(Pace::AtMost(SOON)),
            _ if asked < PATIENCE => Some(Pace::AtMost(LATER)),
            _ => None,
        }
    }

    /// When to think again, whether anything has happened or not.
    fn wakes(&self) -> Instant {
        let now = Instant::now();
        let edge = self.run.until_edge().filter(|_| self.run.pauses() || self.pause.is_some());
        // Without a window there is nothing to steer.
        let edge = now + edge.unwrap_or(Duration::from_secs(60 * 60));
        let overdue = self.since.checked_add(PATIENCE).filter(|_| self.pause.is_some());
        // What is due already has been done by now, as far as it can be.
        [self.not_before, overdue].into_iter().flatten().filter(|at| *at > now).fold(edge, Instant::min)
    }

    /// Whether it was seen last in the pause of the window, which is still closed.
    fn is_held(&self) -> bool {
        let is_paused = self.watch.status().is_some_and(|status| status.phase == Phase::Paused);
        is_paused && matches!(self.pause, Some(WindowPause::InEffect { .. })) && !self.run.is_window_open()
    }

    /// A pause that is another's ends what the run has had to do with it.
    fn give_up_claims(&mut self, outcome: &Outcome) {
        if matches!(outcome, Outcome::Paused { .. }) && self.pause.is_some() {
            self.set(None);
        }
    }

    /// While nothing is to happen anyway, a service that cannot be reached is no end.
    async fn look_again_later(&mut self) {
        while self.is_held() {
            tokio::time::sleep(self.run.until_edge().unwrap_or(SELDOM)).await;
        }
        self.watch = self.run.watch(&self.handle);
    }

    /// Takes note of how the pause at the end of the window stands, and keeps it.
    pub(super) fn set(&mut self, pause: Option<WindowPause>) {
        self.pause = pause;
        self.since = Instant::now();
        self.is_inherited = false;
        self.keep();
    }

    /// Takes note of more that was seen of the present pause.
    pub(super) fn mark(&mut self, seen: PauseMark) {
        self.pause = Some(WindowPause::InEffect { seen });
        self.keep();
    }

    fn keep(&self) {
        let started = StepProgress::Started { handle: self.handle.clone(), window_pause: self.pause.clone() };
        self.run.record_if_possible(self.step, started);
    }

    /// Tells of something that has no effect, once until something has.
    pub(super) fn tell_once(&mut self, what: String, news: RunNews) {
        if self.told.as_ref() != Some(&what) {
            self.run.tell(Some(self.step), news);
            self.told = Some(what);
        }
    }
}
