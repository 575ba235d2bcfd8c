//! The committed schema of events.

use std::sync::LazyLock;

use ack_upgrade::EVENT_SCHEMA;
use serde::Serialize;
use serde_json::{Value, json};

const NAME: &str = "event.schema.json";

static SCHEMA: LazyLock<(boon::Schemas, boon::SchemaIndex)> = LazyLock::new(|| {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource(NAME, serde_json::from_str(EVENT_SCHEMA).unwrap()).unwrap();
    let index = compiler.compile(NAME, &mut schemas).unwrap();
    (schemas, index)
});

/// Fails unless an event is as the schema says.
pub(crate) fn check(event: &impl Serialize) {
    let event = serde_json::to_value(event).unwrap();
    if let Err(problem) = SCHEMA.0.validate(&event, SCHEMA.1) {
        unreachable!("{event:#}\n{problem:#}");
    }
}

fn is_valid(event: &Value) -> bool {
    SCHEMA.0.validate(event, SCHEMA.1).is_ok()
}

#[test]
fn what_is_no_event_is_told_apart() {
    let resumed = json!({"at": "2026-01-02T03:04:05.000Z", "elapsed_seconds": 1.5, "cluster_id": "c1", "kind": "control_plane",
        "event": "resumed"});
    assert!(is_valid(&resumed));
    let with = |name: &str, value: Value| {
        let mut event = resumed.clone();
        event[name] = value;
        event
    };
    assert!(is_valid(&with("step", json!("control-plane:1.32.6-aliyun.1"))));
    for wrong in [
        with("event", json!("resume")),
        with("event", json!("paused")),
        with("kind", json!("node_pool")),
        with("kind", json!("fleet")),
        with("at", json!("yesterday")),
        with("elapsed_seconds", json!("1.5")),
        with("surprise", json!(1)),
        with("stage", json!("precheck")),
        with("outcome", json!("succeeded")),
        with("step", json!("")),
        json!({}),
    ] {
        assert!(!is_valid(&wrong), "{wrong}");
    }
}
