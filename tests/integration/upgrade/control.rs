//! Pausing, resuming and cancelling, in every way it can go.

use std::time::Duration;

use ack_upgrade::{Action, ControlOptions, Controlled, Error, UpgradeHandle, UpgradeKind, Upgrades};
use serde_json::{Value, json};

use super::service::{CLUSTER, Known, Service, TO, not_found, ok, refusal, unclear_answers};
use crate::canned::Canned;

/// Lets the service take a request and show its effect with the look after the next.
fn takes(known: &mut Known, request: &str, post: &'static str, state: &'static str) -> Option<String> {
    if request == post {
        known.task["pending"] = json!(state);
        return Some(ok(&json!({})));
    }
    if request == "GET /tasks/T-1" && known.task["pending"].is_string() {
        let answer = ok(&known.task);
        known.task["state"] = known.task["pending"].take();
        return Some(answer);
    }
    None
}

fn posts(server: &Canned) -> Vec<String> {
    let first = |request: &String| request.lines().next().unwrap_or_default().replace(" HTTP/1.1", "");
    server.requests().iter().map(first).filter(|line| line.starts_with("POST")).collect()
}

async fn steer(upgrades: &Upgrades, action: Action, handle: UpgradeHandle) -> Result<Controlled, Error> {
    let options = ControlOptions::default().time_limit(Duration::from_secs(60));
    match action {
        Action::Pause => upgrades.pause(handle, &options).await,
        Action::Resume => upgrades.resume(handle, &options).await,
        _ => upgrades.cancel(handle, &options).await,
    }
}

