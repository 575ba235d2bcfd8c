//! Checks the signer against the golden vectors of the official signers.
//!
//! A vector is a JSON file with the inputs of one request and what an official SDK made of them.
//! [`run`] walks a folder of them and reports; [`check::check`] does one and needs nothing of this
//! program, so a test may include it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub(crate) mod check;

/// Checks every `*.json` file below `dir` (default: the workspace's `tests/signing-vectors`) and
/// prints one entry for each failure and a last line with the counts to standard output. Tells
/// whether all passed.
///
/// # Errors
///
/// A folder that is missing, cannot be read or holds no vector, and output that cannot be written.
pub(crate) fn run(dir: Option<PathBuf>) -> Result<bool> {
    let dir = dir.unwrap_or_else(default_dir);
    report(&dir, &mut io::stdout().lock())
}

fn default_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/signing-vectors")
}

fn report(dir: &Path, out: &mut impl Write) -> Result<bool> {
    let files = vector_files(dir)?;
    if files.is_empty() {
        bail!("no *.json file in {}: pass the folder that holds the signing vectors", dir.display());
    }
    let mut failed = 0_usize;
    for file in &files {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        if let Err(failures) = check::check(&text) {
            failed += 1;
            let name = file.strip_prefix(dir).unwrap_or(file).display();
            for failure in failures {
                writeln!(out, "{name}: {failure}")?;
            }
        }
    }
    writeln!(out, "{} passed, {failed} failed", files.len() - failed)?;
    Ok(failed == 0)
}

/// All vector files below a folder in the order of their paths. Links to folders are not followed.
fn vector_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read folder {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read folder {}", folder.display()))?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(name: &str) -> String {
        fs::read_to_string(default_dir().join(name)).unwrap()
    }

    #[test]
    fn every_vector_of_the_workspace_passes() {
        let mut out = Vec::new();
        let passed = report(&default_dir(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(passed, "{text}");
        assert!(text.ends_with(" passed, 0 failed\n"), "{text}");
    }

    #[test]
    fn a_missing_folder_and_one_without_vectors_are_errors() {
        let missing = report(&default_dir().join("missing"), &mut Vec::new()).unwrap_err();
        assert!(missing.to_string().starts_with("cannot read folder "));
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert!(report(&sources, &mut Vec::new()).unwrap_err().to_string().starts_with("no *.json file in "));
    }

    #[test]
    fn a_changed_input_or_answer_fails_in_every_part_it_touches() {
        let parts = |text: &str| -> Vec<String> {
            let failures = check::check(text).unwrap_err();
            failures.iter().map(|failure| failure.lines().next().unwrap_or_default().to_owned()).collect()
        };
        let text = vector("20-post-json-upgrade-cluster.json");
        assert_eq!(
            parts(&text.replace("\"access_key_secret\": \"test", "\"access_key_secret\": \"best")),
            [
                "expected_min_headers: signature differs",
                "expected_min_headers: Authorization differs",
                "expected_min_headers: the official signature is not verified: the signature does not match: check the AccessKey secret, and compare the canonical request line by line",
                "expected: signature differs",
                "expected: Authorization differs",
                "expected: the official signature is not verified: the signature does not match: check the AccessKey secret, and compare the canonical request line by line",
            ]
        );
        assert_eq!(
            parts(&text.replace("\"accept\": \"application/json\"", "\"accept\": \"text/xml\""))
                .first()
                .map(String::as_str),
            Some("expected: canonical request differs")
        );
        let unsigned = vector("unsigned/01-bearer-get.json");
        assert_eq!(
            parts(&unsigned.replace("\"x-acs-signature-type\": \"BEARERTOKEN\"", "\"x-acs-signature-type\": \"?\"")),
            ["expected: headers differs"]
        );
    }

    #[test]
    fn what_is_no_vector_is_a_failure() {
        assert_eq!(check::check("{}").unwrap_err(), ["not a vector: `method` is not a text"]);
        assert!(check::check("[").unwrap_err().concat().starts_with("not JSON: "));
        let headless = vector("01-get-no-query.json").replace("\"headers\"", "\"heads\"");
        assert_eq!(check::check(&headless).unwrap_err(), ["not a vector: `headers` is not a map of texts"]);
    }
}
