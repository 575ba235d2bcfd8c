//! Corrections of the documented API, each with its reason. A correction that no longer applies is an error,
//! so that it goes away with the defect it mends.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::catalog;
use super::document::references;

/// One correction.
struct Fixup {
    name: &'static str,
    reason: &'static str,
    /// Changes the document and says how many places it changed.
    apply: fn(&mut Value) -> usize,
}

const FIXUPS: [Fixup; 1] = [Fixup {
    name: "response-fields-are-optional",
    reason: "the reference marks service_cidr and vpc_id as always present, while the service has left out \
             fields it once declared required (the official Go SDK took all such marks back in June 2021); \
             a missing field must not fail a whole answer",
    apply: drop_required_of_responses,
}];

/// Applies every correction to the merged document.
pub(crate) fn apply(root: &mut Value) -> Result<()> {
    for fixup in &FIXUPS {
        let places = (fixup.apply)(root);
        ensure!(
            places > 0,
            "fix-up {} no longer applies; remove it (it was there because {})",
            fixup.name,
            fixup.reason
        );
    }
    Ok(())
}

fn drop_required_of_responses(root: &mut Value) -> usize {
    let mut sent: BTreeSet<String> = catalog::operations(root)
        .filter_map(|(_, _, operation)| operation.get("requestBody"))
        .flat_map(references)
        .collect();
    let mut queue: Vec<String> = sent.iter().cloned().collect();
    while let Some(name) = queue.pop() {
        let inner = references(&root["components"]["schemas"][&name]);
        queue.extend(inner.into_iter().filter(|name| sent.insert(name.clone())));
    }
    let mut places = 0;
    let schemas = root["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        if !sent.contains(name) && schema.get("required").is_some() {
            schema["required"] = json!([]);
            places += 1;
        }
    }
    places
}
