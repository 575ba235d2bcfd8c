//! Properties that hold for any input.

use std::collections::BTreeMap;

use ack_codec::{Format, Root, decode, encode};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::codec::model::{Cluster, State, Tag, UpgradeTask};

/// Reads the body as every sort of type; the results do not matter.
fn read_as_everything(format: Format, body: &[u8]) {
    drop(decode::<Value>(format, body));
    drop(decode::<Cluster>(format, body));
    drop(decode::<Vec<Tag>>(format, body));
    drop(decode::<Vec<String>>(format, body));
    drop(decode::<BTreeMap<String, State>>(format, body));
    drop(decode::<Option<i64>>(format, body));
    drop(decode::<(String, u8)>(format, body));
    drop(decode::<IgnoredAny>(format, body));
    let detected = Format::detect(None, body);
    assert!(detected.is_none() || Format::detect(Some(format.media_type()), body).is_some());
}

/// Text made of pieces that mean something in a format, so that reading gets beyond the first byte.
fn soup(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"name\":",
    "\"tags\":",
    "\"checks\":",
    "\"a\"",
    "\"\"",
    "\\",
    "\\u",
    "\\ud83d",
    "00e9",
    "1",
    "-",
    "0",
    ".5",
    "e9",
    "true",
    "null",
    " ",
    "\n",
    "\u{4e2d}",
    "\u{1}",
];

const XML: &[&str] = &[
    "<",
    ">",
    "/>",
    "</",
    "<tags>",
    "</tags>",
    "<tag>",
    "</tag>",
    "<key>",
    "</key>",
    "<key/>",
    "<0>",
    "</0>",
    "<checks>",
    "</checks>",
    "<AResponse>",
    "</AResponse>",
    "<meta>",
    "</meta>",
    "&amp;",
    "&#65;",
    "&",
    ";",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?x ?>",
    "\r",
    "\n",
    " ",
    "a",
    "1",
    "\u{4e2d}",
    "\"",
    "'",
    "=",
    ":",
];

/// Any JSON value of moderate size.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~\\n\\t\"\\\\]{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..8).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Whether two values are the same, but for the last digits of a float: without its `float_roundtrip` feature,
/// `serde_json` reads floats fast rather than exactly.
fn alike(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => {
            ours == theirs || {
                let (Some(ours), Some(theirs)) = (ours.as_f64(), theirs.as_f64()) else { return false };
                (ours - theirs).abs() <= ours.abs() * 4.0 * f64::EPSILON + f64::MIN_POSITIVE
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| alike(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let same = |(key, ours)| theirs.get(key).is_some_and(|theirs| alike(ours, theirs));
            ours.len() == theirs.len() && ours.iter().all(same)
        }
        _ => ours == theirs,
    }
}

/// Both readers accept the body and read the same, or both refuse it.
///
/// Intended differences do not come up here: we read a byte order mark, and one more level of nesting.
fn agrees_with_serde_json(body: &[u8]) -> Result<(), TestCaseError> {
    let ours = decode::<Value>(Format::Json, body);
    let theirs = serde_json::from_slice::<Value>(body);
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => prop_assert!(alike(ours, theirs), "{ours} {theirs}"),
        (Err(ours), Err(theirs)) => {
            // We look for bytes that are not UTF-8 before anything else, and at what is there of a short `\\u` escape.
            let cut_off = ours.is_eof() || ours.is_empty_body();
            let as_cut_off = !cut_off || theirs.is_eof() || std::str::from_utf8(body).is_err();
            prop_assert!(as_cut_off, "{} {}", ours, theirs);
        }
        _ => prop_assert!(false, "{:?} {:?}", ours, theirs),
    }
    Ok(())
}

/// Any text that XML 1.0 can carry, with plenty of what is special to it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>().prop_map(|text| {
            let illegal =
                |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}');
            text.replace(illegal, "?")
        }),
        "[ \\n\\r\\t<>&;\"'\\]a#x]{0,12}",
    ]
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_.-]{1,8}"
}

fn state() -> impl Strategy<Value = State> {
    prop_oneof![
        Just(State::Running),
        Just(State::Success),
        Just(State::Fail),
        "x[A-Za-z ]{0,8}y".prop_map(State::Unknown),
    ]
}

fn task() -> impl Strategy<Value = UpgradeTask> {
    // XML cannot tell a struct without any field from an absent one.
    (prop::option::of(state()), text()).prop_map(|(status, message)| UpgradeTask { status, message: Some(message) })
}

fn tag() -> impl Strategy<Value = Tag> {
    (text(), text()).prop_map(|(key, value)| Tag { key, value })
}

/// A list of texts. XML cannot tell a list of one empty text from an empty list.
fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(text(), 0..5).prop_filter("one empty text", |texts| texts.len() != 1 || !texts[0].is_empty())
}

