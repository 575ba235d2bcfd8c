//! What befalls tasks without being asked for, tasks of others, and odd spellings.

use std::time::Duration;

use ack_emulator::{Effect, Incident, TaskSeed, UpgradeStage, Vocabulary, Wording};

use crate::emulator::controls::{TO, TO_MASTER_ONLY, look, start, with};
use crate::emulator::probe::{MANAGED, probe};

#[test]
fn tasks_of_other_types_are_listed_and_are_no_upgrades() {
    let probe = with(|seed| {
        seed.with_task(TaskSeed::new("cluster_scaleout").with_id("scaleout-1").with_duration(Duration::from_secs(90)))
            .with_task(
                TaskSeed::new("cluster_addon_install").with_age(Duration::from_secs(600)).with_failure("no image"),
            )
    });
    let list = || {
        let json = probe.call("DescribeClusterTasks", "/clusters/c1/tasks").json();
        let row = |task: &serde_json::Value| {
            let field = |name: &str| task[name].as_str().unwrap_or("-").to_owned();
            let error = task["error"]["message"].as_str().unwrap_or("-");
            format!("{} {} {} {} {error}", field("task_type"), field("task_id"), field("state"), field("updated"))
        };
        json["tasks"].as_array().unwrap().iter().map(row).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(probe.status("c1").field("/upgrade_step"), "not_start");
    let task = start(&probe, "c1", TO_MASTER_ONLY);
    let at_work = list();
    probe.pass(90);
    insta::assert_snapshot!(format!("{at_work}\n\n{}", list()).replace(&task, "T-1"), @r"
    cluster_upgrade T-1 running 2026-01-02T11:04:05+08:00 -
    cluster_addon_install cluster_addon_install-c1-1 fail 2026-01-02T10:59:05+08:00 no image
    cluster_scaleout scaleout-1 running 2026-01-02T11:04:05+08:00 -

    cluster_upgrade T-1 running 2026-01-02T11:05:05+08:00 -
    cluster_addon_install cluster_addon_install-c1-1 fail 2026-01-02T10:59:05+08:00 no image
    cluster_scaleout scaleout-1 success 2026-01-02T11:05:35+08:00 -
    ");
    assert_eq!(probe.task("scaleout-1").field("/current_stage"), "run");
}

#[test]
fn incidents_befall_the_upgrade_they_wait_for() {
    let at = |stage, effect| Incident::new(stage, effect);
    let stage = UpgradeStage::ControlPlane;
    let minute = Duration::from_secs(60);
    let cases = [
        ("paused by an error", at(stage, Effect::PauseForError { message: "no quorum".to_owned() })),
        ("paused by a person", at(stage, Effect::PauseByPerson { resume_after: Some(minute) }).after(minute)),
        ("cancelled by a person", at(stage, Effect::CancelByPerson).after(minute)),
        ("delayed", at(stage, Effect::Delay { by: minute })),
        ("hangs", at(stage, Effect::Hang).after(minute)),
        ("shows a state", at(stage, Effect::ShowState { state: "verifying".to_owned() })),
        ("cluster fails", at(stage, Effect::ShowClusterState { state: "failed".into() })),
        ("never settles", at(stage, Effect::NeverSettle)),
        ("keeps its version", at(stage, Effect::KeepOldVersion)),
    ];
    let mut rows = Vec::new();
    for (name, incident) in cases {
        let probe = with(|seed| seed.with_incident(incident));
        let task = start(&probe, "c1", TO_MASTER_ONLY);
        rows.push(format!("{name}:"));
        let mut last = 0;
        for second in [61, 126, 190, 215, 359, 361, 406, 430, 100_000] {
            probe.pass(second - last);
            last = second;
            rows.push(format!("{second:>6} {}", look(&probe, "c1", &task)));
        }
    }
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn a_task_that_hangs_goes_on_after_a_pause() {
    let probe = with(|seed| seed.with_incident(Incident::new(UpgradeStage::ControlPlane, Effect::Hang)));
    let task = start(&probe, "c1", TO_MASTER_ONLY);
    probe.pass(7200);
    assert_eq!(probe.task(&task).field("/state"), "running");
    assert_eq!(probe.control("PauseTask", &task).status, 200);
    probe.pass(5);
    assert_eq!(probe.control("ResumeTask", &task).status, 200);
    probe.pass(5 + 299);
    assert_eq!(probe.task(&task).field("/state"), "running");
    probe.pass(1);
    assert_eq!(probe.task(&task).field("/state"), "success");
}

#[test]
fn a_task_that_vanishes_is_found_nowhere_and_does_its_work_unseen() {
    let probe = with(|seed| seed.with_incident(Incident::new(UpgradeStage::ControlPlane, Effect::Vanish)));
    let task = start(&probe, "c1", TO_MASTER_ONLY);
    probe.pass(60);
    assert_eq!(probe.task(&task).field("/code"), "ErrorTaskNotFound");
    assert_eq!(probe.control("CancelTask", &task).field("/code"), "ErrorTaskNotFound");
    assert_eq!(probe.call("DescribeClusterTasks", "/clusters/c1/tasks").field("/page_info/total_count"), "0");
    assert_eq!(probe.status("c1").field("/upgrade_step"), "not_start");
    assert_eq!(probe.upgrade("c1", TO).field("/code"), "ErrorClusterState");
    probe.pass(3600);
    assert_eq!(probe.detail("c1").field("/current_version"), "1.32.1-aliyun.1");
}

#[test]
fn incidents_can_be_ordered_while_it_runs_and_befall_later_tasks_only() {
    let probe = probe();
    let first = start(&probe, MANAGED, TO_MASTER_ONLY);
    let incident = Incident::new(UpgradeStage::ControlPlane, Effect::CancelByPerson);
    probe.emulator.order(MANAGED, incident.clone()).unwrap();
    probe.pass(3600);
    assert_eq!(probe.task(&first).field("/state"), "success");
    let second = start(&probe, MANAGED, r#"{"next_version":"1.32.6-aliyun.1"}"#);
    probe.pass(3600);
    assert_eq!(probe.task(&second).field("/state"), "canceled");
    let problem = |incident| probe.emulator.order(MANAGED, incident).unwrap_err().to_string();
    let rows = [
        problem(Incident::new(UpgradeStage::Master1, Effect::Hang)),
        problem(Incident::new(UpgradeStage::ControlPlane, Effect::Hang).on_node_pool("np-1")),
        problem(Incident::new(UpgradeStage::Nodes, Effect::Hang).on_addon("coredns")),
        problem(Incident::new(UpgradeStage::Precheck, Effect::Hang).on_addon("coredns").on_node_pool("np-1")),
        problem(Incident::new(UpgradeStage::Precheck, Effect::Fail { message: String::new() })),
        probe.emulator.order("c0", incident).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(rows.join("\n"), @r#"
    stage to fail at "upgrade_master1" is not a stage of this type of cluster: use upgrade_control_plane for managed and upgrade_master1 to upgrade_master3 for dedicated clusters
    stage to fail at "upgrade_control_plane" is not a stage of this type of cluster: use precheck or upgrade_nodes for a node pool
    stage to fail at "upgrade_nodes" is not a stage of this type of cluster: use precheck or upgrade_addons for an add-on
    incident at "precheck" names a node pool and an add-on: leave one of the two out
    failure message "" is empty: give it a text
    cluster id "c0" is not known: use one that cluster_ids() lists
    "#);
}

#[test]
fn values_are_spelled_as_wanted() {
    let wording = Wording::default()
        .with(Vocabulary::TaskState, "running", "RUNNING")
        .with(Vocabulary::TaskState, "canceled", "cancelled")
        .with(Vocabulary::StageState, "canceled", "aborted")
        .with(Vocabulary::UpgradeStep, "upgrading", "Upgrading")
        .with(Vocabulary::UpgradeStatus, "running", "")
        .with(Vocabulary::UpgradeTaskStatus, "running", "Running")
        .with(Vocabulary::ClusterState, "upgrading", "updating_k8s");
    let probe = with(|seed| seed.with_wording(wording));
    let task = start(&probe, "c1", TO_MASTER_ONLY);
    probe.pass(100);
    let at_work = look(&probe, "c1", &task);
    probe.control("CancelTask", &task);
    probe.pass(5);
    insta::assert_snapshot!(format!("{at_work}\n{}", look(&probe, "c1", &task)), @r"
    RUNNING upgrade_control_plane/running | Upgrading  Running - false | updating_k8s 1.31.1-aliyun.1
    cancelled upgrade_control_plane/aborted | not_start - - - true | running 1.31.1-aliyun.1
    ");
    let listed = probe.call("DescribeClusterTasks", "/clusters/c1/tasks");
    assert_eq!(listed.field("/tasks/0/state"), "cancelled");
}
