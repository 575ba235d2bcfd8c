//! What a task tells of itself, and the cluster of it.

use ack_models::{ClusterEventLevel, ClusterEventType};
use jiff::Timestamp;

use super::rolling::NodeStep;
use super::task::Task;
use super::world::World;

/// How many entries the log of a task keeps; the oldest make room for new ones.
const CAPACITY: usize = 2000;

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) action: &'static str,
    pub(crate) level: Level,
    pub(crate) reason: String,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Normal,
    Warning,
}

impl Level {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

impl Task {
    /// Adds to its own log and to the events of the cluster.
    pub(super) fn tell(
        &mut self,
        at: Timestamp,
        world: &mut World,
        action: &'static str,
        level: Level,
        reason: &'static str,
        message: String,
    ) {
        let subject = self.job.subject(world);
        let reason = format!("{}{reason}", self.job.prefix());
        self.note(at, world, (action, level, reason), message, &subject, None);
    }

    pub(super) fn tell_node(&mut self, at: Timestamp, world: &mut World, node: usize, step: NodeStep) {
        let name = world.nodes.name(node);
        let drain = ClusterEventType::ClusterNodeDrain;
        let (action, level, reason, message, event_type) = match step {
            NodeStep::DrainStarted => {
                ("start", Level::Normal, "NodeDrainStart", format!("drain of node {name} started"), Some(drain))
            }
            NodeStep::DrainStuck => {
                let why = format!(
                    "drain of node {name} does not end: a pod cannot be evicted, for its disruption budget allows none \
                     to be missing"
                );
                ("drain", Level::Warning, "NodeDrainBlocked", why, Some(drain))
            }
            NodeStep::DrainFinished => {
                ("finish", Level::Normal, "NodeDrainFinish", format!("drain of node {name} finished"), Some(drain))
            }
            NodeStep::DrainAborted => {
                ("stop", Level::Normal, "NodeUpgradeStopped", format!("node {name} was put back to work"), Some(drain))
            }
            NodeStep::Upgraded => {
                ("finish", Level::Normal, "NodeUpgradeSuccess", format!("node {name} upgraded"), None)
            }
            NodeStep::Failed(why) => {
                ("fail", Level::Warning, "NodeUpgradeFailed", format!("node {name} failed: {why}"), None)
            }
        };
        self.note(at, world, (action, level, reason.to_owned()), message, &name, event_type);
    }

    fn note(
        &mut self,
        at: Timestamp,
        world: &mut World,
        (action, level, reason): (&'static str, Level, String),
        message: String,
        subject: &str,
        event_type: Option<ClusterEventType>,
    ) {
        let event_type = event_type.unwrap_or_else(|| self.job.event_type());
        let event_level = match (level, action) {
            (Level::Warning, "fail") => ClusterEventLevel::Error,
            (Level::Warning, _) => ClusterEventLevel::Warning,
            (Level::Normal, _) => ClusterEventLevel::Info,
        };
        let event = (event_level, reason.clone(), message.clone());
        world.tell(at, event_type, event, subject, Some(&self.id));
        if self.log.len() == CAPACITY {
            self.log.pop_front();
        }
        self.log.push_back(Entry { at, action, level, reason, message });
    }
}
