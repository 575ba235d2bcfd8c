//! The SDKs of other languages, installed where they can be thrown away.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::Run;
use crate::interop::venv;
use crate::process::Process;

const INSTALL_LIMIT: Duration = Duration::from_secs(10 * 60);

/// A Python with the official SDK: the one that `cargo xtask interop` has.
pub(super) fn python(run: &Run<'_>, python: &Path) -> Result<PathBuf> {
    let folder = run.area.parent().context("the target folder is a root")?.join("interop/venv");
    venv::prepare(python, &run.root.join("tests/interop/requirements.txt"), &folder)
}

/// A folder with the official TypeScript SDK and the script that calls it.
pub(super) fn typescript(run: &Run<'_>) -> Result<PathBuf> {
    let (from, folder) = (run.root.join("bench/peers"), run.area.join("typescript"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for name in ["package.json", "calls.js"] {
        fs::copy(from.join(name), folder.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"]);
    let install = Process::start("npm install", npm.stdin(Stdio::null()).stdout(Stdio::null()));
    let install = install.context("the official TypeScript SDK needs Node.js 18 or later with npm: install them")?;
    let status = install.wait(INSTALL_LIMIT)?;
    ensure!(status.success(), "npm install failed with {status}; its messages are above");
    Ok(folder)
}
