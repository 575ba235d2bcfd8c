//! The arguments of `emulator`, and its help.

use std::net::SocketAddr;

use ack_emulator::{ADMIN_CALLS, Fault};
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct EmulatorArguments {
    /// Loopback address and port to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,

    /// How many times as fast as real time upgrades go; 60 unless the scenario says otherwise
    #[arg(long, allow_negative_numbers = true, value_name = "FACTOR")]
    pub(crate) time_scale: Option<f64>,

    /// What XML answers look like: bare elements, or one element around them; bare unless the scenario says otherwise
    #[arg(long, value_enum, value_name = "STYLE")]
    pub(crate) xml_style: Option<XmlShape>,

    /// File with clusters, keys, speed and faults, in YAML or JSON; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<String>,

    /// Fault that waits from the start, such as '{fault: throttle, times: 2}'; behind those of the scenario. Can be given
    /// more than once
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<String>,

    /// Number that ids and the chances of faults are made from
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,

    /// Take no admin calls
    #[arg(long)]
    pub(crate) no_admin: bool,

    /// Print the JSON Schema of scenario files, and end
    #[arg(long)]
    pub(crate) print_scenario_schema: bool,
}

/// What XML answers of the emulator look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum XmlShape {
    /// A run of elements without a root, as the API reference prints its examples
    Fragment,
    /// One root element, such as GetUpgradeStatusResponse
    Rooted,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  ackctl emulator
  ackctl emulator --listen 127.0.0.1:8080 --time-scale 600 --region cn-beijing
  ackctl emulator --scenario night.yaml
  ackctl emulator --fault '{fault: lost-reply, operation: UpgradeCluster}'
  curl http://127.0.0.1:8080/_emulator/faults -d '{\"fault\": \"html\", \"times\": 1}'
  ackctl emulator --print-scenario-schema > scenario.schema.json

It ends with exit code 0 on Ctrl-C or SIGTERM.";

/// The examples, a scenario, every fault and every admin call.
pub(super) fn long_help() -> String {
    let mut text = format!("{EXAMPLES}\n\n{SCENARIO}\n\nFaults, each with its own keys:\n");
    for fault in Fault::all() {
        let keys: Vec<&str> = fault.keys.iter().map(|(key, _)| *key).collect();
        let keys = if keys.is_empty() { String::new() } else { format!(" ({})", keys.join(", ")) };
        entry(&mut text, &format!("{}{keys}", fault.name), fault.summary);
    }
    text.push_str("\nKeys of every fault:\n");
    for (key, doc) in Fault::shared_keys() {
        entry(&mut text, key, &doc);
    }
    text.push_str("\nAdmin calls, with JSON and without a signature; the first tells all keys of all faults:\n");
    for call in ADMIN_CALLS {
        entry(&mut text, &format!("{} {}", call.method, call.path), call.summary);
    }
    text.trim_end().to_owned()
}

fn entry(text: &mut String, name: &str, doc: &str) {
    text.extend(["  ", name, "\n      ", doc, "\n"]);
}

const SCENARIO: &str = "\
A scenario file, all of it optional:
  region: cn-hangzhou
  time_scale: 600
  keys: [{id: emulatorAccessKeyId, secret: emulatorAccessKeySecret}]
  clusters:
    - id: c106f377e16f34eb1808d6b9362c9test
      version: 1.31.1-aliyun.1
      nodes: 5
      incidents: [{stage: upgrade_nodes, after: 30s, effect: hang}]
  durations: {precheck: 10s, control_plane: 1m}
  faults:
    - {fault: throttle, operation: GetUpgradeStatus, retry_after: 1500ms, times: 2}
    - {fault: lost-reply, operation: UpgradeCluster, times: 1}";
