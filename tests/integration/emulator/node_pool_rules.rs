//! Node pools: what is refused, what is in the way of an upgrade, and the lists.

use std::time::Duration;

use ack_emulator::{Effect, Finding, Incident, UpgradeStage};
use serde_json::{Value, json};

use crate::emulator::node_pools::{NEW, OLD, course, events, look, start, to, upgrade, with_pool};
use crate::emulator::probe::MANAGED;

#[test]
fn an_image_or_runtime_can_be_changed_alone() {
    let probe = with_pool(|pool| pool);
    let task = start(&probe, "np-1", &json!({"runtime_version": "1.7.20", "image_id": "next.vhd"}));
    probe.pass(3600);
    assert_eq!(probe.task(&task).field("/state"), "success");
    let pool = probe.call("DescribeClusterNodePoolDetail", "/clusters/c1/nodepools/np-1");
    assert_eq!(pool.field("/kubernetes_config/runtime_version"), "1.7.20");
    assert_eq!(pool.field("/scaling_group/image_id"), "next.vhd");
    assert_eq!(pool.field("/node_components/0/version"), OLD);
}

#[test]
fn what_cannot_be_is_refused() {
    let probe = with_pool(|pool| pool);
    let refused = |pool: &str, body: Value| upgrade(&probe, pool, &body).refusal();
    let policy = |policy: Value| upgrade(&probe, "np-1", &to(NEW, policy)).refusal();
    let mut rows = vec![
        refused("np-9", json!({"kubernetes_version": NEW})),
        refused("np-1", json!({})),
        refused("np-1", json!({"kubernetes_version": "1.32.1-aliyun.1"})),
        refused("np-1", json!({"kubernetes_version": "1.30.1-aliyun.1"})),
        refused("np-1", json!({"kubernetes_version": OLD})),
        refused("np-1", json!({"kubernetes_version": "1.30.9-aliyun.1"})),
        refused("np-1", json!({"kubernetes_version": "latest"})),
        refused("np-1", json!({"kubernetes_version": NEW, "node_names": ["cn-hangzhou.192.168.0.6"]})),
        refused("np-1", json!({"kubernetes_version": NEW, "node_names": "all"})),
        policy(json!({"max_parallelism": 0})),
        policy(json!({"max_parallelism": 11})),
        policy(json!({"batch_interval": 4})),
        policy(json!({"pause_policy": "Sometimes"})),
        policy(json!({"max_failed_nodes": -1})),
    ];
    let task = start(&probe, "np-1", &to(NEW, json!({})));
    rows.push(policy(json!({})));
    rows.push(probe.upgrade("c1", r#"{"next_version":"1.31.9-aliyun.1"}"#).refusal());
    // Another pool is not in the way.
    let other = start(&probe, "np-2", &to(NEW, json!({})));
    probe.pass(3600);
    let upgrade = probe.upgrade("c1", r#"{"next_version":"1.31.9-aliyun.1","master_only":true}"#).field("/task_id");
    rows.push(policy(json!({})));
    let rows = rows.join("\n").replace(&upgrade, "T-3").replace(&other, "T-2").replace(&task, "T-1");
    insta::assert_snapshot!(rows, @r#"
    404 ErrorNodePoolNotFound: nodepool (np-9) not found in our records
    400 MissingParameter: The parameter body.kubernetes_version is missing; an upgrade without image_id or runtime_version needs it.
    400 InvalidParameter: The parameter kubernetes_version has the value "1.32.1-aliyun.1", which is ahead of the control plane, which is at 1.31.1-aliyun.1.
    400 InvalidParameter: The parameter kubernetes_version has the value "1.30.1-aliyun.1", which is older than the version of the nodes.
    400 InvalidParameter: The parameter kubernetes_version has the value "1.30.7-aliyun.1", which is the version that the nodes have already.
    400 InvalidParameter: The parameter kubernetes_version has the value "1.30.9-aliyun.1", which is not a version that is offered.
    400 InvalidParameter: The parameter kubernetes_version has the value "latest", which is not a Kubernetes version.
    400 InvalidParameter: The parameter node_names has the value "cn-hangzhou.192.168.0.6", which is no node of nodepool np-1.
    400 InvalidParameter: The parameter body.node_names is the string "all"; send a list.
    400 InvalidParameter: The parameter rolling_policy.max_parallelism has the value "0", which is not a number from 1 to 10.
    400 InvalidParameter: The parameter rolling_policy.max_parallelism has the value "11", which is not a number from 1 to 10.
    400 InvalidParameter: The parameter rolling_policy.batch_interval has the value "4", which is neither 0 nor a number of minutes from 5 to 120.
    400 InvalidParameter: The parameter rolling_policy.pause_policy has the value "Sometimes", which is none of FirstBatch, EveryBatch, NotPause.
    400 InvalidParameter: The parameter rolling_policy.max_failed_nodes has the value "-1", which is below 0.
    400 ErrorNodePoolState: nodepool (np-1) is updating: task T-1 is at work
    400 ErrorClusterState: cluster (c1) is busy: task T-1 of type nodepool_upgrade is still at work
    400 ErrorClusterState: cluster (c1) is upgrading: its upgrade to 1.31.9-aliyun.1 by task T-3 is still at work
    "#);
}

#[test]
fn nodes_have_to_catch_up_before_the_control_plane_moves_on() {
    let probe = with_pool(|pool| pool);
    let next = r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#;
    insta::assert_snapshot!(probe.upgrade("c1", next).refusal(), @"400 ErrorNodeVersionSkew: nodes at 1.30.7-aliyun.1 would be 2 minor versions behind a control plane at 1.32.1-aliyun.1, and 1 is allowed; upgrade the node pools first");
    for pool in ["np-1", "np-2"] {
        start(&probe, pool, &to(NEW, json!({})));
    }
    probe.pass(3600);
    assert_eq!(probe.upgrade("c1", next).status, 200);
    // An upgrade that takes the nodes along does not leave them behind.
    let probe = with_pool(|pool| pool);
    let task = probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1","rolling_policy":{"max_parallelism":4}}"#);
    probe.pass(360);
    // Batches of one, two and four.
    insta::assert_snapshot!(course(&probe, &task.field("/task_id"), &[0, 60, 120, 180, 240]), @r"
      0 running upgrade_nodes 0+0/1 | active 1.30.7-aliyun.1 serving 4 | .....
     60 running upgrade_nodes 0+0/1 | active 1.30.7-aliyun.1 serving 3 | .....
    120 running upgrade_nodes 0+0/1 | active 1.30.7-aliyun.1 serving 3 | .....
    180 success upgrade_nodes 1+0/1 | active 1.32.1-aliyun.1 serving 5 | .....
    240 success upgrade_nodes 1+0/1 | active 1.32.1-aliyun.1 serving 5 | .....
    ");
    assert_eq!(probe.status("c1").field("/upgrade_task/upgrade_status/total"), "8");
}

#[test]
fn warnings_are_in_the_way_of_a_node_pool_unless_ignored() {
    let probe = with_pool(|pool| pool);
    let finding = Finding::warning("NodeStatus", "disk of node 1 is nearly full").in_node_pool("np-1");
    probe.emulator.set_findings("c1", vec![finding]).unwrap();
    let task = start(&probe, "np-1", &to(NEW, json!({})));
    insta::assert_snapshot!(course(&probe, &task, &[59, 60]), @r"
    59 running precheck 0+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    60 fail precheck 0+0/5 | active 1.30.7-aliyun.1 serving 5 | .....
    ");
    insta::assert_snapshot!(probe.task(&task).field("/error"), @r#"{"code":"PrecheckFailed","message":"NodeStatus: disk of node 1 is nearly full"}"#);
    let task = start(&probe, "np-1", &json!({"kubernetes_version": NEW, "ignore_warning_check": true}));
    probe.pass(3600);
    assert_eq!(probe.task(&task).field("/state"), "success");
    assert!(events(&probe, &task).contains("NodePoolUpgradePrecheckWarning"));
}

#[test]
fn incidents_befall_node_pools() {
    let probe = with_pool(|pool| pool);
    let hang = Incident::new(UpgradeStage::Nodes, Effect::Hang).on_node_pool("np-1").after(Duration::from_secs(70));
    let fail = Incident::new(UpgradeStage::Nodes, Effect::Fail { message: "no stock".to_owned() }).on_node_pool("np-2");
    probe.emulator.order("c1", hang).unwrap();
    probe.emulator.order("c1", fail).unwrap();
    let (hangs, fails) = (
        start(&probe, "np-1", &to(NEW, json!({"max_parallelism": 2}))),
        start(&probe, "np-2", &to(NEW, json!({"max_parallelism": 1}))),
    );
    probe.pass(3600);
    let mut rows = vec![look(&probe, "np-1", &hangs), look(&probe, "np-2", &fails)];
    probe.control("PauseTask", &hangs);
    probe.pass(5);
    rows.push(look(&probe, "np-1", &hangs));
    probe.control("ResumeTask", &hangs);
    probe.pass(3600);
    rows.push(look(&probe, "np-1", &hangs));
    insta::assert_snapshot!(rows.join("\n"), @r"
    running upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 3 | .....
    fail upgrade_nodes 1+0/2 | active 1.30.7-aliyun.1 serving 2 | ..
    paused upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....
    ");
}

#[test]
fn pools_and_nodes_are_listed_by_filter() {
    let probe = with_pool(|pool| pool);
    let pools = |query: &str| {
        let json = probe.call("DescribeClusterNodePools", &format!("/clusters/c1/nodepools{query}")).json();
        let id = |pool: &Value| pool["nodepool_info"]["nodepool_id"].as_str().unwrap().to_owned();
        json["nodepools"].as_array().map(|pools| pools.iter().map(id).collect::<Vec<_>>()).unwrap_or_default()
    };
    assert_eq!(pools(""), ["np-1", "np-2"]);
    assert_eq!(pools("?NodepoolName=workers"), ["np-1"]);
    assert!(pools("?NodepoolName=none").is_empty());
    let nodes = |query: &str| {
        let reply = probe.call("DescribeClusterNodes", &format!("/clusters/c1/nodes{query}"));
        assert_eq!(reply.status, 200, "{}", reply.body);
        let json = reply.json();
        let name = |node: &Value| node["node_name"].as_str().unwrap().trim_start_matches("cn-hangzhou.").to_owned();
        let names: Vec<String> = json["nodes"].as_array().into_iter().flatten().map(name).collect();
        format!("{} of {}", names.join(" "), json["page"]["total_count"])
    };
    let first = probe.call("DescribeClusterNodes", "/clusters/c1/nodes?pageSize=1").field("/nodes/0/instance_id");
    let rows = [
        nodes(""),
        nodes("?nodepool_id=np-2"),
        nodes("?pageSize=2&pageNumber=3"),
        nodes("?nodeNames=cn-hangzhou.192.168.0.3,cn-hangzhou.192.168.0.4"),
        nodes("?nodeIps=192.168.0.7"),
        nodes(&format!("?instanceIds={first}")),
        nodes("?state=failed"),
        nodes("?state=all&nodepool_id=np-1"),
    ];
    insta::assert_snapshot!(rows.join("\n"), @r"
    192.168.0.1 192.168.0.2 192.168.0.3 192.168.0.4 192.168.0.5 192.168.0.6 192.168.0.7 of 7
    192.168.0.6 192.168.0.7 of 2
    192.168.0.5 192.168.0.6 of 7
    192.168.0.3 192.168.0.4 of 2
    192.168.0.7 of 1
    192.168.0.1 of 1
     of 0
    192.168.0.1 192.168.0.2 192.168.0.3 192.168.0.4 192.168.0.5 of 5
    ");
    let default = probe.call("DescribeClusterNodePools", &format!("/clusters/{MANAGED}/nodepools"));
    assert_eq!(default.field("/nodepools/0/nodepool_info/name"), "default-nodepool");
    assert_eq!(default.field("/nodepools/0/status/total_nodes"), "3");
}
