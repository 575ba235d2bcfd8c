//! Fourth stage: carries an operation out on the state, and gives the answer.

mod addon_offers;
mod addon_upgrades;
mod addons;
mod checks;
mod cluster_detail;
mod cluster_lists;
mod cluster_tasks;
mod documented;
mod events;
mod kubeconfig;
mod node_pools;
mod nodes;
mod paging;
mod plans;
mod read;
mod task_control;
mod task_info;
mod upgrade_cluster;
mod upgrade_node_pool;
mod upgrade_status;
mod versions;

use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::ids::Ids;
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;
use crate::state::{Cluster, Control, State};

/// The answer of an operation.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// A JSON value, in the form that the catalogue describes.
    Documented(Value),
    /// No body at all.
    Empty,
    /// A body that is no JSON but bare text.
    Text(String),
}

impl Answer {
    /// The answer that a model makes.
    fn of(model: &impl Serialize) -> Result<Self, Refusal> {
        serde_json::to_value(model).map(Self::Documented).map_err(|error| {
            let message = format!("The emulator cannot write this answer: {error}.");
            Refusal::service(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
        })
    }
}

/// What an operation works with besides the request.
pub(crate) struct Scene<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) ids: &'a Ids,
    /// The time of the emulated cloud.
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
    /// Whether an unknown cluster id is refused where nothing depends on the cluster.
    pub(crate) strict_ids: bool,
}

impl Scene<'_> {
    /// A cluster as it is now.
    fn cluster(&mut self, id: &str) -> Result<&mut Cluster, Refusal> {
        self.state.cluster(id, self.now).ok_or_else(|| Refusal::cluster_not_found(id))
    }
}

/// Carries out a call. `body` is that of the request.
pub(crate) fn operate(scene: &mut Scene<'_>, call: &Call, received: &Received, body: &[u8]) -> Result<Answer, Refusal> {
    let (id, query) = (call.id(), received.query());
    match call.operation.id {
        "CancelComponentUpgrade" => task_control::addon(scene, id, call.second(), Control::Cancel),
        "CancelOperationPlan" => plans::cancel(scene, id),
        "CancelClusterUpgrade" => task_control::upgrade(scene, id, Control::Cancel),
        "CancelTask" => task_control::task(scene, id, Control::Cancel),
        "DescribeAddon" => addon_offers::describe(scene, call, received, body),
        "DescribeClusterAddonUpgradeStatus" => addon_upgrades::one(scene, id, call.second()),
        "DescribeClusterAddonsUpgradeStatus" => addon_upgrades::several(scene, call, received, body),
        "DescribeClusterAddonsVersion" => addons::versions(scene, id),
        "DescribeClusterDetail" => cluster_detail::describe(scene, id),
        "DescribeClusterEvents" => events::of_cluster(scene, id, query),
        "DescribeClusterNodePoolDetail" => node_pools::detail(scene, id, call.second()),
        "DescribeClusterNodePools" => node_pools::list(scene, id, query),
        "DescribeClusterNodes" => nodes::list(scene, id, query),
        "DescribeClusterTasks" => cluster_tasks::describe(scene, id, query),
        "DescribeClusterUserKubeconfig" => kubeconfig::describe(scene, call, received, body),
        "DescribeClusters" => cluster_lists::old(scene, query),
        "DescribeClustersForRegion" => cluster_lists::for_region(scene, id, query),
        "DescribeClustersV1" => cluster_lists::v1(scene, query),
        "DescribeEvents" => events::of_account(scene, query),
        "DescribeEventsForRegion" => events::of_region(scene, id, query),
        "DescribeKubernetesVersionMetadata" => versions::describe(call, received, body),
        "DescribeTaskInfo" => task_info::describe(scene, id),
        "GetClusterAddonInstance" => addons::instance(scene, id, call.second()),
        "GetClusterCheck" => checks::get(scene, id, call.second()),
        "GetUpgradeStatus" => upgrade_status::get(scene, id),
        "ListClusterAddonInstances" => addons::instances(scene, id),
        "ListClusterChecks" => checks::list(scene, id, query),
        "ListOperationPlans" => plans::list(scene, query),
        "ListOperationPlansForRegion" => plans::of_region(scene, id, query),
        "PauseClusterUpgrade" => task_control::upgrade(scene, id, Control::Pause),
        "PauseComponentUpgrade" => task_control::addon(scene, id, call.second(), Control::Pause),
        "PauseTask" => task_control::task(scene, id, Control::Pause),
        "ResumeComponentUpgrade" => task_control::addon(scene, id, call.second(), Control::Resume),
        "ResumeTask" => task_control::task(scene, id, Control::Resume),
        "ResumeUpgradeCluster" => task_control::upgrade(scene, id, Control::Resume),
        "RunClusterCheck" => checks::run(scene, call, received, body),
        "UpgradeCluster" => upgrade_cluster::start(scene, id, received.is_json(), body),
        "UpgradeClusterAddons" => addons::upgrade(scene, call, received, body),
        "UpgradeClusterNodepool" => upgrade_node_pool::start(scene, call, received, body),
        _ => documented::answer(scene, call, received, body),
    }
}
