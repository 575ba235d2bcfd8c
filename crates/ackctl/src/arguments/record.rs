//! The argument of every command that keeps a record.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Where to keep an account of what is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Recording")]
pub(crate) struct RecordArguments {
    /// File to append an account of this command to: who did what, request IDs, states, times and the outcome, one line
    /// of JSON a fact. No secret is in it. Nothing is sent if it cannot be written. `upgrade report` makes a page of it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) record: Option<PathBuf>,
}
