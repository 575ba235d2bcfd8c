//! Each fault as a client sees it, and what it leaves behind.

use std::time::Duration;

use ack_codec::Format;
use ack_emulator::{Delivery, Emulator, ErrorShape, Fault, RecordedRequest};

use crate::emulator::probe::{DEDICATED, MANAGED, Probe, probe, settings, start};
use crate::emulator::wire::Wire;

/// Every fault there is, each with the settings that show in its bytes.
pub(crate) fn all() -> Vec<Fault> {
    vec![
        Fault::throttle(),
        Fault::throttle().retry_after(Duration::from_millis(1500)),
        Fault::throttle().status(429).shape(ErrorShape::Service),
        Fault::throttle().status(503),
        Fault::server_error(500),
        Fault::server_error(502).shape(ErrorShape::Service),
        Fault::server_error(503),
        Fault::server_error(504),
        Fault::error(403, "Forbidden.RAM", "You may not.").body(Format::Json),
        Fault::error(403, "Forbidden.RAM", "You may not.").body(Format::Xml),
        Fault::error(403, "Forbidden.RAM", "You may not.").body(Format::Xml).content_type("application/xml"),
        Fault::expired_token(),
        Fault::retired(404),
        Fault::retired(400),
        Fault::retired(410),
        Fault::html(502),
        Fault::plain_text(500, "code=500, message=Internal Server Error"),
        Fault::empty(500),
        Fault::empty(200),
        Fault::redirect(301, "http://elsewhere.invalid"),
        Fault::redirect(302, "https://elsewhere.invalid:8443/"),
        Fault::redirect(307, "http://elsewhere.invalid"),
        Fault::redirect(308, "http://elsewhere.invalid"),
        Fault::cut_off(),
        Fault::cut_off().after_bytes(0),
        Fault::cut_off_chunks(),
        Fault::oversized(100_000),
        "{fault: oversized, bytes: 100000, announced: true}".parse().unwrap(),
        Fault::compressed(10_000_000),
        Fault::slow(Duration::from_millis(1)),
        Fault::delay(Duration::from_millis(1)),
        Fault::stall(),
        Fault::stall().limit(Duration::from_millis(1)),
        Fault::stall_after_head(),
        Fault::stall_half_way(),
        Fault::reset(),
        Fault::reset().after_handling(),
        Fault::close(),
        Fault::lost_reply(),
        "{fault: lost-reply, reset: true}".parse().unwrap(),
        Fault::duplicate_reply(),
        Fault::wrong_content_type("text/html"),
        Fault::wrong_content_type(""),
        Fault::clock_ahead(Duration::from_secs(20 * 60)),
        Fault::clock_behind(Duration::from_secs(20 * 60)),
        Fault::unknown_values(),
        Fault::unknown_value("upgrade_step", "melting"),
        Fault::unknown_fields(),
    ]
}

async fn on_the_wire(accept: &'static str) -> String {
    let emulator = settings().start().await.unwrap();
    let wire = Wire::new(&emulator, accept);
    let mut text = String::new();
    for fault in all() {
        let shown = serde_json::to_string(&fault).unwrap();
        emulator.inject(fault.times(1)).unwrap();
        text.push_str(&format!("=== {shown}\n{}\n\n", wire.status().await));
    }
    assert!(emulator.faults().iter().all(|fault| (fault.matched, fault.struck, fault.is_over) == (1, 1, true)));
    text
}

#[tokio::test]
async fn every_fault_in_json() {
    insta::assert_snapshot!(on_the_wire("application/json").await);
}

#[tokio::test]
async fn every_fault_in_xml() {
    insta::assert_snapshot!(on_the_wire("application/xml").await);
}

