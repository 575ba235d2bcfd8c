//! The real program: completions in a real shell, and records that outlast being killed.

#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::Duration;

use ack_emulator::{ClusterSeed, Emulator, RunningEmulator};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ackctl");

/// Loads the script as a profile does, and calls what the shell calls when somebody presses Tab behind the words.
fn in_bash(words: &[&str], environment: &[(&str, &str)]) -> String {
    let script = r#"
        set -u
        source <("$0" completion bash)
        complete -p ackctl >/dev/null || exit 3
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        COMP_TYPE=9
        _clap_complete_ackctl ackctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", script, PROGRAM])
        .args(words)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(environment.iter().copied())
        .output()
        .expect("bash can be started");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).expect("the output is text")
}

#[test]
fn bash_completes_commands_and_options() {
    assert_eq!(in_bash(&["ackctl", "upgrade", "wa"], &[]), "watch\nwait\n");
    assert_eq!(in_bash(&["ackctl", "upgrade", "watch", "c1", "--time"], &[]), "--time-limit\n--timeout\n");
    assert_eq!(in_bash(&["ackctl", "--network", "v"], &[]), "vpc\n");
}

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

async fn emulator() -> RunningEmulator {
    let seed = ClusterSeed::managed(CLUSTER, "test-cluster", "1.31.1-aliyun.1");
    Emulator::builder().cluster(seed).start().await.expect("the emulator starts")
}

fn environment(emulator: &RunningEmulator) -> [(&'static str, String); 4] {
    let announcement = emulator.announcement();
    [
        ("ALIBABA_CLOUD_REGION_ID", announcement.region),
        ("ALIBABA_CLOUD_ENDPOINT", announcement.endpoint),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", announcement.access_key_id),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", announcement.access_key_secret),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn bash_completes_clusters() {
    let emulator = emulator().await;
    let environment = environment(&emulator);
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(in_bash(&["ackctl", "upgrade", "status", "c10"], &environment), format!("{CLUSTER}\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_record_outlasts_being_killed_at_any_moment() {
    let emulator = emulator().await;
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("upgrade.jsonl");
    let mut written = 0;
    for kill in 0..12 {
        let mut program = Command::new(PROGRAM)
            .args(["upgrade", "start", CLUSTER, "--to", "1.32.6-aliyun.1", "--watch", "--interval", "50ms", "--record"])
            .arg(&record)
            .env_clear()
            .envs(environment(&emulator))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(8 * kill));
        program.kill().unwrap();
        program.wait().unwrap();
        // It is there, with all that was there before, and all of it can be read.
        let Ok(text) = std::fs::read_to_string(&record) else { continue };
        assert!(text.len() >= written, "{text}");
        written = text.len();
        let torn = text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_err()).count();
        assert!(torn <= usize::try_from(kill).unwrap_or_default() + 1, "{text}");
        let report = Command::new(PROGRAM).args(["upgrade", "report", "-o", "json"]).arg(&record).output().unwrap();
        assert!(report.status.success() || text.is_empty(), "{report:?}");
    }
    assert!(written > 0);
    // At most one upgrade was started, whoever was killed.
    assert!(emulator.accepted("UpgradeCluster") <= 1);
}
