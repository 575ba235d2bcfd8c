//! `upgrade watch` without a terminal.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ack_emulator::{RunningEmulator, UpgradeFailure, UpgradeStage};
use tokio::sync::Notify;

use super::harness::{CLUSTER, Cli, Ran, check_events, emulator, without_times};

/// An emulator with an upgrade that has just begun.
async fn upgrading() -> RunningEmulator {
    let emulator = emulator().await;
    let ran = Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1")).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    emulator
}

/// Follows, with two minutes passing at each event, so that each look sees the next stage.
async fn follow(emulator: &RunningEmulator, options: &str) -> Ran {
    let time = (*emulator).clone();
    let advance = move |_: &str| {
        time.advance(Duration::from_secs(120));
        Ok(())
    };
    Cli::of(emulator).on_stdout(advance).run(&format!("upgrade watch {CLUSTER} --interval 50ms {options}")).await
}

#[tokio::test]
async fn a_line_for_each_event() {
    let emulator = upgrading().await;
    insta::assert_snapshot!(without_times(&follow(&emulator, "--to 1.32.6-aliyun.1 -o table").await.to_string()), @"
        exit code 0
        --- stdout
        HH:MM:SS  prechecking, at 1.31.1-aliyun.1, to 1.32.6-aliyun.1, task T-e220a8397b1dcdaf00000001, stage precheck, 0 of 1 stages done
        HH:MM:SS  precheck started
        HH:MM:SS  precheck succeeded
        HH:MM:SS  upgrade_control_plane started
        HH:MM:SS  upgrading
        HH:MM:SS  stage upgrade_control_plane
        HH:MM:SS  1 of 2 stages done
        HH:MM:SS  upgrade_control_plane succeeded
        HH:MM:SS  succeeded
        HH:MM:SS  2 of 2 stages done
        HH:MM:SS  succeeded: running at 1.32.6-aliyun.1
        ");
}

#[tokio::test]
async fn json_lines() {
    let emulator = upgrading().await;
    let ran = follow(&emulator, "").await;
    check_events(&ran.stdout);
    insta::assert_snapshot!(without_times(&ran.to_string()), @r#"
        exit code 0
        --- stdout
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"FAD6E246-7125-4235-A711-A1ABDD4D6F75","event":"started","status":{"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","phase":"prechecking","upgrade_step":"prechecking","status":"running","upgrade_task":null,"error_message":null,"precheck_report_id":null,"cluster_state":"upgrading","current_version":"1.31.1-aliyun.1","target_version":"1.32.6-aliyun.1","task_id":"T-e220a8397b1dcdaf00000001","stage":"precheck","progress":{"stages":{"done":0,"total":1}},"last_event":"precheck started","started_at":"2026-01-02T11:04:05+08:00","updated_at":"2026-01-02T11:04:05+08:00","source":"GetUpgradeStatus","request_id":"FAD6E246-7125-4235-A711-A1ABDD4D6F75"}}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"FAD6E246-7125-4235-A711-A1ABDD4D6F75","event":"task_event","level":"normal","reason":"ClusterUpgradeStageStart","message":"precheck started","happened_at":"2026-01-02T03:04:05.000Z"}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"E58DF79A-C22C-428E-A859-64CD58E9AE17","event":"task_event","level":"normal","reason":"ClusterUpgradeStageSuccess","message":"precheck succeeded","happened_at":"2026-01-02T03:05:05.000Z"}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"E58DF79A-C22C-428E-A859-64CD58E9AE17","event":"task_event","level":"normal","reason":"ClusterUpgradeStageStart","message":"upgrade_control_plane started","happened_at":"2026-01-02T03:05:05.000Z"}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"E58DF79A-C22C-428E-A859-64CD58E9AE17","event":"phase_changed","from":"prechecking","to":"upgrading"}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"E58DF79A-C22C-428E-A859-64CD58E9AE17","event":"stage_changed","stage":"upgrade_control_plane"}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"E58DF79A-C22C-428E-A859-64CD58E9AE17","event":"progress","stages":{"done":1,"total":2}}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"F7684DEF-5C5A-44AB-9E5B-BFAF6D64CA6D","event":"task_event","level":"normal","reason":"ClusterUpgradeStageSuccess","message":"upgrade_control_plane succeeded","happened_at":"2026-01-02T03:10:05.000Z"}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"F7684DEF-5C5A-44AB-9E5B-BFAF6D64CA6D","event":"phase_changed","from":"upgrading","to":"succeeded"}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"F7684DEF-5C5A-44AB-9E5B-BFAF6D64CA6D","event":"progress","stages":{"done":2,"total":2}}
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":#,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"F7684DEF-5C5A-44AB-9E5B-BFAF6D64CA6D","event":"finished","outcome":"succeeded","version":"1.32.6-aliyun.1","verified":true}
        "#);
}

