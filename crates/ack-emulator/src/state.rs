//! What the emulated cloud remembers: clusters, and with each its upgrades.

mod cluster;
mod timeline;

pub(crate) use cluster::{Cluster, Upgrade};
pub(crate) use timeline::{Outcome, Progress, StageProgress, Standing};

/// The clusters in the order they were given.
#[derive(Debug)]
pub(crate) struct State {
    clusters: Vec<Cluster>,
}

impl State {
    pub(crate) fn new(clusters: Vec<Cluster>) -> Self {
        Self { clusters }
    }

    pub(crate) fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.iter()
    }

    pub(crate) fn cluster(&self, id: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.seed.id == id)
    }

    pub(crate) fn cluster_mut(&mut self, id: &str) -> Option<&mut Cluster> {
        self.clusters.iter_mut().find(|cluster| cluster.seed.id == id)
    }

    /// The upgrade that a task id stands for, and its cluster.
    pub(crate) fn task(&self, task_id: &str) -> Option<(&Cluster, &Upgrade)> {
        self.clusters.iter().find_map(|cluster| {
            let upgrade = cluster.upgrades().find(|upgrade| upgrade.task_id == task_id)?;
            Some((cluster, upgrade))
        })
    }
}
