//! Upgrading a fleet in waves.

mod checkpoint;
mod conductor;
mod options;
mod store;
mod waves;

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_core::Stream;

use self::conductor::Conductor;
use super::Fleet;
use super::event::{FleetEnd, FleetEvent, FleetSummary};
use super::find::FleetCluster;
use crate::error::Error;
use crate::plan::PlanOptions;

pub use self::checkpoint::{FleetCheckpoint, FleetMember, FleetWave, MemberProgress};
pub use self::options::FleetRunOptions;
pub use self::store::{FleetFolder, FleetStore};
pub use self::waves::{FailureBudget, Waves};

/// A fleet being upgraded. Await it for its [`FleetSummary`], call [`next`](Self::next) for each [`FleetEvent`], or turn it into a
/// [`Stream`] with [`into_stream`](Self::into_stream).
///
/// Work goes on only while one of these is awaited. Dropping it at any point stops the run, and leaves what is under way going
/// on; it can be taken up again from its checkpoint.
///
/// Each cluster is planned when it is its turn, and its plan carried out as [`Upgrades::run`](crate::Upgrades::run) does: what is
/// done is skipped, what is under way is joined, and every upgrade is started at most once. A plan with blocking findings fails
/// before anything is sent. A wave begins when the one before has succeeded: all of its clusters have ended, and no more of
/// all clusters have failed than the budget allows.
pub struct FleetRun {
    driver: Option<Pin<Box<dyn Future<Output = FleetSummary> + Send>>>,
    events: Events,
    checkpoint: Arc<Mutex<FleetCheckpoint>>,
    summary: Option<FleetSummary>,
}

/// Events on their way out.
#[derive(Clone, Debug, Default)]
pub(super) struct Events(Arc<Mutex<VecDeque<FleetEvent>>>);

impl Fleet {
    /// Upgrades the clusters of the fleet, in waves. The clusters are found first; those that come later are not taken in.
    ///
    /// # Errors
    ///
    /// The error of the list that failed, for a run over a part of the fleet is not what was asked for;
    /// [`Error::is_invalid_input`] if there are no clusters, or if one that is to come first is none of the fleet.
    pub async fn run(&self, plan: PlanOptions, options: FleetRunOptions) -> Result<FleetRun, Error> {
        let clusters = order(self.find().await?, &options.first)?;
        if clusters.is_empty() {
            return Err(Error::invalid(
                "the fleet has no clusters: see whether its filters fit, and whether the account may list clusters",
            ));
        }
        let mut left = clusters.into_iter();
        let arranged = options.waves.arrange(left.len());
        let waves = arranged.into_iter().map(|(name, size)| FleetWave {
            name,
            soaks_until: None,
            clusters: left.by_ref().take(size).map(FleetCluster::into_member).collect(),
        });
        let waves = waves.collect();
        let checkpoint = FleetCheckpoint::new(plan.target_text(), waves, left.count());
        Ok(FleetRun::new(self.clone(), checkpoint, plan, options))
    }

    /// Goes on with a run, of this process or another, from its checkpoint. Clusters and waves are those of the checkpoint;
    /// clusters that were begun go on with the plans that they were begun with.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the run was to another version, or has clusters of an account that is none of this fleet.
    pub fn continue_run(
        &self,
        checkpoint: FleetCheckpoint,
        plan: PlanOptions,
        options: FleetRunOptions,
    ) -> Result<FleetRun, Error> {
        if checkpoint.target != plan.target_text() {
            return Err(Error::invalid(format!(
                "the run was begun to bring its clusters to {}, and is to go on to {}: end it first, or ask for the same version",
                checkpoint.target,
                plan.target_text()
            )));
        }
        let knows = |name: &str| self.accounts.iter().any(|account| account.name() == name);
        if let Some(member) = checkpoint.members().find(|member| !knows(&member.account)) {
            return Err(Error::invalid(format!(
                "the run has clusters of the account {}, which is none of this fleet: give it as well",
                member.account
            )));
        }
        Ok(FleetRun::new(self.clone(), checkpoint, plan, options))
    }
}

impl FleetRun {
    fn new(fleet: Fleet, mut checkpoint: FleetCheckpoint, plan: PlanOptions, options: FleetRunOptions) -> Self {
        checkpoint.reopen(options.retries_failed);
        let checkpoint = Arc::new(Mutex::new(checkpoint));
        let (events, kept) = (Events::default(), Arc::clone(&checkpoint));
        let told = events.clone();
        // Nothing of it runs before it is awaited for the first time.
        let driver = Box::pin(async move { Conductor::new(fleet, kept, plan, options, told).conduct().await });
        Self { driver: Some(driver), events, checkpoint, summary: None }
    }

    /// The next event; `None` after [`FleetNews::FleetFinished`](super::FleetNews::FleetFinished). It may be dropped at any
    /// point and called again.
    pub async fn next(&mut self) -> Option<FleetEvent> {
        std::future::poll_fn(|context| {
            loop {
                if let Some(event) = self.events.lock().pop_front() {
                    return Poll::Ready(Some(event));
                }
                let Some(driver) = &mut self.driver else { return Poll::Ready(None) };
                match driver.as_mut().poll(context) {
                    Poll::Ready(summary) => {
                        self.driver = None;
                        self.summary = Some(summary);
                    }
                    Poll::Pending if self.events.lock().is_empty() => return Poll::Pending,
                    Poll::Pending => {}
                }
            }
        })
        .await
    }

    /// The waves, and how far each cluster has come.
    #[must_use]
    pub fn checkpoint(&self) -> FleetCheckpoint {
        self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What has become of the fleet, once the run has ended.
    #[must_use]
    pub fn summary(&self) -> Option<FleetSummary> {
        self.summary
    }

    /// All events as a stream.
    pub fn into_stream(self) -> impl Stream<Item = FleetEvent> + Send {
        futures_util::stream::unfold(self, |mut run| async move {
            let event = run.next().await?;
            Some((event, run))
        })
    }
}

impl IntoFuture for FleetRun {
    type Output = FleetSummary;
    type IntoFuture = Pin<Box<dyn Future<Output = FleetSummary> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            while self.next().await.is_some() {}
            // `next` ends only after a summary has been set.
            let nothing = FleetSummary {
                end: FleetEnd::TimeLimit,
                clusters: 0,
                succeeded: 0,
                failed: 0,
                under_way: 0,
                not_started: 0,
            };
            self.summary.unwrap_or(nothing)
        })
    }
}

impl Events {
    pub(super) fn lock(&self) -> MutexGuard<'_, VecDeque<FleetEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for FleetRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetRun").field("summary", &self.summary).finish_non_exhaustive()
    }
}

/// The clusters in the order in which they are begun.
fn order(mut clusters: Vec<FleetCluster>, first: &[String]) -> Result<Vec<FleetCluster>, Error> {
    let mut ordered = Vec::with_capacity(clusters.len());
    for id in first {
        let position = clusters.iter().position(|cluster| cluster.cluster_id == *id).ok_or_else(|| {
            Error::invalid(format!(
                "cluster {id} is to come first, but is none of the fleet, or was named twice: leave it out, or see whether \
                 the filters fit it"
            ))
        })?;
        ordered.push(clusters.remove(position));
    }
    ordered.append(&mut clusters);
    Ok(ordered)
}
