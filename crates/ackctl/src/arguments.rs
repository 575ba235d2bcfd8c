//! The arguments, as clap reads them, and the help.

mod api;
mod completion;
mod emulator;
mod exporter;
mod fleet;
mod man;
mod plan;
mod record;
mod report;
mod upgrade;
mod window;

use std::path::PathBuf;
use std::time::Duration;

use ack_upgrade::Target;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::api::{ApiArguments, Assignment};
pub(crate) use self::completion::CompletionArguments;
pub(crate) use self::emulator::{EmulatorArguments, XmlShape};
pub(crate) use self::exporter::ExporterArguments;
pub(crate) use self::fleet::{
    Along, FleetArguments, FleetCommand, FleetFollowArguments, FleetRunArguments, FleetStatusArguments,
    FleetWatchArguments,
};
pub(crate) use self::man::ManArguments;
pub(crate) use self::plan::{ApplyArguments, PlanArguments, PlanningArguments, RunArguments, RunningArguments};
pub(crate) use self::record::RecordArguments;
pub(crate) use self::report::ReportArguments;
pub(crate) use self::upgrade::{
    FollowArguments, HistoryArguments, OnInterrupt, StartArguments, StatusArguments, SteerArguments, TargetArguments,
    Upgrade, WatchArguments,
};
pub(crate) use self::window::WindowArguments;
use crate::duration;
use crate::exit;

/// Upgrades Kubernetes clusters of Alibaba Cloud Container Service (ACK), follows their upgrades to the end, and calls
/// any operation of the API.
///
/// Keys come from where the official SDKs take them: environment (ALIBABA_CLOUD_ACCESS_KEY_ID,
/// ALIBABA_CLOUD_ACCESS_KEY_SECRET), OIDC role of a pod, profile of the aliyun CLI, credentials file, RAM role of the
/// instance, credentials URI. `ackctl auth explain` tells which. Try it without any with `ackctl demo`.
#[derive(Debug, Parser)]
#[command(name = "ackctl", bin_name = "ackctl", version, after_help = root_examples())]
#[command(subcommand_required = true, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What holds for every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Region of the cluster, such as cn-hangzhou; without it, that of the environment, and then that of the CLI profile
    /// [env: ALIBABA_CLOUD_REGION_ID, ALIBABACLOUD_REGION_ID, ALICLOUD_REGION_ID]
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) region: Option<String>,

    /// Where to send requests instead of where the region points: a host, or scheme, host and port [env:
    /// ALIBABA_CLOUD_ENDPOINT]
    #[arg(long, global = true, value_name = "HOST_OR_URL")]
    pub(crate) endpoint: Option<String>,

    /// Which of the endpoints of the region to call: the one for the internet, or the one inside VPCs [env:
    /// ALIBABA_CLOUD_ENDPOINT_TYPE] [default: public]
    #[arg(long, global = true, value_enum, value_name = "NETWORK")]
    pub(crate) network: Option<NetworkChoice>,

    /// File of certificate authorities in PEM text to trust as well, as of a proxy that opens TLS. Proxies come from
    /// HTTPS_PROXY and NO_PROXY
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Profile of the aliyun CLI, or section of the credentials file, to take the keys from, even if there are keys in
    /// the environment [env: ALIBABA_CLOUD_PROFILE, which lets those come first]
    #[arg(long, global = true, value_parser = name, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Format to ask the service's answers in
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) wire_format: WireFormat,

    /// Format of what is printed [default: table; where standard output is no terminal, JSON lines from commands that follow
    /// something]
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<OutputFormat>,

    /// Print JSON: short for --output json
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Tell on standard error what is being done; twice for every detail. Keys never show
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// How long one call to the service may take, such as 500ms, 30s or 5m
    #[arg(long, global = true, value_parser = duration::parse, default_value = "30s", value_name = "DURATION")]
    pub(crate) timeout: Duration,

    /// Print without colours [env: NO_COLOR]
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

