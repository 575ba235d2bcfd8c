//! A run over a fleet: its waves, and what became of each cluster.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::finding::Finding;
use super::maybe_rfc3339;
use super::upgrade::{Standing, ending};
use crate::record::{ReadEvent, ReadFleet, ReadMember, ReadWave};

/// A run over a fleet, and whatever went on with it later.
#[derive(Debug, Serialize)]
pub(crate) struct FleetRun {
    /// As it was asked for.
    pub(crate) target_version: Option<String>,
    /// How many clusters may fail.
    pub(crate) allowed_failures: Option<u64>,
    /// How many clusters of the fleet are in no wave.
    pub(crate) left_out: u64,
    /// How it ended or stands, in words.
    pub(crate) end: String,
    pub(crate) standing: Standing,
    pub(crate) waves: Vec<Wave>,
    /// In the order of the waves.
    pub(crate) clusters: Vec<Cluster>,
    /// The commands that told of it.
    #[serde(skip)]
    pub(super) invocations: Vec<String>,
    #[serde(skip)]
    places: HashMap<String, usize>,
}

/// A wave.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Wave {
    pub(crate) name: Option<String>,
    /// How many clusters are in it.
    pub(crate) clusters: u64,
    #[serde(serialize_with = "maybe_rfc3339")]
    pub(crate) began_at: Option<Timestamp>,
    #[serde(serialize_with = "maybe_rfc3339")]
    pub(crate) ended_at: Option<Timestamp>,
    /// Until when the next one was to wait.
    #[serde(serialize_with = "maybe_rfc3339")]
    pub(crate) soaked_until: Option<Timestamp>,
}

/// A cluster of a fleet.
#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    pub(crate) cluster_id: String,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    /// From 1; `None` for one that was left alone from the beginning.
    pub(crate) wave: Option<u64>,
    pub(crate) standing: Standing,
    /// How it ended or stands, in words.
    pub(crate) end: String,
    #[serde(serialize_with = "maybe_rfc3339")]
    pub(crate) began_at: Option<Timestamp>,
    #[serde(serialize_with = "maybe_rfc3339")]
    pub(crate) ended_at: Option<Timestamp>,
    #[serde(serialize_with = "maybe_rfc3339")]
    pub(crate) last_at: Option<Timestamp>,
    /// What was found before there was an upgrade to find it on.
    pub(crate) findings: Vec<Finding>,
    /// Its upgrades, by their places among all of the record, from 0.
    pub(crate) upgrades: Vec<usize>,
}

impl FleetRun {
    pub(super) fn new(invocation: &str) -> Self {
        Self {
            target_version: None,
            allowed_failures: None,
            left_out: 0,
            end: "its end is not in the record".to_owned(),
            standing: Standing::Open,
            waves: Vec::new(),
            clusters: Vec::new(),
            invocations: vec![invocation.to_owned()],
            places: HashMap::new(),
        }
    }

    /// Whether a plan is that of this run: the same clusters in the same waves, to the same version.
    pub(super) fn is_of(&self, planned: &ReadFleet) -> bool {
        let members = planned.waves.iter().flat_map(|wave| &wave.clusters).chain(&planned.left_alone);
        self.target_version.as_ref() == Some(&planned.target_version)
            && self.waves.len() == planned.waves.len()
            && self.waves.iter().zip(&planned.waves).all(|(own, wave)| own.clusters == count(&wave.clusters))
            && self.clusters.iter().map(|cluster| &cluster.cluster_id).eq(members.map(|member| &member.cluster_id))
    }

