//! Carrying a plan out, from the first step to the last.

mod checkpoint;
mod conductor;
mod event;
mod follow;
mod lock;
mod options;
mod steer;
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

pub use self::checkpoint::{Checkpoint, StepProgress, WindowPause};
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
/// | `Paused` | a step is paused by somebody else, its policy or an error; resume it and run again |
/// | `Paused` by [`PausedBy::Window`](crate::PausedBy::Window) | the run has paused a step itself and cannot resume it: it was refused for good, or a whole window has passed in vain; see why, and run again, which resumes it |
/// | `StillRunning` | the time limit has passed; run again. A step that the run has paused itself stays paused until then |
/// | `Lost` | a step is out of sight, or whether it was started is not known; run again, which looks before anything is sent |
///
/// # Pauses at the end of the window
///
/// With [`pause_at_window_end`](RunOptions::pause_at_window_end) a step is paused where the window closes, and resumed where it
/// opens. Looking goes on in between, though seldom, so that what others do to it in the meantime is told when it happens.
///
/// A pause is the run's own, and told as that of the window, if the run has asked for it and has seen the upgrade at work
/// before: also where it takes effect late, and in another process that goes on from the checkpoint, where each intention is kept
/// before it is sent. What others want comes first: a pause of theirs is never resumed, what they resume outside the window
/// is left going until the next one closes, and of two pauses that cannot be told apart it is theirs. The service does not
/// say who has asked for a pause, so one that somebody asks for while that of the run is on its way counts as the run's.
///
/// A pause that has no effect within 10 minutes is asked for once more, and again as long as its answer is lost, and told as
/// [`RunNews::NotPaused`]. A resume that has none is told as [`RunNews::NotResumed`] and asked for again every 10 minutes while
/// nothing shows that it has been followed, for the upgrade stands still meanwhile and there is a whole night to mend that. If the
/// window closes over it the run ends as `Paused`: it takes a person by then, and an exit code reaches one.
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
    pub fn into_stream(self) -> impl Stream<Item = RunEvent> + Send + Unpin {
        Box::pin(futures_util::stream::unfold(self, |mut run| async move {
            let event = run.next().await?;
            Some((event, run))
        }))
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
