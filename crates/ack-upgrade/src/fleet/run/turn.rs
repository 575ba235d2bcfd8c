//! The turn of a cluster: its plan, and the run that carries it out.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use ack_client::models::ClusterState;

use super::checkpoint::{FleetMember, MemberProgress};
use super::conductor::{Conductor, LOOK_AT_CLOCK};
use super::store::OfCluster;
use crate::event::EventKind;
use crate::fleet::Account;
use crate::fleet::event::{FleetEventKind, FleetNews};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::run::{Checkpoint, Run, RunEvent, RunEventKind, RunNews};
use crate::upgrades::Upgrades;
use crate::watch::is_permanent;

/// How often a cluster is tried to be planned, while the service does not answer.
const ATTEMPTS: u32 = 6;

/// How the turn of a cluster has ended.
enum End {
    /// By its run, which has told of it.
    Ran(Outcome),
    /// Before there was a run.
    NotRun(Outcome),
    /// There was nothing to do at this version.
    UpToDate(String),
    /// At a version that is newer than the target.
    Newer(String),
}

impl Conductor {
    /// Takes a cluster to its end.
    pub(super) async fn member(&self, wave: usize, position: usize, is_begun: bool) {
        let Some(member) = self.change(wave, position, |member| {
            member.progress = MemberProgress::UnderWay;
            member.clone()
        }) else {
            return;
        };
        // What may be started has to be on record before.
        if !self.keep() && !is_begun {
            self.change(wave, position, |member| member.progress = MemberProgress::Waiting);
            return;
        }
        let tell = |news| self.tell_of(wave, &member, FleetEventKind::Fleet(news));
        tell(FleetNews::ClusterStarted);
        let progress = match self.turn(wave, &member).await {
            End::UpToDate(version) => {
                tell(FleetNews::ClusterUpToDate { version });
                MemberProgress::UpToDate
            }
            End::Newer(version) => {
                tell(FleetNews::ClusterNewer { version: version.clone() });
                MemberProgress::Newer { newer_version: version }
            }
            End::NotRun(outcome) => {
                let progress = MemberProgress::of(&outcome);
                self.tell_of(wave, &member, FleetEventKind::Run(RunNews::Finished { outcome }));
                progress
            }
            End::Ran(outcome) => MemberProgress::of(&outcome),
        };
        self.change(wave, position, |member| member.progress = progress);
        self.keep();
    }

    /// Plans it and carries the plan out. One that somebody else has upgraded before its plan came to that is planned once more.
    async fn turn(&self, wave: usize, member: &FleetMember) -> End {
        let mut is_planned_anew = false;
        loop {
            let mut run = match self.begin(wave, member, is_planned_anew).await {
                Ok(run) => run,
                Err(end) => return end,
            };
            let (mut failures, mut begun, mut has_failed) = (Vec::new(), HashSet::new(), false);
            while let Some(event) = run.next().await {
                if is_of_upgrade(&event.kind) {
                    begun.extend(event.step.clone());
                }
                // That the plan leads nowhere any more need not be a failure of the cluster, but that of an upgrade is.
                let is_failure = is_failure(&event.kind);
                has_failed |= is_failure && event.step.as_ref().is_some_and(|step| begun.contains(step));
                if is_failure && !has_failed && run.unplanned_version().is_some() {
                    failures.push(event);
                } else {
                    self.pass_on(wave, member, event);
                }
            }
            match run.unplanned_version().filter(|_| !has_failed) {
                Some(version) if self.plan.wanted().is_behind(&version) => {
                    self.skip(wave, member, failures);
                    return End::Newer(version);
                }
                Some(_) if !is_planned_anew => {
                    self.skip(wave, member, failures);
                    is_planned_anew = true;
                }
                _ => {
                    failures.into_iter().for_each(|event| self.pass_on(wave, member, event));
                    let outcome = run.outcome().cloned();
                    return End::Ran(
                        outcome.unwrap_or(Outcome::Lost { reason: "the run ended without an outcome".to_owned() }),
                    );
                }
            }
        }
    }

