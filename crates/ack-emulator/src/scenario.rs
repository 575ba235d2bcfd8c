//! Scenario files: an emulator's clusters, keys, speed and faults, written down.

mod cluster;
#[cfg(test)]
mod cluster_tests;

use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub(crate) use cluster::{INCIDENT, read};

use crate::fault::{FAULTS, compile};
use crate::form::{Fields, Form, Key, Problems, check, object_schema, parse, shared_schemas};
use crate::keys::Key as AccessKey;
use crate::{ClusterSeed, EmulatorBuilder, Error, Fault, Lag, UpgradeDurations, XmlStyle};

static KEYS: &[Key] = &[
    Key::new("region", Form::Text, "The region id; cn-hangzhou by default"),
    Key::new("time_scale", Form::Number(0.0, 1_000_000.0), "How many times as fast as real time upgrades go"),
    Key::new("xml_style", Form::Word(&["fragment", "rooted"]), "Whether XML answers have a root; fragment by default"),
    Key::new(
        "strict_ids",
        Form::Flag,
        "Whether operations without a state refuse unknown cluster ids; true by default",
    ),
    Key::new("seed", Form::Whole(0, u64::MAX), "The number that ids and chances are made from; 0 by default"),
    Key::new("keys", Form::Objects(ACCESS_KEYS), "The access keys to take; by default the one that is announced"),
    Key::new("clusters", Form::Objects(cluster::KEYS), "The clusters; by default three to try things with"),
    Key::new("durations", Form::Object(DURATIONS), "How long the stages of an upgrade take"),
    Key::new("lag", Form::Object(LAG), "How late answers are: the age of what they show; not at all by default"),
    Key::new("faults", Form::Tagged(&FAULTS), "What goes wrong on purpose, in the order of the queue"),
];

const ACCESS_KEYS: &[Key] = &[
    Key::required("id", Form::Text, "The access key id"),
    Key::required("secret", Form::Secret, "The secret; do not use that of a real key"),
    Key::new("token", Form::Secret, "The security token, which makes it a temporary key"),
];

const DURATIONS: &[Key] = &[
    Key::new("precheck", Form::Duration, "The check before an upgrade; 60s by default"),
    Key::new("control_plane", Form::Duration, "The control plane of a managed cluster; 300s by default"),
    Key::new("master", Form::Duration, "Each master of a dedicated cluster; 120s by default"),
    Key::new("node", Form::Duration, "Each worker node, its drain included; 60s by default"),
    Key::new("drain", Form::Duration, "The part of a node that its drain takes; 20s by default"),
    Key::new("addon", Form::Duration, "Each add-on; 30s by default"),
    Key::new("check", Form::Duration, "A check that is started by itself; 16s by default"),
    Key::new("control", Form::Duration, "Until a pause, resume or cancel takes effect; 5s by default"),
    Key::new("settling", Form::Duration, "From the success of the task until the cluster is running; 45s by default"),
];

const LAG: &[Key] = &[
    Key::new("clusters", Form::Duration, "The lists of clusters"),
    Key::new("cluster_detail", Form::Duration, "The detail of a cluster"),
    Key::new("tasks", Form::Duration, "The list of tasks"),
    Key::new("events", Form::Duration, "The lists of events"),
];

