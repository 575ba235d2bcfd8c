//! Values that fit the catalogue.

use serde_json::{Map, Value, json};

use super::{Catalogue, FieldEntry, Kind};

/// Deeper than any schema of the API goes, so that only recursion is cut.
const DEEPEST: usize = 12;

pub(super) fn of(catalogue: &Catalogue, kind: &Kind, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    match kind {
        Kind::String | Kind::Any => json!("example"),
        Kind::Integer => json!(1),
        Kind::Number => json!(1.5),
        Kind::Boolean => json!(true),
        Kind::List(inner) => json!([of(catalogue, inner, depth + 1)]),
        Kind::Map(inner) => json!({"key": of(catalogue, inner, depth + 1)}),
        Kind::Ref(name) => match catalogue.schemas.get(name) {
            None => Value::Null,
            Some(schema) => match &schema.values {
                Some(values) => json!(values.first().map_or("example", String::as_str)),
                None => {
                    let fields = schema.fields.iter().filter(|(_, field)| field.deprecated.is_none());
                    Value::Object(
                        fields
                            .map(|(name, field)| (name.clone(), field_value(catalogue, field, depth)))
                            .collect::<Map<_, _>>(),
                    )
                }
            },
        },
    }
}

fn field_value(catalogue: &Catalogue, field: &FieldEntry, depth: usize) -> Value {
    field
        .example
        .as_ref()
        .and_then(|example| fitted(catalogue, &field.kind, example))
        .unwrap_or_else(|| of(catalogue, &field.kind, depth + 1))
}

/// The documented example in the kind's own type; documents print most of them as text.
fn fitted(catalogue: &Catalogue, kind: &Kind, example: &Value) -> Option<Value> {
    match (kind, example) {
        (Kind::String, Value::String(_)) => Some(example.clone()),
        (Kind::String, Value::Number(_) | Value::Bool(_)) => Some(json!(example.to_string())),
        (Kind::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => Some(example.clone()),
        (Kind::Integer, Value::String(text)) => text.trim().parse::<i64>().ok().map(|number| json!(number)),
        (Kind::Number, Value::Number(_)) => Some(example.clone()),
        (Kind::Number, Value::String(text)) => text.trim().parse::<f64>().ok().map(|number| json!(number)),
        (Kind::Boolean, Value::Bool(_)) => Some(example.clone()),
        (Kind::Boolean, Value::String(text)) => text.trim().parse::<bool>().ok().map(|flag| json!(flag)),
        (Kind::Ref(name), Value::String(_)) => {
            let is_enum = catalogue.schemas.get(name).is_some_and(|schema| schema.values.is_some());
            is_enum.then(|| example.clone())
        }
        (Kind::List(inner), Value::Array(items)) => {
            let items: Vec<Value> = items.iter().filter_map(|item| fitted(catalogue, inner, item)).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_and_query_example_passes_the_check() {
        let catalogue = Catalogue::get();
        for (id, operation) in &catalogue.operations {
            let path: Map<String, Value> =
                operation.path_parameters.keys().map(|name| (name.clone(), json!("x"))).collect();
            let mut input = json!({"path": path});
            if let Some(query) = &operation.query {
                input["query"] = catalogue.example(query);
            }
            if let Some(body) = &operation.body {
                input["body"] = catalogue.example(body);
            }
            assert_eq!(catalogue.check(id, &input), [], "{id}: {input}");
        }
    }
}
