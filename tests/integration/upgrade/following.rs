//! Following upgrades that do what the emulator does not.

use std::time::Duration;

use ack_upgrade::{AddonTarget, EventKind, OnPause, Outcome, PausedBy, UpgradeHandle, UpgradeKind, WatchOptions};
use serde_json::json;

use super::service::{CLUSTER, FROM, Service, TO, follow, node_pool, refusal};

fn handle() -> UpgradeHandle {
    UpgradeHandle::new(CLUSTER).with_task_id("T-1").with_target_version(TO)
}

fn pool_handle() -> UpgradeHandle {
    UpgradeHandle::new(CLUSTER).with_kind(UpgradeKind::node_pool("np1")).with_task_id("T-1")
}

/// Calls `change` once so much time has passed.
fn later(seconds: u64, change: impl FnOnce() + Send + 'static) {
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        change();
    });
}

#[tokio::test(start_paused = true)]
async fn events_and_findings_are_told_once_whatever_the_answers_repeat_or_leave_out() {
    let service = Service::upgrading();
    service.change(|known| {
        known.set_task("running", "precheck");
        known.tell("Normal", "PrecheckStart", "precheck started");
        known.check = json!({"check_id": "k-1", "type": "MasterUpgrade", "status": "Succeeded",
            "created_at": "2026-01-02T03:04:06Z", "check_items": {"Api": [
                {"Group": "Api", "Level": {"warning": {"Message": "policy/v1beta1 is used", "Targets": [{"Target": "psp/a"}]}}}]}});
    });
    let mut looks = 0;
    service.on_request(move |known, request| {
        looks += usize::from(request == "GET /tasks/T-1");
        match (request, looks) {
            ("GET /tasks/T-1", 3) => {
                known.set_task("running", "upgrade_nodes");
                known.tell("Warning", "Drain", "node cn-hangzhou.192.168.0.7 has 2 pods left");
                known.tell("Normal", "Drain", "node cn-hangzhou.192.168.0.7 is drained");
                known.task["stages"] = json!([{"state": "success"}, {"state": "running"}]);
            }
            // An answer that is behind, and then one that has caught up.
            ("GET /tasks/T-1", 5) => {
                let mut behind = known.task.clone();
                behind["events"].as_array_mut().unwrap().truncate(1);
                return Some(super::service::ok(&behind));
            }
            ("GET /tasks/T-1", 7) => {
                known.set_task("success", "upgrade_nodes");
                known.set_cluster("running", TO);
            }
            _ => {}
        }
        None
    });
    let (server, upgrades) = service.serve().await;
    let events = follow(upgrades.watch(handle()), |_, _| {}).await;
    insta::assert_snapshot!(events);
    let checks = server.requests().iter().filter(|request| request.contains("/checks")).count();
    assert_eq!(checks, 2, "the report is read once");
}

