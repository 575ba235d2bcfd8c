//! Handles in files: written by a start, and taken up by another run.

use std::io::Cursor;
use std::time::Duration;

use super::harness::{CLUSTER, Cli, emulator, without_times};

/// The text with the file's own path replaced, which differs from run to run.
fn without_path(text: &str, path: &str) -> String {
    text.replace(path, "upgrade.json")
}

#[tokio::test]
async fn a_start_keeps_the_handle_and_others_take_it_up() {
    let (emulator, folder) = (emulator().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("upgrade.json");
    let file = file.to_str().unwrap();
    let started =
        Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1 --handle {file} -o table")).await;
    insta::assert_snapshot!(without_path(&started.to_string(), file), @"
        exit code 0
        --- stdout
        cluster         c106f377e16f34eb1808d6b9362c9test
        upgrade         started
        target version  1.32.6-aliyun.1
        task            T-e220a8397b1dcdaf00000001
        request id      BCCDFD9C-96A1-4897-946F-36061B6B1313

        Follow it with:
          ackctl upgrade watch --handle upgrade.json --output table
        ");
    let kept = std::fs::read_to_string(file).unwrap();
    insta::assert_snapshot!(kept, @r#"
        {
          "version": 1,
          "kind": "control_plane",
          "region": "cn-hangzhou",
          "cluster_id": "c106f377e16f34eb1808d6b9362c9test",
          "task_id": "T-e220a8397b1dcdaf00000001",
          "target_version": "1.32.6-aliyun.1",
          "started_at": "2026-01-02T03:04:05Z",
          "request_id": "BCCDFD9C-96A1-4897-946F-36061B6B1313"
        }
        "#);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");

    let status = Cli::of(&emulator).run(&format!("upgrade status --handle {file} -o json")).await;
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!((&status["phase"], &status["source"]), (&"prechecking".into(), &"DescribeTaskInfo".into()));

    let limited = format!("upgrade wait --handle {file} --interval 50ms --time-limit 120ms -o table");
    insta::assert_snapshot!(without_times(&without_path(&Cli::of(&emulator).run(&limited).await.to_string(), file)), @"
        exit code 6
        --- stdout
        The upgrade of cluster c106f377e16f34eb1808d6b9362c9test is still running at the time limit (prechecking). It was followed for HH:MM:SS.
        --- stderr
        follow it again with:
          ackctl upgrade wait --handle upgrade.json --interval 50ms --time-limit 120ms --output table
        ");

    emulator.advance(Duration::from_secs(3600));
    let ran = Cli::of(&emulator).stdin(Cursor::new(kept)).run("upgrade wait --handle -").await;
    let end: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, ran.stderr.as_str(), &end["outcome"]), (0, "", &"succeeded".into()));
}

#[tokio::test]
async fn the_region_is_that_of_the_handle() {
    let emulator = emulator().await;
    let started = Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1")).await;
    let started: serde_json::Value = serde_json::from_str(&started.stdout).unwrap();
    assert_eq!(started["event"], "start");
    let handle = || Cursor::new(started["handle"].to_string());
    // No region is given, but the endpoint is; and then one that the task is not known in.
    let cli = Cli::of(&emulator).variable("ALIBABA_CLOUD_REGION_ID", "").stdin(handle());
    assert_eq!(cli.run("upgrade status --handle -").await.code, 0);
    let ran = Cli::of(&emulator).stdin(handle()).run("upgrade watch --handle - --region cn-beijing").await;
    insta::assert_snapshot!(ran, @"
        exit code 8
        --- stderr
        error: the upgrade of cluster c106f377e16f34eb1808d6b9362c9test is in region cn-hangzhou, and tasks are known there only: use a client of that region, not of cn-beijing
        ");
}

#[tokio::test]
async fn files_that_hold_no_handle() {
    let (emulator, folder) = (emulator().await, tempfile::tempdir().unwrap());
    let missing = folder.path().join("none.json");
    let missing = missing.to_str().unwrap();
    let mut said = String::new();
    for (text, line) in [
        ("", format!("upgrade watch --handle {missing}")),
        ("", "upgrade pause --handle -".to_owned()),
        (r#"{"cluster_id":"c1","version":9}"#, "upgrade wait --handle -".to_owned()),
        (r#"{"cluster_id":"c1","kind":"node_pool"}"#, "upgrade status --handle -".to_owned()),
    ] {
        let ran = Cli::of(&emulator).stdin(Cursor::new(text)).run(&line).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}");
        said.push_str(&without_path(&ran.stderr, missing));
    }
    let large = Cursor::new(" ".repeat(100_000));
    said.push_str(&Cli::of(&emulator).stdin(large).run("upgrade wait --handle -").await.stderr);
    insta::assert_snapshot!(said, @"
        error: --handle: upgrade.json does not exist: name a file that `ackctl upgrade start --handle FILE` has written, or give the ID of the cluster
        error: --handle: standard input: the handle of the upgrade cannot be read: EOF while parsing a value at line 1 column 0
        error: --handle: standard input: the handle of the upgrade cannot be read: version is 9, and this program reads up to 1: use a newer one
        error: --handle: standard input: the handle of the upgrade cannot be read: nodepool_id is missing: a handle of kind node_pool needs it
        error: --handle: standard input is larger than 65536 bytes, so it holds no handle
        ");
    assert!(emulator.requests().is_empty());
}

#[tokio::test]
async fn nothing_is_started_whose_handle_could_not_be_kept() {
    let (emulator, folder) = (emulator().await, tempfile::tempdir().unwrap());
    let mut said = String::new();
    for file in [folder.path().join("missing").join("upgrade.json"), folder.path().to_owned()] {
        let line = format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1 --handle {}", file.display());
        let ran = Cli::of(&emulator).run(&line).await;
        said.push_str(&format!("{}\n", ran.to_string().replace(folder.path().to_str().unwrap(), "folder")));
    }
    insta::assert_snapshot!(said, @"
        exit code 2
        --- stderr
        error: --handle: folder/missing/upgrade.json cannot be written: No such file or directory (os error 2); nothing was started
        exit code 2
        --- stderr
        error: --handle: folder cannot be written: it is a folder: name a file in it; nothing was started
        ");
    assert!(emulator.requests().is_empty());
}

/// A disk can be full by the time there is something to write. The device stays what it is.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_handle_that_cannot_be_kept_all_the_same_is_said_after_the_start() {
    let emulator = emulator().await;
    let line = format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1 -o json --handle /dev/full");
    let ran = Cli::of(&emulator).run(&line).await;
    assert_eq!((ran.code, emulator.count("UpgradeCluster")), (1, 1));
    assert!(ran.stdout.contains("\"task_id\"") && ran.stderr.starts_with("error: the handle cannot be written to "));
    assert!(!std::fs::metadata("/dev/full").unwrap().is_file());
}

#[tokio::test]
async fn the_command_to_go_on_names_what_is_upgraded() {
    let emulator = emulator().await;
    let mut said = String::new();
    for options in [
        "--node-pool np1 --to 1.32.6-aliyun.1 --time-limit none --on-pause resume",
        "--addon coredns=v2 --addon metrics-server --node-skew 2",
        "--addon coredns=v2 --addon metrics-server --on-interrupt leave --stall-after 1h30m",
        "--task T-9 --interval 1m30s --on-pause wait -o yaml --wire-format xml",
    ] {
        let cli = Cli::of(&emulator).interrupted_by(std::future::ready(()));
        said.push_str(&cli.run(&format!("upgrade watch {CLUSTER} {options}")).await.stderr);
    }
    insta::assert_snapshot!(said, @"
        interrupted; the upgrade goes on
        follow it again with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --node-pool np1 --to 1.32.6-aliyun.1 --time-limit none --on-pause resume
        interrupted; the upgrade goes on
        follow it again with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --addon 'coredns=v2' --addon metrics-server --node-skew 2
        interrupted; the upgrade goes on
        follow it again with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --addon 'coredns=v2' --addon metrics-server --on-interrupt leave --stall-after 1h30m
        interrupted; the upgrade goes on
        follow it again with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --task T-9 --interval 1m30s --on-pause wait --wire-format xml --output yaml
        ");
}

#[tokio::test]
async fn an_interruption_that_cannot_do_its_work_says_so() {
    let emulator = emulator().await;
    let started = format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1");
    assert_eq!(Cli::of(&emulator).run(&started).await.code, 0);
    let now = || std::future::ready(());
    let cli = Cli::of(&emulator).interrupted_by(now()).then_interrupted_by(now());
    insta::assert_snapshot!(cli.run(&format!("upgrade watch {CLUSTER} --on-interrupt pause")).await, @"
        exit code 130
        --- stderr
        interrupted; pausing the upgrade (interrupt again to stop waiting for that)
        follow it again with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --on-interrupt pause
        error: interrupted while pausing the upgrade: whether that takes effect is not known
        ");
    assert_eq!(emulator.count("PauseTask"), 0);
    emulator.advance(Duration::from_secs(3600));
    let cli = Cli::of(&emulator).interrupted_by(now());
    insta::assert_snapshot!(cli.run(&format!("upgrade watch {CLUSTER} --on-interrupt cancel")).await, @"
        exit code 8
        --- stderr
        interrupted; cancelling the upgrade (interrupt again to stop waiting for that)
        follow it again with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --on-interrupt cancel
        error: there is nothing to cancel: the upgrade of cluster c106f377e16f34eb1808d6b9362c9test is not at work, it has succeeded
        ");
    assert_eq!(emulator.count("CancelTask"), 0);
}

#[tokio::test]
async fn options_that_do_not_go_together() {
    let mut said = String::new();
    for line in [
        "upgrade start c1 --to 1.32.6 --on-interrupt pause",
        "upgrade start c1 --to 1.32.6 --time-limit 5m --interval 5s",
        "upgrade watch",
        "upgrade watch c1 --handle upgrade.json",
        "upgrade watch c1 --node-pool np1 --addon coredns",
        "upgrade watch c1 --addon coredns= ",
        "upgrade history c1 --limit 0",
    ] {
        let ran = Cli::new().run(line).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}");
        let first = ran.stderr.split("\n\nUsage:").next().unwrap_or_default();
        said.push_str(&format!("{}\n", first.trim_end()));
    }
    insta::assert_snapshot!(said, @"
        error: --on-interrupt says how to follow the upgrade: add --watch
        error: --interval says how to follow the upgrade: add --watch
        error: the following required arguments were not provided:
          <CLUSTER_ID|--handle <FILE>>
        error: the argument '[CLUSTER_ID]' cannot be used with '--handle <FILE>'
        error: the argument '--node-pool <NODEPOOL_ID>' cannot be used with '--addon <NAME[=VERSION]>'
        error: invalid value 'coredns=' for '--addon <NAME[=VERSION]>': it names nothing: pass it as the service prints it

        For more information, try '--help'.
        error: invalid value '0' for '--limit <NUMBER>': 0 is not in 1..=200

        For more information, try '--help'.
        ");
}
