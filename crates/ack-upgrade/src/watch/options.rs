//! How to follow an upgrade.

use std::time::Duration;

/// How to follow an upgrade.
///
/// Unless [`interval`](Self::interval) fixes it, the time between looks follows the upgrade: short while things happen
/// soon (in the first minute, in the minute after a change, in the precheck, and until the cluster shows what its task
/// reports), longer in between, and longest once nothing has changed for ten minutes.
///
/// | kind | short | usual | long |
/// |---|---|---|---|
/// | control plane | 5 s | 15 s | 30 s |
/// | node pool | 5 s | 10 s | 30 s |
/// | add-ons | 2 s | 5 s | 15 s |
///
/// After a failed look it is twice, then four times as long, and never shorter than the service asks for when it
/// throttles; at most five minutes.
#[derive(Clone, Debug)]
pub struct WatchOptions {
    pub(super) interval: Option<Duration>,
    pub(super) time_limit: Option<Duration>,
    pub(super) settle: Duration,
    pub(super) max_poll_errors: u32,
    pub(super) on_pause: OnPause,
    pub(super) stall_after: Option<Duration>,
    pub(super) node_skew: Option<u32>,
    pub(super) findings: bool,
}

/// What to do when an upgrade pauses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnPause {
    /// Stop following: the outcome is [`Outcome::Paused`](crate::Outcome::Paused).
    #[default]
    Return,
    /// Wait until somebody resumes it.
    KeepWaiting,
    /// Resume it where the pause policy of a node pool upgrade has paused it, and stop following at any other pause.
    ResumePolicyPauses,
}

impl WatchOptions {
    /// Fixes the time between looks instead of letting it follow the upgrade; at least 50 milliseconds and at most a day.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval.clamp(Duration::from_millis(50), Duration::from_secs(24 * 60 * 60)));
        self
    }

    /// When to stop following; 90 minutes by default, `None` for never. It ends with
    /// [`Outcome::StillRunning`](crate::Outcome::StillRunning) and touches nothing.
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

    /// What to do when it pauses; by default, to stop following.
    #[must_use]
    pub fn on_pause(mut self, on_pause: OnPause) -> Self {
        self.on_pause = on_pause;
        self
    }

    /// After how long without anything new to tell that it has stalled; 15 minutes by default, `None` for never.
    /// A drain takes up to 30 minutes by the service's default, so a stall is a hint and no end.
    #[must_use]
    pub fn stall_after(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.stall_after = time.into();
        self
    }

    /// Counts the upgrade of a control plane as succeeded only if no node pool is more than this many minor versions
    /// behind it. By default node pools are not looked at; Kubernetes allows 3. Node pools that do not tell their
    /// version leave the success unverified.
    #[must_use]
    pub fn node_skew(mut self, minor_versions: impl Into<Option<u32>>) -> Self {
        self.node_skew = minor_versions.into();
        self
    }

    /// Whether to read what the precheck has found, once it is through. It takes two more calls, GetClusterCheck and
    /// ListClusterChecks, and where they are not allowed nothing is told. True by default.
    #[must_use]
    pub fn precheck_findings(mut self, wanted: bool) -> Self {
        self.findings = wanted;
        self
    }
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            interval: None,
            time_limit: Some(Duration::from_secs(90 * 60)),
            settle: Duration::from_secs(120),
            max_poll_errors: 20,
            on_pause: OnPause::default(),
            stall_after: Some(Duration::from_secs(15 * 60)),
            node_skew: None,
            findings: true,
        }
    }
}
