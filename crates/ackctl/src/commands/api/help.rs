//! The help of one operation, made from the spec.

use ack_models::catalogue::{Catalogue, OperationEntry};
use serde_json::Value;

use super::fields::{Depth, Fields};
use super::{input, words};
use crate::failure::Failure;
use crate::output::json;

/// What an operation does, takes and answers. All but commands and JSON, which are there to be copied, keeps to the
/// width.
pub(super) fn text(
    catalogue: &Catalogue,
    id: &str,
    operation: &OperationEntry,
    width: u16,
    styled: bool,
) -> Result<String, Failure> {
    let mut page = Page::new(width, styled);
    page.paragraphs(0, &operation.summary);
    page.blank();
    page.paragraphs(0, &format!("{} {}", operation.method, operation.path));
    page.paragraphs(0, &format!("Area: {}", operation.area));
    if let Some(instead) = &operation.deprecated {
        page.paragraphs(0, &format!("Deprecated: {instead}"));
    }
    if let Some(description) = &operation.description {
        page.blank();
        page.paragraphs(0, description);
    }
    page.heading("Usage:", &usage(catalogue, id, operation));

    if !operation.path_parameters.is_empty() {
        page.heading("Path parameters:", "");
        Fields::new(catalogue, &mut page, Depth::All).list(2, &operation.path_parameters);
    }
    if let Some((name, schema)) = operation.query.as_ref().and_then(|kind| words::schema(catalogue, kind)) {
        page.heading("Query parameters:", "");
        Fields::new(catalogue, &mut page, Depth::All).within(name).list(2, &schema.fields);
    }
    if let Some(kind) = &operation.body {
        page.heading("Body:", &words::kind(catalogue, kind));
        Fields::new(catalogue, &mut page, Depth::All).of(2, kind);
    }
    match &operation.answer {
        Some(kind) => {
            page.heading("Answer:", &words::kind(catalogue, kind));
            Fields::new(catalogue, &mut page, Depth::Two).of(2, kind);
        }
        None => page.heading("Answer:", "none"),
    }

    let example = input::example(catalogue, operation);
    page.heading("Example input:", "");
    for line in json(&example)?.lines() {
        page.verbatim(2, line);
    }
    page.heading("Examples:", "");
    for line in commands(id, operation, &example, catalogue) {
        page.verbatim(2, &line);
    }
    Ok(page.text)
}

fn usage(catalogue: &Catalogue, id: &str, operation: &OperationEntry) -> String {
    let path = operation.path_parameters.keys().map(|name| format!(" --path {name}=<VALUE>"));
    let fields = operation.query.as_ref().and_then(|kind| words::schema(catalogue, kind));
    let fields = fields.into_iter().flat_map(|(_, schema)| &schema.fields);
    let required = fields.filter(|(_, field)| field.required).map(|(name, _)| format!(" --query {name}=<VALUE>"));
    let query = operation.query.as_ref().map(|_| " [--query <NAME=VALUE>]...".to_owned());
    let body = operation.body.as_ref().map(|_| " --body <JSON|@FILE>".to_owned());
    let parts: String = path.chain(required).chain(query).chain(body).collect();
    format!("ackctl api {id}{parts} [OPTIONS]")
}

/// Commands that make the call: one with options if that is short, and the way over a file.
fn commands(id: &str, operation: &OperationEntry, example: &Value, catalogue: &Catalogue) -> Vec<String> {
    const LONGEST: usize = 200;
    let mut words = ["ackctl", "api", id].map(str::to_owned).to_vec();
    let fields = |part: &str| example.get(part).and_then(Value::as_object).into_iter().flatten();
    for (name, value) in fields("path") {
        words.extend(["--path".to_owned(), format!("{name}={}", words::argument(value))]);
    }
    let query = operation.query.as_ref().and_then(|kind| words::schema(catalogue, kind));
    for (name, value) in fields("query") {
        let field = query.and_then(|(_, schema)| schema.fields.get(name));
        // A made-up value would be a filter that finds nothing.
        if field.is_some_and(|field| field.required || field.example.is_some()) {
            words.extend(["--query".to_owned(), format!("{name}={}", words::argument(value))]);
        }
    }
    if let Some(body) = example.get("body") {
        words.extend(["--body".to_owned(), words::argument(body)]);
    }
    let direct = shlex::try_join(words.iter().map(String::as_str)).ok().filter(|line| line.len() <= LONGEST);
    let over_file =
        [format!("ackctl api {id} --example > input.json"), format!("ackctl api {id} --input input.json --dry-run")];
    direct.into_iter().chain(over_file).collect()
}

/// Text being written, wrapped to a width.
pub(super) struct Page {
    width: usize,
    styled: bool,
    text: String,
}

impl Page {
    pub(super) fn new(width: u16, styled: bool) -> Self {
        Self { width: usize::from(width.max(20)), styled, text: String::new() }
    }

