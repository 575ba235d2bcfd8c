//! `cargo xtask interop`: the emulator against the vendor's own SDK for Python.
//!
//! Builds `ackctl`, starts `ackctl emulator` on a free port of loopback, and runs `tests/interop/interop.py` against it
//! in a virtual environment of its own. The signer and the codec of this workspace are on both sides of its other
//! tests; here the other side was written by the vendor.
//!
//! It needs Python 3.9 or later with `venv`, and a package index for the first run. Nothing is installed outside the
//! target folder. Two runs at once in one target folder would get into each other's way.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

pub(crate) mod venv;

use crate::cargo;
use crate::process::Process;

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
    let root = cargo::root()?;
    let folder = root.join("tests/interop");
    // What is wrong with the Python of a machine is better said before a long build than after it.
    let environment = cargo::target_folder(root)?.join("interop/venv");
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
    let mut command = Command::new(cargo::program());
    command.args(["build", "--package", "ackctl", "--bin", "ackctl"]).current_dir(root);
    let mut programs = cargo::build(&mut command)?;
    programs
        .remove("ackctl")
        .context("cargo build did not say where it put ackctl; does the crate have such a program?")
}

/// The emulator, which lives as long as its handle, and the line of JSON it printed.
pub(crate) fn start_emulator(ackctl: &Path) -> Result<(Process, String)> {
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

/// Says on standard error what goes on. That nobody can read it is no reason to stop.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "interop: {text}");
}
