//! Answers that say what no document knows.

use ack_models::catalogue::{Catalogue, Kind};
use serde_json::{Map, Value, json};

use super::effect::Alteration;

/// How deep an answer is followed; beyond, it is left as it is.
const MAX_DEPTH: usize = 64;

/// An answer of an operation, altered.
pub(crate) fn altered(catalogue: &Catalogue, operation_id: &str, mut answer: Value, alteration: &Alteration) -> Value {
    let kind = catalogue.operations.get(operation_id).and_then(|operation| operation.answer.as_ref());
    match alteration {
        Alteration::Values { set, .. } if !set.is_empty() => set_everywhere(&mut answer, set, 0),
        Alteration::Values { value, .. } => {
            let is_enum = |kind: &Kind| schema(catalogue, kind).is_some_and(|schema| schema.values.is_some());
            visit(catalogue, kind, &mut answer, 0, &mut |kind, found| {
                if is_enum(kind) && found.is_string() {
                    *found = value.as_str().into();
                }
            });
        }
        Alteration::Fields { name } => visit(catalogue, kind, &mut answer, 0, &mut |kind, found| {
            if let (Kind::Ref(_), Some(entries)) = (kind, found.as_object_mut()) {
                entries.insert(name.clone(), novelty());
            }
        }),
    }
    answer
}

/// Text, list and object, so that a reader that skips unknown fields has all of them to skip.
fn novelty() -> Value {
    json!({"text": "no document knows this", "items": [1, 2], "more": {"flag": true}})
}

fn set_everywhere(value: &mut Value, set: &[(String, Value)], depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                match set.iter().find(|(known, _)| known == name) {
                    Some((_, new)) => *value = new.clone(),
                    None => set_everywhere(value, set, depth + 1),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set_everywhere(item, set, depth + 1)),
        _ => {}
    }
}

/// Calls `change` with every value of a known kind, the inner ones first.
fn visit(
    catalogue: &Catalogue,
    kind: Option<&Kind>,
    value: &mut Value,
    depth: usize,
    change: &mut dyn FnMut(&Kind, &mut Value),
) {
    let Some(kind) = kind.filter(|_| depth <= MAX_DEPTH) else { return };
    match (kind, &mut *value) {
        (Kind::Ref(_), Value::Object(entries)) => {
            let fields = schema(catalogue, kind).map(|schema| &schema.fields);
            for (name, value) in entries.iter_mut() {
                let kind = fields.and_then(|fields| fields.get(name)).map(|field| &field.kind);
                visit(catalogue, kind, value, depth + 1, change);
            }
        }
        (Kind::List(item), Value::Array(items)) => {
            items.iter_mut().for_each(|value| visit(catalogue, Some(item), value, depth + 1, change));
        }
        (Kind::Map(item), Value::Object(entries)) => {
            let values = Map::iter_mut(entries);
            values.for_each(|(_, value)| visit(catalogue, Some(item), value, depth + 1, change));
        }
        _ => {}
    }
    change(kind, value);
}

fn schema<'c>(catalogue: &'c Catalogue, kind: &Kind) -> Option<&'c ack_models::catalogue::SchemaEntry> {
    match kind {
        Kind::Ref(name) => catalogue.schemas.get(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(alteration: &Alteration) -> Value {
        let answer = json!({
            "status": "running",
            "upgrade_step": "upgrading",
            "error_message": "",
            "upgrade_task": {"status": "running", "message": "at work", "upgrade_status": {"events": [{"Type": "Normal"}]}},
        });
        altered(Catalogue::get(), "GetUpgradeStatus", answer, alteration)
    }

    #[test]
    fn enums_get_a_value_that_nobody_knows() {
        let altered = status(&Alteration::Values { value: "melting".to_owned(), set: Vec::new() });
        assert_eq!(altered["upgrade_step"], "melting");
        assert_eq!(altered["status"], "melting");
        assert_eq!(altered["upgrade_task"]["status"], "melting");
        assert_eq!(altered["upgrade_task"]["message"], "at work");
    }

    #[test]
    fn chosen_fields_get_chosen_values_at_any_depth() {
        let set = vec![("status".to_owned(), json!("melting")), ("Type".to_owned(), json!("Odd"))];
        let altered = status(&Alteration::Values { value: String::new(), set });
        assert_eq!(altered["upgrade_step"], "upgrading");
        assert_eq!(altered["upgrade_task"]["status"], "melting");
        assert_eq!(altered["upgrade_task"]["upgrade_status"]["events"][0]["Type"], "Odd");
    }

    #[test]
    fn objects_get_a_field_that_nobody_knows_and_maps_do_not() {
        let altered = status(&Alteration::Fields { name: "novel".to_owned() });
        assert_eq!(altered["novel"], novelty());
        assert_eq!(altered["upgrade_task"]["upgrade_status"]["events"][0]["novel"], novelty());
        assert_eq!(altered["novel"]["more"].get("novel"), None);
    }
}
