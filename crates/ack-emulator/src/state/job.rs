//! What tasks are for, and what that means for the cluster.

use ack_models::{ClusterCheckType, ClusterEventType, RuntimeName};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::stage::Stage;
use super::task::Precheck;
use super::world::World;
use crate::{Effect, Incident, UpgradeStage};

#[derive(Debug)]
pub(crate) enum Job {
    /// The upgrade of the control plane, and of the nodes unless it is left at that.
    Cluster { from: String, to: String, master_only: bool },
    /// The upgrade of the nodes of a pool.
    NodePool(NodePoolJob),
    /// The upgrade of add-ons, each with a stage of its own after the precheck.
    Addons(Vec<AddonJob>),
    /// Anything else, by its type.
    Other(String),
}

#[derive(Debug)]
pub(crate) struct NodePoolJob {
    /// The position of the pool.
    pub(crate) pool: usize,
    /// The Kubernetes version for the nodes; none to leave theirs.
    pub(crate) to: Option<String>,
    pub(crate) image_id: Option<String>,
    pub(crate) runtime: Option<RuntimeName>,
    pub(crate) runtime_version: Option<String>,
    pub(crate) ignores_warnings: bool,
    /// The request, for the parameters of the task.
    pub(crate) parameters: Map<String, Value>,
}

#[derive(Debug)]
pub(crate) struct AddonJob {
    pub(crate) name: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) config: Option<String>,
}

impl Job {
    pub(crate) fn task_type(&self) -> &str {
        match self {
            Self::Cluster { .. } => "cluster_upgrade",
            Self::NodePool(_) => "nodepool_upgrade",
            Self::Addons(_) => "cluster_addon_upgrade",
            Self::Other(task_type) => task_type,
        }
    }

    pub(crate) fn event_type(&self) -> ClusterEventType {
        self.task_type().into()
    }

    /// What the reasons of its events begin with.
    pub(super) fn prefix(&self) -> &'static str {
        match self {
            Self::Cluster { .. } => "ClusterUpgrade",
            Self::NodePool(_) => "NodePoolUpgrade",
            Self::Addons(_) => "AddonUpgrade",
            Self::Other(_) => "Task",
        }
    }

    /// The id of what it is about, as its events name it.
    pub(super) fn subject(&self, world: &World) -> String {
        match self {
            Self::NodePool(job) => world.nodes.pools[job.pool].id.clone(),
            _ => world.cluster_id.clone(),
        }
    }

    pub(super) fn error_code(&self, stage: UpgradeStage) -> &'static str {
        match self {
            _ if stage == UpgradeStage::Precheck => "PrecheckFailed",
            Self::Cluster { .. } => "UpgradeFailed",
            Self::NodePool(_) => "NodePoolUpgradeFailed",
            Self::Addons(_) => "AddonUpgradeFailed",
            Self::Other(_) => "TaskFailed",
        }
    }

    /// The stage at which an incident befalls a task with this job; none if it is not meant for it.
    pub(super) fn stage_of(&self, incident: &Incident, stages: &[Stage], world: &World) -> Option<usize> {
        let (pool, addon) = (incident.node_pool.as_deref(), incident.addon.as_deref());
        let first = stages.iter().position(|stage| stage.kind == incident.stage);
        match (self, pool, addon) {
            (Self::Cluster { .. }, None, None) => match incident.effect {
                Effect::NeverSettle | Effect::KeepOldVersion => Some(0),
                _ => first,
            },
            (Self::NodePool(job), Some(id), None) if world.nodes.pools[job.pool].id == id => first,
            (Self::Addons(jobs), None, Some(name)) => {
                let position = jobs.iter().position(|job| job.name == name)?;
                if incident.stage == UpgradeStage::Addons { first.map(|first| first + position) } else { first }
            }
            _ => None,
        }
    }

    /// What the check before it looks for; none if nothing can be found for it.
    pub(super) fn precheck(&self, world: &World) -> Option<Precheck> {
        match self {
            Self::Cluster { master_only: true, .. } => Some((ClusterCheckType::MasterUpgrade, None, false)),
            Self::Cluster { .. } => Some((ClusterCheckType::ClusterUpgrade, None, false)),
            Self::NodePool(job) => {
                let pool = world.nodes.pools[job.pool].id.clone();
                Some((ClusterCheckType::NodePoolUpgrade, Some(pool), !job.ignores_warnings))
            }
            Self::Addons(_) | Self::Other(_) => None,
        }
    }

    pub(super) fn begin(&self, task_id: &str, world: &mut World, at: Timestamp) {
        match self {
            Self::Cluster { .. } => world.set_upgrading(at),
            Self::NodePool(job) => {
                let pool = &mut world.nodes.pools[job.pool];
                pool.is_busy = true;
                pool.updated = at;
            }
            Self::Addons(jobs) => {
                for addon in jobs {
                    if let Some(own) = world.addons.get_mut(&addon.name) {
                        own.task = Some(task_id.to_owned());
                    }
                }
            }
            Self::Other(_) => {}
        }
    }

    pub(super) fn end_stage(&self, index: usize, stage: UpgradeStage, world: &mut World) {
        match self {
            Self::Cluster { to, .. } if matches!(stage, UpgradeStage::ControlPlane | UpgradeStage::Master3) => {
                world.control_plane.clone_from(to);
            }
            Self::Addons(jobs) if stage == UpgradeStage::Addons => {
                // The stage before the first add-on is the precheck.
                let Some(job) = index.checked_sub(1).and_then(|position| jobs.get(position)) else { return };
                if let Some(own) = world.addons.get_mut(&job.name) {
                    own.version.clone_from(&job.to);
                    own.next_version.take_if(|next| *next == job.to);
                    if let Some(config) = &job.config {
                        own.config.clone_from(config);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn succeed(&self, world: &mut World, at: Timestamp, never_settles: bool, keeps_version: bool) {
        match self {
            Self::Cluster { .. } if never_settles => {}
            Self::Cluster { from, .. } if keeps_version => {
                world.control_plane.clone_from(from);
                world.settle(at, from.clone());
            }
            Self::Cluster { to, .. } => world.settle(at, to.clone()),
            Self::NodePool(job) => {
                let pool = &mut world.nodes.pools[job.pool];
                if let Some(image_id) = &job.image_id {
                    pool.image_id.clone_from(image_id);
                }
                if let Some(runtime) = &job.runtime {
                    pool.runtime.clone_from(runtime);
                }
                if let Some(version) = &job.runtime_version {
                    pool.runtime_version.clone_from(version);
                }
                self.leave(world, at);
            }
            Self::Addons(_) | Self::Other(_) => {}
        }
    }

    /// A failed precheck leaves everything as it was; another failure leaves a cluster `upgrading`.
    pub(super) fn fail(&self, world: &mut World, at: Timestamp, stage: UpgradeStage) {
        match self {
            Self::Cluster { .. } if stage == UpgradeStage::Precheck => {
                let version = world.face().version.clone();
                world.rest(at, version);
            }
            _ => self.leave(world, at),
        }
    }

    pub(super) fn cancel(&self, world: &mut World, at: Timestamp) {
        match self {
            Self::Cluster { .. } => world.rest(at, world.control_plane.clone()),
            _ => self.leave(world, at),
        }
    }

    /// Leaves a node pool to others.
    fn leave(&self, world: &mut World, at: Timestamp) {
        if let Self::NodePool(job) = self {
            let pool = &mut world.nodes.pools[job.pool];
            pool.is_busy = false;
            pool.updated = at;
        }
    }
}
