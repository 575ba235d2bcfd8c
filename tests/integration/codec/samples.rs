//! The answers the vendor's documents print for `GetUpgradeStatus`, in their three forms.

use ack_codec::{Decoder, Format, Root, encode};

use crate::codec::model::{State, UpgradeStatus, UpgradeTask};

const JSON: &str = r#"{
  "error_message" : "subject to actual return",
  "precheck_report_id" : "be4c8eb72de94d459ea7ace7c811d119",
  "status" : "running",
  "upgrade_step" : "prechecking",
  "upgrade_task" : {
    "status" : "running",
    "message" : "subject to actual return"
  }
}"#;

const FRAGMENT: &str = "<error_message>subject to actual return</error_message>
<precheck_report_id>be4c8eb72de94d459ea7ace7c811d119</precheck_report_id>
<status>running</status>
<upgrade_step>prechecking</upgrade_step>
<upgrade_task>
    <status>running</status>
    <message>subject to actual return</message>
</upgrade_task>";

fn expected() -> UpgradeStatus {
    UpgradeStatus {
        error_message: Some("subject to actual return".to_owned()),
        precheck_report_id: Some("be4c8eb72de94d459ea7ace7c811d119".to_owned()),
        status: Some(State::Running),
        upgrade_step: Some("prechecking".to_owned()),
        upgrade_task: Some(UpgradeTask {
            status: Some(State::Running),
            message: Some("subject to actual return".to_owned()),
        }),
    }
}

#[test]
fn all_printed_forms_read_alike() {
    let rooted = format!("<GetUpgradeStatusResponse>\n{FRAGMENT}\n</GetUpgradeStatusResponse>");
    let declared = format!("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- sample -->{rooted}\n");
    let forms = [(Format::Json, JSON), (Format::Xml, FRAGMENT), (Format::Xml, &*rooted), (Format::Xml, &*declared)];
    for (format, body) in forms {
        assert_eq!(Format::detect(None, body.as_bytes()), Some(format));
        let decoded = Decoder::new(format).decode::<UpgradeStatus>(body.as_bytes()).unwrap();
        assert_eq!(decoded.value, expected(), "{body}");
        assert!(decoded.drift.is_empty(), "{:?}", decoded.drift);
    }
}

#[test]
fn the_documented_form_is_written() {
    let root = Root::Named("GetUpgradeStatusResponse");
    let xml = String::from_utf8(encode(Format::Xml, root, &expected()).unwrap()).unwrap();
    insta::assert_snapshot!(xml, @r#"<?xml version="1.0" encoding="UTF-8"?><GetUpgradeStatusResponse><error_message>subject to actual return</error_message><precheck_report_id>be4c8eb72de94d459ea7ace7c811d119</precheck_report_id><status>running</status><upgrade_step>prechecking</upgrade_step><upgrade_task><status>running</status><message>subject to actual return</message></upgrade_task></GetUpgradeStatusResponse>"#);
    let json = String::from_utf8(encode(Format::Json, root, &expected()).unwrap()).unwrap();
    insta::assert_snapshot!(json, @r#"{"error_message":"subject to actual return","precheck_report_id":"be4c8eb72de94d459ea7ace7c811d119","status":"running","upgrade_step":"prechecking","upgrade_task":{"status":"running","message":"subject to actual return"}}"#);
}