/// The settings of an emulator as a file holds them, in YAML or JSON.
///
/// [`FromStr`] reads the text and checks all of it; [`EmulatorBuilder::scenario`] takes it over. `ackctl emulator
/// --scenario FILE` does both.
///
/// ```
/// use ack_emulator::{Emulator, Scenario};
///
/// let scenario: Scenario = "
/// time_scale: 600
/// clusters:
///   - id: c106f377e16f34eb1808d6b9362c9test
///     version: 1.31.1-aliyun.1
///     nodes: 5
/// faults:
///   - fault: throttle
///     operation: GetUpgradeStatus
///     retry_after: 1500ms
///     times: 2
///   - fault: lost-reply
///     operation: UpgradeCluster
///     times: 1
/// ".parse()?;
/// let emulator = Emulator::builder().scenario(scenario).build()?;
/// assert_eq!(emulator.faults().len(), 2);
///
/// let error = "clusters: [{id: c1, version: 1.31.1-aliyun.1, nodse: 5}]".parse::<Scenario>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "cannot use this scenario: clusters[0].nodse is no known key: did you mean nodes?"
/// );
/// # Ok::<(), ack_emulator::Error>(())
/// ```
///
/// # The keys
///
/// `region`, `time_scale`, `xml_style` (`fragment` or `rooted`), `strict_ids`, `seed`, `keys` (each with `id`, `secret` and
/// perhaps `token`), `clusters`, `durations`, `lag` and `faults`. All may be left out, and mean what the methods of
/// [`EmulatorBuilder`] say. Clusters have the settings of [`ClusterSeed`], and faults those of [`Fault`]. Durations carry
/// their unit: `500ms`, `30s`, `1h30m`. [`json_schema`](Self::json_schema) has every key with its meaning, for editors too:
/// it is `scenario.schema.json` in the folder of this crate.
///
/// A file is read strictly: an unknown key, a value of another form and a value out of range are refused, all at once, each
/// with its path and the key that may have been meant.
#[derive(Debug, Default)]
pub struct Scenario {
    region: Option<String>,
    time_scale: Option<f64>,
    xml_style: Option<XmlStyle>,
    strict_ids: Option<bool>,
    seed: Option<u64>,
    keys: Vec<AccessKey>,
    clusters: Vec<ClusterSeed>,
    durations: Option<UpgradeDurations>,
    lag: Option<Lag>,
    faults: Vec<Fault>,
}

impl Scenario {
    /// The JSON Schema (2020-12) of a scenario file.
    pub fn json_schema() -> Value {
        let mut schema = Map::new();
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("title".to_owned(), json!("Scenario of the ACK emulator"));
        schema.extend(object_schema(KEYS));
        schema.insert("$defs".to_owned(), shared_schemas(&FAULTS).into());
        schema.into()
    }

    fn read(text: &str) -> Result<Self, Problems> {
        let value = parse(text)?;
        let mut problems = Problems::default();
        check(KEYS, "", &value, &mut problems);
        let entries = value.as_object().cloned().unwrap_or_default();
        let fields = problems.none_or(Fields::of(&entries))?;
        let mut problems = Problems::default();
        let mut clusters = Vec::new();
        for (position, cluster) in fields.objects("clusters").enumerate() {
            match cluster::seed(cluster.entries().clone().into()) {
                Ok(seed) => clusters.push(seed),
                Err(problem) => problems.add(format_args!("clusters[{position}]:"), problem),
            }
        }
        let mut faults = Vec::new();
        for (position, fault) in fields.objects("faults").enumerate() {
            match compile(fault.entries(), &format!("faults[{position}]")) {
                Ok(_) => faults.push(Fault(fault.entries().clone())),
                Err(found) => problems.extend(found),
            }
        }
        let (durations, lag) = (part(fields, "durations", &mut problems), part(fields, "lag", &mut problems));
        problems.none_or(Self {
            durations,
            lag,
            region: fields.text("region").map(ToOwned::to_owned),
            time_scale: fields.number("time_scale"),
            xml_style: fields.text("xml_style").map(|word| match word {
                "rooted" => XmlStyle::Rooted,
                _ => XmlStyle::Fragment,
            }),
            strict_ids: fields.flag("strict_ids"),
            seed: fields.whole("seed"),
            keys: fields.objects("keys").map(access_key).collect(),
            clusters,
            faults,
        })
    }
}

impl FromStr for Scenario {
    type Err = Error;

    /// Reads a scenario as YAML or JSON.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`], with [every mistake](Error::problems).
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|problems| Error::problems_of("this scenario", problems))
    }
}