    /// Takes over a plan: all of it, or what an earlier command has reached meanwhile.
    pub(super) fn planned(&mut self, invocation: &str, planned: &ReadFleet) {
        self.target_version = Some(planned.target_version.clone());
        self.allowed_failures = planned.allowed_failures;
        self.left_out = planned.left_out;
        self.tell(invocation);
        if self.clusters.is_empty() {
            self.waves = planned.waves.iter().map(Wave::new).collect();
            let members = (1..)
                .zip(&planned.waves)
                .flat_map(|(number, wave)| wave.clusters.iter().map(move |member| Cluster::of(Some(number), member)));
            let left_alone = planned.left_alone.iter().map(|member| Cluster::of(None, member));
            self.clusters = members.chain(left_alone).collect();
            self.places =
                self.clusters.iter().enumerate().map(|(place, own)| (own.cluster_id.clone(), place)).collect();
        }
    }

    /// Takes note that a command goes on with it.
    pub(super) fn tell(&mut self, invocation: &str) {
        if !self.invocations.iter().any(|known| known == invocation) {
            self.invocations.push(invocation.to_owned());
        }
        (self.standing, self.end) = (Standing::Open, "its end is not in the record".to_owned());
    }

    /// Takes an event of the run, or of one of its clusters, into account.
    pub(super) fn saw(&mut self, event: &ReadEvent) {
        match (event.event.as_str(), event.wave) {
            ("wave_started", Some(number)) => {
                let wave = self.wave(number);
                wave.began_at.get_or_insert(event.at);
                wave.ended_at = None;
                wave.name = wave.name.take().or_else(|| event.name.clone());
                wave.clusters = event.clusters.unwrap_or(wave.clusters);
            }
            ("wave_finished", Some(number)) => self.wave(number).ended_at = Some(event.at),
            ("soaking", Some(number)) => {
                self.wave(number).soaked_until = event.until.as_ref().and_then(|until| until.parse().ok());
            }
            ("fleet_finished", _) => self.finished(event),
            _ => {}
        }
        let is_left_alone = matches!(event.event.as_str(), "cluster_up_to_date" | "cluster_newer");
        if event.subject.cluster_id.is_empty() || (event.wave.is_none() && !is_left_alone) {
            return;
        }
        if let Some(number) = event.wave {
            self.wave(number);
        }
        self.cluster(event.wave, event).saw(event);
    }

    fn finished(&mut self, event: &ReadEvent) {
        let why = match event.end.as_deref() {
            Some("done") | None => "done",
            Some("budget_spent") => "stopped, as too many clusters failed",
            Some("time_limit") => "stopped at the time limit",
            Some("checkpoint_not_kept") => "stopped, as the checkpoint could not be kept",
            Some(other) => other,
        };
        let number = |number: Option<u64>, word| number.filter(|n| *n > 0).map(|number| format!(", {number} {word}"));
        let parts = [
            number(event.failed, "failed"),
            number(event.up_to_date, "up to date"),
            number(event.newer, "newer and left alone"),
            number(event.under_way, "under way"),
            number(event.not_started, "not begun"),
        ];
        let of = event.clusters.unwrap_or_default();
        let rest: String = parts.into_iter().flatten().collect();
        self.end = format!("{why}: {} of {of} clusters succeeded{rest}", event.succeeded.unwrap_or_default());
        self.standing = match event.end.as_deref() {
            Some("time_limit") => Standing::Open,
            Some("done") if event.failed.unwrap_or_default() == 0 => Standing::Succeeded,
            _ => Standing::Failed,
        };
    }

    fn wave(&mut self, number: u64) -> &mut Wave {
        // A number that no run has would be one of a record that was written by somebody else.
        let place = usize::try_from(number).unwrap_or_default().clamp(1, 1_000) - 1;
        while self.waves.len() <= place {
            self.waves.push(Wave::default());
        }
        &mut self.waves[place]
    }

    fn cluster(&mut self, wave: Option<u64>, event: &ReadEvent) -> &mut Cluster {
        let id = &event.subject.cluster_id;
        let place = match self.places.get(id) {
            Some(place) => *place,
            None => {
                self.clusters.push(Cluster::new(wave, id, event.account.clone(), event.region.clone()));
                self.places.insert(id.clone(), self.clusters.len() - 1);
                self.clusters.len() - 1
            }
        };
        &mut self.clusters[place]
    }

