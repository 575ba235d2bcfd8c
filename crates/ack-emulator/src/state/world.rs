//! What tasks of a cluster act on: its state and version, nodes, add-ons and events.

use std::collections::BTreeMap;

use ack_models::{ClusterEventLevel, ClusterEventType, ClusterState};
use jiff::Timestamp;

use super::addons::{Addon, addons};
use super::events::{Event, EventLog};
use super::history::History;
use super::nodes::Nodes;
use crate::clock::after;
use crate::seed::Finding;
use crate::version::Version;
use crate::{ClusterSeed, UpgradeDurations};

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) cluster_id: String,
    pub(crate) durations: UpgradeDurations,
    pub(crate) nodes: Nodes,
    pub(crate) addons: BTreeMap<String, Addon>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) events: EventLog,
    /// The version that the control plane really has.
    pub(crate) control_plane: String,
    /// The state while nothing is at work on the cluster.
    own_state: ClusterState,
    /// A state that is shown whatever the real one is.
    forced_state: Option<ClusterState>,
    face: History<Face>,
    settling: Option<(Timestamp, String)>,
    is_at_rest: bool,
}

/// What the cluster shows of itself.
#[derive(Debug, Clone)]
pub(crate) struct Face {
    pub(crate) state: ClusterState,
    pub(crate) version: String,
    pub(crate) updated: Timestamp,
}

impl World {
    pub(crate) fn new(seed: &mut ClusterSeed, region: &str, durations: UpgradeDurations, created: Timestamp) -> Self {
        let face = Face { state: seed.state.clone(), version: seed.version.clone(), updated: created };
        Self {
            cluster_id: seed.id.clone(),
            durations,
            nodes: Nodes::new(seed, region, created),
            addons: addons(seed),
            findings: std::mem::take(&mut seed.findings),
            events: EventLog::default(),
            control_plane: seed.version.clone(),
            own_state: seed.state.clone(),
            forced_state: None,
            face: History::new(created, face),
            settling: None,
            is_at_rest: true,
        }
    }

    /// What the cluster shows now.
    pub(crate) fn face(&self) -> &Face {
        self.face.latest()
    }

    /// What the cluster showed at a time.
    pub(crate) fn face_at(&self, time: Timestamp) -> &Face {
        self.face.at_or_first(time)
    }

    /// Whether no upgrade has a hold of the cluster's state.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.is_at_rest
    }

    /// Shows the state that goes with an upgrade at work.
    pub(crate) fn set_upgrading(&mut self, at: Timestamp) {
        self.is_at_rest = false;
        self.show(at, ClusterState::Upgrading, self.face().version.clone());
    }

    /// Shows a state until the cluster comes to rest.
    pub(crate) fn force_state(&mut self, at: Timestamp, state: ClusterState) {
        self.forced_state = Some(state.clone());
        self.show(at, state, self.face().version.clone());
    }

    /// Changes the state of the cluster while nothing is at work on it.
    pub(crate) fn set_own_state(&mut self, at: Timestamp, state: ClusterState) {
        self.own_state = state;
        if self.is_at_rest {
            self.rest(at, self.face().version.clone());
        }
    }

    /// Shows the state that the cluster has while nothing is at work on it, and a version.
    pub(crate) fn rest(&mut self, at: Timestamp, version: String) {
        self.is_at_rest = true;
        self.forced_state = None;
        self.show(at, self.own_state.clone(), version);
    }

    /// Lets the cluster come to rest after a while, at a version.
    pub(crate) fn settle(&mut self, at: Timestamp, version: String) {
        self.settling = Some((after(at, self.durations.settling), version));
    }

    /// When the cluster comes to rest.
    pub(crate) fn settling_due(&self) -> Option<Timestamp> {
        self.settling.as_ref().map(|(due, _)| *due)
    }

    pub(crate) fn step_settling(&mut self, at: Timestamp) {
        if let Some((_, version)) = self.settling.take() {
            self.rest(at, version);
        }
    }

    /// The oldest version of any node; none for a cluster without nodes.
    pub(crate) fn oldest_node(&self) -> Option<&str> {
        let versions = self.nodes.nodes.iter().map(|node| node.version.as_str());
        versions.min_by_key(|version| Version::parse(version))
    }

    /// Remembers an event.
    pub(crate) fn tell(
        &mut self,
        at: Timestamp,
        event_type: ClusterEventType,
        (level, reason, message): (ClusterEventLevel, String, String),
        subject: &str,
        task_id: Option<&str>,
    ) {
        let subject = subject.to_owned();
        let task_id = task_id.map(ToOwned::to_owned);
        self.events.push(Event { number: 0, at, event_type, level, reason, message, subject, task_id });
    }

    fn show(&mut self, at: Timestamp, state: ClusterState, version: String) {
        let state = self.forced_state.clone().unwrap_or(state);
        self.face.push(at, Face { state, version, updated: at });
    }
}
