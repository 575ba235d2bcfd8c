//! The course of upgrades, as each operation tells of it.

use std::time::Duration;

use ack_emulator::{ClusterSeed, UpgradeDurations, UpgradeFailure, UpgradeStage};

use crate::emulator::probe::{DEDICATED, MANAGED, Probe, probe, settings};

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
    insta::assert_snapshot!(rows, @r"
       0 | prechecking running - - -/- | running precheck | upgrading 1.31.1-aliyun.1
      59 | prechecking running - - -/- | running precheck | upgrading 1.31.1-aliyun.1
      60 | upgrading running running Master1 0/4 | running upgrade_control_plane | upgrading 1.31.1-aliyun.1
     359 | upgrading running running Master1 0/4 | running upgrade_control_plane | upgrading 1.31.1-aliyun.1
     360 | upgrading running running Nodes 1/4 | running upgrade_nodes | upgrading 1.31.1-aliyun.1
     419 | upgrading running running Nodes 1/4 | running upgrade_nodes | upgrading 1.31.1-aliyun.1
     420 | upgrading running running Nodes 2/4 | running upgrade_nodes | upgrading 1.31.1-aliyun.1
     480 | upgrading running running Nodes 3/4 | running upgrade_nodes | upgrading 1.31.1-aliyun.1
     539 | upgrading running running Nodes 3/4 | running upgrade_nodes | upgrading 1.31.1-aliyun.1
     540 | success success Success Nodes 4/4 | success upgrade_nodes | upgrading 1.31.1-aliyun.1
     584 | success success Success Nodes 4/4 | success upgrade_nodes | upgrading 1.31.1-aliyun.1
     585 | success success Success Nodes 4/4 | success upgrade_nodes | running 1.32.1-aliyun.1
    1000000 | success success Success Nodes 4/4 | success upgrade_nodes | running 1.32.1-aliyun.1
    ");
}

