//! Lowers the merged document to what progenitor generates well.
//!
//! Every pass is a plain rewrite of the document and keeps the wire format as it is. What a pass takes away
//! (wording, limits, deprecations) has been collected into the [`super::catalog`] before.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use heck::ToUpperCamelCase as _;
use serde_json::{Map, Value, json};

use super::document::references;

/// Keywords that make typify invent strict types or values that are sent. Their content is in the wording.
const RELAXED: [&str; 10] = [
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "default",
    "example",
    "description",
    "deprecated",
    "title",
];

/// Gives every object and enum written in place a name of its own, `<Parent><Field>`, so that each generated
/// type has a schema to take its wording from.
pub(crate) fn hoist_inline_schemas(root: &mut Value) -> Result<()> {
    let schemas = schemas_mut(root)?;
    let mut queue: Vec<String> = schemas.keys().cloned().collect();
    while let Some(name) = queue.pop() {
        ensure!(
            name.to_upper_camel_case() == name,
            "schema {name}: Rust would call it {}; name it so in the spec",
            name.to_upper_camel_case()
        );
        let mut schema = schemas[&name].clone();
        let area = schema["x-area"].clone();
        let mut found = Vec::new();
        for (field, property) in properties_mut(&mut schema) {
            let hoisted = format!("{name}{}", field.to_upper_camel_case());
            hoist(property, &hoisted, &mut found);
        }
        hoist_members(&mut schema, &name, &mut found);
        schemas.insert(name.clone(), schema);
        for (hoisted, mut inner) in found {
            inner["x-area"] = area.clone();
            ensure!(
                schemas.insert(hoisted.clone(), inner).is_none(),
                "schema {name}: the name {hoisted} of a schema written in place is taken"
            );
            queue.push(hoisted);
        }
    }
    Ok(())
}

/// Folds the query parameters of each operation into one `<Operation>Query` object, so that a new optional
/// parameter is no breaking change.
pub(crate) fn fold_query_parameters(root: &mut Value) -> Result<()> {
    let mut folded = Vec::new();
    for item in root["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let id = operation["operationId"].as_str().context("operationId is missing")?;
            let name = format!("{id}Query");
            let doc = format!("Query parameters of {id}.");
            let area = operation["x-area"].clone();
            let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else {
                continue;
            };
            let (query, rest): (Vec<Value>, Vec<Value>) =
                parameters.drain(..).partition(|parameter| parameter["in"] == "query");
            *parameters = rest;
            if query.is_empty() {
                continue;
            }
            let comma_joined: Vec<&Value> = query
                .iter()
                .filter(|parameter| parameter["x-query-style"] == "simple")
                .map(|parameter| &parameter["name"])
                .collect();
            let comma_joined = json!(comma_joined);
            parameters.push(json!({
                "name": "query", "in": "query", "required": true, "style": "form", "explode": true,
                "schema": {"$ref": format!("#/components/schemas/{name}")},
            }));
            folded.push((name, query_schema(query, &doc, &area)?));
            operation["x-comma-joined"] = comma_joined;
        }
    }
    let schemas = schemas_mut(root)?;
    for (name, schema) in folded {
        ensure!(
            schemas.insert(name.clone(), schema).is_none(),
            "schema {name} is taken; the query parameters need that name"
        );
    }
    Ok(())
}

/// Keeps of each operation the one successful JSON answer. Failures and XML are the runtime's business, and
/// progenitor panics on several answers of different shapes.
pub(crate) fn keep_success_only(root: &mut Value) -> Result<()> {
    for item in root["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            let success: Vec<Value> = operation["responses"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(code, _)| code.starts_with('2'))
                .map(|(_, response)| response.clone())
                .collect();
            let [success] = success.as_slice() else {
                bail!("{id}: exactly one 2XX response is expected, found {}", success.len());
            };
            let mut response = json!({"description": success["description"]});
            let content = &success["content"];
            if content.is_object() {
                let schema = &content["application/json"]["schema"];
                ensure!(schema.is_object(), "{id}: the 2XX response has no application/json schema");
                response["content"] = json!({"application/json": {"schema": schema}});
            }
            operation["responses"] = json!({"2XX": response});
        }
    }
    Ok(())
}

