//! Events and operation plans: what the cloud tells of itself, and when.

use std::time::Duration;

use ack_emulator::{ClusterSeed, Lag, PlanSeed};
use serde_json::Value;

use crate::emulator::probe::{MANAGED, Probe, probe, settings};

fn rows(reply: &crate::emulator::probe::Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let json = reply.json();
    let row = |event: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let data = &event["data"];
        format!(
            "{} {} {} {} {} {}: {}",
            text(&event["time"]),
            text(&event["type"]),
            text(&data["level"]),
            text(&event["source"]),
            text(&event["subject"]),
            text(&data["reason"]),
            text(&data["message"]),
        )
    };
    json["events"].as_array().map(|events| events.iter().map(row).collect()).unwrap_or_default()
}

#[test]
fn events_tell_of_every_kind_of_upgrade() {
    let probe = probe();
    let cluster = probe.upgrade(MANAGED, r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#).field("/task_id");
    probe.pass(3600);
    let pool = probe.call("DescribeClusterNodePools", &format!("/clusters/{MANAGED}/nodepools"));
    let pool = pool.field("/nodepools/0/nodepool_info/nodepool_id");
    let body = r#"{"kubernetes_version":"1.32.1-aliyun.1","rolling_policy":{"max_parallelism":2}}"#;
    let path = format!("/clusters/{MANAGED}/nodepools/{pool}/upgrade");
    let nodes = probe.post("UpgradeClusterNodepool", &path, body).field("/task_id");
    probe.pass(3600);
    let of = |query: &str| probe.call("DescribeClusterEvents", &format!("/clusters/{MANAGED}/events{query}"));
    insta::assert_snapshot!(rows(&of("")).join("\n").replace(&pool, "np-1"));
    assert_eq!(rows(&of(&format!("?task_id={cluster}"))).len(), 4);
    assert_eq!(rows(&of(&format!("?task_id={nodes}"))).len(), 4 + 3 * 3);
    assert_eq!(rows(&of("?page_size=5&page_number=4")).len(), 2);
    assert_eq!(of("").field("/page_info"), r#"{"page_number":1,"page_size":50,"total_count":17}"#);
    let bad = of("?page_size=101").refusal();
    insta::assert_snapshot!(bad, @r#"400 InvalidParameter: The parameter page_size has the value "101", which is not a number from 1 to 100."#);
    // Ids are never given twice.
    let json = of("").json();
    let mut ids: Vec<&str> =
        json["events"].as_array().unwrap().iter().filter_map(|event| event["event_id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 17);
}

#[test]
fn events_of_many_clusters_are_merged_by_time() {
    let cluster = |number: usize, region: &str| {
        let seed = ClusterSeed::managed(format!("c{number}"), format!("n{number}"), "1.31.1-aliyun.1").with_nodes(0);
        seed.with_region(region)
    };
    let builder = settings()
        .cluster(cluster(1, "cn-hangzhou"))
        .cluster(cluster(2, "cn-beijing"))
        .cluster(cluster(3, "cn-hangzhou"));
    let probe = Probe::new(builder.build().unwrap());
    for (id, wait) in [("c3", 10), ("c1", 20), ("c2", 5000)] {
        assert_eq!(probe.upgrade(id, r#"{"next_version":"1.32.1-aliyun.1"}"#).status, 200);
        probe.pass(wait);
    }
    let list = |action: &str, path: &str| {
        let reply = probe.call(action, path);
        let json = reply.json();
        let row =
            |event: &Value| format!("{} {}", event["time"].as_str().unwrap(), event["cluster_id"].as_str().unwrap());
        let rows: Vec<String> = json["events"].as_array().into_iter().flatten().map(row).collect();
        format!("{} {}", reply.field("/page_info/total_count"), rows.join(", ").replace("2026-01-02T03:", ""))
            .trim_end()
            .to_owned()
    };
    let rows = [
        list("DescribeEvents", "/events"),
        list("DescribeEvents", "/events?page_size=5&page_number=2"),
        list("DescribeEvents", "/events?cluster_id=c2"),
        list("DescribeEvents", "/events?type=cluster_upgrade&page_size=1"),
        list("DescribeEvents", "/events?type=nodepool_upgrade"),
        list("DescribeEvents", "/events?cluster_id=c9"),
        list("DescribeEventsForRegion", "/regions/cn-beijing/events"),
        list("DescribeEventsForRegion", "/regions/cn-hangzhou/events?page_size=3"),
        list("DescribeEventsForRegion", "/regions/cn-hangzhou/events?cluster_id=c2"),
        list("DescribeEventsForRegion", "/regions/us-west-1/events"),
    ];
    insta::assert_snapshot!(rows.join("\n"), @r"
    12 10:35Z c2, 10:15Z c1, 10:05Z c3, 05:35Z c2, 05:35Z c2, 05:15Z c1, 05:15Z c1, 05:05Z c3, 05:05Z c3, 04:35Z c2, 04:15Z c1, 04:05Z c3
    12 05:15Z c1, 05:15Z c1, 05:05Z c3, 05:05Z c3, 04:35Z c2
    4 10:35Z c2, 05:35Z c2, 05:35Z c2, 04:35Z c2
    12 10:35Z c2
    0
    0
    4 10:35Z c2, 05:35Z c2, 05:35Z c2, 04:35Z c2
    8 10:15Z c1, 10:05Z c3, 05:15Z c1
    0
    0
    ");
}

#[test]
fn lists_and_events_can_be_late() {
    let seconds = Duration::from_secs;
    let lag = Lag::default()
        .with_tasks(seconds(3))
        .with_events(seconds(10))
        .with_clusters(seconds(5))
        .with_cluster_detail(seconds(2));
    let seed = ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1");
    let probe = Probe::new(settings().cluster(seed).lag(lag).build().unwrap());
    let task = probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#).field("/task_id");
    let look = || {
        let list = probe.call("DescribeClustersForRegion", "/regions/cn-hangzhou/clusters?cluster_id=c1");
        let tasks = probe.call("DescribeClusterTasks", "/clusters/c1/tasks");
        let events = probe.call("DescribeClusterEvents", "/clusters/c1/events");
        format!(
            "detail {:<9} list {:<9} {} task {:<7} listed {} {:<7} events {}",
            probe.detail("c1").field("/state"),
            list.field("/clusters/0/state"),
            list.field("/clusters/0/current_version"),
            probe.task(&task).field("/state"),
            tasks.field("/page_info/total_count"),
            tasks.field("/tasks/0/state"),
            events.field("/page_info/total_count"),
        )
    };
    let mut rows = Vec::new();
    let mut last = 0;
    for second in [0, 1, 2, 3, 5, 9, 10, 360, 362, 363, 370, 404, 405, 406, 407, 409, 410] {
        probe.pass(second - last);
        last = second;
        rows.push(format!("{second:>4} {}", look()));
    }
    insta::assert_snapshot!(rows.join("\n"), @r"
      0 detail running   list running   1.31.1-aliyun.1 task running listed 0 -       events 0
      1 detail running   list running   1.31.1-aliyun.1 task running listed 0 -       events 0
      2 detail upgrading list running   1.31.1-aliyun.1 task running listed 0 -       events 0
      3 detail upgrading list running   1.31.1-aliyun.1 task running listed 1 running events 0
      5 detail upgrading list upgrading 1.31.1-aliyun.1 task running listed 1 running events 0
      9 detail upgrading list upgrading 1.31.1-aliyun.1 task running listed 1 running events 0
     10 detail upgrading list upgrading 1.31.1-aliyun.1 task running listed 1 running events 1
    360 detail upgrading list upgrading 1.31.1-aliyun.1 task success listed 1 running events 3
    362 detail upgrading list upgrading 1.31.1-aliyun.1 task success listed 1 running events 3
    363 detail upgrading list upgrading 1.31.1-aliyun.1 task success listed 1 success events 3
    370 detail upgrading list upgrading 1.31.1-aliyun.1 task success listed 1 success events 4
    404 detail upgrading list upgrading 1.31.1-aliyun.1 task success listed 1 success events 4
    405 detail upgrading list upgrading 1.31.1-aliyun.1 task success listed 1 success events 4
    406 detail upgrading list upgrading 1.31.1-aliyun.1 task success listed 1 success events 4
    407 detail running   list upgrading 1.31.1-aliyun.1 task success listed 1 success events 4
    409 detail running   list upgrading 1.31.1-aliyun.1 task success listed 1 success events 4
    410 detail running   list running   1.32.1-aliyun.1 task success listed 1 success events 4
    ");
}

#[test]
fn a_plan_starts_an_upgrade_at_its_time_unless_cancelled() {
    let hour = Duration::from_secs(3600);
    let cluster = |id: &str, plan: PlanSeed| ClusterSeed::managed(id, id, "1.31.1-aliyun.1").with_operation_plan(plan);
    let builder = settings()
        .cluster(cluster("c1", PlanSeed::cluster_upgrade("1.32.1-aliyun.1").starting_after(hour).with_id("P-1")))
        .cluster(cluster("c2", PlanSeed::cluster_upgrade("1.32.1-aliyun.1").starting_after(hour)))
        .cluster(cluster("c3", PlanSeed::cluster_upgrade("1.34.1-aliyun.1").starting_after(hour).lasting(hour)))
        .cluster(cluster("c4", PlanSeed::cluster_upgrade("1.32.1-aliyun.1").starting_after(hour)).with_state("failed"));
    let probe = Probe::new(builder.build().unwrap());
    let list = || {
        let json = probe.call("ListOperationPlansForRegion", "/regions/cn-hangzhou/operation/plans").json();
        let row = |plan: &Value| {
            let text = |name: &str| plan[name].as_str().unwrap_or("-").to_owned();
            let why = plan["state_reason"]["message"].as_str().unwrap_or("-");
            format!("{} {} {} {why}", text("plan_id"), text("state"), text("task_id"))
        };
        json["plans"].as_array().unwrap().iter().map(row).collect::<Vec<_>>().join("\n")
    };
    let cancel = |id: &str| {
        let operation = &ack_models::operations::CANCEL_OPERATION_PLAN;
        let reply = probe.operation(operation, &format!("/operation/plans/{id}"), &[], None);
        if reply.status == 200 {
            format!("{} {}", reply.status, reply.field("/request_id") == reply.request_id)
        } else {
            reply.refusal()
        }
    };
    let mut rows = vec![list(), cancel("P-c2-0"), cancel("P-c2-0"), cancel("P-9")];
    probe.pass(3599);
    assert_eq!(probe.detail("c1").field("/state"), "running");
    probe.pass(1);
    rows.extend([list(), cancel("P-1")]);
    assert_eq!(probe.detail("c1").field("/state"), "upgrading");
    assert_eq!(probe.task("T-c1-plan-0").field("/parameters/master_only"), "true");
    probe.pass(3600);
    rows.push(list());
    assert_eq!(probe.detail("c1").field("/current_version"), "1.32.1-aliyun.1");
    assert_eq!(probe.detail("c2").field("/current_version"), "1.31.1-aliyun.1");
    insta::assert_snapshot!(rows.join("\n\n"), @r"
    P-1 Scheduled - -
    P-c2-0 Scheduled - -
    P-c3-0 Scheduled - -
    P-c4-0 Scheduled - -

    200 true

    200 true

    404 ErrorOperationPlanNotFound: operation plan (P-9) not found in our records

    P-1 Executing T-c1-plan-0 -
    P-c2-0 Canceled - -
    P-c3-0 Failed - 1.34.1-aliyun.1 is more than one minor version ahead of the cluster
    P-c4-0 Failed - the cluster is failed

    400 ErrorOperationPlanState: operation plan (P-1) has begun or ended

    P-1 Executed T-c1-plan-0 -
    P-c2-0 Canceled - -
    P-c3-0 Failed - 1.34.1-aliyun.1 is more than one minor version ahead of the cluster
    P-c4-0 Failed - the cluster is failed
    ");
    let old = |query: &str| {
        let json = probe.call("ListOperationPlans", &format!("/operation/plans{query}")).json();
        let row = |plan: &Value| format!("{} {} {}", plan["plan_id"], plan["type"], plan["state"]).replace('"', "");
        json["plans"].as_array().map(|plans| plans.iter().map(row).collect::<Vec<_>>().join(", ")).unwrap_or_default()
    };
    insta::assert_snapshot!([old(""), old("?cluster_id=c2"), old("?type=CVE_FIX")].join("\n"), @r"
    P-1 cluster_upgrade executed, P-c2-0 cluster_upgrade canceled, P-c3-0 cluster_upgrade failed, P-c4-0 cluster_upgrade failed
    P-c2-0 cluster_upgrade canceled
    ");
    let by_state = probe.call("ListOperationPlansForRegion", "/regions/cn-hangzhou/operation/plans?state=Canceled");
    assert_eq!(by_state.field("/plans/0/plan_id"), "P-c2-0");
}
