//! Clusters from files, and settings that are refused.

use ack_emulator::{
    AddonSeed, ClusterSeed, Effect, Emulator, Finding, Incident, Lag, NodePoolSeed, NodeTrouble, PlanSeed, TaskSeed,
    UpgradeDurations, UpgradeStage, Vocabulary, Wording,
};

use crate::emulator::probe::{Probe, settings};

#[test]
fn a_cluster_can_be_written_in_a_file() {
    let json = r#"{
        "id": "c1",
        "name": "prod",
        "version": "1.31.1-aliyun.1",
        "region": "cn-beijing",
        "cluster_spec": "ack.standard",
        "tags": {"env": "prod"},
        "node_pools": [
            {"id": "np-1", "nodes": 5, "version": "1.30.7-aliyun.1", "troubles": [
                {"node": 1, "trouble": "drain_sticks"},
                {"node": 2, "trouble": {"drain_takes": {"duration": "30m"}}},
                {"node": 3, "trouble": {"fails": {"message": "disk full"}}}
            ]}
        ],
        "addons": [{"name": "dns", "version": "v1", "next_version": "v2", "required": true}],
        "findings": [{"group": "NodeStatus", "level": "warning", "message": "disk nearly full", "node_pool": "np-1"}],
        "incidents": [
            {"stage": "upgrade_control_plane", "after": "90s", "effect": {"pause_by_person": {"resume_after": 60}}},
            {"stage": "upgrade_nodes", "node_pool": "np-1", "effect": "hang"},
            {"stage": "upgrade_addons", "addon": "dns", "effect": {"fail": {"message": "no image"}}}
        ],
        "tasks": [{"type": "cluster_scaleout", "id": "scaleout-1", "age": "2m"}],
        "operation_plans": [{"to": "1.31.9-aliyun.1", "starts_after": "2h"}],
        "maintenance_window": {"enable": true, "maintenance_time": "03:00:00Z", "duration": "2h"},
        "max_node_skew": 3,
        "wording": {"task_state": {"fail": "failed"}}
    }"#;
    let seed: ClusterSeed = serde_json::from_str(json).unwrap();
    let probe = Probe::new(settings().cluster(seed).build().unwrap());
    let detail = probe.detail("c1");
    assert_eq!(
        [detail.field("/name"), detail.field("/region_id"), detail.field("/cluster_spec"), detail.field("/size")],
        ["prod", "cn-beijing", "ack.standard", "5"]
    );
    assert_eq!(detail.field("/maintenance_window/duration"), "2h");
    assert_eq!(probe.task("scaleout-1").field("/created"), "2026-01-02T11:02:05+08:00");
    let pool = probe.call("DescribeClusterNodePoolDetail", "/clusters/c1/nodepools/np-1");
    assert_eq!(pool.field("/node_components/0/version"), "1.30.7-aliyun.1");
    let body = r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#;
    let task = probe.upgrade("c1", body).field("/task_id");
    probe.pass(60 + 90 + 5);
    assert_eq!(probe.task(&task).field("/state"), "paused");
    let addon = r#"[{"component_name":"dns","next_version":"v2"}]"#;
    probe.pass(3600);
    let task = probe.post("UpgradeClusterAddons", "/clusters/c1/components/upgrade", addon).field("/task_id");
    probe.pass(3600);
    assert_eq!(probe.task(&task).field("/state"), "failed");

    // A short one has the defaults of the constructors.
    let short: ClusterSeed = serde_json::from_str(r#"{"id": "c2", "version": "1.31.1-aliyun.1"}"#).unwrap();
    let built = ClusterSeed::managed("c2", "c2", "1.31.1-aliyun.1");
    let detail = |seed: ClusterSeed| Probe::new(settings().cluster(seed).build().unwrap()).detail("c2").json();
    assert_eq!(detail(short), detail(built));
}

