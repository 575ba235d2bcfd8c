//! Pausing, resuming and cancelling tasks, by both APIs, and what befalls tasks without being asked for.

use ack_emulator::{AddonSeed, ClusterSeed, TaskSeed, UpgradeFailure, UpgradeStage, XmlStyle};

use crate::emulator::probe::{MANAGED, Probe, probe, settings};

pub(crate) const TO: &str = r#"{"next_version":"1.32.1-aliyun.1"}"#;
pub(crate) const TO_MASTER_ONLY: &str = r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#;

pub(crate) fn with(seed: impl FnOnce(ClusterSeed) -> ClusterSeed) -> Probe {
    let seed = seed(ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1"));
    Probe::new(settings().cluster(seed).build().unwrap())
}

pub(crate) fn start(probe: &Probe, cluster_id: &str, body: &str) -> String {
    let reply = probe.upgrade(cluster_id, body);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.field("/task_id")
}

/// What the task API, GetUpgradeStatus and DescribeClusterDetail say.
pub(crate) fn look(probe: &Probe, cluster_id: &str, task_id: &str) -> String {
    let (task, status, detail) = (probe.task(task_id), probe.status(cluster_id), probe.detail(cluster_id));
    let stage = |task: &crate::emulator::probe::Reply| {
        let json = task.json();
        let last = json["stages"].as_array().and_then(|stages| stages.last().cloned()).unwrap_or_default();
        last["state"].as_str().unwrap_or("-").to_owned()
    };
    format!(
        "{} {}/{} | {} {} {} {} {} | {} {}",
        task.field("/state"),
        task.field("/current_stage"),
        stage(&task),
        status.field("/upgrade_step"),
        status.field("/status"),
        status.field("/upgrade_task/status"),
        status.field("/upgrade_task/upgrade_status/failed"),
        status.field("/upgrade_task/upgrade_status/is_canceled"),
        detail.field("/state"),
        detail.field("/current_version"),
    )
}

#[test]
fn a_pause_takes_effect_after_a_while_and_a_resume_goes_on_where_it_stopped() {
    let probe = probe();
    let task = start(&probe, MANAGED, TO_MASTER_ONLY);
    let mut rows = Vec::new();
    let mut row = |what: &str| rows.push(format!("{what:<18} {}", look(&probe, MANAGED, &task)));
    probe.pass(100);
    assert_eq!(probe.control("PauseTask", &task).status, 200);
    row("pause asked for");
    probe.pass(4);
    row("after 4 s");
    probe.pass(1);
    row("after 5 s");
    probe.pass(100_000);
    row("a day later");
    assert_eq!(probe.control("ResumeTask", &task).status, 200);
    row("resume asked for");
    probe.pass(5);
    row("after 5 s");
    // 45 of 300 seconds of the control plane had passed.
    probe.pass(254);
    row("254 s later");
    probe.pass(1);
    row("255 s later");
    insta::assert_snapshot!(rows.join("\n"), @r"
    pause asked for    running upgrade_control_plane/running | upgrading running running - false | upgrading 1.31.1-aliyun.1
    after 4 s          running upgrade_control_plane/running | upgrading running running - false | upgrading 1.31.1-aliyun.1
    after 5 s          paused upgrade_control_plane/paused | pause pause running - false | upgrading 1.31.1-aliyun.1
    a day later        paused upgrade_control_plane/paused | pause pause running - false | upgrading 1.31.1-aliyun.1
    resume asked for   paused upgrade_control_plane/paused | pause pause running - false | upgrading 1.31.1-aliyun.1
    after 5 s          running upgrade_control_plane/running | upgrading running running - false | upgrading 1.31.1-aliyun.1
    254 s later        running upgrade_control_plane/running | upgrading running running - false | upgrading 1.31.1-aliyun.1
    255 s later        success upgrade_control_plane/success | success success Success - false | upgrading 1.31.1-aliyun.1
    ");
    let reasons: Vec<String> = probe.task(&task).json()["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| format!("{} {}", event["action"].as_str().unwrap(), event["reason"].as_str().unwrap()))
        .collect();
    insta::assert_snapshot!(reasons.join("\n"), @r"
    start ClusterUpgradeStageStart
    finish ClusterUpgradeStageSuccess
    start ClusterUpgradeStageStart
    pause ClusterUpgradePaused
    resume ClusterUpgradeResumed
    finish ClusterUpgradeStageSuccess
    ");
}

#[test]
fn a_cancelled_upgrade_leaves_what_is_done() {
    // In the control plane nothing is done yet; in the nodes, the control plane and one node are.
    let mut rows = Vec::new();
    for seconds in [10, 100, 430] {
        let probe = probe();
        let task = start(&probe, MANAGED, TO);
        probe.pass(seconds);
        assert_eq!(probe.control("CancelTask", &task).status, 200);
        probe.pass(4);
        rows.push(look(&probe, MANAGED, &task));
        probe.pass(1);
        rows.push(look(&probe, MANAGED, &task));
        assert_eq!(probe.task(&task).field("/task_result/0/status"), "initial");
        assert_eq!(start(&probe, MANAGED, r#"{"next_version":"1.32.6-aliyun.1"}"#).len(), 26);
    }
    insta::assert_snapshot!(rows.join("\n"), @r"
    running precheck/running | prechecking running - - - | upgrading 1.31.1-aliyun.1
    canceled precheck/canceled | not_start - - - true | running 1.31.1-aliyun.1
    running upgrade_control_plane/running | upgrading running running - false | upgrading 1.31.1-aliyun.1
    canceled upgrade_control_plane/canceled | not_start - - - true | running 1.31.1-aliyun.1
    running upgrade_nodes/running | upgrading running running - false | upgrading 1.31.1-aliyun.1
    canceled upgrade_nodes/canceled | not_start - - - true | running 1.32.1-aliyun.1
    ");
}

#[test]
fn the_old_operations_control_the_latest_upgrade() {
    let probe = probe();
    let old = |action: &str| {
        let verb = match action {
            "PauseClusterUpgrade" => "pause",
            "ResumeUpgradeCluster" => "resume",
            _ => "cancel",
        };
        let reply = probe.post(action, &format!("/api/v2/clusters/{MANAGED}/upgrade/{verb}"), "");
        if reply.status == 200 { "accepted".to_owned() } else { reply.refusal() }
    };
    let mut rows = vec![old("PauseClusterUpgrade")];
    let task = start(&probe, MANAGED, TO_MASTER_ONLY);
    probe.pass(100);
    rows.extend([old("ResumeUpgradeCluster"), old("CancelClusterUpgrade"), old("PauseClusterUpgrade")]);
    probe.pass(5);
    rows.push(look(&probe, MANAGED, &task));
    rows.extend([old("PauseClusterUpgrade"), old("ResumeUpgradeCluster")]);
    probe.pass(5);
    rows.push(look(&probe, MANAGED, &task));
    rows.push(old("PauseClusterUpgrade"));
    probe.pass(5);
    rows.push(old("CancelClusterUpgrade"));
    probe.pass(5);
    rows.push(look(&probe, MANAGED, &task));
    rows.push(old("ResumeUpgradeCluster"));
    insta::assert_snapshot!(rows.join("\n").replace(&task, "T-1"), @r"
    400 ErrorClusterState: cluster (c106f377e16f34eb1808d6b9362c9test) has no upgrade that could be paused
    400 ErrorTaskState: task (T-1) is not paused, it cannot be resumed
    400 ErrorTaskState: task (T-1) is not paused, it cannot be cancelled
    accepted
    paused upgrade_control_plane/paused | pause pause running - false | upgrading 1.31.1-aliyun.1
    400 ErrorTaskState: task (T-1) is paused already
    accepted
    running upgrade_control_plane/running | upgrading running running - false | upgrading 1.31.1-aliyun.1
    accepted
    accepted
    canceled upgrade_control_plane/canceled | not_start - - - true | running 1.31.1-aliyun.1
    400 ErrorTaskState: task (T-1) has ended, it cannot be resumed
    ");
}

#[test]
fn an_upgrade_that_an_error_stopped_is_taken_up_again_by_the_old_operation_only() {
    let probe = probe();
    probe.emulator.fail_next_upgrade(MANAGED, UpgradeFailure::new(UpgradeStage::ControlPlane, "no quorum")).unwrap();
    let task = start(&probe, MANAGED, TO_MASTER_ONLY);
    probe.pass(3600);
    let mut rows = vec![look(&probe, MANAGED, &task)];
    rows.extend(["PauseTask", "ResumeTask", "CancelTask"].map(|action| probe.control(action, &task).refusal()));
    let resume = format!("/api/v2/clusters/{MANAGED}/upgrade/resume");
    assert_eq!(probe.post("ResumeUpgradeCluster", &resume, "").status, 200);
    probe.pass(5);
    rows.push(look(&probe, MANAGED, &task));
    assert_eq!(probe.status(MANAGED).field("/upgrade_task/retries"), "1");
    // The stage starts over.
    probe.pass(299);
    rows.push(look(&probe, MANAGED, &task));
    probe.pass(1);
    rows.push(look(&probe, MANAGED, &task));
    insta::assert_snapshot!(rows.join("\n").replace(&task, "T-1"), @r"
    fail upgrade_control_plane/fail | pause fail Failed true false | upgrading 1.31.1-aliyun.1
    400 ErrorTaskState: task (T-1) has ended, it cannot be paused
    400 ErrorTaskState: task (T-1) has ended, it cannot be resumed
    400 ErrorTaskState: task (T-1) has ended, it cannot be cancelled
    running upgrade_control_plane/running | upgrading running running - false | upgrading 1.31.1-aliyun.1
    running upgrade_control_plane/running | upgrading running running - false | upgrading 1.31.1-aliyun.1
    success upgrade_control_plane/success | success success Success - false | upgrading 1.31.1-aliyun.1
    ");
}

#[test]
fn an_upgrade_that_an_error_stopped_can_be_cancelled() {
    let probe = with(|seed| {
        let failure = UpgradeFailure::new(UpgradeStage::Nodes, "a pod cannot be evicted");
        seed.with_failure(failure)
    });
    let task = start(&probe, "c1", TO);
    probe.pass(3600);
    let mut rows = vec![look(&probe, "c1", &task)];
    assert_eq!(probe.post("CancelClusterUpgrade", "/api/v2/clusters/c1/upgrade/cancel", "").status, 200);
    probe.pass(5);
    rows.push(look(&probe, "c1", &task));
    insta::assert_snapshot!(rows.join("\n"), @r"
    fail upgrade_nodes/fail | pause fail Failed true false | upgrading 1.31.1-aliyun.1
    canceled upgrade_nodes/canceled | not_start - - - true | running 1.32.1-aliyun.1
    ");
}

#[test]
fn tasks_refuse_what_does_not_fit_their_state_or_type() {
    let probe = with(|seed| seed.with_task(TaskSeed::new("cluster_scaleout").with_id("scaleout-1")));
    let task = start(&probe, "c1", TO_MASTER_ONLY);
    let mut rows = vec![probe.control("ResumeTask", &task).refusal()];
    assert_eq!(probe.control("PauseTask", &task).status, 200);
    // Asked for once more, it is one pause all the same.
    assert_eq!(probe.control("PauseTask", &task).status, 200);
    probe.pass(5);
    rows.push(probe.control("PauseTask", &task).refusal());
    rows.push(probe.upgrade("c1", TO).refusal());
    assert_eq!(probe.control("ResumeTask", &task).status, 200);
    probe.pass(3600);
    rows.extend(["PauseTask", "ResumeTask", "CancelTask"].map(|action| probe.control(action, &task).refusal()));
    rows.push(probe.control("CancelTask", "scaleout-1").refusal());
    rows.push(probe.control("CancelTask", "T-0").refusal());
    insta::assert_snapshot!(rows.join("\n").replace(&task, "T-1"), @r"
    400 ErrorTaskState: task (T-1) is not paused, it cannot be resumed
    400 ErrorTaskState: task (T-1) is paused already
    400 ErrorClusterState: cluster (c1) is upgrading: its upgrade to 1.32.1-aliyun.1 by task T-1 is paused
    400 ErrorTaskState: task (T-1) has ended, it cannot be paused
    400 ErrorTaskState: task (T-1) has ended, it cannot be resumed
    400 ErrorTaskState: task (T-1) has ended, it cannot be cancelled
    400 ErrorTaskState: task (scaleout-1) is of type cluster_scaleout, which cannot be cancelled
    404 ErrorTaskNotFound: task (T-0) not found in our records
    ");
}

#[test]
fn a_pause_can_be_taken_back_before_it_takes_effect() {
    let probe = probe();
    let task = start(&probe, MANAGED, TO_MASTER_ONLY);
    probe.pass(100);
    assert_eq!(probe.control("PauseTask", &task).status, 200);
    probe.pass(2);
    assert_eq!(probe.control("ResumeTask", &task).status, 200);
    probe.pass(3);
    assert_eq!(probe.task(&task).field("/state"), "paused");
    probe.pass(2);
    assert_eq!(probe.task(&task).field("/state"), "running");
}

#[test]
fn a_control_has_an_empty_answer_in_both_formats() {
    for (style, accept) in [(XmlStyle::Fragment, "application/json"), (XmlStyle::Rooted, "application/xml")] {
        let emulator = settings().xml_style(style).build().unwrap();
        let task = start(&Probe::new(emulator.clone()), MANAGED, TO_MASTER_ONLY);
        let probe = Probe { accept, ..Probe::new(emulator) };
        probe.nonces.set(100);
        let reply = probe.control("PauseTask", &task);
        assert_eq!((reply.status, reply.body.as_str(), reply.content_type.as_str()), (200, "", ""));
        let refused = probe.control("PauseTask", "T-0");
        assert_eq!((refused.status, refused.body.contains("ErrorTaskNotFound")), (404, true));
    }
}

#[test]
fn addon_upgrades_can_be_controlled_too() {
    let probe = with(|seed| seed.with_addon(AddonSeed::new("dns", "v1").with_next_version("v2")));
    let component = |verb: &str, action: &str| probe.post(action, &format!("/clusters/c1/components/dns/{verb}"), "");
    let before = component("pause", "PauseComponentUpgrade").refusal();
    let body = r#"[{"component_name":"dns","next_version":"v2"}]"#;
    let task = probe.post("UpgradeClusterAddons", "/clusters/c1/components/upgrade", body).field("/task_id");
    probe.pass(70);
    assert_eq!(component("pause", "PauseComponentUpgrade").status, 200);
    probe.pass(5);
    let mut states = vec![probe.task(&task).field("/state")];
    assert_eq!(component("resume", "ResumeComponentUpgrade").status, 200);
    probe.pass(5);
    states.push(probe.task(&task).field("/state"));
    assert_eq!(component("cancel", "CancelComponentUpgrade").status, 200);
    probe.pass(5);
    states.push(probe.task(&task).field("/state"));
    let after = component("cancel", "CancelComponentUpgrade").refusal();
    insta::assert_snapshot!(format!("{before}\n{}\n{after}", states.join(" ")).replace(&task, "T-1"), @r"
    400 ErrorTaskState: addon (dns) has no upgrade that could be paused
    paused running canceled
    400 ErrorTaskState: task (T-1) has ended, it cannot be cancelled
    ");
}
