//! `cargo xtask fuzz`: runs the fuzz targets of `fuzz/` and tells what they found.
//!
//! It builds them with coverage instrumentation, which the stable compiler has, and links libFuzzer, which is built from
//! the sources in its crate; cargo-fuzz and a nightly compiler are not needed, a C++ compiler is. Seeds come from the
//! tests' samples. What a run learns is kept in `target/fuzz/corpus` for the next.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

mod build;
mod outcome;

use outcome::Outcome;

use crate::process::Process;
use crate::{cargo, say};

/// How long a single input may take until it counts as a hang.
const INPUT_SECONDS: u64 = 30;

/// How much longer than asked for a target may run: reading its corpus comes first.
const GRACE: Duration = Duration::from_secs(300);

/// Runs the fuzz targets.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The target; all of them if absent.
    target: Option<String>,
    /// How long each target runs.
    #[arg(long, value_name = "N", default_value_t = 15)]
    seconds: u64,
    /// How many targets run at a time.
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
    /// Runs the target once, on this file, and shows all it prints.
    #[arg(long, value_name = "FILE", requires = "target")]
    input: Option<PathBuf>,
}

/// A target that was built.
struct Target<'a> {
    name: &'a str,
    program: &'a Path,
    folders: Folders,
}

/// Where the files of a target are.
struct Folders {
    seeds: PathBuf,
    corpus: PathBuf,
    /// Inputs that once broke something, part of the repository.
    regressions: PathBuf,
    dictionary: PathBuf,
    log: PathBuf,
    /// What the names of findings start with.
    findings: String,
}

/// Runs the command: one line for each target, then what was found. Answers whether nothing was.
///
/// # Errors
///
/// A target that does not exist, a missing tool, a build that fails, a target that cannot be run.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let root = cargo::root()?;
    let names = build::names(root)?;
    if let Some(name) = &arguments.target {
        ensure!(names.contains(name), "there is no fuzz target {name:?}: use one of {}", names.join(", "));
    }
    let area = cargo::target_folder(root)?.join("fuzz");
    let programs = build::build(root, &area, arguments.target.as_deref())?;
    let mut targets = Vec::new();
    for (name, program) in &programs {
        targets.push(Target { name, program, folders: Folders::make(root, &area, name)? });
    }
    if let (Some(input), [target]) = (&arguments.input, targets.as_slice()) {
        let status = Command::new(target.program).arg(input).status().context("the target cannot be started")?;
        return Ok(status.success());
    }

    say(Outcome::HEAD)?;
    let outcomes = run_all(&targets, arguments)?;
    let mut found = 0;
    for outcome in outcomes.iter().filter(|outcome| outcome.finding.is_some()) {
        found += 1;
        say(&format!("\n{}", outcome.explanation()))?;
    }
    say(&format!("\n{} passed, {found} failed", outcomes.len() - found))?;
    Ok(found == 0)
}

/// Runs the targets, some at a time, and prints each outcome as it comes.
fn run_all(targets: &[Target<'_>], arguments: &Arguments) -> Result<Vec<Outcome>> {
    let waiting = Mutex::new(targets.iter());
    let done: Mutex<Vec<Result<Outcome>>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..arguments.jobs.clamp(1, targets.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().ok().and_then(|mut waiting| waiting.next());
                    let Some(target) = next else { return };
                    let outcome = target.run(arguments.seconds);
                    if let Ok(outcome) = &outcome {
                        // A line that nobody can read is missed in the end, with the others.
                        let _ = say(&outcome.to_string());
                    }
                    if let Ok(mut done) = done.lock() {
                        done.push(outcome);
                    }
                }
            });
        }
    });
    done.into_inner().unwrap_or_default().into_iter().collect()
}

impl Folders {
    fn make(root: &Path, area: &Path, name: &str) -> Result<Self> {
        let folders = Self {
            seeds: area.join("seeds").join(name),
            corpus: area.join("corpus").join(name),
            regressions: root.join("fuzz/regressions").join(name),
            dictionary: root.join("fuzz/dictionaries").join(build::dictionary(name)),
            log: area.join("logs").join(format!("{name}.log")),
            findings: format!("{}/{name}-", area.join("findings").display()),
        };
        for folder in [&folders.seeds, &folders.corpus, &area.join("logs"), &area.join("findings")] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        Ok(folders)
    }
}

impl Target<'_> {
    fn run(&self, seconds: u64) -> Result<Outcome> {
        let written = Command::new(self.program).env("ACK_FUZZ_SEEDS", &self.folders.seeds).output();
        let written = written.with_context(|| format!("{} cannot be started", self.program.display()))?;
        if !written.status.success() {
            bail!("{} could not write its seeds:\n{}", self.name, String::from_utf8_lossy(&written.stderr));
        }

        let Folders { seeds, corpus, regressions, dictionary, log, findings } = &self.folders;
        let mut output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = Command::new(self.program);
        command
            .args([format!("-max_total_time={seconds}"), format!("-timeout={INPUT_SECONDS}")])
            .args(["-rss_limit_mb=1024", "-max_len=16384", "-print_final_stats=1"])
            .arg(format!("-dict={}", dictionary.display()))
            .arg(format!("-artifact_prefix={findings}"))
            .args([corpus, seeds])
            .args(regressions.is_dir().then_some(regressions));
        writeln!(output, "{command:?}")?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let limit = Duration::from_secs(seconds) + GRACE;
        let status = Process::start("the fuzz target", &mut command)?.wait(limit)?;
        let text = fs::read(log).with_context(|| format!("cannot read {}", log.display()))?;
        Ok(Outcome::read(self.name, status.success(), log, &String::from_utf8_lossy(&text)))
    }
}
