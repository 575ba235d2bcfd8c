//! UpgradeCluster: starts an upgrade, or says why it cannot.

use ack_codec::Format;
use ack_models::{ClusterState, UpgradeClusterRequest, UpgradeClusterResponse, UpgradeClusterRollingPolicy};
use http::StatusCode;

use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::{Cluster, Job, Standing, Task};
use crate::version::{Version, check_upgrade, upgradable_versions};

pub(super) fn start(scene: &mut Scene<'_>, cluster_id: &str, is_json: bool, body: &[u8]) -> Result<Answer, Refusal> {
    #[expect(deprecated, reason = "the service announced to ignore the field, and still declares it")]
    let UpgradeClusterRequest { next_version, master_only, rolling_policy: policy, .. } = read(is_json, body)?;
    let (now, request_id, ids) = (scene.now, scene.request_id, scene.ids);
    let cluster = scene.cluster(cluster_id)?;
    check_idle(cluster)?;
    let Some(next) = next_version.filter(|version| !version.is_empty()) else {
        let message = "The parameter next_version is missing; send the version to upgrade to.";
        return Err(Refusal::service(StatusCode::BAD_REQUEST, "MissingParameter", message));
    };
    let current = &cluster.world.face().version;
    check_upgrade(current, &next).map_err(|problem| {
        let allowed: Vec<&str> = upgradable_versions(current).collect();
        let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
        let problem = format!("{problem} (the cluster is at {current}, it can be upgraded to: {allowed})");
        Refusal::invalid_parameter("next_version", &next, &problem)
    })?;
    let master_only = master_only.unwrap_or(false);
    if master_only {
        check_nodes(cluster, &next)?;
    }
    let max_parallelism = max_parallelism(policy.as_ref())?;
    let ids = ids.task();
    let task_id = ids.0.clone();
    let forgotten = cluster.start_upgrade(ids, &next, master_only, max_parallelism, now);
    scene.state.add_task(&task_id, cluster_id, forgotten);
    Answer::of(&UpgradeClusterResponse {
        cluster_id: Some(cluster_id.to_owned()),
        request_id: Some(request_id.to_owned()),
        task_id: Some(task_id),
    })
}

/// Refuses a cluster whose state does not allow an upgrade of anything in it.
pub(super) fn check_running(cluster: &Cluster) -> Result<(), Refusal> {
    let cluster_id = &cluster.seed.id;
    if let Some(upgrade) = cluster.upgrading() {
        let (to, how) = (target(upgrade), how(upgrade));
        let id = &upgrade.id;
        let message = format!("cluster ({cluster_id}) is upgrading: its upgrade to {to} by task {id} {how}");
        return Err(Refusal::cluster_state(message));
    }
    let state = &cluster.world.face().state;
    if *state != ClusterState::Running {
        let message = format!("cluster ({cluster_id}) is {state}; only a running cluster can be upgraded");
        return Err(Refusal::cluster_state(message));
    }
    Ok(())
}

/// Refuses a cluster that is not running, or in which an upgrade of anything is at work.
fn check_idle(cluster: &Cluster) -> Result<(), Refusal> {
    check_running(cluster)?;
    match cluster.at_work().find(|task| !matches!(task.job, Job::Other(_))) {
        Some(task) => {
            let (id, task_type, how) = (&task.id, task.job.task_type(), how(task));
            let cluster_id = &cluster.seed.id;
            let message = format!("cluster ({cluster_id}) is busy: task {id} of type {task_type} {how}");
            Err(Refusal::cluster_state(message))
        }
        None => Ok(()),
    }
}

/// Refuses a step of the control plane that would leave nodes too far behind.
fn check_nodes(cluster: &Cluster, next: &str) -> Result<(), Refusal> {
    let Some(oldest) = cluster.world.oldest_node() else { return Ok(()) };
    let (Some(node), Some(target)) = (Version::parse(oldest), Version::parse(next)) else { return Ok(()) };
    let (behind, allowed) = (target.minors_ahead_of(node), cluster.seed.max_node_skew);
    if behind <= allowed {
        return Ok(());
    }
    let message = format!(
        "nodes at {oldest} would be {behind} minor versions behind a control plane at {next}, and {allowed} is allowed; \
         upgrade the node pools first"
    );
    Err(Refusal::service(StatusCode::BAD_REQUEST, "ErrorNodeVersionSkew", message))
}

/// The largest batch of nodes; none if the request does not say.
fn max_parallelism(policy: Option<&UpgradeClusterRollingPolicy>) -> Result<Option<usize>, Refusal> {
    #[expect(deprecated, reason = "the service announced to ignore the field, and still declares it")]
    let Some(number) = policy.and_then(|policy| policy.max_parallelism) else { return Ok(None) };
    let batch = usize::try_from(number).ok().filter(|number| *number > 0);
    batch.map(Some).ok_or_else(|| {
        let problem = "is not a number above 0";
        Refusal::invalid_parameter("rolling_policy.max_parallelism", &number.to_string(), problem)
    })
}

fn how(task: &Task) -> &'static str {
    match task.standing() {
        Standing::Failed => "was stopped by an error",
        Standing::Paused(_) => "is paused",
        Standing::Running | Standing::Succeeded | Standing::Canceled => "is still at work",
    }
}

fn target(upgrade: &Task) -> &str {
    if let Job::Cluster { to, .. } = &upgrade.job { to } else { "another version" }
}

/// Reads the body. None at all counts as one without fields.
fn read(is_json: bool, body: &[u8]) -> Result<UpgradeClusterRequest, Refusal> {
    if body.is_empty() {
        return Ok(UpgradeClusterRequest::default());
    }
    if !is_json {
        return Err(Refusal::unsupported_media_type());
    }
    ack_codec::decode(Format::Json, body).map_err(|error| Refusal::unreadable_body(&error))
}
