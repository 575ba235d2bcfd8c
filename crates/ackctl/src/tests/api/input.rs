//! Input that is refused, and where input comes from. No test here has keys: mistakes come to light before.

use std::io;

use crate::tests::harness::Cli;

async fn refused(cli: Cli, line: &str) -> String {
    let ran = cli.run(line).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}: {}", ran.stderr);
    ran.stderr.trim_end().to_owned()
}

async fn refusals(lines: &[&str]) -> String {
    let mut said = Vec::new();
    for line in lines {
        said.push(format!("$ {line}\n{}", refused(Cli::new(), line).await));
    }
    said.join("\n")
}

#[tokio::test]
async fn everything_that_does_not_fit_is_named() {
    let said = refusals(&[
        "api UpgradeClutser --path ClusterId=c1",
        "api MakeCoffee",
        "api UpgradeCluster",
        r#"api UpgradeCluster --path ClusterID=c1 --body '{"next_versoin": "1.32.1-aliyun.1", "master_only": "yes"}'"#,
        r#"api UpgradeCluster --path ClusterId=c1 --body '{"next_version": ["1.32.1-aliyun.1"]}'"#,
        r#"api UpgradeCluster --path ClusterId=c1 --body '["1.32.1-aliyun.1"]'"#,
        "api DescribeClusterTasks --path cluster_id=c1 --query page_size=ten --query page=1",
        "api DescribeClusterTasks --path cluster_id=c1 --query 'page_size=[1, 2]'",
        "api DescribeClusterTasks --path cluster_id=c1 --body '{}'",
        "api DescribeTaskInfo --path task_id=T-1 --query page_size=1",
    ])
    .await;
    insta::assert_snapshot!(said, @r#"
    $ api UpgradeClutser --path ClusterId=c1
    error: the API has no operation "UpgradeClutser": did you mean UpgradeCluster?
    $ api MakeCoffee
    error: the API has no operation "MakeCoffee": `ackctl api --list` lists all
    $ api UpgradeCluster
    error: the input does not fit UpgradeCluster; `ackctl api UpgradeCluster --help` tells what it takes
      path.ClusterId: UpgradeCluster needs this field
      body: UpgradeCluster needs a body
    $ api UpgradeCluster --path ClusterID=c1 --body '{"next_versoin": "1.32.1-aliyun.1", "master_only": "yes"}'
    error: the input does not fit UpgradeCluster; `ackctl api UpgradeCluster --help` tells what it takes
      path.ClusterID: UpgradeCluster has no such field; did you mean `ClusterId`?
      path.ClusterId: UpgradeCluster needs this field
      body.master_only: expected true or false, found the string "yes"
      body.next_versoin: UpgradeClusterRequest has no such field; did you mean `next_version`?
    $ api UpgradeCluster --path ClusterId=c1 --body '{"next_version": ["1.32.1-aliyun.1"]}'
    error: the input does not fit UpgradeCluster; `ackctl api UpgradeCluster --help` tells what it takes
      body.next_version: expected a string, found a list
    $ api UpgradeCluster --path ClusterId=c1 --body '["1.32.1-aliyun.1"]'
    error: the input does not fit UpgradeCluster; `ackctl api UpgradeCluster --help` tells what it takes
      body: expected an object, found a list
    $ api DescribeClusterTasks --path cluster_id=c1 --query page_size=ten --query page=1
    error: the input does not fit DescribeClusterTasks; `ackctl api DescribeClusterTasks --help` tells what it takes
      query.page: DescribeClusterTasks has no such field; did you mean `page_size`?
      query.page_size: expected a whole number, found the string "ten"
    $ api DescribeClusterTasks --path cluster_id=c1 --query 'page_size=[1, 2]'
    error: the input does not fit DescribeClusterTasks; `ackctl api DescribeClusterTasks --help` tells what it takes
      query.page_size: expected a whole number, found a list
    $ api DescribeClusterTasks --path cluster_id=c1 --body '{}'
    error: the input does not fit DescribeClusterTasks; `ackctl api DescribeClusterTasks --help` tells what it takes
      body: DescribeClusterTasks takes no body
    $ api DescribeTaskInfo --path task_id=T-1 --query page_size=1
    error: the input does not fit DescribeTaskInfo; `ackctl api DescribeTaskInfo --help` tells what it takes
      query: DescribeTaskInfo takes no query parameters
    "#);
}

#[tokio::test]
async fn options_that_cannot_be_read() {
    let said = refusals(&[
        r#"api UpgradeCluster --path ClusterId=c1 --body '{"next_version": 1'"#,
        "api UpgradeCluster --path ClusterId=c1 --body 1.32.1-aliyun.1",
        "api DescribeClusterTasks --path cluster_id=c1 --query 'page_size=[1,'",
        "api DescribeClusterTasks --path cluster_id=c1 --path cluster_id=c2",
        "api UpgradeCluster --input - --body @-",
    ])
    .await;
    insta::assert_snapshot!(said, @r#"
    $ api UpgradeCluster --path ClusterId=c1 --body '{"next_version": 1'
    error: --body is not JSON: EOF while parsing an object at line 1 column 18
    $ api UpgradeCluster --path ClusterId=c1 --body 1.32.1-aliyun.1
    error: --body is not JSON: trailing characters at line 1 column 5
    $ api DescribeClusterTasks --path cluster_id=c1 --query 'page_size=[1,'
    error: --query page_size is not JSON, as a value of kind integer has to be: EOF while parsing a value at line 1 column 3
    $ api DescribeClusterTasks --path cluster_id=c1 --path cluster_id=c2
    error: --path cluster_id is given twice: leave one out; where a list is wanted, give it as JSON
    $ api UpgradeCluster --input - --body @-
    error: --input and --body both read standard input: give one of them a file
    "#);
    let mut said = Vec::new();
    for line in [
        "api UpgradeCluster --path ClusterId",
        "api UpgradeCluster --query =1",
        "api UpgradeCluster --list",
        "api --list --dry-run",
        "api UpgradeCluster --example --body '{}'",
        "api UpgradeCluster --dry-run --report-drift",
        "api -o json",
    ] {
        let text = refused(Cli::new(), line).await;
        said.push(format!("$ {line}\n{}", text.lines().take(2).collect::<Vec<_>>().join("\n").trim_end()));
    }
    insta::assert_snapshot!(said.join("\n"), @"
    $ api UpgradeCluster --path ClusterId
    error: invalid value 'ClusterId' for '--path <NAME=VALUE>': write the name of the parameter, an equals sign and the value, such as page_size=20
    $ api UpgradeCluster --query =1
    error: invalid value '=1' for '--query <NAME=VALUE>': write the name of the parameter, an equals sign and the value, such as page_size=20
    $ api UpgradeCluster --list
    error: the argument '[OPERATION]' cannot be used with '--list [<FILTER>]'
    $ api --list --dry-run
    error: the argument '--list [<FILTER>]' cannot be used with '--dry-run'
    $ api UpgradeCluster --example --body '{}'
    error: the argument '--example' cannot be used with '--body <JSON|@FILE>'
    $ api UpgradeCluster --dry-run --report-drift
    error: the argument '--dry-run' cannot be used with '--report-drift'
    $ api -o json
    error: the following required arguments were not provided:
      <OPERATION>
    ");
}

#[tokio::test]
async fn files_that_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().to_str().unwrap().to_owned();
    let mut said = Vec::new();
    for (name, bytes) in [
        ("broken.json", &b"{\n  \"path\": {\"ClusterId\": \"c1\"},\n  \"body\": {next_version: 1}\n}\n"[..]),
        ("cut-off.json", b"{\"path\": {"),
        ("empty.json", b""),
        ("list.json", b"\xEF\xBB\xBF[]"),
        ("latin1.json", b"{\"path\": \"\xE9\"}"),
        ("parts.json", b"{\"paths\": {}, \"query\": [], \"body\": 1}"),
    ] {
        std::fs::write(directory.path().join(name), bytes).unwrap();
        said.push(refused(Cli::new(), &format!("api UpgradeCluster --input '{place}/{name}'")).await);
    }
    insta::assert_snapshot!(said.join("\n").replace(&place, "DIRECTORY"), @"
    error: --input DIRECTORY/broken.json is not JSON: key must be a string at line 3 column 12
    error: --input DIRECTORY/cut-off.json is not JSON: EOF while parsing an object at line 1 column 10
    error: --input DIRECTORY/empty.json is not JSON: EOF while parsing a value at line 1 column 0
    error: the input does not fit UpgradeCluster; `ackctl api UpgradeCluster --help` tells what it takes
      input: expected an object with path, query and body, found a list
    error: --input DIRECTORY/latin1.json is not UTF-8 text: invalid utf-8 sequence of 1 bytes from index 10
    error: the input does not fit UpgradeCluster; `ackctl api UpgradeCluster --help` tells what it takes
      paths: an input has path, query and body only; did you mean `path`?
      path.ClusterId: UpgradeCluster needs this field
      query: UpgradeCluster takes no query parameters
      body: expected an object, found the number 1
    ");
    let missing = refused(Cli::new(), "api UpgradeCluster --path ClusterId=c1 --body @/nowhere/body.json").await;
    assert!(missing.starts_with("error: --body /nowhere/body.json does not exist: "), "{missing}");
    let inline = refused(Cli::new(), r#"api UpgradeCluster --input '{"body": {}}'"#).await;
    insta::assert_snapshot!(inline, @r#"error: --input {"body": {}} does not exist: it takes the name of a file; pass JSON on standard input with `--input -`, or its parts with --path, --query and --body"#);
    let directory = refused(Cli::new(), &format!("api UpgradeCluster --input '{place}'")).await;
    assert!(directory.contains("cannot be read: "), "{directory}");
}

#[tokio::test]
async fn standard_input_is_bounded_in_size_and_depth() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let line = "api UpgradeCluster --input -";
    let said = [
        refused(Cli::new().stdin(io::repeat(b' ')), line).await,
        refused(Cli::new().stdin(io::repeat(b'[')), "api UpgradeCluster --path ClusterId=c1 --body @-").await,
        refused(Cli::new().stdin(io::Read::take(io::repeat(b'['), 100_000)), line).await,
        refused(Cli::new().stdin(Broken), line).await,
        refused(Cli::new(), line).await,
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    error: standard input is larger than 16 MiB: pass less
    error: standard input is larger than 16 MiB: pass less
    error: standard input is not JSON: recursion limit exceeded at line 1 column 128
    error: standard input cannot be read: the disk is gone
    error: standard input is not JSON: EOF while parsing a value at line 1 column 0
    ");
}

#[tokio::test]
async fn a_thousand_mistakes_are_not_all_told() {
    let items = vec!["1"; 1000].join(",");
    let said = refused(Cli::new(), &format!("api ModifyClusterTags --path ClusterId=c1 --body '[{items}]'")).await;
    assert_eq!(said.lines().count(), 52);
    assert!(said.ends_with("\n  and 950 more"), "{said}");
}

#[tokio::test]
async fn options_replace_what_the_file_says() {
    let input = br#"{"path": {"cluster_id": "c1"}, "query": {"page_size": 5, "page_number": 2}}"#;
    let cli = || {
        Cli::new()
            .variable("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou")
            .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExampleabcd")
            .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "placeholder")
    };
    let line = "api DescribeClusterTasks --input - --path cluster_id=c2 --query page_size=7 --dry-run";
    let ran = cli().stdin(&input[..]).run(line).await;
    assert!(
        ran.stdout.starts_with("GET https://cs.cn-hangzhou.aliyuncs.com/clusters/c2/tasks?page_number=2&page_size=7 ")
    );
    // Null stands for nothing.
    let input = br#"{"path": null, "query": null, "body": {"master_only": false}}"#;
    let line = r#"api UpgradeCluster --input - --path ClusterId=c2 --body '{"next_version": "1.32"}' --dry-run"#;
    let ran = cli().stdin(&input[..]).run(line).await;
    assert!(ran.stdout.ends_with("\n\n{\"next_version\":\"1.32\"}\n"), "{ran}");
}
