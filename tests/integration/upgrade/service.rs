//! A service that says exactly what a test tells it to, for what the emulator does not do.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use ack_client::auth::FixedClock;
use ack_upgrade::{Event, Upgrades, Watch};
use serde_json::{Value, json};

use super::line;
use crate::canned::{Canned, answer};

pub(super) const CLUSTER: &str = "c1";
pub(super) const FROM: &str = "1.31.1-aliyun.1";
pub(super) const TO: &str = "1.32.1-aliyun.1";

/// What the service knows, to be changed as the test goes on.
#[derive(Clone)]
pub(super) struct Service(Arc<Mutex<Known>>);

type Hook = Box<dyn FnMut(&mut Known, &str) -> Option<String> + Send>;

pub(super) struct Known {
    /// DescribeClusterDetail.
    pub(super) cluster: Value,
    /// DescribeTaskInfo; null for a task that nobody knows.
    pub(super) task: Value,
    /// GetUpgradeStatus; null where it is no longer served.
    pub(super) upgrade: Value,
    /// DescribeClusterNodePoolDetail, and the only one of DescribeClusterNodePools.
    pub(super) node_pool: Value,
    /// ListClusterAddonInstances.
    pub(super) addons: Value,
    /// ListClusterChecks lists it, GetClusterCheck reads it.
    pub(super) check: Value,
    /// Is called with each request, after it is known what it asks for, and may change what is known; what it gives is
    /// the answer, if it gives one.
    pub(super) on_request: Hook,
}

impl Known {
    pub(super) fn set_task(&mut self, state: &str, stage: &str) {
        self.task["state"] = json!(state);
        self.task["current_stage"] = json!(stage);
    }

    pub(super) fn set_cluster(&mut self, state: &str, version: &str) {
        self.cluster = json!({"cluster_id": CLUSTER, "state": state, "current_version": version});
    }

    pub(super) fn tell(&mut self, level: &str, reason: &str, message: &str) {
        let events = self.task["events"].as_array_mut().unwrap();
        let timestamp = (1_767_323_045_000_u64 + events.len() as u64 * 1000).to_string();
        events.push(json!({"level": level, "reason": reason, "message": message, "timestamp": timestamp}));
    }
}

impl Service {
    /// A control plane upgrade at work, in a region without GetUpgradeStatus.
    pub(super) fn upgrading() -> Self {
        let task = json!({
            "task_id": "T-1", "task_type": "cluster_upgrade", "cluster_id": CLUSTER, "state": "running",
            "current_stage": "upgrade_control_plane", "created": "2026-01-02T11:04:05+08:00",
            "parameters": {"next_version": TO}, "events": [],
        });
        let service = Self(Arc::new(Mutex::new(Known {
            cluster: Value::Null,
            task,
            upgrade: Value::Null,
            node_pool: Value::Null,
            addons: json!({"addons": []}),
            check: Value::Null,
            on_request: Box::new(|_, _| None),
        })));
        service.change(|known| known.set_cluster("upgrading", FROM));
        service
    }

    /// An upgrade of node pool `np1` at work.
    pub(super) fn upgrading_node_pool() -> Self {
        let service = Self::upgrading();
        service.change(|known| {
            known.task["task_type"] = json!("nodepool_upgrade");
            known.task["parameters"] = json!({"nodepool_id": "np1", "kubernetes_version": TO});
            known.task["current_stage"] = json!("upgrade_nodes");
            known.node_pool = node_pool("updating", FROM);
        });
        service
    }