/// A network the service is called from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NetworkChoice {
    Public,
    Vpc,
}

/// A wire format of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum WireFormat {
    #[default]
    Json,
    Xml,
}

/// A format of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    // Without docs of their own: clap would spread the help of every command over more lines.
    Table,
    Json,
    Yaml,
}

impl Global {
    /// The format that the options ask for; `None` if they leave it open.
    pub(crate) fn asked_format(&self) -> Option<OutputFormat> {
        if self.json { Some(OutputFormat::Json) } else { self.output }
    }

    /// The format of what a command prints. One that follows something may do so for hours: off a terminal its reader is
    /// taken for a program.
    pub(crate) fn format(&self, command: &Command, is_terminal: bool) -> OutputFormat {
        let usual = if command.follows() && !is_terminal { OutputFormat::Json } else { OutputFormat::Table };
        self.asked_format().unwrap_or(usual)
    }

    /// What is wrong with the options taken together. clap compares those of one level only, and these may stand at any.
    pub(crate) fn contradiction(&self) -> Option<&'static str> {
        let other = match self.output {
            Some(OutputFormat::Table) => "--json cannot be used with --output table: leave one of them out",
            Some(OutputFormat::Yaml) => "--json cannot be used with --output yaml: leave one of them out",
            Some(OutputFormat::Json) | None => return None,
        };
        self.json.then_some(other)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look at upgrades, start them, follow them, and steer them
    #[command(subcommand, arg_required_else_help = true, disable_help_subcommand = true)]
    Upgrade(Box<Upgrade>),
    /// Look at many clusters at once, follow their upgrades, and upgrade them in waves
    #[command(subcommand, arg_required_else_help = true, disable_help_subcommand = true)]
    Fleet(FleetCommand),
    /// Serve metrics of the upgrades of many clusters to Prometheus until interrupted
    ///
    /// It follows a fleet as `fleet watch` does. The metrics are at /metrics, over plain HTTP and without a password. A scrape
    /// calls nobody. docs/metrics.md lists them, and docs/alerts.yaml holds alert rules to start from.
    #[command(after_help = exporter::EXAMPLES)]
    Exporter(Box<ExporterArguments>),
    /// Call any operation of the ACK API by its name, or learn what it takes
    ///
    /// The input is checked against the API before anything is sent; every mistake is named. The decoded answer is
    /// printed as JSON, with `-o yaml` as YAML. An operation without an answer prints nothing.
    #[command(after_help = api::EXAMPLES, arg_required_else_help = true, disable_help_flag = true)]
    Api(ApiArguments),
    /// List the regions of the service and its endpoints there
    ///
    /// They are those of the API reference at the time of this release; a region that is newer can be used all the
    /// same. Neither keys nor network are needed.
    #[command(after_help = REGIONS_EXAMPLES)]
    Regions,
    /// Find out where keys come from
    #[command(subcommand, arg_required_else_help = true, disable_help_subcommand = true)]
    Auth(Auth),
    /// Serve an emulated ACK on this machine until interrupted
    ///
    /// It checks signatures, answers in JSON and XML, and runs upgrades on a clock of its own. One line of JSON on
    /// standard output tells its address, the keys it takes and its clusters. Clusters, keys and what goes wrong on purpose
    /// can be written down in a scenario file; tests in any language inject faults, move the clock and look at what was
    /// asked by admin calls.
    #[command(after_help = emulator::EXAMPLES, after_long_help = emulator::long_help())]
    Emulator(EmulatorArguments),
    /// Print the script that completes commands, options, clusters and operations in a shell
    ///
    /// Cluster IDs, node pools and versions to upgrade to are asked of the service with the region, profile and keys of the command line and environment,
    /// for two seconds and a half at most. Where that fails, none are offered, and nothing is said.
    #[command(after_help = completion::EXAMPLES)]
    Completion(CompletionArguments),
    /// Print a page of the manual, or write all of them
    ///
    /// There is a page for each command, with what its help says, and with exit codes, environment and files.
    #[command(after_help = man::EXAMPLES)]
    Man(ManArguments),
    /// Show a whole upgrade in less than ten seconds, against an emulator inside this program
    ///
    /// It needs no keys, no region and no network. It succeeds only if the cluster is `running` at the new version in
    /// the end.
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(DemoArguments),
}

