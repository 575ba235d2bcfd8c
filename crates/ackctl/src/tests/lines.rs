//! Text or lines of JSON: what decides, and that every line is as its schema says. On paused time.

use std::time::SystemTime;

use ack_emulator::{ClusterSeed, Emulator, NodePoolSeed, RunningEmulator, ScaledClock};
use tempfile::TempDir;

use super::harness::{CLUSTER, Cli, Ran, START, check_events};

/// Commands that follow something, and what comes before each.
const FOLLOWING: [(&str, &str); 7] = [
    ("upgrade start CLUSTER --to 1.32.6-aliyun.1 --watch", ""),
    ("upgrade watch CLUSTER", "upgrade start CLUSTER --to 1.32.6-aliyun.1"),
    ("upgrade wait CLUSTER", "upgrade start CLUSTER --to 1.32.6-aliyun.1"),
    ("upgrade run CLUSTER --target next", ""),
    ("upgrade apply DIR/plan.json", "upgrade plan CLUSTER --target next --plan-out DIR/plan.json"),
    ("fleet watch --until-at-rest", "upgrade start CLUSTER --to 1.32.6-aliyun.1"),
    ("fleet run --to 1.32", ""),
];

/// Commands that answer once.
const ANSWERING: [(&str, &str); 7] = [
    ("upgrade status CLUSTER", ""),
    ("upgrade plan CLUSTER --target next", ""),
    ("upgrade history CLUSTER", "upgrade start CLUSTER --to 1.32.6-aliyun.1"),
    ("upgrade cancel CLUSTER", "upgrade start CLUSTER --to 1.32.6-aliyun.1"),
    ("fleet status", ""),
    ("fleet run --to 1.32 --dry-run", ""),
    ("regions", ""),
];

/// A cluster at rest, and a folder.
struct Scene {
    emulator: RunningEmulator,
    clock: ScaledClock,
    folder: TempDir,
}