    /// The run of a cluster: that of before, or one by a new plan.
    async fn begin(&self, wave: usize, member: &FleetMember, plans_anew: bool) -> Result<Run, End> {
        let failed =
            |problem: String| End::NotRun(Outcome::Failed { reason: format!("nothing was started: {problem}") });
        let account = self.account(member).ok_or_else(|| failed("the account is not known".to_owned()))?;
        let region: Arc<str> = member.region.as_str().into();
        let upgrades = account.connect(&region, &self.fleet.clock).map_err(|error| failed(error.to_string()))?;
        let mut options = self.options.run.clone();
        if let Some(store) = &self.options.store {
            let store = store.of_cluster(&member.account, &member.cluster_id);
            let kept = match plans_anew {
                true => None,
                false => store.load().map_err(|error| failed(format!("the checkpoint cannot be read: {error}")))?,
            };
            options = options.checkpoints(OfCluster(store));
            if let Some(text) = kept {
                let checkpoint = Checkpoint::from_json(&text).map_err(|error| failed(error.to_string()))?;
                return Ok(upgrades.continue_run(checkpoint, options));
            }
        }
        let plan = self.make_plan(wave, member, &upgrades).await?;
        let is_at_rest = plan.cluster.state == Some(ClusterState::Running) && plan.blocking().next().is_none();
        if plan.is_empty() && is_at_rest {
            return Err(End::UpToDate(plan.cluster.version));
        }
        Ok(upgrades.run(plan, options))
    }

    async fn make_plan(&self, wave: usize, member: &FleetMember, upgrades: &Upgrades) -> Result<Plan, End> {
        let mut errors = 0;
        loop {
            let error = match upgrades.plan(&member.cluster_id, &self.plan).await {
                Ok(plan) => return Ok(plan),
                Err(error) => error,
            };
            if let Some(version) = error.newer_version() {
                return Err(End::Newer(version.to_owned()));
            }
            errors += 1;
            let pause = match error.client() {
                Some(cause) if !is_permanent(cause) && cause.is_transient() && errors < ATTEMPTS => {
                    let pause = Duration::from_secs(5).saturating_mul(1 << (errors - 1));
                    pause.max(cause.retry_after().unwrap_or_default().min(LOOK_AT_CLOCK))
                }
                _ => {
                    return Err(End::NotRun(Outcome::Failed { reason: format!("nothing was started: {error}") }));
                }
            };
            let kind = EventKind::PollError { error: error.to_string(), consecutive: errors };
            self.tell_of(wave, member, FleetEventKind::Upgrade(kind));
            tokio::time::sleep(pause).await;
        }
    }

    /// Tells of steps that are not needed any more.
    fn skip(&self, wave: usize, member: &FleetMember, failures: Vec<RunEvent>) {
        for event in failures.into_iter().filter(|event| event.step.is_some()) {
            let kind = RunEventKind::Run(RunNews::StepSkipped);
            self.pass_on(wave, member, RunEvent { kind, ..event });
        }
    }

    fn account(&self, member: &FleetMember) -> Option<&Account> {
        self.fleet.accounts.iter().find(|account| account.name() == member.account)
    }

    fn pass_on(&self, wave: usize, member: &FleetMember, mut event: RunEvent) {
        let kind = match std::mem::replace(&mut event.kind, RunEventKind::Run(RunNews::StepSkipped)) {
            RunEventKind::Run(news) => FleetEventKind::Run(news),
            RunEventKind::Upgrade(kind) => FleetEventKind::Upgrade(kind),
        };
        self.push(Some(wave), Some(member), kind, Some(event));
    }
}

/// Whether an event shows that the upgrade of a step was begun, by this run or an earlier one.
fn is_of_upgrade(kind: &RunEventKind) -> bool {
    matches!(kind, RunEventKind::Upgrade(_) | RunEventKind::Run(RunNews::StepStarted { .. }))
}

/// Whether an event says that a step or the whole run has not succeeded.
fn is_failure(kind: &RunEventKind) -> bool {
    match kind {
        RunEventKind::Run(RunNews::StepFinished { outcome } | RunNews::Finished { outcome }) => !outcome.is_success(),
        _ => false,
    }
}
