//! The course of upgrades, as each operation tells of it.

use std::time::Duration;

use ack_emulator::{ClusterSeed, UpgradeDurations, UpgradeFailure, UpgradeStage};

use crate::probe::{DEDICATED, MANAGED, Probe, probe, settings};

/// One row: time, step, status and task of GetUpgradeStatus with its progress; state and stage of the task; state and
/// version of the cluster.
fn row(probe: &Probe, cluster_id: &str, task_id: &str, second: u64) -> String {
    let status = probe.status(cluster_id);
    let task = probe.call("DescribeTaskInfo", &format!("/tasks/{task_id}"));
    let detail = probe.detail(cluster_id);
    format!(
        "{second:>4} | {} {} {} {} {}/{} | {} {} | {} {}",
        status.field("/upgrade_step"),
        status.field("/status"),
        status.field("/upgrade_task/status"),
        status.field("/upgrade_task/upgrade_status/phase"),
        status.field("/upgrade_task/upgrade_status/succeeded"),
        status.field("/upgrade_task/upgrade_status/total"),
        task.field("/state"),
        task.field("/current_stage"),
        detail.field("/state"),
        detail.field("/current_version"),
    )
}

/// Starts an upgrade and looks at it at each of the given seconds.
fn course(probe: &Probe, cluster_id: &str, body: &str, seconds: &[u64]) -> String {
    let started = probe.upgrade(cluster_id, body);
    assert_eq!(started.status, 200, "{}", started.body);
    let task_id = started.field("/task_id");
    let mut passed = 0;
    let mut rows = Vec::new();
    for &second in seconds {
        probe.emulator.advance(Duration::from_secs(second - passed));
        passed = second;
        rows.push(row(probe, cluster_id, &task_id, second));
    }
    rows.join("\n")
}

#[test]
fn a_managed_cluster_with_its_nodes() {
    let probe = probe();
    let rows = course(
        &probe,
        MANAGED,
        r#"{"next_version":"1.32.1-aliyun.1"}"#,
        &[0, 59, 60, 359, 360, 419, 420, 480, 539, 540, 584, 585, 1_000_000],
    );
    insta::assert_snapshot!(rows, @"");
}

#[test]
fn a_dedicated_cluster_master_by_master() {
    let probe = probe();
    let body = r#"{"next_version":"1.31.9-aliyun.1","master_only":true}"#;
    let rows = course(&probe, DEDICATED, body, &[0, 60, 179, 180, 300, 419, 420, 464, 465]);
    insta::assert_snapshot!(rows, @"");
}

#[test]
fn a_failed_precheck_leaves_the_cluster_as_it_was() {
    let failure = UpgradeFailure::new(UpgradeStage::Precheck, "2 nodes are NotReady");
    let seed = ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1").with_failure(failure);
    let probe = Probe::new(settings().cluster(seed).build().unwrap());
    let body = r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#;
    insta::assert_snapshot!(course(&probe, "c1", body, &[0, 59, 60, 5000]), @"");
    let status = probe.status("c1").json();
    assert_eq!(status["error_message"], "2 nodes are NotReady");
    assert_eq!(status["precheck_report_id"].as_str().unwrap().len(), 32);

    // The failure strikes once: the next upgrade goes through.
    insta::assert_snapshot!(course(&probe, "c1", body, &[0, 60, 360, 405]), @"");
}

#[test]
fn a_failed_stage_stops_the_upgrade_halfway() {
    let probe = probe();
    let failure = UpgradeFailure::new(UpgradeStage::Master2, "etcd did not become healthy");
    probe.emulator.fail_next_upgrade(DEDICATED, failure).unwrap();
    let body = r#"{"next_version":"1.31.9-aliyun.1"}"#;
    insta::assert_snapshot!(course(&probe, DEDICATED, body, &[0, 60, 180, 239, 240, 9000]), @"");

    let status = probe.status(DEDICATED).json();
    assert_eq!(status["error_message"], "etcd did not become healthy");
    assert_eq!(status["upgrade_task"]["upgrade_status"]["failed"], "true");
    let events = status["upgrade_task"]["upgrade_status"]["events"].as_array().unwrap();
    assert_eq!(events.last().unwrap()["Message"], "upgrade_master2 failed: etcd did not become healthy");

    let again = probe.upgrade(DEDICATED, body);
    insta::assert_snapshot!(again.refusal(), @"");
}

#[test]
fn nodes_that_fail_leave_half_of_them_upgraded() {
    let seed = ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1").with_nodes(4);
    let probe = Probe::new(settings().cluster(seed).build().unwrap());
    let failure = UpgradeFailure::new(UpgradeStage::Nodes, "a pod cannot be evicted");
    probe.emulator.fail_next_upgrade("c1", failure).unwrap();

    // An upgrade without nodes does not come to that stage, and the failure waits.
    let body = r#"{"next_version":"1.31.9-aliyun.1","master_only":true}"#;
    insta::assert_snapshot!(course(&probe, "c1", body, &[405]), @"");
    let body = r#"{"next_version":"1.32.1-aliyun.1","master_only":false}"#;
    insta::assert_snapshot!(course(&probe, "c1", body, &[360, 420, 480, 9000]), @"");
}

#[test]
fn durations_can_be_set_down_to_nothing() {
    let none = Duration::ZERO;
    let durations = UpgradeDurations::default()
        .with_precheck(none)
        .with_control_plane(none)
        .with_master(none)
        .with_node(none)
        .with_settling(none);
    let probe = Probe::new(settings().durations(durations).build().unwrap());
    let rows = course(&probe, MANAGED, r#"{"next_version":"1.32.1-aliyun.1"}"#, &[0]);
    insta::assert_snapshot!(rows, @"");
}

#[test]
fn a_task_tells_its_stages_events_and_error() {
    let probe = probe();
    probe
        .emulator
        .fail_next_upgrade(DEDICATED, UpgradeFailure::new(UpgradeStage::Master1, "no quorum"))
        .unwrap();
    let started = probe.upgrade(DEDICATED, r#"{"next_version":"1.31.1-aliyun.1"}"#);
    probe.emulator.advance(Duration::from_millis(150_500));
    let task = probe.call("DescribeTaskInfo", &format!("/tasks/{}", started.field("/task_id")));
    insta::assert_snapshot!(serde_json::to_string_pretty(&task.json()).unwrap(), @"");
}

#[test]
fn a_cluster_tells_its_versions() {
    let probe = probe();
    insta::assert_snapshot!(serde_json::to_string_pretty(&probe.detail(MANAGED).json()).unwrap(), @"");
    assert_eq!(probe.detail(DEDICATED).field("/size"), "6");
    assert_eq!(probe.detail(DEDICATED).field("/cluster_spec"), "-");
}

#[test]
fn a_cluster_goes_through_all_versions() {
    let seed = ClusterSeed::managed("c1", "one", "1.28.3-aliyun.1");
    let probe = Probe::new(settings().cluster(seed).build().unwrap());
    let mut steps = Vec::new();
    loop {
        let detail = probe.detail("c1");
        steps.push(format!("{} -> {}", detail.field("/current_version"), detail.field("/next_version")));
        let next = detail.field("/next_version");
        if next.is_empty() {
            break;
        }
        assert_eq!(probe.upgrade("c1", &format!(r#"{{"next_version":"{next}"}}"#)).status, 200);
        probe.emulator.advance(Duration::from_secs(3600));
    }
    insta::assert_snapshot!(steps.join("\n"), @"");
    assert_eq!(probe.detail("c1").field("/init_version"), "1.28.3-aliyun.1");
}
