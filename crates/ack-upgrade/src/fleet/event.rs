//! What happens in a fleet.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

use crate::counted::Counted;
use crate::event::{EventKind, rfc3339, seconds};
use crate::handle::UpgradeKind;
use crate::run::RunNews;

/// The JSON Schema of a serialised [`FleetEvent`], and so of each line of JSON that `ackctl fleet watch` and
/// `fleet run` print.
///
/// Later versions may add events, fields and values: ignore what is not known. What it requires today stays.
pub const FLEET_EVENT_SCHEMA: &str = include_str!("../../fleet-event.schema.json");

/// One thing that happened in a fleet: to a cluster, to a region, or to the fleet as a whole.
///
/// Serialised it is one flat object of the same form as an [`Event`](crate::Event), with account and region beside:
/// `{"at":"..","elapsed_seconds":12.5,"account":"production","region":"cn-hangzhou","cluster_id":"..","kind":"control_plane",
/// "event":"stage_changed","stage":".."}`, as [`FLEET_EVENT_SCHEMA`] says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FleetEvent {
    /// When it was seen, by the local clock.
    #[serde(serialize_with = "rfc3339")]
    pub at: SystemTime,
    /// How long the fleet had been followed then, by this process.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub elapsed: Duration,
    /// The account, by the name it was given.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "text")]
    pub account: Option<Arc<str>>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "text")]
    pub region: Option<Arc<str>>,
    /// The cluster.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "text")]
    pub cluster_id: Option<Arc<str>>,
    /// The wave of a run, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wave: Option<usize>,
    /// The step of the cluster's plan, by its ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What of the cluster it is about, if it is about an upgrade.
    #[serde(flatten)]
    pub upgrade: Option<UpgradeKind>,
    /// The task, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// The request ID of the call it was learned by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub kind: FleetEventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum FleetEventKind {
    /// Something about the fleet, a region, or a cluster as one of the fleet.
    Fleet(FleetNews),
    /// Something about the run of one cluster. That the run of a cluster has ended is [`RunNews::Finished`].
    Run(RunNews),
    /// Something about an upgrade. That one has ended is [`EventKind::Finished`]; the fleet may see more of the same cluster.
    Upgrade(EventKind),
}

/// What there is to tell of a fleet, its regions, and its clusters as members of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FleetNews {
    /// A cluster belongs to the fleet.
    ClusterFound {
        /// Its name, if the list tells it.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The version of its control plane.
        #[serde(skip_serializing_if = "Option::is_none")]
        version: Option<String>,
        /// What it is doing, such as `running`.
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<String>,
    },
    /// A cluster is no longer on the list of its region, or not known to the service any more.
    ClusterGone,
    /// The control plane of a cluster has another version than before.
    VersionChanged {
        /// The version it had.
        from: String,
        /// The version it has.
        to: String,
    },
    /// The clusters of a region were listed for the first time.
    RegionListed {
        /// How many of them belong to the fleet.
        clusters: usize,
    },
    /// A region cannot be listed. Its clusters are followed as far as they are known.
    RegionFailed {
        /// Why.
        error: String,
        /// How many lists of it have failed in a row.
        consecutive: u32,
    },
    /// A region can be listed again.
    RegionRecovered,
    /// A run over the fleet begins, or goes on.
    FleetRunStarted {
        /// How many clusters are in each wave.
        waves: Vec<usize>,
        /// How many clusters of the fleet are in none of them, as the waves take no more.
        left_out: usize,
        /// How many clusters are in none of them because they are newer than the target, or at it with nothing to do.
        left_alone: usize,
        /// How many clusters have ended before, by an earlier process.
        done: usize,
    },
    /// It is the turn of a cluster in its wave: it is planned, or goes on by the plan of before.
    ClusterStarted,
    /// A cluster is at the target of the run, and there is nothing to do. It is told once.
    ClusterUpToDate {
        /// The version of its control plane.
        version: String,
    },
    /// A cluster is newer than the target of the run, and is left alone. It is told once.
    ClusterNewer {
        /// The version that its control plane has, or is being brought to.
        version: String,
    },
    /// A wave begins, or goes on.
    WaveStarted {
        /// Its name, if it was given one.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// How many clusters are in it.
        clusters: usize,
    },
    /// A wave has succeeded.
    WaveFinished {
        /// How many clusters of it have succeeded.
        succeeded: usize,
        /// How many have not, within what the budget allows.
        failed: usize,
        /// How many were at the target with nothing to do.
        up_to_date: usize,
        /// How many are newer than the target, and were left alone.
        newer: usize,
    },
    /// The next wave waits until the one before has proved itself.
    Soaking {
        /// Until when.
        #[serde(serialize_with = "rfc3339")]
        until: SystemTime,
    },
    /// More clusters have failed than are allowed to: nothing new is started, and what is under way is followed to its end.
    BudgetSpent {
        /// How many have failed.
        failed: usize,
        /// How many may.
        allowed: usize,
    },
    /// The checkpoint of the fleet could not be kept. Nothing new is started.
    FleetCheckpointNotKept {
        /// Why.
        error: String,
    },
    /// The end; no event follows.
    FleetFinished {
        /// What has become of the clusters.
        #[serde(flatten)]
        summary: FleetSummary,
    },
}

