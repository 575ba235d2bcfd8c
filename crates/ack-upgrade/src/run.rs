//! Carrying a plan out, from the first step to the last.

mod checkpoint;
mod conductor;
mod event;
mod follow;
mod lock;
mod options;
mod step;
mod store;
mod waiting;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use futures_core::Stream;

use self::conductor::{Conductor, Shared};
use crate::handle::UpgradeHandle;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::status::UpgradeStatus;
use crate::upgrades::Upgrades;

pub use self::checkpoint::{Checkpoint, StepProgress};
pub use self::event::{RunEvent, RunEventKind, RunNews, WindowReason};
pub use self::lock::CheckpointLock;
pub use self::options::RunOptions;
pub use self::store::{CheckpointFile, CheckpointStore};

/// A plan being carried out. Await it for its [`Outcome`], call [`next`](Self::next) for each [`RunEvent`], or turn it
/// into a [`Stream`] with [`into_stream`](Self::into_stream).
///
/// Work goes on only while one of these is awaited. Dropping it at any point stops the run, and leaves what is under way
/// going on; it can be taken up again from its checkpoint, or by a new plan for the same version.
///
/// Each step looks first: what is done already is skipped, what is under way is joined, and everything else waits for the
/// window, is checked, and is started at most once. A run ends at the first step that does not succeed.
///
/// | outcome | what it means for a run |
/// |---|---|
/// | `Succeeded` | every step has succeeded, and the control plane is at the version |
/// | `Failed`, `Cancelled` | a step ended so, or could not be started; mend the cause and run again, unless [`unplanned_version`](Self::unplanned_version) says that it takes a new plan |
/// | `Paused` | a step is paused, not by the run itself; resume it and run again |
/// | `StillRunning` | the time limit has passed; run again |
/// | `Lost` | a step is out of sight, or whether it was started is not known; run again, which looks before anything is sent |
pub struct Run {
    driver: Option<Pin<Box<dyn Future<Output = Outcome> + Send>>>,
    shared: Arc<Mutex<Shared>>,
    outcome: Option<Outcome>,
}

/// An upgrade that a run has under way, or whose start is being sent: then neither its task nor its status is known.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnderWay {
    /// The step, by its ID in the plan.
    pub step: String,
    /// What to follow or to steer it by.
    pub handle: UpgradeHandle,
    /// The newest status that was seen.
    pub status: Option<UpgradeStatus>,
}

impl Upgrades {
    /// Carries a plan out. What keeps it from being carried out is an outcome, too: a plan with blocking findings fails
    /// before anything is sent.
    ///
    /// The plan is taken to be fresh; [`changes_since`](Self::changes_since) tells of one that was made a while ago.
    #[must_use]
    pub fn run(&self, plan: Plan, options: RunOptions) -> Run {
        let updated_at = conductor::now(self);
        Run::new(self.clone(), Checkpoint::new(plan, updated_at), options)
    }

    /// Goes on with a run, of this process or another, from its checkpoint.
    #[must_use]
    pub fn continue_run(&self, checkpoint: Checkpoint, options: RunOptions) -> Run {
        Run::new(self.clone(), checkpoint, options)
    }
}

impl Run {
    fn new(upgrades: Upgrades, checkpoint: Checkpoint, options: RunOptions) -> Self {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let conductor_shared = Arc::clone(&shared);
        // Nothing of it runs before it is awaited for the first time.
        let driver = Box::pin(async move {
            let conductor = Conductor::new(upgrades, checkpoint, options, conductor_shared);
            conductor.conduct().await
        });
        Self { driver: Some(driver), shared, outcome: None }
    }

    /// The next event; `None` after [`RunNews::Finished`]. It may be dropped at any point and called again.
    pub async fn next(&mut self) -> Option<RunEvent> {
        std::future::poll_fn(|context| {
            loop {
                if let Some(event) = self.shared().events.pop_front() {
                    return Poll::Ready(Some(event));
                }
                let Some(driver) = &mut self.driver else { return Poll::Ready(None) };
                match driver.as_mut().poll(context) {
                    Poll::Ready(outcome) => {
                        self.driver = None;
                        self.outcome = Some(outcome);
                    }
                    Poll::Pending if self.shared().events.is_empty() => return Poll::Pending,
                    Poll::Pending => {}
                }
            }
        })
        .await
    }

    /// How it ended, once it has.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// The upgrades that are under way now, and those whose start is being sent.
    #[must_use]
    pub fn under_way(&self) -> Vec<UnderWay> {
        self.shared().under_way.clone()
    }

    /// The version at which the control plane was found, if its plan does not lead over it: somebody else has upgraded it since,
    /// and the run has failed for that. This plan leads nowhere any more, so make a new one.
    #[must_use]
    pub fn unplanned_version(&self) -> Option<String> {
        self.shared().unplanned_version.clone()
    }

    /// All events as a stream.
    pub fn into_stream(self) -> impl Stream<Item = RunEvent> + Send {
        futures_util::stream::unfold(self, |mut run| async move {
            let event = run.next().await?;
            Some((event, run))
        })
    }

    fn shared(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IntoFuture for Run {
    type Output = Outcome;
    type IntoFuture = Pin<Box<dyn Future<Output = Outcome> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            while self.next().await.is_some() {}
            // `next` ends only after an outcome has been set.
            self.outcome.unwrap_or(Outcome::Lost { reason: "the run ended without an outcome".to_owned() })
        })
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("outcome", &self.outcome)
            .field("under_way", &self.under_way())
            .finish_non_exhaustive()
    }
}
