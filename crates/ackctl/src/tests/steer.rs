//! `upgrade pause`, `resume` and `cancel`, and what an interruption does that is told to pause or cancel.

use std::time::Duration;

use ack_emulator::{RunningEmulator, UpgradeDurations};

use super::harness::{CLUSTER, Cli, settings};

/// An emulator with an upgrade whose precheck is through. A pause, resume or cancel takes effect at once.
async fn upgrading() -> RunningEmulator {
    let durations = UpgradeDurations::default().with_control(Duration::ZERO);
    let emulator = settings().durations(durations).start().await.unwrap();
    let ran = Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1")).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    emulator.advance(Duration::from_secs(120));
    emulator
}

#[tokio::test]
async fn each_says_what_has_become_of_the_upgrade() {
    let emulator = upgrading().await;
    let mut said = String::new();
    for command in ["pause", "pause", "resume", "cancel", "resume"] {
        let ran = Cli::of(&emulator).run(&format!("upgrade {command} {CLUSTER}")).await;
        said.push_str(&format!("$ {command}\n{ran}\n"));
    }
    insta::assert_snapshot!(said);
    let sent = ["PauseTask", "ResumeTask", "CancelTask"].map(|operation| emulator.accepted(operation));
    assert_eq!(sent, [1, 1, 1]);
}

#[tokio::test]
async fn programs_get_the_status() {
    let emulator = upgrading().await;
    let ran = Cli::of(&emulator).run(&format!("upgrade pause {CLUSTER} -o json")).await;
    let done: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&done["action"], &done["already"]), (&"pause".into(), &false.into()));
    assert_eq!((&done["status"]["phase"], &done["status"]["paused_by"]), (&"paused".into(), &"person".into()));
    assert!(done["request_id"].is_string());
}

#[tokio::test]
async fn what_does_not_take_effect_in_time_has_an_exit_code_of_its_own() {
    let emulator = settings().start().await.unwrap();
    Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1")).await;
    // Time stands still, and so does the pause.
    let ran = Cli::of(&emulator).run(&format!("upgrade pause {CLUSTER} --time-limit 100ms")).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (10, ""));
    assert!(ran.stderr.contains("has not taken effect: the service has taken the request"), "{}", ran.stderr);
    assert_eq!(emulator.accepted("PauseTask"), 1);
}

#[tokio::test]
async fn an_interruption_pauses_or_cancels_only_if_it_is_told_to() {
    let mut said = String::new();
    for action in ["leave", "pause", "cancel"] {
        let emulator = upgrading().await;
        let cli = Cli::of(&emulator).interrupted_by(std::future::ready(()));
        let ran = cli.run(&format!("upgrade watch {CLUSTER} --on-interrupt {action}")).await;
        let status = Cli::of(&emulator).run(&format!("upgrade status {CLUSTER} -o json")).await;
        let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
        said.push_str(&format!("$ {action}\n{ran}\nthe upgrade is {}\n\n", status["phase"]));
        let sent = ["PauseTask", "CancelTask"].map(|operation| emulator.count(operation));
        assert_eq!(sent, [usize::from(action == "pause"), usize::from(action == "cancel")], "{action}");
    }
    insta::assert_snapshot!(said);
}
