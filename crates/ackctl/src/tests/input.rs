//! Input that is refused before anything is sent, each with its remedy.

use super::harness::{CLUSTER, Cli, emulator};

/// Everything a call needs, so that the one thing at fault is what each test adds.
fn complete() -> Cli {
    Cli::new()
        .variable("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou")
        .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExampleabcd")
        .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "placeholder")
}

async fn refused(cli: Cli, line: &str) -> String {
    let ran = cli.run(line).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}: {}", ran.stderr);
    ran.stderr.trim_end().to_owned()
}

#[tokio::test]
async fn region_and_endpoint() {
    let keys = || {
        Cli::new()
            .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExampleabcd")
            .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "placeholder")
    };
    let said = [
        refused(keys(), "upgrade status c1").await,
        refused(keys().variable("ALIBABA_CLOUD_REGION_ID", ""), "upgrade status c1").await,
        refused(keys(), "upgrade status c1 --region ''").await,
        refused(keys(), "--region 'cn hangzhou' upgrade status c1").await,
        refused(keys(), "upgrade status c1 --region ../../etc").await,
        refused(keys().variable("ALIBABA_CLOUD_REGION_ID", "CN"), "upgrade status c1").await,
        refused(complete(), "upgrade status c1 --endpoint https://cs.cn-hangzhou.aliyuncs.com/clusters").await,
        refused(complete(), "upgrade status c1 --endpoint http://cs.cn-hangzhou.aliyuncs.com").await,
        refused(complete(), "upgrade status c1 --endpoint https://id:hidden@cs.cn-hangzhou.aliyuncs.com").await,
        refused(complete(), "upgrade status c1 --endpoint ''").await,
    ];
    assert!(!said.concat().contains("hidden"));
    insta::assert_snapshot!(said.join("\n"), @r#"
        error: the region of the cluster is not known: give it with --region, such as --region cn-hangzhou, or set ALIBABA_CLOUD_REGION_ID; an endpoint (--endpoint or ALIBABA_CLOUD_ENDPOINT) does as well
        error: the region of the cluster is not known: give it with --region, such as --region cn-hangzhou, or set ALIBABA_CLOUD_REGION_ID; an endpoint (--endpoint or ALIBABA_CLOUD_ENDPOINT) does as well
        error: region "" is not a region ID: use a region ID such as cn-hangzhou: lower-case letters, digits and hyphens
        error: region "cn hangzhou" is not a region ID: use a region ID such as cn-hangzhou: lower-case letters, digits and hyphens
        error: region "../../etc" is not a region ID: use a region ID such as cn-hangzhou: lower-case letters, digits and hyphens
        error: region "CN" is not a region ID: use a region ID such as cn-hangzhou: lower-case letters, digits and hyphens
        error: endpoint "https://cs.cn-hangzhou.aliyuncs.com/clusters" has something behind the host: give scheme, host and port alone, without a path or query
        error: endpoint "http://cs.cn-hangzhou.aliyuncs.com" would send the signed request in the clear: use https; plain HTTP is for loopback, or for a network you trust with allow_plain_http
        error: endpoint holds a user name or password: give the host alone and pass keys as credentials
        error: endpoint "" is empty or has white space around it: give a host such as cs.cn-hangzhou.aliyuncs.com
        "#);
}