#[test]
fn a_dedicated_cluster_master_by_master() {
    let probe = probe();
    let body = r#"{"next_version":"1.31.9-aliyun.1","master_only":true}"#;
    let rows = course(&probe, DEDICATED, body, &[0, 60, 179, 180, 300, 419, 420, 464, 465]);
    insta::assert_snapshot!(rows, @r"
      0 | prechecking running - - -/- | running precheck | upgrading 1.30.7-aliyun.1
     60 | upgrading running running Master1 0/3 | running upgrade_master1 | upgrading 1.30.7-aliyun.1
    179 | upgrading running running Master1 0/3 | running upgrade_master1 | upgrading 1.30.7-aliyun.1
    180 | upgrading running running Master2 1/3 | running upgrade_master2 | upgrading 1.30.7-aliyun.1
    300 | upgrading running running Master3 2/3 | running upgrade_master3 | upgrading 1.30.7-aliyun.1
    419 | upgrading running running Master3 2/3 | running upgrade_master3 | upgrading 1.30.7-aliyun.1
    420 | success success Success Master3 3/3 | success upgrade_master3 | upgrading 1.30.7-aliyun.1
    464 | success success Success Master3 3/3 | success upgrade_master3 | upgrading 1.30.7-aliyun.1
    465 | success success Success Master3 3/3 | success upgrade_master3 | running 1.31.9-aliyun.1
    ");
}

#[test]
fn a_failed_precheck_leaves_the_cluster_as_it_was() {
    let failure = UpgradeFailure::new(UpgradeStage::Precheck, "2 nodes are NotReady");
    let seed = ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1").with_failure(failure);
    let probe = Probe::new(settings().cluster(seed).build().unwrap());
    let body = r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#;
    insta::assert_snapshot!(course(&probe, "c1", body, &[0, 59, 60, 5000]), @r"
       0 | prechecking running - - -/- | running precheck | upgrading 1.31.1-aliyun.1
      59 | prechecking running - - -/- | running precheck | upgrading 1.31.1-aliyun.1
      60 | prechecking fail - - -/- | fail precheck | running 1.31.1-aliyun.1
    5000 | prechecking fail - - -/- | fail precheck | running 1.31.1-aliyun.1
    ");
    let status = probe.status("c1").json();
    assert_eq!(status["error_message"], "2 nodes are NotReady");
    assert_eq!(status["precheck_report_id"].as_str().unwrap().len(), 32);

    // The failure strikes once: the next upgrade goes through.
    insta::assert_snapshot!(course(&probe, "c1", body, &[0, 60, 360, 405]), @r"
      0 | prechecking running - - -/- | running precheck | upgrading 1.31.1-aliyun.1
     60 | upgrading running running Master1 0/1 | running upgrade_control_plane | upgrading 1.31.1-aliyun.1
    360 | success success Success Master1 1/1 | success upgrade_control_plane | upgrading 1.31.1-aliyun.1
    405 | success success Success Master1 1/1 | success upgrade_control_plane | running 1.32.1-aliyun.1
    ");
}

#[test]
fn a_failed_stage_stops_the_upgrade_halfway() {
    let probe = probe();
    let failure = UpgradeFailure::new(UpgradeStage::Master2, "etcd did not become healthy");
    probe.emulator.fail_next_upgrade(DEDICATED, failure).unwrap();
    let body = r#"{"next_version":"1.31.9-aliyun.1"}"#;
    insta::assert_snapshot!(course(&probe, DEDICATED, body, &[0, 60, 180, 239, 240, 9000]), @r"
       0 | prechecking running - - -/- | running precheck | upgrading 1.30.7-aliyun.1
      60 | upgrading running running Master1 0/6 | running upgrade_master1 | upgrading 1.30.7-aliyun.1
     180 | upgrading running running Master2 1/6 | running upgrade_master2 | upgrading 1.30.7-aliyun.1
     239 | upgrading running running Master2 1/6 | running upgrade_master2 | upgrading 1.30.7-aliyun.1
     240 | pause fail Failed Master2 1/6 | fail upgrade_master2 | upgrading 1.30.7-aliyun.1
    9000 | pause fail Failed Master2 1/6 | fail upgrade_master2 | upgrading 1.30.7-aliyun.1
    ");

    let status = probe.status(DEDICATED).json();
    assert_eq!(status["error_message"], "etcd did not become healthy");
    assert_eq!(status["upgrade_task"]["upgrade_status"]["failed"], "true");
    let events = status["upgrade_task"]["upgrade_status"]["events"].as_array().unwrap();
    assert_eq!(events.last().unwrap()["Message"], "upgrade_master2 failed: etcd did not become healthy");

    let again = probe.upgrade(DEDICATED, body);
    insta::assert_snapshot!(again.refusal(), @"400 ErrorClusterState: cluster (c82e6987e2961451182edacd74faftest) is upgrading: its upgrade to 1.31.9-aliyun.1 by task T-e220a8397b1dcdaf00000001 was stopped by an error");
}

#[test]
fn nodes_that_fail_leave_half_of_them_upgraded() {
    let seed = ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1").with_nodes(4);
    let probe = Probe::new(settings().cluster(seed).build().unwrap());
    let failure = UpgradeFailure::new(UpgradeStage::Nodes, "a pod cannot be evicted");
    probe.emulator.fail_next_upgrade("c1", failure).unwrap();

    // An upgrade without nodes does not come to that stage, and the failure waits.
    let body = r#"{"next_version":"1.31.9-aliyun.1","master_only":true}"#;
    insta::assert_snapshot!(course(&probe, "c1", body, &[405]), @" 405 | success success Success Master1 1/1 | success upgrade_control_plane | running 1.31.9-aliyun.1");
    let body = r#"{"next_version":"1.32.1-aliyun.1","master_only":false}"#;
    insta::assert_snapshot!(course(&probe, "c1", body, &[360, 420, 480, 9000]), @r"
     360 | upgrading running running Nodes 1/5 | running upgrade_nodes | upgrading 1.31.9-aliyun.1
     420 | upgrading running running Nodes 2/5 | running upgrade_nodes | upgrading 1.31.9-aliyun.1
     480 | pause fail Failed Nodes 3/5 | fail upgrade_nodes | upgrading 1.31.9-aliyun.1
    9000 | pause fail Failed Nodes 3/5 | fail upgrade_nodes | upgrading 1.31.9-aliyun.1
    ");
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
    insta::assert_snapshot!(rows, @"   0 | success success Success Nodes 4/4 | success upgrade_nodes | running 1.32.1-aliyun.1");
}

#[test]
fn a_task_tells_its_stages_events_and_error() {
    let probe = probe();
    probe.emulator.fail_next_upgrade(DEDICATED, UpgradeFailure::new(UpgradeStage::Master1, "no quorum")).unwrap();
    let started = probe.upgrade(DEDICATED, r#"{"next_version":"1.31.1-aliyun.1"}"#);
    probe.emulator.advance(Duration::from_millis(150_500));
    let task = probe.call("DescribeTaskInfo", &format!("/tasks/{}", started.field("/task_id")));
    insta::assert_snapshot!(serde_json::to_string_pretty(&task.json()).unwrap(), @r#"
    {
      "cluster_id": "c82e6987e2961451182edacd74faftest",
      "created": "2026-01-02T11:04:05+08:00",
      "current_stage": "upgrade_master1",
      "error": {
        "code": "UpgradeFailed",
        "message": "no quorum"
      },
      "events": [
        {
          "action": "start",
          "level": "Normal",
          "message": "precheck started",
          "reason": "ClusterUpgradeStageStart",
          "source": "ACK",
          "timestamp": "1767323045000"
        },
        {
          "action": "finish",
          "level": "Normal",
          "message": "precheck succeeded",
          "reason": "ClusterUpgradeStageSuccess",
          "source": "ACK",
          "timestamp": "1767323105000"
        },
        {
          "action": "start",
          "level": "Normal",
          "message": "upgrade_master1 started",
          "reason": "ClusterUpgradeStageStart",
          "source": "ACK",
          "timestamp": "1767323105000"
        },
        {
          "action": "fail",
          "level": "Warning",
          "message": "upgrade_master1 failed: no quorum",
          "reason": "ClusterUpgradeStageFailed",
          "source": "ACK",
          "timestamp": "1767323165000"
        }
      ],
      "parameters": {
        "cluster_id": "c82e6987e2961451182edacd74faftest",
        "current_version": "1.30.7-aliyun.1",
        "master_only": false,
        "next_version": "1.31.1-aliyun.1"
      },
      "stages": [
        {
          "end_time": "2026-01-02 11:05:05",
          "message": "precheck succeeded",
          "start_time": "2026-01-02 11:04:05",
          "state": "success"
        },
        {
          "end_time": "2026-01-02 11:06:05",
          "message": "upgrade_master1 failed: no quorum",
          "start_time": "2026-01-02 11:05:05",
          "state": "fail"
        }
      ],
      "state": "fail",
      "target": {
        "id": "c82e6987e2961451182edacd74faftest",
        "type": "cluster"
      },
      "task_id": "T-e220a8397b1dcdaf00000001",
      "task_result": [
        {
          "data": "c82e6987e2961451182edacd74faftest",
          "status": "failed"
        }
      ],
      "task_type": "cluster_upgrade",
      "updated": "2026-01-02T11:06:05+08:00"
    }
    "#);
}

#[test]
fn a_cluster_tells_its_versions() {
    let probe = probe();
    insta::assert_snapshot!(serde_json::to_string_pretty(&probe.detail(MANAGED).json()).unwrap(), @r#"
    {
      "auto_mode": {
        "enable": false
      },
      "cluster_domain": "cluster.local",
      "cluster_id": "c106f377e16f34eb1808d6b9362c9test",
      "cluster_spec": "ack.pro.small",
      "cluster_type": "ManagedKubernetes",
      "container_cidr": "172.20.0.0/16",
      "created": "2026-01-02T11:04:05+08:00",
      "current_version": "1.31.1-aliyun.1",
      "deletion_protection": false,
      "init_version": "1.31.1-aliyun.1",
      "ip_stack": "ipv4",
      "maintenance_window": {
        "duration": "3h",
        "enable": true,
        "maintenance_time": "2024-10-15T01:00:00.000+08:00",
        "recurrence": "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH",
        "weekly_period": "Monday,Thursday"
      },
      "master_url": "{\"api_server_endpoint\":\"\",\"intranet_api_server_endpoint\":\"https://192.168.0.251:6443\"}",
      "meta_data": "{\"Addons\":[{\"name\":\"metrics-server\"},{\"disabled\":true,\"name\":\"nginx-ingress-controller\"}],\"Capabilities\":{\"Network\":\"terway-eniip\"},\"KubernetesVersion\":\"1.31.1-aliyun.1\",\"Runtime\":\"containerd\"}",
      "name": "managed",
      "next_version": "1.32.6-aliyun.1",
      "node_cidr_mask": "26",
      "operation_policy": {
        "cluster_auto_upgrade": {
          "channel": "stable",
          "enabled": false
        }
      },
      "profile": "Default",
      "proxy_mode": "ipvs",
      "region_id": "cn-hangzhou",
      "resource_group_id": "rg-emulator",
      "security_group_id": "sg-emulator",
      "service_cidr": "172.21.0.0/20",
      "size": 3,
      "state": "running",
      "tags": [
        {
          "key": "ack.aliyun.com",
          "value": "c106f377e16f34eb1808d6b9362c9test"
        },
        {
          "key": "env",
          "value": "test"
        }
      ],
      "timezone": "Asia/Shanghai",
      "updated": "2026-01-02T11:04:05+08:00",
      "vpc_id": "vpc-emulator",
      "vswitch_ids": [
        "vsw-emulator-a",
        "vsw-emulator-b"
      ],
      "worker_ram_role_name": "KubernetesWorkerRole-emulator"
    }
    "#);
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
    insta::assert_snapshot!(steps.join("\n"), @r"
    1.28.3-aliyun.1 -> 1.29.1-aliyun.1
    1.29.1-aliyun.1 -> 1.30.7-aliyun.1
    1.30.7-aliyun.1 -> 1.31.9-aliyun.1
    1.31.9-aliyun.1 -> 1.32.6-aliyun.1
    1.32.6-aliyun.1 -> 1.33.3-aliyun.1
    1.33.3-aliyun.1 -> 1.34.3-aliyun.1
    1.34.3-aliyun.1 ->
    ");
    assert_eq!(probe.detail("c1").field("/init_version"), "1.28.3-aliyun.1");
}
