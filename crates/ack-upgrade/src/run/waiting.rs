//! Waiting: for a window, for a time, and for a service that does not answer.

use std::time::{Duration, SystemTime};

use ack_client::Error as ClientError;

use super::conductor::Conductor;
use super::event::{RunEventKind, RunNews, WindowReason};
use crate::event::EventKind;
use crate::outcome::Outcome;
use crate::plan::Step;
use crate::watch::is_permanent;
use crate::window::WindowState;

/// The clock is looked at this often while waiting for it: it may be set, and machines sleep.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(60);

/// So that a clock that is a little ahead of the timer is no busy loop.
const SHORTEST_SLEEP: Duration = Duration::from_millis(10);

const SHORTEST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Conductor {
    /// Makes a read call until it succeeds, with growing pauses. Errors that no repetition mends end it, and so do too many
    /// in a row.
    pub(super) async fn patient<T, F>(&self, step: Option<&Step>, call: impl Fn() -> F) -> Result<T, Outcome>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        let mut errors = 0;
        loop {
            match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.bear(step, &error, &mut errors).await?,
            }
        }
    }

    /// Tells of a failed call and waits before the next, or gives up.
    pub(super) async fn bear(&self, step: Option<&Step>, error: &ClientError, errors: &mut u32) -> Result<(), Outcome> {
        match self.next_try(step, error, errors) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Err(Outcome::Lost { reason: error.to_string() }),
        }
        Ok(())
    }

    /// Tells of a failed call, and how long to wait before the next; not at all after too many, or one that no repetition
    /// mends.
    pub(super) fn next_try(&self, step: Option<&Step>, error: &ClientError, errors: &mut u32) -> Option<Duration> {
        *errors = errors.saturating_add(1);
        if is_permanent(error) || *errors >= self.options.max_errors {
            return None;
        }
        let request_id = error.request_id().map(str::to_owned);
        let kind = EventKind::PollError { error: error.to_string(), consecutive: *errors };
        self.tell_of(step, request_id, RunEventKind::Upgrade(kind));
        let pause = SHORTEST_PAUSE.saturating_mul(1 << (*errors - 1).min(4)).min(LONGEST_PAUSE);
        Some(pause.max(error.retry_after().unwrap_or_default().min(LONGEST_PAUSE)))
    }

    /// Waits until the window is open for long enough for a step. Says whether it had to wait.
    pub(super) async fn wait_for_room(&self, step: &Step) -> Result<bool, Outcome> {
        let mut has_waited = false;
        while let Some((until, reason)) = self.must_wait(step) {
            if !has_waited {
                self.tell(Some(step), RunNews::WaitingForWindow { until, reason });
            }
            has_waited = true;
            self.sleep_until(until.ok_or_else(never_opens)?).await;
        }
        Ok(has_waited)
    }

    /// Whether work may begin now.
    pub(super) fn is_window_open(&self) -> bool {
        self.plan.window.as_ref().is_none_or(|window| window.is_open(self.upgrades.clock.now()))
    }

    /// Whether a step has to wait, until when, and why.
    fn must_wait(&self, step: &Step) -> Option<(Option<SystemTime>, WindowReason)> {
        let window = self.plan.window.as_ref()?;
        let now = self.upgrades.clock.now();
        match window.at(now) {
            WindowState::Closed { opens } => Some((opens, WindowReason::Closed)),
            WindowState::Open { .. } if window.admits(now, step.expected) => None,
            WindowState::Open { .. } => Some((window.next_opening(now), WindowReason::TooShort)),
        }
    }

    /// When the window opens, while it is closed.
    pub(super) fn opens(&self) -> Option<Result<SystemTime, Outcome>> {
        match self.plan.window.as_ref()?.at(self.upgrades.clock.now()) {
            WindowState::Closed { opens } => Some(opens.ok_or_else(never_opens)),
            WindowState::Open { .. } => None,
        }
    }

    /// How long until the window opens or closes, or the clock is to be looked at again; none without a window.
    pub(super) fn until_edge(&self) -> Option<Duration> {
        let now = self.upgrades.clock.now();
        let edge = match self.plan.window.as_ref()?.at(now) {
            WindowState::Closed { opens } => opens,
            WindowState::Open { closes } => Some(closes),
        };
        let left = edge.and_then(|edge| edge.duration_since(now).ok());
        Some(left.map_or(LOOK_AT_CLOCK, |left| left.clamp(SHORTEST_SLEEP, LOOK_AT_CLOCK)))
    }

    pub(super) async fn sleep_until(&self, time: SystemTime) {
        while let Ok(left) = time.duration_since(self.upgrades.clock.now()) {
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK_AT_CLOCK)).await;
        }
    }
}

fn never_opens() -> Outcome {
    Outcome::Failed { reason: "the window does not open again within two years".to_owned() }
}
