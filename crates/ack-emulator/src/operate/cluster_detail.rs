//! DescribeClusterDetail: one cluster with its state and versions.

use ack_models::{
    AutoMode, ClusterAutoUpgrade, DescribeClusterDetailResponse, IpStack, MaintenanceWindow, OperationPolicy,
    ProxyMode, Tag, UpgradeChannel,
};

use super::{Answer, Scene};
use crate::clock::before;
use crate::refusal::Refusal;
use crate::state::{Cluster, Face, Nodes};
use crate::times::rfc3339;
use crate::version::next_version;

pub(super) fn describe(scene: &mut Scene<'_>, cluster_id: &str) -> Result<Answer, Refusal> {
    let seen_at = before(scene.now, scene.state.lag.cluster_detail);
    let cluster = scene.cluster(cluster_id)?;
    Answer::of(&detail(cluster, cluster.world.face_at(seen_at)))
}

/// The detail of a cluster. State, versions, type and tags are the emulator's; the network around it is made up and the
/// same for every cluster.
pub(super) fn detail(cluster: &Cluster, face: &Face) -> DescribeClusterDetailResponse {
    let (seed, nodes) = (&cluster.seed, cluster.world.nodes.nodes.len());
    let current = face.version.as_str();
    let masters = Nodes::masters(&seed.cluster_type);
    let own_tag = Tag { key: Some("ack.aliyun.com".to_owned()), value: Some(seed.id.clone()) };
    let tag = |(key, value): (&String, &String)| Tag { key: Some(key.clone()), value: Some(value.clone()) };
    DescribeClusterDetailResponse {
        auto_mode: Some(AutoMode { enable: Some(false) }),
        cluster_domain: text("cluster.local"),
        cluster_id: Some(seed.id.clone()),
        cluster_spec: seed.cluster_spec.clone(),
        cluster_type: Some(seed.cluster_type.clone()),
        container_cidr: text("172.20.0.0/16"),
        created: Some(rfc3339(cluster.created)),
        current_version: text(current),
        deletion_protection: Some(false),
        init_version: Some(seed.version.clone()),
        ip_stack: Some(IpStack::Ipv4),
        maintenance_window: Some(seed.maintenance_window.clone().unwrap_or_else(maintenance_window)),
        master_url: text(r#"{"api_server_endpoint":"","intranet_api_server_endpoint":"https://192.168.0.251:6443"}"#),
        meta_data: Some(meta_data(current)),
        name: Some(cluster.name.clone()),
        next_version: text(next_version(current).unwrap_or_default()),
        node_cidr_mask: text("26"),
        operation_policy: Some(OperationPolicy {
            cluster_auto_upgrade: Some(ClusterAutoUpgrade {
                channel: Some(UpgradeChannel::Stable),
                enabled: Some(false),
            }),
        }),
        profile: Some(seed.profile.clone()),
        proxy_mode: Some(ProxyMode::Ipvs),
        region_id: Some(cluster.region.clone()),
        resource_group_id: text("rg-emulator"),
        security_group_id: text("sg-emulator"),
        service_cidr: text("172.21.0.0/20"),
        size: i64::try_from(nodes).ok().map(|nodes| nodes.saturating_add(masters.into())),
        state: Some(seed.wording.spell(face.state.clone())),
        tags: std::iter::once(own_tag).chain(seed.tags.iter().map(tag)).collect(),
        timezone: text("Asia/Shanghai"),
        updated: Some(rfc3339(face.updated)),
        vpc_id: text("vpc-emulator"),
        vswitch_ids: vec!["vsw-emulator-a".to_owned(), "vsw-emulator-b".to_owned()],
        worker_ram_role_name: text("KubernetesWorkerRole-emulator"),
        ..Default::default()
    }
}

fn maintenance_window() -> MaintenanceWindow {
    MaintenanceWindow {
        duration: text("3h"),
        enable: Some(true),
        maintenance_time: text("2024-10-15T01:00:00.000+08:00"),
        recurrence: text("FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH"),
        weekly_period: text("Monday,Thursday"),
        ..Default::default()
    }
}

/// JSON text inside the answer, as the service does it.
fn meta_data(version: &str) -> String {
    serde_json::json!({
        "Addons": [{ "name": "metrics-server" }, { "name": "nginx-ingress-controller", "disabled": true }],
        "Capabilities": { "Network": "terway-eniip" },
        "Runtime": "containerd",
        "KubernetesVersion": version,
    })
    .to_string()
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}
