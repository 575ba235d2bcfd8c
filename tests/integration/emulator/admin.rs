//! The admin calls, over the network and without.

use std::time::Duration;

use ack_emulator::{ADMIN_CALLS, AdminAccess, Emulator, Fault};
use bytes::Bytes;
use http::Request;

use crate::emulator::probe::{MANAGED, Probe, settings};
use crate::emulator::wire::Wire;

#[tokio::test]
async fn a_session_as_any_language_could_have_it() {
    let emulator = settings().start().await.unwrap();
    let wire = Wire::new(&emulator, "application/json");
    let mut rows = Vec::new();
    for (method, path, body) in [
        ("GET", "/faults", ""),
        ("POST", "/faults", r#"{"fault": "lost-reply", "operation": "UpgradeCluster", "times": 1}"#),
        (
            "POST",
            "/faults",
            "[{fault: throttle, retry_after: 2s, skip: 1}, {fault: slow, cluster: c106f377e16f34eb1808d6b9362c9test}]",
        ),
        ("UPGRADE", "", ""),
        ("STATUS", "", ""),
        ("STATUS", "", ""),
        ("GET", "/faults", ""),
        ("GET", "/requests?operation=upgradecluster", ""),
        ("GET", "/counts", ""),
        ("GET", "/clusters", ""),
        ("GET", "/clock", ""),
        ("POST", "/clock", r#"{"advance": "1h"}"#),
        ("GET", "/clusters", ""),
        ("DELETE", "/faults/2", ""),
        ("DELETE", "/faults/2", ""),
        ("DELETE", "/faults", ""),
        ("DELETE", "/requests", ""),
        ("GET", "/requests", ""),
        (
            "POST",
            "/clusters/c82e6987e2961451182edacd74faftest/incidents",
            r#"{"stage": "precheck", "effect": {"fail": {"message": "2 nodes are NotReady"}}}"#,
        ),
        ("POST", "/faults", "fault: reset"),
        ("POST", "/reset", ""),
        ("GET", "/faults", ""),
        ("GET", "/counts", ""),
        ("GET", "/clusters", ""),
    ] {
        rows.push(match method {
            "UPGRADE" => format!("UpgradeCluster\n    {}", wire.upgrade().await.replace('\n', " ")),
            "STATUS" => format!("GetUpgradeStatus\n    {}", wire.status().await.lines().next().unwrap()),
            _ => format!("{method} {path} {body}\n    {}", wire.admin(method, path, body).await),
        });
    }
    insta::assert_snapshot!(rows.join("\n"));
}

#[tokio::test]
async fn mistakes_are_told() {
    let emulator = settings().start().await.unwrap();
    let wire = Wire::new(&emulator, "application/json");
    let mut rows = Vec::new();
    for (method, path, body) in [
        ("POST", "/faults", ""),
        ("POST", "/faults", "[]"),
        ("POST", "/faults", "throttle"),
        ("POST", "/faults", r#"{"fault": "throttle", "tmes": 2}"#),
        ("POST", "/faults", r#"[{"fault": "reset"}, {"fault": "rest"}, {"fault": "reset", "cluster": "c1"}]"#),
        ("POST", "/faults", "{"),
        ("PUT", "/faults", ""),
        ("DELETE", "/faults/one", ""),
        ("GET", "/faults/1", ""),
        ("POST", "/clock", "{}"),
        ("POST", "/clock", r#"{"advance": 10}"#),
        ("GET", "/nothing", ""),
        ("GET", "/clusters/c1/incidents", ""),
        ("POST", "/clusters/c1/incidents", r#"{"stage": "precheck", "effect": "hang"}"#),
        ("POST", "/clusters/c1/incidents", r#"{"stage": "prechek", "effect": {"fail": {}}}"#),
        ("POST", "", ""),
    ] {
        rows.push(format!("{method} {path} {body}\n    {}", wire.admin(method, path, body).await));
    }
    insta::assert_snapshot!(rows.join("\n"));
    assert!(emulator.faults().is_empty() && emulator.requests().is_empty());
}

fn get(emulator: &Emulator, path: &str) -> (u16, serde_json::Value) {
    let response = emulator.handle(Request::get(path).body(Bytes::new()).unwrap());
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
}

#[test]
fn everything_there_is_can_be_asked_for() {
    let emulator = settings().build().unwrap();
    let (status, help) = get(&emulator, "/_emulator");
    assert_eq!(status, 200);
    assert_eq!(help["calls"].as_array().unwrap().len(), ADMIN_CALLS.len());
    assert_eq!(help["faults"].as_array().unwrap().len(), Fault::all().len());
    assert_eq!(help["shared_keys"][0][0], "operation");
    let source = include_str!("../../../crates/ack-emulator/src/admin.rs");
    for call in ADMIN_CALLS {
        assert!(source.contains(&format!("/// | `{} {}` |", call.method, call.path)), "{call:?} is not in the table");
        let path = call.path.replace("{id}", "1");
        let request = Request::builder().method(call.method).uri(path).body(Bytes::from_static(b"{}")).unwrap();
        // Each is there, whether or not it makes sense of the body.
        assert_ne!(emulator.handle(request).status(), 405, "{call:?}");
    }
}

#[test]
fn access_can_be_switched_off() {
    let emulator = settings().admin(AdminAccess::Off).build().unwrap();
    let (status, body) = get(&emulator, "/_emulator");
    assert_eq!((status, body["Code"].as_str()), (400, Some("IncompleteSignature")));
    assert_eq!(get(&settings().admin(AdminAccess::Everyone).build().unwrap(), "/_emulator/faults").0, 200);
    // A path that only begins alike is none of them.
    assert_eq!(get(&settings().build().unwrap(), "/_emulators").1["Code"].as_str(), Some("IncompleteSignature"));
}

#[tokio::test]
async fn programs_on_other_machines_are_kept_out() {
    // An address of this machine that is not loopback stands for another machine, where there is one.
    let Some(address) = own_address() else { return };
    for (access, status) in [(AdminAccess::Loopback, "403"), (AdminAccess::Everyone, "200")] {
        let builder = settings().admin(access).allow_non_loopback(true).listen((address, 0).into());
        let emulator = builder.start().await.unwrap();
        let reply = Wire::new(&emulator, "application/json").admin("GET", "/faults", "").await;
        assert!(reply.starts_with(status), "{reply}");
    }
}

/// The address that this machine would send from; nothing is sent.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[test]
fn a_reset_brings_back_the_start() {
    let probe = Probe::new(settings().fault(Fault::throttle().times(1)).build().unwrap());
    assert_eq!(probe.detail(MANAGED).status, 400);
    assert_eq!(probe.upgrade(MANAGED, r#"{"next_version":"1.32.1-aliyun.1"}"#).status, 200);
    probe.emulator.advance(Duration::from_secs(3600));
    assert_eq!(probe.emulator.clusters()[0].version, "1.32.1-aliyun.1");
    let first = probe.emulator.faults()[0].id;
    probe.emulator.reset();
    assert_eq!(probe.emulator.clusters()[0].version, "1.31.1-aliyun.1");
    assert!(probe.emulator.requests().is_empty() && probe.emulator.counts().is_empty());
    assert!(probe.emulator.faults()[0].id > first && !probe.emulator.faults()[0].is_over);
    assert_eq!(probe.detail(MANAGED).status, 400);
    assert_eq!(probe.status(MANAGED).field("/upgrade_step"), "not_start");
}
