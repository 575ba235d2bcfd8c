//! Calls, against an emulator or a service with a fixed answer.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use crate::tests::harness::{CLUSTER, Cli, emulator};

/// A service that answers one request with this body, and its endpoint.
fn service(body: &'static str) -> Cli {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            let read = connection.read(&mut buffer).unwrap();
            assert!(read > 0, "the request is cut off");
            request.extend_from_slice(&buffer[..read]);
        }
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-acs-request-id: R-1\r\nconnection: close";
        write!(connection, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    });
    Cli::new()
        .variable("ALIBABA_CLOUD_ENDPOINT", &endpoint)
        .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExampleabcd")
        .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "placeholder")
}

#[tokio::test]
async fn json_and_xml_answers_print_the_same() {
    let emulator = emulator().await;
    let upgrade = format!(
        "api upgradecluster --path ClusterId={CLUSTER} --body '{{\"next_version\": \"1.32.6-aliyun.1\", \
         \"master_only\": true}}'"
    );
    insta::assert_snapshot!(Cli::of(&emulator).run(&upgrade).await, @r#"
    exit code 0
    --- stdout
    {
      "cluster_id": "c106f377e16f34eb1808d6b9362c9test",
      "request_id": "A706DD2F-4D19-4E6F-A382-75BC38FCBE91",
      "task_id": "T-e220a8397b1dcdaf00000001"
    }
    "#);
    emulator.advance(Duration::from_secs(90));
    // The request id is the only thing that may differ.
    let tasks = format!("api DescribeClusterTasks --path cluster_id={CLUSTER} --query page_size=5");
    let without_id =
        |text: &str| text.lines().filter(|line| !line.contains("requestId")).collect::<Vec<_>>().join("\n");
    let json = Cli::of(&emulator).run(&tasks).await;
    let xml = Cli::of(&emulator).run(&format!("{tasks} --wire-format xml")).await;
    assert_eq!((json.code, xml.code), (0, 0), "{} {}", json.stderr, xml.stderr);
    assert_eq!(without_id(&json.stdout), without_id(&xml.stdout));
    insta::assert_snapshot!(without_id(&json.stdout), @r#"
    {
      "page_info": {
        "page_number": 1,
        "page_size": 5,
        "total_count": 1
      },
      "tasks": [
        {
          "created": "2026-01-02T11:04:05+08:00",
          "state": "running",
          "task_id": "T-e220a8397b1dcdaf00000001",
          "task_type": "cluster_upgrade",
          "updated": "2026-01-02T11:05:05+08:00"
        }
      ]
    }
    "#);
    let yaml = Cli::of(&emulator).run(&format!("{tasks} -o yaml")).await;
    assert!(yaml.stdout.starts_with("page_info:\n"), "{yaml}");
}

#[tokio::test]
async fn a_deprecated_operation_is_called_with_a_note() {
    let emulator = emulator().await;
    let line = format!("api GetUpgradeStatus --path ClusterId={CLUSTER}");
    insta::assert_snapshot!(Cli::of(&emulator).run(&line).await, @r#"
    exit code 0
    --- stdout
    {
      "upgrade_step": "not_start"
    }
    --- stderr
    note: GetUpgradeStatus is deprecated: use DescribeTaskInfo; this operation is served only until 2026, region by region
    "#);
    assert_eq!(emulator.count("GetUpgradeStatus"), 1);
}

#[tokio::test]
async fn drift_is_reported_where_it_is_asked_for() {
    let body = r#"{"task_id": "T-1", "state": "napping", "mood": {"good": true}, "request_id": "R-1"}"#;
    let line = "api DescribeTaskInfo --path task_id=T-1";
    insta::assert_snapshot!(service(body).run(&format!("{line} --report-drift")).await, @r#"
    exit code 0
    --- stdout
    {
      "state": "napping",
      "task_id": "T-1"
    }
    --- stderr
    drift: unknown field mood
    drift: unknown field request_id
    drift: unknown value state: "napping"
    "#);
    assert_eq!(service(body).run(line).await.stderr, "");
    insta::assert_snapshot!(service(r#"{"task_id": "T-1"}"#).run(&format!("{line} --report-drift")).await, @r#"
    exit code 0
    --- stdout
    {
      "task_id": "T-1"
    }
    --- stderr
    drift: the answer holds no fields and no enum values beyond the API reference
    "#);
}

#[tokio::test]
async fn an_operation_without_an_answer_prints_nothing() {
    let line = "api CancelTask --path task_id=T-1";
    for body in ["", "{}"] {
        assert_eq!(service(body).run(line).await.to_string(), "exit code 0", "{body}");
    }
    let verbose = service("").run(&format!("{line} -v")).await;
    assert_eq!((verbose.code, verbose.stdout.as_str()), (0, ""));
    assert!(verbose.stderr.contains("status=200") && verbose.stderr.contains("R-1"), "{}", verbose.stderr);
}

#[tokio::test]
async fn refusals_of_the_service() {
    let emulator = emulator().await;
    insta::assert_snapshot!(Cli::of(&emulator).run("api DescribeTaskInfo --path task_id=T-none").await, @"
    exit code 1
    --- stderr
    error: DescribeTaskInfo failed: the service answered HTTP 404 ErrorTaskNotFound: task (T-none) not found in our records (request id A706DD2F-4D19-4E6F-A382-75BC38FCBE91)
    ");
    insta::assert_snapshot!(Cli::of(&emulator).run("api DescribeTaskInfo --path task_id=..").await, @r#"
    exit code 2
    --- stderr
    error: DescribeTaskInfo failed: task_id ".." is not a usable path segment: pass the ID as the service prints it
    "#);
}

#[tokio::test]
async fn an_interruption_leaves_open_what_a_change_has_done() {
    let emulator = emulator().await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let cli = || {
        Cli::of(&emulator).variable("ALIBABA_CLOUD_ENDPOINT", &endpoint).interrupted_by(async {
            tokio::task::yield_now().await;
        })
    };
    insta::assert_snapshot!(cli().run("api CancelTask --path task_id=T-1").await, @"
    exit code 130
    --- stderr
    error: interrupted; whether CancelTask was carried out is not known
    ");
    insta::assert_snapshot!(cli().run("api DescribeTaskInfo --path task_id=T-1").await, @"exit code 130");
}
