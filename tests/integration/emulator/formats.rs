//! Answers and errors in JSON and in both styles of XML.

use std::time::Duration;

use ack_codec::{Format, decode};
use ack_emulator::{UpgradeFailure, UpgradeStage, XmlStyle};
use ack_models::{DescribeClusterTasksResponse, DescribeTaskInfoResponse, GetUpgradeStatusResponse};

use crate::emulator::probe::{DEDICATED, Probe, settings};

/// An emulator with an upgrade that failed, which has something to tell in every field.
fn failed(style: XmlStyle) -> Probe {
    let probe = Probe::new(settings().xml_style(style).build().unwrap());
    let failure = UpgradeFailure::new(UpgradeStage::Master1, "etcd < 3 & \"slow\"");
    probe.emulator.fail_next_upgrade(DEDICATED, failure).unwrap();
    assert_eq!(probe.upgrade(DEDICATED, r#"{"next_version":"1.31.1-aliyun.1"}"#).status, 200);
    probe.emulator.advance(Duration::from_secs(300));
    probe
}

fn xml(probe: Probe) -> Probe {
    Probe { accept: "application/xml", ..probe }
}

#[test]
fn json() {
    let reply = failed(XmlStyle::Fragment).status(DEDICATED);
    assert_eq!(reply.content_type, "application/json");
    insta::assert_snapshot!(reply.body, @r#"{"error_message":"etcd < 3 & \"slow\"","precheck_report_id":"2dd82c88fa32b2707985575aa0f03783","status":"fail","upgrade_step":"pause","upgrade_task":{"created_at":"2026-01-02T11:04:05+08:00","finished_at":"2026-01-02T11:06:05+08:00","message":"etcd < 3 & \"slow\"","retries":0,"status":"Failed","upgrade_status":{"events":[{"Message":"precheck started","Reason":"Started","Source":"ACK","Timestamp":"2026-01-02T11:04:05+08:00","Type":"Normal"},{"Message":"precheck succeeded","Reason":"Succeeded","Source":"ACK","Timestamp":"2026-01-02T11:05:05+08:00","Type":"Normal"},{"Message":"upgrade_master1 started","Reason":"Started","Source":"ACK","Timestamp":"2026-01-02T11:05:05+08:00","Type":"Normal"},{"Message":"upgrade_master1 failed: etcd < 3 & \"slow\"","Reason":"Failed","Source":"ACK","Timestamp":"2026-01-02T11:06:05+08:00","Type":"Warning"}],"failed":"true","is_canceled":false,"phase":"Master1","state":"Failed","succeeded":0,"total":6}}}"#);
}

#[test]
fn xml_without_a_root() {
    let reply = xml(failed(XmlStyle::Fragment)).status(DEDICATED);
    assert_eq!(reply.content_type, "application/xml");
    insta::assert_snapshot!(reply.body, @r#"<error_message>etcd &lt; 3 &amp; "slow"</error_message><precheck_report_id>2dd82c88fa32b2707985575aa0f03783</precheck_report_id><status>fail</status><upgrade_step>pause</upgrade_step><upgrade_task><created_at>2026-01-02T11:04:05+08:00</created_at><finished_at>2026-01-02T11:06:05+08:00</finished_at><message>etcd &lt; 3 &amp; "slow"</message><retries>0</retries><status>Failed</status><upgrade_status><events><Message>precheck started</Message><Reason>Started</Reason><Source>ACK</Source><Timestamp>2026-01-02T11:04:05+08:00</Timestamp><Type>Normal</Type></events><events><Message>precheck succeeded</Message><Reason>Succeeded</Reason><Source>ACK</Source><Timestamp>2026-01-02T11:05:05+08:00</Timestamp><Type>Normal</Type></events><events><Message>upgrade_master1 started</Message><Reason>Started</Reason><Source>ACK</Source><Timestamp>2026-01-02T11:05:05+08:00</Timestamp><Type>Normal</Type></events><events><Message>upgrade_master1 failed: etcd &lt; 3 &amp; "slow"</Message><Reason>Failed</Reason><Source>ACK</Source><Timestamp>2026-01-02T11:06:05+08:00</Timestamp><Type>Warning</Type></events><failed>true</failed><is_canceled>false</is_canceled><phase>Master1</phase><state>Failed</state><succeeded>0</succeeded><total>6</total></upgrade_status></upgrade_task>"#);
}

#[test]
fn xml_with_a_root() {
    let reply = xml(failed(XmlStyle::Rooted)).status(DEDICATED);
    assert_eq!(reply.content_type, "application/xml");
    insta::assert_snapshot!(reply.body, @r#"<?xml version="1.0" encoding="UTF-8"?><GetUpgradeStatusResponse><error_message>etcd &lt; 3 &amp; "slow"</error_message><precheck_report_id>2dd82c88fa32b2707985575aa0f03783</precheck_report_id><status>fail</status><upgrade_step>pause</upgrade_step><upgrade_task><created_at>2026-01-02T11:04:05+08:00</created_at><finished_at>2026-01-02T11:06:05+08:00</finished_at><message>etcd &lt; 3 &amp; "slow"</message><retries>0</retries><status>Failed</status><upgrade_status><events><Message>precheck started</Message><Reason>Started</Reason><Source>ACK</Source><Timestamp>2026-01-02T11:04:05+08:00</Timestamp><Type>Normal</Type></events><events><Message>precheck succeeded</Message><Reason>Succeeded</Reason><Source>ACK</Source><Timestamp>2026-01-02T11:05:05+08:00</Timestamp><Type>Normal</Type></events><events><Message>upgrade_master1 started</Message><Reason>Started</Reason><Source>ACK</Source><Timestamp>2026-01-02T11:05:05+08:00</Timestamp><Type>Normal</Type></events><events><Message>upgrade_master1 failed: etcd &lt; 3 &amp; "slow"</Message><Reason>Failed</Reason><Source>ACK</Source><Timestamp>2026-01-02T11:06:05+08:00</Timestamp><Type>Warning</Type></events><failed>true</failed><is_canceled>false</is_canceled><phase>Master1</phase><state>Failed</state><succeeded>0</succeeded><total>6</total></upgrade_status></upgrade_task></GetUpgradeStatusResponse>"#);
}

#[test]
fn all_forms_decode_to_the_same_models() {
    let json = failed(XmlStyle::Fragment);
    let forms = [xml(failed(XmlStyle::Fragment)), xml(failed(XmlStyle::Rooted))];
    let status: GetUpgradeStatusResponse = decode(Format::Json, json.status(DEDICATED).body.as_bytes()).unwrap();
    assert_eq!(status.error_message.as_deref(), Some("etcd < 3 & \"slow\""));
    let tasks = format!("/clusters/{DEDICATED}/tasks");
    let listed = json.call("DescribeClusterTasks", &tasks);
    let listed: DescribeClusterTasksResponse = decode(Format::Json, listed.body.as_bytes()).unwrap();
    let task = format!("/tasks/{}", listed.tasks[0].task_id.as_deref().unwrap());
    let info = json.call("DescribeTaskInfo", &task);
    let info: DescribeTaskInfoResponse = decode(Format::Json, info.body.as_bytes()).unwrap();
    for form in &forms {
        let reply = form.status(DEDICATED);
        let read: GetUpgradeStatusResponse = decode(Format::Xml, reply.body.as_bytes()).unwrap();
        assert_eq!(read, status);
        let reply = form.call("DescribeClusterTasks", &tasks);
        let read: DescribeClusterTasksResponse = decode(Format::Xml, reply.body.as_bytes()).unwrap();
        assert_eq!(read.tasks, listed.tasks);
        let reply = form.call("DescribeTaskInfo", &task);
        let read: DescribeTaskInfoResponse = decode(Format::Xml, reply.body.as_bytes()).unwrap();
        // In XML the values of the parameters have no type, so these are compared by their names alone.
        assert!(read.parameters.keys().eq(info.parameters.keys()));
        let parameters = info.parameters.clone();
        assert_eq!(DescribeTaskInfoResponse { parameters, ..read }, info);
    }
}

#[test]
fn errors_in_xml() {
    let probe = xml(failed(XmlStyle::Fragment));
    let reply = probe.detail("nope");
    assert_eq!((reply.status, reply.content_type.as_str()), (404, "text/xml;charset=utf-8"));
    insta::assert_snapshot!(reply.body.replace(&reply.request_id, "{request id}"), @r#"<?xml version="1.0" encoding="UTF-8"?><Error><RequestId>{request id}</RequestId><HostId>emulator</HostId><Code>ErrorClusterNotFound</Code><Message>cluster (nope) not found in our records</Message></Error>"#);
    let reply = probe.call("DescribeClusterDetail", "/nothing");
    insta::assert_snapshot!(reply.body.replace(&reply.request_id, "{request id}"), @r#"<?xml version="1.0" encoding="UTF-8"?><Error><RequestId>{request id}</RequestId><HostId>emulator</HostId><Code>InvalidApi.NotFound</Code><Message>No operation is called with GET on this path.</Message></Error>"#);
}

#[test]
fn errors_in_json() {
    let probe = failed(XmlStyle::Fragment);
    let reply = probe.detail("nope");
    insta::assert_snapshot!(reply.body.replace(&reply.request_id, "{request id}"), @r#"{"code":"ErrorClusterNotFound","message":"cluster (nope) not found in our records","requestId":"{request id}","status":404}"#);
    let reply = probe.call("DescribeClusterDetail", "/nothing");
    insta::assert_snapshot!(reply.body.replace(&reply.request_id, "{request id}"), @r#"{"RequestId":"{request id}","HostId":"emulator","Code":"InvalidApi.NotFound","Message":"No operation is called with GET on this path."}"#);
}

#[test]
fn the_first_format_that_accept_names_is_taken() {
    for (accept, content_type) in [
        ("text/xml", "application/xml"),
        ("text/html, Application/XML;q=0.9, application/json", "application/xml"),
        ("application/json, text/xml", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
    ] {
        let probe = Probe { accept, ..failed(XmlStyle::Fragment) };
        assert_eq!(probe.status(DEDICATED).content_type, content_type, "{accept}");
    }
}
