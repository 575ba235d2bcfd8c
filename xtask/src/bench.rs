//! `cargo xtask bench`: what we cost, beside what users would pick instead.
//!
//! Everything is measured in one run, as ratios, in processor time: user and system, of the process and its children.
//! The peers are installed into folders below `target/bench`. The table goes to standard output and to `BENCHMARKS.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

mod bounds;
mod builds;
mod machine;
mod peers;
mod rows;

use rows::{Measured, Table};

use crate::process::Process;
use crate::{cargo, interop, say};

/// How long one program may measure.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// How often a whole process is run; the least counts.
const RUNS: usize = 20;

/// Measures against peers and writes BENCHMARKS.md.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Builds everything without optimisation, runs each part once, judges nothing and writes nothing.
    #[arg(long)]
    quick: bool,
    /// Leaves out the rows about build times, of which the peer's takes some ten minutes.
    #[arg(long)]
    without_builds: bool,
    /// The Python to make the environment of the official SDK with: 3.9 or later.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
}

/// What all parts of a run need.
struct Run<'a> {
    root: &'a Path,
    area: PathBuf,
    quick: bool,
    programs: BTreeMap<String, PathBuf>,
}

/// Runs the command. It answers true even where a target is missed: that is what the table is for.
///
/// # Errors
///
/// A program or peer that cannot be built, installed or run.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let root = cargo::root()?;
    let area = cargo::target_folder(root)?.join("bench");
    fs::create_dir_all(&area).with_context(|| format!("cannot make the folder {}", area.display()))?;
    let quick = arguments.quick;
    let run = Run { root, area, quick, programs: build(root, quick)? };

    let mut table = Table::default();
    let (server, address) = run.serve("serve")?;
    run.read_rows(&mut table, "measure", &[&address])?;
    run.read_rows(&mut table, "allocations", &[])?;
    run.processes(&mut table, &address, &arguments.python)?;
    drop(server);
    run.fleet(&mut table)?;
    run.size(&mut table)?;
    if quick {
        run.criterion_once()?;
    } else if !arguments.without_builds {
        builds::measure(&run, &mut table)?;
    }

    let text = table.markdown(!quick);
    say(&text)?;
    if !quick {
        let path = root.join("BENCHMARKS.md");
        fs::write(&path, machine::page(root, &run.area, &text)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        say(&format!("written to {}", path.display()))?;
    }
    Ok(true)
}

fn build(root: &Path, quick: bool) -> Result<BTreeMap<String, PathBuf>> {
    let mut command = Command::new(cargo::program());
    command.current_dir(root).args(["build", "--package", "ack-bench", "--package", "ackctl", "--bins"]);
    if !quick {
        command.arg("--release");
    }
    cargo::build(&mut command)
}

