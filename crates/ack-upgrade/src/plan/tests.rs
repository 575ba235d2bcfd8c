//! The order of steps, the stored form, and what counts as a change.

use std::time::Duration;

use serde_json::json;

use super::steps::{Steps, build};
use super::*;
use crate::node_pool::NodePoolUpgrade;

fn cluster(pools: &[(&str, Option<&str>, i64)]) -> ClusterSnapshot {
    let pools: Vec<_> = pools
        .iter()
        .map(|(id, version, nodes)| {
            let source = if version.is_some() { "kubelet" } else { "unknown" };
            json!({"nodepool_id": id, "name": format!("{id}-name"), "state": "active", "nodes": nodes, "version": version, "version_source": source})
        })
        .collect();
    serde_json::from_value(json!({
        "cluster_id": "c1", "region": "cn-hangzhou", "state": "running", "version": "1.31.1-aliyun.1",
        "cluster_type": "ManagedKubernetes", "cluster_spec": "ack.pro.small", "profile": "Default",
        "node_pools": pools,
        "addons": [{"name": "coredns", "state": "active", "version": "v1.9.3"}, {"name": "terway", "state": "active", "version": "v1.0.0"}],
    }))
    .unwrap()
}

fn hops(versions: &[&str]) -> Vec<String> {
    versions.iter().map(|version| (*version).to_owned()).collect()
}

fn coredns() -> Vec<AddonChange> {
    vec![AddonChange { name: "coredns".to_owned(), from: Some("v1.9.3".to_owned()), to: "v1.11.3".to_owned() }]
}

fn shown(made: &Steps) -> String {
    let steps = made.steps.iter().map(|step| {
        format!(
            "{} {step} ({} min)\n  {} {} {}",
            step.stage,
            step.expected.as_secs() / 60,
            step.request.method,
            step.request.path,
            step.request.body
        )
    });
    steps.chain(made.findings.iter().map(ToString::to_string)).collect::<Vec<_>>().join("\n")
}

const TWO: [&str; 2] = ["1.32.6-aliyun.1", "1.33.3-aliyun.1"];

#[test]
fn node_pools_are_brought_along_before_they_fall_too_far_behind() {
    let cluster = cluster(&[
        ("np1", Some("1.31.1-aliyun.1"), 25),
        ("np2", Some("1.30.7-aliyun.1"), 3),
        ("np3", Some("1.31.1"), 0),
        ("np/4", None, 1),
    ]);
    let options = PlanOptions::default().node_pool_upgrade(NodePoolUpgrade::default().max_parallelism(5));
    let made = build(&cluster, &hops(&TWO), coredns(), &options).unwrap();
    insta::assert_snapshot!(shown(&made));
    let relaxed = build(&cluster, &hops(&TWO), Vec::new(), &options.max_skew(3)).unwrap();
    let order: Vec<_> = relaxed.steps.iter().map(|step| (step.stage, step.id.as_str())).collect();
    insta::assert_debug_snapshot!(order);
}

#[test]
fn node_pools_that_are_left_out_are_named() {
    let cluster = cluster(&[("np1", Some("1.31.1-aliyun.1"), 5), ("np2", Some("1.30.7-aliyun.1"), 3)]);
    let only = |names: &str| PlanOptions::default().node_pools(names.parse().unwrap());
    let made = build(&cluster, &hops(&TWO), Vec::new(), &only("np1-name")).unwrap();
    insta::assert_snapshot!(shown(&made));
    let error = build(&cluster, &hops(&TWO), Vec::new(), &only("np1,np7")).unwrap_err();
    assert!(error.is_invalid_input());
    insta::assert_snapshot!(error);
}

#[test]
fn a_cluster_at_its_target_needs_what_is_behind_only() {
    let there = cluster(&[("np1", Some("1.31.1-aliyun.1"), 5), ("np2", Some("v1.31.1"), 3), ("np3", None, 1)]);
    let made = build(&there, &[], Vec::new(), &PlanOptions::default()).unwrap();
    assert!(made.steps.is_empty(), "{}", shown(&made));
    let behind = cluster(&[("np1", Some("1.30.7-aliyun.1"), 5)]);
    let made = build(&behind, &[], coredns(), &PlanOptions::default()).unwrap();
    assert_eq!(
        made.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(),
        ["node-pool:np1:1.31.1-aliyun.1", "addons"]
    );
}

