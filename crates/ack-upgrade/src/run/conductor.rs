//! The order of steps, and what they share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ack_client::models::ClusterState;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::UnderWay;
use super::checkpoint::{Checkpoint, StepProgress};
use super::event::{RunEvent, RunEventKind, RunNews};
use super::options::RunOptions;
use crate::event::Event;
use crate::handle::UpgradeHandle;
use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::plan::{Change, Plan, Step};
use crate::upgrades::Upgrades;
use crate::version::is_newer;
use crate::window::timestamp;

/// What a run shows to the outside.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) events: VecDeque<RunEvent>,
    pub(super) under_way: Vec<UnderWay>,
    pub(super) unplanned_version: Option<String>,
}

/// Carries a plan out.
#[derive(Debug)]
pub(super) struct Conductor {
    pub(super) upgrades: Upgrades,
    pub(super) options: RunOptions,
    pub(super) plan: Plan,
    started: Instant,
    checkpoint: Mutex<Checkpoint>,
    shared: Arc<Mutex<Shared>>,
    phase: Mutex<Phase>,
}

impl Conductor {
    pub(super) fn new(
        upgrades: Upgrades,
        checkpoint: Checkpoint,
        options: RunOptions,
        shared: Arc<Mutex<Shared>>,
    ) -> Self {
        Self {
            upgrades,
            options,
            plan: checkpoint.plan.clone(),
            started: Instant::now(),
            checkpoint: Mutex::new(checkpoint),
            shared,
            phase: Mutex::new(Phase::NotStarted),
        }
    }

    /// All of it, with the event that ends it.
    pub(super) async fn conduct(&self) -> Outcome {
        // A limit too far away to be a point in time is none.
        let deadline = self.options.time_limit.and_then(|limit| self.started.checked_add(limit));
        let work = Box::pin(self.work());
        let outcome = match deadline {
            Some(deadline) => match tokio::time::timeout_at(deadline, work).await {
                Ok(outcome) => outcome,
                Err(_) => Outcome::StillRunning { phase: *lock(&self.phase) },
            },
            None => work.await,
        };
        self.tell(None, RunNews::Finished { outcome: outcome.clone() });
        outcome
    }

    async fn work(&self) -> Outcome {
        let done = lock(&self.checkpoint).steps.values().filter(|progress| **progress == StepProgress::Done).count();
        self.tell(
            None,
            RunNews::RunStarted {
                target_version: self.plan.target_version.clone(),
                steps: self.plan.steps.iter().map(|step| step.id.clone()).collect(),
                done,
            },
        );
        let blocking: Vec<String> = self.plan.blocking().map(|finding| finding.message.clone()).collect();
        if !blocking.is_empty() {
            return Outcome::Failed { reason: format!("nothing was started: {}", blocking.join("; ")) };
        }
        let mut verified = true;
        for stage in self.plan.steps.chunk_by(|left, right| left.stage == right.stage) {
            match self.stage(stage).await {
                Outcome::Succeeded { verified: of_stage, .. } => verified &= of_stage,
                other => return other,
            }
        }
        match self.verify().await {
            Ok(version) => {
                lock(&self.checkpoint).finished = true;
                // All is done; a checkpoint that says less only makes the next run look again.
                if let Err(error) = self.keep() {
                    self.tell(None, RunNews::CheckpointNotKept { error });
                }
                Outcome::Succeeded { version, verified }
            }
            Err(outcome) => outcome,
        }
    }

    /// Steps that may be taken at the same time. The first that does not succeed decides, and a failure before all.
    async fn stage(&self, steps: &[Step]) -> Outcome {
        let are_node_pools = steps.iter().all(|step| matches!(step.change, Change::NodePool { .. }));
        let at_once = if are_node_pools { self.options.parallelism } else { 1 };
        let mut waiting = steps.iter();
        let mut running = FuturesUnordered::new();
        let mut worst: Option<Outcome> = None;
        let mut verified = true;
        loop {
            let goes_on = worst.is_none() || self.options.keeps_going;
            while goes_on && running.len() < at_once {
                let Some(step) = waiting.next() else { break };
                running.push(Box::pin(self.step(step)));
            }
            match running.next().await {
                Some(Outcome::Succeeded { verified: of_step, .. }) => verified &= of_step,
                Some(outcome) => {
                    let is_worse = worst.as_ref().is_none_or(|worst| gravity(&outcome) > gravity(worst));
                    if is_worse {
                        worst = Some(outcome);
                    }
                }
                None => return worst.unwrap_or(Outcome::Succeeded { version: None, verified }),
            }
        }
    }

    /// What the control plane runs in the end; that it is something else than planned is a failure.
    async fn verify(&self) -> Result<Option<String>, Outcome> {
        let cluster_id = &self.plan.cluster.cluster_id;
        let detail = self.patient(None, || self.upgrades.client.describe_cluster_detail(cluster_id)).await?;
        let version = detail.current_version.clone();
        if version.as_deref() == Some(self.plan.target_version.as_str()) && detail.state == Some(ClusterState::Running)
        {
            return Ok(version);
        }
        if let Some(version) = version.as_deref().filter(|version| is_newer(version, &self.plan.target_version)) {
            self.found_unplanned(version);
        }
        let state = detail.state.as_ref().map_or("in an unknown state", ClusterState::as_str);
        let version = version.as_deref().unwrap_or("an unknown version");
        let reason = format!(
            "every step has succeeded, but the cluster is `{state}` at {version} and not `running` at {}",
            self.plan.target_version
        );
        Err(Outcome::Failed { reason })
    }

