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

pub(crate) mod paging;
pub(crate) mod runtime;

pub(crate) use runtime::{Client, Error, ResponseValue};

use models::{
    CreateShapesItem, GetShapeQuery, GetShapeResponse, GetShapeResponseInlineKind, GetShapeResponseOwner,
    ListShapeMarksQuery, ListShapePartsQuery, ShapeKind, Tag,
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
fn pages_with_numbers_are_described_and_read() {
    let query =
        ListShapePartsQuery { ids: vec!["a".to_owned()], page_number: Some("3".to_owned()), page_size: Some(20) };
    let pages = Client::answering(Value::Null).list_shape_parts_pages("s-1", &query);
    // The number goes to the cursor and the size stays in the query.
    assert_eq!(
        pages.request(),
        r#"ListShapeParts ShapeId=s-1 query={"Ids":["a"],"Page-Size":20} joined=Ids from PageNumber=3 size=20"#
    );
    let meta = json!({"page_number": 3, "page_size": 20, "total_count": 41});
    let (place, parts) = pages.read(json!({"Result": {"PartList": {"Part": [{"key": "env"}]}, "meta": meta}}));
    assert_eq!(place, "page Some(3) size Some(20) total Some(41)");
    assert_eq!(parts, [Tag { key: Some("env".to_owned()), value: None }]);
    let (place, parts) = pages.read(json!({"Result": {}}));
    assert_eq!((place.as_str(), parts.len()), ("page None size None total None", 0));
}

#[test]
fn pages_with_tokens_are_described_and_read() {
    let query = ListShapeMarksQuery { max_results: Some(2), next_token: Some("t".to_owned()) };
    #[expect(deprecated, reason = "the deprecation mark is part of what is generated")]
    let pages = Client::answering(Value::Null).list_shape_marks_pages("s-1", "chalk", &query);
    assert_eq!(pages.request(), r#"ListShapeMarks ShapeId=s-1 type=chalk query={"maxResults":2} from next-token=t"#);
    let (place, marks) = pages.read(json!({"marks": ["a", "b"], "NextToken": "u"}));
    assert_eq!((place.as_str(), marks), ("token Some(\"u\")", vec!["a".to_owned(), "b".to_owned()]));
    let (place, marks) = pages.read(json!({}));
    assert_eq!((place.as_str(), marks.len()), ("token None", 0));
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
