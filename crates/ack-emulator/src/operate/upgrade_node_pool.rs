//! UpgradeClusterNodepool: upgrades the nodes of a pool, or says why it cannot.

use std::time::Duration;

use ack_models::{
    NodePoolUpgradeRollingPolicy, RollingPausePolicy, UpgradeClusterNodepoolRequest, UpgradeClusterNodepoolResponse,
};
use serde_json::Value;

use super::upgrade_cluster::check_running;
use super::{Answer, Scene, read};
use crate::KUBERNETES_VERSIONS;
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;
use crate::state::{Cluster, Job, NodePoolJob, Turns};
use crate::version::Version;

pub(super) fn start(scene: &mut Scene<'_>, call: &Call, received: &Received, body: &[u8]) -> Result<Answer, Refusal> {
    let request: UpgradeClusterNodepoolRequest = read::body(call, received, body)?;
    let (cluster_id, nodepool_id) = (call.id(), call.second());
    let (now, request_id, ids) = (scene.now, scene.request_id, scene.ids);
    let cluster = scene.cluster(cluster_id)?;
    let pool = cluster.world.nodes.pool_position(nodepool_id);
    let pool = pool.ok_or_else(|| Refusal::node_pool_not_found(nodepool_id))?;
    check_running(cluster)?;
    check_pool(cluster, pool)?;
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (to, image_id) = (text(&request.kubernetes_version), text(&request.image_id));
    let runtime_version = text(&request.runtime_version);
    if to.is_none() && image_id.is_none() && runtime_version.is_none() {
        return Err(Refusal::missing_field(
            "body.kubernetes_version",
            "an upgrade without image_id or runtime_version",
        ));
    }
    let nodes = nodes(cluster, pool, request.node_names.as_deref().unwrap_or_default())?;
    if let Some(to) = &to {
        check_version(cluster, &nodes, to, image_id.is_some() || runtime_version.is_some())?;
    }
    let turns = turns(request.rolling_policy.as_ref())?;
    let parameters = serde_json::to_value(&request).ok();
    let job = NodePoolJob {
        pool,
        to,
        image_id,
        runtime: request.runtime_type.as_deref().map(Into::into),
        runtime_version,
        ignores_warnings: request.ignore_warning_check.unwrap_or(false),
        parameters: parameters.as_ref().and_then(Value::as_object).cloned().unwrap_or_default(),
    };
    let ids = ids.task();
    let task_id = ids.0.clone();
    let forgotten = cluster.start_node_pool(ids, job, nodes, turns, now);
    scene.state.add_task(&task_id, cluster_id, forgotten);
    Answer::of(&UpgradeClusterNodepoolResponse { request_id: Some(request_id.to_owned()), task_id: Some(task_id) })
}

/// Refuses a pool that is being upgraded.
fn check_pool(cluster: &Cluster, pool: usize) -> Result<(), Refusal> {
    let is_same = |job: &Job| matches!(job, Job::NodePool(job) if job.pool == pool);
    match cluster.at_work().find(|task| is_same(&task.job)) {
        Some(task) => {
            let (id, pool_id) = (&task.id, &cluster.world.nodes.pools[pool].id);
            let how = if task.due().is_none() { "waits" } else { "is at work" };
            Err(Refusal::node_pool_state(format!("nodepool ({pool_id}) is updating: task {id} {how}")))
        }
        None => Ok(()),
    }
}

/// The positions of the nodes to upgrade: those named, or all of the pool.
fn nodes(cluster: &Cluster, pool: usize, names: &[String]) -> Result<Vec<usize>, Refusal> {
    let all = &cluster.world.nodes;
    if names.is_empty() {
        return Ok(all.of_pool(pool).collect());
    }
    let mut positions = Vec::new();
    for name in names {
        let position = all.position(name).filter(|position| all.nodes[*position].pool == pool);
        let position = position.ok_or_else(|| {
            Refusal::invalid_parameter("node_names", name, &format!("is no node of nodepool {}", all.pools[pool].id))
        })?;
        if !positions.contains(&position) {
            positions.push(position);
        }
    }
    Ok(positions)
}

fn check_version(cluster: &Cluster, nodes: &[usize], to: &str, has_other_parts: bool) -> Result<(), Refusal> {
    let refuse = |problem: &str| Err(Refusal::invalid_parameter("kubernetes_version", to, problem));
    let control_plane = &cluster.world.control_plane;
    let (Some(target), Some(ceiling)) = (Version::parse(to), Version::parse(control_plane)) else {
        return refuse("is not a Kubernetes version");
    };
    if target > ceiling {
        return refuse(&format!("is ahead of the control plane, which is at {control_plane}"));
    }
    if !KUBERNETES_VERSIONS.contains(&to) && to != control_plane {
        return refuse("is not a version that is offered");
    }
    let versions = nodes.iter().map(|node| cluster.world.nodes.nodes[*node].version.as_str());
    let oldest = versions.min_by_key(|version| Version::parse(version));
    match oldest.and_then(Version::parse) {
        Some(oldest) if oldest > target => refuse("is older than the version of the nodes"),
        Some(oldest) if oldest == target && !has_other_parts => refuse("is the version that the nodes have already"),
        _ => Ok(()),
    }
}

fn turns(policy: Option<&NodePoolUpgradeRollingPolicy>) -> Result<Turns, Refusal> {
    let policy = policy.cloned().unwrap_or_default();
    let refuse = |name: &str, value: &dyn std::fmt::Display, problem: &str| {
        Err(Refusal::invalid_parameter(&format!("rolling_policy.{name}"), &value.to_string(), problem))
    };
    let max_parallelism = match policy.max_parallelism.unwrap_or(10) {
        number @ 1..=10 => usize::try_from(number).unwrap_or(1),
        number => return refuse("max_parallelism", &number, "is not a number from 1 to 10"),
    };
    let interval = match policy.batch_interval.unwrap_or(0) {
        minutes @ (0 | 5..=120) => Duration::from_secs(u64::try_from(minutes).unwrap_or(0) * 60),
        minutes => return refuse("batch_interval", &minutes, "is neither 0 nor a number of minutes from 5 to 120"),
    };
    let pause_policy = policy.pause_policy.unwrap_or(RollingPausePolicy::NotPause);
    if let RollingPausePolicy::Unknown(value) = &pause_policy
        && !value.is_empty()
    {
        return refuse("pause_policy", value, "is none of FirstBatch, EveryBatch, NotPause");
    }
    let Ok(max_failed) = usize::try_from(policy.max_failed_nodes.unwrap_or(0)) else {
        return refuse("max_failed_nodes", &policy.max_failed_nodes.unwrap_or(0), "is below 0");
    };
    Ok(Turns { max_parallelism, are_growing: false, interval, pause_policy, max_failed })
}
