//! Scenario files.

use ack_emulator::{Emulator, Scenario, XmlStyle};

use crate::emulator::probe::Probe;

/// One with every key but the time scale, which would exclude the clock of the probe.
const FILE: &str = "
region: cn-beijing
xml_style: rooted
strict_ids: false
seed: 7
keys:
  - {id: id, secret: secret}
  - {id: STS.id, secret: secret, token: token}
clusters:
  - id: c1
    version: 1.31.1-aliyun.1
  - id: c2
    name: old
    version: 1.30.7-aliyun.1
    cluster_type: Kubernetes
    profile: Edge
    state: scaling
    region: cn-hangzhou
    nodes: 1
    tags: {env: test, team: a}
  - id: c3
    version: 1.30.7-aliyun.1
    cluster_spec: ack.standard
    node_pools: [{id: np-1, nodes: 2, troubles: [{node: 1, trouble: drain_sticks}, {node: 0, trouble: {drain_takes: {duration: 9s}}}]}]
    incidents: [{stage: precheck, effect: {fail: {message: 2 nodes are NotReady}}}]
durations: {precheck: 1s, control_plane: 2s, master: 3s, node: 4s, drain: 1s, settling: 0s}
lag: {events: 1s}
faults:
  - {fault: throttle, cluster: [c2, elsewhere], operation: [DescribeClusterDetail, GetUpgradeStatus], retry_after: 1500ms, times: 1}
";

fn builder() -> ack_emulator::EmulatorBuilder {
    use crate::emulator::probe::start;
    let clock = ack_emulator::ManualClock::new(start());
    Emulator::builder().clock(clock).wall_clock(ack_auth::FixedClock(start()))
}

#[test]
fn a_scenario_is_what_an_emulator_starts_with() {
    let emulator = builder().region("cn-shanghai").scenario(FILE.parse().unwrap()).build().unwrap();
    assert_eq!((emulator.region(), emulator.xml_style()), ("cn-beijing", XmlStyle::Rooted));
    assert_eq!(emulator.access_keys().len(), 2);
    insta::assert_json_snapshot!(emulator.clusters());
    let probe = Probe::new(emulator);
    assert_eq!(probe.detail("c2").status, 400);
    let detail = probe.detail("c2");
    assert_eq!(
        (detail.field("/name"), detail.field("/profile"), detail.field("/size")),
        ("old".into(), "Edge".into(), "4".into())
    );
    assert_eq!(probe.detail("c3").field("/cluster_spec"), "ack.standard");
    assert_eq!(probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1"}"#).status, 200);
    // Precheck, control plane and three nodes.
    probe.emulator.advance(std::time::Duration::from_secs(1 + 2 + 3 * 4));
    assert_eq!(probe.detail("c1").field("/current_version"), "1.32.1-aliyun.1");
}

#[test]
fn what_is_set_after_a_scenario_comes_before_it() {
    let emulator = builder().scenario(FILE.parse().unwrap()).region("cn-shanghai").build().unwrap();
    assert_eq!((emulator.region(), emulator.xml_style()), ("cn-shanghai", XmlStyle::Rooted));
    let scaled = Emulator::builder().scenario("time_scale: 60".parse().unwrap());
    assert_eq!(scaled.build().unwrap().time_scale().to_string(), "60");
    let empty = Emulator::builder().scenario("".parse().unwrap()).build().unwrap();
    assert_eq!(empty.cluster_ids(), Emulator::builder().build().unwrap().cluster_ids());
}

/// The schema is checked with a reader of its own, so that neither it nor the crate's reader is taken on trust.
#[test]
fn the_schema_says_what_the_reader_does() {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("scenario.schema.json", Scenario::json_schema()).unwrap();
    let schema = compiler.compile("scenario.schema.json", &mut schemas).unwrap();
    let is_valid = |value: &serde_json::Value| schemas.validate(value, schema).is_ok();
    let value = |text: &str| -> serde_json::Value { serde_norway::from_str(text).unwrap() };
    assert!(is_valid(&value(FILE)));
    assert!(FILE.parse::<Scenario>().is_ok());
    for text in [
        "time_scale: 0.5",
        "faults: [{fault: reset}]",
        "faults: [{fault: clock-skew, by: -20m}]",
        "faults: [{fault: throttle, status: 429, retry_after: 1h 30m, operation: UpgradeCluster, when: after}]",
        "faults: [{fault: unknown-values, set: {state: melting}}]",
        "durations: {node: 1.5s}",
        "clusters: [{id: c1, version: 1.31.1-aliyun.1, incidents: [{stage: upgrade_nodes, after: 5s, effect: hang}]}]",
        "seed: 18446744073709551615",
    ] {
        assert!(is_valid(&value(text)) && text.parse::<Scenario>().is_ok(), "{text}");
    }
    for text in [
        "[]",
        "regoin: cn-beijing",
        "region: ''",
        "time_scale: 0",
        "strict_ids: 1",
        "seed: -1",
        "keys: [{id: a}]",
        "clusters: [{id: c1}]",
        "clusters: [{id: c1, version: 1.31.1-aliyun.1, nodes: 10001}]",
        "clusters: {}",
        "clusters: [{id: c1, version: 1.31.1-aliyun.1, incidents: [{stage: upgrade_nodes, effect: fail}]}]",
        "clusters: [{id: c1, version: 1.31.1-aliyun.1, incidents: [{stage: upgrade_nodes, effect: {hang: {}}}]}]",
        "clusters: [{id: c1, version: 1.31.1-aliyun.1, incidents: [{stage: upgrade_nodes, effect: {}}]}]",
        "clusters: [{id: c1, version: 1.31.1-aliyun.1, incidents: [{stage: upgrade_nodes, effect: hagn}]}]",
        "clusters: [{id: c1, version: 1.31.1-aliyun.1, findings: [{group: g, level: error, message: m, targets: node-1}]}]",
        "durations: {node: 60}",
        "durations: {node: -1s}",
        "faults: [{}]",
        "faults: [{fault: rest}]",
        "faults: [{fault: reset, chunk: 1}]",
        "faults: [{fault: slow, chunk: 0}]",
        "faults: [{fault: throttle, status: 500}]",
        "faults: [{fault: clock-skew}]",
        "faults: [{fault: reset, probability: 0}]",
        "faults: [{fault: reset, format: yaml}]",
    ] {
        assert!(!is_valid(&value(text)) && text.parse::<Scenario>().is_err(), "{text}");
    }
}
