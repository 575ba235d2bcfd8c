//! What a record tells, put in order: the upgrades, and the commands with those who called them.
//!
//! It is made from the facts of a record alone; nothing is asked of the service.

mod command;
mod finding;
mod fleet;
mod upgrade;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::record::{Facts, ReadEvent, ReadFact, ReadFleet, ReadSubject};

pub(crate) use command::{Act, Command};
pub(crate) use finding::{Finding, Weight};
pub(crate) use fleet::{Cluster, FleetRun, Wave};
pub(crate) use upgrade::{NodeWork, Span, Standing, Upgrade};

/// All of it.
#[derive(Debug, Serialize)]
pub(crate) struct Account {
    /// The clusters, in the order in which they were first spoken of.
    pub(crate) clusters: Vec<String>,
    /// The runs over fleets, in the order in which they began.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) fleets: Vec<FleetRun>,
    /// The upgrades, in the order in which they began.
    pub(crate) upgrades: Vec<Upgrade>,
    /// The commands, in the order in which they were called.
    pub(crate) commands: Vec<Command>,
    /// When the first fact was written.
    #[serde(serialize_with = "rfc3339")]
    pub(crate) first_at: Timestamp,
    /// When the last fact was written.
    #[serde(serialize_with = "rfc3339")]
    pub(crate) last_at: Timestamp,
    /// The numbers of the lines that a crash has torn.
    pub(crate) torn_lines: Vec<usize>,
    /// The places of the upgrades of each cluster.
    #[serde(skip)]
    places: HashMap<String, Vec<usize>>,
}

impl Account {
    /// `None` of a record without a fact.
    pub(crate) fn of(record: &Facts) -> Option<Self> {
        let mut times = record.facts.iter().map(|fact| fact.at);
        let first = times.next()?;
        let (first_at, last_at) = times.fold((first, first), |(from, to), at| (from.min(at), to.max(at)));
        let torn_lines = record.torn.clone();
        let mut account = Self {
            clusters: Vec::new(),
            fleets: Vec::new(),
            upgrades: Vec::new(),
            commands: Vec::new(),
            first_at,
            last_at,
            torn_lines,
            places: HashMap::new(),
        };
        for written in &record.facts {
            account.take(written.at, &written.invocation, &written.fact);
        }
        account.upgrades.sort_by_key(|upgrade| upgrade.began_at);
        // A later run over the same clusters is told of by other commands.
        for (place, upgrade) in account.upgrades.iter().enumerate() {
            account.fleets.iter_mut().any(|fleet| fleet.adopt(place, &upgrade.cluster_id, &upgrade.told_by));
        }
        Some(account)
    }

    /// The upgrades that are of no cluster of a fleet, with their places.
    pub(crate) fn single_upgrades(&self) -> Vec<(usize, &Upgrade)> {
        let of_fleets: HashSet<usize> = self.fleets.iter().flat_map(FleetRun::upgrades).collect();
        self.upgrades.iter().enumerate().filter(|(place, _)| !of_fleets.contains(place)).collect()
    }

    fn take(&mut self, at: Timestamp, invocation: &str, fact: &ReadFact) {
        match fact {
            ReadFact::UpgradeStarted { subject, .. } => {
                if let Some(upgrade) = self.upgrade(at, invocation, subject, None) {
                    upgrade.started(at);
                }
            }
            ReadFact::UpgradeSteered { subject, action, already, phase, .. } => {
                if let Some(upgrade) = self.upgrade(at, invocation, subject, None) {
                    upgrade.steered(at, action, *already, phase);
                }
            }
            ReadFact::FleetPlanned(planned) => self.fleet_planned(invocation, planned),
            ReadFact::Event { event } => {
                self.note_cluster(&event.subject.cluster_id);
                if event.is_of_fleet_run() {
                    self.fleet(invocation).saw(event);
                }
                if event.event == "step_skipped" && self.has_succeeded(event) {
                    // An earlier command has done it, which is told already.
                    return;
                }
                if event.event == "step_started" {
                    self.command(at, invocation).news(event);
                }
                match self.upgrade(event.at, invocation, &event.subject, event.step.as_deref()) {
                    Some(upgrade) => upgrade.saw(event),
                    None => self.command(at, invocation).news(event),
                }
            }
            ReadFact::CommandStarted { subject, .. } => {
                self.note_cluster(&subject.cluster_id);
                self.commands.push(Command::new(at, invocation));
            }
            _ => {}
        }
        self.command(at, invocation).take(at, fact);
    }