fn cluster() -> impl Strategy<Value = Cluster> {
    let scalars = (
        prop::option::of(text()),
        prop::option::of(any::<i64>()),
        prop::option::of(prop::num::f64::NORMAL | prop::num::f64::ZERO),
        prop::option::of(any::<bool>()),
        prop::option::of(state()),
        prop::option::of(task()),
    );
    let lists = (
        vec(tag(), 0..4),
        texts(),
        vec(state(), 0..4),
        vec(any::<u32>(), 0..4),
        prop::option::of(texts().prop_filter("an empty list", |texts| !texts.is_empty())),
    );
    let maps = (btree_map(name(), text(), 0..5), btree_map(name(), vec(tag(), 1..4), 0..4));
    (scalars, lists, maps).prop_map(|(scalars, lists, maps)| {
        let (name, size, price, protected, state, task) = scalars;
        let (tags, vswitch_ids, states, counts, zones) = lists;
        let (meta, checks) = maps;
        Cluster { name, size, price, protected, state, task, tags, vswitch_ids, states, counts, zones, meta, checks }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(body in vec(any::<u8>(), 0..200)) {
        read_as_everything(Format::Json, &body);
        read_as_everything(Format::Xml, &body);
    }

    #[test]
    fn any_json_pieces_are_read_or_refused(body in soup(JSON)) {
        read_as_everything(Format::Json, body.as_bytes());
        agrees_with_serde_json(body.as_bytes())?;
    }

    #[test]
    fn any_xml_pieces_are_read_or_refused(body in soup(XML)) {
        read_as_everything(Format::Xml, body.as_bytes());
    }

    #[test]
    fn any_json_value_reads_as_serde_json_reads_it(value in any_value()) {
        let compact = serde_json::to_vec(&value).unwrap();
        prop_assert_eq!(&decode::<Value>(Format::Json, &compact).unwrap(), &value);
        let pretty = serde_json::to_vec_pretty(&value).unwrap();
        prop_assert_eq!(&decode::<Value>(Format::Json, &pretty).unwrap(), &value);
        agrees_with_serde_json(&compact)?;
    }

    #[test]
    fn damaged_json_is_refused_when_serde_json_refuses_it(
        value in any_value(),
        at in any::<prop::sample::Index>(),
        byte in prop_oneof![any::<u8>(), prop::sample::select(&b"{}[],:\"\\0129.-+eEtfnu \n"[..])],
        cut in any::<bool>(),
    ) {
        let mut body = serde_json::to_vec_pretty(&value).unwrap();
        let at = at.index(body.len());
        if cut {
            body.truncate(at);
        } else {
            body[at] = byte;
        }
        prop_assume!(!body.starts_with(b"\xEF\xBB\xBF"));
        agrees_with_serde_json(&body)?;
    }

    #[test]
    fn numbers_and_strings_are_judged_as_serde_json_does(body in "-?[0-9]{0,3}[.]?[0-9]{0,2}[eE]?[+-]?[0-9]{0,3}|\"(\\\\(u[0-9a-fA-F]{3,4}|uD[89a-f][0-9]{2}|[\"\\\\/bfnrtx])){0,4}\"") {
        agrees_with_serde_json(body.as_bytes())?;
    }

    #[test]
    fn json_round_trips(value in cluster()) {
        let body = encode(Format::Json, Root::Fragment, &value).unwrap();
        prop_assert_eq!(decode::<Cluster>(Format::Json, &body).unwrap(), value);
    }

    #[test]
    fn xml_round_trips(value in cluster()) {
        let body = encode(Format::Xml, Root::Named("DescribeClusterResponse"), &value).unwrap();
        prop_assert_eq!(&decode::<Cluster>(Format::Xml, &body).unwrap(), &value);
        let body = encode(Format::Xml, Root::Fragment, &value).unwrap();
        if value != Cluster::default() {
            prop_assert_eq!(decode::<Cluster>(Format::Xml, &body).unwrap(), value);
        }
    }

    #[test]
    fn top_level_xml_lists_and_maps_round_trip(list in vec(tag(), 0..5), map in btree_map(name(), any::<i32>(), 0..5)) {
        let root = Root::Named("AnyResponse");
        let body = encode(Format::Xml, root, &list).unwrap();
        prop_assert_eq!(decode::<Vec<Tag>>(Format::Xml, &body).unwrap(), list);
        let body = encode(Format::Xml, root, &map).unwrap();
        prop_assert_eq!(decode::<BTreeMap<String, i32>>(Format::Xml, &body).unwrap(), map);
    }

    #[test]
    fn errors_are_short_however_long_the_body(body in "[a-z]{1000,2000}", depth in 0usize..100) {
        let body = format!("{}\"{body}\"{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
        if let Err(error) = decode::<BTreeMap<String, Vec<i64>>>(Format::Json, body.as_bytes()) {
            prop_assert!(error.to_string().len() < 600, "{error}");
        }
    }
}
