//! Operation plans: upgrades that ACK starts of its own accord.

use ack_models::OperationPlanState;
use jiff::Timestamp;

use super::task::{Standing, Task};
use crate::PlanSeed;
use crate::clock::after;

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) created: Timestamp,
    pub(crate) starts: Timestamp,
    pub(crate) ends: Timestamp,
    pub(crate) task_id: String,
    state: OperationPlanState,
    /// Why it could not begin.
    pub(crate) problem: Option<String>,
}

impl Plan {
    pub(crate) fn new(seed: PlanSeed, cluster_id: &str, position: usize, created: Timestamp) -> Self {
        let starts = after(created, seed.starts_after);
        Self {
            id: seed.id.unwrap_or_else(|| format!("P-{cluster_id}-{position}")),
            to: seed.to,
            created,
            starts,
            ends: after(starts, seed.lasts),
            task_id: format!("T-{cluster_id}-plan-{position}"),
            state: seed.state,
            problem: None,
        }
    }

    /// When it begins by itself.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        (self.state == OperationPlanState::Scheduled).then_some(self.starts)
    }

    /// Begins, or says why it cannot.
    pub(crate) fn begin(&mut self, problem: Option<String>) {
        let is_failed = problem.is_some();
        self.state = if is_failed { OperationPlanState::Failed } else { OperationPlanState::Executing };
        self.problem = problem;
    }

    /// Whether it could be cancelled: one that has begun cannot, one that was cancelled already stays so.
    pub(crate) fn cancel(&mut self) -> bool {
        match self.state {
            OperationPlanState::Scheduled | OperationPlanState::Canceled => {
                self.state = OperationPlanState::Canceled;
                true
            }
            _ => false,
        }
    }

    /// The state, of which that of its task is a part.
    pub(crate) fn state(&self, task: Option<&Task>) -> OperationPlanState {
        match (&self.state, task.map(Task::standing)) {
            (OperationPlanState::Executing, Some(Standing::Succeeded)) => OperationPlanState::Executed,
            (OperationPlanState::Executing, Some(Standing::Failed | Standing::Canceled)) => OperationPlanState::Failed,
            (state, _) => state.clone(),
        }
    }

    /// Whether it has a task.
    pub(crate) fn has_begun(&self) -> bool {
        self.state == OperationPlanState::Executing
    }
}
