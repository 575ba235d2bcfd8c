//! How to follow a fleet.

use std::time::Duration;

use crate::watch::{OnPause, WatchOptions};

/// How to follow a fleet.
///
/// Clusters at rest are seen by the list of their region, once a [sweep](Self::sweep); one that changes there is looked at, and
/// one whose upgrade is going on as often as [`Upgrades::watch`](crate::Upgrades::watch) does: every 5 to 30 seconds.
/// When the rate of the account does not allow for all that is due, what is due longest comes first.
#[derive(Clone, Debug)]
pub struct FleetWatchOptions {
    pub(super) looks: Looks,
    pub(super) sweep: Duration,
    pub(super) idle: Duration,
    pub(super) concurrency: usize,
    pub(super) time_limit: Option<Duration>,
    pub(super) until_at_rest: bool,
    pub(super) watch: WatchOptions,
    pub(super) stall_after: Option<Duration>,
    /// Every cluster is looked at once, and that is all.
    pub(super) is_once: bool,
}

/// Which clusters at rest are looked at one by one. Each look takes two to four calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Looks {
    /// Those that are not `running`, or that have changed on the list. What became of the latest upgrade of a cluster that
    /// was at rest from the start is not known then. The default.
    #[default]
    Changed,
    /// Every one, at first and then as often as [`FleetWatchOptions::idle`] says. Upgrades of node pools and add-ons are
    /// found by it, too.
    Every,
}

impl FleetWatchOptions {
    /// Which clusters at rest are looked at one by one.
    #[must_use]
    pub fn looks(self, looks: Looks) -> Self {
        Self { looks, ..self }
    }

    /// The time between two lists of a region; a minute by default, a second at least.
    #[must_use]
    pub fn sweep(self, interval: Duration) -> Self {
        Self { sweep: interval.max(Duration::from_secs(1)), ..self }
    }

    /// The time between two looks at a cluster at rest, where they are looked at one by one; 5 minutes by default, a second at
    /// least.
    #[must_use]
    pub fn idle(self, interval: Duration) -> Self {
        Self { idle: interval.max(Duration::from_secs(1)), ..self }
    }

    /// Fixes the time between two looks at an upgrade that is going on, in place of one that follows it.
    #[must_use]
    pub fn interval(self, interval: Duration) -> Self {
        Self { watch: self.watch.interval(interval), ..self }
    }

    /// How many looks of each account are under way at once; 32 by default. It is less where the rate of the account is so low
    /// that calls would wait long for their turn.
    #[must_use]
    pub fn concurrency(self, looks: usize) -> Self {
        Self { concurrency: looks.clamp(1, 1024), ..self }
    }

    /// After how long without anything new to tell an upgrade has stalled; 15 minutes by default, `None` for never.
    #[must_use]
    pub fn stall_after(self, time: impl Into<Option<Duration>>) -> Self {
        Self { stall_after: time.into(), ..self }
    }

    /// When to stop; `None`, for never, by default.
    #[must_use]
    pub fn time_limit(self, limit: impl Into<Option<Duration>>) -> Self {
        Self { time_limit: limit.into(), ..self }
    }

    /// Whether to stop once every cluster was seen and no upgrade is going on; false by default. A paused upgrade is going on.
    #[must_use]
    pub fn until_at_rest(self, yes: bool) -> Self {
        Self { until_at_rest: yes, ..self }
    }
}

impl Default for FleetWatchOptions {
    fn default() -> Self {
        Self {
            looks: Looks::default(),
            sweep: Duration::from_secs(60),
            idle: Duration::from_secs(5 * 60),
            concurrency: 32,
            time_limit: None,
            until_at_rest: false,
            // A pause is no end here, and what the precheck found is told by looking at the one cluster.
            watch: WatchOptions::default().on_pause(OnPause::KeepWaiting).precheck_findings(false),
            stall_after: Some(Duration::from_secs(15 * 60)),
            is_once: false,
        }
    }
}