impl EmulatorBuilder {
    /// Takes over a scenario. Its single settings take the place of those that were made before, and those made after it
    /// take the place of its own; its keys, clusters and faults are added.
    pub fn scenario(self, scenario: Scenario) -> Self {
        let mut builder = self;
        if let Some(region) = scenario.region {
            builder = builder.region(region);
        }
        if let Some(scale) = scenario.time_scale {
            builder = builder.time_scale(scale);
        }
        if let Some(style) = scenario.xml_style {
            builder = builder.xml_style(style);
        }
        if let Some(strict) = scenario.strict_ids {
            builder = builder.strict_ids(strict);
        }
        if let Some(seed) = scenario.seed {
            builder = builder.seed(seed);
        }
        if let Some(durations) = scenario.durations {
            builder = builder.durations(durations);
        }
        if let Some(lag) = scenario.lag {
            builder = builder.lag(lag);
        }
        builder = scenario.keys.into_iter().fold(builder, Self::key);
        builder = scenario.clusters.into_iter().fold(builder, Self::cluster);
        scenario.faults.into_iter().fold(builder, Self::fault)
    }
}

fn access_key(fields: Fields<'_>) -> AccessKey {
    let text = |name| fields.text(name).unwrap_or_default().to_owned();
    AccessKey::new(text("id"), text("secret"), fields.text("token").map(ToOwned::to_owned))
}

/// Reads a part of the file that has a type of its own.
fn part<T: DeserializeOwned>(fields: Fields<'_>, name: &str, problems: &mut Problems) -> Option<T> {
    let settings = fields.object(name)?.entries().clone();
    read(settings.into()).map_err(|problem| problems.add(name, problem)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the committed schema, or writes it if snapshots are to be written.
    #[test]
    fn the_committed_schema_is_that_of_the_reader() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenario.schema.json");
        let made = serde_json::to_string_pretty(&Scenario::json_schema()).unwrap() + "\n";
        if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
            std::fs::write(path, &made).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap() == made,
            "{path} is out of date: run INSTA_UPDATE=always cargo test -p ack-emulator schema"
        );
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let error = "
regoin: cn-beijing
time_scale: 0
strict_ids: yes please
keys: [{id: 1, secret: 2}, {id: a}]
clusters:
  - {id: c1, version: 1.31, nodes: 20000}
  - {name: x, tags: {env: 1}}
  - c3
durations: {node: 60, settling: -1s}
faults:
  - fault: throttel
  - {fault: throttle, status: 500, retry_after: 2, tims: 1, body: yaml}
  - {operation: UpgradeCluster}
  - {fault: reset, chunk: 1, operation: [], probability: 2}
"
        .parse::<Scenario>()
        .unwrap_err();
        assert!(error.is_invalid_setting());
        insta::assert_snapshot!(error.problems().join("\n"));
    }

    #[test]
    fn what_only_the_whole_shows_to_be_wrong_is_named_too() {
        let error = "
clusters: [{id: c1, version: latest}, {id: c2, version: 1.31.1-aliyun.1}]
faults:
  - {fault: reset, operation: UpgradeClustr}
  - {fault: slow, when: before}
  - {fault: clock-skew, by: 20m, when: after}
  - {fault: stall, at: head, when: before}
  - {fault: redirect, to: /elsewhere}
  - {fault: wrong-content-type, content_type: \"a\\u0001\"}
  - {fault: unknown-fields, name: a b}
"
        .parse::<Scenario>()
        .unwrap_err();
        insta::assert_snapshot!(error.problems().join("\n"));
        for text in ["[]", "7", "a: [", "---\n- x", "{\"a\": 1"] {
            let error = text.parse::<Scenario>().unwrap_err();
            assert_eq!(error.problems().len(), 1, "{error}");
        }
    }

    #[test]
    fn no_secret_shows() {
        let scenario: Scenario = "keys: [{id: a, secret: hunter2-secret, token: hunter2-token}]".parse().unwrap();
        assert!(!format!("{scenario:?}").contains("hunter2"));
        let error = "keys: [{id: a, secret: [hunter2-secret], token: {hunter2: 1}}]".parse::<Scenario>().unwrap_err();
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error}");
    }
}
