//! `fleet status`, `fleet watch` and `fleet run`, on paused time.

mod left_alone;

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ack_emulator::{
    ClusterSeed, Emulator, Fault, NodePoolSeed, RunningEmulator, ScaledClock, UpgradeDurations, UpgradeFailure,
    UpgradeStage,
};
use ack_upgrade::fleet::FleetFolder;
use tokio::sync::Notify;

use super::harness::{Cli, Ran, START, check_events, without_numbers};

fn id(number: usize) -> String {
    format!("c{number:031x}")
}

fn seed(number: usize) -> ClusterSeed {
    let seed = ClusterSeed::managed(id(number), format!("shop-{number}"), "1.31.1-aliyun.1");
    seed.with_nodes(1).without_addons().with_tag("env", "production")
}

/// An emulator whose clock follows the time of tokio.
async fn emulator(seeds: impl IntoIterator<Item = ClusterSeed>) -> RunningEmulator {
    let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + START);
    let builder = Emulator::builder().clock(clock);
    seeds.into_iter().fold(builder, |builder, seed| builder.cluster(seed)).start().await.unwrap()
}

async fn start(emulator: &RunningEmulator, number: usize) {
    let ran = Cli::of(emulator).run(&format!("upgrade start {} --to 1.32.6-aliyun.1", id(number))).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// Without what differs from run to run: times in words and in numbers.
fn redacted(ran: &Ran) -> String {
    let text = without_numbers(&ran.to_string(), r#""elapsed_seconds":"#);
    text.replace("c000000000000000000000000000", "c...")
}

#[tokio::test(start_paused = true)]
async fn a_table_of_all_clusters() {
    let failure = UpgradeFailure::new(UpgradeStage::Precheck, "an API is deprecated");
    let emulator = emulator([seed(1), seed(2).with_failure(failure), seed(3).with_region("cn-beijing")]).await;
    start(&emulator, 1).await;
    start(&emulator, 2).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let mut texts = Vec::new();
    for line in [
        "fleet status",
        "fleet status --every-cluster --regions cn-hangzhou,cn-beijing --at-version 1.31",
        "fleet status --name shop-3 --label env=production -o json",
        "fleet status --label env=test",
        "fleet status --cluster c-unknown",
    ] {
        texts.push(format!("$ ackctl {line}\n{}", redacted(&Cli::of(&emulator).run(line).await)));
    }
    insta::assert_snapshot!(without_request_ids(&texts.join("\n\n")));
}

/// Request IDs follow the order in which calls that are under way at once arrive.
fn without_request_ids(text: &str) -> String {
    let mut parts = text.split("(request id ");
    let mut redacted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        redacted.push_str("(request id ...");
        redacted.push_str(part.find(')').map_or("", |end| &part[end..]));
    }
    redacted
}

#[tokio::test(start_paused = true)]
async fn a_line_for_each_event_and_an_exit_code_for_the_end() {
    let failure = UpgradeFailure::new(UpgradeStage::ControlPlane, "etcd is not healthy");
    let emulator = emulator([seed(1).with_failure(failure)]).await;
    start(&emulator, 1).await;
    let ran = Cli::of(&emulator).run("fleet watch --until-at-rest --rate 50 -o table").await;
    insta::assert_snapshot!(redacted(&ran));
    // By the clock of the program no time has passed, so the upgrade is news to who looks for the first time.
    let ran = Cli::of(&emulator).run("fleet watch --until-at-rest -o yaml").await;
    assert_eq!((ran.code, ran.stdout.matches("---\n").count()), (3, 5), "{ran}");
    let ran = Cli::of(&emulator).run("fleet watch --time-limit 10m").await;
    assert_eq!(ran.code, 3);
    check_events(&ran.stdout);
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_and_an_interruption_leave_upgrades_alone() {
    let emulator = emulator([seed(1)]).await;
    start(&emulator, 1).await;
    let ran = Cli::of(&emulator).run("fleet watch --time-limit 90s").await;
    assert_eq!(ran.code, 6, "{ran}");
    let stop = Arc::new(Notify::new());
    let (stopped, stopper) = (Arc::clone(&stop), stop);
    let on_stdout = move |text: &str| {
        if text.contains("upgrading") {
            stopper.notify_one();
        }
        io::Result::Ok(())
    };
    let interrupt = async move { stopped.notified().await };
    let ran = Cli::of(&emulator).on_stdout(on_stdout).interrupted_by(interrupt).run("fleet watch").await;
    assert_eq!((ran.code, ran.stderr.as_str()), (130, "interrupted; upgrades go on\n"));
    assert_eq!(emulator.count("CancelTask") + emulator.count("PauseTask"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_terminal_shows_what_is_going_on() {
    let emulator = emulator((1..=3).map(seed)).await;
    start(&emulator, 2).await;
    let cli = Cli::of(&emulator).variable("NO_COLOR", "1").on_terminal(100);
    let ran = cli.run("fleet watch --until-at-rest").await;
    assert_eq!(ran.code, 0, "{ran}");
    for text in [
        "3 clusters, 1 upgrading",
        "shop-2: upgrading to 1.32.6-aliyun.1, upgrade_control_plane, 1 of 2 stages",
        &format!("default/cn-hangzhou/{}: succeeded: running at 1.32.6-aliyun.1", id(2)),
    ] {
        assert!(ran.stderr.contains(text), "{text}\n{}", ran.stderr);
    }
    assert_eq!(ran.stdout, "done: 3 clusters, 1 upgrade succeeded, 0 failed\n");
}

#[tokio::test(start_paused = true)]
async fn node_pools_have_lines_of_their_own() {
    let pool = NodePoolSeed::new("np1", 2).with_version("1.30.7-aliyun.1");
    let seed = ClusterSeed::managed(id(1), "shop-1", "1.31.1-aliyun.1").without_addons().with_node_pool(pool);
    let emulator = emulator([seed]).await;
    let start = format!(
        "api UpgradeClusterNodepool --path ClusterId={} --path NodepoolId=np1 --body '{{\"kubernetes_version\":\"1.31.1-aliyun.1\"}}'",
        id(1)
    );
    let started = Cli::of(&emulator).run(&start).await;
    assert_eq!(started.code, 0, "{started}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    let status = Cli::of(&emulator).run("fleet status --every-cluster").await;
    let watch = "fleet watch --every-cluster --until-at-rest -o table";
    let watched = Cli::of(&emulator).run(watch).await;
    insta::assert_snapshot!(format!("{}\n\n{}", redacted(&status), redacted(&watched)));
}

#[tokio::test(start_paused = true)]
async fn a_run_in_waves_goes_on_from_its_folder() {
    let emulator = emulator((1..=4).map(seed)).await;
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        "fleet run --to 1.32 --label env=production --waves 'canary 1, rest' --first {} --parallelism 3 --checkpoint {}",
        id(3),
        folder.path().join("fleet").display()
    );
    let dry = Cli::of(&emulator).run(&format!("{line} --dry-run")).await;
    assert_eq!(emulator.count("UpgradeCluster"), 0);
    let limited = Cli::of(&emulator).run(&format!("{line} --time-limit 15m")).await;
    assert_eq!((limited.code, emulator.accepted("UpgradeCluster")), (6, 4), "{limited}");
    assert_eq!(limited.stderr, "what is under way goes on\nrun the same command again to go on\n");
    let ended = Cli::of(&emulator).run(&line).await;
    assert_eq!((ended.code, emulator.accepted("UpgradeCluster")), (0, 4), "{ended}");
    let last: serde_json::Value = serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["end"], &last["succeeded"]), (&"done".into(), &4.into()));
    let again = Cli::of(&emulator).run(&line).await;
    let other =
        Cli::of(&emulator).run(&line.replace("1.32", "1.33").replace("--label", "--retry-failed --label")).await;
    let rest = ended.stderr;
    insta::assert_snapshot!([redacted(&dry), rest, redacted(&again), redacted(&other)].join("\n\n"));
}

#[tokio::test(start_paused = true)]
async fn a_run_pauses_where_its_window_ends() {
    let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + START);
    let durations = UpgradeDurations::default().with_control_plane(Duration::from_secs(30 * 60));
    let emulator = Emulator::builder().clock(clock).durations(durations).cluster(seed(1)).start().await.unwrap();
    // It begins at 03:04, with just enough of the night left for what an upgrade usually takes.
    let line = "fleet run --to 1.32 --with nothing --window 02:00-03:20 --tz UTC --pause-at-window-end --interval 10s";
    let ran = Cli::of(&emulator).clock(clock).run(line).await;
    assert_eq!((ran.code, emulator.accepted("UpgradeCluster")), (0, 1), "{ran}");
    assert_eq!((emulator.accepted("PauseTask"), emulator.accepted("ResumeTask")), (1, 1), "{ran}");
    let waits: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("waiting_for_window")).collect();
    assert!(
        waits.len() == 1 && waits[0].contains(r#""until":"2026-01-03T02:00:00.000Z","reason":"paused""#),
        "{waits:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn one_process_at_a_time_works_by_a_folder() {
    let emulator = emulator([seed(1)]).await;
    let folder = tempfile::tempdir().unwrap();
    let line = format!("fleet run --to 1.32 --checkpoint {}", folder.path().display());
    let lock = FleetFolder::new(folder.path()).unwrap().lock().unwrap();
    let ran = Cli::of(&emulator).run(&line).await;
    assert_eq!((ran.code, emulator.accepted("UpgradeCluster")), (8, 0), "{ran}");
    let who = format!("is in use: process {} is at work by it; wait for its end", std::process::id());
    assert!(ran.stderr.contains(&who), "{ran}");
    drop(lock);
    assert_eq!(Cli::of(&emulator).run(&line).await.code, 0);
    // One that fails is told so again, and begun again only if that is asked for.
    let failure = UpgradeFailure::new(UpgradeStage::ControlPlane, "etcd is not healthy");
    let emulator = self::emulator([seed(1).with_failure(failure)]).await;
    let line =
        format!("fleet run --to 1.32 --failure-budget 1 --checkpoint {}", folder.path().join("failing").display());
    for (line, said) in [
        (line.clone(), "not upgraded:"),
        (line.clone(), "the run of this --checkpoint has ended"),
        (format!("{line} --retry-failed"), "going on with the run"),
    ] {
        let ran = Cli::of(&emulator).run(&line).await;
        assert_eq!((ran.code, emulator.accepted("UpgradeCluster")), (3, 1), "{ran}");
        let how = "\nonce the causes are mended, the same command with --retry-failed begins them again\n";
        assert!(ran.stderr.starts_with(said) && ran.stderr.ends_with(how), "{ran}");
        let which = format!("\n  default/cn-hangzhou/{}: failed: ", id(1));
        assert!(ran.stderr.contains("not upgraded:") && ran.stderr.contains(&which), "{ran}");
        assert!(ran.stderr.contains("etcd is not healthy"), "{ran}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_terminal_shows_waves_and_the_clusters_at_work() {
    let failure = UpgradeFailure::new(UpgradeStage::ControlPlane, "etcd is not healthy");
    let durations = UpgradeDurations::default()
        .with_precheck(Duration::from_secs(10))
        .with_control_plane(Duration::from_secs(60))
        .with_check(Duration::from_secs(5));
    let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + START);
    let seeds = [seed(1), seed(2).with_failure(failure), seed(3), seed(4)];
    let builder = Emulator::builder().clock(clock).durations(durations);
    let emulator = seeds.into_iter().fold(builder, |builder, seed| builder.cluster(seed)).start().await.unwrap();
    let cli = Cli::of(&emulator).variable("NO_COLOR", "1").on_terminal(100).clock(clock);
    let line =
        "fleet run --to 1.32 --waves 'canary 1, 2, rest' --soak 30s --failure-budget 1 --parallelism 2 --with nothing";
    let ran = cli.run(line).await;
    assert_eq!(ran.code, 3, "{ran}");
    assert_eq!(ran.stdout, "done: 4 clusters, 3 upgrades succeeded, 1 failed\n");
    insta::assert_snapshot!(frames(&ran.stderr, 100));
}

/// What a display has written: each line that lasts, and below it the display as it was drawn then.
fn frames(written: &str, width: usize) -> String {
    let is_spinner = |c: char| ('\u{2800}'..='\u{28ff}').contains(&c);
    let mut frames = Vec::new();
    // Between two drawings the display is cleared.
    for (number, drawn) in written.split("\u{1b}[").enumerate() {
        let drawn = if number == 0 { drawn } else { drawn.split_once(char::is_alphabetic).unwrap().1 };
        let Some((lasting, display)) = drawn.find(is_spinner).map(|at| drawn.split_at(at)) else { continue };
        let letters: Vec<char> = display.chars().map(|c| if is_spinner(c) { '*' } else { c }).collect();
        let rows = letters.chunks(width).map(|row| row.iter().collect::<String>().trim_end().to_owned());
        if !lasting.trim().is_empty() {
            frames.push(format!("{}\n{}", lasting.trim_end(), rows.collect::<Vec<_>>().join("\n")));
        }
    }
    frames.join("\n\n").replace("c0000000000000000000000", "c...")
}

#[tokio::test(start_paused = true)]
async fn a_run_that_fails_says_so() {
    let failure = UpgradeFailure::new(UpgradeStage::ControlPlane, "etcd is not healthy");
    let emulator = emulator([seed(1).with_failure(failure), seed(2)]).await;
    let ran = Cli::of(&emulator).run("fleet run --to 1.32 --waves 1,rest --with nothing").await;
    assert_eq!((ran.code, emulator.accepted("UpgradeCluster")), (3, 1), "{ran}");
    let last: serde_json::Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["end"]), (&"fleet_finished".into(), &"budget_spent".into()));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_is_refused_before_anything_is_sent() {
    let emulator = emulator([seed(1)]).await;
    let fault = Fault::error(403, "Forbidden.RAM", "not allowed").operation("DescribeClustersV1");
    let mut texts = Vec::new();
    for line in [
        "fleet run --to 1.32 --waves rest,1",
        "fleet run --to 1.32 --failure-budget few",
        "fleet run --to 1.32 --window 01:00-05:00 --tz Mars/Olympus",
        "fleet run --to 1.32 --first c-unknown",
        "fleet run --to 1.32 --label env=test",
        "fleet watch --account production",
        "fleet watch --cluster c1 --label env=test",
    ] {
        let ran = Cli::of(&emulator).run(line).await;
        texts.push(format!("$ ackctl {line}\n{ran}"));
    }
    let ran = Cli::new().variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "id").run("fleet status").await;
    texts.push(format!("$ ackctl fleet status\n{ran}"));
    insta::assert_snapshot!(texts.join("\n\n"));
    emulator.inject(fault).unwrap();
    let ran = Cli::of(&emulator).run("fleet status").await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "no clusters\n"));
    assert!(ran.stderr.contains("Forbidden.RAM"), "{ran}");
    assert_eq!(emulator.count("UpgradeCluster"), 0);
}
