//! DescribeClusterNodePools and DescribeClusterNodePoolDetail.

use ack_models::{
    ChargeType, CpuPolicy, DescribeClusterNodePoolDetailResponse, DescribeClusterNodePoolsResponse, ImageType,
    NodePool, NodePoolAutoScaling, NodePoolInfo, NodePoolKubernetesConfig, NodePoolManagement, NodePoolNodeComponent,
    NodePoolScalingGroup, NodePoolState, NodePoolStatus, NodePoolTeeConfig, NodePoolType, NodePoolUpgradeConfig,
};

use super::paging::Query;
use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::{Cluster, NodeCondition};
use crate::times::rfc3339;

/// DescribeClusterNodePools: all pools, or those of a name.
pub(super) fn list(scene: &mut Scene<'_>, cluster_id: &str, query: &str) -> Result<Answer, Refusal> {
    let cluster = scene.cluster(cluster_id)?;
    let query = Query::parse(query);
    let fits = |position: &usize| {
        query.get("NodepoolName").is_none_or(|name| cluster.world.nodes.pools[*position].name == name)
    };
    let positions = (0..cluster.world.nodes.pools.len()).filter(fits);
    Answer::of(&DescribeClusterNodePoolsResponse { nodepools: positions.map(|it| node_pool(cluster, it)).collect() })
}

/// DescribeClusterNodePoolDetail.
pub(super) fn detail(scene: &mut Scene<'_>, cluster_id: &str, nodepool_id: &str) -> Result<Answer, Refusal> {
    let cluster = scene.cluster(cluster_id)?;
    let position = cluster.world.nodes.pool_position(nodepool_id);
    let position = position.ok_or_else(|| Refusal::node_pool_not_found(nodepool_id))?;
    let pool = node_pool(cluster, position);
    Answer::of(&DescribeClusterNodePoolDetailResponse {
        auto_scaling: pool.auto_scaling,
        kubernetes_config: pool.kubernetes_config,
        management: pool.management,
        node_components: pool.node_components,
        nodepool_info: pool.nodepool_info,
        scaling_group: pool.scaling_group,
        status: pool.status,
        tee_config: pool.tee_config,
        ..Default::default()
    })
}

/// A pool. Nodes, versions and states are the emulator's; the machines are made up and the same for every pool. The
/// version of kubelet is the oldest of any node, so that a new one shows once all nodes have it.
fn node_pool(cluster: &Cluster, position: usize) -> NodePool {
    let (nodes, wording) = (&cluster.world.nodes, &cluster.seed.wording);
    let pool = &nodes.pools[position];
    let own = || nodes.nodes.iter().filter(|node| node.pool == position);
    let count = |condition| own().filter(|node| node.status == condition).count();
    let number = |count: usize| i64::try_from(count).ok();
    let (total, failed) = (own().count(), count(NodeCondition::Failed));
    let out_of_service = count(NodeCondition::Draining) + count(NodeCondition::Upgrading);
    let kubelet = nodes.pool_version(position).unwrap_or(&cluster.world.control_plane);
    let component = |name: &str, version: &str| NodePoolNodeComponent {
        name: Some(name.to_owned()),
        version: Some(version.to_owned()),
        ..Default::default()
    };
    let state = if pool.is_busy { NodePoolState::Updating } else { NodePoolState::Active };
    NodePool {
        auto_scaling: Some(NodePoolAutoScaling { enable: Some(false), ..Default::default() }),
        kubernetes_config: Some(NodePoolKubernetesConfig {
            cms_enabled: Some(true),
            cpu_policy: Some(CpuPolicy::None),
            runtime: Some(pool.runtime.clone()),
            runtime_version: Some(pool.runtime_version.clone()),
            unschedulable: Some(false),
            ..Default::default()
        }),
        management: Some(NodePoolManagement {
            auto_repair: Some(false),
            auto_upgrade: Some(false),
            enable: Some(false),
            upgrade_config: Some(NodePoolUpgradeConfig {
                max_unavailable: Some(1),
                surge: Some(0),
                surge_percentage: Some(0),
                ..Default::default()
            }),
            ..Default::default()
        }),
        node_components: vec![component("kubelet", kubelet), component("containerd", &pool.runtime_version)],
        nodepool_info: Some(NodePoolInfo {
            created: Some(rfc3339(cluster.created)),
            is_default: Some(pool.is_default),
            name: Some(pool.name.clone()),
            nodepool_id: Some(pool.id.clone()),
            region_id: Some(cluster.region.clone()),
            resource_group_id: Some("rg-emulator".to_owned()),
            type_: Some(NodePoolType::Ess),
            updated: Some(rfc3339(pool.updated)),
        }),
        scaling_group: Some(NodePoolScalingGroup {
            desired_size: number(total),
            image_id: Some(pool.image_id.clone()),
            image_type: Some(ImageType::AliyunLinux3),
            instance_charge_type: Some(ChargeType::PostPaid),
            instance_types: vec!["ecs.g7.xlarge".to_owned()],
            scaling_group_id: Some(format!("asg-{}", pool.id)),
            security_group_ids: vec!["sg-emulator".to_owned()],
            system_disk_size: Some(120),
            vswitch_ids: vec!["vsw-emulator-a".to_owned(), "vsw-emulator-b".to_owned()],
            ..Default::default()
        }),
        status: Some(NodePoolStatus {
            failed_nodes: number(failed),
            healthy_nodes: number(total - failed),
            initial_nodes: Some(0),
            offline_nodes: Some(0),
            removing_nodes: Some(0),
            serving_nodes: number(total - failed - out_of_service),
            state: Some(wording.spell(state)),
            total_nodes: number(total),
            ..Default::default()
        }),
        tee_config: Some(NodePoolTeeConfig { tee_enable: Some(false) }),
        ..Default::default()
    }
}