fn plan() -> Plan {
    let cluster = cluster(&[("np1", Some("1.31.1-aliyun.1"), 5)]);
    let options = PlanOptions::default();
    let made = build(&cluster, &hops(&["1.32.6-aliyun.1"]), coredns(), &options).unwrap();
    Plan {
        format: FORMAT.to_owned(),
        format_version: FORMAT_VERSION,
        created_at: "2026-01-02T03:04:05Z".to_owned(),
        target_version: "1.32.6-aliyun.1".to_owned(),
        cluster,
        window: Some(Window::parse("Sat,Sun 01:00-05:00", "Asia/Shanghai").unwrap()),
        steps: made.steps,
        findings: vec![PrecheckFinding::new(Severity::Warning, "deprecated API in use").with_check("ClusterResource")],
        checked: true,
    }
}

#[test]
fn the_stored_form_is_kept() {
    let plan = plan();
    insta::assert_snapshot!(plan.to_json());
    assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
}

#[test]
fn what_is_no_plan_is_refused() {
    let stored = plan().to_json();
    let edited = |from: &str, to: &str| {
        assert!(stored.contains(from), "{from}");
        stored.replacen(from, to, 1)
    };
    let texts = [
        String::new(),
        "{}".to_owned(),
        edited(r#""format_version": 1"#, r#""format_version": 2"#),
        edited(r#""format_version": 1,"#, ""),
        edited(r#""steps": ["#, r#""step": ["#),
        edited(r#""path": "/clusters/c1/nodepools/np1/upgrade""#, r#""path": "/clusters/c1/nodepools/np2/upgrade""#),
        edited(r#""next_version": "1.32.6-aliyun.1""#, r#""next_version": "1.33.3-aliyun.1""#),
        edited(r#""master_only": true"#, r#""master_only": true, "colour": "blue""#),
        edited(r#""id": "addons""#, r#""id": "add-ons""#),
        edited("Asia/Shanghai", "Asia/Nowhere"),
    ];
    let told = texts.map(|text| {
        let error = Plan::from_json(&text).unwrap_err();
        assert!(error.is_invalid_input());
        error.to_string()
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_plan_with_a_step_twice_or_out_of_order_is_refused() {
    let mut told = String::new();
    let mut refuse = |change: fn(&mut Vec<Step>)| {
        let mut edited = plan();
        change(&mut edited.steps);
        let error = Plan::from_json(&edited.to_json()).unwrap_err();
        assert!(error.is_invalid_input());
        told.push_str(&format!("{error}\n"));
    };
    refuse(|steps| steps.extend(steps.clone()));
    refuse(|steps| steps.reverse());
    insta::assert_snapshot!(told);
}

#[test]
fn what_has_changed_is_named() {
    let before = cluster(&[("np1", Some("1.31.1-aliyun.1"), 5), ("np2", None, 1)]);
    assert_eq!(before.differences(&before), Vec::<String>::new());
    let mut now = cluster(&[("np1", Some("1.32.6-aliyun.1"), 9), ("np3", None, 1)]);
    now.state = Some("updating".into());
    now.version = "1.32.6-aliyun.1".to_owned();
    let addons = now.addons.as_mut().unwrap();
    addons[0].version = Some("v1.11.3".to_owned());
    addons[1].name = "flannel".to_owned();
    insta::assert_snapshot!(before.differences(&now).join("\n"));
    // That a node pool scales is no change.
    let scaled = cluster(&[("np1", Some("1.31.1-aliyun.1"), 50), ("np2", None, 0)]);
    assert_eq!(before.differences(&scaled), Vec::<String>::new());
}

#[test]
fn steps_that_never_fit_into_the_window_are_blocking() {
    let plan = plan();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    let window = Window::parse("01:00-01:12", "UTC").unwrap();
    let found = too_long(&window, &plan.steps, now);
    assert!(found.iter().all(|finding| finding.severity == Severity::Blocking));
    insta::assert_snapshot!(found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
}