impl Scene {
    /// In which a command has been run already, if one is given.
    async fn after(line: &str) -> Self {
        let seed = ClusterSeed::managed(CLUSTER, "test-cluster", "1.31.1-aliyun.1").without_addons();
        let seed = seed.with_node_pool(NodePoolSeed::new("np-blue", 1));
        let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + START);
        let emulator = Emulator::builder().clock(clock).cluster(seed).start().await.unwrap();
        let scene = Self { emulator, clock, folder: tempfile::tempdir().unwrap() };
        if !line.is_empty() {
            let ran = scene.run(scene.cli(), line).await;
            assert_eq!(ran.code, 0, "{line}: {ran}");
        }
        scene
    }

    fn cli(&self) -> Cli {
        Cli::of(&self.emulator).clock(self.clock)
    }

    async fn run(&self, cli: Cli, line: &str) -> Ran {
        let folder = self.folder.path().display().to_string();
        cli.run(&line.replace("DIR", &folder).replace("CLUSTER", CLUSTER)).await
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

#[tokio::test(start_paused = true)]
async fn what_follows_prints_json_lines_off_a_terminal() {
    for (line, before) in FOLLOWING {
        let scene = Scene::after(before).await;
        let ran = scene.run(scene.cli(), line).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}: {ran}");
        check_events(&ran.stdout);
        let last: serde_json::Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
        let end = if line.starts_with("fleet") { ("fleet_finished", "done") } else { ("finished", "succeeded") };
        assert_eq!(last["event"], end.0, "{line}");
        assert!(last["outcome"] == end.1 || last["end"] == end.1, "{line}: {last}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_holds_anywhere() {
    for (line, before) in FOLLOWING {
        let scene = Scene::after(before).await;
        let shown = scene.run(scene.cli().on_terminal(100), line).await;
        let scene = Scene::after(before).await;
        let text = scene.run(scene.cli(), &format!("{line} -o table")).await;
        for ran in [shown, text] {
            assert_eq!(ran.code, 0, "{line}: {ran}");
            assert!(!ran.stdout.is_empty() && !ran.stdout.lines().any(is_json), "{line}: {ran}");
        }
        for options in ["--json", "-o json", "--json -o json"] {
            let scene = Scene::after(before).await;
            let ran = scene.run(scene.cli().on_terminal(100), &format!("{options} {line}")).await;
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line} {options}: {ran}");
            check_events(&ran.stdout);
        }
    }
}

/// A terminal for notices alone changes nothing, nor does one that shows no live display.
#[tokio::test(start_paused = true)]
async fn standard_output_alone_decides() {
    let (line, before) = FOLLOWING[1];
    let scene = Scene::after(before).await;
    let ran = scene.run(scene.cli().on_terminals(None, Some(100)), line).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    check_events(&ran.stdout);
    for cli in [Cli::on_terminals, |cli: Cli, _, _| cli.variable("TERM", "dumb").on_terminal(100)] {
        let scene = Scene::after(before).await;
        let ran = scene.run(cli(scene.cli(), Some(100), None), line).await;
        assert!(ran.code == 0 && !ran.stdout.lines().any(is_json), "{ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn notices_are_on_standard_error_however_it_ends() {
    for (line, before) in FOLLOWING {
        let scene = Scene::after(before).await;
        let limited = scene.run(scene.cli(), &format!("{line} --time-limit 70s")).await;
        assert_eq!(limited.code, 6, "{line}: {limited}");
        let scene = Scene::after(before).await;
        let soon = tokio::time::sleep(std::time::Duration::from_secs(70));
        let interrupted = scene.run(scene.cli().interrupted_by(soon), line).await;
        assert_eq!(interrupted.code, 130, "{line}: {interrupted}");
        assert!(interrupted.stderr.starts_with("interrupted; "), "{interrupted}");
        for ran in [limited, interrupted] {
            if !ran.stdout.is_empty() {
                check_events(&ran.stdout);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_answers_once_is_text_until_it_is_asked_for_json() {
    for (line, before) in ANSWERING {
        let scene = Scene::after(before).await;
        let text = scene.run(scene.cli(), line).await;
        assert!(text.code == 0 && !text.stdout.is_empty() && !is_json(&text.stdout), "{line}: {text}");
        let scene = Scene::after(before).await;
        let json = scene.run(scene.cli(), &format!("{line} --json")).await;
        assert!(json.code == 0 && is_json(&json.stdout), "{line}: {json}");
    }
}

#[tokio::test]
async fn one_format_at_a_time() {
    let mut said = String::new();
    for line in ["regions --json -o yaml", "--json regions --output table", "-o yaml upgrade watch c1 --json"] {
        let ran = Cli::new().run(line).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}");
        said.push_str(ran.stderr.lines().next().unwrap());
        said.push('\n');
    }
    insta::assert_snapshot!(said, @"
    error: --json cannot be used with --output yaml: leave one of them out
    error: --json cannot be used with --output table: leave one of them out
    error: --json cannot be used with --output yaml: leave one of them out
    ");
    assert_eq!(Cli::new().run("--json regions -o json").await.code, 0);
}

/// The command to go on asks for what this one was asked for, and leaves open what was left open.
#[tokio::test]
async fn commands_to_go_on_repeat_what_was_asked_for() {
    let now = || std::future::ready(());
    let emulator = super::harness::emulator().await;
    let mut said = String::new();
    for options in ["", "--json", "-o json", "-o yaml", "-o table"] {
        let ran = Cli::of(&emulator).interrupted_by(now()).run(&format!("upgrade wait {CLUSTER} {options}")).await;
        said.push_str(&format!("{}\n", ran.stderr.lines().last().unwrap().trim().replace(CLUSTER, "c1")));
    }
    insta::assert_snapshot!(said, @"
    ackctl upgrade wait c1
    ackctl upgrade wait c1 --output json
    ackctl upgrade wait c1 --output json
    ackctl upgrade wait c1 --output yaml
    ackctl upgrade wait c1 --output table
    ");
}
