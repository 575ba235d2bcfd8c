//! `upgrade history`.

use std::time::Duration;

use ack_emulator::{UpgradeFailure, UpgradeStage};

use super::harness::{CLUSTER, Cli, emulator};

#[tokio::test]
async fn upgrades_are_listed_newest_first() {
    let emulator = emulator().await;
    let none = Cli::of(&emulator).run(&format!("upgrade history {CLUSTER}")).await;
    insta::assert_snapshot!(none, @"
        exit code 0
        --- stderr
        no upgrade of cluster c106f377e16f34eb1808d6b9362c9test is remembered
        ");
    emulator.fail_next_upgrade(CLUSTER, UpgradeFailure::new(UpgradeStage::Precheck, "2 nodes are NotReady")).unwrap();
    for version in ["1.32.1-aliyun.1", "1.32.1-aliyun.1", "1.32.6-aliyun.1"] {
        Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to {version}")).await;
        emulator.advance(Duration::from_secs(3600));
    }
    let table = Cli::of(&emulator).run(&format!("upgrade history {CLUSTER}")).await;
    insta::assert_snapshot!(table, @"
        exit code 0
        --- stdout
        STARTED                    UPGRADE OF     TO               ENDED      TASK                        ERROR
        2026-01-02T13:04:05+08:00  control plane  1.32.6-aliyun.1  succeeded  T-e220a8397b1dcdaf00000003
        2026-01-02T12:04:05+08:00  control plane  1.32.1-aliyun.1  succeeded  T-e220a8397b1dcdaf00000002
        2026-01-02T11:04:05+08:00  control plane  1.32.1-aliyun.1  failed     T-e220a8397b1dcdaf00000001  2 nodes are NotReady (PrecheckFailed)
        ");
    let narrow = Cli::of(&emulator).on_terminal(60).run(&format!("upgrade history {CLUSTER}")).await;
    let widest = narrow.stdout.lines().map(str::len).max();
    assert!(widest <= Some(60), "{narrow}");
    let json = Cli::of(&emulator).run(&format!("upgrade history {CLUSTER} --limit 1 -o json")).await;
    insta::assert_snapshot!(json, @r#"
        exit code 0
        --- stdout
        [
          {
            "task_id": "T-e220a8397b1dcdaf00000003",
            "kind": "control_plane",
            "phase": "succeeded",
            "target_version": "1.32.6-aliyun.1",
            "started_at": "2026-01-02T13:04:05+08:00",
            "updated_at": "2026-01-02T13:10:05+08:00",
            "error_message": null
          }
        ]
        "#);
    let unknown = Cli::of(&emulator).run("upgrade history c0").await;
    assert_eq!((unknown.code, unknown.stdout.as_str()), (1, ""));
}
