//! `cargo xtask interop`: the emulator against the vendor's own SDKs for Python and TypeScript.
//!
//! Builds `ackctl`, starts `ackctl emulator` on a free port of loopback for each, and runs `tests/interop/interop.py` in a
//! virtual environment of its own, and `tests/interop/typescript/interop.js` with packages of its own. The signer and the
//! codec of this workspace are on both sides of its other tests; here the other side was written by the vendor. Both also
//! meet every fault of the emulator, which they inject by admin calls.
//!
//! It needs Python 3.9 or later with `venv`, Node.js 18 or later with npm, and their package indexes for the first run.
//! Nothing is installed outside the target folder. Two runs at once in one target folder would get into each other's way.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

mod npm;
pub(crate) mod venv;

use crate::cargo;
use crate::process::Process;

/// How long the emulator may take to announce itself.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How long a script may run. Most of it is waiting: for upgrades to end, and for answers that never come.
const SCRIPT_LIMIT: Duration = Duration::from_secs(180);

/// How fast the emulator's time runs. The slowest upgrade takes eleven seconds so, and the precheck, the shortest stage,
/// a whole one: enough for a busy machine to see it.
const TIME_SCALE: &str = "60";

/// Where the scripts look for the emulator's announcement.
const ANNOUNCEMENT: &str = "ACK_EMULATOR_ANNOUNCEMENT";

/// Runs the official Python and TypeScript SDKs against the emulator.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The Python to make the virtual environment with: 3.9 or later.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,

    /// The Node.js to run the TypeScript SDK with: 18 or later.
    #[arg(long, value_name = "PROGRAM", default_value = "node")]
    node: PathBuf,

    /// The npm to install the TypeScript SDK with.
    #[arg(long, value_name = "PROGRAM", default_value = if cfg!(windows) { "npm.cmd" } else { "npm" })]
    npm: PathBuf,

    /// Run one of the two only.
    #[arg(long, value_enum, value_name = "SDK")]
    only: Option<Sdk>,
}

/// An official SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Sdk {
    Python,
    Typescript,
}

/// Runs the command. The lines of the scripts go to standard output as they are, those of the tools to standard error.
/// Answers whether every check passed.
///
/// # Errors
///
/// A step before the checks that fails or exceeds its time: building, installing, starting the emulator.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let root = cargo::root()?;
    let (folder, installed) = (root.join("tests/interop"), cargo::target_folder(root)?.join("interop"));
    let is_wanted = |sdk| arguments.only.is_none_or(|only| only == sdk);
    // What is wrong with the tools of a machine is better said before a long build than after it.
    let mut scripts = Vec::new();
    if is_wanted(Sdk::Python) {
        let python = venv::prepare(&arguments.python, &folder.join("requirements.txt"), &installed.join("venv"))?;
        let mut script = Command::new(python);
        script.arg("interop.py").current_dir(&folder).env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
        // What is on the user's own module path must not take the place of what was installed.
        script.env_remove("PYTHONPATH").env_remove("PYTHONHOME");
        scripts.push(("interop.py", script));
    }
    if is_wanted(Sdk::Typescript) {
        let folder = folder.join("typescript");
        let packages = npm::prepare(&arguments.node, &arguments.npm, &folder, &installed.join("typescript"))?;
        let mut script = Command::new(&arguments.node);
        script.arg("interop.js").current_dir(&folder).env("NODE_PATH", packages).env_remove("NODE_OPTIONS");
        scripts.push(("interop.js", script));
    }
    let ackctl = build_ackctl(root)?;
    let mut have_passed = true;
    for (name, mut script) in scripts {
        have_passed &= run_script(&ackctl, name, &mut script)?;
    }
    Ok(have_passed)
}

/// Runs a script against an emulator of its own. Answers whether every check passed.
fn run_script(ackctl: &Path, name: &'static str, script: &mut Command) -> Result<bool> {
    let (_emulator, announcement) = start_emulator(ackctl)?;
    note(&format!("running {name}"));
    let status =
        Process::start(name, script.env(ANNOUNCEMENT, announcement).stdin(Stdio::null()))?.wait(SCRIPT_LIMIT)?;
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => bail!("{name} broke off with {status}; its messages are above"),
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
