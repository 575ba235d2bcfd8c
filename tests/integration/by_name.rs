//! Calls by operation id: the check of their input, and what a preview shows.

use ack_client::{Error, Input};
use serde_json::{Value, json};

use crate::canned::{Canned, SECRET, TOKEN, answer};

async fn refusal(operation: &str, input: Value) -> String {
    let server = Canned::new([]).await;
    let error: Error = server.client().call(operation, &Input::new(input)).await.unwrap_err();
    assert!(error.is_invalid_input(), "{error}");
    assert!(server.requests().is_empty());
    error.to_string()
}

#[tokio::test]
async fn input_that_does_not_fit_is_refused_before_anything_is_sent() {
    let path = json!({"ClusterId": "c1"});
    let report = [
        refusal("UpgradeKluster", json!({})).await,
        refusal("UpgradeCluster", json!({"path": path})).await,
        refusal("UpgradeCluster", json!({"path": {"cluster_id": "c1"}, "body": {}})).await,
        refusal("UpgradeCluster", json!({"path": path, "body": {"next_versoin": "1.32.1-aliyun.1"}})).await,
        refusal("UpgradeCluster", json!({"path": path, "body": {"master_only": "yes", "next_version": ["1.32"]}}))
            .await,
        refusal("UpgradeCluster", json!({"path": path, "body": {"rolling_policy": {"max_parallelism": 1.5}}})).await,
        refusal("UpgradeCluster", json!({"path": path, "qeury": {}, "body": []})).await,
        refusal("DescribeClusterTasks", json!({"path": {"cluster_id": "c1"}, "query": {"page_number": [1]}})).await,
        refusal("DescribeClusterTasks", json!({"path": {"cluster_id": 7}, "body": {}})).await,
        refusal("PauseTask", json!({"path": {"task_id": ".."}})).await,
    ];
    insta::assert_snapshot!(report.join("\n"));
}

#[tokio::test]
async fn a_call_by_name_is_the_typed_call() {
    let server =
        Canned::new([answer("200 OK", "application/json", r#"{"task_id":"T-1","size":9007199254740993}"#)]).await;
    let input = Input::new(json!({"path": {"ClusterId": "c1"}, "body": {"next_version": "1.32.1-aliyun.1"}}));
    let answer = server.client().call("upgradecluster", &input).await.unwrap();
    assert_eq!(*answer, json!({"task_id": "T-1"}));
    assert_eq!(answer.drift().unknown_fields(), ["size"]);
    assert!(server.requests()[0].ends_with(r#"{"next_version":"1.32.1-aliyun.1"}"#));
}

#[tokio::test]
async fn numbers_beyond_what_a_double_holds_stay_exact() {
    let server = Canned::new([answer("200 OK", "application/json", r#"{"size":9007199254740993}"#)]).await;
    let input = Input::new(json!({"path": {"ClusterId": "c1"}}));
    let answer = server.client().call("DescribeClusterDetail", &input).await.unwrap();
    assert_eq!(answer["size"], json!(9_007_199_254_740_993_i64));
}

#[tokio::test]
async fn a_preview_sends_nothing_and_shows_no_secret() {
    let server = Canned::new([]).await;
    let input = Input::new(json!({"path": {"ClusterId": "a b"}, "body": {"next_version": "1.32.1-aliyun.1"}}));
    let preview = server.client().preview("UpgradeCluster", &input).await.unwrap();
    assert!(server.requests().is_empty());
    let shown = serde_json::to_string_pretty(&preview).unwrap();
    assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
    let port = preview.url.split(['/', ':']).nth(4).unwrap();
    insta::assert_snapshot!(shown.replace(port, "PORT"));
}

#[tokio::test]
async fn lists_in_a_query_travel_as_json_text_or_joined() {
    let ok = || answer("200 OK", "application/json", "{}");
    let server = Canned::new([ok(), ok()]).await;
    let client = server.client();
    let input = json!({"path": {"ClusterId": "c1"}, "query": {"componentIds": ["metrics-server", "a b"]}});
    client.call("DescribeClusterAddonsUpgradeStatus", &Input::new(input)).await.unwrap();
    let input = json!({"path": {"Uid": "1"}, "query": {"ClusterIds": ["c1", "c2"], "Force": true}});
    client.call("CleanUserPermissions", &Input::new(input)).await.unwrap();
    let requests = server.requests();
    let first_lines: Vec<&str> = requests.iter().filter_map(|request| request.lines().next()).collect();
    insta::assert_snapshot!(first_lines.join("\n"));
}

/// The recorded answer of this operation is a bare script; an older page prints an object, which is no script.
#[tokio::test]
async fn a_bare_script_is_read_under_any_label() {
    let script = "#!/bin/bash\ncurl -s 'x' | bash -s -- --token=\"abc\"\n";
    let labels = ["text/plain;charset=utf-8", "application/json;charset=utf-8", "application/octet-stream"];
    let page = answer("200 OK", "text/html", "<html>log in</html>");
    let object = answer("200 OK", "application/json", r#"{"result":"x"}"#);
    let quoted = answer("200 OK", "application/json", r#""curl x""#);
    let answers = labels.map(|label| answer("200 OK", label, script)).into_iter().chain([page, object, quoted]);
    let server = Canned::new(answers).await;
    let input = Input::new(json!({"path": {"ClusterId": "c1"}, "body": {}}));
    let client = server.client();
    for label in labels {
        let answer = client.call("DescribeClusterAttachScripts", &input).await.unwrap();
        assert_eq!(*answer, json!(script), "{label}");
    }
    for _ in 0..2 {
        assert!(client.call("DescribeClusterAttachScripts", &input).await.unwrap_err().is_decode());
    }
    assert_eq!(*client.call("DescribeClusterAttachScripts", &input).await.unwrap(), json!("curl x"));
}
