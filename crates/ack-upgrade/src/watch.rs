//! Following an upgrade: a stream of events that is also awaitable for how it ends.

use std::collections::VecDeque;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use ack_client::Error as ClientError;
use futures_core::Stream;
use tokio::time::Instant;

use crate::event::{Event, EventKind};
use crate::handle::UpgradeHandle;
use crate::observe::observe;
use crate::outcome::{Outcome, PausedBy};
use crate::phase::Phase;
use crate::status::UpgradeStatus;
use crate::upgrades::Upgrades;

/// How to follow an upgrade.
#[derive(Clone, Debug)]
pub struct WatchOptions {
    interval: Duration,
    time_limit: Option<Duration>,
    settle: Duration,
    max_poll_errors: u32,
}

impl WatchOptions {
    /// The time between looks, 15 seconds by default; at least 50 milliseconds and at most a day. Managed control planes take
    /// about five minutes, dedicated masters about eight each.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.clamp(Duration::from_millis(50), Duration::from_secs(24 * 60 * 60));
        self
    }

    /// When to stop following; 90 minutes by default, `None` for never. It ends with [`Outcome::StillRunning`] and
    /// touches nothing.
    #[must_use]
    pub fn time_limit(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.time_limit = limit.into();
        self
    }

    /// How long the cluster may take to show what its task reports, 2 minutes by default: an upgrade that was just
    /// started and is in no list yet, or a cluster that is `running` at another version than the target although
    /// the task succeeded.
    #[must_use]
    pub fn settle(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    /// How many looks in a row may fail before the upgrade counts as lost; 20 by default. Refusals that no
    /// repetition mends, such as a forbidden call, end it at once.
    #[must_use]
    pub fn max_poll_errors(mut self, count: u32) -> Self {
        self.max_poll_errors = count;
        self
    }
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(15),
            time_limit: Some(Duration::from_secs(90 * 60)),
            settle: Duration::from_secs(120),
            max_poll_errors: 20,
        }
    }
}

