//! What UpgradeCluster takes and refuses.

use ack_auth::SigningRequest;
use ack_emulator::ClusterSeed;

use crate::emulator::probe::{MANAGED, Probe, probe, settings};

#[test]
fn an_accepted_upgrade_names_cluster_request_and_task() {
    let probe = probe();
    let reply = probe.upgrade(MANAGED, r#"{"next_version":"1.31.9-aliyun.1","component_name":"k8s"}"#);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.field("/cluster_id"), MANAGED);
    assert_eq!(reply.field("/request_id"), reply.request_id);
    let task_id = reply.field("/task_id");
    assert!(task_id.starts_with("T-") && task_id.len() == 26, "{task_id}");

    let again = probe.upgrade(MANAGED, r#"{"next_version":"1.31.9-aliyun.1"}"#);
    assert_eq!(again.status, 400);
    assert!(again.field("/message").contains(&task_id), "{}", again.body);
}

#[test]
fn upgrades_that_cannot_be_are_refused() {
    let scaling = ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1").with_state("scaling");
    let newest = ClusterSeed::managed("c2", "two", "1.34.3-aliyun.1");
    let probe = Probe::new(settings().cluster(scaling).cluster(newest).build().unwrap());
    let refusals = [
        probe.upgrade("unknown", r#"{"next_version":"1.32.1-aliyun.1"}"#),
        probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1"}"#),
        probe.upgrade("c2", r#"{"next_version":"1.35.1-aliyun.1"}"#),
        probe.upgrade(MANAGED, ""),
        probe.upgrade(MANAGED, "{}"),
        probe.upgrade(MANAGED, r#"{"next_version":""}"#),
        probe.upgrade(MANAGED, r#"{"next_version":"latest"}"#),
        probe.upgrade(MANAGED, r#"{"next_version":"1.31.1-aliyun.1"}"#),
        probe.upgrade(MANAGED, r#"{"next_version":"1.30.7-aliyun.1"}"#),
        probe.upgrade(MANAGED, r#"{"next_version":"1.33.3-aliyun.1"}"#),
        probe.upgrade(MANAGED, r#"{"next_version":"1.32.2-aliyun.1"}"#),
    ];
    let rows: Vec<String> = refusals.iter().map(|reply| reply.refusal()).collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
    404 ErrorClusterNotFound: cluster (unknown) not found in our records
    400 ErrorClusterState: cluster (c1) is scaling; only a running cluster can be upgraded
    400 InvalidParameter: The parameter next_version has the value "1.35.1-aliyun.1", which is not a version that is offered (the cluster is at 1.34.3-aliyun.1, it can be upgraded to: none).
    400 MissingParameter: The parameter next_version is missing; send the version to upgrade to.
    400 MissingParameter: The parameter next_version is missing; send the version to upgrade to.
    400 MissingParameter: The parameter next_version is missing; send the version to upgrade to.
    400 InvalidParameter: The parameter next_version has the value "latest", which is not a Kubernetes version (the cluster is at 1.31.1-aliyun.1, it can be upgraded to: 1.31.9-aliyun.1, 1.32.1-aliyun.1, 1.32.6-aliyun.1).
    400 InvalidParameter: The parameter next_version has the value "1.31.1-aliyun.1", which is not newer than the version of the cluster (the cluster is at 1.31.1-aliyun.1, it can be upgraded to: 1.31.9-aliyun.1, 1.32.1-aliyun.1, 1.32.6-aliyun.1).
    400 InvalidParameter: The parameter next_version has the value "1.30.7-aliyun.1", which is not newer than the version of the cluster (the cluster is at 1.31.1-aliyun.1, it can be upgraded to: 1.31.9-aliyun.1, 1.32.1-aliyun.1, 1.32.6-aliyun.1).
    400 InvalidParameter: The parameter next_version has the value "1.33.3-aliyun.1", which is more than one minor version ahead of the cluster (the cluster is at 1.31.1-aliyun.1, it can be upgraded to: 1.31.9-aliyun.1, 1.32.1-aliyun.1, 1.32.6-aliyun.1).
    400 InvalidParameter: The parameter next_version has the value "1.32.2-aliyun.1", which is not a version that is offered (the cluster is at 1.31.1-aliyun.1, it can be upgraded to: 1.31.9-aliyun.1, 1.32.1-aliyun.1, 1.32.6-aliyun.1).
    "#);
    let broken = probe.upgrade(MANAGED, r#"{"next_version":"#);
    assert_eq!((broken.status, broken.field("/code").as_str()), (400, "ErrorJsonDecode"));
    assert_eq!(probe.status(MANAGED).field("/upgrade_step"), "not_start");
}

#[test]
fn a_body_without_a_json_content_type_is_refused_in_plain_text() {
    let probe = probe();
    let path = format!("/api/v2/clusters/{MANAGED}/upgrade");
    let body = b"next_version=1.32.1-aliyun.1";
    let request = SigningRequest::new("POST", "emulator", path.as_str(), "UpgradeCluster", "2015-12-15")
        .with_content_type("application/x-www-form-urlencoded")
        .with_body(body);
    let reply = probe.send(&probe.signed(&request), "POST", &path, body);
    assert_eq!(reply.status, 415);
    assert_eq!(reply.content_type, "text/plain; charset=UTF-8");
    assert_eq!(reply.body, "code=415, message=Unsupported Media Type");
}

#[test]
fn unknown_clusters_and_tasks_are_not_found() {
    let probe = probe();
    let replies = [
        probe.status("nope"),
        probe.detail("nope"),
        probe.call("DescribeClusterTasks", "/clusters/nope/tasks"),
        probe.call("DescribeTaskInfo", "/tasks/T-nope"),
    ];
    let rows: Vec<String> = replies.iter().map(|reply| reply.refusal()).collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    404 ErrorClusterNotFound: cluster (nope) not found in our records
    404 ErrorClusterNotFound: cluster (nope) not found in our records
    404 ErrorClusterNotFound: cluster (nope) not found in our records
    404 ErrorTaskNotFound: task (T-nope) not found in our records
    ");
    let camel = replies[0].json();
    assert_eq!(camel["status"], 404);
    assert_eq!(replies[0].content_type, "application/json;charset=utf-8");
}
