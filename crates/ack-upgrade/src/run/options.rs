//! How to carry a plan out.

use std::sync::Arc;
use std::time::Duration;

use super::store::CheckpointStore;
use crate::watch::WatchOptions;

/// How to carry a plan out.
#[derive(Clone, Debug)]
pub struct RunOptions {
    pub(super) parallelism: usize,
    pub(super) keeps_going: bool,
    pub(super) pauses_at_window_end: bool,
    pub(super) runs_checks: bool,
    pub(super) watch: WatchOptions,
    pub(super) settle: Duration,
    pub(super) time_limit: Option<Duration>,
    pub(super) max_errors: u32,
    pub(super) store: Option<Arc<dyn CheckpointStore>>,
}

impl RunOptions {
    /// How many node pools may be upgraded at the same time; 1 by default, at most 50.
    #[must_use]
    pub fn parallelism(self, node_pools: usize) -> Self {
        Self { parallelism: node_pools.clamp(1, 50), ..self }
    }

    /// Whether to go on with the other node pools of a stage when one of them does not succeed. By default no further
    /// one is started; those under way are followed to their end either way, and nothing comes after the stage.
    #[must_use]
    pub fn keep_going(self, yes: bool) -> Self {
        Self { keeps_going: yes, ..self }
    }

    /// Whether to pause what is under way when the window closes, and to resume it when it opens again. By default it goes
    /// on to its end, and only nothing new is started. [`Run`](crate::Run) says what becomes of pauses of others, and of a
    /// service that does not follow.
    #[must_use]
    pub fn pause_at_window_end(self, yes: bool) -> Self {
        Self { pauses_at_window_end: yes, ..self }
    }

    /// Whether to run the service's check before each control plane and node pool, and to stop at what it finds in the way;
    /// true by default.
    #[must_use]
    pub fn run_checks(self, yes: bool) -> Self {
        Self { runs_checks: yes, ..self }
    }

    /// How to follow the upgrades of the steps. Their time limit is that of the run.
    #[must_use]
    pub fn watch(self, options: WatchOptions) -> Self {
        Self { watch: options, ..self }
    }

    /// How long a start that a run before this one was about to send may take to show; 21 seconds by default, twice as
    /// long as the service's lists lag. Only then it is sent again.
    #[must_use]
    pub fn settle(self, time: Duration) -> Self {
        Self { settle: time, ..self }
    }

    /// When to stop; 7 days by default, `None` for never. It ends with
    /// [`Outcome::StillRunning`](crate::Outcome::StillRunning) and touches nothing.
    #[must_use]
    pub fn time_limit(self, limit: impl Into<Option<Duration>>) -> Self {
        Self { time_limit: limit.into(), ..self }
    }

    /// How many calls in a row may fail between steps before the run stops; 20 by default.
    #[must_use]
    pub fn max_errors(self, count: u32) -> Self {
        Self { max_errors: count, ..self }
    }

    /// Where to keep checkpoints; nowhere by default.
    #[must_use]
    pub fn checkpoints(self, store: impl CheckpointStore + 'static) -> Self {
        Self { store: Some(Arc::new(store)), ..self }
    }
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            parallelism: 1,
            keeps_going: false,
            pauses_at_window_end: false,
            runs_checks: true,
            watch: WatchOptions::default(),
            settle: Duration::from_secs(21),
            time_limit: Some(Duration::from_secs(7 * 24 * 60 * 60)),
            max_errors: 20,
            store: None,
        }
    }
}
