//! What is written, and what cannot be.

use std::collections::BTreeMap;

use ack_codec::{Error, Format, Root, decode, encode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::codec::model::{Cluster, State, Tag, UpgradeTask};

fn xml<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    encode(Format::Xml, Root::Fragment, value).map(|bytes| String::from_utf8(bytes).unwrap())
}

fn full() -> Cluster {
    let tag = |key: &str| Tag { key: key.to_owned(), value: " <&>\r\n\" ".to_owned() };
    Cluster {
        name: Some(String::new()),
        size: Some(-6),
        price: Some(0.39),
        protected: Some(false),
        state: Some(State::Unknown("Paused".to_owned())),
        task: Some(UpgradeTask { status: Some(State::Success), message: None }),
        tags: vec![tag("a"), tag("b")],
        vswitch_ids: vec!["vsw-1".to_owned()],
        states: vec![State::Running, State::Fail],
        counts: vec![],
        zones: None,
        meta: BTreeMap::from([("-".to_owned(), "x".to_owned()), ("0".to_owned(), String::new())]),
        checks: BTreeMap::from([("cni".to_owned(), vec![tag("c")])]),
    }
}

#[test]
fn structs_become_elements() {
    insta::assert_snapshot!(xml(&full()).unwrap(), @r#"
    <name></name><size>-6</size><price>0.39</price><protected>false</protected><state>Paused</state><task><status>success</status></task><tags><key>a</key><value> &lt;&amp;&gt;&#13;
    " </value></tags><tags><key>b</key><value> &lt;&amp;&gt;&#13;
    " </value></tags><vswitch_ids>vsw-1</vswitch_ids><states>running</states><states>fail</states><meta><->x</-><0></0></meta><checks><cni><key>c</key><value> &lt;&amp;&gt;&#13;
    " </value></cni></checks>
    "#);
    assert_eq!(decode::<Cluster>(Format::Xml, xml(&full()).unwrap().as_bytes()).unwrap(), full());
}

#[test]
fn the_top_may_be_anything() {
    let rooted =
        |value: Value| String::from_utf8(encode(Format::Xml, Root::Named("XResponse"), &value).unwrap()).unwrap();
    let declaration = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    for (value, fragment) in [
        (json!([{"a": 1}, "x", null]), "<0><a>1</a></0><1>x</1><2/>"),
        (json!({"a": [1, 2], "b": null, "c": {}}), "<a>1</a><a>2</a><b/><c></c>"),
        (json!("a<b"), "a&lt;b"),
        (json!(2.0), "2.0"),
        (json!(null), ""),
        (json!([]), ""),
    ] {
        assert_eq!(xml(&value).unwrap(), fragment);
        assert_eq!(rooted(value), format!("{declaration}<XResponse>{fragment}</XResponse>"));
    }
    assert_eq!(xml(&Some(())).unwrap(), "");
}

#[test]
fn what_xml_cannot_carry_is_refused() {
    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Variant {
        With(u8),
        Named { a: u8 },
        Pair(u8, u8),
    }
    let errors = [
        xml(&json!({"a": [[1]]})),
        xml(&json!({"a": {"b": ["ok", {"kubernetes.io/role": "x"}]}})),
        xml(&json!({"a b": 1})),
        xml(&json!({"": 1})),
        xml(&json!({"x:y": 1})),
        xml(&json!({"!x": 1})),
        xml(&json!({"a": {"b": "bell \u{7}"}})),
        xml(&BTreeMap::from([(1, f64::NAN)])),
        xml(&BTreeMap::from([((1, 2), 3)])),
        xml(&BTreeMap::from([(true, Variant::With(1))])),
        xml(&[Variant::Named { a: 1 }]),
        xml(&Variant::Pair(1, 2)),
        encode(Format::Xml, Root::Named("a b"), &1).map(|_| String::new()),
        encode(Format::Json, Root::Fragment, &BTreeMap::from([((1, 2), 3)])).map(|_| String::new()),
    ];
    let mut text = String::new();
    for error in errors {
        let error = error.unwrap_err();
        assert!(error.is_encode() && error.offset().is_none());
        text += &format!("{error}\n");
    }
    insta::assert_snapshot!(text, @r#"
    a[0]: expected a list of single values, found a list in a list, while writing XML
    a.b[1]["kubernetes.io/role"]: expected a name that an XML element can have, found "kubernetes.io/role", while writing XML
    ["a b"]: expected a name that an XML element can have, found "a b", while writing XML
    [""]: expected a name that an XML element can have, found "", while writing XML
    ["x:y"]: expected a name that an XML element can have, found "x:y", while writing XML
    ["!x"]: expected a name that an XML element can have, found "!x", while writing XML
    a.b: expected text that XML 1.0 can carry, found the character U+0007, while writing XML
    1: expected a finite number, found NaN, while writing XML
    the document: expected a map key that is a string, a number or a boolean, found another type, while writing XML
    true: expected a variant without content, found the variant `with`, while writing XML
    [0]: expected a variant without content, found the variant `named`, while writing XML
    the document: expected a variant without content, found the variant `pair`, while writing XML
    the document: expected a name that an XML element can have, found "a b", while writing XML
    the document: key must be a string, while writing JSON
    "#);
}

#[test]
fn encoding_is_not_deeper_than_decoding() {
    let mut value = json!("x");
    for _ in 0..128 {
        value = json!({ "a": value });
    }
    let body = xml(&value).unwrap();
    assert_eq!(decode::<Value>(Format::Xml, body.as_bytes()).unwrap(), value);
    let error = xml(&json!({ "a": value })).unwrap_err();
    assert_eq!((error.expected(), error.found()), (Some("at most 128 nested elements"), Some("one more")));
}
