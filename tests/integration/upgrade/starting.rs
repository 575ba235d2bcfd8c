//! Starting at most once: what becomes of answers that are lost, late, or say that somebody was faster.

use std::future::Future;

use ack_upgrade::Upgrades;
use serde_json::{Value, json};

use super::service::{CLUSTER, FROM, Known, Service, TO, ok, refusal, unclear_answers};
use crate::canned::Canned;

const START: &str = "POST /api/v2/clusters/c1/upgrade";

/// A cluster at rest that nothing was ever upgraded of; the task that a start makes is kept aside.
fn resting() -> (Service, Value) {
    let service = Service::upgrading();
    let task = service.change(|known| {
        known.set_cluster("running", FROM);
        std::mem::take(&mut known.task)
    });
    (service, task)
}

fn starts(server: &Canned) -> usize {
    server.requests().iter().filter(|request| request.starts_with("POST")).count()
}

/// The start is accepted: the cluster shows it at once, and the lists when `task` is given.
fn accept(known: &mut Known, task: Value) {
    known.set_cluster("upgrading", FROM);
    known.task = task;
}

#[tokio::test(start_paused = true)]
async fn the_answer_names_task_region_time_and_request() {
    let (service, task) = resting();
    service.on_request(move |known, request| {
        (request == START).then(|| {
            accept(known, task.clone());
            ok(&json!({"task_id": "T-1"}))
        })
    });
    let (server, _) = service.serve().await;
    let clock = ack_client::auth::FixedClock(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_323_045));
    let client = server.builder().region("cn-hangzhou").build().unwrap();
    let started = Upgrades::new(client).with_clock(clock).start(CLUSTER, TO).await.unwrap();
    insta::assert_snapshot!(started.handle().to_json(), @r#"
    {
      "version": 1,
      "kind": "control_plane",
      "region": "cn-hangzhou",
      "cluster_id": "c1",
      "task_id": "T-1",
      "target_version": "1.32.1-aliyun.1",
      "started_at": "2026-01-02T03:04:05Z",
      "request_id": "0527AC9A-TEST"
    }
    "#);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_task_is_completed_from_the_lists() {
    let (service, task) = resting();
    let mut looks = 0;
    service.on_request(move |known, request| {
        looks += usize::from(request.starts_with("GET /clusters/c1/tasks"));
        // The lists lag.
        if looks == 4 && known.task.is_null() {
            known.task = task.clone();
        }
        (request == START).then(|| {
            known.set_cluster("upgrading", FROM);
            crate::canned::answer("200 OK", "application/json", "")
        })
    });
    let (server, upgrades) = service.serve().await;
    let started = upgrades.start(CLUSTER, TO).await.unwrap();
    assert_eq!((started.is_joined(), started.handle().task_id.as_deref()), (false, Some("T-1")));
    assert_eq!(starts(&server), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_for_through_the_lag_of_the_lists() {
    for lag in [0, 1, 3, 5] {
        let (service, task) = resting();
        let (mut accepted, mut looks) = (false, 0);
        service.on_request(move |known, request| {
            looks += usize::from(accepted && request.starts_with("GET /clusters/c1/tasks"));
            if accepted && looks >= lag && known.task.is_null() {
                known.task = task.clone();
            }
            (request == START).then(|| {
                accepted = true;
                known.set_cluster("upgrading", FROM);
                String::new()
            })
        });
        let (server, upgrades) = service.serve().await;
        let started = upgrades.start(CLUSTER, TO).await.unwrap();
        assert_eq!((started.is_joined(), started.handle().task_id.as_deref()), (true, Some("T-1")), "lag {lag}");
        assert_eq!(starts(&server), 1, "lag {lag}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_never_arrived_is_sent_once_more() {
    let (service, task) = resting();
    let mut starts_seen = 0;
    service.on_request(move |known, request| {
        if request != START {
            return None;
        }
        starts_seen += 1;
        if starts_seen == 1 {
            return Some(crate::canned::answer("502 Bad Gateway", "text/html", "<html>bad gateway</html>"));
        }
        accept(known, task.clone());
        Some(ok(&json!({"task_id": "T-1"})))
    });
    let (server, upgrades) = service.serve().await;
    let started = upgrades.start(CLUSTER, TO).await.unwrap();
    assert_eq!((started.is_joined(), started.handle().task_id.as_deref()), (false, Some("T-1")));
    assert_eq!(starts(&server), 2);
}

/// Every answer that does not prove a refusal is looked behind before anything is sent again; a refusal is passed on.
#[tokio::test(start_paused = true)]
async fn what_was_not_refused_for_certain_is_looked_for() {
    for (name, answer, is_unclear) in unclear_answers() {
        for is_accepted in [true, false] {
            let (service, task) = resting();
            let answer = answer.clone();
            service.on_request(move |known, request| {
                (request == START).then(|| {
                    if is_accepted && is_unclear {
                        accept(known, task.clone());
                    }
                    answer.clone()
                })
            });
            let (server, upgrades) = service.serve().await;
            let outcome = upgrades.start(CLUSTER, TO).await;
            match (is_unclear, is_accepted) {
                (true, true) => assert!(outcome.unwrap().is_joined(), "{name}"),
                (true, false) => assert!(outcome.unwrap_err().is_unclear(), "{name}"),
                (false, _) => assert!(outcome.unwrap_err().client().is_some(), "{name}"),
            }
            assert_eq!(starts(&server), if is_unclear && !is_accepted { 2 } else { 1 }, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_changes_without_a_task_is_not_started_again() {
    let (service, _) = resting();
    service.on_request(|known, request| {
        (request == START).then(|| {
            known.set_cluster("updating", FROM);
            String::new()
        })
    });
    let (server, upgrades) = service.serve().await;
    let error = upgrades.start(CLUSTER, TO).await.unwrap_err();
    assert!(error.is_unclear(), "{error}");
    assert_eq!(starts(&server), 1);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_was_faster_is_joined_or_named() {
    for (target, joined) in [(TO, true), ("1.32.6-aliyun.1", false)] {
        let (service, task) = resting();
        service.on_request(move |known, request| {
            (request == START).then(|| {
                let mut task = task.clone();
                task["parameters"]["next_version"] = json!(target);
                accept(known, task);
                refusal("400 Bad Request", "ErrorClusterState", "cluster is upgrading")
            })
        });
        let (server, upgrades) = service.serve().await;
        match upgrades.start(CLUSTER, TO).await {
            Ok(started) => assert!(joined && started.is_joined()),
            Err(error) => {
                assert!(!joined && error.is_refused(), "{error}");
                assert!(error.to_string().contains("task T-1, upgrading on its way to 1.32.6-aliyun.1"), "{error}");
            }
        }
        assert_eq!(starts(&server), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_the_lists_do_not_show_yet_is_waited_for() {
    let (service, task) = resting();
    service.change(|known| known.set_cluster("upgrading", FROM));
    let mut looks = 0;
    service.on_request(move |known, request| {
        looks += usize::from(request.starts_with("GET /clusters/c1/tasks"));
        if looks == 3 && known.task.is_null() {
            known.task = task.clone();
        }
        None
    });
    let (server, upgrades) = service.serve().await;
    let started = upgrades.start(CLUSTER, TO).await.unwrap();
    assert_eq!((started.is_joined(), started.handle().task_id.as_deref()), (true, Some("T-1")));
    assert_eq!(starts(&server), 0);
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_an_error_has_stopped_is_named() {
    let service = Service::upgrading();
    service.change(|known| {
        known.set_task("fail", "upgrade_control_plane");
        known.task["error"] = json!({"message": "etcd did not become healthy"});
    });
    let (server, upgrades) = service.serve().await;
    let error = upgrades.start(CLUSTER, TO).await.unwrap_err();
    assert!(error.is_refused());
    insta::assert_snapshot!(error, @"cluster c1 has an upgrade, task T-1, that was stopped by an error (etcd did not become healthy): resume it or cancel it first");
    assert_eq!(starts(&server), 0);
}

#[test]
fn futures_can_be_spawned() {
    fn is_send<T>(_: impl Future<Output = T> + Send) {}
    fn check(upgrades: &Upgrades) {
        let options = ack_upgrade::ControlOptions::default();
        is_send(upgrades.start(CLUSTER, TO));
        is_send(upgrades.status(CLUSTER));
        is_send(upgrades.pause(CLUSTER, &options));
        is_send(upgrades.history(CLUSTER, 1));
        is_send(async { upgrades.watch(CLUSTER).next().await });
    }
    let _: fn(&Upgrades) = check;
}
