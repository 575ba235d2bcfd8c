//! What happened in a cluster, oldest first.

use std::collections::VecDeque;

use ack_models::{ClusterEventLevel, ClusterEventType};
use jiff::Timestamp;

/// How many events of a cluster are remembered.
const CAPACITY: usize = 5000;

#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Counts the events of the cluster from 0; with the cluster it makes the id.
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) event_type: ClusterEventType,
    pub(crate) level: ClusterEventLevel,
    pub(crate) reason: String,
    pub(crate) message: String,
    /// What it happened to: the id of the cluster or node pool, or the name of a node or add-on.
    pub(crate) subject: String,
    pub(crate) task_id: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct EventLog {
    events: VecDeque<Event>,
    count: u64,
}

impl EventLog {
    pub(crate) fn push(&mut self, event: Event) {
        if self.events.len() == CAPACITY {
            self.events.pop_front();
        }
        self.events.push_back(Event { number: self.count, ..event });
        self.count += 1;
    }

    /// The events up to a time, newest first.
    pub(crate) fn until(&self, time: Timestamp) -> impl Iterator<Item = &Event> {
        let visible = self.events.partition_point(|event| event.at <= time);
        self.events.range(..visible).rev()
    }

    /// How many events there are up to a time.
    pub(crate) fn count_until(&self, time: Timestamp) -> usize {
        self.events.partition_point(|event| event.at <= time)
    }
}