impl Run<'_> {
    fn program(&self, name: &str) -> Result<&Path> {
        Ok(self.programs.get(name).with_context(|| format!("cargo did not say where it put {name}"))?)
    }

    /// A server that clients are measured with, which lives as long as its handle, and its address.
    fn serve(&self, program: &str) -> Result<(Process, String)> {
        let mut command = Command::new(self.program(program)?);
        command.args(self.quick.then_some("--quick"));
        let mut server = Process::start("the server", command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let line = server.lines()?.next(Instant::now() + Duration::from_secs(30))?;
        Ok((server, line.context("the server ended before it told its address")?))
    }

    /// The lines a command prints. It must succeed.
    fn lines(&self, what: &'static str, command: &mut Command) -> Result<Vec<String>> {
        let mut process = Process::start(what, command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let output = process.lines()?;
        let deadline = Instant::now() + LIMIT;
        let mut lines = Vec::new();
        while let Some(line) = output.next(deadline)? {
            lines.push(line);
        }
        let status = process.wait(Duration::from_secs(60))?;
        ensure!(status.success(), "{what} failed with {status}; its messages are above");
        Ok(lines)
    }

    /// Runs one of our programs, which prints rows.
    fn read_rows(&self, table: &mut Table, program: &'static str, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(self.program(program)?);
        command.args(self.quick.then_some("--quick")).args(arguments);
        for line in self.lines(program, &mut command)? {
            let (id, measured) = Measured::read(&line)?;
            table.insert(&id, measured);
        }
        Ok(())
    }

    /// The least processor time of a whole process, in nanoseconds.
    fn process(&self, program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<f64> {
        let times = if self.quick { 1 } else { RUNS };
        let mut command = Command::new(self.program("children")?);
        command.arg(times.to_string()).arg(program).args(arguments).envs(environment.iter().copied());
        let lines = self.lines("the measurement of a process", &mut command)?;
        let times = lines.iter().map(|line| line.parse::<f64>().context("a time is no number"));
        times.reduce(|least, time| Ok(least?.min(time?))).context("no time was taken")?
    }

    /// The processor time of a process that is run once, in nanoseconds.
    fn process_once(&self, program: &Path, arguments: &[&str]) -> Result<f64> {
        let mut command = Command::new(self.program("children")?);
        command.arg("1").arg(program).args(arguments);
        self.number("the measurement of a process", &mut command)
    }

    /// Whole processes, and the calls of SDKs in other languages.
    fn processes(&self, table: &mut Table, address: &str, python: &Path) -> Result<()> {
        let ackctl = self.program("ackctl")?;
        let (emulator, announcement) = interop::start_emulator(ackctl)?;
        let announced: Value = serde_json::from_str(&announcement)?;
        let text = |pointer: &str| announced.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (endpoint, host, cluster) = (text("/endpoint"), text("/address"), text("/clusters/0"));
        let keys = [
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", text("/access_key_id")),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", text("/access_key_secret")),
        ];
        let version = self.process(ackctl, &["--version"], &[])?;
        let call = ["upgrade", "status", cluster, "--endpoint", endpoint, "--region", text("/region")];
        let status = self.process(ackctl, &call, &keys)?;
        if self.quick {
            return Ok(());
        }
        let sdk = peers::python(self, python)?;
        let import = "import alibabacloud_cs20151215.client as sdk; print(sdk.__name__)";
        let peer = self.process(&sdk, &["-c", import], &[])?;
        table.insert("process/version", Measured { own: version, peer, unit: "ns".to_owned() });
        let calls = self.root.join("bench/peers/calls.py");
        let calls = calls.to_str().context("the folder of the workspace has a name that is not text")?;
        let peer = self.process(&sdk, &[calls, host, "0", cluster], &keys)?;
        drop(emulator);
        table.insert("process/status", Measured { own: status, peer, unit: "ns".to_owned() });

        let own = table.own("call/reqwest").context("our own calls were not measured")?;
        let peer = self.number("the official Python SDK", Command::new(&sdk).args([calls, address, "300"]))?;
        table.insert("call/python", Measured { own, peer, unit: "ns".to_owned() });
        let folder = peers::typescript(self)?;
        let mut node = Command::new("node");
        node.current_dir(&folder).args(["calls.js", address, "1000"]);
        let peer = self.number("the official TypeScript SDK", &mut node)?;
        table.insert("call/typescript", Measured { own, peer, unit: "ns".to_owned() });
        Ok(())
    }

    /// A fleet, served by one process and followed by another.
    fn fleet(&self, table: &mut Table) -> Result<()> {
        let (server, endpoint) = self.serve("clusters")?;
        let mut idle = Command::new(self.program("fleet")?);
        let idle = self.number("an idle process", idle.arg("idle"))?;
        self.read_rows(table, "fleet", &[&endpoint, &format!("{idle:.0}")])?;
        drop(server);
        Ok(())
    }

    /// The number on the last line of what a command prints.
    fn number(&self, what: &'static str, command: &mut Command) -> Result<f64> {
        let lines = self.lines(what, command)?;
        let line = lines.last().with_context(|| format!("{what} printed nothing"))?;
        line.trim().parse().with_context(|| format!("{what} printed {line:?} instead of a number"))
    }

    fn size(&self, table: &mut Table) -> Result<()> {
        let ackctl = self.program("ackctl")?;
        let program = fs::read(ackctl).with_context(|| format!("cannot read {}", ackctl.display()))?;
        ensure!(
            self.quick || !has_symbols(&program),
            "{} has symbols: the profile does not strip it",
            ackctl.display()
        );
        let own = program.len() as f64;
        table.insert("size", Measured { own, peer: 1024.0 * 1024.0, unit: "bytes".to_owned() });
        Ok(())
    }

    /// Lets criterion run each of its benchmarks once.
    fn criterion_once(&self) -> Result<()> {
        let mut command = Command::new(cargo::program());
        command.current_dir(self.root).args(["test", "--quiet", "--package", "ack-bench", "--bench", "micro"]);
        let status = Process::start("criterion", command.stdout(Stdio::null()))?.wait(LIMIT)?;
        if !status.success() {
            bail!("criterion failed with {status}; its messages are above");
        }
        Ok(())
    }
}

/// Whether a program for Linux has a table of symbols, told by the name of its section.
fn has_symbols(program: &[u8]) -> bool {
    let name = b"\0.symtab\0";
    program.windows(name.len()).any(|bytes| bytes == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_symbols_is_found_by_its_name() {
        assert!(has_symbols(b"\x7fELF\0.symtab\0.strtab\0.shstrtab\0"));
        assert!(!has_symbols(b"\x7fELF and a text with .symtab in it\0.shstrtab\0"));
    }
}
