//! The committed schema of the events of a fleet.

use std::sync::LazyLock;

use ack_upgrade::EVENT_SCHEMA;
use ack_upgrade::fleet::{FLEET_EVENT_SCHEMA, FleetEvent};
use serde_json::{Value, json};

const NAME: &str = "fleet-event.schema.json";

static SCHEMA: LazyLock<(boon::Schemas, boon::SchemaIndex)> = LazyLock::new(|| {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource(NAME, serde_json::from_str(FLEET_EVENT_SCHEMA).unwrap()).unwrap();
    let index = compiler.compile(NAME, &mut schemas).unwrap();
    (schemas, index)
});

/// Fails unless an event is as the schema says.
pub(super) fn check(event: &FleetEvent) {
    let event = serde_json::to_value(event).unwrap();
    if let Err(problem) = SCHEMA.0.validate(&event, SCHEMA.1) {
        unreachable!("{event:#}\n{problem:#}");
    }
}

#[test]
fn what_is_no_event_is_told_apart() {
    let gone = json!({"at": "2026-01-02T03:04:05.000Z", "elapsed_seconds": 1.5, "account": "production",
        "region": "cn-hangzhou", "cluster_id": "c1", "event": "cluster_gone"});
    let is_valid = |event: &Value| SCHEMA.0.validate(event, SCHEMA.1).is_ok();
    assert!(is_valid(&gone));
    for (name, value) in [
        ("event", json!("cluster_lost")),
        ("event", json!("version_changed")),
        ("event", json!("wave_started")),
        ("kind", json!("node_pool")),
        ("at", json!("yesterday")),
        ("account", json!("")),
        ("surprise", json!(1)),
        ("stage", json!("precheck")),
    ] {
        let mut event = gone.clone();
        event[name] = value.clone();
        assert!(!is_valid(&event), "{name} {value}");
    }
}

/// What both schemas describe is the same in both.
#[test]
fn events_of_upgrades_are_as_their_own_schema_says() {
    let parse = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let (own, upgrade) = (parse(FLEET_EVENT_SCHEMA), parse(EVENT_SCHEMA));
    for (name, definition) in upgrade["$defs"].as_object().unwrap() {
        assert_eq!(own["$defs"][name], *definition, "{name}");
    }
    let branches = own["oneOf"].as_array().unwrap();
    for branch in upgrade["oneOf"].as_array().unwrap() {
        // A fleet starts nothing by a command of its own.
        let is_shared = branch["properties"]["event"]["const"] != "start";
        assert_eq!(branches.contains(branch), is_shared, "{branch:#}");
    }
    let names: Vec<&Value> = branches
        .iter()
        .flat_map(|branch| {
            let event = &branch["properties"]["event"];
            event["enum"].as_array().map_or_else(|| vec![&event["const"]], |names| names.iter().collect())
        })
        .collect();
    assert_eq!(own["properties"]["event"]["enum"], json!(names));
}
