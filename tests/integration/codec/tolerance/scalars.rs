//! Numbers, booleans, strings, options, enums.

use std::collections::BTreeMap;

use ack_codec::Format::{Json, Xml};
use ack_codec::{Decoder, decode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{reads, refuses};
use crate::codec::model::State;

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Field<T> {
    x: T,
}

/// A value `x` in a JSON object, and the same as XML text.
#[track_caller]
fn field<T: DeserializeOwned + std::fmt::Debug + PartialEq + Clone>(value: T, json: &[&str], xml: &[&str]) {
    let json: Vec<String> = json.iter().map(|text| format!("{{\"x\":{text}}}")).collect();
    let xml: Vec<String> = xml.iter().map(|text| format!("<x>{text}</x>")).collect();
    reads(Json, Field { x: value.clone() }, &json.iter().map(String::as_str).collect::<Vec<_>>());
    reads(Xml, Field { x: value }, &xml.iter().map(String::as_str).collect::<Vec<_>>());
}

#[track_caller]
fn no_field<T: DeserializeOwned + std::fmt::Debug>(json: &[&str], xml: &[&str]) {
    let json: Vec<String> = json.iter().map(|text| format!("{{\"x\":{text}}}")).collect();
    let xml: Vec<String> = xml.iter().map(|text| format!("<x>{text}</x>")).collect();
    refuses::<Field<T>>(Json, &json.iter().map(String::as_str).collect::<Vec<_>>());
    refuses::<Field<T>>(Xml, &xml.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn numbers_come_as_numbers_or_text() {
    field(6i64, &["6", "\"6\"", "6.0", "\" 6 \"", "0.6e1", "60e-1", "\"6.00\""], &["6", " 6 ", "6.0", "\n6\n", "06"]);
    field(600u16, &["6e2", "6E+2", "\"600\""], &["6e2", "<![CDATA[600]]>", "<!-- n -->6&#48;0"]);
    field(-3i8, &["-3", "\"-3\"", "-3.0"], &["-3"]);
    field(0u64, &["-0", "0.0"], &["-0"]);
    field(i64::MAX, &["9223372036854775807", "\"9223372036854775807\""], &["9223372036854775807"]);
    field(u64::MAX, &["18446744073709551615", "18446744073709551615.0"], &["18446744073709551615"]);
    field(i128::MIN, &["-170141183460469231731687303715884105728"], &["-170141183460469231731687303715884105728"]);
    field(0.39f64, &["0.39", "\"0.39\"", "39e-2"], &["0.39", " 0.39 "]);
    field(6.0f32, &["6", "\"6\""], &["6"]);
    no_field::<i64>(
        &["6.5", "\"six\"", "\"\"", "null", "true", "[6,7]", "{}", "{\"a\":6}", "9223372036854775808", "\"0x6\""],
        &["6.5", "six", "", "<a>6</a>", "9223372036854775808", "true"],
    );
    no_field::<u8>(&["256", "-1", "2.56e2"], &["256", "-1"]);
    no_field::<f64>(&["\"NaN\"", "\"inf\"", "1e999", "null"], &["NaN", "infinity", "1e999", ""]);
}

#[test]
fn booleans_come_as_words_or_digits() {
    field(true, &["true", "\"true\"", "\"True\"", "\"TRUE\"", "\"1\"", "1", "\" true \""], &["true", "True", " 1 "]);
    field(false, &["false", "\"false\"", "\"False\"", "\"FALSE\"", "\"0\"", "0"], &["false", "FALSE", "0"]);
    no_field::<bool>(&["\"yes\"", "2", "\"\"", "null", "[]", "1.0"], &["yes", "2", "", "<a/>"]);
}

#[test]
fn strings_take_the_text_of_scalars_as_it_is() {
    field("6.50".to_owned(), &["\"6.50\"", "6.50"], &["6.50"]);
    field("true".to_owned(), &["true", "\"true\""], &["true"]);
    field(" a\n".to_owned(), &["\" a\\n\""], &[" a\n", " a\r\n", " a\r", "<![CDATA[ a\n]]>", " a&#10;"]);
    field(
        "<a>&\"'\u{1F600}\u{4e2d}".to_owned(),
        &["\"<a>&\\\"'\\uD83D\\uDE00\u{4e2d}\""],
        &[
            "&lt;a&gt;&amp;&quot;&apos;&#x1F600;\u{4e2d}",
            "<![CDATA[<a>&\"']]>\u{1F600}<!-- between -->\u{4e2d}",
            "<![CDATA[<a>]]>&#38;<?pi?>\"'\u{1F600}\u{4e2d}",
        ],
    );
    field('x', &["\"x\""], &["x"]);
    no_field::<String>(&["null", "[]", "[\"a\"]", "{}"], &["<a/>", "<a>text</a>", "text<a/>"]);
    no_field::<char>(&["\"xy\"", "\"\""], &["xy", ""]);
}

#[test]
fn nothing_is_absent_for_all_options_but_strings() {
    field(None::<i64>, &["null", "\"\""], &["", "<!-- none -->"]);
    field(None::<bool>, &["null", "\"\""], &[""]);
    field(None::<State>, &["null", "\"\""], &[""]);
    field(None::<Vec<String>>, &["null", "\"\""], &[""]);
    field(None::<BTreeMap<String, String>>, &["null", "\"\""], &[""]);
    field(None::<Field<i64>>, &["null", "\"\""], &[""]);
    reads(Xml, Field { x: None::<bool> }, &["<x/>", "<x />", "<y:x/>", "<R><x a='1'/></R>"]);
    reads(Xml, Field { x: Some(String::new()) }, &["<x/>", "<x></x>", "<R><x/></R>"]);
    field(Some(String::new()), &["\"\""], &[""]);
    field(Some(json!("")), &["\"\""], &[""]);
    field(None::<String>, &["null"], &[]);
    field(Some(6u8), &["6", "\"6\""], &["6"]);
    field(Some(vec!["a".to_owned()]), &["[\"a\"]", "\"a\""], &["a"]);
    // Only a text that is really empty is absent.
    no_field::<Option<i64>>(&["\" \""], &[" "]);
}

#[test]
fn enums_are_trimmed_matched_without_case_and_open() {
    field(State::Running, &["\"running\"", "\"Running\"", "\" RUNNING \""], &["running", " Running\n"]);
    field(State::Unknown("Paused".to_owned()), &["\"Paused\""], &["Paused"]);
    field(State::Unknown("7".to_owned()), &["7", "\"7\""], &["7"]);
    field(State::Unknown("true".to_owned()), &["true"], &["true"]);
    no_field::<State>(&["null", "[]", "{}", "{\"running\":1}"], &["<running/>"]);
}

#[test]
fn closed_enums_take_unit_variants_only() {
    #[derive(Clone, Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Closed {
        On,
        With(i64),
    }
    field(Closed::On, &["\"on\"", "\" on\""], &["on"]);
    no_field::<Closed>(&["\"off\"", "\"On\"", "\"with\"", "{\"with\":1}"], &["off", "with", "<with>1</with>"]);
}

#[test]
fn unknown_fields_and_values_are_reported() {
    #[derive(Debug, Deserialize)]
    struct List {
        items: Vec<Field<State>>,
    }

    let json = br#"{"items":[{"x":"running","a":1},{"x":"odd","a":{"b":2}},{"x":"ODD"}],"extra":[1,2]}"#;
    let xml = b"<R><items><x>running</x><a>1</a></items><items><x>odd</x><a><b>2</b></a></items>\
        <items><x>ODD</x></items><extra>1</extra><extra>2</extra></R>";
    for (format, body) in [(Json, &json[..]), (Xml, &xml[..])] {
        let decoded = Decoder::new(format).decode::<List>(body).unwrap();
        assert_eq!(decoded.value.items.len(), 3);
        let drift = decoded.drift;
        assert!(!drift.is_empty());
        assert_eq!(drift.unknown_fields()[0], "items[].a");
        assert!(drift.unknown_fields()[1].starts_with("extra"));
        assert_eq!((drift.unknown_fields().len(), drift.unknown_field_count()), (2, 3));
        let values: Vec<_> = drift.unknown_values().iter().map(|odd| (&*odd.path, &*odd.value)).collect();
        assert_eq!(values, [("items[].x", "odd"), ("items[].x", "ODD")]);
        assert_eq!(drift.unknown_value_count(), 2);
    }
}

#[test]
fn drift_names_a_bounded_number_of_fields() {
    let fields: Vec<String> = (0..1000).map(|index| format!("\"f{index}\":{index}")).collect();
    let body = format!("{{\"x\":1,{}}}", fields.join(","));
    let drift = Decoder::new(Json).decode::<Field<i64>>(body.as_bytes()).unwrap().drift;
    assert_eq!((drift.unknown_fields().len(), drift.unknown_field_count()), (64, 1000));
}

#[test]
fn free_form_values_are_natural() {
    reads(
        Json,
        json!({"a": [1, -2, 0.5, "x", true, null, {}, []], "b": {"c": ""}}),
        &[
            r#"{"a":[1,-2,0.5,"x",true,null,{},[]],"b":{"c":""}}"#,
            "\u{feff} \r\n\t{ \"a\" : [ 1 , -2 , 5e-1 , \"\\u0078\" , true , null , { } , [ ] ] , \"b\" : { \"c\" : \"\" } } ",
        ],
    );
    reads(Json, json!(18446744073709551615u64), &["18446744073709551615"]);
    reads(Json, json!(1e20), &["100000000000000000000"]);
    reads(
        Xml,
        json!({"a": ["1", "2"], "b": {"c": "", "d": "x"}}),
        &["<a>1</a><b><c/><d>x</d></b><a>2</a>", "<AnyResponse><a>1</a><b><c></c><d>x</d></b><a>2</a></AnyResponse>"],
    );
    reads(Xml, json!("text"), &["text"]);
    reads(Xml, json!({"root": {"a": "1"}}), &["<root><a>1</a></root>"]);
    refuses::<Value>(Xml, &["<a>text<b/></a>"]);
}

#[test]
fn a_caller_that_wants_nothing_takes_anything() {
    for format in [Json, Xml] {
        for body in ["", " \n", "\u{feff}", "<a><b/>x</a>", "{}", "[1]", "null"] {
            if format == Xml || !body.contains('<') {
                decode::<()>(format, body.as_bytes()).unwrap();
                decode::<serde::de::IgnoredAny>(format, body.as_bytes()).unwrap();
            }
        }
        assert_eq!(decode::<Option<Field<i64>>>(format, b" ").unwrap(), None);
    }
    assert_eq!(decode::<Option<Field<i64>>>(Xml, b"<?xml version='1.0'?>").unwrap(), None);
    assert_eq!(decode::<Option<i64>>(Xml, b"<AResponse/>").unwrap(), None);
    assert_eq!(decode::<Option<i64>>(Xml, b"<AResponse>7</AResponse>").unwrap(), Some(7));
    field((), &["null", "\"\"", "{}"], &[""]);
    no_field::<()>(&["1", "[1]", "{\"a\":1}"], &["1", "<a/>"]);
}
