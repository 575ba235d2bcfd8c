//! Add-ons: upgrades, versions and states, by the new operations and the old ones.

use ack_emulator::{AddonSeed, ClusterSeed, Effect, Incident, UpgradeStage, XmlStyle};
use serde_json::{Value, json};

use crate::emulator::probe::{Probe, Reply, settings};

fn cluster() -> Probe {
    let seed = ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1")
        .without_addons()
        .with_addon(AddonSeed::new("dns", "v1").with_next_version("v2").with_required(true))
        .with_addon(AddonSeed::new("metrics", "v3").with_next_version("v4").with_config(r#"{"cpu":1}"#))
        .with_addon(AddonSeed::new("ingress", "v5"));
    Probe::new(settings().cluster(seed).build().unwrap())
}

fn upgrade(probe: &Probe, body: &Value) -> Reply {
    probe.post("UpgradeClusterAddons", "/clusters/c1/components/upgrade", &body.to_string())
}

fn both() -> Value {
    json!([
        {"component_name": "dns", "version": "v1", "next_version": "v2"},
        {"component_name": "metrics", "next_version": "v4", "config": "{\"cpu\":2}", "policy": "overwrite"},
    ])
}

/// State and version of each add-on, and what the old operation says of its upgrade.
fn look(probe: &Probe) -> String {
    let list = probe.call("ListClusterAddonInstances", "/clusters/c1/addon_instances").json();
    let row = |addon: &Value| {
        let name = addon["name"].as_str().unwrap();
        let old =
            probe.call("DescribeClusterAddonUpgradeStatus", &format!("/clusters/c1/components/{name}/upgradestatus"));
        let old = &old.json()[name];
        format!("{name} {} {} ({})", addon["state"].as_str().unwrap(), addon["version"], old["tasks"]["status"])
    };
    list["addons"].as_array().unwrap().iter().map(row).collect::<Vec<_>>().join(", ").replace('"', "")
}

#[test]
fn addons_are_upgraded_one_after_another() {
    let probe = cluster();
    let mut rows = vec![look(&probe)];
    let started = upgrade(&probe, &both());
    assert_eq!(
        (started.field("/cluster_id").as_str(), started.field("/request_id")),
        ("c1", started.request_id.clone())
    );
    let task = started.field("/task_id");
    for seconds in [0, 60, 29, 1, 29, 1] {
        probe.pass(seconds);
        rows.push(format!(
            "{:<7} {} | {}",
            probe.task(&task).field("/state"),
            probe.task(&task).field("/current_stage"),
            look(&probe)
        ));
    }
    insta::assert_snapshot!(rows.join("\n"), @r"
    dns active v1 (NoUpgrade), ingress active v5 (NoUpgrade), metrics active v3 (NoUpgrade)
    running precheck | dns upgrading v1 (Running), ingress active v5 (NoUpgrade), metrics upgrading v3 (Running)
    running upgrade_addons | dns upgrading v1 (Running), ingress active v5 (NoUpgrade), metrics upgrading v3 (Running)
    running upgrade_addons | dns upgrading v1 (Running), ingress active v5 (NoUpgrade), metrics upgrading v3 (Running)
    running upgrade_addons | dns active v2 (Success), ingress active v5 (NoUpgrade), metrics upgrading v3 (Running)
    running upgrade_addons | dns active v2 (Success), ingress active v5 (NoUpgrade), metrics upgrading v3 (Running)
    success upgrade_addons | dns active v2 (Success), ingress active v5 (NoUpgrade), metrics active v4 (Success)
    ");
    insta::assert_snapshot!(probe.task(&task).field("/task_result"), @r#"[{"data":"{\"from\":\"v1\",\"to\":\"v2\"}","name":"dns","status":"success"},{"data":"{\"from\":\"v3\",\"to\":\"v4\"}","name":"metrics","status":"success"}]"#);
    assert_eq!(probe.task(&task).field("/task_type"), "cluster_addon_upgrade");
    let metrics = probe.call("GetClusterAddonInstance", "/clusters/c1/addon_instances/metrics");
    assert_eq!(metrics.field("/config"), r#"{"cpu":2}"#);
    assert_eq!(probe.detail("c1").field("/state"), "running");
}

#[test]
fn the_old_operations_tell_versions_and_times() {
    let probe = cluster();
    let versions = || probe.call("DescribeClusterAddonsVersion", "/clusters/c1/components/version").json();
    let (dns, ingress) = (versions()["dns"].clone(), versions()["ingress"].clone());
    insta::assert_snapshot!(serde_json::to_string_pretty(&json!([dns, ingress])).unwrap(), @r#"
    [
      {
        "can_upgrade": true,
        "changed": "",
        "component_name": "dns",
        "exist": true,
        "message": "",
        "next_version": "v2",
        "policy": "",
        "ready_to_upgrade": "true",
        "required": true,
        "template": "",
        "value": "",
        "version": "v1"
      },
      {
        "can_upgrade": false,
        "changed": "",
        "component_name": "ingress",
        "exist": true,
        "message": "",
        "next_version": "",
        "policy": "",
        "ready_to_upgrade": "false",
        "required": false,
        "template": "",
        "value": "",
        "version": "v5"
      }
    ]
    "#);
    upgrade(&probe, &both());
    probe.pass(3600);
    assert_eq!(versions()["dns"]["next_version"], "");
    let names = r#"["dns","ingress","nothing"]"#;
    let query = [("componentIds".to_owned(), names.to_owned())];
    let operation = &ack_models::operations::DESCRIBE_CLUSTER_ADDONS_UPGRADE_STATUS;
    let several = probe.operation(operation, "/clusters/c1/components/upgradestatus", &query, None);
    insta::assert_snapshot!(serde_json::to_string_pretty(&several.json()).unwrap(), @r#"
    {
      "dns": {
        "addon_info": {
          "component_name": "dns",
          "ready_to_upgrade": "false",
          "version": "v2"
        },
        "can_upgrade": false,
        "tasks": {
          "created_at": "2026-01-02T03:04:05Z",
          "finished_at": "2026-01-02T03:05:35Z",
          "is_canceled": false,
          "message": "",
          "status": "Success"
        }
      },
      "ingress": {
        "addon_info": {
          "component_name": "ingress",
          "ready_to_upgrade": "false",
          "version": "v5"
        },
        "can_upgrade": false,
        "tasks": {
          "created_at": "0001-01-01T00:00:00Z",
          "finished_at": "0001-01-01T00:00:00Z",
          "is_canceled": false,
          "message": "",
          "status": "NoUpgrade"
        }
      }
    }
    "#);
}

#[test]
fn a_failure_stops_the_rest() {
    let probe = cluster();
    let fail = Incident::new(UpgradeStage::Addons, Effect::Fail { message: "image not found".to_owned() });
    probe.emulator.order("c1", fail.on_addon("metrics")).unwrap();
    let task = upgrade(&probe, &both()).field("/task_id");
    probe.pass(3600);
    insta::assert_snapshot!(
        format!("{} {}\n{}", probe.task(&task).field("/state"), probe.task(&task).field("/error"), look(&probe)),
        @r#"
    fail {"code":"AddonUpgradeFailed","message":"image not found"}
    dns active v2 (Success), ingress active v5 (NoUpgrade), metrics active v3 (Failed)
    "#
    );
    // Another attempt goes through.
    assert_eq!(upgrade(&probe, &json!([{"component_name": "metrics", "next_version": "v4"}])).status, 200);
    probe.pass(3600);
    insta::assert_snapshot!(look(&probe), @"dns active v2 (Success), ingress active v5 (NoUpgrade), metrics active v4 (Success)");
}

#[test]
fn what_cannot_be_is_refused() {
    let probe = cluster();
    let refused = |body: Value| upgrade(&probe, &body).refusal();
    let item = |name: &str, next: &str| json!({"component_name": name, "next_version": next});
    let mut rows = vec![
        refused(json!([])),
        refused(json!({})),
        refused(json!([{"component_name": "dns"}])),
        refused(json!([item("nothing", "v2")])),
        refused(json!([item("dns", "v9")])),
        refused(json!([item("ingress", "v6")])),
        refused(json!([{"component_name": "dns", "version": "v0", "next_version": "v2"}])),
        refused(json!([{"component_name": "dns", "next_version": "v2", "config": "{"}])),
        refused(json!([item("dns", "v2"), item("dns", "v2")])),
        probe.call("GetClusterAddonInstance", "/clusters/c1/addon_instances/nothing").refusal(),
        probe.call("DescribeClusterAddonUpgradeStatus", "/clusters/c1/components/nothing/upgradestatus").refusal(),
    ];
    let task = upgrade(&probe, &json!([item("dns", "v2")])).field("/task_id");
    rows.push(refused(json!([item("dns", "v2")])));
    // Another add-on is not in the way; the cluster is.
    assert_eq!(upgrade(&probe, &json!([item("metrics", "v4")])).status, 200);
    rows.push(probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1"}"#).refusal());
    probe.pass(3600);
    let cluster = probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1"}"#).field("/task_id");
    rows.push(refused(json!([item("dns", "v2")])));
    let rows = rows.join("\n").replace(&task, "T-1").replace(&cluster, "T-3");
    insta::assert_snapshot!(rows.replace("T-e220a8397b1dcdaf00000002", "T-2"), @r#"
    400 MissingParameter: The parameter body[0] is missing; UpgradeClusterAddons needs it.
    400 InvalidParameter: The parameter body is an object; send a list.
    400 MissingParameter: The parameter body[0].next_version is missing; UpgradeClusterAddonsItem needs it.
    404 AddonNotFound: addon (nothing) not found in our records
    400 InvalidParameter: The parameter body[0].next_version has the value "v9", which is not a version that dns can be upgraded to (it is at v1, offered: v2).
    400 InvalidParameter: The parameter body[0].next_version has the value "v6", which is not a version that ingress can be upgraded to (it is at v5, offered: none).
    400 InvalidParameter: The parameter body[0].version has the value "v0", which is not the version of dns, which is v1.
    400 InvalidParameter: The parameter body[0].config has the value "{", which is not JSON text.
    400 InvalidParameter: The parameter body[1].component_name has the value "dns", which is given twice.
    404 AddonNotFound: addon (nothing) not found in our records
    404 AddonNotFound: addon (nothing) not found in our records
    400 ErrorAddonState: addon (dns) is upgrading by task T-1
    400 ErrorClusterState: cluster (c1) is busy: task T-2 of type cluster_addon_upgrade is still at work
    400 ErrorClusterState: cluster (c1) is upgrading: its upgrade to 1.32.1-aliyun.1 by task T-3 is still at work
    "#);
}

#[test]
fn addons_are_told_in_xml_too() {
    let probe = cluster();
    let xml = Probe { accept: "application/xml", ..Probe::new(probe.emulator) };
    xml.nonces.set(100);
    let list = xml.call("ListClusterAddonInstances", "/clusters/c1/addon_instances");
    insta::assert_snapshot!(list.body, @"<addons><name>dns</name><state>active</state><version>v1</version></addons><addons><name>ingress</name><state>active</state><version>v5</version></addons><addons><name>metrics</name><state>active</state><version>v3</version></addons>");
    let one = xml.call("DescribeClusterAddonUpgradeStatus", "/clusters/c1/components/dns/upgradestatus");
    insta::assert_snapshot!(one.body, @"<dns><addon_info><component_name>dns</component_name><ready_to_upgrade>true</ready_to_upgrade><version>v1</version></addon_info><can_upgrade>true</can_upgrade><tasks><created_at>0001-01-01T00:00:00Z</created_at><finished_at>0001-01-01T00:00:00Z</finished_at><is_canceled>false</is_canceled><message></message><status>NoUpgrade</status></tasks></dns>");
    // A cluster without add-ons has nothing to say, and says that as an empty root in either style.
    for style in [XmlStyle::Fragment, XmlStyle::Rooted] {
        let seed = ClusterSeed::managed("c2", "two", "1.31.1-aliyun.1").without_addons();
        let emulator = settings().cluster(seed).xml_style(style).build().unwrap();
        let xml = Probe { accept: "application/xml", ..Probe::new(emulator) };
        let list = xml.call("ListClusterAddonInstances", "/clusters/c2/addon_instances");
        assert!(list.body.contains("ListClusterAddonInstancesResponse"), "{}", list.body);
    }
}
