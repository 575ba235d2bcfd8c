//! Following fleets.

use std::time::Duration;

use ack_client::auth::StaticCredentials;
use ack_emulator::{ClusterSeed, Effect, Fault, Incident, UpgradeFailure, UpgradeStage};
use ack_upgrade::fleet::{Account, Fleet, FleetEnd, FleetWatchOptions, Looks, Selector};

use serde_json::json;

use super::{FROM, Scene, TO, follow, id, line, ordered, seed};
use crate::canned::{Canned, answer};

fn to_the_end() -> FleetWatchOptions {
    FleetWatchOptions::default().until_at_rest(true)
}

#[tokio::test(start_paused = true)]
async fn upgrades_of_many_accounts_and_regions_are_one_stream() {
    let failure = UpgradeFailure::new(UpgradeStage::ControlPlane, "etcd is not healthy");
    let scene = Scene::of([
        seed(1).with_tag("env", "production"),
        seed(2).with_tag("env", "production").with_failure(failure),
        seed(3).with_tag("env", "production").with_region("cn-beijing"),
        seed(4).with_tag("env", "test"),
        ClusterSeed::managed(id(5), "old", "1.30.7-aliyun.1").with_tag("env", "production"),
    ])
    .await;
    for number in [1, 2, 3, 4] {
        scene.start(&id(number)).await;
    }
    let accounts = [scene.account("one").regions(["cn-hangzhou"]), scene.account("two").regions(["cn-beijing"])];
    let selector = Selector::default().label("env", "production").version("1.31");
    let mut watch = scene.fleet(accounts).select(selector).watch(to_the_end());
    insta::assert_snapshot!(follow(&mut watch).await);
    let summary = watch.summary().unwrap();
    assert_eq!((summary.end, summary.clusters, summary.succeeded, summary.failed), (FleetEnd::Done, 3, 2, 1));
    assert!(!summary.is_success());
}

