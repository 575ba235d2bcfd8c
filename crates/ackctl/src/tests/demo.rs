//! `demo` and `emulator`.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc};

use super::harness::{Cli, check_events, without_numbers};

#[tokio::test]
async fn it_upgrades_a_cluster_without_any_environment() {
    // The clock is real: a machine that has other things to do must not miss the beginning.
    let ran = Cli::new().run("demo --time-scale 1000").await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let lines: Vec<&str> = ran.stdout.lines().filter(|line| !line.starts_with("00:")).collect();
    insta::assert_snapshot!(without_numbers(&lines.join("\n"), "http://127.0.0.1:"), @"
        An emulated ACK of region cn-hangzhou is at http://127.0.0.1:#; its time goes 1000 times as fast.
        Cluster c106f377e16f34eb1808d6b9362c9demo (demo-managed) is `running` at 1.31.1-aliyun.1.
        Starting the upgrade of its control plane to 1.32.6-aliyun.1.
        The upgrade has started: task T-e220a8397b1dcdaf00000001, request id A0567EF8-0DED-45CB-B43D-4FD0E0F20311.
        Following it with a look every 50 ms:
        DescribeClusterDetail says that the cluster is `running` at 1.32.6-aliyun.1.
        ");
    let events: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("00:")).collect();
    assert!(events.first().unwrap().contains("at 1.31.1-aliyun.1, to 1.32.6-aliyun.1"), "{events:?}");
    assert!(events.last().unwrap().ends_with("succeeded: running at 1.32.6-aliyun.1"), "{events:?}");
}

#[tokio::test]
async fn it_shows_failures_and_their_exit_code() {
    for (place, reason) in [("precheck", "NotReady"), ("stage", "did not become healthy")] {
        for format in ["json", "xml"] {
            let ran = Cli::new().run(&format!("demo --time-scale 6000 --wire-format {format} --fail {place}")).await;
            assert_eq!((ran.code, ran.stderr.as_str()), (3, ""), "{}", ran.stdout);
            assert!(ran.stdout.contains("failed: ") && ran.stdout.contains(reason), "{}", ran.stdout);
            assert!(ran.stdout.contains(" at 1.31.1-aliyun.1.\n"), "{}", ran.stdout);
        }
    }
}

#[tokio::test]
async fn for_programs_only_the_events_are_on_standard_output() {
    let ran = Cli::new().run("demo --time-scale 6000 -o json --region cn-beijing").await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    check_events(&ran.stdout);
    assert!(ran.stderr.starts_with("An emulated ACK of region cn-beijing is at http://127.0.0.1:"));
}

#[tokio::test]
async fn it_draws_on_a_terminal_and_can_be_interrupted() {
    // Each stage lasts for many looks, so that none goes by unseen on a busy machine.
    let ran = Cli::new().on_terminal(40).run("demo --time-scale 600").await;
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("upgrade_control_plane"), "{}", ran.stderr);
    let ran = Cli::new().interrupted_by(std::future::ready(())).run("demo").await;
    assert_eq!(ran.code, 130);
}

#[tokio::test]
async fn the_emulator_announces_itself_on_one_line_and_serves_until_interrupted() {
    let (lines, mut announced) = mpsc::unbounded_channel();
    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    let serving = Cli::new()
        .on_stdout(move |text| {
            lines.send(text.to_owned()).unwrap();
            Ok(())
        })
        .interrupted_by(async move { stopped.notified().await });
    let using = async {
        let line = announced.recv().await.unwrap();
        let announcement: serde_json::Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| announcement[name].as_str().unwrap().to_owned();
        let status = Cli::new()
            .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", &text("access_key_id"))
            .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &text("access_key_secret"))
            .run(&format!(
                "upgrade status {} --wire-format xml --region {} --endpoint {}",
                announcement["clusters"][0].as_str().unwrap(),
                text("region"),
                text("endpoint")
            ))
            .await;
        stop.notify_one();
        status
    };
    let line = "emulator --region cn-beijing --xml-style rooted --time-scale 600";
    let (served, status) = tokio::join!(serving.run(line), using);
    assert_eq!(status.code, 0, "{}", status.stderr);
    let address = |text: &str| without_numbers(text, "127.0.0.1:");
    insta::assert_snapshot!(address(&served.to_string()), @r#"
        exit code 0
        --- stdout
        {"endpoint":"http://127.0.0.1:#","address":"127.0.0.1:#","region":"cn-beijing","access_key_id":"emulatorAccessKeyId","access_key_secret":"emulatorAccessKeySecret","clusters":["c106f377e16f34eb1808d6b9362c9demo","c82e6987e2961451182edacd74fafdemo","c78592bfe92244365b3c3ad47f1dedemo"],"time_scale":600.0,"xml_style":"rooted"}
        "#);
}

#[tokio::test]
async fn an_address_in_use() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let ran = Cli::new().run(&format!("emulator --listen {}", taken.local_addr().unwrap())).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.starts_with("error: cannot listen on 127.0.0.1:"), "{}", ran.stderr);
}
