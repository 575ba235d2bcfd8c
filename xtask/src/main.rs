//! Routines for contributors, run as `cargo xtask <command>`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod cargo;
mod codegen;
mod fuzz;
mod interop;
mod process;
mod vectors;

/// Routines for contributors.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures against what users would pick instead, prints a table of ratios and writes BENCHMARKS.md.
    Bench(bench::Arguments),
    /// Writes the models and the client from `spec/`.
    Codegen(codegen::Arguments),
    /// Runs the fuzz targets, prints a line of numbers for each and what was found, and fails if anything was.
    Fuzz(fuzz::Arguments),
    /// Runs the official Python SDK against the emulator and prints `N passed, M failed`.
    Interop(interop::Arguments),
    /// Makes recorded calls of the official SDK through the client and prints `N passed, M failed`.
    Cases {
        /// The folder of case files; tests/cases if absent.
        folder: Option<PathBuf>,
    },
    /// Decodes sample answers into the models and prints `N passed, M failed`.
    Samples {
        /// The folder of samples; tests/samples if absent.
        folder: Option<PathBuf>,
    },
    /// Checks the signer against golden vectors and prints `N passed, M failed`.
    Vectors {
        /// The folder of vector files; tests/signing-vectors if absent.
        folder: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Codegen(arguments) => codegen::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Interop(arguments) => interop::run(&arguments),
        Command::Cases { folder } => conformance("cases", folder),
        Command::Samples { folder } => conformance("samples", folder),
        Command::Vectors { folder } => vectors::run(folder),
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

/// Runs a check that needs the generated code. It is a program of its own, so that `codegen` can be built without.
fn conformance(check: &str, folder: Option<PathBuf>) -> anyhow::Result<bool> {
    let status = std::process::Command::new(cargo::program())
        .args(["run", "--quiet", "--package", "conformance", "--", check])
        .args(folder)
        .status()?;
    Ok(status.success())
}

/// Writes a line to standard output.
fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}