    fn fleet_planned(&mut self, invocation: &str, planned: &ReadFleet) {
        for member in planned.waves.iter().flat_map(|wave| &wave.clusters) {
            self.note_cluster(&member.cluster_id);
        }
        let place = self.fleets.iter().rposition(|fleet| fleet.is_of(planned)).unwrap_or_else(|| {
            self.fleets.push(FleetRun::new(invocation));
            self.fleets.len() - 1
        });
        self.fleets[place].planned(invocation, planned);
    }

    /// The run that a command tells of. The line with its plan may be torn.
    fn fleet(&mut self, invocation: &str) -> &mut FleetRun {
        let known = self.fleets.iter().rposition(|fleet| fleet.invocations.iter().any(|own| own == invocation));
        let place = known.unwrap_or_else(|| {
            self.fleets.push(FleetRun::new(invocation));
            self.fleets.len() - 1
        });
        &mut self.fleets[place]
    }

    /// Whether the step of an event has been done, as far as the record tells.
    fn has_succeeded(&self, event: &ReadEvent) -> bool {
        let step = event.step.as_deref();
        self.of_cluster(&event.subject.cluster_id)
            .map(|place| &self.upgrades[place])
            .any(|upgrade| upgrade.standing == Standing::Succeeded && upgrade.is_of(&event.subject, step))
    }

    fn note_cluster(&mut self, cluster_id: &str) {
        if !cluster_id.is_empty() && !self.places.contains_key(cluster_id) {
            self.clusters.push(cluster_id.to_owned());
            self.places.insert(cluster_id.to_owned(), Vec::new());
        }
    }

    /// The places of the upgrades of a cluster, the newest first.
    fn of_cluster(&self, cluster_id: &str) -> impl Iterator<Item = usize> + '_ {
        self.places.get(cluster_id).into_iter().flatten().rev().copied()
    }

    /// The command that a line is of. Its first line may be torn.
    fn command(&mut self, at: Timestamp, invocation: &str) -> &mut Command {
        let known = self.commands.iter().rposition(|command| command.invocation == invocation);
        let index = known.unwrap_or_else(|| {
            self.commands.push(Command::new(at, invocation));
            self.commands.len() - 1
        });
        &mut self.commands[index]
    }

    /// The upgrade that a fact is about; `None` if it is about a cluster or a run as a whole.
    fn upgrade(
        &mut self,
        at: Timestamp,
        invocation: &str,
        subject: &ReadSubject,
        step: Option<&str>,
    ) -> Option<&mut Upgrade> {
        subject.kind.as_ref().filter(|kind| *kind != "cluster")?;
        let find = |wanted: &dyn Fn(&Upgrade) -> bool| {
            self.of_cluster(&subject.cluster_id).find(|place| {
                let upgrade = &self.upgrades[*place];
                upgrade.is_of(subject, step) && wanted(upgrade)
            })
        };
        let known = match &subject.task_id {
            Some(_) => find(&|upgrade| upgrade.task_id == subject.task_id).or_else(|| {
                // What was told before the task was known is of this one, if the same command told it.
                find(&|upgrade| upgrade.task_id.is_none() && upgrade.told_by == invocation && !upgrade.is_over())
            }),
            None => find(&|upgrade| !upgrade.is_over()),
        };
        let index = known.unwrap_or_else(|| {
            self.upgrades.push(Upgrade::new(at, invocation, subject, step));
            let place = self.upgrades.len() - 1;
            self.places.entry(subject.cluster_id.clone()).or_default().push(place);
            place
        });
        let upgrade = &mut self.upgrades[index];
        upgrade.learn(subject, step);
        Some(upgrade)
    }
}

pub(crate) fn rfc3339<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

pub(crate) fn maybe_rfc3339<S: serde::Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => rfc3339(at, serializer),
        None => serializer.serialize_none(),
    }
}

/// What an event says in words, or its name.
fn words(event: &ReadEvent) -> String {
    let text = event.message.as_ref().or(event.reason.as_ref()).or(event.error.as_ref());
    text.cloned().unwrap_or_else(|| event.event.replace('_', " "))
}