#[tokio::test(start_paused = true)]
async fn each_is_awaited_until_it_has_taken_effect() {
    let actions = [
        (Action::Pause, "running", "POST /tasks/T-1/pause", "paused"),
        (Action::Resume, "paused", "POST /tasks/T-1/resume", "running"),
        (Action::Cancel, "running", "POST /tasks/T-1/cancel", "canceled"),
        (Action::Cancel, "paused", "POST /tasks/T-1/cancel", "cancelled"),
    ];
    for (action, before, post, after) in actions {
        let service = Service::upgrading();
        service.change(|known| known.set_task(before, "upgrade_control_plane"));
        service.on_request(move |known, request| takes(known, request, post, after));
        let (server, upgrades) = service.serve().await;
        // The task is found by the cluster alone.
        let done = steer(&upgrades, action, CLUSTER.into()).await.unwrap();
        assert!(!done.already && done.request_id.is_some(), "{done:?}");
        assert_eq!(posts(&server), [post]);
        let again = steer(&upgrades, action, CLUSTER.into()).await.unwrap();
        assert!(again.already, "{again:?}");
        assert_eq!(posts(&server).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_no_failure() {
    for is_accepted in [true, false] {
        let service = Service::upgrading();
        service.on_request(move |known, request| {
            let post = request.starts_with("POST");
            if post && is_accepted {
                known.set_task("paused", "upgrade_control_plane");
            }
            post.then(String::new)
        });
        let (server, upgrades) = service.serve().await;
        let result = steer(&upgrades, Action::Pause, CLUSTER.into()).await;
        assert_eq!(posts(&server).len(), 1, "it is never repeated");
        match result {
            Ok(done) => assert!(is_accepted && done.request_id.is_none()),
            Err(error) => {
                assert!(!is_accepted && error.is_not_in_effect(), "{error}");
                let text = error.to_string();
                assert!(text.starts_with("the request to pause the upgrade of cluster c1 has not taken effect: the answer was lost (PauseTask failed"), "{text}");
                assert!(text.ends_with("but it is still upgrading after 60 s"), "{text}");
            }
        }
    }
}

/// An answer that does not prove that the request was refused is looked behind, and so is none at all.
#[tokio::test(start_paused = true)]
async fn what_was_not_refused_for_certain_is_looked_for() {
    for (name, answer, _) in unclear_answers().into_iter().filter(|(.., is_unclear)| *is_unclear) {
        let service = Service::upgrading();
        service.on_request(move |known, request| {
            takes(known, request, "POST /tasks/T-1/pause", "paused")
                .map(|taken| if request.starts_with("POST") { answer.clone() } else { taken })
        });
        let (server, upgrades) = service.serve().await;
        let done = steer(&upgrades, Action::Pause, CLUSTER.into()).await.unwrap();
        assert!(!done.already && done.request_id.is_none(), "{name}: {done:?}");
        assert_eq!(posts(&server).len(), 1, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_take_effect_is_said_so() {
    let taken = |_: &mut Known, request: &str| request.starts_with("POST").then(|| ok(&json!({})));
    let service = Service::upgrading();
    service.on_request(taken);
    let (_server, upgrades) = service.serve().await;
    let error = steer(&upgrades, Action::Cancel, CLUSTER.into()).await.unwrap_err();
    assert!(error.is_not_in_effect());
    insta::assert_snapshot!(error, @"the request to cancel the upgrade of cluster c1 has not taken effect: the service has taken the request, but it is still upgrading after 60 s (request id 0527AC9A-TEST)");
    assert_eq!(error.request_id(), Some("0527AC9A-TEST"));

    let service = Service::upgrading();
    service.on_request(|known, request| {
        request.starts_with("POST").then(|| {
            known.set_task("success", "");
            known.set_cluster("running", TO);
            ok(&json!({}))
        })
    });
    let (_server, upgrades) = service.serve().await;
    let error = steer(&upgrades, Action::Pause, CLUSTER.into()).await.unwrap_err();
    insta::assert_snapshot!(error, @"the request to pause the upgrade of cluster c1 has not taken effect: it has succeeded meanwhile (request id 0527AC9A-TEST)");
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_not_sent() {
    let mut report = String::new();
    for (action, state) in
        [(Action::Pause, "success"), (Action::Resume, "canceled"), (Action::Cancel, "fail"), (Action::Pause, "")]
    {
        let service = Service::upgrading();
        service.change(|known| {
            known.set_cluster("running", TO);
            known.set_task(state, "");
            if state.is_empty() {
                known.task = Value::Null;
            }
        });
        let (server, upgrades) = service.serve().await;
        let error = steer(&upgrades, action, CLUSTER.into()).await.unwrap_err();
        assert!(error.is_refused() && posts(&server).is_empty());
        report.push_str(&format!("{error}\n"));
    }
    insta::assert_snapshot!(report, @r"
    there is nothing to pause: the upgrade of cluster c1 is not at work, it has succeeded
    there is nothing to resume: the upgrade of cluster c1 is not at work, it was cancelled
    there is nothing to cancel: the upgrade of cluster c1 is not at work, it has failed
    there is nothing to pause: the upgrade of cluster c1 is not at work, the service knows of none
    ");
}

#[tokio::test(start_paused = true)]
async fn refusals_are_passed_on_unless_it_is_so_by_now() {
    let service = Service::upgrading();
    service.on_request(|_, request| {
        request.starts_with("POST").then(|| refusal("400 Bad Request", "TaskNotPausable", "this task cannot be paused"))
    });
    let (_server, upgrades) = service.serve().await;
    let error = steer(&upgrades, Action::Pause, CLUSTER.into()).await.unwrap_err();
    assert_eq!(error.client().unwrap().code(), Some("TaskNotPausable"), "{error}");

    let service = Service::upgrading();
    service.on_request(|known, request| {
        request.starts_with("POST").then(|| {
            known.set_task("paused", "upgrade_control_plane");
            refusal("400 Bad Request", "TaskPaused", "the task is paused already")
        })
    });
    let (_server, upgrades) = service.serve().await;
    assert!(steer(&upgrades, Action::Pause, CLUSTER.into()).await.unwrap().already);
}

#[tokio::test(start_paused = true)]
async fn the_deprecated_operations_are_the_fall_back() {
    // A region that serves GetUpgradeStatus, and whose lists know no task.
    let running = json!({"upgrade_step": "upgrading", "status": "running"});
    for (action, before, post, after) in [
        (Action::Pause, running.clone(), "pause", json!({"upgrade_step": "pause", "status": "pause"})),
        (Action::Resume, json!({"upgrade_step": "pause", "status": "pause"}), "resume", running.clone()),
        (Action::Resume, json!({"upgrade_step": "pause", "status": "fail"}), "resume", running.clone()),
        (Action::Cancel, running, "cancel", json!({"upgrade_step": "not_start", "status": ""})),
    ] {
        let service = Service::upgrading();
        service.change(|known| {
            known.task = Value::Null;
            known.upgrade = before;
        });
        service.on_request(move |known, request| {
            request.starts_with("POST").then(|| {
                known.upgrade = after.clone();
                known.set_cluster(if post == "cancel" { "running" } else { "upgrading" }, super::FROM);
                ok(&json!({}))
            })
        });
        let (server, upgrades) = service.serve().await;
        let done = steer(&upgrades, action, CLUSTER.into()).await.unwrap();
        assert!(!done.already);
        assert_eq!(posts(&server), [format!("POST /api/v2/clusters/c1/upgrade/{post}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_the_task_api_does_not_know_falls_back_too() {
    let service = Service::upgrading_addon();
    service.on_request(|known, request| match request {
        "POST /tasks/T-1/pause" => Some(not_found("ErrorTaskNotFound", "task not found")),
        "POST /clusters/c1/components/coredns/pause" => {
            known.set_task("paused", "");
            Some(ok(&json!({})))
        }
        _ => None,
    });
    let (server, upgrades) = service.serve().await;
    let addon = UpgradeKind::addons([ack_upgrade::AddonTarget::new("coredns")]);
    let handle = UpgradeHandle::new(CLUSTER).with_kind(addon).with_task_id("T-1");
    assert!(steer(&upgrades, Action::Pause, handle).await.is_ok());
    assert_eq!(posts(&server), ["POST /tasks/T-1/pause", "POST /clusters/c1/components/coredns/pause"]);

    // A node pool never had such operations: the refusal of the task API is what there is to say.
    let service = Service::upgrading_node_pool();
    service
        .on_request(|_, request| request.starts_with("POST").then(|| not_found("ErrorTaskNotFound", "task not found")));
    let (_server, upgrades) = service.serve().await;
    let handle = UpgradeHandle::new(CLUSTER).with_kind(UpgradeKind::node_pool("np1")).with_task_id("T-1");
    let error = steer(&upgrades, Action::Pause, handle).await.unwrap_err();
    assert_eq!(error.client().unwrap().code(), Some("ErrorTaskNotFound"));
}
