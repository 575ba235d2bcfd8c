//! Upgrading a fleet in waves.

mod checkpoint;
mod conductor;
mod options;
mod store;
mod turn;
mod waves;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use ack_client::models::ClusterState;
use futures_core::Stream;

use self::conductor::Conductor;
use super::Fleet;
use super::event::{FleetEnd, FleetEvent, FleetSummary};
use super::find::FleetCluster;
use crate::error::Error;
use crate::plan::{PlanOptions, Target};

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
/// Clusters that are newer than the target are left alone: they are in no wave, and neither successes nor failures. So are those
/// that are found at it with nothing to do. Each other cluster is planned when it is its turn, and its plan carried out as [`Upgrades::run`](crate::Upgrades::run) does: what is
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
    /// Upgrades the clusters of the fleet, in waves. The clusters are found first; those that come later are not taken in, and
    /// those that are newer than the target are left alone.
    ///
    /// # Errors
    ///
    /// The error of the list that failed, for a run over a part of the fleet is not what was asked for;
    /// [`Error::is_invalid_input`] if the target can be no version, if there are no clusters, if one that is named is not known to
    /// the service, if two accounts have the same cluster, or if one that is to come first is none of the fleet, or newer than the
    /// target.
    pub async fn run(&self, plan: PlanOptions, options: FleetRunOptions) -> Result<FleetRun, Error> {
        plan.check_target()?;
        let clusters = order(self.find().await?, &options.first)?;
        if clusters.is_empty() {
            return Err(Error::invalid(
                "the fleet has no clusters: see whether its filters fit, and whether the account may list clusters",
            ));
        }
        refuse_twice(&clusters)?;
        let (mut left_alone, mut to_upgrade) = (Vec::new(), Vec::new());
        for cluster in clusters {
            match why_left_alone(&cluster, &plan) {
                Some(MemberProgress::Newer { newer_version }) if options.first.contains(&cluster.cluster_id) => {
                    return Err(Error::invalid(format!(
                        "cluster {} is to come first, but is at {newer_version}, which is newer than {}: begin with another",
                        cluster.cluster_id,
                        plan.target_text()
                    )));
                }
                Some(progress) => left_alone.push(cluster.into_member(progress)),
                None => to_upgrade.push(cluster.into_member(MemberProgress::Waiting)),
            }
        }
        let mut left = to_upgrade.into_iter();
        let arranged = options.waves.arrange(left.len());
        let waves = arranged.into_iter().map(|(name, size)| FleetWave {
            name,
            soaks_until: None,
            clusters: left.by_ref().take(size).collect(),
        });
        let waves = waves.collect();
        let checkpoint = FleetCheckpoint::new(plan.target_text(), waves, left.count(), left_alone);
        Ok(FleetRun::new(self.clone(), checkpoint, plan, options, true))
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
        Ok(FleetRun::new(self.clone(), checkpoint, plan, options, false))
    }
}

impl FleetRun {
    fn new(
        fleet: Fleet,
        mut checkpoint: FleetCheckpoint,
        plan: PlanOptions,
        options: FleetRunOptions,
        is_new: bool,
    ) -> Self {
        checkpoint.reopen(options.retries_failed);
        let checkpoint = Arc::new(Mutex::new(checkpoint));
        let (events, kept) = (Events::default(), Arc::clone(&checkpoint));
        let told = events.clone();
        // Nothing of it runs before it is awaited for the first time.
        let driver = Box::pin(async move { Conductor::new(fleet, kept, plan, options, told).conduct(is_new).await });
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
    pub fn into_stream(self) -> impl Stream<Item = FleetEvent> + Send + Unpin {
        Box::pin(futures_util::stream::unfold(self, |mut run| async move {
            let event = run.next().await?;
            Some((event, run))
        }))
    }
}

impl IntoFuture for FleetRun {
    type Output = FleetSummary;
    type IntoFuture = Pin<Box<dyn Future<Output = FleetSummary> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            while self.next().await.is_some() {}
            // `next` ends only after a summary has been set.
            self.summary.unwrap_or(FleetSummary::new(FleetEnd::TimeLimit))
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

/// Two names of the same account would count, and plan, each of its clusters twice.
fn refuse_twice(clusters: &[FleetCluster]) -> Result<(), Error> {
    let mut accounts = HashMap::with_capacity(clusters.len());
    for cluster in clusters {
        if let Some(other) = accounts.insert(cluster.cluster_id.as_str(), cluster.account.as_str()) {
            return Err(Error::invalid(format!(
                "cluster {} is found by the accounts {other} and {}, which are the same then: give one of the two",
                cluster.cluster_id, cluster.account
            )));
        }
    }
    Ok(())
}

/// How a cluster stands that a run has nothing to do about, as far as its list tells.
fn why_left_alone(cluster: &FleetCluster, plan: &PlanOptions) -> Option<MemberProgress> {
    let version = cluster.version.as_deref()?;
    match plan.wanted() {
        target if target.is_behind(version) => Some(MemberProgress::Newer { newer_version: version.to_owned() }),
        // One that is not at rest may have an upgrade under way, or failed, that its version does not tell of.
        Target::Version(target)
            if target == version && cluster.state == Some(ClusterState::Running) && plan.is_control_plane_only() =>
        {
            Some(MemberProgress::UpToDate)
        }
        _ => None,
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
