//! Following an upgrade: a stream of events that is also awaitable for how it ends.

mod changes;
mod claim;
mod findings;
pub(crate) mod judge;
mod options;
pub(crate) mod pace;
pub(crate) mod quiet;
mod resume;
mod seen;

use std::collections::VecDeque;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use ack_client::Error as ClientError;
use futures_core::Stream;
use tokio::time::Instant;

use crate::checks;
use crate::event::{Event, EventKind};
use crate::finding::PrecheckFinding;
use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::observe::{Look, observe};
use crate::outcome::{Outcome, PausedBy};
use crate::phase::Phase;
use crate::skew::{self, Skew};
use crate::status::UpgradeStatus;
use crate::upgrades::Upgrades;

pub use claim::PauseMark;
pub(crate) use claim::{Claim, Pace};
pub use options::{OnPause, WatchOptions};

use claim::Steering;
use findings::Findings;
use judge::Judge;
use quiet::Quiet;
use resume::Resumption;
use seen::Seen;

/// An upgrade being followed. Await it for its [`Outcome`], call [`next`](Self::next) for each [`Event`], or turn it
/// into a [`Stream`] with [`into_stream`](Self::into_stream).
///
/// Each event of the service is told once, including those from before the first look, as far as its task lists them.
/// Dropping the watch at any point stops the looking and nothing else: the upgrade goes on. What it remembers is bounded.
#[derive(Debug)]
pub struct Watch {
    upgrades: Upgrades,
    handle: UpgradeHandle,
    options: WatchOptions,
    started: Option<Instant>,
    next_look: Option<Instant>,
    last: Option<UpgradeStatus>,
    judge: Judge,
    quiet: Option<Quiet>,
    seen: Seen,
    resumption: Resumption,
    steering: Steering,
    mark: PauseMark,
    findings: Findings,
    poll_errors: u32,
    pending: VecDeque<Event>,
    outcome: Option<Outcome>,
}

/// What one look brings, with what was asked for besides.
struct Sight {
    look: Look,
    skew: Option<Skew>,
    /// The outer is `None` where the precheck was not asked about, the inner where it has no report.
    findings: Option<Option<Vec<PrecheckFinding>>>,
}

impl Watch {
    pub(crate) fn new(upgrades: Upgrades, handle: UpgradeHandle, options: WatchOptions) -> Self {
        Self {
            upgrades,
            handle,
            options,
            started: None,
            next_look: None,
            last: None,
            judge: Judge::default(),
            quiet: None,
            seen: Seen::default(),
            resumption: Resumption::default(),
            steering: Steering::default(),
            mark: PauseMark::default(),
            findings: Findings::default(),
            poll_errors: 0,
            pending: VecDeque::new(),
            outcome: None,
        }
    }

