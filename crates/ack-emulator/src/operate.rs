//! Fourth stage: carries an operation out on the state, and gives the answer as a model.

mod cluster_detail;
mod cluster_tasks;
mod clusters_for_region;
mod documented;
mod paging;
mod task_info;
mod upgrade_cluster;
mod upgrade_status;

use ack_models::{
    DescribeClusterDetailResponse, DescribeClusterTasksResponse, DescribeClustersForRegionResponse,
    DescribeTaskInfoResponse, GetUpgradeStatusResponse, UpgradeClusterResponse,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::UpgradeDurations;
use crate::ids::Ids;
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;
use crate::state::{Cluster, State};

/// The answer of an operation.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    ClusterDetail(Box<DescribeClusterDetailResponse>),
    ClusterTasks(DescribeClusterTasksResponse),
    ClustersForRegion(DescribeClustersForRegionResponse),
    /// An answer that the catalogue describes and no model is needed for.
    Documented(Value),
    /// No body at all.
    Empty,
    TaskInfo(Box<DescribeTaskInfoResponse>),
    /// A body that is no JSON but bare text.
    Text(String),
    UpgradeCluster(UpgradeClusterResponse),
    UpgradeStatus(Box<GetUpgradeStatusResponse>),
}

/// What an operation works with besides the request.
pub(crate) struct Scene<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) ids: &'a Ids,
    pub(crate) durations: &'a UpgradeDurations,
    /// The time of the emulated cloud.
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
    /// Whether an unknown cluster id is refused where nothing depends on the cluster.
    pub(crate) strict_ids: bool,
}

impl Scene<'_> {
    fn cluster(&self, id: &str) -> Result<&Cluster, Refusal> {
        self.state.cluster(id).ok_or_else(|| Refusal::cluster_not_found(id))
    }
}

/// Carries out a call. `body` is that of the request.
pub(crate) fn operate(scene: &mut Scene<'_>, call: &Call, received: &Received, body: &[u8]) -> Result<Answer, Refusal> {
    let (id, query) = (call.id(), received.query());
    match call.operation.id {
        "DescribeClusterDetail" => cluster_detail::describe(scene, id),
        "DescribeClusterTasks" => cluster_tasks::describe(scene, id, query),
        "DescribeClustersForRegion" => clusters_for_region::describe(scene, id, query),
        "DescribeTaskInfo" => task_info::describe(scene, id),
        "GetUpgradeStatus" => upgrade_status::get(scene, id),
        "UpgradeCluster" => upgrade_cluster::start(scene, id, received.is_json(), body),
        _ => documented::answer(scene, call, received, body),
    }
}