impl Command {
    /// Whether it follows something and tells one event after the other, instead of answering once.
    fn follows(&self) -> bool {
        match self {
            Self::Upgrade(upgrade) => upgrade.follows(),
            Self::Fleet(fleet) => fleet.follows(),
            // The demonstration is a story for people, wherever it is told.
            _ => false,
        }
    }

    /// Whether it asks for the help of a command whose own `--help` clap does not handle.
    pub(crate) fn wants_general_help(&self) -> bool {
        matches!(self, Self::Api(ApiArguments { help: true, operation: None, .. }))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Auth {
    /// Ask the sources of credentials one after the other, and tell what each said
    ///
    /// The first that is configured is used; if it is broken, the search ends there, and no other is used in its stead.
    /// A source may read files, run the command of a profile, or call STS or a metadata service. No secret is shown,
    /// and the AccessKey id is shortened.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// How many times as fast as real time the upgrade goes
    #[arg(long, default_value_t = 60.0, allow_negative_numbers = true, value_name = "FACTOR")]
    pub(crate) time_scale: f64,

    /// Let the upgrade fail, and show how that ends
    #[arg(long, value_enum, value_name = "WHERE")]
    pub(crate) fail: Option<FailAt>,
}

/// Where the upgrade of the demonstration fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailAt {
    /// In the check before anything is changed
    Precheck,
    /// While the control plane is being upgraded
    Stage,
}

/// Reads an ID or a version. What could not stand in a request is refused here, before anything is sent.
fn identifier(text: &str) -> Result<String, String> {
    if text.is_empty() || text == "." || text == ".." {
        return Err("it names nothing: pass it as the service prints it".to_owned());
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it holds white space or a control character, often from pasting: remove it".to_owned());
    }
    Ok(text.to_owned())
}

/// Reads a whole version. An upgrade is started to one, and its end is compared with it, which no minor version could equal.
fn whole_version(text: &str) -> Result<String, String> {
    let version = identifier(text)?;
    match Target::from(version.as_str()) {
        Target::Version(_) => Ok(version),
        _ => Err(
            "it leaves open which version it is: give a whole one such as 1.32.6-aliyun.1, as `ackctl upgrade plan \
                  CLUSTER_ID --target VERSION` shows it; `ackctl upgrade run` takes a minor version, next and latest"
                .to_owned(),
        ),
    }
}

/// Reads the name of something that people have named.
fn name(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it names nothing: give a name, or leave the option out".to_owned());
    }
    Ok(text.to_owned())
}

fn root_examples() -> String {
    format!("{ROOT_EXAMPLES}\n\n{}", exit::HELP)
}

const ROOT_EXAMPLES: &str = "\
Examples:
  ackctl demo
  ackctl --region cn-hangzhou upgrade status c106f377e16f34eb1808d6b9362c9test
  ackctl upgrade start c106f377e16f34eb1808d6b9362c9test --to 1.32.1-aliyun.1 --watch
  ackctl api DescribeClusterDetail --path ClusterId=c106f377e16f34eb1808d6b9362c9test";

const REGIONS_EXAMPLES: &str = "\
Examples:
  ackctl regions
  ackctl regions -o json";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  ackctl auth explain
  ackctl auth explain --profile production -o json

Exit code 0 means that a source gave keys, 2 that none did.";

const DEMO_EXAMPLES: &str = "\
Examples:
  ackctl demo
  ackctl demo --wire-format xml
  ackctl demo --fail precheck";
