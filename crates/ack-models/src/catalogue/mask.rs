//! Masks the secret fields of an input.

use serde_json::{Map, Value};

use super::{Catalogue, FieldEntry, Kind, OperationEntry};

/// An input that fits its operation, with every secret in it masked. It still fits, so it can be signed for show.
pub(super) fn masked(catalogue: &Catalogue, operation: &OperationEntry, mut input: Value) -> Value {
    if let Some(Value::Object(path)) = input.get_mut("path") {
        mask_fields(catalogue, path, |name| operation.path_parameters.get(name));
    }
    for (part, kind) in [("query", &operation.query), ("body", &operation.body)] {
        if let (Some(value), Some(kind)) = (input.get_mut(part), kind) {
            mask(catalogue, kind, value);
        }
    }
    input
}

fn mask(catalogue: &Catalogue, kind: &Kind, value: &mut Value) {
    match (kind, value) {
        (Kind::List(inner), Value::Array(items)) => items.iter_mut().for_each(|item| mask(catalogue, inner, item)),
        (Kind::Map(inner), Value::Object(entries)) => {
            entries.values_mut().for_each(|entry| mask(catalogue, inner, entry));
        }
        (Kind::Ref(name), Value::Object(fields)) => {
            if let Some(schema) = catalogue.schemas.get(name) {
                mask_fields(catalogue, fields, |name| schema.fields.get(name));
            }
        }
        _ => {}
    }
}

fn mask_fields<'a>(
    catalogue: &Catalogue,
    given: &mut Map<String, Value>,
    entry: impl Fn(&str) -> Option<&'a FieldEntry>,
) {
    for (name, value) in given {
        match entry(name) {
            Some(field) if field.sensitive => blank(value),
            Some(field) => mask(catalogue, &field.kind, value),
            None => {}
        }
    }
}

/// Replaces all values by some that tell nothing, and keeps their kinds.
fn blank(value: &mut Value) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => *flag = false,
        Value::Number(number) => *number = 0.into(),
        Value::String(text) => "***".clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(entries) => entries.values_mut().for_each(blank),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let catalogue: Catalogue = serde_json::from_value(json!({
            "operations": {"Log": {
                "method": "POST", "path": "/{token}", "area": "a", "summary": "s",
                "path_parameters": {"token": {"kind": "string", "sensitive": true}},
                "query": {"ref": "Login"},
                "body": {"list": {"map": {"ref": "Login"}}}
            }},
            "schemas": {"Login": {"fields": {
                "user": {"kind": "string"},
                "password": {"kind": "string", "sensitive": true},
                "keys": {"kind": {"map": {"list": "any"}}, "sensitive": true}
            }}}
        }))
        .unwrap();
        let login = json!({"user": "u", "password": "hidden", "keys": {"k": ["hidden", 731, true, null]}});
        let input = json!({"path": {"token": "hidden"}, "query": login, "body": [{"a": login}]});
        let (_, operation) = catalogue.operation("Log").unwrap();
        let masked = masked(&catalogue, operation, input);
        assert!(!masked.to_string().contains("hidden") && !masked.to_string().contains("731"));
        assert_eq!(masked["body"][0]["a"], masked["query"]);
        assert_eq!(masked["query"], json!({"keys": {"k": ["***", 0, false, null]}, "password": "***", "user": "u"}));
        assert_eq!(masked["path"]["token"], "***");
        assert_eq!(catalogue.check("Log", &masked), []);
    }
}
