//! UpgradeCluster: starts an upgrade, or says why it cannot.

use ack_codec::Format;
use ack_models::{ClusterState, UpgradeClusterRequest, UpgradeClusterResponse};
use http::StatusCode;

use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::Standing;
use crate::version::{check_upgrade, upgradable_versions};

pub(super) fn start(scene: &mut Scene<'_>, cluster_id: &str, is_json: bool, body: &[u8]) -> Result<Answer, Refusal> {
    let request = read(is_json, body)?;
    let now = scene.now;
    let cluster = scene.cluster(cluster_id)?;
    if let Some(upgrade) = cluster.upgrading(now) {
        let has_failed = matches!(upgrade.progress(now).standing, Standing::Failed(_));
        let how = if has_failed { "was stopped by an error" } else { "is still at work" };
        let message = format!(
            "cluster ({cluster_id}) is upgrading: its upgrade to {} by task {} {how}",
            upgrade.to, upgrade.task_id
        );
        return Err(cluster_state(message));
    }
    let state = cluster.state(now);
    if state != ClusterState::Running {
        let message = format!("cluster ({cluster_id}) is {state}; only a running cluster can be upgraded");
        return Err(cluster_state(message));
    }
    let Some(next) = request.next_version.filter(|version| !version.is_empty()) else {
        let message = "The parameter next_version is missing; send the version to upgrade to.";
        return Err(Refusal::service(StatusCode::BAD_REQUEST, "MissingParameter", message));
    };
    let current = cluster.version(now);
    check_upgrade(current, &next).map_err(|problem| {
        let allowed: Vec<&str> = upgradable_versions(current).collect();
        let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
        let problem = format!("{problem} (the cluster is at {current}, it can be upgraded to: {allowed})");
        Refusal::invalid_parameter("next_version", &next, &problem)
    })?;
    let (ids, durations) = (scene.ids.task(), scene.durations);
    let task_id = ids.0.clone();
    let cluster = scene.state.cluster_mut(cluster_id).ok_or_else(|| Refusal::cluster_not_found(cluster_id))?;
    cluster.start(ids, &next, request.master_only.unwrap_or(false), durations, now);
    Ok(Answer::UpgradeCluster(UpgradeClusterResponse {
        cluster_id: Some(cluster_id.to_owned()),
        request_id: Some(scene.request_id.to_owned()),
        task_id: Some(task_id),
    }))
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

/// The code that the community reports for a cluster in a state that does not allow the operation.
fn cluster_state(message: String) -> Refusal {
    Refusal::service(StatusCode::BAD_REQUEST, "ErrorClusterState", message)
}
