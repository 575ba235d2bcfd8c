//! How to run over a fleet.

use std::sync::Arc;
use std::time::Duration;

use super::store::FleetStore;
use super::waves::{FailureBudget, Waves};
use crate::run::RunOptions;

/// How to run over a fleet.
#[derive(Clone, Debug)]
pub struct FleetRunOptions {
    pub(super) waves: Waves,
    pub(super) first: Vec<String>,
    pub(super) budget: FailureBudget,
    pub(super) parallelism: usize,
    pub(super) soak: Duration,
    pub(super) retries_failed: bool,
    pub(super) run: RunOptions,
    pub(super) time_limit: Option<Duration>,
    pub(super) store: Option<Arc<dyn FleetStore>>,
}

impl FleetRunOptions {
    /// The waves; by default one of all clusters.
    #[must_use]
    pub fn waves(self, waves: Waves) -> Self {
        Self { waves, ..self }
    }

    /// The clusters to begin with, in order: the canaries. The others come by account, region and ID, or as the account names
    /// them.
    #[must_use]
    pub fn first<I: Into<String>>(self, cluster_ids: impl IntoIterator<Item = I>) -> Self {
        Self { first: cluster_ids.into_iter().map(Into::into).collect(), ..self }
    }

    /// How many clusters may fail; none by default. Once more have, nothing new is started, and what is under way is followed
    /// to its end. A cluster that was cancelled, is paused or out of sight has not succeeded, and counts, too; one that is
    /// newer than the target does not.
    #[must_use]
    pub fn failure_budget(self, budget: FailureBudget) -> Self {
        Self { budget, ..self }
    }

    /// How many clusters may be under way at the same time; 1 by default, at most 200.
    #[must_use]
    pub fn parallelism(self, clusters: usize) -> Self {
        Self { parallelism: clusters.clamp(1, 200), ..self }
    }

    /// How long each wave but the last has to prove itself before the next begins; not at all by default.
    #[must_use]
    pub fn soak(self, time: Duration) -> Self {
        Self { soak: time, ..self }
    }

    /// Whether a run that goes on begins clusters again that have failed before; false by default.
    #[must_use]
    pub fn retry_failed(self, yes: bool) -> Self {
        Self { retries_failed: yes, ..self }
    }

    /// How to carry out the plan of each cluster. Its checkpoints are kept by the store of the fleet.
    #[must_use]
    pub fn run(self, options: RunOptions) -> Self {
        Self { run: options, ..self }
    }

    /// When to stop; `None`, for never, by default. What is under way goes on.
    #[must_use]
    pub fn time_limit(self, limit: impl Into<Option<Duration>>) -> Self {
        Self { time_limit: limit.into(), ..self }
    }

    /// Where to keep checkpoints; nowhere by default.
    #[must_use]
    pub fn checkpoints(self, store: impl FleetStore + 'static) -> Self {
        Self { store: Some(Arc::new(store)), ..self }
    }
}

impl Default for FleetRunOptions {
    fn default() -> Self {
        Self {
            waves: Waves::default(),
            first: Vec::new(),
            budget: FailureBudget::default(),
            parallelism: 1,
            soak: Duration::ZERO,
            retries_failed: false,
            run: RunOptions::default(),
            time_limit: None,
            store: None,
        }
    }
}
