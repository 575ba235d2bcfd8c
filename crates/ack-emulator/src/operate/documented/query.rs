//! The query of a request: texts on the wire, read by the kinds that the catalogue declares.

use std::collections::BTreeMap;

use ack_models::catalogue::{Catalogue, Kind};
use serde_json::Value;

use super::fields::{Place, Shapes, required};
use crate::operate::paging::Query;
use crate::refusal::Refusal;

/// The one parameter whose list travels joined by commas, as official clients of CleanUserPermissions send it; all other
/// lists and objects travel as JSON text.
const COMMA_JOINED: (&str, &str) = ("CleanUserPermissions", "ClusterIds");

/// Checks a query. Unknown parameters are ignored, and an empty one counts as absent.
pub(super) fn check(
    catalogue: &Catalogue,
    operation_id: &str,
    kind: Option<&Kind>,
    query: &str,
) -> Result<(), Refusal> {
    let schema = kind.and_then(|kind| match kind {
        Kind::Ref(name) => catalogue.schemas.get(name),
        _ => None,
    });
    let no_fields = BTreeMap::new();
    let fields = schema.map_or(&no_fields, |schema| &schema.fields);
    let query = Query::parse(query);
    for name in query.names().filter(|name| !fields.contains_key(*name)) {
        tracing::debug!(operation_id, name, "ignored an unknown query parameter");
    }
    let top = Place::top("query");
    for (name, entry) in fields {
        let Some(text) = query.get(name) else { continue };
        let place = top.field(name, entry);
        let value = if COMMA_JOINED == (operation_id, name) && !text.starts_with('[') {
            text.split(',').map(Value::from).collect()
        } else {
            decoded(catalogue, &place, &entry.kind, text)?
        };
        Shapes::of(catalogue).check(&place, &entry.kind, &value)?;
    }
    required(&top, operation_id, fields, |name| query.get(name).is_some())
}

/// The value that a text stands for. One that stands for none of the kind is left to the check as it is.
fn decoded(catalogue: &Catalogue, place: &Place<'_>, kind: &Kind, text: &str) -> Result<Value, Refusal> {
    let is_structure = match kind {
        Kind::List(_) | Kind::Map(_) => true,
        Kind::Ref(name) => catalogue.schemas.get(name).is_some_and(|schema| schema.values.is_none()),
        _ => false,
    };
    if is_structure {
        return serde_json::from_str(text).map_err(|_| {
            let expected = if matches!(kind, Kind::List(_)) { "a list as JSON text" } else { "an object as JSON text" };
            place.mistyped(expected, &Value::from(text))
        });
    }
    Ok(match (kind, text) {
        // The official client for Python prints its own booleans.
        (Kind::Boolean, "true" | "True") => Value::Bool(true),
        (Kind::Boolean, "false" | "False") => Value::Bool(false),
        _ => Value::from(text),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outcome(operation_id: &str, query: &str) -> String {
        let entry = json!({"fields": {
            "name": {"kind": "string"},
            "size": {"kind": "integer"},
            "ratio": {"kind": "number"},
            "force": {"kind": "boolean"},
            "type": {"kind": {"ref": "ClusterType"}},
            "ids": {"kind": {"list": "string"}, "required": true},
            "tags": {"kind": {"list": {"ref": "Tag"}}},
            "ClusterIds": {"kind": {"list": "string"}},
            "options": {"kind": {"map": "any"}},
        }});
        let schemas = json!({
            "TryQuery": entry,
            "ClusterType": {"values": ["Kubernetes"]},
            "Tag": {"fields": {"key": {"kind": "string"}, "value": {"kind": "string"}}},
        });
        let catalogue = serde_json::from_value(json!({"operations": {}, "schemas": schemas})).unwrap();
        match check(&catalogue, operation_id, Some(&Kind::Ref("TryQuery".to_owned())), query) {
            Ok(()) => "accepted".to_owned(),
            Err(refusal) => format!("{} {}: {}", refusal.status.as_u16(), refusal.code, refusal.message),
        }
    }

    #[test]
    fn texts_are_read_by_the_declared_kind() {
        for query in [
            "name=5&size=5&ratio=0.5&force=true&type=Kubernetes",
            "size=-1&ratio=5&force=True&type=undocumented",
            "name=&size=&force=False&unknown=1&unknown=2",
            "tags=%5B%7B%22key%22%3A%22a%22%2C%22value%22%3A%22b%22%7D%5D&options={}",
        ] {
            assert_eq!(outcome("Try", &format!("ids=[]&{query}")), "accepted", "{query}");
        }
        assert_eq!(outcome("CleanUserPermissions", "ids=[]&ClusterIds=c1,c2"), "accepted");
        assert_eq!(outcome("CleanUserPermissions", "ids=[]&ClusterIds=%5B%22c1%22%5D"), "accepted");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let rows = [
            outcome("Try", ""),
            outcome("Try", "ids="),
            outcome("Try", "ids=i-1"),
            outcome("Try", "ids=5"),
            outcome("Try", "ids=[5]"),
            outcome("Try", "ids=[]&size=ten"),
            outcome("Try", "ids=[]&ratio=NaN"),
            outcome("Try", "ids=[]&force=yes"),
            outcome("Try", "ids=[]&options=a"),
            outcome("Try", "ids=[]&tags=%5B%7B%22key%22%3A1%7D%5D"),
            outcome("Try", "ids=[]&ClusterIds=c1,c2"),
        ];
        insta::assert_snapshot!(rows.join("\n"), @r#"
        400 MissingParameter: The parameter query.ids is missing; Try needs it.
        400 MissingParameter: The parameter query.ids is missing; Try needs it.
        400 InvalidParameter: The parameter query.ids is the string "i-1"; send a list as JSON text.
        400 InvalidParameter: The parameter query.ids is the number 5; send a list.
        400 InvalidParameter: The parameter query.ids[0] is the number 5; send a string.
        400 InvalidParameter: The parameter query.size is the string "ten"; send a whole number.
        400 InvalidParameter: The parameter query.ratio is the string "NaN"; send a number.
        400 InvalidParameter: The parameter query.force is the string "yes"; send true or false.
        400 InvalidParameter: The parameter query.options is the string "a"; send an object as JSON text.
        400 InvalidParameter: The parameter query.tags[0].key is the number 1; send a string.
        400 InvalidParameter: The parameter query.ClusterIds is the string "c1,c2"; send a list as JSON text.
        "#);
    }
}
