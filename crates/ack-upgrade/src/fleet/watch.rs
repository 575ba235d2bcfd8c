//! Following a fleet.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use ack_client::Error as ClientError;
use futures_core::Stream;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::Fleet;
use super::event::{FleetEnd, FleetEvent, FleetEventKind, FleetNews, FleetSummary};
use super::listing::{Listed, Source};
use super::member::Member;
use super::options::FleetWatchOptions;
use super::places::Places;
use super::shared::Shared;
use super::view::FleetView;
use crate::handle::UpgradeKind;
use crate::observe::Look;

/// A fleet being followed. Call [`next`](Self::next) for each [`FleetEvent`], or turn it into a [`Stream`] with
/// [`into_stream`](Self::into_stream).
///
/// Calls are made only while one of these is awaited; what is behind then is made up for. Each change is told once: that a
/// cluster belongs to the fleet, where its upgrade stands, and how it has ended. Between two looks more may happen than they
/// show: of an upgrade that both began and ended there, its end is told.
pub struct FleetWatch {
    pub(super) fleet: Fleet,
    pub(super) options: FleetWatchOptions,
    pub(super) shared: Shared,
    pub(super) places: Places,
    pub(super) lists: Vec<List>,
    pub(super) queues: Vec<Queue>,
    pub(super) work: FuturesUnordered<Pin<Box<dyn Future<Output = Done> + Send>>>,
    /// Clusters that were found and are not told of yet.
    pub(super) unannounced: VecDeque<usize>,
    pub(super) pending: VecDeque<FleetEvent>,
    started: Option<Instant>,
    /// Clusters that are to be looked at for the first time.
    pub(super) unseen: usize,
    pub(super) under_way: usize,
    pub(super) succeeded: usize,
    pub(super) failed: usize,
    summary: Option<FleetSummary>,
}

/// A list, and when it is due.
#[derive(Debug)]
pub(super) struct List {
    pub(super) source: Source,
    pub(super) due: Instant,
    pub(super) is_under_way: bool,
    /// Whether it has been asked for, with or without an answer.
    pub(super) was_asked: bool,
    pub(super) was_answered: bool,
}

/// The looks of an account, by when they are due.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// An entry counts only if the cluster is still due then.
    pub(super) due: BinaryHeap<Reverse<(Instant, usize)>>,
    pub(super) under_way: usize,
}

/// What a call has come to.
#[derive(Debug)]
pub(super) enum Done {
    List(usize, Result<Vec<Listed>, Failed>),
    Look(usize, Result<Box<Seen>, Failed>),
}

/// What a look at a cluster has seen.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) look: Look,
    /// The upgrades of node pools and add-ons that were not known, with their tasks.
    pub(super) parts: Vec<(String, UpgradeKind)>,
}

/// Why a list or a look failed.
#[derive(Debug)]
pub(super) enum Failed {
    Call(Box<ClientError>),
    /// There is no client for the region.
    Client(String),
}

impl FleetWatch {
    pub(super) fn new(fleet: Fleet, options: FleetWatchOptions) -> Self {
        let queues = fleet.accounts.iter().map(|_| Queue::default()).collect();
        Self {
            fleet,
            options,
            shared: Shared::default(),
            places: Places::default(),
            lists: Vec::new(),
            queues,
            work: FuturesUnordered::new(),
            unannounced: VecDeque::new(),
            pending: VecDeque::new(),
            started: None,
            unseen: 0,
            under_way: 0,
            succeeded: 0,
            failed: 0,
            summary: None,
        }
    }

