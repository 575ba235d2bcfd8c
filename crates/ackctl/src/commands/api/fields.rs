//! Fields of requests and answers as a nested list.

use std::collections::BTreeMap;

use ack_models::catalogue::{Catalogue, FieldEntry, Kind, SchemaEntry};

use super::help::Page;
use super::words;

/// How far down objects are shown with their fields; below that their fields are only named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// As far as they go. An object within itself is shown once.
    All,
    /// Two levels.
    Two,
}

/// Writes fields on a page.
pub(super) struct Fields<'a> {
    catalogue: &'a Catalogue,
    page: &'a mut Page,
    depth: Depth,
    /// The objects whose fields are being shown, outermost first.
    open: Vec<&'a str>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, page: &'a mut Page, depth: Depth) -> Self {
        Self { catalogue, page, depth, open: Vec::new() }
    }

    /// Tells that the fields to come are those of this object.
    pub(super) fn within(mut self, schema: &'a str) -> Self {
        self.open.push(schema);
        self
    }

    /// What a body is made of.
    pub(super) fn of(&mut self, indent: usize, kind: &'a Kind) {
        if let Some((name, schema)) = words::schema(self.catalogue, kind) {
            self.page.paragraphs(indent, prose(schema));
            self.schema(indent, indent, name, schema);
        }
    }

    pub(super) fn list(&mut self, indent: usize, fields: &'a BTreeMap<String, FieldEntry>) {
        for (name, field) in words::ordered(fields) {
            self.field(indent, name, field);
        }
    }

    fn field(&mut self, indent: usize, name: &str, field: &'a FieldEntry) {
        const INNER: usize = 2;
        const TEXT: usize = 4;
        let mut title = format!("{name}  {}", words::kind(self.catalogue, &field.kind));
        let marks = [
            (field.required, ", required"),
            (field.deprecated.is_some(), ", deprecated"),
            (field.sensitive, ", secret"),
        ];
        title.extend(marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark));
        self.page.paragraphs(indent, &title);
        let text = indent + TEXT;
        self.page.paragraphs(text, &field.doc);
        if let Some(instead) = &field.deprecated {
            self.page.paragraphs(text, &format!("Deprecated: {instead}"));
        }
        for (title, value) in [("Default", &field.default), ("Example", &field.example)] {
            if let Some(value) = value {
                self.page.paragraphs(text, &format!("{title}: {}", words::value(value)));
            }
        }
        if let Some((name, schema)) = words::schema(self.catalogue, &field.kind) {
            self.schema(indent + INNER, text, name, schema);
        }
    }

    /// The fields of an object at one indent, or the values of an enum at the other.
    fn schema(&mut self, indent: usize, text: usize, name: &'a str, schema: &'a SchemaEntry) {
        if let Some(values) = &schema.values {
            return self.values(text, schema, values);
        }
        if self.open.contains(&name) {
            return self.page.paragraphs(text, &format!("Its fields are those of the {name} it is in."));
        }
        if self.depth == Depth::Two && self.open.len() >= 2 {
            let names: Vec<&str> = schema.fields.keys().map(String::as_str).collect();
            return self.page.paragraphs(text, &format!("Fields: {}", names.join(", ")));
        }
        self.open.push(name);
        self.list(indent, &schema.fields);
        self.open.pop();
    }

    /// The values of an enum: with what they mean in a request, and by name in an answer.
    fn values(&mut self, indent: usize, schema: &SchemaEntry, values: &[String]) {
        let meanings: Vec<&str> = schema.doc.lines().skip_while(|line| !line.starts_with("- ")).collect();
        if self.depth == Depth::All && !meanings.is_empty() {
            self.page.paragraphs(indent, "Values:");
            self.page.paragraphs(indent, &meanings.join("\n"));
        } else {
            self.page.paragraphs(indent, &format!("Values: {}", values.join(", ")));
        }
    }
}

/// The doc of a schema; of an enum without the list of its values.
fn prose(schema: &SchemaEntry) -> &str {
    let end = schema.values.as_ref().and_then(|_| schema.doc.find("\n- "));
    schema.doc.get(..end.unwrap_or(schema.doc.len())).unwrap_or(&schema.doc)
}
