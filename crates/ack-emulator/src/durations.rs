//! How long the stages of an upgrade take, and how late answers are.

use std::time::Duration;

use serde::Deserialize;

use crate::seed::duration_text::required;

/// How long the stages of an upgrade take, on the emulator's clock.
///
/// | stage | default | note |
/// | --- | --- | --- |
/// | precheck | 60 s | |
/// | control plane | 300 s | managed clusters; ACK's guide says about five minutes |
/// | master | 120 s | dedicated clusters, each of three masters in turn; with ACK about eight minutes |
/// | node | 60 s | each worker node, from the start of its drain to its end |
/// | drain | 20 s | the part of it that the drain takes, never more than all of it |
/// | add-on | 30 s | each in turn |
/// | check | 16 s | one that `RunClusterCheck` starts |
/// | control | 5 s | until a pause, resume or cancel takes effect |
/// | settling | 45 s | from the success of the task until the cluster is `running` again |
///
/// In a scenario file: `{precheck: 10s, control_plane: 2m}`.
///
/// ```
/// use ack_emulator::UpgradeDurations;
/// use std::time::Duration;
///
/// let quick = UpgradeDurations::default().with_control_plane(Duration::from_secs(30)).with_settling(Duration::ZERO);
/// assert_ne!(quick, UpgradeDurations::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpgradeDurations {
    #[serde(deserialize_with = "required")]
    pub(crate) precheck: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) control_plane: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) master: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) node: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) drain: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) addon: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) check: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) control: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) settling: Duration,
}

/// How late answers are: the age of what they show. Default: none at all.
///
/// ACK announced that lists and events may be one to ten seconds behind. With a lag, a task that has just been started
/// is not in the list of tasks yet, and a cluster in the list still has its old state.
///
/// In a scenario file: `{tasks: 3s, events: 10s}`.
///
/// ```
/// use ack_emulator::Lag;
/// use std::time::Duration;
///
/// let lag = Lag::default().with_tasks(Duration::from_secs(3)).with_events(Duration::from_secs(10));
/// assert_ne!(lag, Lag::default());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lag {
    #[serde(deserialize_with = "required")]
    pub(crate) clusters: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) cluster_detail: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) tasks: Duration,
    #[serde(deserialize_with = "required")]
    pub(crate) events: Duration,
}

impl Default for UpgradeDurations {
    fn default() -> Self {
        Self {
            precheck: Duration::from_secs(60),
            control_plane: Duration::from_secs(300),
            master: Duration::from_secs(120),
            node: Duration::from_secs(60),
            drain: Duration::from_secs(20),
            addon: Duration::from_secs(30),
            check: Duration::from_secs(16),
            control: Duration::from_secs(5),
            settling: Duration::from_secs(45),
        }
    }
}

impl UpgradeDurations {
    /// Sets how long the check before an upgrade takes.
    #[must_use]
    pub fn with_precheck(self, precheck: Duration) -> Self {
        Self { precheck, ..self }
    }

    /// Sets how long the control plane of a managed cluster takes.
    #[must_use]
    pub fn with_control_plane(self, control_plane: Duration) -> Self {
        Self { control_plane, ..self }
    }

    /// Sets how long each of the three masters of a dedicated cluster takes.
    #[must_use]
    pub fn with_master(self, master: Duration) -> Self {
        Self { master, ..self }
    }

    /// Sets how long each worker node takes, its drain included.
    #[must_use]
    pub fn with_node(self, node: Duration) -> Self {
        Self { node, ..self }
    }

    /// Sets how much of the time of a worker node its drain takes. One longer than the whole counts as the whole.
    #[must_use]
    pub fn with_drain(self, drain: Duration) -> Self {
        Self { drain, ..self }
    }

    /// Sets how long each add-on takes.
    #[must_use]
    pub fn with_addon(self, addon: Duration) -> Self {
        Self { addon, ..self }
    }

    /// Sets how long a check takes that is started by itself.
    #[must_use]
    pub fn with_check(self, check: Duration) -> Self {
        Self { check, ..self }
    }

    /// Sets how long it takes until a pause, resume or cancel takes effect.
    #[must_use]
    pub fn with_control(self, control: Duration) -> Self {
        Self { control, ..self }
    }

    /// Sets how long the cluster stays `upgrading`, at its old version, after the task has succeeded.
    #[must_use]
    pub fn with_settling(self, settling: Duration) -> Self {
        Self { settling, ..self }
    }

    /// The drain of a node, as the part of its whole that it is.
    pub(crate) fn drain(&self) -> Duration {
        self.drain.min(self.node)
    }
}

impl Lag {
    /// Sets the lag of the lists of clusters.
    #[must_use]
    pub fn with_clusters(self, clusters: Duration) -> Self {
        Self { clusters, ..self }
    }

    /// Sets the lag of a cluster's detail. ACK documents none; with one, a cluster whose upgrade has just been started is
    /// still `running`.
    #[must_use]
    pub fn with_cluster_detail(self, cluster_detail: Duration) -> Self {
        Self { cluster_detail, ..self }
    }

    /// Sets the lag of the list of tasks. A task is found by its id at once all the same.
    #[must_use]
    pub fn with_tasks(self, tasks: Duration) -> Self {
        Self { tasks, ..self }
    }

    /// Sets the lag of the lists of events.
    #[must_use]
    pub fn with_events(self, events: Duration) -> Self {
        Self { events, ..self }
    }
}
