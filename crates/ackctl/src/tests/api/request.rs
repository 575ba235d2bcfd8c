//! What would be sent, and what nothing is sent for.

use crate::tests::harness::{CLUSTER, Cli, Ran, emulator};

/// Region and keys that no service knows.
fn complete() -> Cli {
    Cli::new()
        .variable("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou")
        .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExampleabcd")
        .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "placeholder")
        .variable("ALIBABA_CLOUD_SECURITY_TOKEN", "hidden-token")
}

/// The run without what differs each time.
fn redacted(ran: &Ran) -> String {
    let mark = |line: &str| {
        let head = ["x-acs-date: ", "x-acs-signature-nonce: ", "\"x-acs-date\": ", "\"x-acs-signature-nonce\": "]
            .into_iter()
            .find_map(|name| line.split_once(name).map(|(indent, _)| format!("{indent}{name}")));
        head.map_or_else(|| line.to_owned(), |head| head + "#")
    };
    ran.to_string().lines().map(mark).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_dry_run_shows_the_request_without_secrets() {
    let line = "api upgradecluster --path ClusterId='c 1/2' --body '{\"next_version\": \"1.32.1-aliyun.1\"}' --dry-run";
    let (text, json) = (complete().run(line).await, complete().run(&format!("{line} -o json")).await);
    for ran in [&text, &json] {
        assert!(!ran.to_string().contains("hidden") && !ran.to_string().contains("placeholder"), "{ran}");
    }
    insta::assert_snapshot!(redacted(&text), @r#"
    exit code 0
    --- stdout
    POST https://cs.cn-hangzhou.aliyuncs.com/api/v2/clusters/c%201%2F2/upgrade HTTP/1.1
    host: cs.cn-hangzhou.aliyuncs.com
    x-acs-version: 2015-12-15
    x-acs-action: UpgradeCluster
    user-agent: ackctl/0.1.0 ack-client/0.1.0
    x-acs-date: #
    x-acs-signature-nonce: #
    accept: application/json
    content-type: application/json; charset=utf-8
    x-acs-content-sha256: 533c9f2c0e3a0abf40a58cbf61f6fd9df50f04cf347ec4297f82a0e8c66d882c
    x-acs-credentials-provider: default/env
    x-acs-accesskey-id: LTAI5tExampleabcd
    x-acs-security-token: ***
    authorization: ACS3-HMAC-SHA256 Credential=LTAI5tExampleabcd,SignedHeaders=content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version,Signature=***

    {"next_version":"1.32.1-aliyun.1"}
    "#);
    insta::assert_snapshot!(redacted(&json), @r#"
    exit code 0
    --- stdout
    {
      "method": "POST",
      "url": "https://cs.cn-hangzhou.aliyuncs.com/api/v2/clusters/c%201%2F2/upgrade",
      "headers": {
        "accept": "application/json",
        "authorization": "ACS3-HMAC-SHA256 Credential=LTAI5tExampleabcd,SignedHeaders=content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version,Signature=***",
        "content-type": "application/json; charset=utf-8",
        "host": "cs.cn-hangzhou.aliyuncs.com",
        "user-agent": "ackctl/0.1.0 ack-client/0.1.0",
        "x-acs-accesskey-id": "LTAI5tExampleabcd",
        "x-acs-action": "UpgradeCluster",
        "x-acs-content-sha256": "533c9f2c0e3a0abf40a58cbf61f6fd9df50f04cf347ec4297f82a0e8c66d882c",
        "x-acs-credentials-provider": "default/env",
        "x-acs-date": #
        "x-acs-security-token": "***",
        "x-acs-signature-nonce": #
        "x-acs-version": "2015-12-15"
      },
      "body": "{\"next_version\":\"1.32.1-aliyun.1\"}"
    }
    "#);
    let yaml = complete().run(&format!("{line} -o yaml --wire-format xml")).await;
    assert!(yaml.stdout.contains("accept: application/xml"), "{yaml}");
}

#[tokio::test]
async fn passwords_in_the_body_are_masked() {
    let body = r#"{"instances": ["i-1"], "password": "hidden"}"#;
    let line = format!("api AttachInstances --path ClusterId=c1 --body '{body}' --dry-run");
    let ran = complete().run(&line).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains(r#""password":"***""#) && !ran.stdout.contains("hidden"), "{}", ran.stdout);
}

#[tokio::test]
async fn numbers_of_64_bits_stay_exact() {
    let path = "api DescribeClusterTasks --path cluster_id=c1 --dry-run";
    let from_option = complete().run(&format!("{path} --query max_results=9223372036854775807")).await;
    assert!(from_option.stdout.contains("tasks?max_results=9223372036854775807 "), "{from_option}");
    let input = br#"{"query": {"max_results": 9007199254740993}}"#;
    let from_file = complete().stdin(&input[..]).run(&format!("{path} --input -")).await;
    assert!(from_file.stdout.contains("tasks?max_results=9007199254740993 "), "{from_file}");
    let too_large = complete().run(&format!("{path} --query max_results=18446744073709551616")).await;
    assert_eq!((too_large.code, too_large.stdout.as_str()), (2, ""), "{too_large}");
}

#[tokio::test]
async fn query_values_are_read_by_their_kind() {
    let mut sent = Vec::new();
    for line in [
        "DescribeClustersForRegion --path region_id=cn-hangzhou --query name=1 --query page_size=5",
        "DescribeClusterResources --path ClusterId=c1 --query with_addon_resources=true",
        r#"ListTagResources --query region_id=cn-hangzhou --query resource_type=CLUSTER --query 'resource_ids=["c1","c 2"]'"#,
    ] {
        let ran = complete().run(&format!("api {line} --dry-run")).await;
        sent.push(ran.stdout.lines().next().unwrap_or(&ran.stderr).to_owned());
    }
    insta::assert_snapshot!(sent.join("\n"), @"
    GET https://cs.cn-hangzhou.aliyuncs.com/regions/cn-hangzhou/clusters?name=1&page_size=5 HTTP/1.1
    GET https://cs.cn-hangzhou.aliyuncs.com/clusters/c1/resources?with_addon_resources=true HTTP/1.1
    GET https://cs.cn-hangzhou.aliyuncs.com/tags?region_id=cn-hangzhou&resource_ids=%5B%22c1%22%2C%22c%202%22%5D&resource_type=CLUSTER HTTP/1.1
    ");
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_needs_keys() {
    let emulator = emulator().await;
    let line = format!("api DescribeClusterDetail --path ClusterId={CLUSTER} --dry-run");
    assert_eq!(Cli::of(&emulator).run(&line).await.code, 0);
    assert!(emulator.requests().is_empty());
    insta::assert_snapshot!(Cli::new().variable("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou").run(&line).await, @r"
    exit code 2
    --- stderr
    error: no credentials are configured: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run `aliyun configure`; `ackctl auth explain` lists all the places they may come from
    ");
}
