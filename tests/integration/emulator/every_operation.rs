//! Every operation of the API is answered, with an answer of the declared shape, in JSON and in both styles of XML.

use ack_emulator::XmlStyle;
use ack_models::Operation;
use ack_models::catalogue::{Catalogue, Kind};
use ack_models::operations::ALL;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::emulator::probe::{MANAGED, Probe, Reply, settings};
use crate::emulator::shape::{common, problems, read_xml};

/// An emulator in which a task runs, whose id is given, too.
fn busy(style: XmlStyle, accept: &'static str) -> (Probe, String) {
    let probe = Probe { accept, ..Probe::new(settings().xml_style(style).build().unwrap()) };
    let json = Probe { accept: "application/json", ..Probe::new(probe.emulator.clone()) };
    let task_id = json.upgrade(MANAGED, r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#).field("/task_id");
    probe.nonces.set(1);
    probe.emulator.advance(std::time::Duration::from_secs(3600));
    (probe, task_id)
}

/// The path of an operation with ids that the emulator knows where it has to know them.
fn path(operation: &Operation, task_id: &str) -> String {
    let fill = |segment: &str| match segment.trim_matches(['{', '}']).replace('_', "").to_lowercase().as_str() {
        _ if !segment.starts_with('{') => segment.to_owned(),
        "clusterid" => MANAGED.to_owned(),
        "taskid" => task_id.to_owned(),
        _ => "x-1".to_owned(),
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
    if operation.id == "UpgradeCluster" {
        // The documented example is not a version that the emulated cluster can be upgraded to.
        body["next_version"] = json!("1.32.6-aliyun.1");
    }
    Some(body.to_string())
}

fn answered(operation: &Operation, style: XmlStyle, accept: &'static str) -> Reply {
    let (probe, task_id) = busy(style, accept);
    let reply = probe.operation(operation, &path(operation, &task_id), &query(operation), body(operation).as_deref());
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
        let (probe, task_id) = busy(XmlStyle::Fragment, "application/json");
        let entry = &catalogue.operations[operation.id];
        let path = path(operation, &task_id);
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
        let (probe, task_id) = busy(XmlStyle::Fragment, accept);
        let query: Vec<(String, String)> = query(operation).into_iter().map(|(name, _)| (name, text.clone())).collect();
        let reply = probe.operation(operation, &path(operation, &task_id), &query, Some(&body));
        prop_assert!(matches!(reply.status, 200 | 400), "{} {} {}", operation.id, reply.status, reply.body);
    }
}