#[test]
fn files_with_mistakes_are_refused_by_place() {
    let read = |json: &str| serde_json::from_str::<ClusterSeed>(json).unwrap_err().to_string();
    let with = |field: &str| read(&format!(r#"{{"id":"c1","version":"1.31.1-aliyun.1",{field}}}"#));
    let rows = [
        read("{}"),
        with(r#""node_count": 3"#),
        with(r#""incidents": [{"stage": "upgrade_master4", "effect": "hang"}]"#),
        with(r#""incidents": [{"stage": "precheck", "effect": "explode"}]"#),
        with(r#""incidents": [{"stage": "precheck", "after": "soon", "effect": "hang"}]"#),
        with(r#""findings": [{"group": "g", "level": "fatal", "message": "m"}]"#),
        with(r#""wording": {"tasks": {}}"#),
        serde_json::from_str::<Lag>(r#"{"nodes": 1}"#).unwrap_err().to_string(),
        serde_json::from_str::<UpgradeDurations>(r#"{"node": -1}"#).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(rows.join("\n"), @r#"
    missing field `id` at line 1 column 2
    unknown field `node_count`, expected one of `id`, `name`, `version`, `cluster_type`, `cluster_spec`, `profile`, `state`, `region`, `nodes`, `node_pools`, `addons`, `tags`, `findings`, `incidents`, `tasks`, `operation_plans`, `maintenance_window`, `max_node_skew`, `wording` at line 1 column 51
    unknown variant `upgrade_master4`, expected one of `precheck`, `upgrade_control_plane`, `upgrade_master1`, `upgrade_master2`, `upgrade_master3`, `upgrade_nodes`, `upgrade_addons`, `run` at line 1 column 80
    unknown variant `explode`, expected one of `fail`, `pause_for_error`, `pause_by_person`, `cancel_by_person`, `delay`, `hang`, `show_state`, `vanish`, `show_cluster_state`, `never_settle`, `keep_old_version` at line 1 column 94
    "soon" is not a duration; write one such as "90s" or "1h 30m" at line 1 column 90
    unknown variant `fatal`, expected `warning` or `error` at line 1 column 83
    unknown variant `tasks`, expected one of `task_state`, `stage_state`, `task_result`, `upgrade_step`, `upgrade_status`, `upgrade_task_status`, `cluster_state`, `node_pool_state`, `addon_state`, `addon_upgrade_status`, `check_status`, `operation_plan_state` at line 1 column 58
    unknown field `nodes`, expected one of `clusters`, `cluster_detail`, `tasks`, `events` at line 1 column 8
    -1 seconds is below zero at line 1 column 11
    "#);
    let quick: UpgradeDurations = serde_json::from_str(r#"{"settling": 0, "control_plane": "1m"}"#).unwrap();
    let minute = std::time::Duration::from_secs(60);
    assert_eq!(quick, UpgradeDurations::default().with_settling(std::time::Duration::ZERO).with_control_plane(minute));
}

#[test]
fn seeds_that_make_no_sense_are_refused() {
    let problem = |change: &dyn Fn(ClusterSeed) -> ClusterSeed| {
        let seed = change(ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1"));
        Emulator::builder().cluster(seed).build().unwrap_err().to_string()
    };
    let pool = |pool: NodePoolSeed| problem(&|seed| seed.with_node_pool(pool.clone()));
    let rows = [
        pool(NodePoolSeed::new("", 1)),
        pool(NodePoolSeed::new("np-1", 10_001)),
        pool(NodePoolSeed::new("np-1", 1).with_version("newest")),
        pool(NodePoolSeed::new("np-1", 1).with_version("1.32.1-aliyun.1")),
        pool(NodePoolSeed::new("np-1", 1).with_trouble(1, NodeTrouble::DrainSticks)),
        problem(&|seed| seed.with_node_pool(NodePoolSeed::new("np-1", 1)).with_node_pool(NodePoolSeed::new("np-1", 1))),
        problem(&|seed| seed.with_addon(AddonSeed::new("dns", "v1").with_config("{"))),
        problem(&|seed| seed.with_finding(Finding::error("", "m"))),
        problem(&|seed| seed.with_task(TaskSeed::new("cluster_upgrade"))),
        problem(&|seed| seed.with_operation_plan(PlanSeed::cluster_upgrade("next"))),
        problem(&|seed| seed.with_wording(Wording::default().with(Vocabulary::TaskState, "fail", "a\nb"))),
        problem(&|seed| seed.with_incident(Incident::new(UpgradeStage::Run, Effect::Hang))),
        problem(&|seed| {
            seed.with_incident(Incident::new(UpgradeStage::Nodes, Effect::ShowState { state: String::new() }))
        }),
    ];
    insta::assert_snapshot!(rows.join("\n"), @r#"
    node pool id "" is empty: give it a text
    number of nodes "10001" is too large: use 10000 at most
    node pool version "newest" is not a Kubernetes version: use one such as 1.31.1-aliyun.1, not above that of the cluster
    node pool version "1.32.1-aliyun.1" is above that of the cluster: use one such as 1.31.1-aliyun.1, not above that of the cluster
    node in trouble "1" is beyond the nodes of its pool: count from 0
    node pool id "np-1" is given twice: leave one of them out
    config of an add-on "dns" has settings that are no JSON: write the settings as a JSON text, such as {"CpuRequest":"800m"}
    group of findings "" is empty: give it a text
    task type "cluster_upgrade" is that of an upgrade: start one by a call, or give the cluster an operation plan
    version of an operation plan "next" is not a Kubernetes version: use one such as 1.32.1-aliyun.1
    spelling "a\nb" holds a control character: leave it out
    stage to fail at "run" is not a stage of this type of cluster: use upgrade_control_plane for managed and upgrade_master1 to upgrade_master3 for dedicated clusters
    state to show "" is empty: give it a text
    "#);
}

#[test]
fn the_state_of_a_cluster_can_be_set_while_it_runs() {
    let probe = Probe::new(settings().cluster(ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1")).build().unwrap());
    let body = r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#;
    probe.emulator.set_cluster_state("c1", "unavailable").unwrap();
    insta::assert_snapshot!(probe.upgrade("c1", body).refusal(), @"400 ErrorClusterState: cluster (c1) is unavailable; only a running cluster can be upgraded");
    probe.emulator.set_cluster_state("c1", "running").unwrap();
    assert_eq!(probe.upgrade("c1", body).status, 200);
    probe.emulator.set_cluster_state("c1", "failed").unwrap();
    assert_eq!(probe.detail("c1").field("/state"), "upgrading");
    probe.pass(3600);
    assert_eq!(probe.detail("c1").field("/state"), "failed");
    assert_eq!(probe.detail("c1").field("/current_version"), "1.32.1-aliyun.1");
    assert!(probe.emulator.set_cluster_state("c9", "running").unwrap_err().is_invalid_setting());
}
