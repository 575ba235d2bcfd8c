//! The list of operations.

use ack_models::catalogue::{Catalogue, FieldEntry, OperationEntry};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::Value;

use super::words;
use crate::arguments::OutputFormat;
use crate::failure::Failure;
use crate::output::{json, yaml};

/// The operations with every word of the filter in name, path, area or summary.
pub(super) fn text(
    catalogue: &Catalogue,
    filter: &str,
    output: OutputFormat,
    width: Option<u16>,
) -> Result<String, Failure> {
    let found: Vec<(&str, &OperationEntry)> = catalogue
        .operations
        .iter()
        .map(|(id, operation)| (id.as_str(), operation))
        .filter(|(id, operation)| matches(id, operation, filter))
        .collect();
    match output {
        OutputFormat::Table => Ok(for_people(&found, width)),
        OutputFormat::Json => json(&entries(catalogue, &found)),
        OutputFormat::Yaml => yaml(&entries(catalogue, &found)),
    }
}

fn matches(id: &str, operation: &OperationEntry, filter: &str) -> bool {
    let text = [id, &operation.path, &operation.area, &operation.summary].join("\n").to_lowercase();
    filter.split_whitespace().all(|word| text.contains(&word.to_lowercase()))
}

/// A table where the summaries have room, else a paragraph for each operation.
fn for_people(found: &[(&str, &OperationEntry)], width: Option<u16>) -> String {
    const GAPS: usize = 8;
    const SUMMARY: usize = 30;
    let rows: Vec<[String; 5]> = found
        .iter()
        .map(|(id, operation)| {
            let [method, path, area] = [&operation.method, &operation.path, &operation.area].map(Clone::clone);
            [(*id).to_owned(), method, path, area, summary(operation)]
        })
        .collect();
    let longest = |column: fn(&[String; 5]) -> &String| rows.iter().map(|row| column(row).len()).max().unwrap_or(0);
    let fixed = longest(|row| &row[0]) + longest(|row| &row[1]) + longest(|row| &row[2]) + longest(|row| &row[3]);
    match width {
        Some(width) if usize::from(width) < fixed + GAPS + SUMMARY => {
            rows.iter().fold(String::new(), |text, row| text + &paragraph(row, width))
        }
        _ => table(&rows, width),
    }
}

fn table(rows: &[[String; 5]], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.add_rows(rows);
    for (index, column) in table.column_iter_mut().enumerate() {
        let is_last = index == 4;
        column.set_padding((0, if is_last { 0 } else { 2 }));
        if !is_last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

fn paragraph([id, method, path, area, summary]: &[String; 5], width: u16) -> String {
    let options = textwrap::Options::new(usize::from(width.max(20)))
        .initial_indent("  ")
        .subsequent_indent("  ")
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let lines = [format!("{method} {path}"), format!("{area}: {summary}")];
    let lines = lines.iter().map(|line| textwrap::fill(line, &options));
    format!("{id}\n{}\n", lines.collect::<Vec<_>>().join("\n"))
}

fn summary(operation: &OperationEntry) -> String {
    let mark = if operation.deprecated.is_some() { "(deprecated) " } else { "" };
    format!("{mark}{}", operation.summary)
}

/// All there is to know of an operation, for programs.
#[derive(Serialize)]
struct Entry<'a> {
    operation: &'a str,
    method: &'a str,
    path: &'a str,
    area: &'a str,
    summary: &'a str,
    description: Option<&'a str>,
    deprecated: Option<&'a str>,
    path_parameters: Vec<Parameter<'a>>,
    query_parameters: Vec<Parameter<'a>>,
    body: Option<String>,
    answer: Option<String>,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'a str,
    kind: String,
    required: bool,
    doc: &'a str,
    deprecated: Option<&'a str>,
    sensitive: bool,
    example: Option<&'a Value>,
    default: Option<&'a Value>,
}

fn entries<'a>(catalogue: &'a Catalogue, found: &[(&'a str, &'a OperationEntry)]) -> Vec<Entry<'a>> {
    let entry = |&(id, operation): &(&'a str, &'a OperationEntry)| {
        let query = operation.query.as_ref().and_then(|kind| words::schema(catalogue, kind));
        Entry {
            operation: id,
            method: &operation.method,
            path: &operation.path,
            area: &operation.area,
            summary: &operation.summary,
            description: operation.description.as_deref(),
            deprecated: operation.deprecated.as_deref(),
            path_parameters: parameters(catalogue, &operation.path_parameters),
            query_parameters: query.map_or_else(Vec::new, |(_, schema)| parameters(catalogue, &schema.fields)),
            body: operation.body.as_ref().map(|kind| words::kind(catalogue, kind)),
            answer: operation.answer.as_ref().map(|kind| words::kind(catalogue, kind)),
        }
    };
    found.iter().map(entry).collect()
}

fn parameters<'a>(
    catalogue: &Catalogue,
    fields: impl IntoIterator<Item = (&'a String, &'a FieldEntry)>,
) -> Vec<Parameter<'a>> {
    let fields = words::ordered(fields).into_iter();
    fields
        .map(|(name, field)| Parameter {
            name,
            kind: words::kind(catalogue, &field.kind),
            required: field.required,
            doc: &field.doc,
            deprecated: field.deprecated.as_deref(),
            sensitive: field.sensitive,
            example: field.example.as_ref(),
            default: field.default.as_ref(),
        })
        .collect()
}
