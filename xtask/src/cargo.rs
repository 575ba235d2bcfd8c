//! What cargo is asked for: builds, and where they go.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::Process;

/// How long a build may take; a first one compiles every dependency.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// How long a question may take.
const QUESTION_LIMIT: Duration = Duration::from_secs(30);

/// The cargo that runs this program, so that a toolchain chosen with `cargo +name` is kept.
pub(crate) fn program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The folder of the workspace.
pub(crate) fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask is not in a workspace")
}

/// What cargo says about the workspace.
pub(crate) fn metadata(root: &Path) -> Result<Value> {
    let mut command = Command::new(program());
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let mut metadata = Process::start("cargo metadata", command.current_dir(root).stdout(Stdio::piped()))?;
    let line = metadata.lines()?.next(Instant::now() + QUESTION_LIMIT)?.unwrap_or_default();
    serde_json::from_str(&line).context("cargo metadata did not print JSON")
}

/// Where builds go.
pub(crate) fn target_folder(root: &Path) -> Result<PathBuf> {
    let metadata = metadata(root)?;
    let folder = metadata.get("target_directory").and_then(Value::as_str);
    Ok(PathBuf::from(folder.context("cargo metadata did not name the target folder")?))
}

/// Runs a `cargo build` and tells where the programs it made are, by name.
pub(crate) fn build(command: &mut Command) -> Result<BTreeMap<String, PathBuf>> {
    command.args(["--message-format", "json-render-diagnostics"]);
    let mut build = Process::start("cargo build", command.stdout(Stdio::piped()))?;
    let lines = build.lines()?;
    let deadline = Instant::now() + BUILD_LIMIT;
    let mut programs = BTreeMap::new();
    while let Some(line) = lines.next(deadline)? {
        programs.extend(executable_in(&line));
    }
    let status = build.wait(deadline.saturating_duration_since(Instant::now()))?;
    if !status.success() {
        bail!("cargo build failed with {status}; its messages are above");
    }
    Ok(programs)
}

/// The name and path in a message of cargo, if the message is about a program.
fn executable_in(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let name = message.pointer("/target/name")?.as_str()?;
    let is_program = message.pointer("/target/kind")?.as_array()?.iter().any(|kind| kind == "bin");
    let path = message.get("executable")?.as_str()?;
    is_program.then(|| (name.to_owned(), PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_among_the_messages_of_cargo() {
        let artifact =
            r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"ackctl"},"executable":"/t/ackctl"}"#;
        assert_eq!(executable_in(artifact), Some(("ackctl".to_owned(), PathBuf::from("/t/ackctl"))));
        for message in [
            artifact.replace("bin", "lib"),
            artifact.replace(r#""/t/ackctl""#, "null"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
            "not JSON".to_owned(),
        ] {
            assert_eq!(executable_in(&message), None, "{message}");
        }
    }

    #[test]
    fn the_target_folder_is_that_of_cargo() {
        assert!(target_folder(root().unwrap()).unwrap().is_absolute());
    }
}