#[tokio::test(start_paused = true)]
async fn what_begins_later_is_seen_by_the_list() {
    let scene = Scene::of((1..=3).map(seed)).await;
    let mut watch =
        scene.fleet([scene.account("one")]).watch(FleetWatchOptions::default().time_limit(Duration::from_secs(1800)));
    let mut lines = Vec::new();
    while let Some(event) = watch.next().await {
        lines.push(line(&event));
        if lines.len() == 4 {
            scene.start(&id(2)).await;
        }
    }
    insta::assert_snapshot!(ordered(lines));
    let (looks, lists) = (scene.emulator.count("DescribeClusterDetail"), scene.emulator.count("DescribeClustersV1"));
    assert!(looks < 60, "clusters at rest are not looked at: {looks}");
    assert!((29..=31).contains(&lists), "{lists}");
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_was_missed_is_told_by_its_end() {
    let scene = Scene::of((1..=2).map(seed)).await;
    let options = FleetWatchOptions::default()
        .looks(Looks::Every)
        .sweep(Duration::from_secs(3600))
        .idle(Duration::from_secs(3600))
        .time_limit(Duration::from_secs(4000));
    let mut watch = scene.fleet([scene.account("one")]).watch(options);
    let mut lines = Vec::new();
    while let Some(event) = watch.next().await {
        lines.push(line(&event));
        if lines.len() == 3 {
            // Both have to be looked at before.
            let _ = tokio::time::timeout(Duration::from_secs(60), watch.next()).await;
            scene.start(&id(1)).await;
        }
    }
    insta::assert_snapshot!(ordered(lines));
}

#[tokio::test(start_paused = true)]
async fn pauses_and_stalls_are_told_and_waited_out() {
    let pause = Incident::new(UpgradeStage::ControlPlane, Effect::PauseByPerson { resume_after: None });
    let scene = Scene::of([seed(1).with_incident(pause)]).await;
    scene.start(&id(1)).await;
    let fleet = scene.fleet([scene.account("one")]);
    let mut watch =
        fleet.watch(to_the_end().stall_after(Duration::from_secs(120)).time_limit(Duration::from_secs(1200)));
    let mut lines = Vec::new();
    while let Some(event) = watch.next().await {
        let text = line(&event);
        if text.contains("paused by") {
            let view = watch.view().upgrading();
            assert_eq!(view.len(), 1);
            assert!(view[0].upgrade.as_ref().is_some_and(|upgrade| upgrade.paused_by.is_some()));
            let task = view[0].upgrade.as_ref().unwrap().task_id.clone().unwrap();
            tokio::time::sleep(Duration::from_secs(300)).await;
            scene.client().resume_task(&task).await.unwrap();
        }
        lines.push(text);
    }
    insta::assert_snapshot!(ordered(lines));
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_told_and_ends_nothing() {
    let scene = Scene::of((1..=3).map(seed)).await;
    for number in 1..=3 {
        scene.start(&id(number)).await;
    }
    let faults = [
        Fault::server_error(500).operation("DescribeClusterDetail").cluster(&id(2)).times(6),
        Fault::error(403, "Forbidden.RAM", "not allowed").operation("DescribeClustersV1").skip(1).times(3),
    ];
    for fault in faults {
        scene.emulator.inject(fault).unwrap();
    }
    // Nobody listens there.
    let dead = Account::new("dead", "cn-beijing", |client| {
        let keys = StaticCredentials::access_key("key", "secret").unwrap();
        client.endpoint("http://127.0.0.1:9").credentials(keys).max_attempts(1).build()
    });
    let unusable = Account::new("unusable", "cn-shanghai", |client| client.endpoint("https://").build());
    let fleet = scene.fleet([scene.account("one"), dead, unusable]);
    let mut watch = fleet.watch(FleetWatchOptions::default().time_limit(Duration::from_secs(900)));
    let text = follow(&mut watch).await;
    // What the system says about a port where nobody listens is its own.
    let is_kept = |line: &&str| !line.contains("dead/") || !line.contains("in a row");
    let text: Vec<&str> = text.lines().filter(is_kept).map(|line| line.split(" (").next().unwrap_or(line)).collect();
    insta::assert_snapshot!(text.join("\n"));
    let regions = watch.view().regions();
    let of = |account: &str| regions.iter().find(|region| region.account == account).unwrap();
    assert_eq!((of("one").list_errors, of("one").succeeded), (3, 3));
    assert!(of("dead").list_errors > 10 && of("dead").last_answer.is_none());
}

#[tokio::test(start_paused = true)]
async fn named_clusters_need_no_list() {
    let scene = Scene::of((1..=2).map(seed)).await;
    scene.start(&id(1)).await;
    let account = scene.account("one").clusters([id(1), id(2), "c-unknown".to_owned(), id(2)]);
    let mut watch = scene.fleet([account]).watch(to_the_end());
    insta::assert_snapshot!(follow(&mut watch).await);
    assert_eq!(scene.emulator.count("DescribeClustersV1"), 0);
}

#[tokio::test(start_paused = true)]
async fn one_look_at_a_fleet() {
    let failure = UpgradeFailure::new(UpgradeStage::Precheck, "an API is deprecated");
    let scene = Scene::of([seed(1), seed(2).with_failure(failure), seed(3)]).await;
    scene.start(&id(1)).await;
    scene.start(&id(2)).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let fleet = scene.fleet([
        scene.account("one"),
        Account::new("unusable", "cn-shanghai", |client| client.endpoint("https://").build()),
    ]);
    for looks in [Looks::Changed, Looks::Every] {
        let status = fleet.status(looks).await;
        let rows = status.clusters.iter().map(|cluster| {
            let stage = cluster.upgrade.as_ref().and_then(|upgrade| upgrade.stage.clone());
            let name = cluster.name.as_deref().unwrap_or_default();
            let state = cluster.state.as_ref().map(|state| state.as_str());
            format!("{name} {:?} {state:?} {:?} {stage:?}", cluster.version, cluster.phase)
        });
        let problems = status.problems.iter().map(line);
        let text = rows.chain(problems).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(format!("one_look_at_a_fleet_{looks:?}"), text);
    }
}

#[tokio::test(start_paused = true)]
async fn clusters_come_and_go_and_never_get_older() {
    let cluster = |id: &str, version: &str| json!({"cluster_id": id, "name": id, "region_id": "cn-hangzhou", "state": "running", "current_version": version});
    let lists = [
        vec![cluster("c1", FROM), cluster("c2", FROM)],
        vec![cluster("c2", TO), cluster("c3", FROM)],
        // A list that is behind, with a cluster that takes the place of the one that is gone.
        vec![cluster("c2", FROM), cluster("c3", FROM), cluster("c4", FROM)],
        vec![cluster("c1", FROM), cluster("c2", TO), cluster("c3", FROM), cluster("c4", FROM)],
    ];
    let mut lists = lists.into_iter();
    let server = Canned::scripted(move |request| {
        if !request.starts_with("GET /api/v1/clusters?") {
            return answer("404 Not Found", "application/json", r#"{"code": "ErrorClusterNotFound", "message": "no"}"#);
        }
        let clusters = lists.next().unwrap_or_default();
        let page_info = json!({"page_number": 1, "page_size": 50, "total_count": clusters.len()});
        answer("200 OK", "application/json", &json!({"clusters": clusters, "page_info": page_info}).to_string())
    })
    .await;
    let endpoint = server.url("");
    let account = Account::new("one", "cn-hangzhou", move |client| {
        client
            .endpoint(&endpoint)
            .credentials(StaticCredentials::access_key("key", "secret").unwrap())
            .max_attempts(1)
            .build()
    });
    let options = FleetWatchOptions::default().time_limit(Duration::from_secs(200));
    let mut watch = Fleet::new([account]).unwrap().watch(options);
    insta::assert_snapshot!(follow(&mut watch).await);
    let known = watch.view().clusters().into_iter().map(|cluster| (cluster.cluster_id, cluster.version.unwrap()));
    let expected = [("c1", FROM), ("c2", TO), ("c3", FROM), ("c4", FROM)];
    assert!(known.eq(expected.map(|(id, version)| (id.to_owned(), version.to_owned()))));
}

#[test]
fn fleets_that_make_no_sense() {
    let account = |name: &str| Account::new(name, "cn-hangzhou", |client| client.build());
    let errors = [
        Fleet::new([]),
        Fleet::new([account("one"), account("one")]),
        Fleet::new([account("")]),
        Fleet::new([account("a b")]),
        Fleet::new([account("one").regions(["cn-beijing"]).clusters(["c1"])]),
    ];
    let texts = errors.map(|result| {
        let error = result.unwrap_err();
        assert!(error.is_invalid_input());
        error.to_string()
    });
    insta::assert_snapshot!(texts.join("\n"));
}
