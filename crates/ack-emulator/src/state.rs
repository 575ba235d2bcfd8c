//! What the emulated cloud remembers: clusters, and with each what is in it and what has been done to it.
//!
//! Nothing runs in the background. A cluster is brought up to date when somebody asks for it, so that many of them cost
//! nothing while nobody does.

mod addons;
mod check;
mod cluster;
mod control;
mod events;
mod history;
mod job;
mod nodes;
mod plan;
mod rolling;
mod stage;
mod task;
mod task_log;
mod world;

use std::collections::{BTreeMap, HashMap};

pub(crate) use addons::Addon;
pub(crate) use check::Check;
pub(crate) use cluster::Cluster;
pub(crate) use control::{Control, Disobedience};
pub(crate) use events::Event;
use jiff::Timestamp;
pub(crate) use job::{AddonJob, Job, NodePoolJob};
pub(crate) use nodes::{NodeCondition, Nodes};
pub(crate) use plan::Plan;
pub(crate) use rolling::Turns;
pub(crate) use stage::{Outcome, Stage};
pub(crate) use task::{PauseCause, Standing, Task};
pub(crate) use task_log::Entry;
pub(crate) use world::Face;

use crate::Lag;

/// The clusters in the order they were given, and where to find what.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) lag: Lag,
    clusters: Vec<Cluster>,
    by_id: HashMap<String, usize>,
    by_region: BTreeMap<String, Vec<usize>>,
    by_task: HashMap<String, usize>,
    by_plan: HashMap<String, usize>,
}

impl State {
    pub(crate) fn new(clusters: Vec<Cluster>, lag: Lag) -> Self {
        let mut state = Self {
            lag,
            clusters,
            by_id: HashMap::new(),
            by_region: BTreeMap::new(),
            by_task: HashMap::new(),
            by_plan: HashMap::new(),
        };
        for (position, cluster) in state.clusters.iter().enumerate() {
            state.by_id.insert(cluster.seed.id.clone(), position);
            state.by_region.entry(cluster.region.clone()).or_default().push(position);
            let planned = cluster.plans.iter().map(|plan| plan.task_id.clone());
            let tasks = cluster.tasks().map(|task| task.id.clone()).chain(planned);
            state.by_task.extend(tasks.map(|id| (id, position)));
            state.by_plan.extend(cluster.plans.iter().map(|plan| (plan.id.clone(), position)));
        }
        state
    }

    /// The clusters as they were when somebody last asked; good for what never changes.
    pub(crate) fn clusters(&self) -> impl ExactSizeIterator<Item = &Cluster> {
        self.clusters.iter()
    }

    /// A cluster as it is now.
    pub(crate) fn cluster(&mut self, id: &str, now: Timestamp) -> Option<&mut Cluster> {
        let position = *self.by_id.get(id)?;
        self.at(position, now)
    }

    /// The cluster at a position as it is now.
    pub(crate) fn at(&mut self, position: usize, now: Timestamp) -> Option<&mut Cluster> {
        let cluster = self.clusters.get_mut(position)?;
        cluster.advance(now);
        Some(cluster)
    }

    /// The cluster at a position as it was when somebody last asked; good for what never changes.
    pub(crate) fn peek(&self, position: usize) -> Option<&Cluster> {
        self.clusters.get(position)
    }

    /// The position of a cluster.
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The positions of the clusters of a region, in the order they were given.
    pub(crate) fn in_region(&self, region: &str) -> &[usize] {
        self.by_region.get(region).map(Vec::as_slice).unwrap_or_default()
    }

    /// The cluster that a task belongs to, as it is now.
    pub(crate) fn cluster_of_task(&mut self, task_id: &str, now: Timestamp) -> Option<&mut Cluster> {
        let position = *self.by_task.get(task_id)?;
        self.at(position, now)
    }

    /// The positions of the clusters that have operation plans.
    pub(crate) fn planned(&self) -> impl Iterator<Item = usize> {
        self.by_plan.values().copied().collect::<std::collections::BTreeSet<_>>().into_iter()
    }

    /// The cluster that an operation plan belongs to, as it is now.
    pub(crate) fn cluster_of_plan(&mut self, plan_id: &str, now: Timestamp) -> Option<&mut Cluster> {
        let position = *self.by_plan.get(plan_id)?;
        self.at(position, now)
    }

    /// Remembers which cluster a task belongs to, and forgets another one.
    pub(crate) fn add_task(&mut self, task_id: &str, cluster_id: &str, forgotten: Option<String>) {
        if let Some(forgotten) = forgotten {
            self.by_task.remove(&forgotten);
        }
        if let Some(position) = self.position(cluster_id) {
            self.by_task.insert(task_id.to_owned(), position);
        }
    }
}