/// What has become of the clusters of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FleetSummary {
    /// Why it ended.
    pub end: FleetEnd,
    /// How many clusters there are; for a run, how many are in its waves or left alone from the beginning.
    pub clusters: usize,
    /// How many upgrades have succeeded while they were followed; for a run, how many clusters were brought to the version.
    pub succeeded: usize,
    /// How many upgrades have ended otherwise; for a run, clusters that were not brought to the version.
    pub failed: usize,
    /// How many clusters of a run were at the version already, with nothing to do.
    pub up_to_date: usize,
    /// How many clusters of a run are newer than the version, and were left alone.
    pub newer: usize,
    /// How many upgrades are going on, paused ones among them.
    pub under_way: usize,
    /// How many clusters a run has not begun.
    pub not_started: usize,
}

/// Why following a fleet, or a run over it, has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FleetEnd {
    /// Everything is done that was to be done.
    Done,
    /// More clusters have failed than are allowed to.
    BudgetSpent,
    /// The time limit has passed. What is under way goes on.
    TimeLimit,
    /// The checkpoint could not be kept.
    CheckpointNotKept,
}

impl FleetSummary {
    pub(super) fn new(end: FleetEnd) -> Self {
        Self { end, clusters: 0, succeeded: 0, failed: 0, up_to_date: 0, newer: 0, under_way: 0, not_started: 0 }
    }

    /// Whether everything was done, and nothing failed. Clusters of a run that were left alone are no failures.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.end == FleetEnd::Done && self.failed == 0 && self.not_started == 0
    }
}

fn text<S: Serializer>(text: &Option<Arc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text.as_deref().unwrap_or_default())
}

/// In one line: what it is about, and what happened, without the time.
impl fmt::Display for FleetEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.account.as_deref(), self.region.as_deref(), self.cluster_id.as_deref()];
        let subject: Vec<&str> = parts.into_iter().flatten().collect();
        f.write_str(&subject.join("/"))?;
        if let Some(wave) = self.wave {
            write!(f, "{}wave {wave}", if subject.is_empty() { "" } else { " " })?;
        }
        match (&self.step, &self.upgrade) {
            (Some(step), _) => write!(f, " {step}")?,
            (None, None | Some(UpgradeKind::ControlPlane)) => {}
            (None, Some(part)) => write!(f, " {part}")?,
        }
        if !subject.is_empty() || self.wave.is_some() {
            f.write_str(": ")?;
        }
        self.kind.fmt(f)
    }
}

impl fmt::Display for FleetEventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fleet(news) => news.fmt(f),
            Self::Run(news) => news.fmt(f),
            Self::Upgrade(kind) => kind.fmt(f),
        }
    }
}

