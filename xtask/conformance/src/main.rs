//! The commands behind `cargo xtask samples` and `cargo xtask cases`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use conformance::{cases, samples};

#[derive(Parser)]
enum Command {
    /// Decodes sample answers into the models.
    Samples {
        /// The folder of samples; tests/samples if absent.
        folder: Option<PathBuf>,
    },
    /// Makes recorded calls of the official SDK through the client.
    Cases {
        /// The folder of case files; tests/cases if absent.
        folder: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Samples { folder } => run_samples(folder),
        Command::Cases { folder } => run_cases(folder),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_samples(folder: Option<PathBuf>) -> Result<bool> {
    let known = samples::known_disagreements()?;
    let files = samples::read(&folder.unwrap_or_else(|| tests("samples")))?;
    let failures = samples::check(&files, &known);
    report(files.len() - failures.len(), &failures)
}

fn run_cases(folder: Option<PathBuf>) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let all = cases::read(&folder.unwrap_or_else(|| tests("cases")))?;
    let failures = runtime.block_on(cases::check(&all));
    report(all.len() - failures.len(), &failures)
}

/// One line for each failure, and the counts.
fn report(passed: usize, failures: &[(String, String)]) -> Result<bool> {
    let mut out = std::io::stdout().lock();
    for (name, failure) in failures {
        writeln!(out, "{name}: {failure}")?;
    }
    writeln!(out, "{passed} passed, {} failed", failures.len())?;
    Ok(failures.is_empty())
}

fn tests(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(folder)
}
