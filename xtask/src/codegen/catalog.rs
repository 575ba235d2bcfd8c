//! What the spec says beyond types: wording, deprecations, areas. The generator drops most of it, so it is
//! collected here before lowering and put back onto the generated items.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use super::paging::{self, Paging};
use super::wording;

/// Everything the generated Rust needs to know that the lowered document no longer says.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    /// By operation id.
    pub(crate) operations: BTreeMap<String, Operation>,
    /// Object schemas by name.
    pub(crate) objects: BTreeMap<String, Object>,
    /// String enums by name.
    pub(crate) enums: BTreeMap<String, OpenEnum>,
}

/// One operation as documented.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) area: String,
    pub(crate) doc: String,
    pub(crate) idempotent: bool,
    pub(crate) ram_action: Option<String>,
    pub(crate) deprecated: Option<String>,
    /// Query parameters whose lists are joined by commas instead of being sent as JSON text.
    pub(crate) comma_joined: Vec<String>,
    /// Path parameters by documented name, in the order of the path.
    pub(crate) path_parameters: Vec<(String, String)>,
    /// How its answers are pages of a list, if they are.
    pub(crate) paging: Option<Paging>,
}

/// One object schema: its text and that of its fields, by wire name.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) area: String,
    pub(crate) doc: String,
    pub(crate) fields: BTreeMap<String, Field>,
}

/// The text of one field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) doc: String,
    pub(crate) deprecated: Option<String>,
    /// Whether the value is a secret, which `Debug` must not show.
    pub(crate) sensitive: bool,
}

/// One string enum: its documented values with their text.
#[derive(Debug)]
pub(crate) struct OpenEnum {
    pub(crate) area: String,
    pub(crate) doc: String,
    pub(crate) values: Vec<(String, Option<String>)>,
}

impl Catalog {
    /// Reads the merged document, whose inline objects and enums have been hoisted already.
    pub(crate) fn read(root: &Value) -> Result<Self> {
        let mut catalog = Self::default();
        for (path, method, operation) in operations(root) {
            let operation =
                read_operation(path, method, operation).with_context(|| format!("{} {path}", method.to_uppercase()))?;
            let id = operation.id.clone();
            ensure!(catalog.operations.insert(id.clone(), operation).is_none(), "operation id {id} is used twice");
        }
        for (name, schema) in root["components"]["schemas"].as_object().into_iter().flatten() {
            catalog.read_schema(name, schema).with_context(|| format!("schema {name}"))?;
        }
        Ok(catalog)
    }

    fn read_schema(&mut self, name: &str, schema: &Value) -> Result<()> {
        let area = schema["x-area"].as_str().unwrap_or_default().to_owned();
        let doc = wording::describe(schema);
        if let Some(values) = schema["enum"].as_array() {
            let texts = &schema["x-enum-descriptions"];
            let values = values
                .iter()
                .map(|value| {
                    let value = value.as_str().context("only string enums are supported")?;
                    let text = texts[value].as_str().map(str::to_owned);
                    Ok((value.to_owned(), text))
                })
                .collect::<Result<_>>()?;
            for known in texts.as_object().into_iter().flatten().map(|(known, _)| known) {
                ensure!(
                    schema["enum"].as_array().into_iter().flatten().any(|value| value == known),
                    "x-enum-descriptions describes `{known}`, which is no value"
                );
            }
            self.enums.insert(name.to_owned(), OpenEnum { area, doc, values });
        } else if let Some(properties) = schema["properties"].as_object() {
            let fields = properties
                .iter()
                .map(|(wire, property)| {
                    let field = Field {
                        doc: wording::describe(property),
                        deprecated: wording::deprecation(property),
                        sensitive: property["x-sensitive"] == true,
                    };
                    (wire.clone(), field)
                })
                .collect();
            self.objects.insert(name.to_owned(), Object { area, doc, fields });
        }
        Ok(())
    }
}

/// Every operation of the document as (path, lower-case method, operation).
pub(crate) fn operations(root: &Value) -> impl Iterator<Item = (&str, &str, &Map<String, Value>)> {
    let paths = root["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        item.as_object()
            .into_iter()
            .flatten()
            .filter_map(|(method, operation)| Some((path.as_str(), method.as_str(), operation.as_object()?)))
    })
}

fn read_operation(path: &str, method: &str, raw: &Map<String, Value>) -> Result<Operation> {
    let text = |key: &str| raw.get(key).and_then(Value::as_str).map(str::to_owned);
    let id = text("operationId").context("operationId is missing")?;
    let idempotent = match raw.get("x-idempotent") {
        Some(flag) => flag.as_bool().context("x-idempotent must be true or false")?,
        None => method == "get",
    };
    let named: BTreeMap<&str, &Value> = raw
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "path")
        .filter_map(|parameter| Some((parameter["name"].as_str()?, parameter)))
        .collect();
    let path_parameters = placeholders(path)
        .map(|name| {
            let parameter = named.get(name).with_context(|| format!("path parameter {name} is not declared"))?;
            Ok((name.to_owned(), wording::describe(parameter)))
        })
        .collect::<Result<_>>()?;
    let raw_value = Value::Object(raw.clone());
    Ok(Operation {
        area: text("x-area").unwrap_or_default(),
        doc: wording::describe_operation(&raw_value),
        deprecated: wording::deprecation(&raw_value),
        ram_action: text("x-ram-action"),
        paging: paging::read(raw)?,
        comma_joined: serde_json::from_value(raw.get("x-comma-joined").cloned().unwrap_or_else(|| json!([])))?,
        method: method.to_uppercase(),
        path: path.to_owned(),
        id,
        idempotent,
        path_parameters,
    })
}

/// The names between braces in a path template, in order.
pub(crate) fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
