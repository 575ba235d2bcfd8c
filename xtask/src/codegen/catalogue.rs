//! The catalogue: what the spec says, as one compact JSON file for tools that work by name.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::catalog;
use super::wording;

/// The catalogue of a merged document, whose queries are folded and whose inline schemas are hoisted. One operation or schema a line, so that a change shows as a change of its line.
pub(crate) fn print(root: &Value) -> Result<String> {
    let mut operations = Map::new();
    for (path, method, raw) in catalog::operations(root) {
        let id = raw.get("operationId").and_then(Value::as_str).context("operationId is missing")?;
        operations.insert(id.to_owned(), operation(path, method, &Value::Object(raw.clone())));
    }
    let mut schemas = Map::new();
    for (name, schema) in root["components"]["schemas"].as_object().into_iter().flatten() {
        schemas.insert(name.clone(), component(schema));
    }
    let section = |name: &str, entries: &Map<String, Value>| {
        let lines: Vec<String> = entries.iter().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
        format!("{}:{{\n{}\n}}", json!(name), lines.join(",\n"))
    };
    Ok(format!("{{{},\n{}}}\n", section("operations", &operations), section("schemas", &schemas)))
}

fn operation(path: &str, method: &str, raw: &Value) -> Value {
    let mut entry = json!({
        "method": method.to_uppercase(),
        "path": path,
        "area": raw["x-area"],
        "summary": raw["summary"].as_str().unwrap_or_default().trim(),
    });
    if let Some(description) = raw["description"].as_str() {
        entry["description"] = json!(description.trim());
    }
    if let Some(note) = wording::deprecation(raw) {
        entry["deprecated"] = json!(note);
    }
    let parameters = raw["parameters"].as_array().into_iter().flatten();
    let (query, path_parameters): (Vec<&Value>, Vec<&Value>) =
        parameters.partition(|parameter| parameter["in"] == "query");
    let fields: Map<String, Value> = path_parameters
        .into_iter()
        .filter_map(|parameter| {
            Some((parameter["name"].as_str()?.to_owned(), field(parameter, &parameter["schema"], true)))
        })
        .collect();
    if !fields.is_empty() {
        entry["path_parameters"] = Value::Object(fields);
    }
    if let Some(query) = query.first() {
        entry["query"] = kind(&query["schema"]);
    }
    let body = &raw["requestBody"]["content"]["application/json"]["schema"];
    if body.is_object() {
        entry["body"] = kind(body);
    }
    let answers = raw["responses"].as_object().into_iter().flatten();
    for (_, answer) in answers.filter(|(code, _)| code.starts_with('2')) {
        let schema = &answer["content"]["application/json"]["schema"];
        if schema.is_object() {
            entry["answer"] = kind(schema);
        }
    }
    entry
}

fn component(schema: &Value) -> Value {
    let mut entry = Map::new();
    let doc = schema["description"].as_str().unwrap_or_default().trim();
    if !doc.is_empty() {
        entry.insert("doc".to_owned(), json!(doc));
    }
    if schema["enum"].is_array() {
        entry.insert("values".to_owned(), schema["enum"].clone());
    } else {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        let fields: Map<String, Value> = properties
            .map(|(name, property)| (name.clone(), field(property, property, required.contains(&name.as_str()))))
            .collect();
        entry.insert("fields".to_owned(), Value::Object(fields));
    }
    Value::Object(entry)
}

/// A parameter or property: its kind, wording and marks.
fn field(item: &Value, schema: &Value, required: bool) -> Value {
    let mut entry = json!({"kind": kind(schema), "doc": item["description"].as_str().unwrap_or_default().trim()});
    if required {
        entry["required"] = json!(true);
    }
    if let Some(note) = wording::deprecation(item) {
        entry["deprecated"] = json!(note);
    }
    if item["x-sensitive"] == true {
        entry["sensitive"] = json!(true);
    }
    for (key, from) in [("example", item), ("example", schema), ("default", schema)] {
        if entry[key].is_null() && !from[key].is_null() {
            entry[key] = from[key].clone();
        }
    }
    // Indexing has left nulls behind for what is absent.
    if let Some(map) = entry.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    entry
}

/// `"string"`, `"integer"`, ..., `{"ref": name}`, `{"list": kind}`, `{"map": kind}` or `"any"`.
fn kind(schema: &Value) -> Value {
    if let Some([single]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return kind(single);
    }
    if let Some(path) = schema["$ref"].as_str() {
        return json!({"ref": path.trim_start_matches("#/components/schemas/")});
    }
    match schema["type"].as_str() {
        Some("array") => json!({"list": kind(&schema["items"])}),
        Some("object") => {
            let values = &schema["additionalProperties"];
            json!({"map": if values.is_object() { kind(values) } else { json!("any") }})
        }
        Some(scalar) => json!(scalar),
        None => json!("any"),
    }
}