/// Lets an optional list or map of a request be absent, empty or filled: without `nullable` typify cannot
/// tell the first two apart and never sends an empty one.
pub(crate) fn make_request_collections_optional(root: &mut Value) -> Result<()> {
    let mut reached = BTreeSet::new();
    for (_, _, operation) in super::catalog::operations(root) {
        for key in ["requestBody", "parameters"] {
            if let Some(part) = operation.get(key) {
                reached.extend(references(part));
            }
        }
    }
    let schemas = schemas_mut(root)?;
    let mut queue: Vec<String> = reached.iter().cloned().collect();
    while let Some(name) = queue.pop() {
        let Some(schema) = schemas.get_mut(&name) else {
            bail!("schema {name} is referenced but not defined");
        };
        let required = schema["required"].clone();
        let is_required = |name: &str| required.as_array().into_iter().flatten().any(|known| known == name);
        for (name, property) in properties_mut(schema) {
            let kind = property["type"].as_str().unwrap_or_default();
            // A required one is always sent, empty or not.
            if (kind == "array" || kind == "object") && !is_required(name) {
                property["nullable"] = json!(true);
            }
        }
        let inner = references(schema);
        queue.extend(inner.into_iter().filter(|name| reached.insert(name.clone())));
    }
    Ok(())
}

/// Replaces single-`allOf` references by plain ones, drops everything typify would be strict about, and
/// blanks the values of enums, which are generated separately.
pub(crate) fn relax(root: &mut Value) -> Result<()> {
    for schema in schemas_mut(root)?.values_mut() {
        if schema["enum"].is_array() {
            *schema = json!({"type": "string", "enum": ["placeholder"]});
        }
    }
    let extensions = |map: &mut Map<String, Value>| map.retain(|key, _| !key.starts_with("x-"));
    for item in root["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                relax_schema(&mut parameter["schema"]);
            }
            for part in ["requestBody", "responses"] {
                if let Some(map) = operation.get_mut(part).and_then(Value::as_object_mut) {
                    relax_contents(map);
                }
            }
            if let Some(map) = operation.as_object_mut() {
                extensions(map);
            }
        }
    }
    for schema in schemas_mut(root)?.values_mut() {
        relax_schema(schema);
    }
    Ok(())
}

fn schemas_mut(root: &mut Value) -> Result<&mut Map<String, Value>> {
    root["components"]["schemas"].as_object_mut().context("the document has no components.schemas")
}

fn properties_mut(schema: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flatten()
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn hoist(property: &mut Value, name: &str, found: &mut Vec<(String, Value)>) {
    let is_object = property["properties"].is_object();
    if is_object || property["enum"].is_array() {
        let mut keep = json!({"allOf": [reference(name)]});
        for key in ["description", "deprecated", "x-deprecated-use", "x-undocumented", "example"] {
            if let Some(value) = property.get(key) {
                keep[key] = value.clone();
            }
        }
        let inner = std::mem::replace(property, keep);
        found.push((name.to_owned(), inner));
    } else {
        hoist_members(property, name, found);
    }
}

fn hoist_members(schema: &mut Value, name: &str, found: &mut Vec<(String, Value)>) {
    for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
        if let Some(inner) = schema.get_mut(key).filter(|inner| inner.is_object()) {
            hoist(inner, &format!("{name}{suffix}"), found);
        }
    }
}

fn query_schema(parameters: Vec<Value>, doc: &str, area: &Value) -> Result<Value> {
    let mut properties = BTreeMap::new();
    let mut required = Vec::new();
    for parameter in parameters {
        let name = parameter["name"].as_str().context("a query parameter has no name")?;
        if parameter["required"] == true {
            required.push(name.to_owned());
        }
        let mut property = parameter["schema"].clone();
        if property["$ref"].is_string() {
            property = json!({"allOf": [property]});
        }
        for key in ["description", "deprecated", "x-deprecated-use", "example"] {
            if let Some(value) = parameter.get(key) {
                property[key] = value.clone();
            }
        }
        properties.insert(name.to_owned(), property);
    }
    Ok(json!({
        "type": "object", "description": doc, "properties": properties, "required": required, "x-area": area,
    }))
}

fn relax_contents(map: &mut Map<String, Value>) {
    for (key, value) in map {
        if key == "schema" {
            relax_schema(value);
        } else if let Some(inner) = value.as_object_mut() {
            relax_contents(inner);
        }
    }
}

fn relax_schema(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else {
        return;
    };
    if let Some([single]) = map.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        *schema = single.clone();
        return;
    }
    map.retain(|key, _| !RELAXED.contains(&key.as_str()) && !key.starts_with("x-"));
    if let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(relax_schema);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            relax_schema(inner);
        }
    }
}
