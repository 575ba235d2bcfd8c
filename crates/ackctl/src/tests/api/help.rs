//! The help of operations.

use ack_models::catalogue::Catalogue;
use serde_json::Value;

use crate::tests::harness::{Cli, Ran};

async fn ran(line: &str) -> Ran {
    let ran = Cli::new().run(line).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}");
    ran
}

#[tokio::test]
async fn it_tells_what_an_operation_takes_and_answers() {
    insta::assert_snapshot!("upgrade_cluster", ran("api UpgradeCluster --help").await.stdout);
    insta::assert_snapshot!("describe_cluster_tasks", ran("api describeclustertasks -h").await.stdout);
    let narrow = Cli::new().variable("NO_COLOR", "1").on_terminal(40).run("api GetUpgradeStatus --help").await;
    insta::assert_snapshot!("get_upgrade_status_narrow", narrow.stdout);
}

#[tokio::test]
async fn every_operation_has_help_that_fits_a_narrow_terminal() {
    for id in Catalogue::get().operations.keys() {
        let cli = Cli::new().variable("NO_COLOR", "1").on_terminal(40);
        let ran = cli.run(&format!("api {id} --help")).await;
        assert_eq!(ran.code, 0, "{id}: {}", ran.stderr);
        // Commands and JSON are not wrapped, for they are to be copied.
        let prose = ran.stdout.split("Example input:").next().unwrap_or_default();
        for line in prose.lines().filter(|line| !["Usage:", "Body:", "Answer:"].iter().any(|it| line.starts_with(it))) {
            assert!(line.chars().count() <= 40 && line.trim_end() == line, "{id}: {line:?}");
        }
    }
}

#[tokio::test]
async fn headings_stand_out_on_a_terminal() {
    let ran = Cli::new().on_terminal(80).run("api UpgradeCluster --help").await;
    assert!(ran.stdout.contains("\u{1b}[1m\u{1b}[4mUsage:\u{1b}[0m ackctl api UpgradeCluster"), "{}", ran.stdout);
    assert!(!Cli::new().on_terminal(80).run("api UpgradeCluster --help --no-color").await.stdout.contains('\u{1b}'));
}

#[tokio::test]
async fn without_an_operation_it_is_that_of_the_command() {
    for line in ["api -h", "--region cn-hangzhou api --help", "api --list --help"] {
        let ran = ran(line).await;
        assert!(ran.stdout.contains("Usage: ackctl api [OPTIONS] [OPERATION]"), "{line}: {}", ran.stdout);
    }
    insta::assert_snapshot!(Cli::new().run("api UpgradeClster --help").await, @r#"
        exit code 2
        --- stderr
        error: the API has no operation "UpgradeClster": did you mean UpgradeCluster?
        "#);
}

#[tokio::test]
async fn examples_are_input_that_fits() {
    insta::assert_snapshot!(ran("api upgradecluster --example").await.stdout, @r#"
    {
      "body": {
        "master_only": true,
        "next_version": "1.16.9-aliyun.1"
      },
      "path": {
        "ClusterId": "c82e6987e2961451182edacd74faf****"
      }
    }
    "#);
    for id in Catalogue::get().operations.keys() {
        let example: Value = serde_json::from_str(&ran(&format!("api {id} --example")).await.stdout).unwrap();
        assert_eq!(Catalogue::get().check(id, &example), [], "{id}");
    }
}
