//! Completions in real shells, with the real program.

#![cfg(unix)]

use std::process::Command;

use ack_emulator::{ClusterSeed, Emulator};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn bash_completes_clusters() {
    let cluster = "c106f377e16f34eb1808d6b9362c9test";
    let seed = ClusterSeed::managed(cluster, "test-cluster", "1.31.1-aliyun.1");
    let emulator = Emulator::builder().cluster(seed).start().await.unwrap();
    let announcement = emulator.announcement();
    let environment = [
        ("ALIBABA_CLOUD_REGION_ID", announcement.region.as_str()),
        ("ALIBABA_CLOUD_ENDPOINT", &announcement.endpoint),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", &announcement.access_key_id),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &announcement.access_key_secret),
    ];
    assert_eq!(in_bash(&["ackctl", "upgrade", "status", "c10"], &environment), format!("{cluster}\n"));
}
