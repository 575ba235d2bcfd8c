//! Large bodies of unlucky shapes. With any step that looks at all earlier siblings these take minutes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ack_codec::{Decoder, Format, decode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::codec::model::Tag;

const MANY: usize = 20_000;

#[test]
fn many_distinct_keys() {
    let (mut json, mut xml) = (String::from("{"), String::new());
    for index in 0..MANY {
        write!(json, "{}\"key-{index}\":{index}", if index == 0 { "" } else { "," }).unwrap();
        write!(xml, "<key-{index}>{index}</key-{index}>").unwrap();
    }
    json.push('}');
    for (format, body) in [(Format::Json, &json), (Format::Xml, &xml)] {
        let map = decode::<BTreeMap<String, usize>>(format, body.as_bytes()).unwrap();
        assert_eq!((map.len(), map["key-19999"]), (MANY, MANY - 1));
        assert_eq!(decode::<Value>(format, body.as_bytes()).unwrap().as_object().unwrap().len(), MANY);
        decode::<IgnoredAny>(format, body.as_bytes()).unwrap();
    }
}

#[test]
fn interleaved_lists_keep_their_order() {
    #[derive(Deserialize)]
    struct Lists {
        a: Vec<usize>,
        b: Vec<Tag>,
        #[serde(flatten)]
        rest: BTreeMap<String, Vec<String>>,
    }
    let mut body = String::new();
    for index in 0..MANY {
        write!(body, "<a>{index}</a><b><key>{index}</key></b><c{0}>{index}</c{0}>", index % 100).unwrap();
    }
    let lists: Lists = decode(Format::Xml, format!("<ListResponse>{body}</ListResponse>").as_bytes()).unwrap();
    assert!(lists.a.iter().copied().eq(0..MANY));
    assert!(lists.b.iter().enumerate().all(|(index, tag)| tag.key == index.to_string()));
    assert_eq!((lists.rest.len(), lists.rest["c7"].len(), lists.rest["c7"][1].as_str()), (100, MANY / 100, "107"));
}

#[test]
fn unknown_fields_everywhere() {
    let (mut json, mut xml) = (String::from("["), String::from("<ListResponse>"));
    for index in 0..MANY {
        let comma = if index == 0 { "" } else { "," };
        write!(json, "{comma}{{\"key\":\"k\",\"u{0}\":1,\"v\":{{}}}}", index % 50).unwrap();
        write!(xml, "<tags><key>k</key><u{0}>1</u{0}><v/></tags>", index % 50).unwrap();
    }
    json.push(']');
    xml.push_str("</ListResponse>");
    for (format, body) in [(Format::Json, &json), (Format::Xml, &xml)] {
        let decoded = Decoder::new(format).decode::<Vec<Tag>>(body.as_bytes()).unwrap();
        assert_eq!(decoded.value.len(), MANY);
        assert_eq!(decoded.drift.unknown_field_count(), 2 * MANY);
        assert_eq!(decoded.drift.unknown_fields().len(), 51);
    }
}

#[test]
fn deep_and_wide_errors_are_found_quickly() {
    let mut body = "<a>1</a>".repeat(MANY);
    body.push_str("<a>x</a>");
    let error = decode::<BTreeMap<String, Vec<u8>>>(Format::Xml, body.as_bytes()).unwrap_err();
    assert_eq!(error.path(), "a[20000]");
}
