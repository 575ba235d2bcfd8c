//! What shells are offered.

use std::net::TcpListener;

use ack_emulator::RunningEmulator;

use super::harness::{CLUSTER, Cli, Ran, emulator};

/// The candidates for the last word of a line, as fish takes them: with what is said of each.
async fn offered(cli: Cli, line: &str) -> String {
    let ran = asked(cli.variable("ACKCTL_COMPLETE", "fish"), line).await;
    ran.stdout
}

/// Whatever happens, it ends well and says nothing on standard error.
async fn asked(cli: Cli, line: &str) -> Ran {
    let ran = cli.run(&format!("-- {line}")).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}");
    ran
}

fn names(offered: &str) -> Vec<&str> {
    offered.lines().filter_map(|line| line.split('\t').next()).collect()
}

#[tokio::test]
async fn commands_options_and_values() {
    let lines = [
        "ackctl upgrade w",
        "ackctl upgrade watch --on",
        "ackctl upgrade watch c1 --on-pause ''",
        "ackctl upgrade watch c1 --on-pause=r",
        "ackctl --region cn-b",
        "ackctl api describeclustern",
        "ackctl api GetUpgradeStatus --path ''",
        "ackctl api DescribeClusterTasks --query page",
        "ackctl completion ''",
        "ackctl nonsense ''",
    ];
    let mut said = String::new();
    for line in lines {
        said.push_str(&format!("$ {line}\n{}\n", offered(Cli::new(), line).await));
    }
    insta::assert_snapshot!(said);
}

async fn clusters(emulator: &RunningEmulator, line: &str) -> String {
    offered(Cli::of(emulator), line).await
}

#[tokio::test]
async fn clusters_and_node_pools_of_the_service() {
    let emulator = emulator().await;
    let all = clusters(&emulator, "ackctl upgrade status ''").await;
    assert!(all.starts_with(&format!("{CLUSTER}\ttest-cluster, 1.31.1-aliyun.1, running\n")), "{all}");
    for command in ["start", "watch", "wait", "pause", "resume", "cancel", "history"] {
        assert_eq!(names(&clusters(&emulator, &format!("ackctl upgrade {command} c1")).await), [CLUSTER], "{command}");
    }
    assert_eq!(clusters(&emulator, "ackctl upgrade status x").await, "");
    // Options before the cursor count, wherever they stand.
    assert_eq!(clusters(&emulator, "ackctl --region cn-beijing upgrade status c1").await, "");
    assert_eq!(clusters(&emulator, "ackctl upgrade status --region=cn-beijing c1").await, "");
    let pools = clusters(&emulator, &format!("ackctl upgrade watch {CLUSTER} --node-pool np")).await;
    assert!(pools.starts_with("np") && pools.contains("\tdefault-nodepool"), "{pools}");
    let without_cluster = clusters(&emulator, "ackctl upgrade watch --node-pool np").await;
    assert_eq!(without_cluster, "");
    let versions = clusters(&emulator, &format!("ackctl upgrade start {CLUSTER} --to 1")).await;
    assert_eq!(names(&versions), ["1.31.9-aliyun.1", "1.32.1-aliyun.1", "1.32.6-aliyun.1"]);
    let versions = clusters(&emulator, &format!("ackctl upgrade run {CLUSTER} --target=1.31")).await;
    assert_eq!(names(&versions), ["--target=1.31.9-aliyun.1"]);
    assert_eq!(clusters(&emulator, "ackctl upgrade start --to ''").await, "");
    // Nothing else asks the service.
    let before = emulator.requests().len();
    clusters(&emulator, "ackctl upgrade st").await;
    assert_eq!(emulator.requests().len(), before);
}

#[tokio::test]
async fn profiles_of_both_files() {
    let home = || {
        Cli::new()
            .variable("HOME", "/home/ada")
            .file(
                "/home/ada/.aliyun/config.json",
                r#"{"profiles":[{"name":"night","access_key_secret":"s3cret"},{"name":"day"}]}"#,
            )
            .file(
                "/home/ada/.alibabacloud/credentials",
                "[default]\ntype = access_key\naccess_key_secret = s3cret\n[night]\n",
            )
    };
    assert_eq!(offered(home(), "ackctl --profile ''").await, "night\nday\ndefault\n");
    assert_eq!(offered(home(), "ackctl upgrade status c1 --profile n").await, "night\n");
    let broken = Cli::new().variable("HOME", "/home/ada").file("/home/ada/.aliyun/config.json", "{s3cret");
    assert_eq!(offered(broken, "ackctl --profile ''").await, "");
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_not_offered() {
    let line = "ackctl upgrade status c";
    assert_eq!(offered(Cli::new(), line).await, "");
    let emulator = emulator().await;
    let wrong = Cli::of(&emulator).variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "another-secret");
    assert_eq!(offered(wrong, line).await, "");
    emulator.inject(ack_emulator::Fault::error(403, "Forbidden", "you may not")).unwrap();
    assert_eq!(clusters(&emulator, line).await, "");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_answer_keeps_nobody_waiting() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let cli = Cli::new()
        .variable("ALIBABA_CLOUD_ENDPOINT", &endpoint)
        .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExampleNobody1")
        .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s3cret");
    let started = tokio::time::Instant::now();
    assert_eq!(offered(cli, "ackctl upgrade status --timeout 10m c").await, "");
    assert!(started.elapsed() < std::time::Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn each_shell_is_told_in_its_way() {
    let mut said = String::new();
    for (shell, index) in [("bash", "2"), ("zsh", "2"), ("fish", ""), ("powershell", ""), ("pwsh", ""), ("elvish", "2")]
    {
        let cli = Cli::new().variable("ACKCTL_COMPLETE", shell).variable("_CLAP_COMPLETE_INDEX", index);
        said.push_str(&format!("{shell}: {:?}\n", asked(cli, "ackctl upgrade wa").await.stdout));
    }
    insta::assert_snapshot!(said);
    // A shell nobody knows is no shell, and the words are arguments.
    let ran = Cli::new().variable("ACKCTL_COMPLETE", "tcsh").run("--version").await;
    assert!(ran.stdout.starts_with("ackctl "), "{ran}");
}

#[tokio::test]
async fn bash_splits_words_at_equals_signs() {
    let words = |index: &str, line: &str| {
        let cli = Cli::new().variable("ACKCTL_COMPLETE", "bash").variable("_CLAP_COMPLETE_INDEX", index);
        let line = line.to_owned();
        async move { asked(cli, &line).await.stdout }
    };
    assert_eq!(words("3", "ackctl --region = cn-hangzhou-f").await, "cn-hangzhou-finance");
    assert_eq!(words("2", "ackctl --region ''").await.split('\u{b}').next(), Some("ap-northeast-1"));
    assert_eq!(words("5", "ackctl --region = cn-beijing upgrade watc ''").await, "watch");
    assert_eq!(words("7", "ackctl api GetUpgradeStatus --path ClusterId = c1 --dry").await, "--dry-run");
    for (index, line) in
        [("6", "ackctl api GetUpgradeStatus --path ClusterId = c1"), ("99", "ackctl"), ("1", "ackctl =")]
    {
        assert_eq!(words(index, line).await, "", "{line}");
    }
}

#[tokio::test]
async fn the_scripts() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = Cli::new().run(&format!("completion {shell}")).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(ran.stdout.contains("ACKCTL_COMPLETE") && ran.stdout.contains("ackctl"), "{}", ran.stdout);
    }
    let unknown = Cli::new().run("completion tcsh").await;
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("bash, zsh, fish, powershell, elvish"), "{}", unknown.stderr);
}
