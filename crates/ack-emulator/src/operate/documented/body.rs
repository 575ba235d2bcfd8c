//! The body of a request.

use ack_models::catalogue::{Catalogue, Kind};
use serde_json::{Map, Value};

use super::fields::{Place, Shapes};
use crate::refusal::Refusal;

/// Checks a body against its kind. None at all counts as one without fields. An operation that takes no body ignores
/// one.
pub(super) fn check(
    catalogue: &Catalogue,
    operation_id: &str,
    kind: Option<&Kind>,
    is_json: bool,
    body: &[u8],
) -> Result<(), Refusal> {
    let place = Place::top("body");
    let Some(kind) = kind else {
        if !body.is_empty() {
            tracing::debug!(operation_id, "ignored a body, for the operation takes none");
        }
        return Ok(());
    };
    let value = if body.is_empty() {
        Value::Null
    } else if is_json {
        serde_json::from_slice(body).map_err(|error| Refusal::unreadable_body(&error))?
    } else {
        return Err(Refusal::unsupported_media_type());
    };
    let has_fields = match kind {
        Kind::Ref(name) => catalogue.schemas.get(name).is_some_and(|schema| schema.values.is_none()),
        Kind::Map(_) => true,
        _ => false,
    };
    match value {
        Value::Null if has_fields => Shapes::of(catalogue).check(&place, kind, &Value::Object(Map::new())),
        Value::Null => Err(Refusal::missing_field(&place.to_string(), operation_id)),
        value => Shapes::of(catalogue).check(&place, kind, &value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A body like that of CreateCluster in small.
    fn catalogue() -> Catalogue {
        let order = json!({"fields": {
            "name": {"kind": "string", "required": true},
            "size": {"kind": "integer"},
            "ratio": {"kind": "number"},
            "spot": {"kind": "boolean"},
            "key": {"kind": "integer", "sensitive": true},
            "edition": {"kind": {"ref": "Edition"}},
            "labels": {"kind": {"map": "string"}},
            "pools": {"kind": {"list": {"ref": "Pool"}}},
            "extra": {"kind": "any"},
        }});
        let edition = json!({"values": ["basic", "pro"]});
        let pool = json!({"fields": {"id": {"kind": "string", "required": true}, "count": {"kind": "integer"}}});
        let schemas = json!({"Order": order, "Edition": edition, "Pool": pool});
        serde_json::from_value(json!({"operations": {}, "schemas": schemas})).unwrap()
    }

    fn outcome(kind: &Kind, body: &str) -> String {
        match check(&catalogue(), "CreateOrder", Some(kind), true, body.as_bytes()) {
            Ok(()) => "accepted".to_owned(),
            Err(refusal) => format!("{} {}: {}", refusal.status.as_u16(), refusal.code, refusal.message),
        }
    }

    fn order(body: &str) -> String {
        outcome(&Kind::Ref("Order".to_owned()), body)
    }

    #[test]
    fn what_official_clients_send_is_accepted() {
        for body in [
            r#"{"name":"a"}"#,
            r#"{"name":"a","size":3,"ratio":0.5,"spot":false,"edition":"pro","labels":{"a/b":"c"},"extra":[1,{}]}"#,
            r#"{"name":"a","size":" 3 ","ratio":"0.5","pools":[{"id":"1","count":"2"}],"edition":"undocumented"}"#,
            r#"{"name":"","size":null,"labels":null,"pools":[],"unknown":{"deep":1}}"#,
            r#"{"name":"a","labels":{"gone":null}}"#,
        ] {
            assert_eq!(order(body), "accepted", "{body}");
        }
        let list = Kind::List(Box::new(Kind::Ref("Pool".to_owned())));
        assert_eq!(outcome(&list, "[]"), "accepted");
        assert_eq!(outcome(&Kind::Map(Box::new(Kind::Any)), ""), "accepted");
        assert_eq!(outcome(&Kind::Any, "7"), "accepted");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let list = Kind::List(Box::new(Kind::Ref("Pool".to_owned())));
        let rows = [
            order(""),
            order("{}"),
            order("null"),
            order("[]"),
            order(r#"{"name":null}"#),
            order(r#"{"name":1}"#),
            order(r#"{"name":"a","size":"three"}"#),
            order(r#"{"name":"a","size":1.5}"#),
            order(r#"{"name":"a","ratio":"inf"}"#),
            order(r#"{"name":"a","spot":"yes"}"#),
            order(r#"{"name":"a","key":"hunter2"}"#),
            order(r#"{"name":"a","edition":1}"#),
            order(r#"{"name":"a","labels":{"a":"b","c":true}}"#),
            order(r#"{"name":"a","pools":[{"id":"1"},{"count":1}]}"#),
            order(r#"{"name":"a","pools":[{"id":"1","count":{}}]}"#),
            order(r#"{"name":"a","pools":{}}"#),
            order(r#"{"name":"#),
            outcome(&list, ""),
            outcome(&list, r#"["a"]"#),
        ];
        insta::assert_snapshot!(rows.join("\n"), @r#"
        400 MissingParameter: The parameter body.name is missing; Order needs it.
        400 MissingParameter: The parameter body.name is missing; Order needs it.
        400 MissingParameter: The parameter body.name is missing; Order needs it.
        400 InvalidParameter: The parameter body is a list; send an object.
        400 MissingParameter: The parameter body.name is missing; Order needs it.
        400 InvalidParameter: The parameter body.name is the number 1; send a string.
        400 InvalidParameter: The parameter body.size is the string "three"; send a whole number.
        400 InvalidParameter: The parameter body.size is the number 1.5; send a whole number.
        400 InvalidParameter: The parameter body.ratio is the string "inf"; send a number.
        400 InvalidParameter: The parameter body.spot is the string "yes"; send true or false.
        400 InvalidParameter: The parameter body.key is a string; send a whole number.
        400 InvalidParameter: The parameter body.edition is the number 1; send one of basic, pro.
        400 InvalidParameter: The parameter body.labels.c is a boolean; send a string.
        400 MissingParameter: The parameter body.pools[1].id is missing; Pool needs it.
        400 InvalidParameter: The parameter body.pools[0].count is an object; send a whole number.
        400 InvalidParameter: The parameter body.pools is an object; send a list.
        400 ErrorJsonDecode: The request body cannot be read: EOF while parsing a value at line 1 column 8.
        400 MissingParameter: The parameter body is missing; CreateOrder needs it.
        400 InvalidParameter: The parameter body[0] is the string "a"; send an object.
        "#);
    }

    #[test]
    fn a_refusal_stays_small_however_long_the_path() {
        let key = "k".repeat(100_000);
        let body = json!({"name": "a", "labels": {key: 1}}).to_string();
        assert!(order(&body).len() < 400);
    }
}
