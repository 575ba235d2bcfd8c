//! The JSON Schema of a table.

use serde_json::{Map, Value, json};

use super::{Form, Key, MAX_TEXT, Tagged};

/// What a duration looks like. The check knows more: other spellings of the units, and the range.
const DURATION: &str = r"^-?([0-9]+(\.[0-9]+)?(us|ms|s|m|h) ?)+$";

/// An object with these keys and no others.
pub(crate) fn object(keys: &[Key]) -> Map<String, Value> {
    let properties: Map<String, Value> = keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    let mut schema = entries(json!({"type": "object", "additionalProperties": false, "properties": properties}));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

fn property(key: &Key) -> Value {
    let mut schema = entries(of(&key.form));
    schema.insert("description".to_owned(), format!("{}.", key.doc).into());
    schema.into()
}

fn of(form: &Form) -> Value {
    match form {
        Form::Text | Form::Secret => json!({"type": "string", "minLength": 1, "maxLength": MAX_TEXT}),
        Form::AnyText => json!({"type": "string", "maxLength": MAX_TEXT}),
        Form::Texts => json!({"oneOf": [of(&Form::Text), {"type": "array", "items": of(&Form::Text)}]}),
        Form::TextList => json!({"type": "array", "items": of(&Form::Text)}),
        Form::TextMap => json!({"type": "object", "additionalProperties": of(&Form::AnyText)}),
        Form::Flag => json!({"type": "boolean"}),
        Form::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Form::WholeOf(numbers) => json!({"enum": numbers}),
        Form::Number(above, most) => json!({"type": "number", "exclusiveMinimum": above, "maximum": most}),
        Form::Duration => json!({"type": "string", "pattern": DURATION.replace("-?", "")}),
        Form::Shift => json!({"type": "string", "pattern": DURATION}),
        Form::Word(words) => json!({"enum": words}),
        Form::Object(keys) => object(keys).into(),
        Form::Objects(keys) => json!({"type": "array", "items": object(keys)}),
        Form::Nothing => json!(false),
        Form::Variant(kinds) => json!({"oneOf": kinds.iter().map(variant).collect::<Vec<_>>()}),
        Form::Tagged(tagged) => json!({"type": "array", "items": one_of(tagged)}),
    }
}

fn variant(kind: &Key) -> Value {
    let description = format!("{}.", kind.doc);
    match kind.form {
        Form::Nothing => json!({"const": kind.name, "description": description}),
        _ => json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {kind.name: of(&kind.form)},
            "required": [kind.name],
            "description": description,
        }),
    }
}

/// The properties that every kind has, once, for `$defs`.
pub(crate) fn shared(tagged: &Tagged) -> Map<String, Value> {
    tagged.shared.iter().map(|key| (definition(tagged, key), property(key))).collect()
}

fn definition(tagged: &Tagged, key: &Key) -> String {
    format!("{}_{}", tagged.noun, key.name)
}

fn one_of(tagged: &Tagged) -> Value {
    let kinds = (tagged.kinds)().into_iter().map(|kind| {
        let mut schema = object(kind.keys);
        schema.insert("description".to_owned(), format!("{}.", kind.doc).into());
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(tagged.tag.to_owned(), json!({"const": kind.name}));
            for key in tagged.shared {
                let definition = format!("#/$defs/{}", definition(tagged, key));
                properties.insert(key.name.to_owned(), json!({"$ref": definition}));
            }
        }
        let required = schema.entry("required").or_insert_with(|| json!([]));
        if let Some(required) = required.as_array_mut() {
            required.insert(0, tagged.tag.into());
        }
        Value::from(schema)
    });
    json!({"oneOf": kinds.collect::<Vec<_>>()})
}

fn entries(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}
