//! Lists in pages: what is asked for, and where a list ends.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use ack_client::auth::StaticCredentials;
use ack_client::models::{
    DescribeClusterNodesQuery, DescribeClusterTasksQuery, DescribeClusterTasksResponse, DescribeClustersForRegionQuery,
    ListClusterInspectReportsQuery, ListTagResourcesQuery, TagResourceType, UpgradeClusterRequest,
};
use ack_client::{Client, Error, Page, Pages, Stream};
use ack_emulator::{ClusterSeed, Emulator};

use crate::canned::{Canned, answer};

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

fn json(body: &str) -> String {
    answer("200 OK", "application/json", body)
}

/// A page of tasks with these ids, and what it says of its place.
fn tasks(ids: &[&str], page_info: &str) -> String {
    let tasks: Vec<String> = ids.iter().map(|id| format!(r#"{{"task_id":"{id}"}}"#)).collect();
    json(&format!(r#"{{"tasks":[{}],"page_info":{{{page_info}}}}}"#, tasks.join(",")))
}

fn tasks_query(page_number: Option<i32>, page_size: Option<i32>) -> DescribeClusterTasksQuery {
    DescribeClusterTasksQuery { page_number, page_size, ..Default::default() }
}

fn task_pages(
    client: &Client,
    page_number: Option<i32>,
    page_size: Option<i32>,
) -> Pages<DescribeClusterTasksResponse> {
    client.describe_cluster_tasks_pages(CLUSTER, &tasks_query(page_number, page_size))
}

/// Reads a list to its end, and looks once more behind it: the number of entries of each page, and the error.
async fn counts<P: Page + 'static>(mut pages: Pages<P>) -> String {
    let mut report = Vec::new();
    while let Some(page) = pages.next().await {
        report.push(match page {
            Ok(page) => page.items().len().to_string(),
            Err(error) => described(&error),
        });
    }
    assert!(pages.next().await.is_none());
    report.join(", ")
}

fn described(error: &Error) -> String {
    let kind = match (error.is_page_limit(), error.is_page_repeated(), error.is_invalid_input(), error.is_server()) {
        (true, ..) => "limit",
        (_, true, ..) => "repeated",
        (_, _, true, _) => "invalid input",
        (.., true) => "server",
        _ => "other",
    };
    format!("[{kind}] {error}")
}

/// What the server was asked for, a line each.
fn targets(server: &Canned) -> String {
    let requests = server.requests();
    let targets = requests.iter().map(|request| request.lines().next().unwrap_or_default().replace(" HTTP/1.1", ""));
    targets.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn pages_with_numbers_are_read_up_to_the_total() {
    let server = Canned::new([
        tasks(&["a", "b"], r#""page_number":1,"page_size":2,"total_count":4"#),
        // One came in between: the newest total counts.
        tasks(&["b", "c"], r#""page_number":2,"page_size":2,"total_count":5"#),
        tasks(&["d"], r#""page_number":3,"page_size":2,"total_count":5"#),
    ])
    .await;
    let mut items = task_pages(&server.client(), None, Some(2)).items();
    let mut ids = Vec::new();
    while let Some(task) = items.next().await {
        ids.push(task.unwrap().task_id.unwrap());
    }
    assert!(items.next().await.is_none());
    assert_eq!(ids, ["a", "b", "b", "c", "d"]);
    insta::assert_snapshot!(targets(&server), @r"
    GET /clusters/c106f377e16f34eb1808d6b9362c9test/tasks?page_size=2
    GET /clusters/c106f377e16f34eb1808d6b9362c9test/tasks?page_number=2&page_size=2
    GET /clusters/c106f377e16f34eb1808d6b9362c9test/tasks?page_number=3&page_size=2
    ");
}

#[tokio::test]
async fn where_a_list_with_numbers_ends() {
    let full = r#""page_number":1,"page_size":1,"total_count":1"#;
    let cases = [
        ("empty", (None, None), vec![json("{}")]),
        ("empty with a total", (None, None), vec![tasks(&[], r#""page_number":1,"page_size":10,"total_count":0"#)]),
        ("one full page", (None, None), vec![tasks(&["a"], full)]),
        // Without a total only an empty page tells the end.
        ("no page_info", (None, None), vec![tasks(&["a"], ""), tasks(&["b"], ""), tasks(&[], "")]),
        (
            "the size is the request's",
            (None, Some(2)),
            vec![tasks(&["a", "b"], r#""total_count":3"#), tasks(&["c"], r#""total_count":3"#)],
        ),
        (
            "the size is the first page's",
            (None, None),
            vec![tasks(&["a", "b"], r#""total_count":3"#), tasks(&["c"], r#""total_count":3"#)],
        ),
        (
            "the service makes pages smaller than asked for",
            (None, Some(500)),
            vec![
                tasks(&["a"], r#""page_number":1,"page_size":1,"total_count":2"#),
                tasks(&["b"], r#""page_number":2,"page_size":1,"total_count":2"#),
            ],
        ),
        (
            "it starts in the middle",
            (Some(3), Some(1)),
            vec![
                tasks(&["c"], r#""page_number":3,"page_size":1,"total_count":4"#),
                tasks(&["d"], r#""page_number":4,"page_size":1,"total_count":4"#),
            ],
        ),
        (
            "the list has shrunk",
            (None, Some(1)),
            vec![
                tasks(&["a"], r#""page_number":1,"page_size":1,"total_count":9"#),
                tasks(&[], r#""page_number":2,"page_size":1,"total_count":1"#),
            ],
        ),
    ];
    let mut report = String::new();
    for (name, (number, size), answers) in cases {
        let expected = answers.len();
        let server = Canned::new(answers).await;
        let read = counts(task_pages(&server.client(), number, size)).await;
        assert_eq!(server.requests().len(), expected, "{name}");
        report.push_str(&format!("{name}: {read}\n"));
    }
    insta::assert_snapshot!(report, @r"
    empty: 0
    empty with a total: 0
    one full page: 1
    no page_info: 1, 1, 0
    the size is the request's: 2, 1
    the size is the first page's: 2, 1
    the service makes pages smaller than asked for: 1, 1
    it starts in the middle: 1, 1
    the list has shrunk: 1, 0
    ");
}

#[tokio::test]
async fn numbers_that_travel_as_text() {
    let page = |number: u8| {
        json(&format!(
            r#"{{"nodes":[{{"node_name":"n{number}"}}],"page":{{"page_number":{number},"page_size":1,"total_count":10}}}}"#
        ))
    };
    let server = Canned::new([page(9), page(10)]).await;
    let client = server.client();
    let query = |page_number: &str| DescribeClusterNodesQuery {
        page_number: Some(page_number.to_owned()),
        page_size: Some("1".to_owned()),
        ..Default::default()
    };
    assert_eq!(counts(client.describe_cluster_nodes_pages(CLUSTER, &query("9"))).await, "1, 1");
    insta::assert_snapshot!(targets(&server), @r"
    GET /clusters/c106f377e16f34eb1808d6b9362c9test/nodes?pageNumber=9&pageSize=1
    GET /clusters/c106f377e16f34eb1808d6b9362c9test/nodes?pageNumber=10&pageSize=1
    ");
    insta::assert_snapshot!(
        counts(client.describe_cluster_nodes_pages(CLUSTER, &query("last"))).await,
        @r#"[invalid input] DescribeClusterNodes failed: pageNumber "last" is no page number: give a whole number from 1 up, or leave it out to start at the first page"#
    );
}

#[tokio::test]
async fn tokens_are_followed_from_where_the_query_starts() {
    let server = Canned::new([
        json(r#"{"reports":[{"reportId":"a"}],"nextToken":"t+1/="}"#),
        // A page may be empty and still lead on.
        json(r#"{"reports":[],"nextToken":"t2"}"#),
        json(r#"{"reports":[{"reportId":"b"}],"nextToken":""}"#),
    ])
    .await;
    let query = ListClusterInspectReportsQuery { max_results: Some(1), next_token: Some("t0".to_owned()) };
    let pages = server.client().list_cluster_inspect_reports_pages(CLUSTER, &query);
    assert_eq!(counts(pages).await, "1, 0, 1");
    insta::assert_snapshot!(targets(&server), @r"
    GET /clusters/c106f377e16f34eb1808d6b9362c9test/inspectReports?maxResults=1&nextToken=t0
    GET /clusters/c106f377e16f34eb1808d6b9362c9test/inspectReports?maxResults=1&nextToken=t%2B1%2F%3D
    GET /clusters/c106f377e16f34eb1808d6b9362c9test/inspectReports?maxResults=1&nextToken=t2
    ");
}

#[tokio::test]
async fn nested_entries_are_read_from_both_formats() {
    let xml = "<ListTagResourcesResponse><tag_resources><tag_resource><tag_key>c</tag_key></tag_resource>\
               </tag_resources></ListTagResourcesResponse>";
    let server = Canned::new([
        json(r#"{"tag_resources":{"tag_resource":[{"tag_key":"a"},{"tag_key":"b"}]},"next_token":"t"}"#),
        answer("200 OK", "application/xml", xml),
    ])
    .await;
    let query = ListTagResourcesQuery {
        region_id: "cn-beijing".to_owned(),
        resource_ids: vec![CLUSTER.to_owned()],
        resource_type: TagResourceType::Cluster,
        ..Default::default()
    };
    let mut stream = server.client().list_tag_resources_pages(&query).items().into_stream();
    let mut keys = Vec::new();
    while let Some(tag) = next(&mut stream).await {
        keys.push(tag.unwrap().tag_key.unwrap());
    }
    assert_eq!(keys, ["a", "b", "c"]);
    insta::assert_snapshot!(targets(&server), @r"
    GET /tags?region_id=cn-beijing&resource_ids=%5B%22c106f377e16f34eb1808d6b9362c9test%22%5D&resource_type=CLUSTER
    GET /tags?next_token=t&region_id=cn-beijing&resource_ids=%5B%22c106f377e16f34eb1808d6b9362c9test%22%5D&resource_type=CLUSTER
    ");
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    let mut stream = pin!(stream);
    poll_fn(|context| stream.as_mut().poll_next(context)).await
}

#[tokio::test]
async fn a_service_that_goes_round_in_circles_is_found_out() {
    let page = |number: u8| tasks(&["a"], &format!(r#""page_number":{number},"page_size":1,"total_count":9"#));
    let server = Canned::new([page(1), page(2), page(2)]).await;
    let numbers = counts(task_pages(&server.client(), None, None)).await;

    let page = |token: &str| json(&format!(r#"{{"reports":[{{}}],"nextToken":"{token}"}}"#));
    let server = Canned::new([page("t1"), page("t2"), page("t1")]).await;
    let query = ListClusterInspectReportsQuery::default();
    let tokens = counts(server.client().list_cluster_inspect_reports_pages(CLUSTER, &query)).await;

    let server = Canned::new([page("t1")]).await;
    let query = ListClusterInspectReportsQuery { next_token: Some("t1".to_owned()), ..Default::default() };
    let own = counts(server.client().list_cluster_inspect_reports_pages(CLUSTER, &query)).await;
    insta::assert_snapshot!(format!("{numbers}\n{tokens}\n{own}"), @r#"
    1, 1, [repeated] DescribeClusterTasks failed: the service answered page_number "2" a second time, so following it would never end: list anew, or read the pages one by one
    1, 1, 1, [repeated] ListClusterInspectReports failed: the service answered nextToken "t1" a second time, so following it would never end: list anew, or read the pages one by one
    1, [repeated] ListClusterInspectReports failed: the service answered nextToken "t1" a second time, so following it would never end: list anew, or read the pages one by one
    "#);
}

#[tokio::test]
async fn more_pages_than_the_limit_are_an_error() {
    let page = |number: u16| tasks(&["a"], &format!(r#""page_number":{number},"page_size":1,"total_count":5000"#));
    let server = Canned::new((1..=2).map(page)).await;
    let limited = counts(task_pages(&server.client(), None, None).limit_pages(2)).await;
    assert_eq!(server.requests().len(), 2);
    insta::assert_snapshot!(limited, @"1, 1, [limit] DescribeClusterTasks failed: there are more pages than the limit of 2: narrow the query, ask for larger pages, or raise the limit with limit_pages");

    // A list that ends right at the limit is complete.
    let server = Canned::new([tasks(&["a"], r#""page_number":1,"page_size":1,"total_count":1"#)]).await;
    assert_eq!(counts(task_pages(&server.client(), None, None).limit_pages(1)).await, "1");

    let server = Canned::new((1..=1000).map(page)).await;
    let mut items = task_pages(&server.client(), None, None).items();
    let mut count = 0;
    let error = loop {
        match items.next().await.unwrap() {
            Ok(_) => count += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((count, error.is_page_limit()), (1000, true));
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn an_error_in_the_middle_ends_the_list() {
    let server = Canned::new([
        tasks(&["a", "b"], r#""page_number":1,"page_size":2,"total_count":9"#),
        answer("503 Service Unavailable", "application/json", r#"{"code":"ServiceUnavailable","message":"later"}"#),
    ])
    .await;
    let mut items = task_pages(&server.client(), None, None).items();
    assert_eq!(items.next().await.unwrap().unwrap().task_id.as_deref(), Some("a"));
    assert_eq!(items.next().await.unwrap().unwrap().task_id.as_deref(), Some("b"));
    let error = items.next().await.unwrap().unwrap_err();
    assert!(items.next().await.is_none());
    assert_eq!((error.operation(), error.code()), (Some("DescribeClusterTasks"), Some("ServiceUnavailable")));

    // Mistakes in the arguments come with the first page; nothing is sent.
    let mut pages = server.client().describe_cluster_tasks_pages("", &tasks_query(None, None));
    assert!(pages.next().await.unwrap().unwrap_err().is_invalid_input());
    assert!(pages.next().await.is_none());
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_page_whose_wait_was_given_up_is_not_lost() {
    let server = Canned::new([tasks(&["a"], r#""page_number":1,"page_size":1,"total_count":1"#)]).await;
    let mut pages = task_pages(&server.client(), None, None);
    {
        let mut wait = pin!(pages.next());
        let started = poll_fn(|context| Poll::Ready(wait.as_mut().poll(context).is_pending())).await;
        assert!(started);
    }
    assert_eq!(pages.next().await.unwrap().unwrap().tasks.len(), 1);
    assert!(pages.next().await.is_none());
    assert_eq!(server.requests().len(), 1);
    assert_eq!(format!("{pages:?}"), r#"Pages { operation: "DescribeClusterTasks", received: 1, limit: 1000, .. }"#);
}

#[tokio::test]
async fn pages_cross_tasks_as_streams() {
    let server = Canned::new([
        tasks(&["a"], r#""page_number":1,"page_size":1,"total_count":2"#),
        tasks(&["b"], r#""page_number":2,"page_size":1,"total_count":2"#),
    ])
    .await;
    let mut stream = task_pages(&server.client(), None, None).into_stream();
    let reading = tokio::spawn(async move {
        let mut ids = Vec::new();
        while let Some(page) = next(&mut stream).await {
            let page = page.unwrap();
            ids.push((page.request_id().map(str::to_owned), page.tasks[0].task_id.clone().unwrap()));
        }
        ids
    });
    let id = Some("0527AC9A-TEST".to_owned());
    assert_eq!(reading.await.unwrap(), [(id.clone(), "a".to_owned()), (id, "b".to_owned())]);
}

#[tokio::test]
async fn the_emulator_is_listed_one_a_page() {
    let emulator = Emulator::builder()
        .access_key("emulatorKey", "emulator-secret")
        .cluster(ClusterSeed::managed(CLUSTER, "one", "1.30.1-aliyun.1"))
        .cluster(ClusterSeed::managed("c2", "two", "1.30.1-aliyun.1"))
        .cluster(ClusterSeed::managed("c3", "three", "1.30.1-aliyun.1"))
        .start()
        .await
        .unwrap();
    let client = Client::builder()
        .endpoint(emulator.endpoint())
        .credentials(StaticCredentials::access_key("emulatorKey", "emulator-secret").unwrap())
        .build()
        .unwrap();

    let query = DescribeClustersForRegionQuery { page_size: Some(1), ..Default::default() };
    let mut clusters = client.describe_clusters_for_region_pages("cn-hangzhou", &query).items();
    let mut names = Vec::new();
    while let Some(cluster) = clusters.next().await {
        names.push(cluster.unwrap().name.unwrap());
    }
    assert_eq!(names, ["one", "two", "three"]);
    assert_eq!(counts(client.describe_clusters_for_region_pages("us-west-1", &query)).await, "0");

    let mut started = Vec::new();
    for version in ["1.31.9-aliyun.1", "1.32.1-aliyun.1"] {
        let request = UpgradeClusterRequest { next_version: Some(version.to_owned()), ..Default::default() };
        started.push(client.upgrade_cluster(CLUSTER, &request).await.unwrap().into_inner().task_id.unwrap());
        emulator.advance(Duration::from_secs(3600));
    }
    let mut tasks = task_pages(&client, None, Some(1)).items();
    let mut ids = Vec::new();
    while let Some(task) = tasks.next().await {
        ids.push(task.unwrap().task_id.unwrap());
    }
    ids.reverse();
    assert_eq!(ids, started);
}
