//! `upgrade status`, and what holds for every command that calls the service.

use std::io;
use std::time::Duration;

use super::harness::{CLUSTER, Cli, emulator};

/// The status of an upgrade whose control plane is at work, in a new emulator each time.
async fn during_an_upgrade(options: &str) -> super::harness::Ran {
    let emulator = emulator().await;
    let started = Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1")).await;
    assert_eq!(started.code, 0, "{}", started.stderr);
    emulator.advance(Duration::from_secs(90));
    Cli::of(&emulator).run(&format!("upgrade status {CLUSTER} {options}")).await
}

#[tokio::test]
async fn a_table_for_people() {
    insta::assert_snapshot!(during_an_upgrade("").await, @"
        exit code 0
        --- stdout
        cluster          c106f377e16f34eb1808d6b9362c9test
        phase            upgrading
        cluster state    upgrading
        current version  1.31.1-aliyun.1
        target version   1.32.6-aliyun.1
        task             T-e220a8397b1dcdaf00000001
        stage            upgrade_control_plane
        progress         1 of 2 stages, 0 of 1 nodes
        last event       upgrade_control_plane started
        upgrade step     upgrading
        status           running
        task message     upgrade_control_plane is at work
        precheck report  2dd82c88fa32b2707985575aa0f03783
        started          2026-01-02T11:04:05+08:00
        updated          2026-01-02T11:05:05+08:00
        source           GetUpgradeStatus
        request id       FAD6E246-7125-4235-A711-A1ABDD4D6F75
        ");
}

#[tokio::test]
async fn json_and_yaml_for_programs() {
    insta::assert_snapshot!(during_an_upgrade("-o json").await, @r#"
    exit code 0
    --- stdout
    {
      "cluster_id": "c106f377e16f34eb1808d6b9362c9test",
      "kind": "control_plane",
      "phase": "upgrading",
      "upgrade_step": "upgrading",
      "status": "running",
      "upgrade_task": {
        "created_at": "2026-01-02T11:04:05+08:00",
        "message": "upgrade_control_plane is at work",
        "retries": 0,
        "status": "running",
        "upgrade_status": {
          "events": [
            {
              "Message": "precheck started",
              "Reason": "Started",
              "Source": "ACK",
              "Timestamp": "2026-01-02T11:04:05+08:00",
              "Type": "Normal"
            },
            {
              "Message": "precheck succeeded",
              "Reason": "Succeeded",
              "Source": "ACK",
              "Timestamp": "2026-01-02T11:05:05+08:00",
              "Type": "Normal"
            },
            {
              "Message": "upgrade_control_plane started",
              "Reason": "Started",
              "Source": "ACK",
              "Timestamp": "2026-01-02T11:05:05+08:00",
              "Type": "Normal"
            }
          ],
          "is_canceled": false,
          "phase": "Master1",
          "state": "running",
          "succeeded": 0,
          "total": 1
        }
      },
      "error_message": null,
      "precheck_report_id": "2dd82c88fa32b2707985575aa0f03783",
      "cluster_state": "upgrading",
      "current_version": "1.31.1-aliyun.1",
      "target_version": "1.32.6-aliyun.1",
      "task_id": "T-e220a8397b1dcdaf00000001",
      "stage": "upgrade_control_plane",
      "progress": {
        "stages": {
          "done": 1,
          "total": 2
        },
        "nodes": {
          "done": 0,
          "total": 1
        }
      },
      "last_event": "upgrade_control_plane started",
      "started_at": "2026-01-02T11:04:05+08:00",
      "updated_at": "2026-01-02T11:05:05+08:00",
      "source": "GetUpgradeStatus",
      "request_id": "FAD6E246-7125-4235-A711-A1ABDD4D6F75"
    }
    "#);
    insta::assert_snapshot!(during_an_upgrade("--output yaml").await, @r"
    exit code 0
    --- stdout
    cluster_id: c106f377e16f34eb1808d6b9362c9test
    kind: control_plane
    phase: upgrading
    upgrade_step: upgrading
    status: running
    upgrade_task:
      created_at: 2026-01-02T11:04:05+08:00
      message: upgrade_control_plane is at work
      retries: 0
      status: running
      upgrade_status:
        events:
        - Message: precheck started
          Reason: Started
          Source: ACK
          Timestamp: 2026-01-02T11:04:05+08:00
          Type: Normal
        - Message: precheck succeeded
          Reason: Succeeded
          Source: ACK
          Timestamp: 2026-01-02T11:05:05+08:00
          Type: Normal
        - Message: upgrade_control_plane started
          Reason: Started
          Source: ACK
          Timestamp: 2026-01-02T11:05:05+08:00
          Type: Normal
        is_canceled: false
        phase: Master1
        state: running
        succeeded: 0
        total: 1
    error_message: null
    precheck_report_id: 2dd82c88fa32b2707985575aa0f03783
    cluster_state: upgrading
    current_version: 1.31.1-aliyun.1
    target_version: 1.32.6-aliyun.1
    task_id: T-e220a8397b1dcdaf00000001
    stage: upgrade_control_plane
    progress:
      stages:
        done: 1
        total: 2
      nodes:
        done: 0
        total: 1
    last_event: upgrade_control_plane started
    started_at: 2026-01-02T11:04:05+08:00
    updated_at: 2026-01-02T11:05:05+08:00
    source: GetUpgradeStatus
    request_id: FAD6E246-7125-4235-A711-A1ABDD4D6F75
    ");
}

#[tokio::test]
async fn both_wire_formats_come_to_the_same() {
    for output in ["table", "json", "yaml"] {
        let json = during_an_upgrade(&format!("-o {output} --wire-format json")).await;
        let xml = during_an_upgrade(&format!("-o {output} --wire-format xml")).await;
        assert_eq!(json.to_string(), xml.to_string());
    }
}

#[tokio::test]
async fn a_cluster_that_was_never_upgraded_on_a_narrow_terminal() {
    let emulator = emulator().await;
    let ran = Cli::of(&emulator).on_terminal(40).run(&format!("upgrade status {CLUSTER}")).await;
    assert!(ran.stdout.lines().all(|line| line.len() <= 40));
    insta::assert_snapshot!(ran, @"
        exit code 0
        --- stdout
        cluster          c106f377e16f34eb1808d6b
                         9362c9test
        phase            not started
        cluster state    running
        current version  1.31.1-aliyun.1
        upgrade step     not_start
        source           GetUpgradeStatus
        request id       5E41AB08-7439-411E-B18A
                         -02F46D8D86C3
        ");
}

#[tokio::test]
async fn options_may_stand_anywhere_and_win_over_the_environment() {
    let emulator = emulator().await;
    let (endpoint, region) = (emulator.endpoint(), emulator.region().to_owned());
    for line in [
        format!("--endpoint {endpoint} --region {region} -o json upgrade status {CLUSTER}"),
        format!("upgrade --endpoint {endpoint} -o json status --region {region} {CLUSTER}"),
        format!("upgrade status {CLUSTER} -o json --region={region} --endpoint={endpoint}"),
    ] {
        let cli = Cli::of(&emulator)
            .variable("ALIBABA_CLOUD_ENDPOINT", "https://elsewhere.invalid")
            .variable("ALIBABA_CLOUD_REGION_ID", "elsewhere");
        let ran = cli.run(&line).await;
        assert_eq!(ran.code, 0, "{line}: {}", ran.stderr);
        assert!(ran.stdout.starts_with('{'), "{line}: {}", ran.stdout);
    }
}

#[tokio::test]
async fn errors_of_the_service_are_told_with_request_id_and_advice() {
    let emulator = emulator().await;
    let unknown = Cli::of(&emulator).run("upgrade status c0").await;
    insta::assert_snapshot!(unknown, @"
        exit code 1
        --- stderr
        error: DescribeClusterDetail failed: the service answered HTTP 404 ErrorClusterNotFound: cluster (c0) not found in our records (request id A706DD2F-4D19-4E6F-A382-75BC38FCBE91); check the cluster ID, and that the region is the cluster's own: another region's endpoint does not know it
        ");
    let wrong = Cli::of(&emulator).variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hidden");
    let wrong = wrong.run(&format!("upgrade status {CLUSTER}")).await;
    assert_eq!(wrong.code, 1);
    assert!(wrong.stderr.contains("SignatureDoesNotMatch") && wrong.stderr.contains("request id"), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("hidden"));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_there() {
    let emulator = emulator().await;
    let cli = Cli::of(&emulator);
    emulator.shutdown().await;
    let ran = cli.run(&format!("upgrade status {CLUSTER}")).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.starts_with("error: DescribeClusterDetail failed after 4 attempts in "), "{}", ran.stderr);
    assert!(ran.stderr.contains("): no connection to the service: "), "{}", ran.stderr);
}

#[tokio::test]
async fn output_that_cannot_be_written() {
    let emulator = emulator().await;
    let line = format!("upgrade status {CLUSTER}");
    let closed = Cli::of(&emulator).on_stdout(|_| Err(io::ErrorKind::BrokenPipe.into()));
    assert_eq!(closed.run(&line).await.to_string(), "exit code 141");
    let full = Cli::of(&emulator).on_stdout(|_| Err(io::ErrorKind::StorageFull.into()));
    insta::assert_snapshot!(full.run(&line).await, @"
        exit code 1
        --- stderr
        error: standard output cannot be written: no storage space
        ");
    let deaf = Cli::of(&emulator).on_stderr(|_| Err(io::ErrorKind::BrokenPipe.into()));
    assert_eq!(deaf.run("upgrade status c0").await.to_string(), "exit code 1");
}

#[tokio::test]
async fn an_interruption_ends_it() {
    let emulator = emulator().await;
    // Nobody answers here, and the listener keeps the connection waiting.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let cli = Cli::of(&emulator).variable("ALIBABA_CLOUD_ENDPOINT", &endpoint).interrupted_by(std::future::ready(()));
    assert_eq!(cli.run(&format!("upgrade status {CLUSTER}")).await.to_string(), "exit code 130");
    let cli = Cli::of(&emulator).variable("ALIBABA_CLOUD_ENDPOINT", &endpoint);
    let ran = cli.run(&format!("upgrade status {CLUSTER} --timeout 50ms")).await;
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("no complete answer came within 50ms"), "{}", ran.stderr);
}

#[tokio::test]
async fn logs_tell_what_is_done() {
    let emulator = emulator().await;
    let run = async |options: &str| Cli::of(&emulator).run(&format!("upgrade status {CLUSTER} {options}")).await;
    let quiet = run("").await;
    assert_eq!(quiet.stderr, "");
    for options in ["-v", "-vv", "-vvvv"] {
        let ran = run(options).await;
        assert_eq!((ran.code, ran.stdout.lines().count()), (0, quiet.stdout.lines().count()));
        assert!(ran.stderr.starts_with("2026-01-02T03:04:05.000Z DEBUG "), "{}", ran.stderr);
    }
}
