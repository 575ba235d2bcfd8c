//! What the check before an upgrade has found, from the report of the service.

use std::time::Duration;

use ack_client::Error;
use ack_client::models::{
    ClusterCheckStatus, ClusterCheckSummary, ClusterCheckType, GetClusterCheckResponse, ListClusterChecksQuery,
};
use serde_json::{Map, Value};

use crate::finding::{PrecheckFinding, Severity};
use crate::handle::UpgradeKind;
use crate::status::UpgradeStatus;
use crate::upgrades::Upgrades;

/// How many findings of one report are told at most.
const MAX_FINDINGS: usize = 200;

/// A check that belongs to an upgrade may have been started so long before its task.
const HEAD_START: Duration = Duration::from_secs(120);

/// What the check of an upgrade has found; `None` if its report is not there yet, or not to be found.
pub(crate) async fn findings(
    upgrades: &Upgrades,
    status: &UpgradeStatus,
) -> Result<Option<Vec<PrecheckFinding>>, Error> {
    let cluster_id = &status.cluster_id;
    if let Some(report) = &status.precheck_report_id {
        match upgrades.client.get_cluster_check(cluster_id, report).await {
            Ok(check) => return Ok(read_if_ended(&check)),
            // Whether the report of GetUpgradeStatus is one of these checks is not documented.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    let target = match &status.upgrade {
        UpgradeKind::NodePool { nodepool_id } => Some(nodepool_id.clone()),
        _ => None,
    };
    let query = ListClusterChecksQuery { target, ..Default::default() };
    let list = upgrades.client.list_cluster_checks(cluster_id, &query).await?;
    let fitting = list.checks.iter().filter(|check| belongs(check, status));
    let Some(check_id) =
        fitting.max_by_key(|check| time(&check.created_at)).and_then(|check| check.check_id.as_deref())
    else {
        return Ok(None);
    };
    let check = upgrades.client.get_cluster_check(cluster_id, check_id).await?;
    Ok(read_if_ended(&check))
}

/// Whether a check was made for this upgrade, as far as its type and time tell.
fn belongs(check: &ClusterCheckSummary, status: &UpgradeStatus) -> bool {
    let types: &[ClusterCheckType] = match &status.upgrade {
        UpgradeKind::ControlPlane => &[ClusterCheckType::MasterUpgrade, ClusterCheckType::ClusterUpgrade],
        UpgradeKind::NodePool { .. } => &[ClusterCheckType::NodePoolUpgrade],
        UpgradeKind::Addons { .. } => &[],
    };
    let fits = check.type_.as_ref().is_some_and(|own| types.contains(own));
    let is_recent = match (time(&check.created_at), time(&status.started_at)) {
        (Some(check), Some(task)) => task.checked_sub(HEAD_START).is_ok_and(|earliest| check >= earliest),
        _ => false,
    };
    fits && is_recent
}

fn time(text: &Option<String>) -> Option<jiff::Timestamp> {
    text.as_deref()?.parse().ok()
}

/// The findings of a report, or `None` while the check is at work.
pub(crate) fn read_if_ended(check: &GetClusterCheckResponse) -> Option<Vec<PrecheckFinding>> {
    let has_ended = matches!(check.status, Some(ClusterCheckStatus::Succeeded | ClusterCheckStatus::Failed))
        || check.finished_at.as_deref().is_some_and(|time| !time.is_empty() && !time.starts_with("0001"));
    has_ended.then(|| read(check))
}

/// The findings of a report. Items have no documented schema, so names are compared without regard to case.
fn read(check: &GetClusterCheckResponse) -> Vec<PrecheckFinding> {
    let items = check.check_items.iter().flat_map(|(group, items)| items.iter().map(move |item| (group, item)));
    items.flat_map(|(group, item)| findings_of(group, item)).take(MAX_FINDINGS).collect()
}

/// `{"Group": "..", "Level": {"warning": {"Message": "..", "Targets": [{"Target": ".."}]}}}`, or the level as a text
/// with message and targets beside it.
fn findings_of(group: &str, item: &Map<String, Value>) -> Vec<PrecheckFinding> {
    let check = ["name", "check", "group"].iter().find_map(|name| field(item, name)?.as_str()).unwrap_or(group);
    let one = |severity, object: &Map<String, Value>| {
        let message = ["message", "reason"].iter().find_map(|name| field(object, name)?.as_str());
        let message = message.filter(|message| !message.is_empty()).unwrap_or("the service does not say what is wrong");
        let targets =
            field(object, "targets").and_then(Value::as_array).map(|targets| targets.iter().filter_map(target));
        PrecheckFinding::new(severity, message).with_check(check).with_targets(targets.into_iter().flatten())
    };
    match field(item, "level") {
        Some(Value::Object(levels)) => {
            levels.iter().filter_map(|(level, object)| Some(one(severity(level)?, object.as_object()?))).collect()
        }
        Some(Value::String(level)) => severity(level).map(|severity| one(severity, item)).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn severity(level: &str) -> Option<Severity> {
    match level.to_ascii_lowercase().as_str() {
        "warning" | "warn" => Some(Severity::Warning),
        "error" | "critical" | "fatal" | "failed" => Some(Severity::Blocking),
        _ => None,
    }
}

fn target(target: &Value) -> Option<String> {
    let text = match target {
        Value::Object(object) => ["target", "name", "id"].iter().find_map(|name| field(object, name)?.as_str()),
        other => other.as_str(),
    };
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_of_every_shape() {
        let check = serde_json::from_str(
            r#"{"status":"Failed","check_items":{
                "ClusterResource":[
                    {"Group":"ClusterResource","Level":{"normal":{"Message":"","Targets":[{"Target":"v1beta1.me"}]}}},
                    {"Group":"ClusterResource","Level":{"warning":{"Message":"deprecated API in use","Targets":[{"Target":"PodSecurityPolicy/restricted"}, "other", {}]}}}],
                "NodeStatus":[
                    {"level":"error","message":"2 nodes are NotReady","targets":["node-1","node-2"]},
                    {"name":"Disk","level":{"critical":{}}},
                    {"level":7}, {}]}}"#,
        )
        .unwrap();
        let findings: Vec<String> = read_if_ended(&check).unwrap().iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(findings.join("\n"), @r"
        warning: ClusterResource: deprecated API in use (PodSecurityPolicy/restricted, other)
        blocking: NodeStatus: 2 nodes are NotReady (node-1, node-2)
        blocking: Disk: the service does not say what is wrong
        ");
    }

    #[test]
    fn a_check_at_work_has_no_findings_yet() {
        for (json, has_ended) in [
            (r#"{"status":"Running"}"#, false),
            (r#"{}"#, false),
            (r#"{"status":"Running","finished_at":"0001-01-01T00:00:00Z"}"#, false),
            (r#"{"status":"Succeeded"}"#, true),
            (r#"{"status":"Warning","finished_at":"2023-10-16T08:35:20.292030178Z"}"#, true),
        ] {
            let check = serde_json::from_str(json).unwrap();
            assert_eq!(read_if_ended(&check).is_some(), has_ended, "{json}");
        }
    }
}
