//! Node pools: batches, drains, failures, and what is refused.

use std::time::Duration;

use ack_emulator::{ClusterSeed, NodePoolSeed, NodeTrouble};
use serde_json::{Value, json};

use crate::emulator::probe::{Probe, settings};

pub(crate) const OLD: &str = "1.30.7-aliyun.1";
pub(crate) const NEW: &str = "1.31.1-aliyun.1";

pub(crate) fn with_pool(pool: impl FnOnce(NodePoolSeed) -> NodePoolSeed) -> Probe {
    let pool = pool(NodePoolSeed::new("np-1", 5).with_name("workers").with_version(OLD));
    let seed = ClusterSeed::managed("c1", "one", NEW)
        .with_node_pool(pool)
        .with_node_pool(NodePoolSeed::new("np-2", 2).with_version(OLD));
    Probe::new(settings().cluster(seed).build().unwrap())
}

pub(crate) fn start(probe: &Probe, pool: &str, body: &Value) -> String {
    let reply = upgrade(probe, pool, body);
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.field("/RequestId"), reply.request_id);
    reply.field("/task_id")
}

pub(crate) fn upgrade(probe: &Probe, pool: &str, body: &Value) -> crate::emulator::probe::Reply {
    probe.post("UpgradeClusterNodepool", &format!("/clusters/c1/nodepools/{pool}/upgrade"), &body.to_string())
}

pub(crate) fn to(version: &str, policy: impl Into<Value>) -> Value {
    json!({"kubernetes_version": version, "rolling_policy": policy.into()})
}