/// An upgrade being followed. Await it for its [`Outcome`], call [`next`](Self::next) for each [`Event`], or turn it
/// into a [`Stream`] with [`into_stream`](Self::into_stream).
///
/// Dropping it at any point stops the looking and nothing else: the upgrade goes on.
#[derive(Debug)]
pub struct Watch {
    upgrades: Upgrades,
    handle: UpgradeHandle,
    options: WatchOptions,
    started: Option<Instant>,
    next_look: Option<Instant>,
    last: Option<UpgradeStatus>,
    unsettled_since: Option<Instant>,
    poll_errors: u32,
    pending: VecDeque<Event>,
    outcome: Option<Outcome>,
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
            unsettled_since: None,
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
            self.look().await;
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
    pub fn into_stream(self) -> impl Stream<Item = Event> + Send {
        futures_util::stream::unfold(self, |mut watch| async move {
            let event = watch.next().await?;
            Some((event, watch))
        })
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
                match tokio::time::timeout_at(limit, observe(&self.upgrades, &self.handle)).await {
                    Ok(seen) => seen,
                    Err(_) => return self.next_look = Some(Instant::now()),
                }
            }
            None => observe(&self.upgrades, &self.handle).await,
        };
        match seen {
            Ok(status) => {
                self.poll_errors = 0;
                self.next_look = Some(Instant::now() + self.options.interval);
                self.take(status);
            }
            Err(error) => self.take_error(&error),
        }
    }

    fn take(&mut self, status: UpgradeStatus) {
        let request_id = status.request_id.clone();
        self.handle.target_version = self.handle.target_version.take().or_else(|| status.target_version.clone());
        if status.phase.is_running() {
            // From here on an older upgrade cannot be taken for this one.
            self.handle.task_id = self.handle.task_id.take().or_else(|| status.task_id.clone());
        }
        let mut kinds = Vec::new();
        match &self.last {
            None => kinds.push(EventKind::Started { status: Box::new(status.clone()) }),
            Some(last) => {
                if last.phase != status.phase {
                    kinds.push(EventKind::PhaseChanged { from: last.phase, to: status.phase });
                }
                if let Some(stage) = status.stage.clone().filter(|_| last.stage != status.stage) {
                    kinds.push(EventKind::StageChanged { stage });
                }
                if let Some(progress) = status.progress.filter(|_| last.progress != status.progress) {
                    kinds.push(EventKind::Progress { progress });
                }
            }
        }
        for kind in kinds {
            self.push(kind, request_id.clone());
        }
        let outcome = self.judge(&status);
        self.last = Some(status);
        if let Some(outcome) = outcome {
            self.finish(outcome, request_id);
        }
    }

    /// Whether a status is the end.
    fn judge(&mut self, status: &UpgradeStatus) -> Option<Outcome> {
        let running = status.cluster_state == Some(ack_client::models::ClusterState::Running);
        let unsettled = match status.phase {
            Phase::NotStarted => true,
            Phase::Finishing => running,
            _ => false,
        };
        let since = match (unsettled, self.unsettled_since) {
            (true, Some(since)) => since.elapsed(),
            (true, None) => {
                self.unsettled_since = Some(Instant::now());
                Duration::ZERO
            }
            (false, _) => {
                self.unsettled_since = None;
                Duration::ZERO
            }
        };
        let at_target = status.target_version.is_some() && status.target_version == status.current_version;
        match status.phase {
            Phase::Succeeded => Some(Outcome::Succeeded {
                version: status.current_version.clone(),
                verified: status.target_version.is_some(),
            }),
            Phase::NotStarted if running && at_target => {
                Some(Outcome::Succeeded { version: status.current_version.clone(), verified: true })
            }
            Phase::Failed => Some(Outcome::Failed {
                reason: status.error_message.clone().unwrap_or_else(|| "the service names no reason".to_owned()),
            }),
            Phase::Cancelled => Some(Outcome::Cancelled),
            Phase::Paused => {
                let by = if status.error_message.is_some() { PausedBy::Error } else { PausedBy::Person };
                Some(Outcome::Paused { by, reason: status.error_message.clone() })
            }
            Phase::NotStarted if since >= self.options.settle => {
                Some(Outcome::Lost { reason: "the service knows of no upgrade of this cluster".to_owned() })
            }
            Phase::Finishing if running && since >= self.options.settle => {
                Some(Outcome::Failed { reason: not_converged(status) })
            }
            _ => None,
        }
    }

    fn take_error(&mut self, error: &ClientError) {
        self.poll_errors += 1;
        let request_id = error.request_id().map(str::to_owned);
        if is_permanent(error) || self.poll_errors >= self.options.max_poll_errors {
            self.finish(Outcome::Lost { reason: error.to_string() }, request_id);
            return;
        }
        // Under throttling and outages the looks thin out, up to four times the interval.
        let stretch = 1 << self.poll_errors.min(2);
        self.next_look = Some(Instant::now() + self.options.interval * stretch);
        let kind = EventKind::PollError { error: error.to_string(), consecutive: self.poll_errors };
        self.push(kind, request_id);
    }

    fn finish(&mut self, outcome: Outcome, request_id: Option<String>) {
        self.push(EventKind::Finished { outcome: outcome.clone() }, request_id);
        self.outcome = Some(outcome);
    }

    fn push(&mut self, kind: EventKind, request_id: Option<String>) {
        let elapsed = self.started.map_or(Duration::ZERO, |started| started.elapsed());
        self.pending.push_back(Event {
            at: self.upgrades.clock.now(),
            elapsed,
            cluster_id: self.handle.cluster_id.clone(),
            upgrade: self.handle.kind.clone(),
            task_id: self.handle.task_id.clone(),
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
fn is_permanent(error: &ClientError) -> bool {
    error.is_invalid_input()
        || error.is_credentials()
        || error.code() == Some("ErrorClusterNotFound")
        || error.is_forbidden()
        || error.is_bad_signature()
}

fn not_converged(status: &UpgradeStatus) -> String {
    let text = |version: &Option<String>| version.clone().unwrap_or_else(|| "an unknown version".to_owned());
    format!(
        "the task succeeded, but the cluster runs {} and not {}",
        text(&status.current_version),
        text(&status.target_version)
    )
}
