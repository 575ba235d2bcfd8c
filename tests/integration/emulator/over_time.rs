//! A whole upgrade as every operation tells of it over time, and that looking changes nothing.

use std::time::{Duration, Instant};

use ack_codec::{Format, decode};
use ack_emulator::{ClusterSeed, Emulator, ManualClock, NodePoolSeed, NodeTrouble, PlanSeed, TaskSeed, XmlStyle};
use ack_models::catalogue::Catalogue;
use proptest::prelude::*;
use serde_json::Value;

use crate::emulator::probe::{Probe, Reply, settings, start};
use crate::emulator::shape::{common, problems, read_xml};

fn cluster() -> ClusterSeed {
    let pool =
        NodePoolSeed::new("np-1", 3).with_trouble(1, NodeTrouble::DrainTakes { duration: Duration::from_secs(90) });
    ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1")
        .with_node_pool(pool)
        .with_task(TaskSeed::new("cluster_scaleout"))
}

/// Every read of what an upgrade changes.
const READS: [(&str, &str); 12] = [
    ("GetUpgradeStatus", "/api/v2/clusters/c1/upgrade/status"),
    ("DescribeTaskInfo", "/tasks/{task}"),
    ("DescribeClusterTasks", "/clusters/c1/tasks"),
    ("DescribeClusterDetail", "/clusters/c1"),
    ("DescribeClustersForRegion", "/regions/cn-hangzhou/clusters?cluster_id=c1"),
    ("DescribeClustersV1", "/api/v1/clusters?cluster_id=c1"),
    ("DescribeClusters", "/clusters?name=one"),
    ("DescribeClusterNodePools", "/clusters/c1/nodepools"),
    ("DescribeClusterNodePoolDetail", "/clusters/c1/nodepools/np-1"),
    ("DescribeClusterNodes", "/clusters/c1/nodes"),
    ("DescribeClusterEvents", "/clusters/c1/events?page_size=100"),
    ("DescribeEvents", "/events?page_size=100"),
];

fn read(probe: &Probe, task: &str, (action, path): (&str, &str)) -> Reply {
    let reply = probe.call(action, &path.replace("{task}", task));
    assert_eq!(reply.status, 200, "{action}: {}", reply.body);
    reply
}

/// What has changed in an answer, as the paths and values that are new.
fn changes(path: &str, old: &Value, new: &Value, out: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in after {
                changes(&format!("{path}.{key}"), before.get(key).unwrap_or(&Value::Null), value, out);
            }
            out.extend(before.keys().filter(|key| !after.contains_key(*key)).map(|key| format!("  {path}.{key} gone")));
        }
        (Value::Array(before), Value::Array(after)) if after.len() >= before.len() => {
            for (index, value) in after.iter().enumerate() {
                changes(&format!("{path}[{index}]"), before.get(index).unwrap_or(&Value::Null), value, out);
            }
        }
        (old, new) if old != new => out.push(format!("  {path} = {new}")),
        _ => {}
    }
}

#[test]
fn a_whole_upgrade_in_json_over_time() {
    let probe = Probe::new(settings().cluster(cluster()).build().unwrap());
    let task = probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1"}"#).field("/task_id");
    // The lists of clusters repeat the detail, and the events of the account those of the cluster.
    let told: Vec<_> = READS
        .iter()
        .filter(|(action, _)| {
            matches!(
                *action,
                "GetUpgradeStatus"
                    | "DescribeTaskInfo"
                    | "DescribeClusterTasks"
                    | "DescribeClusterDetail"
                    | "DescribeClusterNodePoolDetail"
            )
        })
        .collect();
    let mut before: Vec<Value> = told.iter().map(|_| Value::Null).collect();
    let mut out = Vec::new();
    let mut last = 0;
    for second in [0, 60, 360, 380, 420, 440, 510, 550, 610, 655] {
        probe.pass(second - last);
        last = second;
        out.push(format!("{second} s"));
        for (read_, old) in told.iter().zip(&mut before) {
            let mut new = read(&probe, &task, **read_).json();
            if let Some(fields) = new.as_object_mut() {
                fields.remove("requestId");
            }
            changes(read_.0, old, &new, &mut out);
            *old = new;
        }
    }
    insta::assert_snapshot!(out.join("\n").replace(&task, "T-1"));
}

#[test]
fn both_formats_tell_the_same_at_every_moment() {
    let emulators: Vec<Emulator> = [XmlStyle::Fragment, XmlStyle::Rooted]
        .map(|style| settings().cluster(cluster()).xml_style(style).build().unwrap())
        .into();
    let mut task = String::new();
    for emulator in &emulators {
        let probe = Probe::new(emulator.clone());
        task = probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1"}"#).field("/task_id");
    }
    for step in 0..14 {
        let mut told = Vec::new();
        for emulator in &emulators {
            let json = Probe::new(emulator.clone());
            json.nonces.set(1000 * (step + 1));
            let xml = Probe { accept: "application/xml", ..Probe::new(emulator.clone()) };
            xml.nonces.set(1000 * (step + 1) + 500);
            for read_ in READS {
                let action = read_.0;
                let kind = Catalogue::get().operations[action].answer.as_ref().unwrap();
                let mut value = read(&json, &task, read_).json();
                assert!(problems(action, &value).is_empty(), "{action}: {:?}", problems(action, &value));
                let body = read(&xml, &task, read_).body;
                let mut from_xml = common(kind, &read_xml(kind, &body));
                // Each request has an id of its own.
                for value in [Some(&mut value), from_xml.as_mut()].into_iter().flatten() {
                    value.as_object_mut().map(|fields| fields.remove("requestId"));
                }
                assert_eq!(common(kind, &value), from_xml, "{action} at step {step}: {body}");
                told.push(value);
            }
        }
        let (first, second) = told.split_at(READS.len());
        assert_eq!(first, second);
        emulators.iter().for_each(|emulator| emulator.advance(Duration::from_secs(50)));
    }
    let status = Probe::new(emulators[0].clone());
    status.nonces.set(100_000);
    let body = status.status("c1").body;
    assert!(decode::<ack_models::GetUpgradeStatusResponse>(Format::Json, body.as_bytes()).is_ok());
    assert_eq!(status.status("c1").field("/upgrade_step"), "success");
}