    /// The next event; `None` after [`FleetNews::FleetFinished`]. It may be dropped at any point and called again.
    pub async fn next(&mut self) -> Option<FleetEvent> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            if let Some(event) = self.announce() {
                return Some(event);
            }
            if self.summary.is_some() {
                return None;
            }
            let started = self.begin();
            // A limit too far away to be a point in time is none.
            let deadline = self.options.time_limit.and_then(|limit| started.checked_add(limit));
            let end = match deadline {
                Some(deadline) if deadline <= Instant::now() => Some(FleetEnd::TimeLimit),
                _ => self.is_over().then_some(FleetEnd::Done),
            };
            if let Some(end) = end {
                self.finish(end);
                continue;
            }
            self.launch();
            if let Some(done) = self.wait(deadline).await {
                self.take(done);
            }
        }
    }

    /// The fleet as it is known at any time.
    #[must_use]
    pub fn view(&self) -> FleetView {
        FleetView { fleet: self.fleet.clone(), shared: self.shared.clone() }
    }

    /// What has become of the fleet, once it is not followed any more.
    #[must_use]
    pub fn summary(&self) -> Option<FleetSummary> {
        self.summary
    }

    /// All events as a stream.
    pub fn into_stream(self) -> impl Stream<Item = FleetEvent> + Send + Unpin {
        Box::pin(futures_util::stream::unfold(self, |mut watch| async move {
            let event = watch.next().await?;
            Some((event, watch))
        }))
    }

    /// Waits for a call to end, or for the next one to be due.
    async fn wait(&mut self, deadline: Option<Instant>) -> Option<Done> {
        let due = self.next_due().into_iter().chain(deadline).min();
        let due = due.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        let sleep = tokio::time::sleep_until(due);
        if self.work.is_empty() {
            sleep.await;
            return None;
        }
        match select(self.work.next(), pin!(sleep)).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => None,
        }
    }

    /// Finds out what to list and which clusters were named, once.
    fn begin(&mut self) -> Instant {
        if let Some(started) = self.started {
            return started;
        }
        let (now, at) = (Instant::now(), self.fleet.clock.now());
        self.started = Some(now);
        let fleet = self.fleet.clone();
        for (number, account) in fleet.accounts.iter().enumerate() {
            if account.named().is_empty() {
                self.lists.extend(Source::all(number, account).into_iter().map(|source| List {
                    source,
                    due: now,
                    is_under_way: false,
                    was_asked: false,
                    was_answered: false,
                }));
            }
            for id in account.named() {
                let member = Member::new(number, Arc::clone(account.home()), Arc::clone(id), at);
                let position = self.shared.lock().add(Member { is_named: true, ..member });
                self.schedule(position, now);
            }
        }
        now
    }

    /// Whether there is nothing left to do.
    fn is_over(&self) -> bool {
        let all_seen = self.unseen == 0 && self.unannounced.is_empty() && self.lists.iter().all(|list| list.was_asked);
        all_seen && (self.options.is_once || self.options.until_at_rest && self.under_way == 0)
    }

    fn finish(&mut self, end: FleetEnd) {
        let clusters =
            self.shared.lock().members.iter().filter(|member| member.is_cluster() && !member.is_gone).count();
        let summary = FleetSummary {
            clusters,
            succeeded: self.succeeded,
            failed: self.failed,
            under_way: self.under_way,
            ..FleetSummary::new(end)
        };
        self.summary = Some(summary);
        // Nothing is told after the end, so what is under way need not be awaited.
        self.work = FuturesUnordered::new();
        self.tell(None, None, FleetNews::FleetFinished { summary });
    }

    /// Tells of a cluster that was found. There may be many, so each is told when it is its turn.
    fn announce(&mut self) -> Option<FleetEvent> {
        let position = self.unannounced.pop_front()?;
        let news = {
            let state = self.shared.lock();
            let member = state.members.get(position)?;
            FleetNews::ClusterFound {
                name: member.name.as_deref().map(str::to_owned),
                version: member.version.as_deref().map(str::to_owned),
                state: member.state.as_ref().map(|state| state.as_str().to_owned()),
            }
        };
        self.watch_new(position);
        Some(self.of_cluster(position, None, FleetEventKind::Fleet(news)))
    }

    /// Tells something of the fleet or of a region.
    pub(super) fn tell(&mut self, account: Option<usize>, region: Option<Arc<str>>, news: FleetNews) {
        let account = account.and_then(|number| self.fleet.accounts.get(number));
        let event = FleetEvent {
            at: self.fleet.clock.now(),
            elapsed: self.elapsed(),
            account: account.map(|account| Arc::clone(account.shared_name())),
            region,
            cluster_id: None,
            wave: None,
            step: None,
            upgrade: None,
            task_id: None,
            request_id: None,
            kind: FleetEventKind::Fleet(news),
        };
        self.pending.push_back(event);
    }

    /// Something of a cluster.
    pub(super) fn of_cluster(&self, position: usize, request_id: Option<String>, kind: FleetEventKind) -> FleetEvent {
        let state = self.shared.lock();
        let member = state.members.get(position);
        let account = member.and_then(|member| self.fleet.accounts.get(member.account));
        let is_of_upgrade = matches!(kind, FleetEventKind::Upgrade(_));
        FleetEvent {
            at: self.fleet.clock.now(),
            elapsed: self.elapsed(),
            account: account.map(|account| Arc::clone(account.shared_name())),
            region: member.map(|member| Arc::clone(&member.region)),
            cluster_id: member.map(|member| Arc::clone(&member.id)),
            wave: None,
            step: None,
            upgrade: member.filter(|_| is_of_upgrade).map(Member::kind),
            task_id: member.filter(|_| is_of_upgrade).and_then(|member| member.task_id.as_deref().map(str::to_owned)),
            request_id,
            kind,
        }
    }

    fn elapsed(&self) -> Duration {
        self.started.map_or(Duration::ZERO, |started| started.elapsed())
    }
}

impl fmt::Debug for FleetWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetWatch")
            .field("fleet", &self.fleet)
            .field("options", &self.options)
            .field("under_way", &self.under_way)
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}
