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
mod choice;
mod machine;
mod peers;
mod rows;

use choice::Choice;
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
    /// Measures only the rows whose names hold this word, in any case, prints their table, and does not write BENCHMARKS.md. May
    /// be given several times.
    #[arg(long, value_name = "WORD")]
    only: Vec<String>,
    /// The Python to make the environment of the official SDK with: 3.9 or later.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
}

/// What all parts of a run need.
struct Run<'a> {
    root: &'a Path,
    area: PathBuf,
    quick: bool,
    choice: Choice,
    programs: BTreeMap<String, PathBuf>,
}

/// Runs the command. It answers true even where a target is missed: that is what the table is for.
///
/// # Errors
///
/// A program or peer that cannot be built, installed or run; a word that names no row.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let choice = Choice::of(&arguments.only)?;
    let root = cargo::root()?;
    let area = cargo::target_folder(root)?.join("bench");
    fs::create_dir_all(&area).with_context(|| format!("cannot make the folder {}", area.display()))?;
    let quick = arguments.quick;
    let programs = build(root, quick, &choice)?;
    let run = Run { root, area, quick, choice, programs };

    let mut table = Table::default();
    if run.choice.has_any(&CALLED) || MEASURED.iter().any(|group| run.choice.has_some_of(group)) {
        let (server, address) = run.serve("serve")?;
        run.read_rows(&mut table, "measure", &[&address])?;
        if run.choice.has_any(&CALLED) {
            run.calls(&mut table, &address, &arguments.python)?;
        }
        drop(server);
    }
    if COUNTED.iter().any(|group| run.choice.has_some_of(group)) {
        run.read_rows(&mut table, "allocations", &[])?;
    }
    if run.choice.has_some_of("process/") {
        run.processes(&mut table, &arguments.python)?;
    }
    if run.choice.has_some_of("fleet/") {
        run.fleet(&mut table)?;
    }
    if run.choice.has("size") {
        run.size(&mut table)?;
    }
    if quick && run.choice.is_all() {
        run.criterion_once()?;
    }
    if !quick && !arguments.without_builds {
        builds::measure(&run, &mut table, &run.choice)?;
    }

    let text = table.markdown(&run.choice, !quick);
    say(&text)?;
    if !quick && run.choice.is_all() {
        let path = root.join("BENCHMARKS.md");
        fs::write(&path, machine::page(root, &run.area, &text)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        say(&format!("written to {}", path.display()))?;
    }
    Ok(true)
}

/// The rows about SDKs of other languages.
const CALLED: [&str; 2] = ["call/python", "call/typescript"];

/// The beginnings of the rows that `measure` prints, and of those that `allocations` does.
const MEASURED: [&str; 5] = ["call/reqwest", "call/machinery", "decode/", "growth/time/", "signing"];
const COUNTED: [&str; 2] = ["allocations/", "growth/memory/"];

/// Builds the programs that the rows need. Both packages are named in any case: with one alone, libraries would have other features,
/// and be built again.
fn build(root: &Path, quick: bool, choice: &Choice) -> Result<BTreeMap<String, PathBuf>> {
    let mut command = Command::new(cargo::program());
    command.current_dir(root).args(["build", "--package", "ack-bench", "--package", "ackctl"]);
    if choice.is_all() {
        command.arg("--bins");
    } else {
        for program in programs(choice) {
            command.args(["--bin", program]);
        }
    }
    if !quick {
        command.arg("--release");
    }
    cargo::build(&mut command)
}

