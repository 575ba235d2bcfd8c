//! The arguments of `ackctl api`.

use clap::{ArgAction, Args};

/// What to do with which operation.
#[derive(Debug, Args)]
pub(crate) struct ApiArguments {
    /// Name of the operation in the API reference, such as DescribeClusterDetail; upper and lower case are the same
    #[arg(required_unless_present_any = ["list", "help"], conflicts_with = "list")]
    pub(crate) operation: Option<String>,

    /// JSON file with the input, `{"path": {}, "query": {}, "body": ...}` by the names of the API; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<String>,

    /// A path parameter; replaces that of the input file
    #[arg(long, value_parser = assignment, value_name = "NAME=VALUE")]
    pub(crate) path: Vec<Assignment>,

    /// A query parameter; replaces that of the input file. Text is taken as it is, numbers, booleans, lists and objects
    /// as JSON
    #[arg(long, value_parser = assignment, value_name = "NAME=VALUE")]
    pub(crate) query: Vec<Assignment>,

    /// The body as JSON, or @ and a file that holds it; @- is standard input. Replaces that of the input file. An
    /// operation that takes bare text gets it as it is
    #[arg(long, value_name = "JSON|@FILE")]
    pub(crate) body: Option<String>,

    /// Print the request as it would be signed, and send nothing. Secrets are masked
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Tell on standard error which fields and enum values of the answer the API reference does not list
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) report_drift: bool,

    /// Print an example of the operation's input, to edit and pass to --input
    #[arg(long, conflicts_with_all = ["list", "input", "path", "query", "body", "dry_run", "report_drift"])]
    pub(crate) example: bool,

    /// List all operations, or those with every word of FILTER in name, path, area or summary
    #[arg(long, value_name = "FILTER", conflicts_with_all = ["input", "path", "query", "body", "dry_run", "report_drift"])]
    pub(crate) list: Option<Option<String>>,

    /// Print the help of OPERATION: what it does, takes and answers; without one, this help
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub(crate) help: bool,
}

/// One `NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) value: String,
}

fn assignment(text: &str) -> Result<Assignment, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Assignment { name: name.to_owned(), value: value.to_owned() }),
        _ => Err("write the name of the parameter, an equals sign and the value, such as page_size=20".to_owned()),
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  ackctl api --list upgrade
  ackctl api UpgradeCluster --help
  ackctl api DescribeClusterTasks --path cluster_id=$CLUSTER --query page_size=20
  ackctl api UpgradeCluster --example > input.json
  ackctl api UpgradeCluster --input input.json --dry-run

Input that does not fit ends it with exit code 2 before keys are needed or anything is sent.";