    /// An upgrade of the add-on `coredns` at work.
    pub(super) fn upgrading_addon() -> Self {
        let service = Self::upgrading();
        service.change(|known| {
            known.task["task_type"] = json!("cluster_addon_upgrade");
            known.task["parameters"] = json!({"components": [{"component_name": "coredns", "next_version": "v2"}]});
            known.addons = json!({"addons": [{"name": "coredns", "version": "v1", "state": "upgrading"}]});
        });
        service
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    pub(super) fn on_request(&self, hook: impl FnMut(&mut Known, &str) -> Option<String> + Send + 'static) {
        self.change(|known| known.on_request = Box::new(hook));
    }

    pub(super) async fn serve(&self) -> (Canned, Upgrades) {
        let service = self.clone();
        let server = Canned::scripted(move |request| service.change(|known| respond(known, request))).await;
        let upgrades = Upgrades::new(server.client()).with_clock(FixedClock(SystemTime::UNIX_EPOCH));
        (server, upgrades)
    }
}

/// Answers to a request that changes something: what it is, the answer, and whether the request may have been accepted.
pub(super) fn unclear_answers() -> Vec<(&'static str, String, bool)> {
    let told = |status: &str, code: &str| refusal(status, code, "so it is");
    let waiting = |status: &str| {
        let answer = refusal(status, "Busy", "so it is");
        answer.replacen("\r\n", "\r\nx-acs-retry-after: 100\r\n", 1)
    };
    vec![
        ("throttled under 400", told("400 Bad Request", "Throttling.User"), false),
        ("throttled under 429", told("429 Too Many Requests", "Throttling"), false),
        ("throttled under 503", told("503 Service Unavailable", "Throttling.Api"), false),
        ("a wait under 400", waiting("400 Bad Request"), false),
        ("throttled under 500", told("500 Internal Server Error", "Throttling"), true),
        ("throttled under 502", told("502 Bad Gateway", "Throttling.User"), true),
        ("throttled under 504", told("504 Gateway Timeout", "Throttling.User"), true),
        ("a wait under 503", waiting("503 Service Unavailable"), true),
        ("a nonce used", told("400 Bad Request", "SignatureNonceUsed"), true),
        ("408", told("408 Request Timeout", "RequestTimeout"), true),
        (
            "303",
            told("303 See Other", "SeeOther").replacen("\r\n", "\r\nlocation: http://elsewhere.invalid/\r\n", 1),
            true,
        ),
        ("a page for an answer", answer("502 Bad Gateway", "text/html", "<html>bad gateway</html>"), true),
        ("refused", told("403 Forbidden", "Forbidden.RAM"), false),
    ]
}

pub(super) fn node_pool(state: &str, version: &str) -> Value {
    json!({
        "nodepool_info": {"nodepool_id": "np1"},
        "status": {"state": state, "total_nodes": 3},
        "node_components": [{"name": "kubelet", "version": version}],
    })
}

fn respond(known: &mut Known, request: &str) -> String {
    let request = request.split(" HTTP").next().unwrap_or_default().to_owned();
    let mut hook = std::mem::replace(&mut known.on_request, Box::new(|_, _| None));
    let given = hook(known, &request);
    known.on_request = hook;
    if let Some(answer) = given {
        return answer;
    }
    let (method, path) = request.split_once(' ').unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let list = |task: &Value| if task.is_null() { json!({"tasks": []}) } else { json!({"tasks": [task]}) };
    let value = match (method, path) {
        ("GET", "/clusters/c1") => known.cluster.clone(),
        ("GET", "/clusters/c1/tasks") => list(&known.task),
        ("GET", "/tasks/T-1") => known.task.clone(),
        ("GET", "/api/v2/clusters/c1/upgrade/status") => known.upgrade.clone(),
        ("GET", "/clusters/c1/nodepools/np1") => known.node_pool.clone(),
        ("GET", "/clusters/c1/nodepools") => json!({"nodepools": [known.node_pool]}),
        ("GET", "/clusters/c1/addon_instances") => known.addons.clone(),
        ("GET", "/clusters/c1/checks") if known.check.is_null() => json!({"checks": []}),
        ("GET", "/clusters/c1/checks") => json!({"checks": [known.check]}),
        ("GET", path) if path.starts_with("/clusters/c1/checks/") => known.check.clone(),
        _ => Value::Null,
    };
    if value.is_null() { not_found("ErrorNotFound", "nothing of that kind") } else { ok(&value) }
}

pub(super) fn ok(value: &Value) -> String {
    answer("200 OK", "application/json", &value.to_string())
}

pub(super) fn not_found(code: &str, message: &str) -> String {
    refusal("404 Not Found", code, message)
}

pub(super) fn refusal(status: &str, code: &str, message: &str) -> String {
    answer(status, "application/json", &json!({"code": code, "message": message}).to_string())
}

/// All events to the end, one a line. `at_event` is called with the number of each, from 1.
pub(super) async fn follow(mut watch: Watch, mut at_event: impl FnMut(usize, &Event)) -> String {
    let mut lines = Vec::new();
    while let Some(event) = watch.next().await {
        super::schema::check(&event);
        lines.push(line(&event));
        at_event(lines.len(), &event);
    }
    lines.join("\n")
}
