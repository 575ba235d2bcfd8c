//! The order of waves and clusters, and what is kept of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::Events;
use super::checkpoint::{FleetCheckpoint, FleetMember, MemberProgress};
use super::options::FleetRunOptions;
use super::store::OfCluster;
use crate::event::EventKind;
use crate::fleet::event::{FleetEnd, FleetEvent, FleetEventKind, FleetNews, FleetSummary};
use crate::fleet::{Account, Fleet};
use crate::outcome::Outcome;
use crate::plan::PlanOptions;
use crate::run::{Checkpoint, Run, RunEvent, RunEventKind, RunNews};
use crate::upgrades::Upgrades;
use crate::watch::is_permanent;
use crate::window::timestamp;

/// How often a cluster is tried to be planned, while the service does not answer.
const ATTEMPTS: u32 = 6;

/// A clock that is set while it is waited for is noticed after this time.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(30);

/// Carries out a run over a fleet.
pub(super) struct Conductor {
    fleet: Fleet,
    plan: PlanOptions,
    options: FleetRunOptions,
    events: Events,
    started: Instant,
    checkpoint: Arc<Mutex<FleetCheckpoint>>,
    /// Why nothing new is started, if so.
    stopped: Mutex<Option<FleetEnd>>,
}

impl Conductor {
    pub(super) fn new(
        fleet: Fleet,
        checkpoint: Arc<Mutex<FleetCheckpoint>>,
        plan: PlanOptions,
        options: FleetRunOptions,
        events: Events,
    ) -> Self {
        Self { fleet, plan, options, events, started: Instant::now(), checkpoint, stopped: Mutex::new(None) }
    }