impl fmt::Display for FleetNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClusterFound { name, version, state } => {
                f.write_str("found")?;
                let parts = [(" ", name), (" at ", version), (", ", state)];
                parts.iter().try_for_each(|(before, part)| match part {
                    Some(part) => write!(f, "{before}{part}"),
                    None => Ok(()),
                })
            }
            Self::ClusterGone => f.write_str("not known to the service, or not any more"),
            Self::VersionChanged { from, to } => write!(f, "at {to}, was at {from}"),
            Self::RegionListed { clusters } => write!(f, "{} listed", Counted(*clusters, "cluster")),
            Self::RegionFailed { error, consecutive: 1 } => write!(f, "the clusters cannot be listed: {error}"),
            Self::RegionFailed { error, consecutive } => write!(f, "{consecutive} lists in a row failed: {error}"),
            Self::RegionRecovered => f.write_str("the clusters can be listed again"),
            Self::FleetRunStarted { waves, left_out, left_alone, done } => {
                match waves.as_slice() {
                    [] => f.write_str("nothing to do")?,
                    [one] => write!(f, "one wave of {}", Counted(*one, "cluster"))?,
                    sizes => {
                        let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
                        write!(f, "waves of {} clusters", sizes.join(", "))?;
                    }
                }
                if *left_out > 0 {
                    write!(f, ", {left_out} in none")?;
                }
                if *left_alone > 0 {
                    write!(f, ", {left_alone} left alone")?;
                }
                if *done > 0 { write!(f, ", {done} ended before") } else { Ok(()) }
            }
            Self::WaveStarted { name: Some(name), clusters } => write!(f, "{name}, {}", Counted(*clusters, "cluster")),
            Self::WaveStarted { name: None, clusters } => Counted(*clusters, "cluster").fmt(f),
            Self::ClusterStarted => f.write_str("its turn"),
            Self::ClusterUpToDate { version } => write!(f, "up to date: at {version}, and nothing to do"),
            Self::ClusterNewer { version } => write!(f, "newer than the target: {version}; left alone"),
            Self::WaveFinished { succeeded, failed, up_to_date, newer } => {
                write!(f, "succeeded: {}", Counted(*succeeded, "cluster"))?;
                if *failed > 0 {
                    write!(f, ", {failed} failed within the budget")?;
                }
                left_alone(f, *up_to_date, *newer)
            }
            Self::Soaking { until } => {
                write!(f, "waiting until {:.0} before the next wave", crate::window::timestamp(*until))
            }
            Self::BudgetSpent { failed, allowed } => {
                write!(f, "{} failed and {allowed} may: nothing new is started", Counted(*failed, "cluster"))
            }
            Self::FleetCheckpointNotKept { error } => {
                write!(f, "nothing new is started: the checkpoint of the fleet cannot be kept: {error}")
            }
            Self::FleetFinished { summary } => summary.fmt(f),
        }
    }
}

/// How many clusters were left alone, if some were.
fn left_alone(f: &mut fmt::Formatter<'_>, up_to_date: usize, newer: usize) -> fmt::Result {
    if up_to_date > 0 {
        write!(f, ", {up_to_date} up to date")?;
    }
    if newer > 0 { write!(f, ", {newer} newer than the target") } else { Ok(()) }
}

impl fmt::Display for FleetSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.end {
            FleetEnd::Done => "done",
            FleetEnd::BudgetSpent => "stopped, as too many failed",
            FleetEnd::TimeLimit => "stopped at the time limit",
            FleetEnd::CheckpointNotKept => "stopped, as the checkpoint cannot be kept",
        })?;
        let (clusters, succeeded) = (Counted(self.clusters, "cluster"), Counted(self.succeeded, "upgrade"));
        write!(f, ": {clusters}, {succeeded} succeeded, {} failed", self.failed)?;
        left_alone(f, self.up_to_date, self.newer)?;
        if self.under_way > 0 {
            write!(f, ", {} under way", self.under_way)?;
        }
        if self.not_started > 0 {
            write!(f, ", {} not started", self.not_started)?;
        }
        Ok(())
    }
}
