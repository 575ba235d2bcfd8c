//! A command that was called, and what it did.

use jiff::Timestamp;
use serde::Serialize;

use super::{maybe_rfc3339, rfc3339};
use crate::exit;
use crate::record::{ReadCaller, ReadEvent, ReadFact, ReadWho};

/// One call of the program.
#[derive(Debug, Serialize)]
pub(crate) struct Command {
    pub(crate) invocation: String,
    #[serde(serialize_with = "rfc3339")]
    pub(crate) at: Timestamp,
    /// Such as `upgrade start`.
    pub(crate) name: Option<String>,
    pub(crate) program: Option<String>,
    pub(crate) cluster_id: Option<String>,
    /// The user and the machine: `ada (user ID 1000) on bastion`.
    pub(crate) who: Option<String>,
    /// How the service was called: key, role, profile.
    pub(crate) caller: Option<String>,
    /// Where it was called.
    pub(crate) place: Option<String>,
    pub(crate) acts: Vec<Act>,
    #[serde(serialize_with = "maybe_rfc3339")]
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) exit_code: Option<u8>,
    /// How it ended, in words.
    pub(crate) end: String,
}

/// Something that was done or met.
#[derive(Debug, Serialize)]
pub(crate) struct Act {
    #[serde(serialize_with = "rfc3339")]
    pub(crate) at: Timestamp,
    /// The cluster it was done to, where a command is about several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cluster_id: Option<String>,
    pub(crate) text: String,
    pub(crate) request_id: Option<String>,
}

impl Command {
    pub(super) fn new(at: Timestamp, invocation: &str) -> Self {
        Self {
            invocation: invocation.to_owned(),
            at,
            name: None,
            program: None,
            cluster_id: None,
            who: None,
            caller: None,
            place: None,
            acts: Vec::new(),
            ended_at: None,
            exit_code: None,
            end: "its end is not in the record: it was killed, or is still at work".to_owned(),
        }
    }

    pub(super) fn take(&mut self, at: Timestamp, fact: &ReadFact) {
        match fact {
            ReadFact::CommandStarted { command, program, who: by, subject } => {
                self.name = Some(command.clone());
                self.program = Some(program.clone());
                self.cluster_id = Some(subject.cluster_id.clone()).filter(|id| !id.is_empty());
                self.who = who(by);
            }
            ReadFact::Caller(by) => {
                // A fleet is called with the keys of several accounts, in several regions.
                add(&mut self.caller, caller(by));
                add(&mut self.place, place(by));
            }
            ReadFact::UpgradeStarted { subject, joined, request_id } => {
                let what = subject.phrase();
                let to = subject.target_version.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
                let text = if *joined {
                    format!("joined the upgrade of the {what}{to}, which was under way already")
                } else {
                    format!("started the upgrade of the {what}{to}")
                };
                self.did(at, text, request_id.as_ref());
            }
            ReadFact::UpgradeSteered { subject, action, already, phase, request_id } => {
                let what = subject.phrase();
                let text = if *already {
                    format!("found the upgrade of the {what} {phase} already, and sent no {action}")
                } else {
                    format!("{} the upgrade of the {what} (phase then: {phase})", past(action))
                };
                self.did(at, text, request_id.as_ref());
            }
            ReadFact::Interrupted { action } => {
                let text = match action.as_str() {
                    "leave" => "was interrupted, and left the upgrade alone".to_owned(),
                    action => format!("was interrupted, and told to {action} the upgrade"),
                };
                self.did(at, text, None);
            }
            ReadFact::CommandEnded { exit_code, message, request_id } => {
                self.ended_at = Some(at);
                self.exit_code = Some(*exit_code);
                let unknown = || "a code this program does not know".to_owned();
                let meaning = exit::meaning(*exit_code).unwrap_or_else(unknown);
                self.end = format!("exit code {exit_code}: {meaning}");
                if let Some(message) = message {
                    self.did(at, message.clone(), request_id.as_ref());
                }
            }
            ReadFact::Event { .. } | ReadFact::FleetPlanned(_) | ReadFact::Unknown => {}
        }
    }

    /// Takes note of an event of a run: of the run as a whole, or a step it has started.
    pub(super) fn news(&mut self, event: &ReadEvent) {
        if event.event == "cluster_started" {
            // What it did about the cluster follows.
            return;
        }
        let until = event.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
        let text = match event.event.as_str() {
            "waiting_for_window" => format!("waited for the window{until}"),
            "run_started" => {
                let to = event.subject.target_version.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
                format!("began to carry out a plan{to}")
            }
            "step_started" => {
                let what = event.subject.phrase();
                let step = event.step.as_deref().unwrap_or("of unknown ID");
                match event.joined {
                    Some(true) => {
                        format!("joined the upgrade of the {what}, which was under way already (step {step})")
                    }
                    _ => format!("started the upgrade of the {what} (step {step})"),
                }
            }
            "finished" => {
                let outcome = event.outcome.as_deref().unwrap_or("ended").replace('_', " ");
                let reason = event.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                format!("the run is over: {outcome}{reason}")
            }
            _ => news_of_fleet(event).unwrap_or_else(|| super::words(event)),
        };
        let is_of_fleet = event.is_of_fleet_run() && !event.subject.cluster_id.is_empty();
        let cluster_id = is_of_fleet.then(|| event.subject.cluster_id.clone());
        self.acts.push(Act { at: event.at, cluster_id, text, request_id: event.request_id.clone() });
    }