/// The programs that the rows need.
fn programs(choice: &Choice) -> Vec<&'static str> {
    let any_of = |groups: &[&str]| groups.iter().any(|group| choice.has_some_of(group));
    let needed = [
        (any_of(&MEASURED) || any_of(&CALLED), &["measure", "serve"][..]),
        (any_of(&COUNTED), &["allocations"]),
        (any_of(&["build/", "process/"]), &["children"]),
        (any_of(&["fleet/"]), &["clusters", "fleet"]),
        (any_of(&["process/", "size"]), &["ackctl"]),
    ];
    needed.iter().filter(|(is_needed, _)| *is_needed).flat_map(|(_, programs)| programs.iter().copied()).collect()
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
        command.args(self.quick.then_some("--quick")).args(self.choice.arguments()).args(arguments);
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

    /// Whole processes.
    fn processes(&self, table: &mut Table, python: &Path) -> Result<()> {
        let ackctl = self.program("ackctl")?;
        let mut insert =
            |id: &str, own: f64, peer: f64| table.insert(id, Measured { own, peer, unit: "ns".to_owned() });
        if self.choice.has("process/version") {
            let own = self.process(ackctl, &["--version"], &[])?;
            if !self.quick {
                let import = "import alibabacloud_cs20151215.client as sdk; print(sdk.__name__)";
                let peer = self.process(&peers::python(self, python)?, &["-c", import], &[])?;
                insert("process/version", own, peer);
            }
        }
        if self.choice.has("process/status") {
            let (emulator, announcement) = interop::start_emulator(ackctl)?;
            let announced: Value = serde_json::from_str(&announcement)?;
            let text = |pointer: &str| announced.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let (endpoint, host, cluster) = (text("/endpoint"), text("/address"), text("/clusters/0"));
            let keys = [
                ("ALIBABA_CLOUD_ACCESS_KEY_ID", text("/access_key_id")),
                ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", text("/access_key_secret")),
            ];
            let call = ["upgrade", "status", cluster, "--endpoint", endpoint, "--region", text("/region")];
            let own = self.process(ackctl, &call, &keys)?;
            if !self.quick {
                let calls = self.python_calls()?;
                let peer = self.process(&peers::python(self, python)?, &[&calls, host, "0", cluster], &keys)?;
                insert("process/status", own, peer);
            }
            drop(emulator);
        }
        Ok(())
    }

    /// The calls of SDKs in other languages, to the server that our own were measured with.
    fn calls(&self, table: &mut Table, address: &str, python: &Path) -> Result<()> {
        if self.quick {
            return Ok(());
        }
        let own = table.own("call/reqwest").context("our own calls were not measured")?;
        if self.choice.has("call/python") {
            let mut python = Command::new(peers::python(self, python)?);
            python.args([&self.python_calls()?, address, "300"]);
            let peer = self.number("the official Python SDK", &mut python)?;
            table.insert("call/python", Measured { own, peer, unit: "ns".to_owned() });
        }
        if self.choice.has("call/typescript") {
            let mut node = Command::new("node");
            node.current_dir(peers::typescript(self)?).args(["calls.js", address, "1000"]);
            let peer = self.number("the official TypeScript SDK", &mut node)?;
            table.insert("call/typescript", Measured { own, peer, unit: "ns".to_owned() });
        }
        Ok(())
    }

    /// The program that makes calls with the official Python SDK.
    fn python_calls(&self) -> Result<String> {
        let path = self.root.join("bench/peers/calls.py").into_os_string();
        path.into_string().ok().context("the folder of the workspace has a name that is not text")
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
    fn only_the_programs_that_the_chosen_rows_need_are_built() {
        let needed = |word: &str| programs(&Choice::of(&[word.to_owned()]).unwrap());
        assert_eq!(needed("signing one request"), ["measure", "serve"]);
        assert_eq!(needed("allocations"), ["allocations"]);
        assert_eq!(needed("TypeScript"), ["measure", "serve"]);
        assert_eq!(needed("clean release build"), ["children"]);
        assert_eq!(needed("upgrade status"), ["children", "ackctl"]);
        assert_eq!(needed("stripped"), ["ackctl"]);
        assert_eq!(needed("an idle process"), ["clusters", "fleet"]);
    }

    #[test]
    fn a_table_of_symbols_is_found_by_its_name() {
        assert!(has_symbols(b"\x7fELF\0.symtab\0.strtab\0.shstrtab\0"));
        assert!(!has_symbols(b"\x7fELF and a text with .symtab in it\0.shstrtab\0"));
    }
}