#[tokio::test]
async fn yaml_documents() {
    let emulator = upgrading().await;
    emulator.advance(Duration::from_secs(3600));
    insta::assert_snapshot!(without_times(&follow(&emulator, "-o yaml").await.to_string()), @r"
    exit code 0
    --- stdout
    ---
    at: 2026-01-02T03:04:05.000Z
    elapsed_seconds: #
    cluster_id: c106f377e16f34eb1808d6b9362c9test
    kind: control_plane
    task_id: T-e220a8397b1dcdaf00000001
    request_id: FAD6E246-7125-4235-A711-A1ABDD4D6F75
    event: started
    status:
      cluster_id: c106f377e16f34eb1808d6b9362c9test
      kind: control_plane
      phase: succeeded
      upgrade_step: success
      status: success
      upgrade_task:
        created_at: 2026-01-02T11:04:05+08:00
        finished_at: 2026-01-02T11:10:05+08:00
        message: upgraded to 1.32.6-aliyun.1
        retries: 0
        status: Success
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
          - Message: upgrade_control_plane succeeded
            Reason: Succeeded
            Source: ACK
            Timestamp: 2026-01-02T11:10:05+08:00
            Type: Normal
          is_canceled: false
          phase: Master1
          state: Success
          succeeded: 1
          total: 1
      error_message: null
      precheck_report_id: 2dd82c88fa32b2707985575aa0f03783
      cluster_state: running
      current_version: 1.32.6-aliyun.1
      target_version: 1.32.6-aliyun.1
      task_id: T-e220a8397b1dcdaf00000001
      stage: upgrade_control_plane
      progress:
        stages:
          done: 2
          total: 2
        nodes:
          done: 1
          total: 1
      last_event: upgrade_control_plane succeeded
      started_at: 2026-01-02T11:04:05+08:00
      updated_at: 2026-01-02T11:10:05+08:00
      source: GetUpgradeStatus
      request_id: FAD6E246-7125-4235-A711-A1ABDD4D6F75
    ---
    at: 2026-01-02T03:04:05.000Z
    elapsed_seconds: #
    cluster_id: c106f377e16f34eb1808d6b9362c9test
    kind: control_plane
    task_id: T-e220a8397b1dcdaf00000001
    request_id: FAD6E246-7125-4235-A711-A1ABDD4D6F75
    event: task_event
    level: normal
    reason: ClusterUpgradeStageStart
    message: precheck started
    happened_at: 2026-01-02T03:04:05.000Z
    ---
    at: 2026-01-02T03:04:05.000Z
    elapsed_seconds: #
    cluster_id: c106f377e16f34eb1808d6b9362c9test
    kind: control_plane
    task_id: T-e220a8397b1dcdaf00000001
    request_id: FAD6E246-7125-4235-A711-A1ABDD4D6F75
    event: task_event
    level: normal
    reason: ClusterUpgradeStageSuccess
    message: precheck succeeded
    happened_at: 2026-01-02T03:05:05.000Z
    ---
    at: 2026-01-02T03:04:05.000Z
    elapsed_seconds: #
    cluster_id: c106f377e16f34eb1808d6b9362c9test
    kind: control_plane
    task_id: T-e220a8397b1dcdaf00000001
    request_id: FAD6E246-7125-4235-A711-A1ABDD4D6F75
    event: task_event
    level: normal
    reason: ClusterUpgradeStageStart
    message: upgrade_control_plane started
    happened_at: 2026-01-02T03:05:05.000Z
    ---
    at: 2026-01-02T03:04:05.000Z
    elapsed_seconds: #
    cluster_id: c106f377e16f34eb1808d6b9362c9test
    kind: control_plane
    task_id: T-e220a8397b1dcdaf00000001
    request_id: FAD6E246-7125-4235-A711-A1ABDD4D6F75
    event: task_event
    level: normal
    reason: ClusterUpgradeStageSuccess
    message: upgrade_control_plane succeeded
    happened_at: 2026-01-02T03:10:05.000Z
    ---
    at: 2026-01-02T03:04:05.000Z
    elapsed_seconds: #
    cluster_id: c106f377e16f34eb1808d6b9362c9test
    kind: control_plane
    task_id: T-e220a8397b1dcdaf00000001
    request_id: FAD6E246-7125-4235-A711-A1ABDD4D6F75
    event: finished
    outcome: succeeded
    version: 1.32.6-aliyun.1
    verified: true
    ");
}

#[tokio::test]
async fn over_xml_the_events_are_the_same() {
    let (left, right) = (upgrading().await, upgrading().await);
    let json = follow(&left, "--wire-format json").await;
    let xml = follow(&right, "--wire-format xml").await;
    assert_eq!(without_times(&json.to_string()), without_times(&xml.to_string()));
}

#[tokio::test]
async fn a_failure() {
    let emulator = emulator().await;
    let failure = UpgradeFailure::new(UpgradeStage::Precheck, "2 of 3 nodes are NotReady");
    emulator.fail_next_upgrade(CLUSTER, failure).unwrap();
    Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1")).await;
    insta::assert_snapshot!(without_times(&follow(&emulator, "-o table").await.to_string()), @"
        exit code 3
        --- stdout
        HH:MM:SS  prechecking, at 1.31.1-aliyun.1, to 1.32.6-aliyun.1, task T-e220a8397b1dcdaf00000001, stage precheck, 0 of 1 stages done
        HH:MM:SS  precheck started
        HH:MM:SS  precheck: blocking: 2 of 3 nodes are NotReady (PrecheckFailed)
        HH:MM:SS  warning: precheck failed: 2 of 3 nodes are NotReady
        HH:MM:SS  failed
        HH:MM:SS  failed: 2 of 3 nodes are NotReady (PrecheckFailed)
        ");
}

#[tokio::test]
async fn the_time_limit() {
    let emulator = upgrading().await;
    let ran =
        Cli::of(&emulator).run(&format!("upgrade watch {CLUSTER} --interval 50ms --time-limit 120ms -o table")).await;
    insta::assert_snapshot!(without_times(&ran.to_string()), @"
        exit code 6
        --- stdout
        HH:MM:SS  prechecking, at 1.31.1-aliyun.1, to 1.32.6-aliyun.1, task T-e220a8397b1dcdaf00000001, stage precheck, 0 of 1 stages done
        HH:MM:SS  precheck started
        HH:MM:SS  still running at the time limit (prechecking)
        --- stderr
        follow it again with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --task T-e220a8397b1dcdaf00000001 --to 1.32.6-aliyun.1 --interval 50ms --time-limit 120ms --output table
        ");
}

#[tokio::test]
async fn an_upgrade_that_is_not_to_be_found() {
    let emulator = emulator().await;
    let ran = Cli::of(&emulator).run("upgrade watch c0 --task T-0 --to 1.32.6-aliyun.1 -o table").await;
    insta::assert_snapshot!(without_times(&ran.to_string()), @"
        exit code 7
        --- stdout
        HH:MM:SS  lost sight of the upgrade: DescribeClusterDetail failed: the service answered HTTP 404 ErrorClusterNotFound: cluster (c0) not found in our records (request id A706DD2F-4D19-4E6F-A382-75BC38FCBE91); check the cluster ID, and that the region is the cluster's own: another region's endpoint does not know it
        --- stderr
        follow it again with:
          ackctl upgrade watch c0 --task T-0 --to 1.32.6-aliyun.1 --output table
        ");
}

#[tokio::test]
async fn an_interruption_stops_the_watching_and_not_the_upgrade() {
    let emulator = upgrading().await;
    let seen = Arc::new(Notify::new());
    let noticed = Arc::clone(&seen);
    let cli = Cli::of(&emulator)
        .on_stdout(move |_| {
            seen.notify_one();
            Ok(())
        })
        .interrupted_by(async move { noticed.notified().await });
    let region = emulator.region();
    let ran = cli.run(&format!("upgrade watch {CLUSTER} --region {region} -o table")).await;
    insta::assert_snapshot!(without_times(&ran.to_string()), @"
        exit code 130
        --- stdout
        HH:MM:SS  prechecking, at 1.31.1-aliyun.1, to 1.32.6-aliyun.1, task T-e220a8397b1dcdaf00000001, stage precheck, 0 of 1 stages done
        --- stderr
        interrupted; the upgrade goes on
        follow it again with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --task T-e220a8397b1dcdaf00000001 --to 1.32.6-aliyun.1 --region cn-hangzhou --output table
        ");
    assert_eq!(emulator.count("UpgradeCluster"), 1);
}

#[tokio::test]
async fn a_reader_that_has_seen_enough() {
    let emulator = upgrading().await;
    let mut lines = 0;
    let cli = Cli::of(&emulator).on_stdout(move |_| {
        lines += 1;
        if lines > 1 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    });
    emulator.advance(Duration::from_secs(3600));
    let ran = cli.run(&format!("upgrade watch {CLUSTER}")).await;
    assert_eq!((ran.code, ran.stdout.lines().count(), ran.stderr.as_str()), (141, 1, ""));
}
