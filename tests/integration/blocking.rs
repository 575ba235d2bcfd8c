//! The blocking client against the emulator, from threads of its own and from where it must not be used.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ack_client::auth::StaticCredentials;
use ack_client::models::{ClusterState, DescribeClustersV1Query, UpgradeClusterRequest};
use ack_client::{Client, ClientBuilder, Error, Input, blocking};
use ack_emulator::{ClusterSeed, Emulator, Fault, RunningEmulator};
use serde_json::json;
use tokio::sync::oneshot;

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

/// An emulator of three clusters that runs on a thread of its own.
struct Served {
    emulator: Option<RunningEmulator>,
    _running: oneshot::Sender<()>,
}

impl Served {
    fn new() -> Self {
        let (running, ended) = oneshot::channel::<()>();
        let (started, starting) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let builder = Emulator::builder()
                    .access_key("key", "secret")
                    .cluster(ClusterSeed::managed(CLUSTER, "first", "1.31.1-aliyun.1"))
                    .cluster(ClusterSeed::managed("c2", "second", "1.31.1-aliyun.1"))
                    .cluster(ClusterSeed::managed("c3", "third", "1.31.1-aliyun.1"));
                started.send(builder.start().await.unwrap()).unwrap();
                let _ = ended.await;
            });
        });
        Self { emulator: Some(starting.recv().unwrap()), _running: running }
    }

    fn emulator(&self) -> &RunningEmulator {
        self.emulator.as_ref().unwrap()
    }

    fn builder(&self) -> ClientBuilder {
        let credentials = StaticCredentials::access_key("key", "secret").unwrap();
        Client::builder().endpoint(self.emulator().endpoint()).credentials(credentials)
    }

    fn client(&self) -> blocking::Client {
        self.builder().build_blocking().unwrap()
    }
}

fn one_a_page() -> DescribeClustersV1Query {
    DescribeClustersV1Query { page_size: Some(1), ..Default::default() }
}

fn refused(error: &Error) -> bool {
    error.is_invalid_input() && error.to_string().contains("inside an async runtime")
}

#[test]
fn calls_block_until_the_answer_is_there() {
    let served = Served::new();
    let client = served.client();
    assert_eq!(client.endpoint(), served.emulator().endpoint());
    let request = UpgradeClusterRequest { next_version: Some("1.32.1-aliyun.1".to_owned()), ..Default::default() };
    let started = client.upgrade_cluster(CLUSTER, &request).unwrap();
    assert!(started.task_id.is_some() && started.request_id().is_some());
    let detail = client.describe_cluster_detail(CLUSTER).unwrap();
    assert_eq!(detail.state, Some(ClusterState::Upgrading));
    let error = client.describe_cluster_detail("c4").unwrap_err();
    assert!(error.is_not_found() && error.operation() == Some("DescribeClusterDetail"), "{error}");
    let input = Input::new(json!({"path": {"ClusterId": CLUSTER}}));
    assert_eq!(client.call("DescribeClusterDetail", &input).unwrap()["state"], "upgrading");
    assert_eq!(client.preview("DescribeClusterDetail", &input).unwrap().method, "GET");
}

#[test]
fn attempts_are_repeated_and_end_in_time() {
    let served = Served::new();
    let settings = served.builder().attempt_timeout(Duration::from_millis(200)).max_attempts(2);
    let client = settings.build_blocking().unwrap();
    served.emulator().inject(Fault::server_error(500).times(1)).unwrap();
    client.describe_cluster_detail(CLUSTER).unwrap();
    assert_eq!(served.emulator().count("DescribeClusterDetail"), 2);
    served.emulator().inject(Fault::stall()).unwrap();
    let error = client.describe_cluster_detail(CLUSTER).unwrap_err();
    assert!(error.is_timeout() && error.attempts() == 2, "{error}");
}

#[test]
fn lists_are_iterators() {
    let served = Served::new();
    let client = served.client();
    let names = |clusters: &blocking::Client| -> Vec<Option<String>> {
        let items = clusters.describe_clusters_v1_pages(&one_a_page()).items();
        items.map(|cluster| cluster.unwrap().name).collect()
    };
    assert_eq!(names(&client).len(), 3);
    assert_eq!(client.describe_clusters_v1_pages(&one_a_page()).filter(Result::is_ok).count(), 3);
    let mut pages = client.describe_clusters_v1_pages(&one_a_page()).limit_pages(2);
    assert!(pages.next().unwrap().is_ok() && pages.next().unwrap().is_ok());
    assert!(pages.next().unwrap().unwrap_err().is_page_limit());
    assert!(pages.next().is_none() && pages.next().is_none());
    // A list outlives the client it came from.
    let items = client.describe_clusters_v1_pages(&one_a_page()).items();
    drop(client);
    assert_eq!(items.filter(Result::is_ok).count(), 3);
}

#[test]
fn threads_share_one_client() {
    let served = Served::new();
    let client = served.client();
    thread::scope(|scope| {
        for _ in 0..8 {
            let client = client.clone();
            scope.spawn(move || {
                for _ in 0..5 {
                    client.describe_cluster_detail(CLUSTER).unwrap();
                }
            });
        }
    });
    assert_eq!(served.emulator().count("DescribeClusterDetail"), 40);
}

#[test]
fn inside_an_async_runtime_it_is_refused() {
    let served = Served::new();
    let client = served.client();
    let mut pages = client.describe_clusters_v1_pages(&one_a_page());
    let mut items = client.describe_clusters_v1_pages(&one_a_page()).items();
    let use_it = move || {
        assert!(refused(&served.builder().build_blocking().unwrap_err()));
        assert!(refused(&client.describe_cluster_detail(CLUSTER).unwrap_err()));
        assert!(refused(&pages.next().unwrap().unwrap_err()) && pages.next().is_none());
        assert!(refused(&items.next().unwrap().unwrap_err()) && items.next().is_none());
        assert!(served.emulator().requests().is_empty());
        // The last of the client goes here, which must not panic either.
        drop((client, pages, items));
        served
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let served = runtime.block_on(async { use_it() });
    // Threads that a runtime lends out cannot be told from its own.
    let client = served.client();
    let ended = runtime.block_on(async move {
        tokio::task::spawn_blocking(move || client.describe_cluster_detail(CLUSTER)).await.unwrap()
    });
    let error = ended.unwrap_err();
    insta::assert_snapshot!(error, @"blocking::Client is used inside an async runtime, whose thread it would block: use ack_client::Client there and await its calls, or a thread made with std::thread");
}
