//! The order of waves and clusters, and what is kept of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::Events;
use super::checkpoint::{FleetCheckpoint, FleetMember, MemberProgress};
use super::options::FleetRunOptions;
use crate::fleet::Fleet;
use crate::fleet::event::{FleetEnd, FleetEvent, FleetEventKind, FleetNews, FleetSummary};
use crate::plan::PlanOptions;
use crate::run::RunEvent;
use crate::window::{time_of, timestamp};

/// A clock that is set while it is waited for is noticed after this time.
pub(super) const LOOK_AT_CLOCK: Duration = Duration::from_secs(30);

/// Carries out a run over a fleet.
pub(super) struct Conductor {
    pub(super) fleet: Fleet,
    pub(super) plan: PlanOptions,
    pub(super) options: FleetRunOptions,
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

    /// All of it, with the event that ends it. What was told by an earlier process is not told again.
    pub(super) async fn conduct(&self, is_new: bool) -> FleetSummary {
        // A limit too far away to be a point in time is none.
        let deadline = self.options.time_limit.and_then(|limit| self.started.checked_add(limit));
        let work = Box::pin(self.work(is_new));
        let end = match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, work).await.unwrap_or(FleetEnd::TimeLimit),
            None => work.await,
        };
        let summary = self.summary(end);
        self.tell(None, None, FleetNews::FleetFinished { summary });
        summary
    }

    async fn work(&self, is_new: bool) -> FleetEnd {
        let (sizes, left_out, left_alone, done) = {
            let checkpoint = lock(&self.checkpoint);
            let sizes: Vec<usize> = checkpoint.waves.iter().map(|wave| wave.clusters.len()).collect();
            let done = checkpoint.members().filter(|member| member.progress.has_ended()).count();
            (sizes, checkpoint.left_out, checkpoint.left_alone.clone(), done)
        };
        let news = FleetNews::FleetRunStarted { waves: sizes.clone(), left_out, left_alone: left_alone.len(), done };
        self.tell(None, None, news);
        for member in left_alone.into_iter().filter(|_| is_new) {
            let news = match &member.progress {
                MemberProgress::Newer { newer_version } => FleetNews::ClusterNewer { version: newer_version.clone() },
                _ => FleetNews::ClusterUpToDate { version: member.version.clone().unwrap_or_default() },
            };
            self.tell(None, Some(&member), news);
        }
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
            let open = own.clusters.iter().enumerate().filter(|(_, member)| !member.progress.has_ended());
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
            let news = {
                let checkpoint = lock(&self.checkpoint);
                let members = checkpoint.waves.get(wave).map(|wave| wave.clusters.as_slice()).unwrap_or_default();
                let counts = counts(FleetEnd::Done, members);
                FleetNews::WaveFinished {
                    succeeded: counts.succeeded,
                    failed: counts.failed,
                    up_to_date: counts.up_to_date,
                    newer: counts.newer,
                }
            };
            self.tell(Some(wave), None, news);
        }
    }

    /// Waits until a wave has proved itself. One of which every cluster was left alone has nothing to prove.
    async fn soak(&self, wave: usize) {
        let is_at_rest = {
            let checkpoint = lock(&self.checkpoint);
            let own = checkpoint.waves.get(wave);
            own.is_none_or(|wave| wave.clusters.iter().all(|member| member.progress.is_left_alone()))
        };
        if self.options.soak.is_zero() || is_at_rest {
            return;
        }
        let now = self.fleet.clock.now();
        let known = {
            let checkpoint = lock(&self.checkpoint);
            let until = checkpoint.waves.get(wave).and_then(|wave| wave.soaks_until.clone());
            until.as_deref().and_then(time_of)
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
    pub(super) fn keep(&self) -> bool {
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

    pub(super) fn change<T>(
        &self,
        wave: usize,
        position: usize,
        change: impl FnOnce(&mut FleetMember) -> T,
    ) -> Option<T> {
        lock(&self.checkpoint).waves.get_mut(wave)?.clusters.get_mut(position).map(change)
    }

    fn summary(&self, end: FleetEnd) -> FleetSummary {
        let checkpoint = lock(&self.checkpoint);
        counts(end, checkpoint.members().chain(&checkpoint.left_alone))
    }

    fn tell(&self, wave: Option<usize>, member: Option<&FleetMember>, news: FleetNews) {
        self.push(wave, member, FleetEventKind::Fleet(news), None);
    }

    pub(super) fn tell_of(&self, wave: usize, member: &FleetMember, kind: FleetEventKind) {
        self.push(Some(wave), Some(member), kind, None);
    }

    pub(super) fn push(
        &self,
        wave: Option<usize>,
        member: Option<&FleetMember>,
        kind: FleetEventKind,
        of_run: Option<RunEvent>,
    ) {
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

/// How clusters stand.
fn counts<'a>(end: FleetEnd, members: impl IntoIterator<Item = &'a FleetMember>) -> FleetSummary {
    members.into_iter().fold(FleetSummary::new(end), |mut counts, member| {
        counts.clusters += 1;
        *match member.progress {
            MemberProgress::Waiting => &mut counts.not_started,
            MemberProgress::UnderWay => &mut counts.under_way,
            MemberProgress::Succeeded => &mut counts.succeeded,
            MemberProgress::UpToDate => &mut counts.up_to_date,
            MemberProgress::Newer { .. } => &mut counts.newer,
            MemberProgress::Failed { .. } | MemberProgress::Halted { .. } => &mut counts.failed,
        } += 1;
        counts
    })
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
