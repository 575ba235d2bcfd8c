//! Noticing that nothing is heard of an upgrade any more, and what that may mean.

use tokio::time::Instant;

use crate::handle::UpgradeHandle;
use crate::observe::Told;
use crate::phase::Phase;
use crate::stall::{Stall, StallCause};
use crate::status::UpgradeStatus;

/// How many of the latest events are searched for a cause.
const LATEST: usize = 5;

/// Since when nothing has been heard.
#[derive(Debug)]
pub(crate) struct Quiet {
    pub(crate) since: Instant,
    is_told: bool,
}

impl Quiet {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), is_told: false }
    }

    /// Something was heard.
    pub(crate) fn end(&mut self) {
        *self = Self::new();
    }

    /// The stall to tell of, once for each.
    pub(crate) fn stall(
        &mut self,
        after: Option<std::time::Duration>,
        handle: &UpgradeHandle,
        status: &UpgradeStatus,
        latest: &[Told],
    ) -> Option<Stall> {
        let idle = self.since.elapsed();
        let is_at_work = status.phase.is_running() || status.phase == Phase::Unknown;
        if !is_at_work || self.is_told || after.is_none_or(|after| idle < after) {
            return None;
        }
        self.is_told = true;
        let likely_cause = cause(status, latest);
        let node = latest.iter().rev().find_map(|told| told.node.as_deref());
        Some(Stall {
            idle,
            stage: status.stage.clone(),
            last_event: status.last_event.clone(),
            likely_cause,
            next_step: next_step(likely_cause, handle, node),
        })
    }
}

/// The latest of the events that a task lists, which are searched for a cause.
pub(crate) fn latest(told: &[Told]) -> Vec<Told> {
    told.iter().skip(told.len().saturating_sub(LATEST)).cloned().collect()
}

/// Words of events and stages, and what they are a sign of; the first that fits counts.
const SIGNS: [(&[&str], StallCause); 6] = [
    (&["quota", "no stock", "out of stock", "insufficient", "balance", "arrears", "sold out"], StallCause::Quota),
    (&["imagepull", "image pull", "pull image", "pulling image", "errimage"], StallCause::ImagePull),
    (&["drain", "evict", "disruption", "pdb"], StallCause::Drain),
    (&["check"], StallCause::Precheck),
    (
        &["master", "control_plane", "control plane", "controlplane", "apiserver", "api server", "etcd"],
        StallCause::ControlPlane,
    ),
    (&["notready", "not ready", "node", "kubelet"], StallCause::Node),
];

fn cause(status: &UpgradeStatus, latest: &[Told]) -> StallCause {
    let sign = |words: &str| {
        let found = SIGNS.iter().find(|(signs, _)| signs.iter().any(|sign| words.contains(sign)));
        found.map(|(_, cause)| *cause)
    };
    // Trouble that was told says more than the name of the stage, and what was told last the most.
    let told = latest.iter().rev().map(Told::words);
    let stage = status.stage.iter().map(|stage| stage.to_lowercase());
    told.chain(stage).find_map(|words| sign(&words)).unwrap_or(StallCause::Unknown)
}

fn next_step(cause: StallCause, handle: &UpgradeHandle, node: Option<&str>) -> String {
    let cluster = &handle.cluster_id;
    match cause {
        StallCause::Drain => {
            let pods = node.map_or_else(
                || "kubectl get pods -A -o wide".to_owned(),
                |node| format!("kubectl get pods -A -o wide --field-selector spec.nodeName={node}"),
            );
            format!("see which pods stay and which budget holds them: `{pods}` and `kubectl get pdb -A`")
        }
        StallCause::Precheck => format!("see what the check says: `ackctl upgrade status {cluster}`"),
        StallCause::Quota => {
            "look at the quotas, the stock of the instance types and the balance of the account".to_owned()
        }
        StallCause::ImagePull => {
            "see which image it is: `kubectl get events -A --field-selector reason=Failed`".to_owned()
        }
        StallCause::Node => node.map_or_else(
            || "see which node is not ready: `kubectl get nodes`".to_owned(),
            |node| format!("see what ails the node: `kubectl describe node {node}`"),
        ),
        StallCause::ControlPlane => {
            format!(
                "see whether the API server answers: `kubectl get --raw /readyz?verbose`; else open a ticket for cluster {cluster}"
            )
        }
        StallCause::Unknown => format!("look at it: `ackctl upgrade status {cluster}` and `kubectl get events -A`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Level, Notice};
    use crate::status::Source;

    #[test]
    fn causes_by_words() {
        let handle = UpgradeHandle::new("c1");
        let cause_of = |stage: &str, events: &[&str]| {
            let mut status = UpgradeStatus::new(&handle, Phase::Upgrading, Source::DescribeTaskInfo);
            status.stage = Some(stage.to_owned());
            let told = |event: &&str| Told { node: None, notice: Notice::new(Level::Normal, *event) };
            cause(&status, &events.iter().map(told).collect::<Vec<_>>())
        };
        for (stage, events, cause) in [
            ("DrainNodes", &[][..], StallCause::Drain),
            ("upgrade_nodes", &["evicting pod web-0"], StallCause::Drain),
            ("upgrade_nodes", &[], StallCause::Node),
            ("precheck", &["precheck started"], StallCause::Precheck),
            ("upgrade_nodes", &["QuotaExceeded.Ecs"], StallCause::Quota),
            ("init_master", &[], StallCause::ControlPlane),
            ("upgrade_nodes", &["ImagePullBackOff"], StallCause::ImagePull),
            ("waiting", &["something"], StallCause::Unknown),
        ] {
            assert_eq!(cause_of(stage, events), cause, "{stage} {events:?}");
        }
    }
}