/// The state of the task, how many nodes are done, the pool's state and version, and what nodes are at.
pub(crate) fn look(probe: &Probe, pool: &str, task_id: &str) -> String {
    let (task, detail) =
        (probe.task(task_id), probe.call("DescribeClusterNodePoolDetail", &format!("/clusters/c1/nodepools/{pool}")));
    let nodes =
        probe.call("DescribeClusterNodes", &format!("/clusters/c1/nodes?nodepool_id={pool}&pageSize=50")).json();
    let ready: String = nodes["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| if node["node_status"] == "Ready" { '.' } else { 'x' })
        .collect();
    let json = task.json();
    let results = json["task_result"].as_array().cloned().unwrap_or_default();
    let count = |status: &str| results.iter().filter(|result| result["status"] == status).count();
    format!(
        "{} {} {}+{}/{} | {} {} serving {} | {ready}",
        task.field("/state"),
        task.field("/current_stage"),
        count("success"),
        count("failed"),
        results.len(),
        detail.field("/status/state"),
        detail.field("/node_components/0/version"),
        detail.field("/status/serving_nodes"),
    )
}

pub(crate) fn course(probe: &Probe, task: &str, seconds: &[u64]) -> String {
    let mut last = 0;
    let mut rows = Vec::new();
    for &second in seconds {
        probe.pass(second - last);
        last = second;
        rows.push(format!("{second:>5} {}", look(probe, "np-1", task)));
    }
    rows.join("\n")
}

pub(crate) fn events(probe: &Probe, task: &str) -> String {
    let json = probe.task(task).json();
    let row = |event: &Value| {
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        let second = text("timestamp").parse::<u64>().unwrap() / 1000 - 1_767_323_045;
        format!("{second:>4} {:<7} {:<26} {}", text("level"), text("reason"), text("message"))
    };
    json["events"].as_array().unwrap().iter().map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn nodes_are_upgraded_in_batches() {
    let probe = with_pool(|pool| pool);
    let task = start(&probe, "np-1", &to(NEW, json!({"max_parallelism": 2, "batch_interval": 5})));
    let rows = course(&probe, &task, &[0, 60, 79, 80, 119, 120, 419, 420, 480, 780, 839, 840]);
    insta::assert_snapshot!(rows, @r"
      0 running precheck 0+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
     60 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 3 | .....
     79 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 3 | .....
     80 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 3 | xx...
    119 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 3 | xx...
    120 running upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    419 running upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    420 running upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 3 | .....
    480 running upgrade_nodes 4+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    780 running upgrade_nodes 4+0/5 | updating 1.30.7-aliyun.1 serving 4 | .....
    839 running upgrade_nodes 4+0/5 | updating 1.30.7-aliyun.1 serving 4 | ....x
    840 success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....
    ");
    insta::assert_snapshot!(events(&probe, &task));
    let detail = probe.task(&task);
    assert_eq!(detail.field("/task_type"), "nodepool_upgrade");
    assert_eq!(detail.field("/target"), r#"{"id":"np-1","type":"nodepool"}"#);
    assert_eq!(detail.field("/parameters/kubernetes_version"), NEW);
    assert_eq!(probe.detail("c1").field("/state"), "running");
}

#[test]
fn a_policy_pauses_after_batches() {
    let mut rows = Vec::new();
    for policy in ["FirstBatch", "EveryBatch"] {
        let probe = with_pool(|pool| pool);
        let task = start(&probe, "np-1", &to(NEW, json!({"max_parallelism": 2, "pause_policy": policy})));
        probe.pass(3600);
        rows.push(format!("{policy} {}", look(&probe, "np-1", &task)));
        while probe.task(&task).field("/state") == "paused" {
            assert_eq!(probe.control("ResumeTask", &task).status, 200);
            probe.pass(3600);
            rows.push(format!("{policy} {}", look(&probe, "np-1", &task)));
        }
    }
    insta::assert_snapshot!(rows.join("\n"), @r"
    FirstBatch paused upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    FirstBatch success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....
    EveryBatch paused upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    EveryBatch paused upgrade_nodes 4+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    EveryBatch success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....
    ");
}

#[test]
fn a_pause_lets_nodes_finish_and_gives_up_drains() {
    let probe = with_pool(|pool| pool);
    let task = start(&probe, "np-1", &to(NEW, json!({"max_parallelism": 3})));
    // At 75 s the first three are draining, which ends at 80 s; the pause asked for now comes at that moment.
    probe.pass(77);
    probe.control("PauseTask", &task);
    insta::assert_snapshot!(course(&probe, &task, &[0, 4, 5, 42, 43, 5000]), @r"
       0 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 2 | .....
       4 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 2 | xxx..
       5 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 2 | xxx..
      42 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 2 | xxx..
      43 paused upgrade_nodes 3+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    5000 paused upgrade_nodes 3+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    ");
    // Asked for during the drains, nothing is finished.
    let probe = with_pool(|pool| pool);
    let task = start(&probe, "np-1", &to(NEW, json!({"max_parallelism": 3})));
    probe.pass(65);
    probe.control("PauseTask", &task);
    insta::assert_snapshot!(course(&probe, &task, &[0, 4, 5, 5000]), @r"
       0 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 2 | .....
       4 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 2 | .....
       5 paused upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    5000 paused upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    ");
}

#[test]
fn a_cancel_leaves_finished_nodes_upgraded() {
    let probe = with_pool(|pool| pool);
    let task = start(&probe, "np-1", &to(NEW, json!({"max_parallelism": 2})));
    probe.pass(150);
    probe.control("CancelTask", &task);
    insta::assert_snapshot!(course(&probe, &task, &[0, 5, 5000]), @r"
       0 running upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 3 | ..xx.
       5 canceled upgrade_nodes 2+0/5 | active 1.30.7-aliyun.1 serving 5 | .....
    5000 canceled upgrade_nodes 2+0/5 | active 1.30.7-aliyun.1 serving 5 | .....
    ");
    // Another upgrade takes care of the rest.
    let task = start(&probe, "np-1", &to(NEW, json!({})));
    insta::assert_snapshot!(course(&probe, &task, &[5000]), @" 5000 success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....");
}

#[test]
fn a_drain_that_sticks_holds_up_its_batch() {
    let sticks = |trouble: NodeTrouble| with_pool(|pool| pool.with_trouble(1, trouble));
    let policy = json!({"max_parallelism": 2});
    // For a while.
    let probe = sticks(NodeTrouble::DrainTakes { duration: Duration::from_secs(1800) });
    let task = start(&probe, "np-1", &to(NEW, policy.clone()));
    insta::assert_snapshot!(course(&probe, &task, &[119, 120, 1859, 1900, 5000]), @r"
     119 running upgrade_nodes 0+0/5 | updating 1.30.7-aliyun.1 serving 3 | x....
     120 running upgrade_nodes 1+0/5 | updating 1.30.7-aliyun.1 serving 4 | .....
    1859 running upgrade_nodes 1+0/5 | updating 1.30.7-aliyun.1 serving 4 | .....
    1900 running upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 3 | .....
    5000 success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....
    ");
    // Until the task is resumed.
    let probe = sticks(NodeTrouble::DrainSticks);
    let task = start(&probe, "np-1", &to(NEW, policy.clone()));
    probe.pass(100_000);
    let mut rows = vec![look(&probe, "np-1", &task)];
    probe.control("PauseTask", &task);
    probe.pass(5);
    rows.push(look(&probe, "np-1", &task));
    probe.control("ResumeTask", &task);
    probe.pass(3600);
    rows.push(look(&probe, "np-1", &task));
    insta::assert_snapshot!(rows.join("\n"), @r"
    running upgrade_nodes 1+0/5 | updating 1.30.7-aliyun.1 serving 4 | .....
    paused upgrade_nodes 1+0/5 | updating 1.30.7-aliyun.1 serving 5 | .....
    success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....
    ");
    insta::assert_snapshot!(events(&probe, &task).lines().filter(|line| line.contains(".2 ")).collect::<Vec<_>>().join("\n"), @r"
      60 Normal  NodeDrainStart             drain of node cn-hangzhou.192.168.0.2 started
      80 Warning NodeDrainBlocked           drain of node cn-hangzhou.192.168.0.2 does not end: a pod cannot be evicted, for its disruption budget allows none to be missing
    100005 Normal  NodeUpgradeStopped         node cn-hangzhou.192.168.0.2 was put back to work
    100010 Normal  NodeDrainStart             drain of node cn-hangzhou.192.168.0.2 started
    100030 Normal  NodeDrainFinish            drain of node cn-hangzhou.192.168.0.2 finished
    100070 Normal  NodeUpgradeSuccess         node cn-hangzhou.192.168.0.2 upgraded
    ");
    // For ever, and even then somebody can remove what is in the way.
    let probe = sticks(NodeTrouble::DrainSticksForever);
    let task = start(&probe, "np-1", &to(NEW, policy));
    probe.pass(3600);
    probe.control("PauseTask", &task);
    probe.pass(5);
    probe.control("ResumeTask", &task);
    probe.pass(3600);
    let mut rows = vec![look(&probe, "np-1", &task)];
    probe.emulator.release_drain("c1", "cn-hangzhou.192.168.0.2").unwrap();
    probe.pass(3600);
    rows.push(look(&probe, "np-1", &task));
    insta::assert_snapshot!(rows.join("\n"), @r"
    running upgrade_nodes 2+0/5 | updating 1.30.7-aliyun.1 serving 4 | .....
    success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....
    ");
    let unknown = probe.emulator.release_drain("c1", "cn-hangzhou.192.168.9.9").unwrap_err();
    insta::assert_snapshot!(unknown, @r#"node name "cn-hangzhou.192.168.9.9" is not that of a node of the cluster: use one that DescribeClusterNodes lists"#);
}

#[test]
fn nodes_that_fail_count_against_the_limit() {
    let failing = || {
        let fails = |message: &str| NodeTrouble::Fails { message: message.to_owned() };
        with_pool(|pool| pool.with_trouble(0, fails("disk full")).with_trouble(3, fails("kernel panic")))
    };
    let mut rows = Vec::new();
    for limit in [0, 1, 2] {
        let probe = failing();
        let task = start(&probe, "np-1", &to(NEW, json!({"max_parallelism": 2, "max_failed_nodes": limit})));
        probe.pass(3600);
        rows.push(format!("{limit} {} {}", look(&probe, "np-1", &task), probe.task(&task).field("/error/message")));
        // What failed goes through in another attempt.
        let again = upgrade(&probe, "np-1", &to(NEW, json!({})));
        assert_eq!(again.status, 200, "{}", again.body);
        probe.pass(7200);
        rows.push(format!("  {}", look(&probe, "np-1", &again.field("/task_id"))));
    }
    insta::assert_snapshot!(rows.join("\n"), @r"
    0 fail upgrade_nodes 1+1/5 | active 1.30.7-aliyun.1 serving 4 | x.... the upgrade of 1 node(s) failed, more than are allowed
      fail upgrade_nodes 4+1/5 | active 1.30.7-aliyun.1 serving 4 | ...x.
    1 fail upgrade_nodes 2+2/5 | active 1.30.7-aliyun.1 serving 3 | x..x. the upgrade of 2 node(s) failed, more than are allowed
      success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....
    2 success upgrade_nodes 3+2/5 | active 1.30.7-aliyun.1 serving 3 | x..x. -
      success upgrade_nodes 5+0/5 | active 1.31.1-aliyun.1 serving 5 | .....
    ");
}

#[test]
fn only_the_nodes_that_are_named_are_upgraded() {
    let probe = with_pool(|pool| pool);
    let body = json!({"kubernetes_version": NEW, "node_names": ["cn-hangzhou.192.168.0.2", "cn-hangzhou.192.168.0.4"]});
    let task = start(&probe, "np-1", &body);
    insta::assert_snapshot!(course(&probe, &task, &[0, 79, 81, 120, 5000]), @r"
       0 running precheck 0+0/2 | updating 1.30.7-aliyun.1 serving 5 | .....
      79 running upgrade_nodes 0+0/2 | updating 1.30.7-aliyun.1 serving 3 | .....
      81 running upgrade_nodes 0+0/2 | updating 1.30.7-aliyun.1 serving 3 | .x.x.
     120 success upgrade_nodes 2+0/2 | active 1.30.7-aliyun.1 serving 5 | .....
    5000 success upgrade_nodes 2+0/2 | active 1.30.7-aliyun.1 serving 5 | .....
    ");
    let named: Vec<Value> = probe.task(&task).json()["task_result"].as_array().unwrap().clone();
    insta::assert_snapshot!(serde_json::to_string(&named).unwrap(), @r#"[{"data":"i-1c00001","name":"cn-hangzhou.192.168.0.2","status":"success"},{"data":"i-1c00003","name":"cn-hangzhou.192.168.0.4","status":"success"}]"#);
}
