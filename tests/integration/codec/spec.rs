//! Values of every answer in the API, made up along the spec, through both formats.

use ack_client::{Format, decode_answer};
use ack_codec::{Root, encode};
use ack_models::catalogue::{Catalogue, Kind};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Choices in a row, which decide what a value is made of.
struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Choices<'_> {
    fn next(&mut self) -> usize {
        // An answer has more fields than there are choices; from the second round on they fall differently.
        let byte = self.bytes[self.at % self.bytes.len()].wrapping_add((self.at / self.bytes.len()) as u8);
        self.at += 1;
        usize::from(byte)
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.next() % texts.len()]
    }
}

const TEXTS: [&str; 12] = [
    "a",
    "1.32.1-aliyun.1",
    "中文 é",
    "<&>\"']]>",
    " padded ",
    "a\r\nb\tc",
    "true",
    "007",
    "-1.50",
    "{\"k\":1}",
    "<x/>",
    "&amp;",
];
const NAMES: [&str; 6] = ["k", "ack-node", "Zone.1", "_x", "0", "名"];
/// Deeper than any answer goes, so that only recursion is cut.
const DEEPEST: usize = 10;

/// A value of the kind, without anything empty: what is empty XML reads as absent.
fn make(kind: &Kind, choices: &mut Choices<'_>, depth: usize) -> Value {
    let catalogue = Catalogue::get();
    match kind {
        Kind::String | Kind::Any => json!(choices.of(&TEXTS)),
        Kind::Integer => json!([0, 1, -7, i32::MAX, 1_767_323_045][choices.next() % 5]),
        Kind::Number => json!([0.5, -2.0, 1e300, 3.25][choices.next() % 4]),
        Kind::Boolean => json!(choices.next().is_multiple_of(2)),
        // In free-form content, a list of one item cannot be told from the item.
        Kind::List(item) => (0..2 + choices.next() % 2).map(|_| make(item, choices, depth + 1)).collect(),
        Kind::Map(value) => {
            let names = (0..1 + choices.next() % 3).map(|_| choices.of(&NAMES).to_owned());
            let names: Vec<String> = names.collect();
            names.into_iter().map(|name| (name, make(value, choices, depth + 1))).collect::<Map<_, _>>().into()
        }
        Kind::Ref(name) => match &catalogue.schemas[name].values {
            Some(values) if !choices.next().is_multiple_of(4) => json!(values[choices.next() % values.len()]),
            Some(_) => json!("SomethingNew"),
            None => {
                let mut fields = Map::new();
                for (name, field) in &catalogue.schemas[name].fields {
                    if depth < DEEPEST && !choices.next().is_multiple_of(4) {
                        fields.insert(name.clone(), make(&field.kind, choices, depth + 1));
                    }
                }
                Value::Object(fields)
            }
        },
        _ => unreachable!("the catalogue has a new kind: make values of it here"),
    }
}

/// Without objects that lost all their fields by chance.
fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, without_empty(value)))
            .filter(|(_, value)| *value != json!({}) && *value != json!([]))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(without_empty).filter(|item| *item != json!({})).collect(),
        other => other,
    }
}

fn read(operation: &str, format: Format, body: &[u8]) -> Value {
    let decoded = decode_answer(operation, format, body);
    let decoded = decoded.unwrap_or_else(|error| panic!("{operation}: {error} in {}", String::from_utf8_lossy(body)));
    assert_eq!(decoded.drift.unknown_field_count(), 0, "{operation}: {:?}", decoded.drift);
    decoded.value
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(8) })]

    #[test]
    fn every_answer_is_the_same_in_both_formats_and_all_roots(bytes in prop::collection::vec(any::<u8>(), 16..64)) {
        let mut answers = 0;
        for (operation, entry) in &Catalogue::get().operations {
            let Some(kind) = &entry.answer else { continue };
            let made = without_empty(make(kind, &mut Choices { bytes: &bytes, at: operation.len() }, 0));
            let json = read(operation, Format::Json, made.to_string().as_bytes());
            prop_assert_eq!(&json, &made, "{}", operation);
            if made == json!({}) || made == json!([]) {
                continue;
            }
            answers += 1;
            let root = format!("{operation}Response");
            for root in [Root::Named(&root), Root::Fragment] {
                let body = encode(Format::Xml, root, &made).unwrap();
                // Bare text is no XML.
                if root == Root::Fragment && made.is_string() {
                    continue;
                }
                prop_assert_eq!(&read(operation, Format::Xml, &body), &made, "{} {:?}", operation, root);
            }
        }
        prop_assert!(answers > 80, "{answers} answers only");
    }
}