    fn did(&mut self, at: Timestamp, text: String, request_id: Option<&String>) {
        self.acts.push(Act { at, cluster_id: None, text, request_id: request_id.cloned() });
    }
}

/// What an event tells of a run over a fleet.
fn news_of_fleet(event: &ReadEvent) -> Option<String> {
    let number = event.wave.unwrap_or_default();
    let count = |number: Option<u64>| number.unwrap_or_default();
    let clusters = |number: Option<u64>| match count(number) {
        1 => "1 cluster".to_owned(),
        number => format!("{number} clusters"),
    };
    let left_alone = || {
        let part = |number, word: &str| match count(number) {
            0 => String::new(),
            number => format!(", {number} {word}"),
        };
        part(event.up_to_date, "up to date") + &part(event.newer, "newer and left alone")
    };
    Some(match event.event.as_str() {
        "fleet_run_started" => match event.waves.as_deref().unwrap_or_default() {
            [] => "found nothing to do".to_owned(),
            [one] => format!("began, or went on with, one wave of {}", clusters(Some(*one))),
            sizes => {
                let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
                format!("began, or went on with, waves of {} clusters", sizes.join(", "))
            }
        },
        "cluster_up_to_date" => format!("found it up to date at {}", event.version.as_deref().unwrap_or("the target")),
        "cluster_newer" => {
            format!("left it alone: {} is newer than the target", event.version.as_deref().unwrap_or("its version"))
        }
        "wave_started" => {
            let name = event.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
            format!("began wave {number}{name}, {}", clusters(event.clusters))
        }
        "wave_finished" => {
            let (succeeded, failed) = (count(event.succeeded), count(event.failed));
            format!("wave {number} was over: {succeeded} succeeded, {failed} failed{}", left_alone())
        }
        "soaking" => {
            let until = event.until.as_deref().unwrap_or("a time that is not known");
            format!("waited until {until} before the next wave")
        }
        "budget_spent" => {
            format!("started nothing new: {} had failed, and {} might", clusters(event.failed), count(event.allowed))
        }
        "fleet_checkpoint_not_kept" => {
            format!("started nothing new: the checkpoint could not be kept: {}", super::words(event))
        }
        "fleet_finished" => {
            format!(
                "the run over the fleet is over: {} of {} clusters succeeded{}",
                count(event.succeeded),
                count(event.clusters),
                left_alone()
            )
        }
        _ => return None,
    })
}

/// Adds what is not said yet.
fn add(all: &mut Option<String>, one: Option<String>) {
    match (all.as_mut(), one) {
        (Some(all), Some(one)) if !all.split("; ").any(|known| known == one) => all.extend(["; ", &one]),
        (None, one) => *all = one,
        _ => {}
    }
}

fn past(action: &str) -> String {
    match action {
        "cancel" => "cancelled".to_owned(),
        _ => format!("{action}d"),
    }
}

/// `ada (user ID 1000, by sudo of grace) on bastion`
fn who(who: &ReadWho) -> Option<String> {
    let id = who.user_id.map(|id| format!("user ID {id}"));
    let sudo = who.sudo_user.as_ref().map(|user| format!("by sudo of {user}"));
    let more = [id, sudo].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let user = match (&who.user, more.as_str()) {
        (None, "") => None,
        (None, more) => Some(more.to_owned()),
        (Some(user), "") => Some(user.clone()),
        (Some(user), more) => Some(format!("{user} ({more})")),
    };
    match (user, &who.host) {
        (Some(user), Some(host)) => Some(format!("{user} on {host}")),
        (user, host) => user.or_else(|| host.as_ref().map(|host| format!("somebody on {host}"))),
    }
}

fn caller(caller: &ReadCaller) -> Option<String> {
    let part = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    let parts = [
        part("account", &caller.account),
        part("AccessKey ID", &caller.access_key_id),
        part("role", &caller.role),
        part("profile", &caller.profile),
        part("provider", &caller.provider),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    (!text.is_empty()).then_some(text)
}

fn place(caller: &ReadCaller) -> Option<String> {
    match (&caller.region, &caller.endpoint) {
        (Some(region), Some(endpoint)) => Some(format!("{region}, {endpoint}")),
        (region, endpoint) => region.clone().or_else(|| endpoint.clone()),
    }
}