    /// The upgrades of its clusters, by their places.
    pub(super) fn upgrades(&self) -> impl Iterator<Item = usize> + '_ {
        self.clusters.iter().flat_map(|cluster| &cluster.upgrades).copied()
    }

    /// Takes note of an upgrade, unless it is of no cluster of this run, or was told of by no command of it.
    pub(super) fn adopt(&mut self, place: usize, cluster_id: &str, told_by: &str) -> bool {
        let is_told = self.invocations.iter().any(|own| own == told_by);
        let Some(cluster) = self.places.get(cluster_id).filter(|_| is_told) else { return false };
        self.clusters[*cluster].upgrades.push(place);
        true
    }
}

impl Wave {
    fn new(planned: &ReadWave) -> Self {
        Self { name: planned.name.clone(), clusters: count(&planned.clusters), ..Self::default() }
    }
}

impl Cluster {
    fn new(wave: Option<u64>, cluster_id: &str, account: Option<String>, region: Option<String>) -> Self {
        Self {
            cluster_id: cluster_id.to_owned(),
            account,
            region,
            wave,
            standing: Standing::Waiting,
            end: "not begun".to_owned(),
            began_at: None,
            ended_at: None,
            last_at: None,
            findings: Vec::new(),
            upgrades: Vec::new(),
        }
    }

    fn of(wave: Option<u64>, member: &ReadMember) -> Self {
        let new = Self::new(wave, &member.cluster_id, Some(member.account.clone()), Some(member.region.clone()));
        let reason = member.reason.clone().unwrap_or_else(|| "it failed".to_owned());
        let (standing, end) = match member.state.as_str() {
            "succeeded" => (Standing::Succeeded, "succeeded by an earlier command".to_owned()),
            "failed" => (Standing::Failed, format!("{reason} (by an earlier command)")),
            "under_way" => (Standing::Open, "begun by an earlier command".to_owned()),
            "up_to_date" => (Standing::Skipped, up_to_date(member.version.as_deref())),
            "newer" => (Standing::Newer, newer(member.newer_version.as_deref())),
            _ => return new,
        };
        Self { standing, end, ..new }
    }

    fn saw(&mut self, event: &ReadEvent) {
        let is_end = event.event == "finished" && event.subject.is_whole_cluster();
        let left_alone = match event.event.as_str() {
            "cluster_up_to_date" => Some((Standing::Skipped, up_to_date(event.version.as_deref()))),
            "cluster_newer" => Some((Standing::Newer, newer(event.version.as_deref()))),
            _ => None,
        };
        if let Some((standing, end)) = left_alone {
            (self.standing, self.end) = (standing, end);
            self.ended_at = self.began_at.map(|_| event.at);
            return;
        }
        self.began_at.get_or_insert(event.at);
        self.last_at = self.last_at.max(Some(event.at));
        if event.subject.is_whole_cluster() {
            self.findings.extend(Finding::of(event).filter(|finding| finding.is_new_to(&self.findings)));
        }
        if is_end {
            (self.standing, self.end) = ending(event);
            self.ended_at = Some(event.at);
        } else if self.standing != Standing::Open || self.ended_at.is_some() {
            // It has begun, or begins again.
            (self.standing, self.end, self.ended_at) =
                (Standing::Open, "begun; its end is not in the record".to_owned(), None);
        }
    }
}

fn up_to_date(version: Option<&str>) -> String {
    format!("up to date: at {}, and nothing to do", version.unwrap_or("the target"))
}

fn newer(version: Option<&str>) -> String {
    let version = version.map(|version| format!(": {version}")).unwrap_or_default();
    format!("newer than the target{version}; left alone")
}

fn count(members: &[ReadMember]) -> u64 {
    u64::try_from(members.len()).unwrap_or(u64::MAX)
}
