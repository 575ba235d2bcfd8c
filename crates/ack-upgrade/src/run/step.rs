//! One step: looking, waiting, checking, starting, following.

use std::time::Duration;

use tokio::time::Instant;

use super::checkpoint::{StepProgress, WindowPause};
use super::conductor::Conductor;
use super::event::{RunEventKind, RunNews};
use crate::finding::Severity;
use crate::handle::UpgradeHandle;
use crate::observe::{Look, observe};
use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::plan::{Change, Step, precheck};
use crate::start::{Started, begin, is_done, is_under_way};
use crate::version::is_newer;

/// The time between two looks for a start that may have been sent.
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

/// What to follow an upgrade by, and what the run has done about the end of the window.
type Pursuit = (UpgradeHandle, Option<WindowPause>);

/// What a step needs.
enum Need {
    /// Nothing: it is done already.
    Nothing,
    /// To be followed.
    Following(Box<Pursuit>),
    /// To be started. The newest task of its kind so far, and whether it is under way already.
    Start { known_task: Option<String> },
}

impl Conductor {
    /// Takes a step to its end.
    pub(super) async fn step(&self, step: &Step) -> Outcome {
        let outcome = match self.begin(step).await {
            Ok(Some((handle, pause))) => self.follow(step, handle, pause).await,
            Ok(None) => {
                self.forget(step);
                self.record_if_possible(step, StepProgress::Done);
                self.tell(Some(step), RunNews::StepSkipped);
                return Outcome::Succeeded { version: None, verified: true };
            }
            Err(outcome) => outcome,
        };
        match &outcome {
            Outcome::Succeeded { .. } => self.record_if_possible(step, StepProgress::Done),
            outcome if Self::leaves_it(outcome) => {}
            outcome => self.record_if_possible(step, StepProgress::Failed { reason: outcome.to_string() }),
        }
        self.tell(Some(step), RunNews::StepFinished { outcome: outcome.clone() });
        if !Self::leaves_it(&outcome) {
            self.forget(step);
        }
        outcome
    }

    /// Starts a step, or finds it under way; `None` if there is nothing to do.
    async fn begin(&self, step: &Step) -> Result<Option<Pursuit>, Outcome> {
        let known_task = match self.need(step).await? {
            Need::Nothing => return Ok(None),
            Need::Following(pursuit) => {
                self.see(step, &pursuit.0, None);
                return Ok(Some(*pursuit));
            }
            Need::Start { known_task } => known_task,
        };
        let wanted = step.change.handle(&self.plan.cluster.cluster_id).with_started_at(self.upgrades.clock.now());
        let starting = StepProgress::Starting { known_task, handle: wanted.clone() };
        self.record(step, starting).map_err(|error| Outcome::Failed {
            reason: format!("{step} was not started: the checkpoint cannot be kept: {error}"),
        })?;
        // From here on it may be under way, and whoever is to steer it has to know.
        self.see(step, &wanted, None);
        let Some(started) = self.start(step, wanted).await? else { return Ok(None) };
        let handle = started.handle().clone();
        self.see(step, &handle, None);
        let request_id = started.request_id().map(str::to_owned);
        let news = RunNews::StepStarted { joined: started.is_joined() };
        self.tell_of(Some(step), request_id, RunEventKind::Run(news));
        self.record_if_possible(step, StepProgress::Started { handle: handle.clone(), window_pause: None });
        Ok(Some((handle, None)))
    }

    /// What is to be done about a step, once it may be done.
    async fn need(&self, step: &Step) -> Result<Need, Outcome> {
        match self.progress(step) {
            Some(StepProgress::Done) => return Ok(Need::Nothing),
            Some(StepProgress::Started { handle, window_pause }) => {
                return Ok(Need::Following(Box::new((handle, window_pause))));
            }
            Some(StepProgress::Starting { known_task, handle }) => {
                if let Some(found) = self.look_for_start(step, known_task.as_deref(), &handle).await? {
                    let news = RunNews::StepStarted { joined: true };
                    self.see(step, &found, None);
                    self.tell(Some(step), news);
                    let started = StepProgress::Started { handle: found.clone(), window_pause: None };
                    self.record_if_possible(step, started);
                    return Ok(Need::Following(Box::new((found, None))));
                }
            }
            Some(StepProgress::Failed { .. }) | None => {}
        }
        let wanted = step.change.handle(&self.plan.cluster.cluster_id);
        loop {
            let look = self.look(step).await?;
            let known_task = look.status.task_id.clone();
            if is_under_way(&look) {
                // What is going on is followed whatever the window says.
                return Ok(Need::Start { known_task });
            }
            if has_reached(&look, &wanted) {
                return Ok(Need::Nothing);
            }
            self.refuse_other_version(step, &look)?;
            if self.wait_for_room(step).await? {
                // Much may have happened meanwhile.
                continue;
            }
            self.check(step).await?;
            // It was let in before the check, which takes less than a step; only the window must not have closed over it.
            if self.is_window_open() {
                return Ok(Need::Start { known_task });
            }
        }
    }

