//! What a scenario file holds.

use std::collections::BTreeMap;
use std::time::Duration;

use ack_client::Format;
use ack_client::models::RollingPausePolicy;
use ack_emulator::{Fault, Scenario};
use ack_upgrade::{AddonChange, NodePoolUpgrade, OnPause, WatchOptions};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The cluster of a scenario that names none of its own.
pub(super) const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

const DEFAULT_CLUSTERS: &str = r#"[{"id": "c106f377e16f34eb1808d6b9362c9test", "version": "1.31.1-aliyun.1"}]"#;

/// A scenario.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// What it shows, in a sentence or two.
    pub(super) about: String,
    /// The complaints it answers to.
    #[serde(default)]
    pub(super) complaints: Vec<u32>,
    /// The settings of the emulator, as in one of its own scenario files. Without clusters there is one at
    /// 1.31.1-aliyun.1.
    #[serde(default)]
    emulator: serde_json::Map<String, Value>,
    #[serde(default)]
    pub(super) xml: bool,
    /// How often the client tries a call; once, so that every failure is seen, unless said otherwise.
    #[serde(default = "once")]
    pub(super) attempts: u32,
    /// What the user does, one thing after the other.
    pub(super) steps: Vec<Step>,
    /// What somebody else does meanwhile, by the time since the beginning.
    #[serde(default)]
    pub(super) meanwhile: Vec<Meanwhile>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meanwhile {
    #[serde(deserialize_with = "duration")]
    pub(super) at: Duration,
    #[serde(rename = "do")]
    pub(super) step: Step,
}

/// One thing that is done.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Starts the upgrade of the control plane to a version.
    Start(String),
    StartNodePool(NodePool),
    /// Starts the upgrade of add-ons, to a version each.
    StartAddons(BTreeMap<String, String>),
    /// Names the upgrade that the following steps are about by the cluster alone, as somebody who did not start it.
    ByCluster,
    /// Stores the handle and takes it up with a client of its own, as another process does.
    AnotherProcess,
    /// Follows the upgrade to the end.
    Follow(Follow),
    Status,
    Pause,
    Resume,
    Cancel,
    History,
    /// Lets time pass.
    Wait(#[serde(deserialize_with = "duration")] Duration),
    Fault(Value),
    ClearFaults,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodePool {
    pub(super) id: String,
    pub(super) to: String,
    max_parallelism: Option<u32>,
    pause_policy: Option<String>,
    max_failed_nodes: Option<u32>,
    #[serde(default)]
    ignore_warnings: bool,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Follow {
    #[serde(deserialize_with = "maybe_duration")]
    time_limit: Option<Duration>,
    #[serde(deserialize_with = "maybe_duration")]
    settle: Option<Duration>,
    #[serde(deserialize_with = "maybe_duration")]
    stall_after: Option<Duration>,
    on_pause: Option<String>,
    node_skew: Option<u32>,
    max_poll_errors: Option<u32>,
}

fn once() -> u32 {
    1
}

impl File {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // By way of a JSON value, in which a variant with a value is an object and not a tag of YAML.
        let value: Value = serde_norway::from_str(text).map_err(|error| error.to_string())?;
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    pub(super) fn emulator(&self) -> Scenario {
        let mut settings = self.emulator.clone();
        let default = || serde_json::from_str(DEFAULT_CLUSTERS).unwrap();
        settings.entry("clusters").or_insert_with(default);
        // JSON is YAML, too.
        Value::Object(settings).to_string().parse().unwrap()
    }

    pub(super) fn format(&self) -> Format {
        if self.xml { Format::Xml } else { Format::Json }
    }

    /// The cluster that the steps are about: the first.
    pub(super) fn cluster_id(&self) -> String {
        let first = self.emulator.get("clusters").and_then(|clusters| clusters[0]["id"].as_str());
        first.unwrap_or(CLUSTER).to_owned()
    }
}

impl NodePool {
    pub(super) fn how(&self) -> NodePoolUpgrade {
        let mut how = NodePoolUpgrade::default().ignore_warnings(self.ignore_warnings);
        if let Some(count) = self.max_parallelism {
            how = how.max_parallelism(count);
        }
        if let Some(policy) = &self.pause_policy {
            how = how.pause_policy(RollingPausePolicy::from(policy.as_str()));
        }
        if let Some(count) = self.max_failed_nodes {
            how = how.max_failed_nodes(count);
        }
        how
    }
}

impl Follow {
    pub(super) fn options(&self) -> WatchOptions {
        let mut options = WatchOptions::default().node_skew(self.node_skew);
        if let Some(limit) = self.time_limit {
            options = options.time_limit(limit);
        }
        if let Some(time) = self.settle {
            options = options.settle(time);
        }
        if let Some(time) = self.stall_after {
            options = options.stall_after(time);
        }
        if let Some(count) = self.max_poll_errors {
            options = options.max_poll_errors(count);
        }
        options.on_pause(match self.on_pause.as_deref() {
            None => OnPause::Return,
            Some("wait") => OnPause::KeepWaiting,
            Some("resume") => OnPause::ResumePolicyPauses,
            Some(other) => unreachable!("on_pause: {other}"),
        })
    }
}

pub(super) fn changes(addons: &BTreeMap<String, String>) -> Vec<AddonChange> {
    addons.iter().map(|(name, version)| AddonChange::new(name, version)).collect()
}

pub(super) fn fault(fault: &Value) -> Fault {
    fault.to_string().parse().unwrap()
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed: jiff::SignedDuration = text.parse().map_err(serde::de::Error::custom)?;
    Duration::try_from(parsed).map_err(serde::de::Error::custom)
}

fn maybe_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration(deserializer).map(Some)
}
