//! The input of an operation, from a file, standard input and options.

use std::io::Read;

use ack_models::catalogue::{Catalogue, FieldEntry, Kind, OperationEntry};
use serde_json::{Map, Value, json};

use super::words;
use crate::arguments::{ApiArguments, Assignment};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::text_file::{source, text_of};

/// What to do where the file of an input is not there.
const ABSENT: &str = "name another file, or write one; --example prints an input to start from";

/// The same where it is no name of a file, but what could stand in one.
const INLINE: &str = "it takes the name of a file; pass JSON on standard input with `--input -`, or its parts with --path, \
                      --query and --body";

/// The input that the arguments give, once it fits the operation. Everything that does not is told at once.
pub(super) fn read(
    arguments: &ApiArguments,
    catalogue: &Catalogue,
    (id, operation): (&str, &OperationEntry),
    stdin: &mut dyn Read,
) -> Result<Value, Failure> {
    let body_file = arguments.body.as_deref().and_then(|body| body.strip_prefix('@'));
    if arguments.input.as_deref() == Some("-") && body_file == Some("-") {
        return Err(Failure::usage("--input and --body both read standard input: give one of them a file"));
    }
    let mut input = match &arguments.input {
        Some(file) => {
            let remedy = if file.trim_start().starts_with('{') { INLINE } else { ABSENT };
            parsed(&text_of("--input", file, remedy, stdin)?, &source("--input", file))?
        }
        None => json!({}),
    };
    let query = operation.query.as_ref().and_then(|kind| words::schema(catalogue, kind));
    let in_query = |name: &str| query.and_then(|(_, schema)| schema.fields.get(name));
    assign(catalogue, &mut input, "path", &arguments.path, |name| operation.path_parameters.get(name))?;
    assign(catalogue, &mut input, "query", &arguments.query, in_query)?;
    if let Some(body) = &arguments.body {
        let (text, name) = match body_file {
            Some(file) => (text_of("--body", file, ABSENT, stdin)?, source("--body", file)),
            None => (body.clone(), "--body".to_owned()),
        };
        let body = if operation.body == Some(Kind::String) { Value::String(text) } else { parsed(&text, &name)? };
        if let Value::Object(parts) = &mut input {
            parts.insert("body".to_owned(), body);
        }
    }
    fitting(catalogue, id, input)
}

/// An input with every part and field of the operation that is not deprecated.
pub(super) fn example(catalogue: &Catalogue, operation: &OperationEntry) -> Value {
    let mut input = Map::new();
    if !operation.path_parameters.is_empty() {
        let path = operation.path_parameters.iter().map(|(name, field)| {
            let documented = field.example.clone().filter(Value::is_string);
            (name.clone(), documented.unwrap_or_else(|| catalogue.example(&field.kind)))
        });
        input.insert("path".to_owned(), Value::Object(path.collect()));
    }
    for (part, kind) in [("query", &operation.query), ("body", &operation.body)] {
        if let Some(kind) = kind {
            input.insert(part.to_owned(), catalogue.example(kind));
        }
    }
    Value::Object(input)
}

fn fitting(catalogue: &Catalogue, id: &str, input: Value) -> Result<Value, Failure> {
    const SHOWN: usize = 50;
    let problems = catalogue.check(id, &input);
    if problems.is_empty() {
        return Ok(input);
    }
    let mut details: Vec<String> = problems.iter().take(SHOWN).map(ToString::to_string).collect();
    if let Some(more) = problems.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        details.push(format!("and {more} more"));
    }
    let message = format!("the input does not fit {id}; `ackctl api {id} --help` tells what it takes");
    Err(Failure { details, ..Failure::new(Exit::Usage, message) })
}

/// Puts parameters into a part of the input. Where the input has no place for them, the check says so.
fn assign<'a>(
    catalogue: &Catalogue,
    input: &mut Value,
    part: &str,
    assignments: &[Assignment],
    field: impl Fn(&str) -> Option<&'a FieldEntry>,
) -> Result<(), Failure> {
    if assignments.is_empty() {
        return Ok(());
    }
    let Value::Object(parts) = input else {
        return Ok(());
    };
    let fields = parts.entry(part).or_insert_with(|| json!({}));
    if fields.is_null() {
        *fields = json!({});
    }
    let Value::Object(fields) = fields else {
        return Ok(());
    };
    for (index, Assignment { name, value }) in assignments.iter().enumerate() {
        if assignments.iter().take(index).any(|earlier| earlier.name == *name) {
            return Err(Failure::usage(format!(
                "--{part} {name} is given twice: leave one out; where a list is wanted, give it as JSON"
            )));
        }
        let value = match field(name).map(|field| &field.kind) {
            Some(kind) => typed(catalogue, kind, value, &format!("--{part} {name}"))?,
            None => Value::String(value.clone()),
        };
        fields.insert(name.clone(), value);
    }
    Ok(())
}

/// A value from a command line as its kind has it. Where it is no such value, it stays text, and the check says so.
fn typed(catalogue: &Catalogue, kind: &Kind, text: &str, name: &str) -> Result<Value, Failure> {
    if words::is_text(catalogue, kind) {
        return Ok(Value::String(text.to_owned()));
    }
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        // Text that was meant to be JSON deserves to hear where it breaks off.
        Err(error) if text.trim_start().starts_with(['{', '[', '"']) => {
            let wanted = words::kind(catalogue, kind);
            Err(Failure::usage(format!("{name} is not JSON, as a value of kind {wanted} has to be: {error}")))
        }
        Err(_) => Ok(Value::String(text.to_owned())),
    }
}

fn parsed(text: &str, source: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::usage(format!("{source} is not JSON: {error}")))
}