    async fn look(&self, step: &Step) -> Result<Look, Outcome> {
        let anything = anything(step, &self.plan.cluster.cluster_id);
        self.patient(Some(step), || observe(&self.upgrades, &anything)).await
    }

    /// The upgrade that a run before this one may have started: a task that was not there before.
    async fn look_for_start(
        &self,
        step: &Step,
        known_task: Option<&str>,
        wanted: &UpgradeHandle,
    ) -> Result<Option<UpgradeHandle>, Outcome> {
        let deadline = Instant::now() + self.options.settle;
        loop {
            let look = self.look(step).await?;
            let target = &look.status.target_version;
            let is_new = look.status.task_id.is_some() && look.status.task_id.as_deref() != known_task;
            if is_new && (target.is_none() || *target == wanted.target_version) {
                return Ok(Some(UpgradeHandle { task_id: look.status.task_id, ..wanted.clone() }));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || is_new || has_reached(&look, wanted) {
                return Ok(None);
            }
            tokio::time::sleep(left.min(BETWEEN_LOOKS)).await;
        }
    }

    /// A control plane that is elsewhere than planned has been upgraded by somebody else.
    fn refuse_other_version(&self, step: &Step, look: &Look) -> Result<(), Outcome> {
        match (&step.change, look.status.current_version.as_deref()) {
            (Change::ControlPlane { from, to }, Some(current)) if current != from => {
                // What is older than it was is an answer that is behind.
                if is_newer(current, from) {
                    self.found_unplanned(current);
                }
                Err(Outcome::Failed {
                    reason: format!(
                        "the control plane is at {current}, and the plan was to bring it from {from} to {to}: make a new plan, \
                         and give it a checkpoint of its own, for that of this plan leads here again"
                    ),
                })
            }
            _ => Ok(()),
        }
    }

    /// The service's own check. What it finds in the way ends the step; that it cannot be run does not.
    async fn check(&self, step: &Step) -> Result<(), Outcome> {
        let Some(request) = precheck::request(&step.change).filter(|_| self.options.runs_checks) else { return Ok(()) };
        let findings = match precheck::run(&self.upgrades, &self.plan.cluster.cluster_id, &request).await {
            Ok(findings) => findings,
            Err(error) => {
                self.tell(Some(step), RunNews::CheckFailed { error: error.to_string() });
                return Ok(());
            }
        };
        let blocking: Vec<String> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Blocking)
            .map(|finding| finding.message.clone())
            .collect();
        for finding in findings {
            self.tell(Some(step), RunNews::CheckFinding { finding });
        }
        if blocking.is_empty() {
            return Ok(());
        }
        Err(Outcome::Failed { reason: format!("{step} was not started: {}", blocking.join("; ")) })
    }

    /// Starts it at most once; `None` if it turns out to be done. Failures that prove that nothing was started are borne
    /// for a while.
    async fn start(&self, step: &Step, wanted: UpgradeHandle) -> Result<Option<Started>, Outcome> {
        let start = self.plan.start(step).map_err(|error| Outcome::Failed { reason: error.to_string() })?;
        let mut errors = 0;
        loop {
            let error = match begin(&self.upgrades, wanted.clone(), &start).await {
                Ok(started) => return Ok(Some(started)),
                Err(error) => error,
            };
            if error.is_unclear() {
                return Err(Outcome::Lost { reason: error.to_string() });
            }
            if error.is_refused() && has_reached(&self.look(step).await?, &wanted) {
                return Ok(None);
            }
            match error.client() {
                Some(cause) if is_passing(cause) => self.bear(Some(step), cause, &mut errors).await?,
                _ => {
                    self.look_for_newer().await;
                    return Err(Outcome::Failed { reason: format!("{step} was not started: {error}") });
                }
            }
        }
    }
}

/// Names whatever is going on with what a step changes.
fn anything(step: &Step, cluster_id: &str) -> UpgradeHandle {
    UpgradeHandle { target_version: None, ..step.change.handle(cluster_id) }
}

/// Whether what a step leads to is there. Nodes that do not tell their version have reached the one that their newest
/// task has brought them to.
fn has_reached(look: &Look, wanted: &UpgradeHandle) -> bool {
    let by_task = look.status.phase == Phase::Succeeded
        && wanted.target_version.is_some()
        && look.status.target_version == wanted.target_version;
    is_done(look, wanted) || by_task
}

/// Failures after which the next attempt may well succeed.
pub(super) fn is_passing(error: &ack_client::Error) -> bool {
    error.is_throttled() || error.is_timeout() || error.is_transport() || error.is_connect() || error.is_server()
}
