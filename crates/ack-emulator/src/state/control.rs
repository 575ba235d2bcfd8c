//! Orders that are given to a task from outside, and what befalls it from within.

use std::fmt;
use std::time::Duration;

use ack_models::TaskError;
use jiff::Timestamp;

use super::job::Job;
use super::rolling::{Advance, Rolling};
use super::stage::Outcome;
use super::task::{PauseCause, Standing, Task};
use super::task_log::Level;
use super::world::World;
use crate::Effect;
use crate::clock::after;

/// What somebody wants of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    Pause,
    Resume,
    Cancel,
}

/// Something that was asked for and has not taken effect yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) due: Timestamp,
    pub(crate) control: Control,
}

/// Why a task does not do what somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disobedience {
    /// Tasks of its type never do.
    WrongType,
    /// It has ended.
    Ended,
    /// It is paused already.
    IsPaused,
    /// It is not paused.
    IsNotPaused,
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Cancel => "cancelled",
        })
    }
}

impl Task {
    /// Takes an order, which has its effect after a while. One that was taken already counts once.
    ///
    /// `is_old_form` says that it came by an operation of the old upgrade API, which takes an upgrade that an error
    /// stopped for a paused one, and cancels paused ones only.
    pub(crate) fn order(
        &mut self,
        control: Control,
        at: Timestamp,
        delay: Duration,
        is_old_form: bool,
    ) -> Result<(), Disobedience> {
        if matches!(self.job, Job::Other(_)) {
            return Err(Disobedience::WrongType);
        }
        let is_stopped_by_error = is_old_form && self.is_resumable_failure();
        match (self.standing, control) {
            (Standing::Failed, Control::Resume | Control::Cancel) if is_stopped_by_error => {}
            (Standing::Failed | Standing::Succeeded | Standing::Canceled, _) => return Err(Disobedience::Ended),
            (Standing::Paused(_), Control::Pause) => return Err(Disobedience::IsPaused),
            // A pause that has not taken effect yet can be taken back.
            (Standing::Running, Control::Resume) if !self.is_to_pause() => return Err(Disobedience::IsNotPaused),
            (Standing::Running, Control::Cancel) if is_old_form => return Err(Disobedience::IsNotPaused),
            _ => {}
        }
        if !self.orders.iter().any(|order| order.control == control) {
            self.orders.push(Order { due: after(at, delay), control });
            self.orders.sort_by_key(|order| order.due);
        }
        Ok(())
    }

    /// Whether a pause was asked for and has not taken effect.
    fn is_to_pause(&self) -> bool {
        self.is_stopping() || self.orders.iter().any(|order| order.control == Control::Pause)
    }

    /// Whether it waits for nodes to be finished before it pauses.
    fn is_stopping(&self) -> bool {
        self.stage().rolling().is_some_and(Rolling::is_stopping)
    }

    /// Does what was asked for. An order that has been overtaken by events has no effect.
    pub(super) fn carry_out(&mut self, order: Order, at: Timestamp, world: &mut World) {
        match (order.control, self.standing) {
            (Control::Pause, Standing::Running) => self.stop(at, world),
            // The pause has not taken effect, and now will not.
            (Control::Resume, Standing::Running) if self.is_stopping() => self.stages[self.current].go(at),
            (Control::Resume, Standing::Paused(cause)) => self.resume(cause == PauseCause::Error, at, world),
            (Control::Resume, Standing::Failed) => self.resume(true, at, world),
            (Control::Cancel, Standing::Running | Standing::Paused(_) | Standing::Failed) => self.cancel(at, world),
            _ => {}
        }
    }

    /// Lets happen what a test ordered.
    pub(super) fn befall(&mut self, effect: Effect, at: Timestamp, world: &mut World) {
        let delay = world.durations.control;
        let order = |control| Order { due: after(at, delay), control };
        match effect {
            Effect::Fail { message } => self.fail(at, world, &message),
            Effect::PauseForError { message } => {
                self.stop_work(at, world);
                let code = self.job.error_code(self.stage().kind);
                self.error = Some(TaskError { code: Some(code.to_owned()), message: Some(message.clone()) });
                self.pause(PauseCause::Error, at, world, &format!(" by an error: {message}"));
            }
            Effect::PauseByPerson { resume_after } => {
                self.resume_after = resume_after;
                self.orders.push(order(Control::Pause));
            }
            Effect::CancelByPerson => self.orders.push(order(Control::Cancel)),
            Effect::Delay { by } => self.stages[self.current].delay(by),
            Effect::Hang => self.stages[self.current].hang(at),
            Effect::ShowState { state } => {
                self.stages[self.current].shown = Some(state);
                self.show(at);
            }
            Effect::Vanish => self.is_hidden = true,
            Effect::ShowClusterState { state } => world.force_state(at, state),
            // These have no moment; the task took them up when it started.
            Effect::NeverSettle | Effect::KeepOldVersion => {}
        }
    }

    /// Stops for a pause: at once, or once the nodes that are being upgraded are finished.
    fn stop(&mut self, at: Timestamp, world: &mut World) {
        if self.stage().is_hung() {
            self.stop_work(at, world);
        }
        let mut advance = Advance::Stopped;
        self.with_rolling(at, world, |rolling, world, tell| advance = rolling.stop(&mut world.nodes, tell));
        if advance == Advance::Stopped {
            self.pause(PauseCause::Person, at, world, "");
        }
    }

    fn resume(&mut self, is_after_error: bool, at: Timestamp, world: &mut World) {
        if is_after_error {
            self.retries = self.retries.saturating_add(1);
            self.error = None;
            self.stages[self.current].start_over();
        }
        self.set_standing(Standing::Running, at);
        self.stages[self.current].go(at);
        let kind = self.stage().kind;
        self.tell(at, world, "resume", Level::Normal, "Resumed", format!("{kind} resumed"));
    }

    fn cancel(&mut self, at: Timestamp, world: &mut World) {
        self.stop_work(at, world);
        self.stages[self.current].outcome = Outcome::Canceled(at);
        self.error = None;
        self.set_standing(Standing::Canceled, at);
        let kind = self.stage().kind;
        self.tell(at, world, "cancel", Level::Warning, "Canceled", format!("{kind} cancelled"));
        self.job.cancel(world, at);
    }
}
