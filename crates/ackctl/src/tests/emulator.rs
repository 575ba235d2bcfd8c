//! `emulator` with scenario files, faults and admin calls.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::{Notify, mpsc};

use super::harness::{Cli, Ran};

/// Runs the emulator until `using` is done with what it announced. Gives what both have left behind.
async fn while_serving(cli: Cli, line: &str, using: impl AsyncFnOnce(Value) -> Ran) -> (Ran, Ran) {
    let (lines, mut announced) = mpsc::unbounded_channel();
    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    let serving = cli
        .on_stdout(move |text| {
            lines.send(text.to_owned()).unwrap();
            Ok(())
        })
        .interrupted_by(async move { stopped.notified().await });
    let using = async {
        let line = announced.recv().await.expect("the emulator announces itself");
        let ran = using(serde_json::from_str(&line).unwrap()).await;
        stop.notify_one();
        ran
    };
    tokio::join!(serving.run(line), using)
}

/// Calls an operation by name, with keys and endpoint of an announcement.
async fn call(announcement: &Value, line: &str) -> Ran {
    let text = |name: &str| announcement[name].as_str().unwrap();
    Cli::new()
        .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", text("access_key_id"))
        .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", text("access_key_secret"))
        .variable("ALIBABA_CLOUD_REGION_ID", text("region"))
        .variable("ALIBABA_CLOUD_ENDPOINT", text("endpoint"))
        .run(line)
        .await
}

const SCENARIO: &str = "
region: cn-beijing
time_scale: 600
xml_style: rooted
keys: [{id: mine, secret: mine-secret}]
clusters: [{id: c1, name: night, version: 1.31.1-aliyun.1}]
faults: [{fault: error, status: 403, code: Forbidden.RAM, message: from the scenario, times: 1}]
";

#[tokio::test]
async fn a_scenario_is_served_from_a_file_or_standard_input() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("night.yaml");
    std::fs::write(&file, SCENARIO).unwrap();
    for (cli, name) in [(Cli::new(), file.to_str().unwrap()), (Cli::new().stdin(SCENARIO.as_bytes()), "-")] {
        let line = format!(
            "emulator --scenario '{name}' --fault '{{fault: error, status: 403, code: Forbidden.RAM, message: from the option, times: 1}}' --region cn-shanghai --seed 3"
        );
        let (served, ran) = while_serving(cli, &line, async |announcement| {
            let shown = ["region", "access_key_id", "clusters", "time_scale", "xml_style"]
                .map(|name| announcement[name].to_string());
            assert_eq!(shown.join(" "), r#""cn-shanghai" "mine" ["c1"] 600.0 "rooted""#);
            for from in ["from the scenario", "from the option"] {
                let ran = call(&announcement, "api DescribeClusterDetail --path ClusterId=c1").await;
                assert!(ran.stderr.contains(from), "{}", ran.stderr);
            }
            call(&announcement, "api DescribeClusterDetail --path ClusterId=c1").await
        })
        .await;
        assert_eq!((served.code, ran.code), (0, 0), "{}", ran.stderr);
        assert!(ran.stdout.contains("night"), "{}", ran.stdout);
    }
}

#[tokio::test]
async fn mistakes_in_scenarios_and_faults_are_all_told() {
    let wrong = "regoin: x\nclusters: [{id: c1, version: 1.31.1-aliyun.1, nodes: many}]\nfaults: [{fault: rest}]\n";
    let lines = [
        "emulator --scenario -",
        "emulator --scenario no-such-file.yaml",
        "emulator --fault '{fault: throttle, tims: 1}'",
        "emulator --fault throttle",
        "emulator --fault '{fault: reset, cluster: c1}'",
        "emulator --scenario - --time-scale 0",
    ];
    let mut said = Vec::new();
    for line in lines {
        let text = if line.ends_with('0') { SCENARIO } else { wrong };
        let ran = Cli::new().stdin(text.as_bytes()).run(line).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}");
        said.push(format!("{line}\n{}", ran.stderr));
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[tokio::test]
async fn admin_calls_can_be_switched_off() {
    for (line, status) in [("emulator", "HTTP/1.1 200 OK"), ("emulator --no-admin", "HTTP/1.1 400 Bad Request")] {
        let (served, reply) = while_serving(Cli::new(), line, async |announcement| {
            let mut stream = tokio::net::TcpStream::connect(announcement["address"].as_str().unwrap()).await.unwrap();
            let request = b"GET /_emulator/faults HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut stream, request).await.unwrap();
            let mut reply = String::new();
            tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut reply).await.unwrap();
            Ran { code: 0, stdout: reply, stderr: String::new() }
        })
        .await;
        assert_eq!(served.code, 0);
        assert!(reply.stdout.starts_with(status), "{}", reply.stdout);
    }
}

#[tokio::test]
async fn the_schema_of_scenarios_is_printed() {
    let ran = Cli::new().run("emulator --print-scenario-schema").await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout, include_str!("../../../ack-emulator/scenario.schema.json"));
}
