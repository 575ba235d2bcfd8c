//! The lists: filters and pages.

use std::time::Duration;

use ack_emulator::ClusterSeed;

use crate::emulator::probe::{MANAGED, Probe, Reply, probe, settings};

fn ids(reply: &Reply, list: &str, id: &str) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let json = reply.json();
    let items = json[list].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item[id].as_str().unwrap().to_owned()).collect()
}

fn region() -> Probe {
    let builder = settings()
        .cluster(ClusterSeed::managed("c1", "prod-web", "1.30.1-aliyun.1").with_cluster_spec("ack.standard"))
        .cluster(ClusterSeed::managed("c2", "prod-edge", "1.30.1-aliyun.1").with_profile("Edge"))
        .cluster(ClusterSeed::managed("c3", "far", "1.30.1-aliyun.1").with_region("cn-beijing"));
    Probe::new(builder.build().unwrap())
}

#[test]
fn clusters_are_listed_by_region_and_filter() {
    let probe = region();
    let list = |region: &str, query: &str| {
        let path = format!("/regions/{region}/clusters{query}");
        ids(&probe.call("DescribeClustersForRegion", &path), "clusters", "name")
    };
    assert_eq!(list("cn-hangzhou", ""), ["managed", "dedicated", "prod-web", "prod-edge"]);
    assert_eq!(list("cn-beijing", ""), ["far"]);
    assert!(list("us-west-1", "").is_empty());
    assert_eq!(list("cn-hangzhou", "?name=prod"), ["prod-web", "prod-edge"]);
    assert_eq!(list("cn-hangzhou", "?cluster_id=c1"), ["prod-web"]);
    assert_eq!(list("cn-hangzhou", "?cluster_type=Kubernetes"), ["dedicated"]);
    assert_eq!(list("cn-hangzhou", "?cluster_spec=ack.standard"), ["prod-web"]);
    assert_eq!(list("cn-hangzhou", "?profile=Edge"), ["prod-edge"]);
    assert!(list("cn-hangzhou", "?profile=Edge&name=web").is_empty());
    assert_eq!(list("cn-hangzhou", "?page_size=3&page_number=2"), ["prod-edge"]);
}

#[test]
fn a_page_tells_where_it_is() {
    let probe = region();
    let reply = probe.call("DescribeClustersForRegion", "/regions/cn-hangzhou/clusters?page_size=1&page_number=9");
    insta::assert_snapshot!(reply.json(), @r#"{"page_info":{"page_number":9,"page_size":1,"total_count":4}}"#);
    let reply = probe.call("DescribeClustersForRegion", "/regions/cn-hangzhou/clusters?page_size=0");
    insta::assert_snapshot!(reply.refusal(), @r#"400 InvalidParameter: The parameter page_size has the value "0", which is not a number from 1 to 100."#);
}

#[test]
fn tasks_are_listed_newest_first() {
    let probe = probe();
    let versions = ["1.31.9-aliyun.1", "1.32.1-aliyun.1", "1.32.6-aliyun.1"];
    let started: Vec<String> = versions
        .iter()
        .map(|version| {
            let reply = probe.upgrade(MANAGED, &format!(r#"{{"next_version":"{version}"}}"#));
            probe.emulator.advance(Duration::from_secs(3600));
            reply.field("/task_id")
        })
        .collect();
    let list = |query: &str| probe.call("DescribeClusterTasks", &format!("/clusters/{MANAGED}/tasks{query}"));
    let all = list("");
    assert_eq!(ids(&all, "tasks", "task_id"), [&*started[2], &*started[1], &*started[0]]);
    assert_eq!(all.field("/requestId"), all.request_id);
    assert_eq!(all.field("/tasks/0/created"), "2026-01-02T13:04:05+08:00");
    assert_eq!(all.field("/tasks/0/updated"), "2026-01-02T13:13:05+08:00");
    assert_eq!(ids(&list("?page_number=2&page_size=2"), "tasks", "task_id"), [&*started[0]]);
    assert_eq!(list("?page_number=2&page_size=2").field("/page_info/total_count"), "3");
    let bad = list("?page_number=-1");
    assert_eq!((bad.status, bad.field("/code").as_str()), (400, "InvalidParameter"));
}