#[tokio::test]
async fn certificate_authorities() {
    let key = "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----\n";
    let said = [
        refused(complete(), "upgrade status c1 --ca-file /etc/absent.pem").await,
        refused(complete().file("/etc/ca.pem", ""), "upgrade status c1 --ca-file /etc/ca.pem").await,
        refused(complete().file("/etc/ca.pem", key), "auth explain --ca-file /etc/absent.pem").await,
        refused(complete().file("/etc/ca.pem", key), "upgrade status c1 --ca-file /etc/ca.pem").await,
    ];
    assert!(!said.concat().contains("hidden"));
    insta::assert_snapshot!(said.join("\n"), @r"
    error: --ca-file /etc/absent.pem cannot be read: there is no such file
    error: --ca-file /etc/ca.pem holds no certificate: name a file with the authority's certificate in PEM text
    error: --ca-file /etc/absent.pem cannot be read: there is no such file
    error: --ca-file /etc/ca.pem holds no certificate: name a file with the authority's certificate in PEM text
    ");
}

#[tokio::test]
async fn credentials() {
    let region = || Cli::new().variable("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou");
    let said = [
        refused(region(), "upgrade status c1").await,
        refused(region().variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), "upgrade watch c1").await,
        refused(region().variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hidden"), "upgrade start c1 --to 1.32.1").await,
        refused(complete().variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hidden\n"), "upgrade status c1").await,
    ];
    assert!(!said.concat().contains("hidden"));
    insta::assert_snapshot!(said.join("\n"), @r"
    error: no credentials are configured: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run `aliyun configure`; `ackctl auth explain` lists all the places they may come from
    error: ALIBABA_CLOUD_ACCESS_KEY_SECRET is missing although ALIBABA_CLOUD_ACCESS_KEY_ID is set: set ALIBABA_CLOUD_ACCESS_KEY_SECRET too, or unset both
    error: ALIBABA_CLOUD_ACCESS_KEY_ID is missing although ALIBABA_CLOUD_ACCESS_KEY_SECRET is set: set ALIBABA_CLOUD_ACCESS_KEY_ID too, or unset both
    error: ALIBABA_CLOUD_ACCESS_KEY_SECRET holds white space, perhaps a line end that was copied with it: copy it again, exactly as the console or STS shows it
    ");
}

#[tokio::test]
async fn arguments() {
    let mut said = Vec::new();
    for line in [
        "upgrade status",
        "upgrade status ''",
        "upgrade status ..",
        "upgrade watch 'c1 c2'",
        "upgrade start c1",
        "upgrade start c1 --to ''",
        "upgrade start c1 --to ' 1.32.1-aliyun.1'",
        "upgrade watch c1 --task ''",
        "upgrade watch c1 --interval 0s",
        "upgrade watch c1 --interval 10ms",
        "upgrade watch c1 --interval 15",
        "upgrade watch c1 --time-limit=-5m",
        "upgrade watch c1 --time-limit never",
        "upgrade status c1 --timeout 0s",
        "upgrade status c1 -o jsn",
        "upgrade status c1 --wire-format yaml",
        "upgrde status c1",
        "emulator --listen localhost",
        "emulator --xml-style root",
        "demo --time-scale -1",
        "demo --fail precheck,stage",
    ] {
        let text = refused(complete(), line).await;
        let text: Vec<&str> = text.lines().filter(|text| !text.is_empty() && !text.contains("--help")).collect();
        said.push(format!("$ {line}\n{}", text.join("\n")));
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
        $ upgrade status
        error: the following required arguments were not provided:
          <CLUSTER_ID|--handle <FILE>>
        Usage: ackctl upgrade status <CLUSTER_ID|--handle <FILE>>
        $ upgrade status ''
        error: invalid value '' for '[CLUSTER_ID]': it names nothing: pass it as the service prints it
        $ upgrade status ..
        error: invalid value '..' for '[CLUSTER_ID]': it names nothing: pass it as the service prints it
        $ upgrade watch 'c1 c2'
        error: invalid value 'c1 c2' for '[CLUSTER_ID]': it holds white space or a control character, often from pasting: remove it
        $ upgrade start c1
        error: the following required arguments were not provided:
          --to <VERSION>
        Usage: ackctl upgrade start --to <VERSION> <CLUSTER_ID>
        $ upgrade start c1 --to ''
        error: invalid value '' for '--to <VERSION>': it names nothing: pass it as the service prints it
        $ upgrade start c1 --to ' 1.32.1-aliyun.1'
        error: invalid value ' 1.32.1-aliyun.1' for '--to <VERSION>': it holds white space or a control character, often from pasting: remove it
        $ upgrade watch c1 --task ''
        error: invalid value '' for '--task <TASK_ID>': it names nothing: pass it as the service prints it
        $ upgrade watch c1 --interval 0s
        error: invalid value '0s' for '--interval <DURATION>': it has to be more than zero; write a number with its unit, such as 500ms, 30s, 5m or 1h30m
        $ upgrade watch c1 --interval 10ms
        error: invalid value '10ms' for '--interval <DURATION>': it is too short: looking more often than every 50ms serves nobody
        $ upgrade watch c1 --interval 15
        error: invalid value '15' for '--interval <DURATION>': write a number with its unit, such as 500ms, 30s, 5m or 1h30m
        $ upgrade watch c1 --time-limit=-5m
        error: invalid value '-5m' for '--time-limit <DURATION>': it is negative; write a number with its unit, such as 500ms, 30s, 5m or 1h30m, or none
        $ upgrade watch c1 --time-limit never
        error: invalid value 'never' for '--time-limit <DURATION>': write a number with its unit, such as 500ms, 30s, 5m or 1h30m, or none
        $ upgrade status c1 --timeout 0s
        error: invalid value '0s' for '--timeout <DURATION>': it has to be more than zero; write a number with its unit, such as 500ms, 30s, 5m or 1h30m
        $ upgrade status c1 -o jsn
        error: invalid value 'jsn' for '--output <FORMAT>'
          [possible values: table, json, yaml]
          tip: a similar value exists: 'json'
        $ upgrade status c1 --wire-format yaml
        error: invalid value 'yaml' for '--wire-format <FORMAT>'
          [possible values: json, xml]
          tip: a similar value exists: 'xml'
        $ upgrde status c1
        error: unrecognized subcommand 'upgrde'
          tip: a similar subcommand exists: 'upgrade'
        Usage: ackctl [OPTIONS] <COMMAND>
        $ emulator --listen localhost
        error: invalid value 'localhost' for '--listen <ADDRESS>': invalid socket address syntax
        $ emulator --xml-style root
        error: invalid value 'root' for '--xml-style <STYLE>'
          [possible values: fragment, rooted]
          tip: a similar value exists: 'rooted'
        $ demo --time-scale -1
        error: time scale "-1" is not a number above 0 and up to 1000000: use 1 for real time, or 60 to let a minute pass in a second
        $ demo --fail precheck,stage
        error: invalid value 'precheck,stage' for '--fail <WHERE>'
          [possible values: precheck, stage]
          tip: a similar value exists: 'precheck'
        "#);
}

#[tokio::test]
async fn settings_of_the_emulator() {
    let said = [
        refused(Cli::new(), "emulator --time-scale 0").await,
        refused(Cli::new(), "demo --time-scale=-1").await,
        refused(Cli::new(), "demo --time-scale NaN").await,
        refused(Cli::new(), "emulator --listen 0.0.0.0:0").await,
        refused(Cli::new(), "emulator --endpoint http://127.0.0.1:1").await,
        refused(Cli::new(), "demo --endpoint http://127.0.0.1:1").await,
    ];
    insta::assert_snapshot!(said.join("\n"), @r#"
        error: time scale "0" is not a number above 0 and up to 1000000: use 1 for real time, or 60 to let a minute pass in a second
        error: time scale "-1" is not a number above 0 and up to 1000000: use 1 for real time, or 60 to let a minute pass in a second
        error: time scale "NaN" is not a number above 0 and up to 1000000: use 1 for real time, or 60 to let a minute pass in a second
        error: --listen 0.0.0.0:0 is not a loopback address: the emulator speaks plain HTTP with known keys, so it serves this machine only; listen on 127.0.0.1 or [::1]
        error: --endpoint http://127.0.0.1:1 has no use here: `ackctl emulator` runs an emulator of its own; leave it out
        error: --endpoint http://127.0.0.1:1 has no use here: `ackctl demo` runs an emulator of its own; leave it out
        "#);
}

#[tokio::test]
async fn nothing_is_sent() {
    let emulator = emulator().await;
    for line in [
        "upgrade status ..",
        "upgrade watch ''",
        "upgrade start .. --to 1.32.6-aliyun.1",
        "upgrade start c1 --to ''",
        "upgrade status c1 --region 'cn hangzhou'",
        "upgrade status c1 --timeout 0s",
    ] {
        refused(Cli::of(&emulator), line).await;
    }
    for line in ["upgrade status", "upgrade watch", "upgrade start --to 1.32.6-aliyun.1"] {
        refused(Cli::of(&emulator).variable("ALIBABA_CLOUD_ACCESS_KEY_ID", ""), &format!("{line} {CLUSTER}")).await;
    }
    assert!(emulator.requests().is_empty());
}
