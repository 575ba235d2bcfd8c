//! `ackctl api --list`.

use ack_models::catalogue::Catalogue;

use crate::tests::harness::Cli;

#[tokio::test]
async fn it_has_a_line_for_every_operation() {
    let ran = Cli::new().run("api --list").await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let listed: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, Catalogue::get().operations.keys().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_filter_asks_for_every_word_of_it() {
    let mut said = Vec::new();
    for filter in ["getUPGRADEstatus", "'/api/v2 starts upgrade'", "describetaskinfo", "'reads /tasks/'"] {
        said.push(Cli::new().run(&format!("api --list {filter}")).await.to_string());
    }
    insta::assert_snapshot!(said.join("\n"), @"
    exit code 0
    --- stdout
    GetUpgradeStatus  GET  /api/v2/clusters/{ClusterId}/upgrade/status  upgrade  (deprecated) Reads how far the upgrade of a cluster has come.
    exit code 0
    --- stdout
    UpgradeCluster  POST  /api/v2/clusters/{ClusterId}/upgrade  upgrade  Starts the upgrade of a cluster to another Kubernetes version.
    exit code 0
    --- stdout
    DescribeTaskInfo  GET  /tasks/{task_id}  tasks  Reads one task.
    exit code 0
    --- stdout
    DescribeTaskInfo  GET  /tasks/{task_id}  tasks  Reads one task.
    ");
    insta::assert_snapshot!(Cli::new().run("api --list nosuchword").await, @"exit code 0");
}

#[tokio::test]
async fn it_keeps_to_the_width_of_the_terminal() {
    let list = async |width| Cli::new().on_terminal(width).run("api --list getupgradestatus").await.stdout;
    insta::assert_snapshot!(list(110).await, @"
    GetUpgradeStatus  GET  /api/v2/clusters/{ClusterId}/upgrade/status  upgrade  (deprecated) Reads how far the
                                                                                 upgrade of a cluster has come.
    ");
    insta::assert_snapshot!(list(80).await, @"
    GetUpgradeStatus
      GET /api/v2/clusters/{ClusterId}/upgrade/status
      upgrade: (deprecated) Reads how far the upgrade of a cluster has come.
    ");
    insta::assert_snapshot!(list(40).await, @"
    GetUpgradeStatus
      GET
      /api/v2/clusters/{ClusterId}/upgrade/s
      tatus
      upgrade: (deprecated) Reads how far
      the upgrade of a cluster has come.
    ");
    for width in [40, 80, 120, 160, 200, 400] {
        let all = Cli::new().on_terminal(width).run("api --list").await.stdout;
        let widest = all.lines().max_by_key(|line| line.chars().count()).unwrap_or_default();
        assert!(widest.chars().count() <= usize::from(width), "{width}: {widest:?}");
    }
}

#[tokio::test]
async fn programs_get_all_there_is_to_know() {
    insta::assert_snapshot!(Cli::new().run("api --list 'describeclustertasks' -o yaml").await.stdout, @"
    - operation: DescribeClusterTasks
      method: GET
      path: /clusters/{cluster_id}/tasks
      area: tasks
      summary: Lists the tasks of a cluster, a page at a time.
      description: |-
        Answers with the tasks of every type that ACK ran for the cluster. The list may lag behind by up to ten
        seconds, so one early answer without a task does not prove that none was started.
      deprecated: null
      path_parameters:
      - name: cluster_id
        kind: string
        required: true
        doc: The id of the cluster.
        deprecated: null
        sensitive: false
        example: c23421cfa74454bc8b37163fd19af****
        default: null
      query_parameters:
      - name: max_results
        kind: integer
        required: false
        doc: How many tasks to return at most when paging with `next_token`. Declared by the official SDK 7.2.3 only, without a description.
        deprecated: null
        sensitive: false
        example: null
        default: null
      - name: next_token
        kind: string
        required: false
        doc: The `next_token` of the answer before, to go on after it. Declared by the official SDK 7.2.3 only, without a description.
        deprecated: null
        sensitive: false
        example: null
        default: null
      - name: page_number
        kind: integer
        required: false
        doc: The page to return, counted from 1. The first page when left out.
        deprecated: null
        sensitive: false
        example: 1
        default: null
      - name: page_size
        kind: integer
        required: false
        doc: How many tasks to put on a page. The default and the limit are not documented.
        deprecated: null
        sensitive: false
        example: 20
        default: null
      body: null
      answer: object DescribeClusterTasksResponse
    ");
    let json = Cli::new().run("api --list -o json").await.stdout;
    let entries: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let named = |id: &str| entries.iter().find(|entry| entry["operation"] == id).unwrap();
    assert_eq!(entries.len(), Catalogue::get().operations.len());
    assert_eq!(named("UpgradeCluster")["body"], "object UpgradeClusterRequest");
    assert_eq!(named("UpgradeCluster")["path_parameters"][0]["name"], "ClusterId");
    assert!(named("GetUpgradeStatus")["deprecated"].as_str().unwrap().contains("DescribeTaskInfo"));
}
