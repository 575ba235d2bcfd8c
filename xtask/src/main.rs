//! Routines for contributors, run as `cargo xtask <command>`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod codegen;
mod interop;
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
    /// Writes the models and the client from `spec/`.
    Codegen(codegen::Arguments),
    /// Runs the official Python SDK against the emulator and prints `N passed, M failed`.
    Interop(interop::Arguments),
    /// Checks the signer against golden vectors and prints `N passed, M failed`.
    Vectors {
        /// The folder of vector files; tests/signing-vectors if absent.
        folder: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Codegen(arguments) => codegen::run(&arguments),
        Command::Interop(arguments) => interop::run(&arguments),
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
