//! Reads the spec folder and merges its area files into one document.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};

/// Reads `openapi.yaml` and every area file it lists under `x-areas` into one document, with the area each
/// path and schema came from recorded as `x-area`.
pub(crate) fn load(folder: &Path) -> Result<Value> {
    let mut root = read_yaml(&folder.join("openapi.yaml"))?;
    let areas: Vec<String> = serde_json::from_value(root["x-areas"].take())
        .context("openapi.yaml: `x-areas` must list the area files, such as [upgrade, tasks]")?;
    let mut paths = Map::new();
    let mut schemas = Map::new();
    if let Some(own) = root["components"]["schemas"].as_object() {
        schemas.extend(own.clone());
    }
    for area in &areas {
        let file = folder.join(format!("{area}.yaml"));
        let mut part = read_yaml(&file)?;
        merge_paths(&mut paths, part["paths"].take(), area)?;
        merge_schemas(&mut schemas, part["components"]["schemas"].take(), area)?;
    }
    refuse_unlisted_files(folder, &areas)?;
    root["paths"] = Value::Object(paths);
    root["components"]["schemas"] = Value::Object(schemas);
    Ok(root)
}

/// Reads one YAML file as a JSON value.
pub(crate) fn read_yaml(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_norway::from_str(&text).with_context(|| format!("{} is not valid YAML", path.display()))
}

fn merge_paths(into: &mut Map<String, Value>, part: Value, area: &str) -> Result<()> {
    let Value::Object(part) = part else {
        return Ok(());
    };
    for (path, mut item) in part {
        let Some(methods) = item.as_object_mut() else {
            bail!("{area}.yaml: {path} must map HTTP methods to operations");
        };
        for operation in methods.values_mut() {
            operation["x-area"] = json!(area);
        }
        let entry = into.entry(path.clone()).or_insert_with(|| json!({}));
        for (method, operation) in methods.clone() {
            let slot = &mut entry[method.as_str()];
            ensure!(slot.is_null(), "{area}.yaml: {method} {path} is already defined in another area file");
            *slot = operation;
        }
    }
    Ok(())
}

fn merge_schemas(into: &mut Map<String, Value>, part: Value, area: &str) -> Result<()> {
    let Value::Object(part) = part else {
        return Ok(());
    };
    for (name, mut schema) in part {
        schema["x-area"] = json!(area);
        ensure!(
            into.insert(name.clone(), schema).is_none(),
            "{area}.yaml: schema {name} is already defined in another file"
        );
    }
    Ok(())
}

/// A file left out of `x-areas` would be dropped without a word, so it is an error.
fn refuse_unlisted_files(folder: &Path, areas: &[String]) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml");
        let known =
            stem.is_some_and(|stem| stem == "openapi" || stem == "endpoints" || areas.iter().any(|area| area == stem));
        ensure!(!is_yaml || known, "{} is not listed under `x-areas` in openapi.yaml", path.display());
    }
    Ok(())
}

/// Drops the root file's schemas that no operation reaches (they are documentation); in an area file such a
/// schema is a slip, and an error.
pub(crate) fn prune_unreferenced(root: &mut Value) -> Result<()> {
    let mut reached = BTreeSet::new();
    let mut queue = references(&root["paths"]);
    while let Some(name) = queue.pop() {
        if reached.insert(name.clone()) {
            let schema = &root["components"]["schemas"][&name];
            ensure!(!schema.is_null(), "schema {name} is referenced but not defined");
            queue.extend(references(schema));
        }
    }
    let mut unused = Vec::new();
    if let Some(schemas) = root["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, schema| {
            let keep = reached.contains(name);
            if !keep && schema.get("x-area").is_some() {
                unused.push(name.clone());
            }
            keep
        });
    }
    ensure!(unused.is_empty(), "no operation uses schema {}", unused.join(", "));
    Ok(())
}

/// The names of the schemas a part of the document refers to.
pub(crate) fn references(part: &Value) -> Vec<String> {
    match part {
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str);
            let own = own.map(|path| path.trim_start_matches("#/components/schemas/").to_owned());
            own.into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
