//! What a line of a record says.

use std::time::SystemTime;

use ack_upgrade::fleet::{FleetCheckpoint, FleetEvent, FleetMember, FleetWave};
use ack_upgrade::{Action, Controlled, Event, RunEvent, Started as StartedUpgrade, UpgradeHandle, UpgradeKind};
use serde::{Serialize, Serializer};

use crate::arguments::{FleetRunArguments, OnInterrupt};
use crate::host::Who;

pub(super) const PROGRAM: &str = concat!("ackctl ", env!("CARGO_PKG_VERSION"));

/// One line.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    /// Of the format. It comes first, and with `at` it is what a record is told by.
    version: u8,
    #[serde(serialize_with = "rfc3339")]
    at: SystemTime,
    invocation: &'a str,
    #[serde(flatten)]
    fact: &'a Fact<'a>,
}

impl<'a> Line<'a> {
    pub(super) fn new(at: SystemTime, invocation: &'a str, fact: &'a Fact<'a>) -> Self {
        Self { version: 1, at, invocation, fact }
    }
}

/// One fact.
#[derive(Debug, Serialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub(crate) enum Fact<'a> {
    /// Somebody has called a command. Nothing was sent yet.
    CommandStarted(Started<'a>),
    /// Who calls the service, and where.
    Caller(Caller<'a>),
    /// The waves of a run over a fleet. None of its clusters was begun yet by this command.
    FleetPlanned(FleetPlanned<'a>),
    /// A run is about to start an upgrade, if none is under way.
    UpgradeStarting(Starting<'a>),
    /// An upgrade was started, or found under way.
    UpgradeStarted(Upgrade<'a>),
    /// An upgrade was paused, resumed or cancelled.
    UpgradeSteered(Steered<'a>),
    /// Something was seen.
    Event { event: Seen<'a> },
    /// Somebody has interrupted the command.
    Interrupted { action: &'static str },
    /// The command is over.
    CommandEnded(Ending<'a>),
}

/// What a command is about.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Subject<'a> {
    /// Empty for a fleet.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) cluster_id: &'a str,
    #[serde(flatten)]
    pub(crate) upgrade: Option<&'a UpgradeKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_version: Option<&'a str>,
}

impl<'a> From<&'a UpgradeHandle> for Subject<'a> {
    fn from(handle: &'a UpgradeHandle) -> Self {
        Self {
            cluster_id: &handle.cluster_id,
            upgrade: Some(&handle.kind),
            task_id: handle.task_id.as_deref(),
            target_version: handle.target_version.as_deref(),
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Started<'a> {
    pub(super) command: &'a str,
    pub(super) program: &'a str,
    #[serde(flatten)]
    pub(super) subject: &'a Subject<'a>,
    pub(super) who: Who,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) struct Caller<'a> {
    /// Of a fleet, by the name it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<&'a str>,
    /// Shortened.
    pub(super) access_key_id: Option<&'a str>,
    pub(super) provider: Option<&'a str>,
    pub(super) role: Option<&'a str>,
    pub(super) profile: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) endpoint: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct FleetPlanned<'a> {
    /// As it was asked for.
    target_version: &'a str,
    waves: &'a [FleetWave],
    left_out: usize,
    left_alone: &'a [FleetMember],
    allowed_failures: usize,
    parallelism: u16,
    soak_seconds: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Starting<'a> {
    #[serde(flatten)]
    pub(super) subject: Subject<'a>,
    pub(super) step: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Upgrade<'a> {
    #[serde(flatten)]
    subject: Subject<'a>,
    joined: bool,
    request_id: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Steered<'a> {
    #[serde(flatten)]
    subject: Subject<'a>,
    action: Action,
    already: bool,
    phase: String,
    request_id: Option<&'a str>,
}

/// An event of an upgrade, of a run of many, or of a fleet.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Seen<'a> {
    Upgrade(&'a Event),
    Run(&'a RunEvent),
    Fleet(&'a FleetEvent),
}

#[derive(Debug, Serialize)]
pub(crate) struct Ending<'a> {
    pub(super) exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<&'a str>,
}

impl Fact<'_> {
    /// What Ctrl-C leads to.
    pub(crate) fn interrupted(action: OnInterrupt) -> Self {
        Self::Interrupted {
            action: match action {
                OnInterrupt::Leave => "leave",
                OnInterrupt::Pause => "pause",
                OnInterrupt::Cancel => "cancel",
            },
        }
    }
}

impl<'a> Fact<'a> {
    /// What a run over a fleet is to do.
    pub(crate) fn fleet_planned(
        checkpoint: &'a FleetCheckpoint,
        arguments: &FleetRunArguments,
        allowed_failures: usize,
    ) -> Self {
        Self::FleetPlanned(FleetPlanned {
            target_version: &checkpoint.target,
            waves: &checkpoint.waves,
            left_out: checkpoint.left_out,
            left_alone: &checkpoint.left_alone,
            allowed_failures,
            parallelism: arguments.parallelism,
            soak_seconds: arguments.soak.unwrap_or_default().as_secs(),
        })
    }
}

impl<'a> From<&'a StartedUpgrade> for Fact<'a> {
    fn from(started: &'a StartedUpgrade) -> Self {
        let (subject, request_id) = (Subject::from(started.handle()), started.request_id());
        Self::UpgradeStarted(Upgrade { subject, joined: started.is_joined(), request_id })
    }
}

impl<'a> From<&'a Controlled> for Fact<'a> {
    fn from(done: &'a Controlled) -> Self {
        let status = &done.status;
        let subject = Subject {
            cluster_id: &status.cluster_id,
            upgrade: Some(&status.upgrade),
            task_id: status.task_id.as_deref(),
            target_version: status.target_version.as_deref(),
        };
        Self::UpgradeSteered(Steered {
            subject,
            action: done.action,
            already: done.already,
            phase: status.phase.to_string(),
            request_id: done.request_id.as_deref(),
        })
    }
}

impl<'a> From<&'a Event> for Fact<'a> {
    fn from(event: &'a Event) -> Self {
        Self::Event { event: Seen::Upgrade(event) }
    }
}

impl<'a> From<&'a RunEvent> for Fact<'a> {
    fn from(event: &'a RunEvent) -> Self {
        Self::Event { event: Seen::Run(event) }
    }
}

impl<'a> From<&'a FleetEvent> for Fact<'a> {
    fn from(event: &'a FleetEvent) -> Self {
        Self::Event { event: Seen::Fleet(event) }
    }
}

/// A time with milliseconds.
fn rfc3339<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    // A clock that tells a time no calendar has tells nothing.
    let at = jiff::Timestamp::try_from(*at).unwrap_or_default();
    serializer.collect_str(&format_args!("{at:.3}"))
}
