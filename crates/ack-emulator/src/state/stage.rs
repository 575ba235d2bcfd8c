//! One stage of a task: its work, and what befalls it.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::rolling::Rolling;
use crate::clock::{after, elapsed};
use crate::{Effect, Incident, UpgradeDurations, UpgradeStage};

#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) kind: UpgradeStage,
    pub(crate) work: Work,
    pub(crate) started: Option<Timestamp>,
    pub(crate) outcome: Outcome,
    /// The state that the task shows instead of `running`.
    pub(crate) shown: Option<String>,
    /// Whether it makes no progress until it is resumed.
    is_hung: bool,
    /// How long it had been at work before `since`.
    active: Duration,
    /// Since when it has been at work without a pause; none while it is paused.
    since: Option<Timestamp>,
    /// What is still to befall it, after so much time at work.
    triggers: VecDeque<(Duration, Effect)>,
}

#[derive(Debug)]
pub(crate) enum Work {
    /// Takes its time.
    Timed(Duration),
    /// Goes from node to node.
    Rolling(Box<Rolling>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Running,
    Succeeded(Timestamp),
    Failed(Timestamp),
    Canceled(Timestamp),
}

impl Stage {
    pub(crate) fn new(kind: UpgradeStage, work: Work) -> Self {
        Self {
            kind,
            work,
            started: None,
            outcome: Outcome::Running,
            shown: None,
            is_hung: false,
            active: Duration::ZERO,
            since: None,
            triggers: VecDeque::new(),
        }
    }

    /// Adds what is to befall it. Those of the same moment happen in the order in which they were added.
    pub(crate) fn await_incident(&mut self, incident: Incident, durations: &UpgradeDurations) {
        let is_error = matches!(incident.effect, Effect::Fail { .. } | Effect::PauseForError { .. });
        let length = match &self.work {
            Work::Timed(length) => *length,
            Work::Rolling(rolling) => rolling.planned(durations),
        };
        let usual = match (is_error, self.kind) {
            // A check reports when it is through; the other stages break off halfway.
            (true, UpgradeStage::Precheck) => length,
            (true, _) => length / 2,
            (false, _) => Duration::ZERO,
        };
        let moment = incident.after.unwrap_or(usual);
        let position = self.triggers.partition_point(|(earlier, _)| *earlier <= moment);
        self.triggers.insert(position, (moment, incident.effect));
    }

    /// Starts, or goes on after a pause.
    pub(crate) fn go(&mut self, at: Timestamp) {
        self.started.get_or_insert(at);
        self.is_hung = false;
        self.active = self.active_at(at);
        self.since = Some(at);
        self.outcome = Outcome::Running;
        if let Work::Rolling(rolling) = &mut self.work {
            rolling.resume(at);
        }
    }

    /// Begins its work from the start when it goes on.
    pub(crate) fn start_over(&mut self) {
        self.active = Duration::ZERO;
        self.shown = None;
        if let Work::Rolling(rolling) = &mut self.work {
            rolling.retry_failed();
        }
    }

    /// Stands still until it goes on.
    pub(crate) fn halt(&mut self, at: Timestamp) {
        self.active = self.active_at(at);
        self.since = None;
    }

    /// Makes no progress any more, while it seems to be at work.
    pub(crate) fn hang(&mut self, at: Timestamp) {
        self.halt(at);
        self.is_hung = true;
    }

    pub(crate) fn is_hung(&self) -> bool {
        self.is_hung
    }

    pub(crate) fn delay(&mut self, by: Duration) {
        match &mut self.work {
            Work::Timed(length) => *length = length.saturating_add(by),
            Work::Rolling(rolling) => rolling.delay(by),
        }
    }

    pub(crate) fn rolling(&self) -> Option<&Rolling> {
        match &self.work {
            Work::Rolling(rolling) => Some(rolling),
            Work::Timed(_) => None,
        }
    }

    /// When something happens next by itself.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.since?;
        let (node, end) = (self.node_due(), self.end_due());
        [node, self.trigger_due(), end].into_iter().flatten().min()
    }

    pub(crate) fn node_due(&self) -> Option<Timestamp> {
        self.since?;
        self.rolling()?.node_due()
    }

    pub(crate) fn trigger_due(&self) -> Option<Timestamp> {
        let (moment, _) = self.triggers.front()?;
        Some(after(self.since?, moment.saturating_sub(self.active)))
    }

    /// When its own time is up or, for nodes, the next batch starts.
    pub(crate) fn end_due(&self) -> Option<Timestamp> {
        let since = self.since?;
        match &self.work {
            Work::Timed(length) => Some(after(since, length.saturating_sub(self.active))),
            Work::Rolling(rolling) => rolling.batch_due(),
        }
    }

    pub(crate) fn take_trigger(&mut self) -> Option<Effect> {
        self.triggers.pop_front().map(|(_, effect)| effect)
    }

    fn active_at(&self, at: Timestamp) -> Duration {
        self.since.map_or(self.active, |since| self.active.saturating_add(elapsed(since, at)))
    }
}