/// Streams are taken by the combinators of other crates as they are, without being pinned first.
#[tokio::test(start_paused = true)]
async fn a_watch_is_a_stream_like_any_other() {
    use futures_util::StreamExt as _;

    let service = Service::upgrading();
    service.change(|known| {
        known.set_task("success", "");
        known.set_cluster("running", TO);
    });
    let (_server, upgrades) = service.serve().await;
    let mut events = upgrades.watch(handle()).into_stream();
    assert!(matches!(events.next().await.unwrap().kind, EventKind::Started { .. }));
    let rest: Vec<_> = events.collect().await;
    assert!(matches!(&rest[..], [.., last] if matches!(last.kind, EventKind::Finished { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_stall_is_told_once_with_its_likely_cause() {
    let service = Service::upgrading_node_pool();
    service.change(|known| known.tell("Warning", "Drain", "draining node cn-hangzhou.192.168.0.7: web-0 stays"));
    let resting = service.clone();
    later(40 * 60, move || resting.change(|known| known.tell("Normal", "Drain", "web-0 is gone")));
    let done = service.clone();
    later(60 * 60, move || {
        done.change(|known| {
            known.set_task("success", "upgrade_nodes");
            known.node_pool = node_pool("active", TO);
        });
    });
    let (_server, upgrades) = service.serve().await;
    let events = follow(upgrades.watch(pool_handle()), |_, _| {}).await;
    insta::assert_snapshot!(events);
}

#[tokio::test(start_paused = true)]
async fn a_pause_returns_or_is_waited_out_or_is_resumed() {
    let paused = || {
        let service = Service::upgrading_node_pool();
        service.change(|known| {
            known.set_task("paused", "upgrade_nodes");
            known.task["parameters"]["rolling_policy"] = json!({"pause_policy": "FirstBatch"});
        });
        service.on_request(|known, request| {
            if request == "POST /tasks/T-1/resume" {
                known.set_task("success", "upgrade_nodes");
                known.node_pool = node_pool("active", TO);
                return Some(super::service::ok(&json!({})));
            }
            None
        });
        service
    };
    let (_server, upgrades) = paused().serve().await;
    let outcome = upgrades.watch(pool_handle()).await;
    assert_eq!(outcome, Outcome::Paused { by: PausedBy::Policy, reason: None });

    let (server, upgrades) = paused().serve().await;
    let options = WatchOptions::default().on_pause(OnPause::ResumePolicyPauses);
    let events = follow(upgrades.watch_with(pool_handle(), options), |_, _| {}).await;
    insta::assert_snapshot!(events, @"
    0s started: paused (step -, cluster ? at 1.31.1-aliyun.1, by DescribeTaskInfo)
    0s paused by its pause policy
    5s paused -> succeeded
    5s finished: succeeded: running at 1.32.1-aliyun.1
    ");
    let resumes = server.requests().iter().filter(|request| request.starts_with("POST")).count();
    assert_eq!(resumes, 1);

    let service = paused();
    let (_server, upgrades) = service.serve().await;
    later(3600, move || {
        service.change(|known| {
            known.set_task("success", "upgrade_nodes");
            known.node_pool = node_pool("active", TO);
        });
    });
    let options = WatchOptions::default().on_pause(OnPause::KeepWaiting);
    assert!(upgrades.watch_with(pool_handle(), options).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_pause_by_an_error_or_a_person_is_not_resumed() {
    for (error, by) in [(json!({"message": "2 nodes failed"}), PausedBy::Error), (json!(null), PausedBy::Person)] {
        let service = Service::upgrading();
        service.change(|known| {
            known.set_task("paused", "upgrade_control_plane");
            known.task["error"] = error;
        });
        let (server, upgrades) = service.serve().await;
        let options = WatchOptions::default().on_pause(OnPause::ResumePolicyPauses);
        match upgrades.watch_with(handle(), options).await {
            Outcome::Paused { by: own, .. } => assert_eq!(own, by),
            other => unreachable!("{other}"),
        }
        assert!(server.requests().iter().all(|request| request.starts_with("GET")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_cannot_be_resumed_ends_it() {
    let service = Service::upgrading_node_pool();
    service.change(|known| {
        known.set_task("paused", "upgrade_nodes");
        known.task["parameters"]["pause_policy"] = json!("EveryBatch");
    });
    service.on_request(|_, request| {
        request.starts_with("POST").then(|| refusal("400 Bad Request", "TaskNotResumable", "not now"))
    });
    let (server, upgrades) = service.serve().await;
    let options = WatchOptions::default().on_pause(OnPause::ResumePolicyPauses);
    let outcome = upgrades.watch_with(pool_handle(), options).await;
    assert!(outcome.to_string().starts_with("paused by its pause policy: it could not be resumed: ResumeTask failed"));
    assert_eq!(server.requests().iter().filter(|request| request.starts_with("POST")).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn success_is_verified_on_what_was_upgraded() {
    let ends = |service: Service, handle: UpgradeHandle, options: WatchOptions| async move {
        let (_server, upgrades) = service.serve().await;
        upgrades.watch_with(handle, options).await.to_string()
    };
    let mut report = String::new();
    let mut tell = |what: &str, end: String| report.push_str(&format!("{what}: {end}\n"));

    let service = Service::upgrading();
    service.change(|known| {
        known.set_task("success", "");
        known.set_cluster("running", FROM);
    });
    tell("a version that does not change", ends(service.clone(), handle(), WatchOptions::default()).await);
    service.change(|known| known.set_cluster("failed", TO));
    tell("a cluster that breaks", ends(service.clone(), handle(), WatchOptions::default()).await);
    service.change(|known| known.set_cluster("upgrading", TO));
    tell("a cluster that never rests", ends(service.clone(), handle(), WatchOptions::default()).await);
    service.change(|known| {
        known.set_cluster("running", TO);
        known.task["task_result"] = json!([{"data": "i-1", "status": "success"}, {"data": "i-2", "status": "failed"}]);
    });
    tell("a part that failed", ends(service.clone(), handle(), WatchOptions::default()).await);
    service.change(|known| {
        known.task["task_result"] = json!([]);
        known.node_pool = node_pool("active", "1.28.3-aliyun.1");
    });
    let strict = || WatchOptions::default().node_skew(3);
    tell("a node pool that is left behind", ends(service.clone(), handle(), strict()).await);
    tell("the same, not asked for", ends(service.clone(), handle(), WatchOptions::default()).await);
    service.change(|known| known.node_pool = node_pool("active", "1.29.1-aliyun.1"));
    tell("a node pool that is near enough", ends(service.clone(), handle(), strict()).await);
    service.change(|known| known.task = json!(null));
    tell("a task that is forgotten", ends(service.clone(), handle(), WatchOptions::default()).await);

    let service = Service::upgrading_node_pool();
    service.change(|known| {
        known.set_task("success", "");
        known.node_pool = node_pool("active", FROM);
    });
    tell("a node pool at its old version", ends(service.clone(), pool_handle(), WatchOptions::default()).await);
    service.change(|known| known.node_pool = node_pool("active", TO));
    tell("a node pool at the new one", ends(service.clone(), pool_handle(), WatchOptions::default()).await);

    let service = Service::upgrading_addon();
    let addon = UpgradeKind::addons([AddonTarget::new("coredns").with_version("v2")]);
    let addon = UpgradeHandle::new(CLUSTER).with_kind(addon).with_task_id("T-1");
    service.change(|known| {
        known.set_task("success", "");
        known.addons = json!({"addons": [{"name": "coredns", "version": "v1", "state": "active"}]});
    });
    tell("an add-on at its old version", ends(service.clone(), addon.clone(), WatchOptions::default()).await);
    service
        .change(|known| known.addons = json!({"addons": [{"name": "coredns", "version": "v2", "state": "unhealthy"}]}));
    tell("an add-on that is unhealthy", ends(service.clone(), addon.clone(), WatchOptions::default()).await);
    service.change(|known| known.addons = json!({"addons": [{"name": "coredns", "version": "v2", "state": "active"}]}));
    tell("an add-on at the new version", ends(service.clone(), addon, WatchOptions::default()).await);
    insta::assert_snapshot!(report);
}

#[tokio::test(start_paused = true)]
async fn the_newest_fitting_task_is_found_among_others() {
    let service = Service::upgrading_node_pool();
    service.on_request(|known, request| match request {
        request if request.starts_with("GET /clusters/c1/tasks?") => {
            let own = known.task.clone();
            let of =
                |id: &str, kind: &str, created: &str| json!({"task_id": id, "task_type": kind, "created": created});
            Some(super::service::ok(&json!({"tasks": [
                of("T-0", "cluster_upgrade", "2026-01-02T11:00:00+08:00"),
                own,
                of("T-2", "nodepool_upgrade", "2026-01-02T12:00:00+08:00"),
                of("T-3", "cluster_scaleout", "2026-01-02T13:00:00+08:00"),
            ]})))
        }
        "GET /tasks/T-2" => Some(super::service::ok(&json!({
            "task_id": "T-2", "task_type": "nodepool_upgrade", "parameters": {"nodepool_id": "np2"}}))),
        _ => None,
    });
    let (_server, upgrades) = service.serve().await;
    let pool = UpgradeHandle::new(CLUSTER).with_kind(UpgradeKind::node_pool("np1"));
    let mut watch = upgrades.watch(pool);
    let event = watch.next().await.unwrap();
    assert!(matches!(event.kind, EventKind::Started { .. }));
    assert_eq!((event.task_id.as_deref(), watch.handle().task_id.as_deref()), (Some("T-1"), Some("T-1")));
    assert_eq!(watch.handle().target_version.as_deref(), Some(TO));
}

#[tokio::test(start_paused = true)]
async fn a_handle_of_another_region_is_refused() {
    let (server, _) = Service::upgrading().serve().await;
    let upgrades = ack_upgrade::Upgrades::new(server.builder().region("cn-beijing").build().unwrap());
    let error = upgrades.attach(handle().with_region("cn-hangzhou"), WatchOptions::default()).unwrap_err();
    assert!(error.is_refused());
    insta::assert_snapshot!(error, @"the upgrade of cluster c1 is in region cn-hangzhou, and tasks are known there only: use a client of that region, not of cn-beijing");
    assert!(upgrades.attach(handle().with_region("cn-beijing"), WatchOptions::default()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_history_of_a_cluster() {
    let service = Service::upgrading();
    service.on_request(|known, request| match request {
        request if request.starts_with("GET /clusters/c1/tasks?") => {
            let own = known.task.clone();
            Some(super::service::ok(&json!({"tasks": [
                own,
                {"task_id": "T-0", "task_type": "nodepool_upgrade", "created": "2025-01-02T11:00:00+08:00",
                    "state": "failed", "error": {"message": "2 nodes failed"}},
                {"task_id": "T-9", "task_type": "cluster_scaleout", "created": "2025-01-02T11:00:00+08:00"},
            ]})))
        }
        _ => None,
    });
    let (_server, upgrades) = service.serve().await;
    insta::assert_json_snapshot!(upgrades.history(CLUSTER, 10).await.unwrap());
    assert_eq!(upgrades.history(CLUSTER, 1).await.unwrap().len(), 1);
}
