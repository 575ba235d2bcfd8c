//! Builds the targets with coverage instrumentation and libFuzzer.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::cargo;
use crate::process::Process;

const PACKAGE: &str = "ack-fuzz";

/// What libFuzzer wants to know from the program: which edges were taken, how often, and what was compared. They are
/// the flags that cargo-fuzz sets, without its address sanitizer: there is no `unsafe` for it to look at.
const INSTRUMENTATION: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg",
    "fuzzing",
];

/// How long a tool may take to tell its version.
const PROBE_LIMIT: Duration = Duration::from_secs(30);

/// The names of the targets, which are those of the package's programs.
pub(super) fn names(root: &Path) -> Result<Vec<String>> {
    let metadata = cargo::metadata(root)?;
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    let targets = packages
        .filter(|package| package.get("name").is_some_and(|name| name == PACKAGE))
        .flat_map(|package| package.get("targets").and_then(Value::as_array).into_iter().flatten());
    let programs = targets.filter(|target| target.pointer("/kind/0").is_some_and(|kind| kind == "bin"));
    let names: Vec<String> = programs.filter_map(|target| Some(target.get("name")?.as_str()?.to_owned())).collect();
    ensure!(!names.is_empty(), "the workspace has no package {PACKAGE} with programs");
    Ok(names)
}

/// The words that mutations are made of.
pub(super) fn dictionary(name: &str) -> &'static str {
    match name {
        "json" => "json.dict",
        "cli_config" | "ini_file" => "config.dict",
        "authorization" | "signature" => "request.dict",
        _ => "xml.dict",
    }
}

/// Builds one target, or all, and tells where their programs are.
pub(super) fn build(root: &Path, area: &Path, only: Option<&str>) -> Result<BTreeMap<String, PathBuf>> {
    ensure!(cfg!(any(target_os = "linux", target_os = "macos")), "libFuzzer runs on Linux and macOS only");
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    first_line(&compiler, &["--version"]).with_context(|| {
        format!(
            "libFuzzer is C++, and the compiler {compiler} is missing: install one (Debian and Ubuntu: apt-get install \
             g++; macOS: xcode-select --install), or name it in CXX"
        )
    })?;
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = output(&rustc, &["--version", "--verbose"])?;
    let host = version.iter().find_map(|line| line.strip_prefix("host: ")).context("rustc did not name its host")?;

    let mut command = Command::new(cargo::program());
    command.current_dir(root).args(["build", "--package", PACKAGE, "--features", "libfuzzer", "--profile", "fuzz"]);
    match only {
        Some(name) => command.args(["--bin", name]),
        None => command.arg("--bins"),
    };
    // With the target named, build scripts and macros are left as they are.
    command.args(["--target", host, "--target-dir"]).arg(area.join("build"));
    command.env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\u{1f}")).env_remove("RUSTFLAGS");
    cargo::build(&mut command)
}

fn first_line(program: &str, arguments: &[&str]) -> Result<String> {
    output(program, arguments)?.into_iter().next().context("it printed nothing")
}

fn output(program: &str, arguments: &[&str]) -> Result<Vec<String>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut probe = Process::start("the check of a tool", &mut command)?;
    let output = probe.lines()?;
    let deadline = Instant::now() + PROBE_LIMIT;
    let mut lines = Vec::new();
    while let Some(line) = output.next(deadline)? {
        lines.push(line);
    }
    if !probe.wait(PROBE_LIMIT)?.success() {
        bail!("{program} {} failed", arguments.join(" "));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_known_by_name_and_has_a_dictionary() {
        let root = cargo::root().unwrap();
        let names = names(root).unwrap();
        assert!(names.iter().any(|name| name == "json") && names.iter().any(|name| name == "signature"), "{names:?}");
        for name in names {
            let path = root.join("fuzz/dictionaries").join(dictionary(&name));
            assert!(path.is_file(), "{}", path.display());
        }
    }

    #[test]
    fn a_tool_that_is_missing_is_an_error() {
        assert!(first_line("no-such-compiler", &["--version"]).is_err());
    }
}