    /// Text of the spec: paragraphs, and lists of lines that begin with a hyphen.
    pub(super) fn paragraphs(&mut self, indent: usize, text: &str) {
        let mut open = String::new();
        for line in text.lines().map(str::trim) {
            let begins_item = line.starts_with("- ");
            if (line.is_empty() || begins_item) && !open.is_empty() {
                self.paragraph(indent, &open);
                open.clear();
            }
            if line.is_empty() && indent == 0 {
                self.blank();
            }
            if !open.is_empty() {
                open.push(' ');
            }
            open.push_str(line);
        }
        if !open.is_empty() {
            self.paragraph(indent, &open);
        }
    }

    fn heading(&mut self, title: &str, rest: &str) {
        self.blank();
        let gap = if rest.is_empty() { "" } else { " " };
        let title = if self.styled { format!("\u{1b}[1m\u{1b}[4m{title}\u{1b}[0m") } else { title.to_owned() };
        self.text.extend([&title, gap, rest, "\n"]);
    }

    fn paragraph(&mut self, indent: usize, text: &str) {
        const NARROWEST: usize = 16;
        let indent = indent.min(self.width.saturating_sub(NARROWEST));
        let first = " ".repeat(indent);
        let hang = if text.starts_with("- ") { "  " } else { "" };
        let others = format!("{first}{hang}");
        let options = textwrap::Options::new(self.width)
            .initial_indent(&first)
            .subsequent_indent(&others)
            // Names with hyphens stay whole where they can, to be copied.
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        self.text.push_str(&textwrap::fill(text, options));
        self.text.push('\n');
    }

    fn verbatim(&mut self, indent: usize, line: &str) {
        self.text.extend([&" ".repeat(indent), line, "\n"]);
    }

    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_shown_to_their_ends_and_recursion_once() {
        let catalogue: Catalogue = serde_json::from_value(json!({
            "operations": {"Grow": {
                "method": "PUT", "path": "/trees/{id}", "area": "trees", "summary": "Grows a tree.",
                "description": "Slowly.\n\nKinds:\n- `oak`: lasts\nlong\n- `fir`: grows fast",
                "path_parameters": {"id": {"kind": "string", "doc": "The tree.", "required": true}},
                "query": {"ref": "GrowQuery"},
                "body": {"list": {"ref": "Branch"}},
                "answer": {"ref": "Tree"}
            }},
            "schemas": {
                "GrowQuery": {"doc": "Q.", "fields": {
                    "wait": {"kind": "boolean", "doc": "Whether to wait.", "default": false},
                    "key": {"kind": "string", "doc": "The key.", "required": true, "sensitive": true, "example": ""}
                }},
                "Branch": {"doc": "A branch.", "fields": {
                    "branches": {"kind": {"list": {"ref": "Branch"}}, "doc": "Its branches."},
                    "kind": {"kind": {"ref": "TreeKind"}, "doc": "The kind."},
                    "labels": {"kind": {"map": "any"}},
                    "old": {"kind": "number", "deprecated": "use labels", "doc": "Nothing.", "example": "a\nb"}
                }},
                "TreeKind": {"doc": "Kinds.\n\n- `oak`: an oak\n- `fir`: a fir", "values": ["oak", "fir"]},
                "Tree": {"doc": "A tree.", "fields": {
                    "root": {"kind": {"ref": "Root"}, "doc": "Its root."}
                }},
                "Root": {"fields": {"trunk": {"kind": {"ref": "Branch"}, "doc": "Its trunk."}}}
            }
        }))
        .unwrap();
        let (id, operation) = catalogue.operation("grow").unwrap();
        let text = text(&catalogue, id, operation, 40, false).unwrap();
        let (prose, copied) = text.split_once("\nExample input:\n").unwrap();
        assert!(copied.ends_with("\n  ackctl api Grow --input input.json --dry-run\n"), "{copied}");
        insta::assert_snapshot!(prose, @r#"
        Grows a tree.

        PUT /trees/{id}
        Area: trees

        Slowly.

        Kinds:
        - `oak`: lasts long
        - `fir`: grows fast

        Usage: ackctl api Grow --path id=<VALUE> --query key=<VALUE> [--query <NAME=VALUE>]... --body <JSON|@FILE> [OPTIONS]

        Path parameters:
          id  string, required
              The tree.

        Query parameters:
          key  string, required, secret
              The key.
              Example: ""
          wait  boolean
              Whether to wait.
              Default: false

        Body: list of object Branch
          A branch.
          branches  list of object Branch
              Its branches.
              Its fields are those of the Branch
              it is in.
          kind  enum TreeKind
              The kind.
              Values:
              - `oak`: an oak
              - `fir`: a fir
          labels  map of anything
          old  number, deprecated
              Nothing.
              Deprecated: use labels
              Example: "a\nb"

        Answer: object Tree
          A tree.
          root  object Root
              Its root.
            trunk  object Branch
                Its trunk.
                Fields: branches, kind, labels,
                old
        "#);
    }
}
