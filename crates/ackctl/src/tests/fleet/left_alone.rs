//! Clusters of a run that there is nothing to do about, and clusters that are being planned.

use std::time::Duration;

use ack_emulator::{ClusterSeed, Fault};
use serde_json::Value;

use super::super::harness::{Cli, check_events};
use super::super::record::facts;
use super::{emulator, id, redacted, seed};

fn seed_at(number: usize, version: &str) -> ClusterSeed {
    ClusterSeed::managed(id(number), format!("shop-{number}"), version).with_nodes(1).without_addons()
}

fn seeds() -> [ClusterSeed; 4] {
    [seed(1), seed_at(2, "1.33.3-aliyun.1"), seed_at(3, "1.32.6-aliyun.1"), seed(4)]
}

#[tokio::test(start_paused = true)]
async fn newer_clusters_are_left_alone_and_counted_apart() {
    let emulator = emulator(seeds()).await;
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("fleet.jsonl");
    let line = "fleet run --to 1.32 --waves 'canary 1, 1' --parallelism 2";
    let dry = Cli::of(&emulator).run(&format!("{line} --dry-run")).await;
    let told = Cli::of(&emulator).run(&format!("{line} -o table --record {}", record.display())).await;
    let last: Vec<&str> = told.stdout.lines().rev().take(1).collect();
    insta::assert_snapshot!(format!("{}\n\n{}", redacted(&dry), last[0]));
    assert_eq!((told.code, told.stdout.matches("newer than the target: 1.33.3-aliyun.1; left alone").count()), (0, 1));
    // What is on record is told on the page, too.
    let page = Cli::new().run(&format!("upgrade report {}", record.display())).await.stdout;
    for text in ["In no wave", "newer than the target: 1.33.3-aliyun.1; left alone", "<strong>1</strong> newer"] {
        assert!(page.to_lowercase().contains(&text.to_lowercase()), "{text}");
    }
    let report = Cli::new().run(&format!("upgrade report {} -o json", record.display())).await.stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    let clusters = report["fleets"][0]["clusters"].as_array().unwrap();
    let standings: Vec<String> =
        clusters.iter().map(|own| format!("{} {}: {}", own["wave"], own["standing"], own["end"])).collect();
    insta::assert_snapshot!(standings.join("\n"));
    facts(&record);
}

#[tokio::test(start_paused = true)]
async fn the_display_counts_what_is_planned_and_what_is_left_alone() {
    let emulator = emulator(seeds()).await;
    // Planning has to wait for its first answer.
    emulator
        .inject(Fault::error(503, "ServiceUnavailable", "later").operation("DescribeClusterDetail").times(9))
        .unwrap();
    let cli = Cli::of(&emulator).variable("NO_COLOR", "1").on_terminal(100);
    let ran = cli.run("fleet run --to 1.32 --with nothing").await;
    assert_eq!(ran.code, 0, "{ran}");
    for text in [
        format!("{}: being planned", id(1)),
        "0 succeeded, 1 running, 0 failed, 2 waiting, 1 newer; no more may fail".to_owned(),
        "newer than the target: 1.33.3-aliyun.1; left alone".to_owned(),
    ] {
        assert!(ran.stderr.contains(&text), "{text}\n{}", ran.stderr);
    }
    assert_eq!(ran.stdout, "done: 4 clusters, 2 upgrades succeeded, 0 failed, 1 up to date, 1 newer than the target\n");
}

#[tokio::test(start_paused = true)]
async fn events_of_clusters_that_are_left_alone_are_as_the_schema_says() {
    let emulator = emulator(seeds()).await;
    let ran = Cli::of(&emulator).run("fleet run --to 1.32.6-aliyun.1 --with nothing --parallelism 2").await;
    assert_eq!(ran.code, 0, "{ran}");
    check_events(&ran.stdout);
    let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((count("cluster_newer"), count("cluster_up_to_date"), count("cluster_started")), (1, 1, 2));
    let last = events.last().unwrap();
    let counts = ["clusters", "succeeded", "failed", "up_to_date", "newer"].map(|name| last[name].as_u64().unwrap());
    assert_eq!(counts, [4, 2, 0, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn the_display_of_a_watch_counts_the_upgrades_of_node_pools() {
    let emulator = emulator([seed(1), seed(2)]).await;
    let run = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let ran = Cli::of(&emulator).run(&format!("upgrade run {} --target 1.32", id(1))).await;
        assert_eq!(ran.code, 0, "{ran}");
    };
    let cli = Cli::of(&emulator).variable("NO_COLOR", "1").on_terminal(100);
    let watch = cli.run("fleet watch --every-cluster --idle 10s --time-limit 1h");
    let (ran, ()) = tokio::join!(watch, run);
    assert_eq!(ran.stdout, "stopped at the time limit: 2 clusters, 2 upgrades succeeded, 0 failed\n", "{ran}");
    assert!(ran.stderr.contains("2 clusters, 0 upgrading, 2 succeeded"), "{}", ran.stderr);
}

#[tokio::test(start_paused = true)]
async fn filters_that_no_cluster_could_fit_and_folders_that_are_none_are_refused() {
    let emulator = emulator([seed(1), seed(2)]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut texts = Vec::new();
    for line in [
        "fleet status --label =production".to_owned(),
        "fleet status --at-version latest".to_owned(),
        "fleet status --account one --account two --cluster c1".to_owned(),
        format!("fleet run --to 1.32 --checkpoint {}", file.display()),
    ] {
        let ran = Cli::of(&emulator).run(&line).await;
        assert_eq!(ran.code, 2, "{ran}");
        texts.push(ran.stderr.replace(&folder.path().display().to_string(), "DIR"));
    }
    insta::assert_snapshot!(texts.join("\n"));
    let ran = Cli::of(&emulator).run("fleet status --at-version v1.31 -o json").await;
    assert!(ran.stdout.contains(&id(1)), "{ran}");
    // Whoever only looks leaves nothing behind.
    let absent = folder.path().join("absent");
    let line = format!("fleet run --to 1.32 --cluster {},{} --dry-run --checkpoint {}", id(1), id(2), absent.display());
    let ran = Cli::of(&emulator).run(&line).await;
    assert!(ran.code == 0 && ran.stdout.matches("waiting").count() == 2 && !absent.exists(), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_of_clusters_that_are_not_known_is_no_success() {
    let emulator = emulator([seed(1)]).await;
    let line = format!("fleet watch --cluster {},c-unknown --until-at-rest", id(1));
    let ran = Cli::of(&emulator).run(&line).await;
    let said = "not known to the service, of those of --cluster: 1; check their IDs\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (1, said), "{ran}");
}