/// What somebody does at a moment.
#[derive(Debug, Clone, Copy)]
enum Act {
    Upgrade,
    UpgradePool,
    Pause,
    Resume,
    Cancel,
    Nothing,
}

fn act(probe: &Probe, act: Act, tasks: &mut Vec<String>) {
    let reply = match (act, tasks.last()) {
        (Act::Upgrade, _) => probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1"}"#),
        (Act::UpgradePool, _) => {
            let body = r#"{"kubernetes_version":"1.31.1-aliyun.1","rolling_policy":{"max_parallelism":2,"pause_policy":"FirstBatch"}}"#;
            probe.post("UpgradeClusterNodepool", "/clusters/c1/nodepools/np-2/upgrade", body)
        }
        (Act::Pause, Some(task)) => probe.control("PauseTask", task),
        (Act::Resume, Some(task)) => probe.control("ResumeTask", task),
        (Act::Cancel, Some(task)) => probe.control("CancelTask", task),
        _ => return,
    };
    if reply.status == 200 && reply.body.contains("task_id") {
        tasks.push(reply.field("/task_id"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_happens_does_not_depend_on_who_looks(
        acts in prop::collection::vec(
            (0_u64..200, prop_oneof![
                Just(Act::Upgrade), Just(Act::UpgradePool), Just(Act::Pause), Just(Act::Resume), Just(Act::Cancel),
                Just(Act::Nothing),
            ]),
            1..20,
        ),
        looks in 1_u64..10,
    ) {
        let seed = || {
            let pool = NodePoolSeed::new("np-2", 4).with_version("1.30.7-aliyun.1").with_trouble(2, NodeTrouble::DrainSticks);
            cluster().with_node_pool(pool).with_operation_plan(
                PlanSeed::cluster_upgrade("1.31.9-aliyun.1").starting_after(Duration::from_secs(700)),
            )
        };
        let ends = [false, true].map(|is_watched| {
            let probe = Probe::new(settings().cluster(seed()).build().unwrap());
            let mut tasks = vec!["none".to_owned()];
            for (wait, what) in &acts {
                for _ in 0..looks {
                    probe.emulator.advance(Duration::from_millis(wait * 1000 / looks));
                    if is_watched {
                        probe.detail("c1");
                    }
                }
                act(&probe, *what, &mut tasks);
            }
            probe.pass(100);
            tasks.remove(0);
            let tasks: Vec<Value> = tasks.iter().map(|task| probe.task(task).json()).collect();
            let rest = [READS[3], READS[7], READS[9], READS[10]].map(|it| read(&probe, "", it).json());
            (tasks, rest)
        });
        prop_assert_eq!(&ends[0], &ends[1]);
    }
}

#[test]
fn ten_thousand_clusters_cost_little() {
    let clock = ManualClock::new(start());
    let mut builder =
        Emulator::builder().access_key("id", "secret").wall_clock(ack_auth::FixedClock(start())).clock(clock);
    for number in 0..10_000 {
        builder = builder.cluster(ClusterSeed::managed(format!("c{number}"), format!("n{number}"), "1.31.1-aliyun.1"));
    }
    let probe = Probe::new(builder.build().unwrap());
    for number in 0..1000 {
        assert_eq!(probe.upgrade(&format!("c{number}"), r#"{"next_version":"1.32.1-aliyun.1"}"#).status, 200);
    }
    probe.pass(400);
    let began = Instant::now();
    for number in 0..200 {
        assert_eq!(probe.detail(&format!("c{}", number * 50)).status, 200);
        assert_eq!(
            probe
                .call(
                    "DescribeClustersForRegion",
                    &format!("/regions/cn-hangzhou/clusters?page_size=10&page_number={}", number + 1)
                )
                .status,
            200
        );
    }
    // Far more than it takes, so that a busy machine does not fail it; a look at every cluster would take longer still.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(probe.call("DescribeEvents", "/events?page_size=10").field("/page_info/total_count"), "7000");
}

#[test]
fn a_cluster_of_ten_thousand_nodes_is_upgraded() {
    let pool = NodePoolSeed::new("np-1", 10_000).with_version("1.30.7-aliyun.1");
    let seed = ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1").with_node_pool(pool);
    let probe = Probe::new(settings().cluster(seed).build().unwrap());
    let body = r#"{"kubernetes_version":"1.31.1-aliyun.1"}"#;
    let task = probe.post("UpgradeClusterNodepool", "/clusters/c1/nodepools/np-1/upgrade", body).field("/task_id");
    let began = Instant::now();
    probe.pass(1_000_000);
    assert_eq!(probe.task(&task).field("/state"), "success");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}