    /// The next event; `None` after [`EventKind::Finished`]. It may be dropped at any point and called again.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            if self.outcome.is_some() {
                return None;
            }
            if self.resumption.is_due() {
                self.resume().await;
            } else {
                self.look().await;
            }
        }
    }

    /// The newest status that was seen.
    #[must_use]
    pub fn status(&self) -> Option<&UpgradeStatus> {
        self.last.as_ref()
    }

    /// How it ended, once it has.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// What to take the upgrade up by elsewhere, with all that has been learned.
    #[must_use]
    pub fn handle(&self) -> &UpgradeHandle {
        &self.handle
    }

    /// All events as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Event> + Send + Unpin {
        Box::pin(futures_util::stream::unfold(self, |mut watch| async move {
            let event = watch.next().await?;
            Some((event, watch))
        }))
    }

    async fn look(&mut self) {
        let started = *self.started.get_or_insert_with(Instant::now);
        // A limit too far away to be a point in time is none.
        let deadline = self.options.time_limit.and_then(|limit| started.checked_add(limit));
        if let Some(at) = self.next_look {
            tokio::time::sleep_until(deadline.map_or(at, |deadline| at.min(deadline))).await;
        }
        if self.next_look.is_some() && deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            let phase = self.last.as_ref().map_or(Phase::Unknown, |status| status.phase);
            self.finish(Outcome::StillRunning { phase }, None);
            return;
        }
        let seen = match deadline {
            Some(deadline) => {
                // The client bounds each call; this bounds the last look by the limit of the whole.
                let limit = deadline.max(Instant::now() + Duration::from_secs(1));
                match tokio::time::timeout_at(limit, self.see()).await {
                    Ok(seen) => seen,
                    Err(_) => return self.next_look = Some(Instant::now()),
                }
            }
            None => self.see().await,
        };
        match seen {
            Ok(sight) => {
                self.poll_errors = 0;
                self.take(sight);
            }
            Err(error) => self.take_error(&error),
        }
    }

    /// All calls of one look. It changes nothing here, so that it may be dropped halfway.
    async fn see(&self) -> Result<Sight, ClientError> {
        let look = observe(&self.upgrades, &self.handle).await?;
        let status = &look.status;
        let skew = match (self.options.node_skew, &status.current_version) {
            (Some(allowed), Some(version))
                if status.phase == Phase::Succeeded && status.upgrade == UpgradeKind::ControlPlane =>
            {
                Some(skew::compare(&self.upgrades, &status.cluster_id, version, allowed).await?)
            }
            _ => None,
        };
        let findings = match self.options.findings && self.findings.wants_report(status) {
            // A report that may not be read is no reason to lose sight of the upgrade.
            true => Some(checks::findings(&self.upgrades, status).await.unwrap_or_else(|error| {
                tracing::debug!(%error, "no report of the precheck");
                None
            })),
            false => None,
        };
        Ok(Sight { look, skew, findings })
    }

    fn take(&mut self, sight: Sight) {
        let Sight { mut look, skew, findings } = sight;
        self.steering.attribute(&mut look);
        self.mark = PauseMark::of(&look);
        let quiet = self.quiet.get_or_insert_with(Quiet::new);
        if let Some(last) = &self.last {
            changes::carry_over(&mut look.status, last);
        }
        let latest = quiet::latest(&look.told);
        let fresh = self.seen.fresh(std::mem::take(&mut look.told));
        let mut kinds = changes::between(self.last.as_ref(), &look.status, fresh);
        if !kinds.is_empty() {
            quiet.end();
        }
        let found = self.findings.fresh(findings, &kinds, self.last.as_ref(), &look.status);
        let findings = &self.findings;
        kinds.retain(|kind| !findings.has_told(kind));
        // Before the phase that they led to, but never before the first event.
        let position = usize::from(self.last.is_none());
        kinds.splice(position..position, found.into_iter().map(|finding| EventKind::PrecheckFinding { finding }));
        if let Some(stall) = quiet.stall(self.options.stall_after, &self.handle, &look.status, &latest) {
            kinds.push(EventKind::Stalled { stall });
        }
        let wait = pace::after_look(&self.options, &self.handle.kind, look.status.phase, quiet.since.elapsed());
        self.next_look = Some(Instant::now() + self.steering.paced(wait));
        self.learn(&look.status);
        let request_id = look.status.request_id.clone();
        for kind in kinds {
            self.push(kind, request_id.clone(), &look.status);
        }
        let outcome = self.judge.judge(&self.handle, &look, skew.as_ref(), &self.options);
        let is_to_end = look.status.paused_by == Some(PausedBy::Policy) && self.steering.lets_policy_pauses_end();
        self.resumption.see(look.status.phase, outcome.is_none() && is_to_end);
        self.last = Some(look.status);
        if let Some(outcome) = outcome {
            self.finish(outcome, request_id);
        }
    }

    /// From the moment an upgrade is seen at work, an older one cannot be taken for it.
    fn learn(&mut self, status: &UpgradeStatus) {
        if matches!(status.phase, Phase::Prechecking | Phase::Upgrading | Phase::Paused) {
            self.handle.task_id = self.handle.task_id.take().or_else(|| status.task_id.clone());
            self.handle.target_version = self.handle.target_version.take().or_else(|| status.target_version.clone());
        }
        self.handle.region = self.handle.region.take().or_else(|| self.upgrades.client.region().map(str::to_owned));
    }

    fn take_error(&mut self, error: &ClientError) {
        self.poll_errors = self.poll_errors.saturating_add(1);
        let request_id = error.request_id().map(str::to_owned);
        if is_permanent(error) || self.poll_errors >= self.options.max_poll_errors {
            self.finish(Outcome::Lost { reason: error.to_string() }, request_id);
            return;
        }
        let wait = pace::after_error(&self.options, &self.handle.kind, error, self.poll_errors);
        self.next_look = Some(Instant::now() + wait);
        self.tell(EventKind::PollError { error: error.to_string(), consecutive: self.poll_errors }, request_id);
    }

    fn finish(&mut self, outcome: Outcome, request_id: Option<String>) {
        self.tell(EventKind::Finished { outcome: outcome.clone() }, request_id);
        self.outcome = Some(outcome);
    }

    /// An event that is not of the newest look.
    fn tell(&mut self, kind: EventKind, request_id: Option<String>) {
        let task_id = self.last.as_ref().and_then(|status| status.task_id.clone());
        let task_id = task_id.or_else(|| self.handle.task_id.clone());
        self.push_event(kind, request_id, task_id);
    }

    fn push(&mut self, kind: EventKind, request_id: Option<String>, status: &UpgradeStatus) {
        self.push_event(kind, request_id, status.task_id.clone());
    }

    fn push_event(&mut self, kind: EventKind, request_id: Option<String>, task_id: Option<String>) {
        let elapsed = self.started.map_or(Duration::ZERO, |started| started.elapsed());
        self.pending.push_back(Event {
            at: self.upgrades.clock.now(),
            elapsed,
            cluster_id: self.handle.cluster_id.clone(),
            upgrade: self.handle.kind.clone(),
            task_id,
            request_id,
            kind,
        });
    }
}

impl IntoFuture for Watch {
    type Output = Outcome;
    type IntoFuture = Pin<Box<dyn Future<Output = Outcome> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            while self.next().await.is_some() {}
            // `next` ends only after an outcome has been set.
            self.outcome.unwrap_or(Outcome::Lost { reason: "the watch ended without an outcome".to_owned() })
        })
    }
}

/// Failures that repeating cannot mend. A task that is not found is none of them: lists and tasks lag behind a start.
pub(crate) fn is_permanent(error: &ClientError) -> bool {
    error.is_invalid_input()
        || error.is_credentials()
        || matches!(error.code(), Some("ErrorClusterNotFound" | "ErrorNodePoolNotFound"))
        || error.is_forbidden()
        || error.is_bad_signature()
}
