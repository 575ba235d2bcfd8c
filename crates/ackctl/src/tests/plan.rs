//! `upgrade plan`.

use ack_emulator::{AddonSeed, ClusterSeed, Finding, NodePoolSeed, RunningEmulator};
use ack_upgrade::Plan;

use super::harness::{CLUSTER, Cli, Ran, settings};

async fn plan(emulator: &RunningEmulator, options: &str) -> Ran {
    Cli::of(emulator).run(&format!("upgrade plan {CLUSTER} {options}")).await
}

fn seed() -> ClusterSeed {
    ClusterSeed::managed(CLUSTER, "test-cluster", "1.31.1-aliyun.1")
        .with_node_pool(NodePoolSeed::new("np-blue", 4).with_name("blue"))
        .with_node_pool(NodePoolSeed::new("np-green", 2).with_version("1.30.7-aliyun.1"))
        .with_addon(AddonSeed::new("coredns", "v1.9.3.6-a").with_next_version("v1.11.3.2-b"))
}

async fn emulator(seed: ClusterSeed) -> RunningEmulator {
    let builder = ack_emulator::Emulator::builder();
    builder.cluster(seed).start().await.unwrap()
}

#[tokio::test]
async fn a_table_for_people() {
    let emulator = emulator(seed()).await;
    insta::assert_snapshot!(plan(&emulator, "--target 1.33").await);
    let ran = plan(
        &emulator,
        "--to next --node-pools blue --addons none --window '01:00-05:00' --tz Asia/Shanghai --max-parallelism 2 \
         --expect node-batch=5m --pause-policy every-batch --cluster-window",
    );
    assert_eq!(ran.await.code, 2);
    let ran = plan(
        &emulator,
        "--to next --node-pools blue --addons none --window 'Mon-Fri 01:00-05:00' --tz Asia/Shanghai \
         --max-parallelism 2 --expect node-batch=5m --pause-policy every-batch --region cn-hangzhou",
    );
    insta::assert_snapshot!(ran.await);
    insta::assert_snapshot!(plan(&emulator, "--target 1.31.1-aliyun.1 --node-pools none --addons none").await);
    assert_eq!(emulator.requests().iter().filter(|request| request.method != "GET").count(), 0);
}

#[tokio::test]
async fn programs_get_what_the_file_holds() {
    let (emulator, folder) = (emulator(seed()).await, tempfile::tempdir().unwrap());
    let file = folder.path().join("plan.json");
    let ran = plan(&emulator, &format!("--target 1.33 -o json --plan-out {}", file.display())).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), ran.stdout);
    let read = Plan::from_json(&ran.stdout).unwrap();
    assert_eq!((read.target_version.as_str(), read.steps.len()), ("1.33.3-aliyun.1", 8));
    let yaml = plan(&emulator, "--target 1.33 -o yaml").await;
    assert!(yaml.stdout.starts_with("format: ack-upgrade-plan\n"), "{yaml}");
    let ran = plan(&emulator, &format!("--target 1.33 --plan-out {}", file.display())).await;
    let last = ran.stdout.lines().last().unwrap().trim();
    assert_eq!(last, format!("ackctl upgrade apply {}", file.display()));
    let ran = plan(&emulator, "--target 1.33 --plan-out /absent/plan.json").await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.starts_with("error: --plan-out: /absent/plan.json cannot be written: "), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_the_way_has_its_exit_code() {
    let seed = seed()
        .with_finding(Finding::warning("DeprecatedAPI", "policy/v1beta1 is used"))
        .with_finding(Finding::error("NodeStatus", "2 nodes are NotReady").in_check("NodePoolUpgrade"));
    let clock = ack_emulator::ScaledClock::new(1.0).unwrap();
    let emulator = ack_emulator::Emulator::builder().clock(clock).cluster(seed).start().await.unwrap();
    let options = "--target next --node-pools np-green --addons none";
    let checked = plan(&emulator, &format!("{options} --run-checks")).await;
    let narrow = plan(&emulator, &format!("{options} --window 01:00-01:05 --tz UTC")).await;
    let too_far = plan(&emulator, "--target 1.36").await;
    insta::assert_snapshot!(format!("{checked}\n\n{narrow}\n\n{too_far}"));
}

#[tokio::test]
async fn mistakes_are_named_before_anything_is_sent() {
    let emulator = settings().start().await.unwrap();
    let mut said = Vec::new();
    for options in [
        "",
        "--target 1.33 --window 01:00",
        "--target 1.33 --window 1-5 --tz UTC",
        "--target 1.33 --window 01:00-05:00 --tz Nowhere/Land",
        "--target 1.33 --tz UTC",
        "--target 1.33 --node-pools a,,b",
        "--target 1.33 --max-parallelism 11",
        "--target 1.33 --batch-interval 4m",
        "--target 1.33 --expect lunch=1h",
        "--target 1.33 --expect addons=0s",
        "--target 1.33 --node-pools np-absent",
    ] {
        let ran = plan(&emulator, options).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{options}: {}", ran.stderr);
        let problem: Vec<&str> = ran.stderr.lines().take_while(|line| !line.is_empty()).collect();
        said.push(format!("{options}\n  {}", problem.join("\n  ")));
    }
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(emulator.requests().iter().filter(|request| request.method != "GET").count(), 0);
}
