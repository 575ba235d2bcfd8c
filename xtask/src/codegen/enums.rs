//! Open enums: one invocation of the models crate's `open_enum!` for each string enum of the spec.

use anyhow::{Result, ensure};
use heck::ToUpperCamelCase as _;

use super::catalog::OpenEnum;

/// The item for one enum, as text: the pretty printer leaves the inside of a macro as one long line.
pub(crate) fn open_enum(name: &str, definition: &OpenEnum) -> Result<String> {
    let mut variants: Vec<(String, String)> = Vec::new();
    let mut lines = String::new();
    for (value, text) in &definition.values {
        // Values are matched without regard to case, so a second spelling is the same variant.
        if variants.iter().any(|(_, known)| known.eq_ignore_ascii_case(value)) {
            continue;
        }
        let variant = variant_name(value);
        ensure!(
            variant != "Unknown",
            "enum {name}: the value `{value}` would be called Unknown, the name of the open variant"
        );
        if let Some((_, known)) = variants.iter().find(|(taken, _)| *taken == variant) {
            anyhow::bail!("enum {name}: `{known}` and `{value}` would both be called {variant}");
        }
        let shown = if value.is_empty() { "an empty string".to_owned() } else { format!("`{value}`") };
        let text = match text {
            Some(text) => format!("{} Written {shown}.", text.trim()),
            None => format!("Written {shown}."),
        };
        lines.push_str(&comment(&text, "        "));
        lines.push_str(&format!("        {variant} = {value:?},\n"));
        variants.push((variant, value.clone()));
    }
    let doc = comment(&definition.doc, "    ");
    Ok(format!("open_enum! {{\n{doc}    pub enum {name} {{\n{lines}    }}\n}}\n"))
}

fn comment(text: &str, indent: &str) -> String {
    let line = |line: &str| format!("{indent}/// {}", line.trim()).trim_end().to_owned() + "\n";
    text.lines().map(line).collect()
}

/// A Rust name for a value: `ack.pro.small` is `AckProSmall`, `2d` is `V2d`, and the empty string `Empty`.
fn variant_name(value: &str) -> String {
    let words: String = value.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let camel = words.to_upper_camel_case();
    match camel.chars().next() {
        None if value.is_empty() => "Empty".to_owned(),
        None => value.chars().map(symbol_name).collect(),
        Some(first) if first.is_ascii_digit() => format!("V{camel}"),
        // The one keyword that is spelled like a variant.
        Some(_) if camel == "Self" => "Self_".to_owned(),
        Some(_) => camel,
    }
}

fn symbol_name(c: char) -> String {
    match c {
        '*' => "Any".to_owned(),
        '-' => "Dash".to_owned(),
        other => format!("U{:04X}", u32::from(other)),
    }
}
