//! RunClusterCheck, GetClusterCheck and ListClusterChecks.

use std::collections::BTreeMap;

use ack_models::{
    ClusterCheckStatus, ClusterCheckSummary, ClusterCheckType, GetClusterCheckResponse, ListClusterChecksResponse,
    RunClusterCheckRequest, RunClusterCheckResponse,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::paging::Query;
use super::{Answer, Scene, read};
use crate::clock::after;
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;
use crate::seed::{Finding, FindingLevel};
use crate::state::{Check, Cluster};
use crate::times::utc_nanoseconds;
use crate::version::check_upgrade;

/// RunClusterCheck. What it finds is what is to be found when it starts.
pub(super) fn run(scene: &mut Scene<'_>, call: &Call, received: &Received, body: &[u8]) -> Result<Answer, Refusal> {
    let request: RunClusterCheckRequest = read::body(call, received, body)?;
    let (now, request_id) = (scene.now, scene.request_id);
    let cluster = scene.cluster(call.id())?;
    let check_type = request.type_;
    if check_type.is_unknown() {
        let problem = format!("is none of {}", ClusterCheckType::VALUES.join(", "));
        return Err(Refusal::invalid_parameter("type", check_type.as_str(), &problem));
    }
    let target = request.target.filter(|target| !target.is_empty());
    if check_type == ClusterCheckType::NodePoolUpgrade {
        let id = target.as_deref().ok_or_else(|| Refusal::missing_field("body.target", "NodePoolUpgrade"))?;
        cluster.world.nodes.pool_position(id).ok_or_else(|| Refusal::node_pool_not_found(id))?;
    }
    let mut findings: Vec<Finding> = Vec::new();
    if matches!(check_type, ClusterCheckType::MasterUpgrade | ClusterCheckType::ClusterUpgrade)
        && let Some(next) = request.options.as_ref().and_then(|options| options.get("next_version"))
        && let Err(problem) = check_upgrade(&cluster.world.face().version, next)
    {
        findings.push(Finding::error("ClusterVersion", format!("{next} {problem}")));
    }
    let pool = target.as_deref().filter(|_| check_type == ClusterCheckType::NodePoolUpgrade);
    let found = cluster.world.findings.iter().filter(|finding| finding.is_found_by(&check_type, pool));
    findings.extend(found.cloned());
    let id = format!("{}-{}-clustercheck-{:05}", now.as_nanosecond(), cluster.seed.id, cluster.checks_run());
    let finished = after(now, cluster.world.durations.check);
    cluster.add_check(Check { id: id.clone(), check_type, target, started: now, finished, findings });
    Answer::of(&RunClusterCheckResponse { check_id: Some(id), request_id: Some(request_id.to_owned()) })
}

/// GetClusterCheck.
pub(super) fn get(scene: &mut Scene<'_>, cluster_id: &str, check_id: &str) -> Result<Answer, Refusal> {
    let now = scene.now;
    let cluster = scene.cluster(cluster_id)?;
    let check = cluster.checks.iter().find(|check| check.id == check_id);
    let check = check.ok_or_else(|| Refusal::check_not_found(check_id))?;
    let summary = summary(cluster, check, now);
    Answer::of(&GetClusterCheckResponse {
        check_id: summary.check_id,
        check_items: if now < check.finished { BTreeMap::new() } else { items(check) }.into_iter().collect(),
        created_at: summary.created_at,
        finished_at: summary.finished_at,
        message: summary.message,
        status: summary.status,
        type_: summary.type_,
    })
}

/// ListClusterChecks: those of a type and target, newest first.
pub(super) fn list(scene: &mut Scene<'_>, cluster_id: &str, query: &str) -> Result<Answer, Refusal> {
    let now = scene.now;
    let cluster = scene.cluster(cluster_id)?;
    let query = Query::parse(query);
    let check_type = query.get("type").map(ClusterCheckType::from);
    let fits = |check: &&Check| {
        check_type.as_ref().is_none_or(|check_type| check.check_type == *check_type)
            && query.get("target").is_none_or(|target| check.target.as_deref() == Some(target))
    };
    let checks = cluster.checks.iter().rev().filter(fits).map(|check| summary(cluster, check, now)).collect();
    Answer::of(&ListClusterChecksResponse { checks })
}

fn summary(cluster: &Cluster, check: &Check, now: Timestamp) -> ClusterCheckSummary {
    let is_over = now >= check.finished;
    let (status, message) = match (is_over, check.has_failed()) {
        // What the service says of a check at work is not documented.
        (false, _) => (ClusterCheckStatus::Unknown("Running".to_owned()), "task running"),
        (true, true) => (ClusterCheckStatus::Failed, "task failed"),
        (true, false) => (ClusterCheckStatus::Succeeded, "task succeed"),
    };
    ClusterCheckSummary {
        check_id: Some(check.id.clone()),
        created_at: Some(utc_nanoseconds(check.started)),
        finished_at: is_over.then(|| utc_nanoseconds(check.finished)),
        message: Some(message.to_owned()),
        status: Some(cluster.seed.wording.spell(status)),
        type_: Some(check.check_type.clone()),
    }
}

/// The findings by group, and a group without any for a check that found nothing.
fn items(check: &Check) -> BTreeMap<String, Vec<Map<String, Value>>> {
    let mut groups: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
    for finding in &check.findings {
        let level = if finding.level == FindingLevel::Error { "error" } else { "warning" };
        groups.entry(finding.group.clone()).or_default().push(item(
            &finding.group,
            level,
            &finding.message,
            &finding.targets,
        ));
    }
    if groups.is_empty() {
        let group = "ClusterResource";
        groups.insert(group.to_owned(), vec![item(group, "normal", "", &[])]);
    }
    groups
}

/// One finding, in the form of the one printed example, keys and all.
fn item(group: &str, level: &str, message: &str, targets: &[String]) -> Map<String, Value> {
    let targets: Vec<Value> = targets.iter().map(|target| json!({"Target": target})).collect();
    let value = json!({"Group": group, "Level": {level: {"Message": message, "Targets": targets}}});
    value.as_object().cloned().unwrap_or_default()
}
