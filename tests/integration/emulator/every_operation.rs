//! Every operation of the API is answered, with an answer of the declared shape, in JSON and in both styles of XML.

use std::collections::BTreeMap;
use std::time::Duration;

use ack_emulator::{AddonSeed, ClusterSeed, NodePoolSeed, PlanSeed, XmlStyle};
use ack_models::Operation;
use ack_models::catalogue::{Catalogue, Kind};
use ack_models::operations::ALL;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::emulator::probe::{Probe, Reply, settings};
use crate::emulator::shape::{common, problems, read_xml};

const CLUSTER: &str = "c2f1d0a9b8c7e6f5a4b3every";

/// Ids by what a path calls them, without regard to how it spells that.
type Ids = BTreeMap<&'static str, String>;

/// The node pool, add-on and operation plan of the cluster.
const OWN: &str = "x-1";

/// An emulator in a state in which an operation is allowed, and ids that are known there.
fn fit_for(id: &str, style: XmlStyle, accept: &'static str) -> (Probe, Ids) {
    let plan = PlanSeed::cluster_upgrade("1.32.1-aliyun.1").starting_after(Duration::from_secs(86400)).with_id(OWN);
    let seed = ClusterSeed::managed(CLUSTER, "test-every", "1.31.9-aliyun.1")
        .with_node_pool(NodePoolSeed::new(OWN, 3).with_version("1.31.1-aliyun.1"))
        .with_addon(AddonSeed::new(OWN, "v1").with_next_version("v2"))
        .with_addon(AddonSeed::new("coredns", "v1.6.2").with_next_version("1.6.7"))
        .with_operation_plan(plan);
    let emulator = settings().cluster(seed).xml_style(style).build().unwrap();
    let probe = Probe { accept, ..Probe::new(emulator) };
    let json = Probe { accept: "application/json", ..Probe::new(probe.emulator.clone()) };
    json.nonces.set(1_000_000);
    let post = |action: &str, path: &str, body: &str| {
        let operation = ALL.iter().find(|operation| operation.id == action).unwrap();
        let reply = json.operation(operation, path, &[], Some(body));
        assert_eq!(reply.status, 200, "{action} for {id}: {}", reply.body);
        reply
    };
    let pass = |seconds| json.emulator.advance(Duration::from_secs(seconds));
    let cluster = format!("/clusters/{CLUSTER}");
    let check = post("RunClusterCheck", &format!("{cluster}/checks"), r#"{"type":"ClusterUpgrade"}"#);
    let task_id = if id.ends_with("ComponentUpgrade") {
        let body = json!([{"component_name": OWN, "next_version": "v2"}]).to_string();
        post("UpgradeClusterAddons", &format!("{cluster}/components/upgrade"), &body).field("/task_id")
    } else {
        json.upgrade(CLUSTER, r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#).field("/task_id")
    };
    let is_control = ["Pause", "Resume", "Cancel"].iter().any(|verb| id.starts_with(verb));
    pass(if is_control { 30 } else { 3600 });
    if id.starts_with("Resume") || id == "CancelClusterUpgrade" {
        post("PauseTask", &format!("/tasks/{task_id}/pause"), "");
        pass(10);
    }
    let own = ["nodepoolid", "componentid", "instancename", "planid"].map(|name| (name, OWN.to_owned()));
    let known = [("clusterid", CLUSTER.to_owned()), ("taskid", task_id), ("checkid", check.field("/check_id"))];
    (probe, own.into_iter().chain(known).collect())
}

/// The path of an operation with ids that the emulator knows where it has to know them.
fn path(operation: &Operation, ids: &Ids) -> String {
    let fill = |segment: &str| match segment.trim_matches(['{', '}']).replace('_', "").to_lowercase() {
        _ if !segment.starts_with('{') => segment.to_owned(),
        name => ids.get(name.as_str()).cloned().unwrap_or_else(|| "other".to_owned()),
    };
    operation.path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

/// The query that the catalogue's examples make, as it goes over the wire.
fn query(operation: &Operation) -> Vec<(String, String)> {
    let catalogue = Catalogue::get();
    let Some(kind) = &catalogue.operations[operation.id].query else { return Vec::new() };
    let example = catalogue.example(kind);
    let on_the_wire = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    example.as_object().unwrap().iter().map(|(name, value)| (name.clone(), on_the_wire(value))).collect()
}

fn body(operation: &Operation) -> Option<String> {
    let catalogue = Catalogue::get();
    let mut body = catalogue.example(catalogue.operations[operation.id].body.as_ref()?);
    // The documented examples are not versions and nodes that the emulated cluster knows.
    match operation.id {
        "UpgradeCluster" => body["next_version"] = json!("1.32.6-aliyun.1"),
        "UpgradeClusterNodepool" => {
            body["kubernetes_version"] = json!("1.32.1-aliyun.1");
            body["node_names"] = json!([]);
        }
        _ => {}
    }
    Some(body.to_string())
}

fn answered(operation: &Operation, style: XmlStyle, accept: &'static str) -> Reply {
    let (probe, ids) = fit_for(operation.id, style, accept);
    let reply = probe.operation(operation, &path(operation, &ids), &query(operation), body(operation).as_deref());
    assert_eq!(reply.status, 200, "{} {}", operation.id, reply.body);
    assert_eq!(probe.emulator.requests().last().unwrap().operation, Some(operation.id));
    reply
}

#[test]
fn every_operation_is_answered_alike_in_both_formats() {
    for operation in ALL {
        let id = operation.id;
        let json = answered(operation, XmlStyle::Fragment, "application/json");
        let fragment = answered(operation, XmlStyle::Fragment, "application/xml");
        let rooted = answered(operation, XmlStyle::Rooted, "application/xml");
        let types = [&json, &fragment, &rooted].map(|reply| reply.content_type.as_str());
        let Some(kind) = &Catalogue::get().operations[id].answer else {
            assert_eq!([&json, &fragment, &rooted].map(|reply| reply.body.as_str()), [""; 3], "{id}");
            assert_eq!(types, [""; 3], "{id}");
            continue;
        };
        let value = if *kind == Kind::String {
            assert_eq!(types, ["text/plain;charset=utf-8", "application/xml", "application/xml"], "{id}");
            json!(json.body)
        } else {
            assert_eq!(types, ["application/json", "application/xml", "application/xml"], "{id}");
            json.json()
        };
        assert!(problems(id, &value).is_empty(), "{id}: {:?}", problems(id, &value));
        assert!(rooted.body.contains(&format!("<{id}Response>")), "{id}: {}", rooted.body);
        let expected = common(kind, &value);
        for reply in [&fragment, &rooted] {
            assert_eq!(common(kind, &read_xml(kind, &reply.body)), expected, "{id}: {}", reply.body);
        }
    }
}

#[test]
fn request_ids_in_answers_are_the_real_ones() {
    let mut found = 0;
    for operation in ALL {
        let reply = answered(operation, XmlStyle::Fragment, "application/json");
        let Ok(Value::Object(fields)) = serde_json::from_str(&reply.body) else { continue };
        for name in ["request_id", "requestId", "RequestId"] {
            if let Some(own) = fields.get(name) {
                assert_eq!(own, &json!(reply.request_id), "{}", operation.id);
                found += 1;
            }
        }
    }
    assert!(found > 0);
}

#[test]
fn requests_without_what_they_need_are_refused() {
    let catalogue = Catalogue::get();
    let needs = |kind: &Kind| match kind {
        Kind::Ref(name) => catalogue.schemas[name].fields.values().any(|field| field.required),
        Kind::List(_) => true,
        _ => false,
    };
    for operation in ALL {
        let (probe, ids) = fit_for(operation.id, XmlStyle::Fragment, "application/json");
        let entry = &catalogue.operations[operation.id];
        let path = path(operation, &ids);
        if entry.query.as_ref().is_some_and(needs) {
            let reply = probe.operation(operation, &path, &[], body(operation).as_deref());
            assert_eq!((reply.status, reply.field("/code").as_str()), (400, "MissingParameter"), "{}", operation.id);
        }
        if entry.body.as_ref().is_some_and(needs) {
            let reply = probe.operation(operation, &path, &query(operation), None);
            assert_eq!((reply.status, reply.field("/code").as_str()), (400, "MissingParameter"), "{}", operation.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_request_makes_the_emulator_fail(
        operation in proptest::sample::select(ALL),
        text in "[ -~]{0,30}",
        body in prop_oneof![
            "[ -~]{0,60}",
            "\\{\"[a-z_]{1,12}\":(null|[0-9]{1,25}|\\[{0,200}|\"[a-z]{0,5}\")\\}",
            "\\[{1,300}",
        ],
        accept in prop_oneof![Just("application/json"), Just("application/xml")],
    ) {
        let (probe, ids) = fit_for(operation.id, XmlStyle::Fragment, accept);
        let query: Vec<(String, String)> = query(operation).into_iter().map(|(name, _)| (name, text.clone())).collect();
        let reply = probe.operation(operation, &path(operation, &ids), &query, Some(&body));
        prop_assert!(matches!(reply.status, 200 | 400), "{} {} {}", operation.id, reply.status, reply.body);
    }
}
