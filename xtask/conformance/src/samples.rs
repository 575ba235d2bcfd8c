//! Documented sample answers against the models.
//!
//! A sample is named `<Operation>.<n>.json` or `.xml`. Each has to decode into the model of its operation, and the two
//! of a pair (same operation and n) have to give the same value. Where a printed pair disagrees with itself, the
//! disagreement is written down in `tests/samples/disagreements.json` and has to be exactly that.

use std::collections::BTreeMap;
use std::path::Path;

use ack_client::{Format, decode_answer};
use ack_models::catalogue::{Catalogue, Kind};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::compare::compare;

/// Known disagreements: the place in one pair (`<Operation>.<n>`) to what JSON and XML have there.
pub type Disagreements = BTreeMap<String, BTreeMap<String, (Value, Value)>>;

/// The disagreements of the printed pairs, as written down.
///
/// # Errors
///
/// If the list is not of its form.
pub fn known_disagreements() -> Result<Disagreements> {
    let text = include_str!("../../../tests/samples/disagreements.json");
    serde_json::from_str(text).context("tests/samples/disagreements.json")
}

/// The samples of a folder by file name; other files are passed over.
///
/// # Errors
///
/// If the folder cannot be read or holds no sample.
pub fn read(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if Sample::parse(name).is_some() {
            files.insert(name.to_owned(), std::fs::read(&path)?);
        }
    }
    ensure!(!files.is_empty(), "{} holds no samples named <Operation>.<n>.json or .xml", folder.display());
    Ok(files)
}

/// Every failure, by file name.
#[must_use]
pub fn check(files: &BTreeMap<String, Vec<u8>>, known: &Disagreements) -> Vec<(String, String)> {
    let mut failures = Vec::new();
    let mut pairs: BTreeMap<String, (Sample, Value)> = BTreeMap::new();
    for (name, bytes) in files {
        let Some(sample) = Sample::parse(name) else { continue };
        let value = match decode(&sample, bytes) {
            Ok(value) => value,
            Err(failure) => {
                failures.push((name.clone(), failure));
                continue;
            }
        };
        // JSON sorts before XML, so the first of a pair is the JSON one.
        match pairs.remove(&sample.stem) {
            Some((_, json)) => {
                let found = disagreements(&sample.operation, &json, &value);
                let expected = known.get(&sample.stem).cloned().unwrap_or_default();
                if let Some(failure) = difference(&found, &expected) {
                    failures.push((name.clone(), failure));
                }
            }
            None => {
                pairs.insert(sample.stem.clone(), (sample, value));
            }
        }
    }
    failures
}

/// Operations whose samples are printed but which the API no longer has: what is known of them today.
const RETIRED: [(&str, Option<&str>); 2] =
    [("DescribeClusterNamespaces", Some("DescribeUserClusterNamespaces")), ("StartWorkflow", None)];

/// One sample file, by its name.
struct Sample {
    stem: String,
    operation: String,
    format: Format,
}

impl Sample {
    fn parse(name: &str) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        let format = extension.parse().ok()?;
        let (operation, number) = stem.split_once('.').unwrap_or((stem, "0"));
        let is_numbered = number.starts_with(|c: char| c.is_ascii_digit());
        let is_named = operation.starts_with(|c: char| c.is_ascii_uppercase());
        (is_numbered && is_named).then(|| Self { stem: stem.to_owned(), operation: operation.to_owned(), format })
    }
}

/// The value of a sample. Older pages print the status line of an answer without a body and nothing else.
fn decode(sample: &Sample, bytes: &[u8]) -> Result<Value, String> {
    let body = without_head(bytes);
    let retired = RETIRED.iter().find(|(name, _)| *name == sample.operation);
    let operation = match retired {
        // Nothing declares its shape any more, so any shape is right.
        Some((_, None)) => return ack_codec::decode::<Value>(sample.format, body).map_err(|error| error.to_string()),
        Some((_, Some(heir))) => heir,
        None => sample.operation.as_str(),
    };
    if body.iter().all(u8::is_ascii_whitespace) {
        let known = Catalogue::get().operation(operation).is_some();
        return if known { Ok(Value::Null) } else { Err(format!("{operation} is no operation of the API")) };
    }
    let answer = decode_answer(operation, sample.format, body).map_err(|error| error.to_string())?;
    Ok(answer.value)
}

fn without_head(bytes: &[u8]) -> &[u8] {
    if !bytes.starts_with(b"HTTP/") {
        return bytes;
    }
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    end.and_then(|end| bytes.get(end..)).unwrap_or_default()
}

/// Where two values of an operation's answer differ.
fn disagreements(operation: &str, json: &Value, xml: &Value) -> BTreeMap<String, (Value, Value)> {
    let catalogue = Catalogue::get();
    let answer = catalogue.operation(operation).and_then(|(_, entry)| entry.answer.as_ref());
    let mut found = BTreeMap::new();
    compare(catalogue, answer.unwrap_or(&Kind::Any), "$", json, xml, &mut found);
    found
}

fn difference(found: &BTreeMap<String, (Value, Value)>, expected: &BTreeMap<String, (Value, Value)>) -> Option<String> {
    if found == expected {
        return None;
    }
    let unexpected = found.iter().filter(|(path, values)| expected.get(*path) != Some(values));
    let gone = expected.keys().filter(|path| !found.contains_key(*path));
    let lines: Vec<String> = unexpected
        .map(|(path, (json, xml))| format!("{path} is {json} in JSON and {xml} in XML"))
        .chain(gone.map(|path| format!("{path} is listed as a disagreement and agrees")))
        .collect();
    Some(lines.join("; "))
}
