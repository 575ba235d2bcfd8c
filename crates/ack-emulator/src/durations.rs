//! How long the stages of an upgrade take.

use std::time::Duration;

/// How long the stages of an upgrade take, on the emulator's clock.
///
/// | stage | default | note |
/// | --- | --- | --- |
/// | precheck | 60 s | |
/// | control plane | 300 s | managed clusters; ACK's guide says about five minutes |
/// | master | 120 s | dedicated clusters, each of three masters in turn; with ACK about eight minutes |
/// | node | 60 s | each worker node in turn |
/// | settling | 45 s | from the success of the task until the cluster is `running` again |
///
/// ```
/// use ack_emulator::UpgradeDurations;
/// use std::time::Duration;
///
/// let quick = UpgradeDurations::default().with_control_plane(Duration::from_secs(30)).with_settling(Duration::ZERO);
/// assert_ne!(quick, UpgradeDurations::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpgradeDurations {
    pub(crate) precheck: Duration,
    pub(crate) control_plane: Duration,
    pub(crate) master: Duration,
    pub(crate) node: Duration,
    pub(crate) settling: Duration,
}

impl Default for UpgradeDurations {
    fn default() -> Self {
        Self {
            precheck: Duration::from_secs(60),
            control_plane: Duration::from_secs(300),
            master: Duration::from_secs(120),
            node: Duration::from_secs(60),
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

    /// Sets how long each worker node takes.
    #[must_use]
    pub fn with_node(self, node: Duration) -> Self {
        Self { node, ..self }
    }

    /// Sets how long the cluster stays `upgrading`, at its old version, after the task has succeeded.
    #[must_use]
    pub fn with_settling(self, settling: Duration) -> Self {
        Self { settling, ..self }
    }
}
