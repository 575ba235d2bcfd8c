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
    } else if status.phase == Phase::Paused
        && last.paused_by == Some(PausedBy::Window)
        && last.paused_by != status.paused_by
    {
        // It has been left between two looks, and somebody has paused it again.
        kinds.push(paused(status));
    }
    if let Some(stage) = status.stage.clone().filter(|_| last.stage != status.stage) {
        kinds.push(EventKind::StageChanged { stage });
    }
    if let Some(progress) = status.progress.filter(|progress| has_more_to_tell(*progress, last.progress)) {
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
    // Only as a whole: a count of nodes that another interface gave would stay as it is while stages go on.
    status.progress = status.progress.or(last.progress);
}

/// Whether a progress says something that the one before did not. One that merely lacks a part does not.
fn has_more_to_tell(now: Progress, before: Option<Progress>) -> bool {
    let Some(before) = before else { return true };
    let (stages, nodes) =
        (now.stages.is_some() && now.stages != before.stages, now.nodes.is_some() && now.nodes != before.nodes);
    stages || nodes
}

fn paused(status: &UpgradeStatus) -> EventKind {
    EventKind::Paused { by: status.paused_by.unwrap_or(PausedBy::Person), reason: status.error_message.clone() }
}
