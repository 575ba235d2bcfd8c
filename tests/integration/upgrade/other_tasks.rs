//! Handles that name a task which is not theirs: mistyped, forgotten, or of something else.

use std::time::Duration;

use ack_upgrade::{AddonTarget, ControlOptions, Outcome, UpgradeHandle, UpgradeKind};
use serde_json::{Value, json};

use super::service::{CLUSTER, FROM, Service, TO};
use crate::canned::Canned;

fn is_untouched(server: &Canned) -> bool {
    !server.requests().iter().any(|request| request.starts_with("POST"))
}

/// A cluster whose last upgrade, of which nobody asked, has ended as GetUpgradeStatus tells.
fn after_another(step: &str, status: &str) -> Service {
    let service = Service::upgrading();
    service.change(|known| {
        known.task = Value::Null;
        known.upgrade = json!({"upgrade_step": step, "status": status});
        known.set_cluster("running", FROM);
    });
    service
}

#[tokio::test(start_paused = true)]
async fn how_another_upgrade_has_ended_is_not_told_of_a_task_nobody_knows() {
    let handle = || UpgradeHandle::new(CLUSTER).with_task_id("T-1");
    let mut report = String::new();
    for (step, status) in [("success", "success"), ("pause", "fail"), ("pause", "pause"), ("not_start", "")] {
        let service = after_another(step, status);
        let (server, upgrades) = service.serve().await;
        let outcome = upgrades.watch(handle()).await;
        assert!(matches!(outcome, Outcome::Lost { .. }), "{step}: {outcome}");
        report.push_str(&format!("{step} {status}: {outcome}\n"));
        let outcome = upgrades.watch(handle().with_target_version(TO)).await;
        assert!(matches!(outcome, Outcome::Lost { .. }), "{step}: {outcome}");
        report.push_str(&format!("{step} {status}, to another version: {outcome}\n"));
        assert!(is_untouched(&server));
    }
    insta::assert_snapshot!(report);

    // With the version it was to lead to, what the cluster runs tells.
    let (_server, upgrades) = after_another("success", "success").serve().await;
    let outcome = upgrades.watch(handle().with_target_version(FROM)).await;
    assert_eq!(outcome, Outcome::Succeeded { version: Some(FROM.to_owned()), verified: true });
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_at_work_is_not_steered_by_a_task_nobody_knows() {
    let service = after_another("upgrading", "running");
    service.change(|known| known.set_cluster("upgrading", FROM));
    let (server, upgrades) = service.serve().await;
    let options = ControlOptions::default().time_limit(Duration::from_secs(60));
    let handle = || UpgradeHandle::new(CLUSTER).with_task_id("T-1");
    for error in [
        upgrades.pause(handle(), &options).await.unwrap_err(),
        upgrades.resume(handle(), &options).await.unwrap_err(),
        upgrades.cancel(handle(), &options).await.unwrap_err(),
    ] {
        assert!(error.is_refused(), "{error}");
        let text = error.to_string();
        assert!(text.contains("the service does not know task T-1 of the upgrade of cluster c1"), "{text}");
    }
    assert!(is_untouched(&server));
}

#[tokio::test(start_paused = true)]
async fn the_task_of_something_else_is_neither_followed_nor_steered() {
    let control_plane = || UpgradeHandle::new(CLUSTER).with_task_id("T-1");
    let pool = |id: &str| control_plane().with_kind(UpgradeKind::node_pool(id));
    let addon = |name: &str| control_plane().with_kind(UpgradeKind::addons([AddonTarget::new(name)]));
    let of = |service: Service, key: &str, value: Value| {
        service.change(|known| {
            known.set_task("success", "");
            known.set_cluster("running", TO);
            known.node_pool["status"]["state"] = json!("active");
            known.addons = json!({"addons": [{"name": "coredns", "version": "v2", "state": "active"},
                {"name": "csi-plugin", "version": "v2", "state": "active"}]});
            known.task[key] = value;
        });
        service
    };
    let cases = [
        (of(Service::upgrading(), "cluster_id", json!("c2")), control_plane()),
        (of(Service::upgrading(), "task_id", json!("T-2")), control_plane()),
        (of(Service::upgrading_node_pool(), "state", json!("success")), control_plane()),
        (of(Service::upgrading_addon(), "state", json!("success")), control_plane()),
        (of(Service::upgrading_node_pool(), "parameters", json!({"nodepool_id": "np2"})), pool("np1")),
        (of(Service::upgrading_node_pool(), "task_type", json!("cluster_upgrade")), addon("coredns")),
        (of(Service::upgrading(), "state", json!("success")), addon("coredns")),
        (of(Service::upgrading_addon(), "state", json!("success")), addon("csi-plugin")),
    ];
    let options = ControlOptions::default().time_limit(Duration::from_secs(60));
    let mut report = String::new();
    for (service, handle) in cases {
        let (server, upgrades) = service.serve().await;
        let error = upgrades.status(&handle).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
        let outcome = upgrades.watch(&handle).await;
        assert_eq!(outcome, Outcome::Lost { reason: error.to_string() });
        service.change(|known| known.set_task("running", ""));
        let error = upgrades.cancel(&handle, &options).await.unwrap_err();
        assert!(error.is_invalid_input() && is_untouched(&server), "{error}");
        report.push_str(&format!("{error}\n"));
    }
    insta::assert_snapshot!(report);
}

/// Little of a task is documented, so that one which does not say what it is of is taken at the word of the handle.
#[tokio::test(start_paused = true)]
async fn a_task_that_does_not_tell_what_it_is_of_is_followed() {
    for (service, kind) in [
        (Service::upgrading(), UpgradeKind::ControlPlane),
        (Service::upgrading_node_pool(), UpgradeKind::node_pool("np1")),
        (Service::upgrading_addon(), UpgradeKind::addons([AddonTarget::new("coredns")])),
    ] {
        service.change(|known| {
            known.set_task("success", "");
            known.set_cluster("running", TO);
            known.node_pool["status"]["state"] = json!("active");
            known.addons = json!({"addons": [{"name": "coredns", "version": "v2", "state": "active"}]});
            for key in ["task_type", "parameters", "cluster_id", "task_id"] {
                known.task[key] = Value::Null;
            }
        });
        let (_server, upgrades) = service.serve().await;
        let outcome = upgrades.watch(UpgradeHandle::new(CLUSTER).with_kind(kind).with_task_id("T-1")).await;
        assert!(outcome.is_success(), "{outcome}");
    }
}
