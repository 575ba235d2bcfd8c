//! `cargo xtask interop`: the emulator against the vendor's own SDK for Python.
//!
//! Builds `ackctl`, starts `ackctl emulator` on a free port of loopback, and runs `tests/interop/interop.py` against it
//! in a virtual environment of its own. The signer and the codec of this workspace are on both sides of its other
//! tests; here the other side was written by the vendor.
//!
//! It needs Python 3.9 or later with `venv`, and a package index for the first run. Nothing is installed outside the
//! target folder. Two runs at once in one target folder would get into each other's way.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

mod process;
mod venv;

use process::Process;

/// How long cargo may take; a first build compiles every dependency.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// How long the emulator may take to announce itself.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How long the script may run.
const SCRIPT_LIMIT: Duration = Duration::from_secs(60);

/// How fast the emulator's time runs. The slowest upgrade takes eleven seconds so, and the precheck, the shortest stage,
/// a whole one: enough for a busy machine to see it.
const TIME_SCALE: &str = "60";

/// Where the script looks for the emulator's announcement.
const ANNOUNCEMENT: &str = "ACK_EMULATOR_ANNOUNCEMENT";

/// Runs the official Python SDK against the emulator.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The Python to make the virtual environment with: 3.9 or later.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
}

/// Runs the command. The script's lines go to standard output as they are, those of the tools to standard error.
/// Answers whether every check passed.
///
/// # Errors
///
/// A step before the checks that fails or exceeds its time: building, installing, starting the emulator.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask is not in a workspace")?;
    let folder = root.join("tests/interop");
    // What is wrong with the Python of a machine is better said before a long build than after it.
    let environment = target_folder(root)?.join("interop/venv");
    let python = venv::prepare(&arguments.python, &folder.join("requirements.txt"), &environment)?;
    let ackctl = build_ackctl(root)?;

    let (_emulator, announcement) = start_emulator(&ackctl)?;
    let mut script = Command::new(python);
    script.arg("interop.py").current_dir(&folder).env(ANNOUNCEMENT, announcement);
    // What is on the user's own module path must not take the place of what was installed.
    script.env_remove("PYTHONPATH").env_remove("PYTHONHOME");
    script.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1").stdin(Stdio::null());
    let status = Process::start("interop.py", &mut script)?.wait(SCRIPT_LIMIT)?;
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => bail!("interop.py broke off with {status}; its messages are above"),
    }
}

fn build_ackctl(root: &Path) -> Result<PathBuf> {
    let mut command = Command::new(cargo());
    command.args(["build", "--package", "ackctl", "--bin", "ackctl", "--message-format", "json-render-diagnostics"]);
    let mut build = Process::start("cargo build", command.current_dir(root).stdout(Stdio::piped()))?;
    let lines = build.lines()?;
    let deadline = Instant::now() + BUILD_LIMIT;
    let mut executable = None;
    while let Some(line) = lines.next(deadline)? {
        executable = executable.or_else(|| executable_in(&line, "ackctl"));
    }
    let status = build.wait(deadline.saturating_duration_since(Instant::now()))?;
    if !status.success() {
        bail!("cargo build failed with {status}; its messages are above");
    }
    executable.context("cargo build did not say where it put ackctl; does the crate have a program of that name?")
}

/// The path in a message of cargo, if the message is that of the program.
fn executable_in(message: &str, program: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_program = message.pointer("/target/name")?.as_str()? == program
        && message.pointer("/target/kind")?.as_array()?.iter().any(|kind| kind == "bin");
    let path = message.get("executable")?.as_str()?;
    is_program.then(|| PathBuf::from(path))
}

fn target_folder(root: &Path) -> Result<PathBuf> {
    let mut command = Command::new(cargo());
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let mut metadata = Process::start("cargo metadata", command.current_dir(root).stdout(Stdio::piped()))?;
    let line = metadata.lines()?.next(Instant::now() + START_LIMIT)?.unwrap_or_default();
    let metadata: Value = serde_json::from_str(&line).context("cargo metadata did not print JSON")?;
    let folder = metadata.get("target_directory").and_then(Value::as_str);
    Ok(PathBuf::from(folder.context("cargo metadata did not name the target folder")?))
}

/// The emulator, which lives as long as its handle, and the line of JSON it printed.
fn start_emulator(ackctl: &Path) -> Result<(Process, String)> {
    let mut command = Command::new(ackctl);
    command.args(["emulator", "--listen", "127.0.0.1:0", "--time-scale", TIME_SCALE]);
    let mut emulator = Process::start("ackctl emulator", command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let line = emulator.lines()?.next(Instant::now() + START_LIMIT)?;
    let line = line.context("ackctl emulator ended before it announced itself; its messages are above")?;
    let announcement: Value = serde_json::from_str(&line).with_context(|| {
        let shown: String = line.chars().take(80).collect();
        format!("ackctl emulator announced itself with {shown:?}, which is not JSON")
    })?;
    let endpoint = announcement.get("endpoint").and_then(Value::as_str).unwrap_or("an unknown address");
    note(&format!("the emulator is at {endpoint}"));
    Ok((emulator, line))
}

/// The cargo that runs this program, so that a toolchain chosen with `cargo +name` is kept.
fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Says on standard error what goes on. That nobody can read it is no reason to stop.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "interop: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_the_messages_of_cargo() {
        let found = |message: &str| executable_in(message, "ackctl");
        let artifact =
            r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"ackctl"},"executable":"/t/ackctl"}"#;
        assert_eq!(found(artifact), Some(PathBuf::from("/t/ackctl")));
        for message in [
            artifact.replace("bin", "lib"),
            artifact.replace(r#""name":"ackctl""#, r#""name":"other""#),
            artifact.replace(r#""/t/ackctl""#, "null"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
            "not JSON".to_owned(),
        ] {
            assert_eq!(found(&message), None, "{message}");
        }
    }

    #[test]
    fn the_target_folder_is_that_of_cargo() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert!(target_folder(root).unwrap().is_absolute());
    }
}