    /// How far a step has come.
    pub(super) fn progress(&self, step: &Step) -> Option<StepProgress> {
        lock(&self.checkpoint).steps.get(&step.id).cloned()
    }

    /// Keeps how far a step has come.
    pub(super) fn record(&self, step: &Step, progress: StepProgress) -> Result<(), String> {
        lock(&self.checkpoint).steps.insert(step.id.clone(), progress);
        self.keep()
    }

    /// The same where nothing depends on it.
    pub(super) fn record_if_possible(&self, step: &Step, progress: StepProgress) {
        if let Err(error) = self.record(step, progress) {
            self.tell(Some(step), RunNews::CheckpointNotKept { error });
        }
    }

    fn keep(&self) -> Result<(), String> {
        let Some(store) = &self.options.store else { return Ok(()) };
        let text = {
            let mut checkpoint = lock(&self.checkpoint);
            checkpoint.updated_at = now(&self.upgrades);
            checkpoint.to_json()
        };
        store.save(&text).map_err(|error| error.to_string())
    }

    /// Tells something of the run or of a step.
    pub(super) fn tell(&self, step: Option<&Step>, news: RunNews) {
        self.tell_of(step, None, RunEventKind::Run(news));
    }

    /// Tells of a step, with the request it was learned by.
    pub(super) fn tell_of(&self, step: Option<&Step>, request_id: Option<String>, kind: RunEventKind) {
        let cluster_id = &self.plan.cluster.cluster_id;
        let mut shared = lock(&self.shared);
        let task_id = step.and_then(|step| {
            let own = shared.under_way.iter().find(|own| own.step == step.id)?;
            own.handle.task_id.clone()
        });
        shared.events.push_back(RunEvent {
            at: self.upgrades.clock.now(),
            elapsed: self.started.elapsed(),
            cluster_id: cluster_id.clone(),
            step: step.map(|step| step.id.clone()),
            upgrade: step.map(|step| step.change.handle(cluster_id).kind),
            task_id,
            request_id,
            kind,
        });
    }

    /// Passes an event of the upgrade of a step on.
    pub(super) fn pass_on(&self, step: &Step, event: Event) {
        lock(&self.shared).events.push_back(RunEvent {
            at: event.at,
            elapsed: self.started.elapsed(),
            cluster_id: event.cluster_id,
            step: Some(step.id.clone()),
            upgrade: Some(event.upgrade),
            task_id: event.task_id,
            request_id: event.request_id,
            kind: RunEventKind::Upgrade(event.kind),
        });
    }

    /// Says where a step stands.
    pub(super) fn see(&self, step: &Step, handle: &UpgradeHandle, status: Option<&crate::status::UpgradeStatus>) {
        if let Some(status) = status {
            *lock(&self.phase) = status.phase;
        }
        let seen = UnderWay { step: step.id.clone(), handle: handle.clone(), status: status.cloned() };
        let under_way = &mut lock(&self.shared).under_way;
        match under_way.iter_mut().find(|own| own.step == step.id) {
            Some(own) => *own = seen,
            None => under_way.push(seen),
        }
    }

    /// Says that a step is not under way any more.
    pub(super) fn forget(&self, step: &Step) {
        lock(&self.shared).under_way.retain(|own| own.step != step.id);
    }

    /// Looks whether somebody else has brought the control plane past the target, which may be why a start was refused.
    pub(super) async fn look_for_newer(&self) {
        let detail = self.upgrades.client.describe_cluster_detail(&self.plan.cluster.cluster_id).await;
        let version = detail.ok().and_then(|detail| detail.into_inner().current_version);
        if let Some(version) = version.filter(|version| is_newer(version, &self.plan.target_version)) {
            self.found_unplanned(&version);
        }
    }

    /// Takes note that the control plane is where the plan does not lead.
    pub(super) fn found_unplanned(&self, version: &str) {
        lock(&self.shared).unplanned_version = Some(version.to_owned());
    }

    /// Whether an outcome leaves the upgrade of a step going on.
    pub(super) fn leaves_it(outcome: &Outcome) -> bool {
        matches!(outcome, Outcome::Paused { .. } | Outcome::StillRunning { .. } | Outcome::Lost { .. })
    }
}

/// The time of the clock as text.
pub(super) fn now(upgrades: &Upgrades) -> String {
    format!("{:.3}", timestamp(upgrades.clock.now()))
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which of several outcomes to report.
fn gravity(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Failed { .. } => 4,
        Outcome::Lost { .. } => 3,
        Outcome::Cancelled => 2,
        Outcome::Paused { .. } => 1,
        _ => 0,
    }
}