    /// All of it, with the event that ends it.
    pub(super) async fn conduct(&self) -> FleetSummary {
        // A limit too far away to be a point in time is none.
        let deadline = self.options.time_limit.and_then(|limit| self.started.checked_add(limit));
        let work = Box::pin(self.work());
        let end = match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, work).await.unwrap_or(FleetEnd::TimeLimit),
            None => work.await,
        };
        let summary = self.summary(end);
        self.tell(None, None, FleetNews::FleetFinished { summary });
        summary
    }

    async fn work(&self) -> FleetEnd {
        let (sizes, left_out, done) = {
            let checkpoint = lock(&self.checkpoint);
            let sizes: Vec<usize> = checkpoint.waves.iter().map(|wave| wave.clusters.len()).collect();
            let done = checkpoint.members().filter(|member| has_ended(&member.progress)).count();
            (sizes, checkpoint.left_out, done)
        };
        self.tell(None, None, FleetNews::FleetRunStarted { waves: sizes.clone(), left_out, done });
        if !self.keep() {
            return FleetEnd::CheckpointNotKept;
        }
        self.check_budget();
        for wave in 0..sizes.len() {
            self.wave(wave).await;
            if self.stop_reason().is_none() && wave + 1 < sizes.len() {
                self.soak(wave).await;
            }
        }
        if let Some(end) = self.stop_reason() {
            return end;
        }
        lock(&self.checkpoint).finished = true;
        if self.keep() { FleetEnd::Done } else { FleetEnd::CheckpointNotKept }
    }

    /// Takes the clusters of a wave to their ends. Where nothing new is to be started, those are that an earlier process has
    /// begun.
    async fn wave(&self, wave: usize) {
        let (name, clusters, open) = {
            let checkpoint = lock(&self.checkpoint);
            let Some(own) = checkpoint.waves.get(wave) else { return };
            let open = own.clusters.iter().enumerate().filter(|(_, member)| !has_ended(&member.progress));
            let is_begun = |member: &FleetMember| member.progress == MemberProgress::UnderWay;
            let mut open: Vec<(usize, bool)> = open.map(|(position, member)| (position, is_begun(member))).collect();
            // They are going on anyway.
            open.sort_by_key(|(_, is_begun)| !is_begun);
            (own.name.clone(), own.clusters.len(), open)
        };
        let mut open = open.into_iter().peekable();
        if open.peek().is_none_or(|(_, is_begun)| !is_begun && self.stop_reason().is_some()) {
            return;
        }
        self.tell(Some(wave), None, FleetNews::WaveStarted { name, clusters });
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < self.options.parallelism {
                let may_begin = |(_, is_begun): &(usize, bool)| *is_begun || self.stop_reason().is_none();
                let Some((position, is_begun)) = open.next_if(may_begin) else { break };
                running.push(Box::pin(self.member(wave, position, is_begun)));
            }
            if running.next().await.is_none() {
                break;
            }
            self.check_budget();
        }
        if self.stop_reason().is_none() {
            let failed = {
                let checkpoint = lock(&self.checkpoint);
                let members = checkpoint.waves.get(wave).map(|wave| wave.clusters.as_slice()).unwrap_or_default();
                members.iter().filter(|member| member.progress.is_failure()).count()
            };
            self.tell(Some(wave), None, FleetNews::WaveFinished { succeeded: clusters - failed, failed });
        }
    }

    /// Takes a cluster to its end.
    async fn member(&self, wave: usize, position: usize, is_begun: bool) {
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
        let outcome = match self.begin(wave, &member).await {
            Ok(mut run) => {
                while let Some(event) = run.next().await {
                    self.pass_on(wave, &member, event);
                }
                let outcome = run.outcome().cloned();
                outcome.unwrap_or(Outcome::Lost { reason: "the run ended without an outcome".to_owned() })
            }
            Err(outcome) => {
                self.tell_of(wave, &member, FleetEventKind::Run(RunNews::Finished { outcome: outcome.clone() }));
                outcome
            }
        };
        let progress = match &outcome {
            Outcome::Succeeded { .. } => MemberProgress::Succeeded,
            Outcome::Failed { .. } | Outcome::Cancelled => MemberProgress::Failed { reason: outcome.to_string() },
            other => MemberProgress::Halted { reason: other.to_string() },
        };
        self.change(wave, position, |member| member.progress = progress);
        self.keep();
    }

    /// The run of a cluster: that of before, or one by a new plan.
    async fn begin(&self, wave: usize, member: &FleetMember) -> Result<Run, Outcome> {
        let failed = |problem: String| Outcome::Failed { reason: format!("nothing was started: {problem}") };
        let account = self.account(member).ok_or_else(|| failed("the account is not known".to_owned()))?;
        let region: Arc<str> = member.region.as_str().into();
        let upgrades = account.connect(&region, &self.fleet.clock).map_err(|error| failed(error.to_string()))?;
        let mut options = self.options.run.clone();
        if let Some(store) = &self.options.store {
            let store = store.of_cluster(&member.account, &member.cluster_id);
            let kept = store.load().map_err(|error| failed(format!("the checkpoint cannot be read: {error}")))?;
            options = options.checkpoints(OfCluster(store));
            if let Some(text) = kept {
                let checkpoint = Checkpoint::from_json(&text).map_err(|error| failed(error.to_string()))?;
                return Ok(upgrades.continue_run(checkpoint, options));
            }
        }
        let plan = self.make_plan(wave, member, &upgrades).await?;
        Ok(upgrades.run(plan, options))
    }

    async fn make_plan(
        &self,
        wave: usize,
        member: &FleetMember,
        upgrades: &Upgrades,
    ) -> Result<crate::plan::Plan, Outcome> {
        let mut errors = 0;
        loop {
            let error = match upgrades.plan(&member.cluster_id, &self.plan).await {
                Ok(plan) => return Ok(plan),
                Err(error) => error,
            };
            errors += 1;
            let pause = match error.client() {
                Some(cause) if !is_permanent(cause) && cause.is_transient() && errors < ATTEMPTS => {
                    let pause = Duration::from_secs(5).saturating_mul(1 << (errors - 1));
                    pause.max(cause.retry_after().unwrap_or_default().min(LOOK_AT_CLOCK))
                }
                _ => return Err(Outcome::Failed { reason: format!("nothing was started: {error}") }),
            };
            let kind = EventKind::PollError { error: error.to_string(), consecutive: errors };
            self.tell_of(wave, member, FleetEventKind::Upgrade(kind));
            tokio::time::sleep(pause).await;
        }
    }

    /// Waits until a wave has proved itself.
    async fn soak(&self, wave: usize) {
        if self.options.soak.is_zero() {
            return;
        }
        let now = self.fleet.clock.now();
        let known = {
            let checkpoint = lock(&self.checkpoint);
            let until = checkpoint.waves.get(wave).and_then(|wave| wave.soaks_until.clone());
            until.and_then(|text| SystemTime::try_from(text.parse::<jiff::Timestamp>().ok()?).ok())
        };
        let Some(until) = known.or_else(|| now.checked_add(self.options.soak)) else { return };
        if until <= now {
            return;
        }
        if let Some(wave) = lock(&self.checkpoint).waves.get_mut(wave) {
            wave.soaks_until = Some(format!("{:.0}", timestamp(until)));
        }
        self.keep();
        self.tell(Some(wave), None, FleetNews::Soaking { until });
        while let Ok(left) = until.duration_since(self.fleet.clock.now()) {
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK_AT_CLOCK)).await;
        }
    }

    /// Starts nothing new once more has failed than may.
    fn check_budget(&self) {
        let (failed, clusters) = {
            let checkpoint = lock(&self.checkpoint);
            let failed = checkpoint.members().filter(|member| member.progress.is_failure()).count();
            (failed, checkpoint.members().count())
        };
        let allowed = self.options.budget.allowed(clusters);
        if failed > allowed && self.stop(FleetEnd::BudgetSpent) {
            self.tell(None, None, FleetNews::BudgetSpent { failed, allowed });
        }
    }

    /// Keeps the checkpoint. Where it cannot be kept, nothing new is started.
    fn keep(&self) -> bool {
        let Some(store) = &self.options.store else { return true };
        let text = {
            let mut checkpoint = lock(&self.checkpoint);
            checkpoint.updated_at = format!("{:.3}", timestamp(self.fleet.clock.now()));
            checkpoint.to_json()
        };
        let Err(error) = store.of_fleet().save(&text) else { return true };
        if self.stop(FleetEnd::CheckpointNotKept) {
            self.tell(None, None, FleetNews::FleetCheckpointNotKept { error: error.to_string() });
        }
        false
    }

    /// Says that nothing new is to be started; whether this was the first to say so.
    fn stop(&self, end: FleetEnd) -> bool {
        let mut stopped = lock(&self.stopped);
        let is_first = stopped.is_none();
        stopped.get_or_insert(end);
        is_first
    }

    fn stop_reason(&self) -> Option<FleetEnd> {
        *lock(&self.stopped)
    }

    fn change<T>(&self, wave: usize, position: usize, change: impl FnOnce(&mut FleetMember) -> T) -> Option<T> {
        lock(&self.checkpoint).waves.get_mut(wave)?.clusters.get_mut(position).map(change)
    }

    fn account(&self, member: &FleetMember) -> Option<&Account> {
        self.fleet.accounts.iter().find(|account| account.name() == member.account)
    }

    fn summary(&self, end: FleetEnd) -> FleetSummary {
        let checkpoint = lock(&self.checkpoint);
        let count =
            |fits: fn(&MemberProgress) -> bool| checkpoint.members().filter(|member| fits(&member.progress)).count();
        FleetSummary {
            end,
            clusters: checkpoint.members().count(),
            succeeded: count(|progress| *progress == MemberProgress::Succeeded),
            failed: count(MemberProgress::is_failure),
            under_way: count(|progress| *progress == MemberProgress::UnderWay),
            not_started: count(|progress| *progress == MemberProgress::Waiting),
        }
    }

    fn tell(&self, wave: Option<usize>, member: Option<&FleetMember>, news: FleetNews) {
        self.push(wave, member, FleetEventKind::Fleet(news), None);
    }

    fn tell_of(&self, wave: usize, member: &FleetMember, kind: FleetEventKind) {
        self.push(Some(wave), Some(member), kind, None);
    }

    fn pass_on(&self, wave: usize, member: &FleetMember, mut event: RunEvent) {
        let kind = match std::mem::replace(&mut event.kind, RunEventKind::Run(RunNews::StepSkipped)) {
            RunEventKind::Run(news) => FleetEventKind::Run(news),
            RunEventKind::Upgrade(kind) => FleetEventKind::Upgrade(kind),
        };
        self.push(Some(wave), Some(member), kind, Some(event));
    }

    fn push(&self, wave: Option<usize>, member: Option<&FleetMember>, kind: FleetEventKind, of_run: Option<RunEvent>) {
        let event = FleetEvent {
            at: of_run.as_ref().map_or_else(|| self.fleet.clock.now(), |event| event.at),
            elapsed: self.started.elapsed(),
            account: member.map(|member| member.account.as_str().into()),
            region: member.map(|member| member.region.as_str().into()),
            cluster_id: member.map(|member| member.cluster_id.as_str().into()),
            wave: wave.map(|wave| wave + 1),
            step: of_run.as_ref().and_then(|event| event.step.clone()),
            upgrade: of_run.as_ref().and_then(|event| event.upgrade.clone()),
            task_id: of_run.as_ref().and_then(|event| event.task_id.clone()),
            request_id: of_run.and_then(|event| event.request_id),
            kind,
        };
        self.events.lock().push_back(event);
    }
}

fn has_ended(progress: &MemberProgress) -> bool {
    matches!(progress, MemberProgress::Succeeded | MemberProgress::Failed { .. })
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
