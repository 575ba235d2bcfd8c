//! The service's own checks of a cluster, started and waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use ack_client::models::{ClusterCheckStatus, ClusterCheckType, RunClusterCheckRequest};
use tokio::time::Instant;

use crate::checks::read_if_ended;
use crate::error::Error;
use crate::finding::{PrecheckFinding, Severity};
use crate::plan::step::Change;
use crate::upgrades::Upgrades;

/// Documented examples took 16 seconds and 4 minutes.
const LIMIT: Duration = Duration::from_secs(10 * 60);
const INTERVAL: Duration = Duration::from_secs(5);
const MOST_ERRORS: u32 = 10;

/// The check that belongs to a change; add-ons have none.
pub(crate) fn request(change: &Change) -> Option<RunClusterCheckRequest> {
    match change {
        Change::ControlPlane { to, .. } => Some(RunClusterCheckRequest {
            options: Some(BTreeMap::from([("next_version".to_owned(), to.clone())])),
            target: None,
            type_: ClusterCheckType::MasterUpgrade,
        }),
        Change::NodePool { nodepool_id, .. } => Some(RunClusterCheckRequest {
            options: None,
            target: Some(nodepool_id.clone()),
            type_: ClusterCheckType::NodePoolUpgrade,
        }),
        Change::Addons { .. } => None,
    }
}

/// Runs a check and waits for what it finds. A check that does not end in time, or cannot be followed, is a finding too.
pub(crate) async fn run(
    upgrades: &Upgrades,
    cluster_id: &str,
    request: &RunClusterCheckRequest,
) -> Result<Vec<PrecheckFinding>, Error> {
    let name = request.type_.to_string();
    let targets: Vec<String> = request.target.iter().cloned().collect();
    let note = |severity: Severity, message: String| {
        PrecheckFinding::new(severity, message).with_check(&name).with_targets(targets.clone())
    };
    let answer = upgrades.client.run_cluster_check(cluster_id, request).await?.into_inner();
    let Some(check_id) = answer.check_id.filter(|check_id| !check_id.is_empty()) else {
        return Ok(vec![note(Severity::Warning, "the service has started a check and does not name it".to_owned())]);
    };
    let deadline = Instant::now() + LIMIT;
    let mut errors = 0;
    loop {
        match upgrades.client.get_cluster_check(cluster_id, &check_id).await {
            Ok(check) => {
                errors = 0;
                if let Some(mut findings) = read_if_ended(&check) {
                    let is_blocked = findings.iter().any(|finding| finding.severity == Severity::Blocking);
                    if check.status == Some(ClusterCheckStatus::Failed) && !is_blocked {
                        let message = check.message.clone().filter(|message| !message.is_empty());
                        let message = message.unwrap_or_else(|| "the check has failed without a reason".to_owned());
                        findings.push(note(Severity::Blocking, message));
                    }
                    return Ok(findings);
                }
            }
            Err(error) => {
                errors += 1;
                if errors >= MOST_ERRORS || error.is_forbidden() {
                    return Err(error.into());
                }
                tracing::debug!(%error, %check_id, "looking at a check");
            }
        }
        if Instant::now() >= deadline {
            let message = format!("check {check_id} has not ended within {} minutes", LIMIT.as_secs() / 60);
            return Ok(vec![note(Severity::Warning, message)]);
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
