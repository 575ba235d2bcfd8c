//! The arguments of `ackctl man`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// The command to print the page of, such as upgrade start; without one, that of ackctl
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub(crate) command: Vec<String>,

    /// Folder to write the pages of all commands to, in place of printing one
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  ackctl man upgrade start | man -l -
  ackctl man --dir ~/.local/share/man/man1";
