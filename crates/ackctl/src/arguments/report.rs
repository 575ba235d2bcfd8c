//! The arguments of `ackctl upgrade report`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Record that `--record` has written; - is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: String,

    /// File to write to, in place of standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: Option<PathBuf>,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  ackctl upgrade start c106f377e16f34eb1808d6b9362c9test --to 1.32.1-aliyun.1 --watch --record upgrade.jsonl
  ackctl upgrade report upgrade.jsonl --out upgrade.html
  ackctl upgrade report upgrade.jsonl -o json";
