//! The generator's expected output for `tests/golden/spec`, compiled and used.
//!
//! `cargo xtask codegen --golden --check` proves that the generator still makes exactly these files.

use serde_json::{Value, json};

#[rustfmt::skip]
#[allow(dead_code, unreachable_pub, reason = "generated; not every item is used here")]
#[path = "../golden/expected/models/mod.rs"]
pub(crate) mod models;

#[rustfmt::skip]
#[allow(dead_code, unreachable_pub, reason = "generated; not every item is used here")]
#[path = "../golden/expected/client/mod.rs"]
mod client;

pub(crate) mod runtime;

pub(crate) use runtime::{Client, Error, ResponseValue};

use models::{
    CreateShapesItem, GetShapeQuery, GetShapeResponse, GetShapeResponseInlineKind, GetShapeResponseOwner, ShapeKind,
    Tag,
};

#[tokio::test]
async fn parameters_query_and_bodies_reach_the_runtime() {
    let client = Client::answering(json!({"kind": "square"}));
    let query = GetShapeQuery { page_size: Some(2), type_: Some(ShapeKind::Round), ..Default::default() };
    let shape = client.get_shape("s-1", &query).await.unwrap();
    assert_eq!(shape.kind, Some(ShapeKind::Square));
    assert_eq!(client.sent(), "GetShape ShapeId=s-1 query={\"page_size\":2,\"type\":\"round\"} joined=Ids");

    let client = Client::answering(json!({"a": {"key": "env"}}));
    let items = [CreateShapesItem { name: "a".to_owned(), tags: Some(Vec::new()), ..Default::default() }];
    let made = client.create_shapes(&items).await.unwrap();
    assert_eq!(made["a"].key.as_deref(), Some("env"));
    assert_eq!(client.sent(), r#"CreateShapes json=[{"name":"a","parts":[],"tags":[]}]"#);

    let client = Client::answering(json!("back"));
    assert_eq!(*client.attach_text("s-1", "left", "there").await.unwrap(), "back");
    assert_eq!(client.sent(), "AttachText ShapeId=s-1 SIDE=left text=there");

    let client = Client::answering(json!([{"key": "env"}]));
    assert_eq!(client.list_shapes().await.unwrap().len(), 1);
    assert_eq!(client.sent(), "ListShapes");
}

#[tokio::test]
async fn an_operation_without_an_answer_gives_a_unit() {
    let client = Client::answering(Value::Null);
    #[expect(deprecated, reason = "the deprecation mark is part of what is generated")]
    let gone: ResponseValue<()> = client.delete_shape("s-1").await.unwrap();
    assert_eq!(*gone, ());
}

#[test]
fn enums_are_open_and_ignore_case() {
    let kinds: Vec<ShapeKind> = serde_json::from_value(json!(["ROUND", "square", "", "2d", "*", "oval"])).unwrap();
    let unknown = ShapeKind::Unknown("oval".to_owned());
    assert_eq!(kinds, [ShapeKind::Round, ShapeKind::Square, ShapeKind::Empty, ShapeKind::V2d, ShapeKind::Any, unknown]);
    // Known values are written in their documented spelling, unknown ones as they came.
    assert_eq!(serde_json::to_value(&kinds).unwrap(), json!(["round", "Square", "", "2d", "*", "oval"]));
    assert_eq!(GetShapeResponseInlineKind::VALUES, ["a", "b"]);
}

#[test]
fn every_awkward_field_round_trips() {
    let answer = json!({
        "requestId": "r", "kind": "flat-ish", "inline_kind": "B", "type": "t", "size": 9_007_199_254_740_993_i64,
        "ratio": 1.5, "visible": false, "tags": [{"key": "k", "value": "v"}], "names": ["a"], "labels": {"x": "y"},
        "extra": {"any": [1, null]}, "owner": {"user_id": "1234"}, "parts": [{"weight": 0.5}],
    });
    let shape: GetShapeResponse = serde_json::from_value(answer.clone()).unwrap();
    let mut back = serde_json::to_value(&shape).unwrap();
    assert_eq!(back["inline_kind"].take(), json!("b"));
    back["inline_kind"] = answer["inline_kind"].clone();
    assert_eq!(back, answer);
}

#[test]
fn secrets_do_not_show() {
    let owner = GetShapeResponseOwner { user_id: Some("1234".to_owned()), token: Some("sesame".to_owned()) };
    let shown = format!("{owner:?}");
    assert_eq!(shown, r#"GetShapeResponseOwner { token: "[redacted]", user_id: Some("1234") }"#);
}

#[test]
fn a_nullable_list_tells_absent_from_empty() {
    let absent = Tag::default();
    assert_eq!(serde_json::to_value(&absent).unwrap(), json!({}));
    let shape: GetShapeResponse = serde_json::from_value(json!({"tags": null})).unwrap();
    assert_eq!(shape.tags, None);
    let shape: GetShapeResponse = serde_json::from_value(json!({"tags": []})).unwrap();
    assert_eq!(serde_json::to_value(&shape).unwrap(), json!({"tags": []}));
}
