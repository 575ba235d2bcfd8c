//! DescribeClusterNodes: the worker nodes of a cluster.

use ack_models::{
    ChargeType, ClusterNode, DescribeClusterNodesResponse, NodeInstanceStatus, NodeRole, NodeState, NodeStatus,
};

use super::paging::{Page, Query};
use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::{Cluster, NodeCondition};
use crate::times::rfc3339;

/// The filters by pool, instance, name and state are heeded, that by labels is not, for nodes have none.
pub(super) fn list(scene: &mut Scene<'_>, cluster_id: &str, query: &str) -> Result<Answer, Refusal> {
    let cluster = scene.cluster(cluster_id)?;
    let query = Query::parse(query);
    let page = Page::parse_as(&query, ["pageNumber", "pageSize"], 10)?;
    let nodes = &cluster.world.nodes;
    let one_of = |name: &str, own: &dyn Fn() -> String| {
        query.get(name).is_none_or(|wanted| {
            let own = own();
            wanted.split(',').any(|wanted| wanted.trim() == own)
        })
    };
    let fits = |position: &usize| {
        let node = &nodes.nodes[*position];
        let state = state(node.status);
        query.get("nodepool_id").is_none_or(|id| nodes.pools[node.pool].id == id)
            && query.get("state").is_none_or(|wanted| wanted == "all" || wanted == state.as_str())
            && one_of("instanceIds", &|| nodes.instance_id(*position))
            && one_of("nodeNames", &|| nodes.name(*position))
            && one_of("nodeIps", &|| nodes.address(*position))
    };
    let (positions, page_info) = page.of((0..nodes.nodes.len()).filter(fits));
    Answer::of(&DescribeClusterNodesResponse {
        nodes: positions.into_iter().map(|position| node(cluster, position)).collect(),
        page: Some(page_info),
    })
}

fn node(cluster: &Cluster, position: usize) -> ClusterNode {
    let nodes = &cluster.world.nodes;
    let node = &nodes.nodes[position];
    let pool = &nodes.pools[node.pool];
    let (name, instance_id) = (nodes.name(position), nodes.instance_id(position));
    // A node that is being upgraded is restarted, and meanwhile not ready.
    let is_ready = !matches!(node.status, NodeCondition::Upgrading | NodeCondition::Failed);
    ClusterNode {
        creation_time: Some(rfc3339(cluster.created)),
        error_message: Some(String::new()),
        expired_time: Some("2099-12-31T23:59:00+08:00".to_owned()),
        host_name: Some(format!("iZ{}Z", instance_id.trim_start_matches("i-"))),
        image_id: Some(pool.image_id.clone()),
        instance_charge_type: Some(ChargeType::PostPaid),
        instance_id: Some(instance_id),
        instance_name: Some(format!("worker-k8s-for-cs-{}", cluster.seed.id)),
        instance_role: Some(NodeRole::Worker),
        instance_status: Some(NodeInstanceStatus::Running),
        instance_type: Some("ecs.g7.xlarge".to_owned()),
        instance_type_family: Some("ecs.g7".to_owned()),
        ip_address: vec![nodes.address(position)],
        is_aliyun_node: Some(true),
        node_name: Some(name),
        node_status: Some(if is_ready { NodeStatus::Ready } else { NodeStatus::NotReady }),
        nodepool_id: Some(pool.id.clone()),
        source: Some("ess".to_owned()),
        state: Some(state(node.status)),
        ..Default::default()
    }
}

fn state(status: NodeCondition) -> NodeState {
    if status == NodeCondition::Failed { NodeState::Failed } else { NodeState::Running }
}
