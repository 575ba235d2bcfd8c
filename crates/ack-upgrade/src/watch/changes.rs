//! What there is to tell when two looks differ.

use crate::event::EventKind;
use crate::observe::Told;
use crate::outcome::PausedBy;
use crate::phase::Phase;
use crate::status::{Progress, UpgradeStatus};

/// The events that lead from one look to the next, oldest first. `fresh` are those of the service.
pub(super) fn between(last: Option<&UpgradeStatus>, status: &UpgradeStatus, fresh: Vec<Told>) -> Vec<EventKind> {
    let told = fresh.into_iter().map(Told::into_event);
    let Some(last) = last else {
        let started = EventKind::Started { status: Box::new(status.clone()) };
        let paused = (status.phase == Phase::Paused).then(|| paused(status));
        return std::iter::once(started).chain(told).chain(paused).collect();
    };
    let mut kinds: Vec<EventKind> = told.collect();
    if last.phase != status.phase {
        kinds.push(EventKind::PhaseChanged { from: last.phase, to: status.phase });
        if last.phase == Phase::Paused && status.phase.is_running() {
            kinds.push(EventKind::Resumed);
        }
        if status.phase == Phase::Paused {
            kinds.push(paused(status));
        }
    }
    if let Some(stage) = status.stage.clone().filter(|_| last.stage != status.stage) {
        kinds.push(EventKind::StageChanged { stage });
    }
    if let Some(progress) = status.progress.filter(|_| last.progress != status.progress) {
        kinds.push(EventKind::Progress { progress });
    }
    kinds
}

/// Details that a look lacks because the call for them failed are as they were before; only what is told counts.
pub(super) fn carry_over(status: &mut UpgradeStatus, last: &UpgradeStatus) {
    let is_same = status.task_id.is_none() || last.task_id.is_none() || status.task_id == last.task_id;
    if !is_same {
        return;
    }
    status.stage = status.stage.take().or_else(|| last.stage.clone());
    status.last_event = status.last_event.take().or_else(|| last.last_event.clone());
    status.progress = match (status.progress, last.progress) {
        (Some(now), Some(before)) => Progress::of(now.stages.or(before.stages), now.nodes.or(before.nodes)),
        (now, before) => now.or(before),
    };
}

fn paused(status: &UpgradeStatus) -> EventKind {
    EventKind::Paused { by: status.paused_by.unwrap_or(PausedBy::Person), reason: status.error_message.clone() }
}