#[test]
fn every_fault_is_among_those_tested_and_documented() {
    let tested: Vec<String> = all().iter().map(|fault| fault.name().to_owned()).collect();
    let source = include_str!("../../../crates/ack-emulator/src/fault.rs");
    for help in Fault::all() {
        assert!(tested.iter().any(|name| name == help.name), "{}", help.name);
        let row = source.lines().find(|line| line.starts_with(&format!("/// | `{}` |", help.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not in the table of Fault", help.name));
        for (key, _) in help.keys {
            let of_errors =
                ["code", "message", "shape", "body", "content_type"].contains(&key) && row.contains("of an error");
            assert!(of_errors || row.contains(&format!("`{key}`")), "{}: {key}", help.name);
        }
    }
}

/// What the record says of the last request.
fn last(emulator: &Emulator) -> String {
    let requests = emulator.requests();
    let RecordedRequest { operation, status, code, is_accepted, fault, .. } = requests.last().unwrap();
    let fault = fault.map_or("-", |fault| fault.name);
    format!("{} {status:?} {code:?} accepted={is_accepted} {fault}", operation.unwrap_or("-"))
}

#[tokio::test]
async fn what_is_carried_out_is_accepted_whatever_the_client_sees() {
    let mut rows = Vec::new();
    for fault in all() {
        let (row, has_started) = upgrade_struck_by(fault.clone()).await;
        rows.push(row);
        // A clock skew has no other side.
        if !has_started && fault.name() != "clock-skew" {
            let (row, has_started) = upgrade_struck_by(fault.after_handling()).await;
            assert!(has_started, "{row}");
            rows.push(row);
        }
    }
    insta::assert_snapshot!(rows.join("\n"));
}

/// What became of an upgrade, and whether it was started.
async fn upgrade_struck_by(fault: Fault) -> (String, bool) {
    let emulator = settings().start().await.unwrap();
    let shown = serde_json::to_string(&fault).unwrap();
    emulator.inject(fault.operation("UpgradeCluster").times(1)).unwrap();
    let seen = Wire::new(&emulator, "application/json").upgrade().await;
    let (first, end) = (seen.lines().next().unwrap(), seen.rfind('[').unwrap());
    let seen = if first == &seen[end..] { first.to_owned() } else { format!("{first} {}", &seen[end..]) };
    let probe = Probe::new((*emulator).clone());
    let has_started = probe.status(MANAGED).field("/upgrade_step") == "prechecking";
    let record = last_of(&emulator, "UpgradeCluster");
    assert_eq!(has_started, record.is_accepted, "{shown}");
    assert_eq!(emulator.accepted("UpgradeCluster"), usize::from(has_started), "{shown}");
    let (status, by) = (record.status, record.fault.map_or("-", |fault| fault.name));
    (format!("{shown}\n    {seen}\n    started: {has_started}, status: {status:?}, struck by: {by}"), has_started)
}

fn last_of(emulator: &Emulator, operation: &str) -> RecordedRequest {
    emulator.requests().into_iter().rfind(|request| request.operation == Some(operation)).unwrap()
}

#[test]
fn without_a_socket_the_sending_is_left_to_the_caller() {
    let probe = probe();
    let mut rows = Vec::new();
    for fault in all() {
        let shown = serde_json::to_string(&fault).unwrap();
        probe.emulator.inject(fault.times(1)).unwrap();
        let path = format!("/api/v2/clusters/{MANAGED}/upgrade/status");
        let response = probe.respond("GetUpgradeStatus", &path);
        if let Some(delivery) = response.extensions().get::<Delivery>() {
            assert_eq!(delivery.is_silent(), response.status() == 502 && response.body().is_empty(), "{shown}");
            rows.push(format!("{shown} {} {delivery:?}", response.status().as_u16()));
        }
    }
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn requests_that_are_not_signed_well_are_not_struck() {
    let mut probe = probe();
    probe.emulator.inject(Fault::throttle().times(1)).unwrap();
    probe.credential = ack_auth::Credential::access_key("id", "wrong");
    assert!(probe.status(MANAGED).refusal().starts_with("400 SignatureDoesNotMatch"));
    probe.credential = ack_auth::Credential::access_key("id", "secret");
    assert_eq!(probe.call("DescribeTaskInfo", "/nowhere").status, 404);
    assert_eq!(probe.emulator.faults()[0].matched, 0);
    assert!(probe.status(MANAGED).refusal().starts_with("400 Throttling.User"));
    assert_eq!(last(&probe.emulator), r#"GetUpgradeStatus Some(400) Some("Throttling.User") accepted=false throttle"#);
    assert_eq!(probe.status(MANAGED).status, 200);
    assert_eq!(last(&probe.emulator), "GetUpgradeStatus Some(200) None accepted=true -");
}

#[test]
fn a_nonce_is_used_up_even_by_a_request_that_is_struck() {
    let probe = probe();
    probe.emulator.inject(Fault::reset().times(1)).unwrap();
    let path = format!("/clusters/{MANAGED}");
    let signed = probe.signed(&probe.get("DescribeClusterDetail", &path));
    assert_eq!(probe.send(&signed, "GET", &path, b"").status, 502);
    assert!(probe.send(&signed, "GET", &path, b"").refusal().contains("SignatureNonceUsed"));
}

#[test]
fn a_client_that_follows_the_servers_clock_gets_through() {
    const SHIFT: Duration = Duration::from_secs(20 * 60);
    let there = [start() + SHIFT, start() - SHIFT];
    for (fault, there) in [Fault::clock_ahead(SHIFT), Fault::clock_behind(SHIFT)].into_iter().zip(there) {
        let mut probe = probe();
        probe.emulator.inject(fault).unwrap();
        assert!(probe.status(MANAGED).refusal().starts_with("400 InvalidTimeStamp.Expired"));
        assert!(last(&probe.emulator).ends_with("accepted=false clock-skew"), "{}", last(&probe.emulator));
        probe.date = there;
        assert_eq!(probe.status(MANAGED).status, 200);
        // A nonce is good once, whatever the clock of the server.
        let path = format!("/clusters/{MANAGED}");
        let signed = probe.signed(&probe.get("DescribeClusterDetail", &path));
        assert_eq!(probe.send(&signed, "GET", &path, b"").status, 200);
        assert!(probe.send(&signed, "GET", &path, b"").refusal().contains("SignatureNonceUsed"));
    }
}

#[test]
fn a_clock_skew_goes_together_with_another_fault() {
    let mut probe = probe();
    probe.emulator.inject(Fault::clock_ahead(Duration::from_secs(20 * 60))).unwrap();
    probe.emulator.inject(Fault::lost_reply()).unwrap();
    probe.date = start() + Duration::from_secs(20 * 60);
    assert_eq!(probe.upgrade(MANAGED, r#"{"next_version":"1.32.1-aliyun.1"}"#).status, 502);
    assert_eq!(last(&probe.emulator), "UpgradeCluster None None accepted=true lost-reply");
}

#[test]
fn a_cluster_is_known_by_its_tasks_too() {
    let probe = probe();
    let version = r#"{"next_version":"1.31.1-aliyun.1"}"#;
    let task = probe.upgrade(DEDICATED, version).field("/task_id");
    probe.emulator.inject(Fault::throttle().cluster(DEDICATED)).unwrap();
    assert_eq!(probe.detail(MANAGED).status, 200);
    assert_eq!(probe.detail(DEDICATED).status, 400);
    assert_eq!(probe.call("DescribeTaskInfo", &format!("/tasks/{task}")).status, 400);
}

#[test]
fn faults_that_cannot_be_are_refused() {
    let emulator = probe().emulator;
    let faults = [
        Fault::throttle().status(418),
        Fault::reset().retry_after(Duration::from_secs(1)),
        Fault::lost_reply().operation("UpgradClusters"),
        Fault::lost_reply().operation("zzz"),
        Fault::lost_reply().cluster("c1"),
        Fault::slow(Duration::from_secs(60 * 60 * 24 * 31)),
        Fault::throttle().probability(1.5).times(0),
        Fault::error(200, "", ""),
        Fault::redirect(307, "elsewhere"),
    ];
    let problems: Vec<String> =
        faults.into_iter().map(|fault| emulator.inject(fault).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(problems.join("\n"));
    assert!(emulator.faults().is_empty());
    let error = settings().fault(Fault::reset()).fault(Fault::reset().cluster("c1")).build().unwrap_err();
    assert!(error.is_invalid_setting() && error.to_string().contains("faults[1].cluster"), "{error}");
    // Where ids are taken as they come, so are they here.
    settings().strict_ids(false).fault(Fault::reset().cluster("c1")).build().unwrap();
}

#[tokio::test]
async fn a_second_answer_comes_before_that_of_the_next_request() {
    let emulator = settings().fault(Fault::duplicate_reply().times(1)).start().await.unwrap();
    let wire = Wire::new(&emulator, "application/json");
    let path = format!("/clusters/{MANAGED}");
    let first = wire.request("GET", "DescribeClusterDetail", &path, "").replace("connection: close\r\n", "");
    let stays = wire.seen(&first).await;
    assert_eq!(stays.matches("HTTP/1.1 200 OK").count(), 2);
    assert!(stays.ends_with("[silent]"));
    // The same connection, and one answer to the next request on it.
    let both = format!(
        "{}{}",
        wire.request("GET", "DescribeClusterDetail", &path, "").replace("connection: close\r\n", ""),
        wire.request("GET", "DescribeClusterDetail", &path, "")
    );
    assert_eq!(wire.seen(&both).await.matches("HTTP/1.1 200 OK").count(), 2);
}

#[tokio::test]
async fn what_a_fault_holds_up_does_not_hold_up_the_end() {
    let faults = [Fault::stall(), Fault::stall_after_head(), Fault::delay(Duration::from_secs(3600))];
    for fault in faults.into_iter().chain([Fault::slow(Duration::from_secs(3600))]) {
        let emulator = settings().fault(fault.clone()).start().await.unwrap();
        let wire = Wire::new(&emulator, "application/json");
        assert!(wire.status().await.ends_with("[silent]"), "{fault:?}");
        let path = format!("/clusters/{MANAGED}");
        let mut stream = tokio::net::TcpStream::connect(emulator.address()).await.unwrap();
        let request = wire.request("GET", "DescribeClusterDetail", &path, "");
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
        while emulator.count("DescribeClusterDetail") == 0 {
            tokio::task::yield_now().await;
        }
        let begun = std::time::Instant::now();
        emulator.shutdown().await;
        assert!(begun.elapsed() < Duration::from_secs(4), "{fault:?}");
    }
}
