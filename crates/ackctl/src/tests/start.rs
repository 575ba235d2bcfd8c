//! `upgrade start`.

use std::time::Duration;

use super::harness::{CLUSTER, Cli, check_events, emulator, without_times};

fn line(options: &str) -> String {
    format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1 {options}")
}

#[tokio::test]
async fn started_and_then_joined() {
    let emulator = emulator().await;
    insta::assert_snapshot!(Cli::of(&emulator).run(&line("-o table")).await, @"
        exit code 0
        --- stdout
        cluster         c106f377e16f34eb1808d6b9362c9test
        upgrade         started
        target version  1.32.6-aliyun.1
        task            T-e220a8397b1dcdaf00000001
        request id      BCCDFD9C-96A1-4897-946F-36061B6B1313

        Follow it with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --task T-e220a8397b1dcdaf00000001 --to 1.32.6-aliyun.1 --output table
        ");
    insta::assert_snapshot!(Cli::of(&emulator).run(&line("-o table")).await, @"
        exit code 0
        --- stdout
        cluster         c106f377e16f34eb1808d6b9362c9test
        upgrade         joined: the upgrade was running already
        target version  1.32.6-aliyun.1
        task            T-e220a8397b1dcdaf00000001

        Follow it with:
          ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --task T-e220a8397b1dcdaf00000001 --to 1.32.6-aliyun.1 --output table
        ");
    assert_eq!(emulator.count("UpgradeCluster"), 1);
}

#[tokio::test]
async fn the_command_to_follow_it_repeats_the_options() {
    let emulator = emulator().await;
    let (region, endpoint) = (emulator.region(), emulator.endpoint());
    let options = format!("--region {region} --endpoint {endpoint} --wire-format xml -o table");
    let ran = Cli::of(&emulator).run(&line(&options)).await;
    let command = ran.stdout.lines().last().unwrap().trim().replace(&endpoint, "ENDPOINT");
    insta::assert_snapshot!(command, @"ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --task T-e220a8397b1dcdaf00000001 --to 1.32.6-aliyun.1 --region cn-hangzhou --endpoint ENDPOINT --wire-format xml --output table");
    // It is taken as printed.
    emulator.advance(Duration::from_secs(3600));
    let command = command.replace("ENDPOINT", &endpoint);
    let followed = Cli::of(&emulator).run(command.strip_prefix("ackctl ").unwrap()).await;
    assert_eq!(followed.code, 0, "{}", followed.stderr);
}

#[tokio::test]
async fn for_programs() {
    let emulator = emulator().await;
    let ran = Cli::of(&emulator).run(&line("")).await;
    check_events(&ran.stdout);
    insta::assert_snapshot!(ran, @r#"
        exit code 0
        --- stdout
        {"at":"2026-01-02T03:04:05.000Z","elapsed_seconds":0.0,"cluster_id":"c106f377e16f34eb1808d6b9362c9test","kind":"control_plane","task_id":"T-e220a8397b1dcdaf00000001","request_id":"BCCDFD9C-96A1-4897-946F-36061B6B1313","event":"start","joined":false,"target_version":"1.32.6-aliyun.1","handle":{"version":1,"kind":"control_plane","region":"cn-hangzhou","cluster_id":"c106f377e16f34eb1808d6b9362c9test","task_id":"T-e220a8397b1dcdaf00000001","target_version":"1.32.6-aliyun.1","started_at":"2026-01-02T03:04:05Z","request_id":"BCCDFD9C-96A1-4897-946F-36061B6B1313"},"follow":"ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --task T-e220a8397b1dcdaf00000001 --to 1.32.6-aliyun.1"}
        "#);
    insta::assert_snapshot!(Cli::of(&emulator).run(&line("-o yaml")).await, @"
        exit code 0
        --- stdout
        at: 2026-01-02T03:04:05.000Z
        elapsed_seconds: 0.0
        cluster_id: c106f377e16f34eb1808d6b9362c9test
        kind: control_plane
        task_id: T-e220a8397b1dcdaf00000001
        event: start
        joined: true
        target_version: 1.32.6-aliyun.1
        handle:
          version: 1
          kind: control_plane
          region: cn-hangzhou
          cluster_id: c106f377e16f34eb1808d6b9362c9test
          task_id: T-e220a8397b1dcdaf00000001
          target_version: 1.32.6-aliyun.1
        follow: ackctl upgrade watch c106f377e16f34eb1808d6b9362c9test --task T-e220a8397b1dcdaf00000001 --to 1.32.6-aliyun.1 --output yaml
        ");
}

#[tokio::test]
async fn refusals() {
    let emulator = emulator().await;
    let at_version = Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.31.1-aliyun.1")).await;
    insta::assert_snapshot!(at_version, @"
        exit code 8
        --- stderr
        error: cluster c106f377e16f34eb1808d6b9362c9test is at version 1.31.1-aliyun.1 already
        ");
    let too_far = Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.34.3-aliyun.1")).await;
    insta::assert_snapshot!(too_far, @r#"
        exit code 1
        --- stderr
        error: UpgradeCluster failed: the service answered HTTP 400 InvalidParameter: The parameter next_version has the value "1.34.3-aliyun.1", which is more than one minor version ahead of the cluster (the cluster is at 1.31.1-aliyun.1, it can be upgraded to: 1.31.9-aliyun.1, 1.32.1-aliyun.1, 1.32.6-aliyun.1) (request id B5D8C850-3FA2-47B1-8EF2-DF89F8F767C3)
        "#);
    Cli::of(&emulator).run(&line("")).await;
    let other = Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.31.9-aliyun.1")).await;
    insta::assert_snapshot!(other, @"
        exit code 8
        --- stderr
        error: cluster c106f377e16f34eb1808d6b9362c9test has an upgrade already, task T-e220a8397b1dcdaf00000001, prechecking on its way to 1.32.6-aliyun.1: follow it, or wait for its end
        ");
}

#[tokio::test]
async fn a_version_that_is_not_whole_is_refused_before_anything_is_sent() {
    for version in ["1.33", "next"] {
        let start = Cli::new().run(&format!("upgrade start {CLUSTER} --to {version}")).await.to_string();
        let watch = Cli::new().run(&format!("upgrade watch {CLUSTER} --to {version}")).await.to_string();
        assert_eq!(start, watch);
        insta::allow_duplicates! {
            insta::assert_snapshot!(start.replace(&format!("'{version}'"), "VERSION"), @"
                exit code 2
                --- stderr
                error: invalid value VERSION for '--to <VERSION>': it leaves open which version it is: give a whole one such as 1.32.6-aliyun.1, as `ackctl upgrade plan CLUSTER_ID --target VERSION` shows it; `ackctl upgrade run` takes a minor version, next and latest

                For more information, try '--help'.
                ");
        }
    }
}

#[tokio::test]
async fn started_and_watched_to_the_end() {
    let emulator = emulator().await;
    let time = emulator.clone();
    // Once the start is told, the upgrade is over before the first look.
    let advance = move |text: &str| {
        if text.starts_with("cluster ") {
            time.advance(Duration::from_secs(3600));
        }
        Ok(())
    };
    let ran = Cli::of(&emulator).on_stdout(advance).run(&line("--watch -o table")).await;
    insta::assert_snapshot!(without_times(&ran.to_string()), @"
        exit code 0
        --- stdout
        cluster         c106f377e16f34eb1808d6b9362c9test
        upgrade         started
        target version  1.32.6-aliyun.1
        task            T-e220a8397b1dcdaf00000001
        request id      BCCDFD9C-96A1-4897-946F-36061B6B1313
        HH:MM:SS  succeeded, at 1.32.6-aliyun.1, to 1.32.6-aliyun.1, task T-e220a8397b1dcdaf00000001, stage upgrade_control_plane, 2 of 2 stages done
        HH:MM:SS  precheck started
        HH:MM:SS  precheck succeeded
        HH:MM:SS  upgrade_control_plane started
        HH:MM:SS  upgrade_control_plane succeeded
        HH:MM:SS  succeeded: running at 1.32.6-aliyun.1
        ");
}

#[tokio::test]
async fn programs_that_watch_get_one_line_for_each_thing() {
    let emulator = emulator().await;
    let time = emulator.clone();
    let advance = move |_: &str| {
        time.advance(Duration::from_secs(3600));
        Ok(())
    };
    let ran = Cli::of(&emulator).on_stdout(advance).run(&line("--watch")).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    check_events(&ran.stdout);
    let lines: Vec<serde_json::Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.first().unwrap()["joined"], false);
    assert_eq!(lines.last().unwrap()["outcome"], "succeeded");
}

#[tokio::test]
async fn an_interruption_leaves_open_whether_it_was_started() {
    let emulator = emulator().await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let cli = Cli::of(&emulator).variable("ALIBABA_CLOUD_ENDPOINT", &endpoint).interrupted_by(std::future::ready(()));
    insta::assert_snapshot!(cli.run(&line("")).await, @"
        exit code 130
        --- stderr
        error: interrupted; whether the upgrade of cluster c106f377e16f34eb1808d6b9362c9test was started is not known, so look at its status before starting it again
        ");
}
