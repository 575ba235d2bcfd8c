//! Reading a record.

use ack_upgrade::AddonTarget;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

/// The format this reads. A record of a later one could be misread.
const VERSION: u64 = 1;

/// What a record holds.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// In the order of the file.
    pub(crate) facts: Vec<WrittenFact>,
    /// The numbers of the lines that a crash has torn, and that say nothing.
    pub(crate) torn: Vec<usize>,
}

/// One line.
#[derive(Debug)]
pub(crate) struct WrittenFact {
    pub(crate) at: Timestamp,
    pub(crate) invocation: String,
    pub(crate) fact: ReadFact,
    /// The line as it stands in the file.
    pub(crate) text: String,
}

#[derive(Debug, Deserialize)]
struct Line {
    version: u64,
    #[serde(deserialize_with = "time")]
    at: Timestamp,
    invocation: String,
    #[serde(flatten)]
    fact: ReadFact,
}

/// What it says. Everything that is not needed to place it may be missing.
#[derive(Debug, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub(crate) enum ReadFact {
    CommandStarted {
        command: String,
        #[serde(default)]
        program: String,
        #[serde(default)]
        who: ReadWho,
        #[serde(flatten)]
        subject: ReadSubject,
    },
    Caller(ReadCaller),
    FleetPlanned(ReadFleet),
    UpgradeStarted {
        #[serde(flatten)]
        subject: ReadSubject,
        #[serde(default)]
        joined: bool,
        request_id: Option<String>,
    },
    UpgradeSteered {
        #[serde(flatten)]
        subject: ReadSubject,
        action: String,
        #[serde(default)]
        already: bool,
        #[serde(default)]
        phase: String,
        request_id: Option<String>,
    },
    Event {
        event: Box<ReadEvent>,
    },
    Interrupted {
        action: String,
    },
    CommandEnded {
        exit_code: u8,
        message: Option<String>,
        request_id: Option<String>,
    },
    /// One that a later version has added.
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadSubject {
    pub(crate) cluster_id: String,
    pub(crate) kind: Option<String>,
    pub(crate) nodepool_id: Option<String>,
    pub(crate) addons: Vec<AddonTarget>,
    pub(crate) task_id: Option<String>,
    pub(crate) target_version: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadWho {
    pub(crate) user: Option<String>,
    pub(crate) user_id: Option<u32>,
    pub(crate) sudo_user: Option<String>,
    pub(crate) host: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadCaller {
    pub(crate) account: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint: Option<String>,
}

/// The waves of a run over a fleet.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadFleet {
    pub(crate) target_version: String,
    pub(crate) waves: Vec<ReadWave>,
    pub(crate) left_out: u64,
    pub(crate) left_alone: Vec<ReadMember>,
    pub(crate) allowed_failures: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadWave {
    pub(crate) name: Option<String>,
    pub(crate) clusters: Vec<ReadMember>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadMember {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) cluster_id: String,
    pub(crate) version: Option<String>,
    pub(crate) newer_version: Option<String>,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
}

/// An event of an upgrade, of a run or of a fleet, with the fields that an account is made of.
#[derive(Debug, Deserialize)]
pub(crate) struct ReadEvent {
    #[serde(deserialize_with = "time")]
    pub(crate) at: Timestamp,
    pub(crate) event: String,
    #[serde(flatten)]
    pub(crate) subject: ReadSubject,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) wave: Option<u64>,
    pub(crate) step: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) status: Option<Box<ReadStatus>>,
    // Of findings.
    pub(crate) severity: Option<String>,
    pub(crate) check: Option<String>,
    pub(crate) message: Option<String>,
    #[serde(default)]
    pub(crate) targets: Vec<String>,
    // Of changes.
    pub(crate) to: Option<String>,
    pub(crate) stage: Option<String>,
    pub(crate) stages: Option<ReadCount>,
    pub(crate) nodes: Option<ReadCount>,
    // Of what the service tells.
    pub(crate) node: Option<String>,
    pub(crate) level: Option<String>,
    pub(crate) reason: Option<String>,
    #[serde(default, deserialize_with = "maybe_time")]
    pub(crate) happened_at: Option<Timestamp>,
    // Of pauses, stalls and errors.
    pub(crate) by: Option<String>,
    pub(crate) idle_seconds: Option<f64>,
    pub(crate) likely_cause: Option<String>,
    pub(crate) next_step: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) until: Option<String>,
    // Of a start.
    pub(crate) joined: Option<bool>,
    // Of the end.
    pub(crate) outcome: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) verified: Option<bool>,
    pub(crate) phase: Option<String>,
    // Of fleets.
    pub(crate) waves: Option<Vec<u64>>,
    pub(crate) name: Option<String>,
    pub(crate) end: Option<String>,
    pub(crate) clusters: Option<u64>,
    pub(crate) succeeded: Option<u64>,
    pub(crate) failed: Option<u64>,
    pub(crate) allowed: Option<u64>,
    pub(crate) under_way: Option<u64>,
    pub(crate) not_started: Option<u64>,
    pub(crate) up_to_date: Option<u64>,
    pub(crate) newer: Option<u64>,
}

impl ReadSubject {
    /// Whether it is no upgrade.
    pub(crate) fn is_whole_cluster(&self) -> bool {
        self.kind.as_ref().is_none_or(|kind| kind == "cluster")
    }
}

impl ReadEvent {
    /// Whether it is of a run over a fleet.
    pub(crate) fn is_of_fleet_run(&self) -> bool {
        self.wave.is_some()
            || matches!(
                self.event.as_str(),
                "fleet_run_started"
                    | "cluster_up_to_date"
                    | "cluster_newer"
                    | "budget_spent"
                    | "fleet_checkpoint_not_kept"
                    | "fleet_finished"
            )
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadStatus {
    pub(crate) phase: Option<String>,
    pub(crate) stage: Option<String>,
    pub(crate) current_version: Option<String>,
    pub(crate) target_version: Option<String>,
    pub(crate) task_id: Option<String>,
    pub(crate) started_at: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct ReadCount {
    pub(crate) done: u64,
    pub(crate) total: u64,
}

impl Facts {
    /// Reads the text of a record. What is wrong is said as a sentence that names the line.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, String> {
        let mut found = Self::default();
        for (index, whole) in text.split(|byte| *byte == b'\n').enumerate() {
            let (number, whole) = (index + 1, whole.trim_ascii());
            // A loss of power can leave zeros where a line was to be.
            let line = whole.split(|byte| *byte == 0).next().unwrap_or_default();
            match serde_json::from_slice::<Line>(line) {
                Ok(line) if line.version > VERSION => {
                    let version = line.version;
                    return Err(format!(
                        "line {number} is of format {version}, and this program reads up to {VERSION}: use a newer one"
                    ));
                }
                Ok(Line { at, invocation, fact, .. }) => {
                    let text = String::from_utf8_lossy(line).into_owned();
                    found.facts.push(WrittenFact { at, invocation, fact, text });
                }
                // Blank lines come where a line was closed off that was whole after all.
                Err(_) if whole.is_empty() => {}
                Err(error) if error.classify() == Category::Eof => found.torn.push(number),
                Err(error) => {
                    // Its own line number is that within the line.
                    let problem = error.to_string();
                    let problem = problem.split(" at line ").next().unwrap_or_default();
                    return Err(format!(
                        "line {number} is no fact of a record: {problem}, at column {}",
                        error.column()
                    ));
                }
            }
        }
        Ok(found)
    }
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn maybe_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    // A time that cannot be read is a time that is not known.
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| text.parse().ok()))
}
