//! One upgrade: what became of it, stage by stage and node by node.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::finding::{Finding, Weight};
use super::{maybe_rfc3339, rfc3339, words};
use crate::record::{ReadCount, ReadEvent, ReadSubject};

/// An upgrade of a control plane, a node pool or add-ons: one task of the service.
#[derive(Debug, Serialize)]
pub(crate) struct Upgrade {
    pub(crate) cluster_id: String,
    /// `control plane`, `node pool np1`, `add-ons coredns, csi-plugin`.
    pub(crate) what: String,
    #[serde(skip)]
    subject: ReadSubject,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<String>,
    pub(crate) task_id: Option<String>,
    pub(crate) from_version: Option<String>,
    pub(crate) target_version: Option<String>,
    pub(crate) standing: Standing,
    /// How it ended or stands, in words.
    pub(crate) end: String,
    #[serde(serialize_with = "rfc3339")]
    pub(crate) began_at: Timestamp,
    /// When it was over; `None` while it may go on.
    #[serde(serialize_with = "maybe_rfc3339")]
    pub(crate) ended_at: Option<Timestamp>,
    /// When it was last heard of.
    #[serde(serialize_with = "rfc3339")]
    pub(crate) last_at: Timestamp,
    pub(crate) progress: Option<String>,
    pub(crate) phases: Vec<Span>,
    pub(crate) stages: Vec<Span>,
    pub(crate) nodes: Vec<NodeWork>,
    pub(crate) findings: Vec<Finding>,
    /// Which command told of it first.
    #[serde(skip)]
    pub(super) told_by: String,
    /// Whether it was started, and does not wait to be.
    #[serde(skip)]
    is_at_work: bool,
}

/// How an upgrade stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    Succeeded,
    Failed,
    Cancelled,
    Paused,
    /// It was at work when it was last heard of.
    Open,
    /// There was nothing to do.
    Skipped,
    /// It is newer than what was wanted, and was left alone: a cluster of a fleet.
    Newer,
    /// It was not begun: a cluster of a later wave.
    Waiting,
}

/// A time during which something held.
#[derive(Debug, Serialize)]
pub(crate) struct Span {
    pub(crate) name: String,
    #[serde(serialize_with = "rfc3339")]
    pub(crate) from: Timestamp,
    /// `None` while it may go on.
    #[serde(serialize_with = "maybe_rfc3339")]
    pub(crate) to: Option<Timestamp>,
}

/// What the service told of one node.
#[derive(Debug, Serialize)]
pub(crate) struct NodeWork {
    pub(crate) node: String,
    #[serde(serialize_with = "rfc3339")]
    pub(crate) from: Timestamp,
    #[serde(serialize_with = "rfc3339")]
    pub(crate) to: Timestamp,
    /// How many events there were.
    pub(crate) events: usize,
    pub(crate) worst: Option<Weight>,
    pub(crate) last_event: String,
}

impl Upgrade {
    pub(super) fn new(at: Timestamp, invocation: &str, subject: &ReadSubject, step: Option<&str>) -> Self {
        Self {
            cluster_id: subject.cluster_id.clone(),
            what: subject.phrase(),
            subject: subject.clone(),
            step: step.map(str::to_owned),
            task_id: subject.task_id.clone(),
            from_version: None,
            target_version: subject.target(),
            standing: Standing::Open,
            end: "its end is not in the record".to_owned(),
            began_at: at,
            ended_at: None,
            last_at: at,
            progress: None,
            phases: Vec::new(),
            stages: Vec::new(),
            nodes: Vec::new(),
            findings: Vec::new(),
            told_by: invocation.to_owned(),
            is_at_work: false,
        }
    }

    /// Whether a fact about a subject can be about this one.
    pub(super) fn is_of(&self, subject: &ReadSubject, step: Option<&str>) -> bool {
        let other_step = step.is_some() && self.step.is_some() && self.step.as_deref() != step;
        self.subject.is_same(subject) && !other_step
    }

    pub(super) fn is_over(&self) -> bool {
        self.ended_at.is_some()
    }

    /// Takes over what was not known before.
    pub(super) fn learn(&mut self, subject: &ReadSubject, step: Option<&str>) {
        let take = |own: &mut Option<String>, other: Option<&str>| {
            if own.is_none() {
                *own = other.map(str::to_owned);
            }
        };
        take(&mut self.task_id, subject.task_id.as_deref());
        take(&mut self.target_version, subject.target().as_deref());
        take(&mut self.step, step);
    }

    pub(super) fn started(&mut self, at: Timestamp) {
        self.at_work_since(at);
        if !self.is_over() {
            self.end = "it was started; its end is not in the record".to_owned();
        }
    }

    pub(super) fn steered(&mut self, at: Timestamp, action: &str, already: bool, phase: &str) {
        self.last_at = self.last_at.max(at);
        if self.is_over() {
            return;
        }
        self.phase(at, phase);
        match phase {
            "cancelled" => self.over(at, Standing::Cancelled, "cancelled".to_owned()),
            "paused" => {
                (self.standing, self.end) = (Standing::Paused, "paused; its end is not in the record".to_owned());
            }
            _ if action == "resume" && !already => {
                (self.standing, self.end) = (Standing::Open, "resumed; its end is not in the record".to_owned());
            }
            _ => {}
        }
    }

    pub(super) fn saw(&mut self, event: &ReadEvent) {
        let at = event.at;
        self.last_at = self.last_at.max(at);
        self.findings.extend(Finding::of(event).filter(|finding| finding.is_new_to(&self.findings)));
        match event.event.as_str() {
            "step_started" => self.at_work_since(at),
            "started" => self.first_look(event),
            "phase_changed" => self.phase(at, event.to.as_deref().unwrap_or("unknown")),
            "stage_changed" => self.stage(at, event.stage.as_deref().unwrap_or("unknown")),
            "progress" => self.progress = progress(event.stages, event.nodes).or(self.progress.take()),
            "node_event" => self.node(event),
            "paused" => {
                self.phase(at, "paused");
                self.standing = Standing::Paused;
                let by = event.by.as_deref().unwrap_or("somebody");
                self.end = format!("paused by {}; its end is not in the record", author(by));
            }
            "resumed" if !self.is_over() => {
                (self.standing, self.end) = (Standing::Open, "resumed; its end is not in the record".to_owned());
            }
            "waiting_for_window" => self.phase(at, "waiting for the window"),
            "step_skipped" => {
                self.over(at, Standing::Skipped, "not needed: what it leads to is there already".to_owned());
            }
            "finished" | "step_finished" => self.finished(event),
            _ => {}
        }
    }

    fn first_look(&mut self, event: &ReadEvent) {
        let Some(status) = &event.status else { return };
        let subject = ReadSubject {
            task_id: status.task_id.clone(),
            target_version: status.target_version.clone(),
            ..ReadSubject::default()
        };
        self.learn(&subject, None);
        self.at_work_since(event.at);
        if let Some(started) = status.started_at.as_ref().and_then(|text| text.parse::<Timestamp>().ok()) {
            // What came before the first line is told by the service alone.
            self.began_at = self.began_at.min(started);
        }
        let is_first = self.stages.is_empty();
        let at = if is_first { self.began_at } else { event.at };
        if let Some(phase) = &status.phase {
            self.phase(at, phase);
        }
        if let Some(stage) = &status.stage {
            self.stage(at, stage);
        }
        if is_first && !matches!(status.phase.as_deref(), Some("succeeded")) {
            self.from_version.clone_from(&status.current_version);
        }
    }

    /// It begins when it is started; before, it waited.
    fn at_work_since(&mut self, at: Timestamp) {
        if !self.is_at_work {
            (self.began_at, self.is_at_work) = (at, true);
        }
    }

    fn phase(&mut self, at: Timestamp, name: &str) {
        if !self.is_over() {
            change(&mut self.phases, at, name);
        }
    }

    fn stage(&mut self, at: Timestamp, name: &str) {
        if !self.is_over() {
            change(&mut self.stages, at, name);
        }
    }

    fn node(&mut self, event: &ReadEvent) {
        let Some(node) = &event.node else { return };
        let at = event.happened_at.unwrap_or(event.at);
        let worst = match event.level.as_deref() {
            Some("error") => Some(Weight::Error),
            Some("warning") => Some(Weight::Warning),
            _ => None,
        };
        match self.nodes.iter_mut().find(|known| known.node == *node) {
            // Two that watched the same upgrade were told the same.
            Some(known) if known.to == at && known.last_event == words(event) => {}
            Some(known) => {
                (known.from, known.to) = (known.from.min(at), known.to.max(at));
                known.events += 1;
                known.worst = known.worst.max(worst);
                known.last_event = words(event);
            }
            None => self.nodes.push(NodeWork {
                node: node.clone(),
                from: at,
                to: at,
                events: 1,
                worst,
                last_event: words(event),
            }),
        }
    }

    fn finished(&mut self, event: &ReadEvent) {
        let (standing, end) = ending(event);
        match standing {
            Standing::Succeeded | Standing::Failed | Standing::Cancelled => self.over(event.at, standing, end),
            _ if self.is_over() => {}
            _ => (self.standing, self.end) = (standing, end),
        }
    }

    fn over(&mut self, at: Timestamp, standing: Standing, end: String) {
        if self.is_over() {
            return;
        }
        for span in self.phases.iter_mut().chain(&mut self.stages) {
            span.to.get_or_insert(at);
        }
        // What only says that it is over is no time of its own.
        let is_brief =
            |span: &Span| span.to.is_some_and(|to| to.duration_since(span.from) < SignedDuration::from_secs(1));
        self.phases.retain(|span| !(is_final(&span.name) && is_brief(span)));
        (self.standing, self.end, self.ended_at) = (standing, end, Some(at));
    }
}

impl ReadSubject {
    /// `control plane`, `node pool np1`, `add-ons coredns, csi-plugin`
    pub(super) fn phrase(&self) -> String {
        match self.kind.as_deref() {
            Some("control_plane") => "control plane".to_owned(),
            Some("node_pool") => format!("node pool {}", self.nodepool_id.as_deref().unwrap_or("of unknown ID")),
            Some("addons") => {
                let names: Vec<&str> = self.addons.iter().map(|addon| addon.name.as_str()).collect();
                format!("add-on{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "))
            }
            Some(other) => other.replace('_', " "),
            None => "cluster".to_owned(),
        }
    }

    /// The version it leads to; those of add-ons, with their names where there are several.
    fn target(&self) -> Option<String> {
        let known: Vec<(&str, &str)> =
            self.addons.iter().filter_map(|addon| Some((addon.name.as_str(), addon.version.as_deref()?))).collect();
        match known.as_slice() {
            [] => self.target_version.clone(),
            [(_, version)] if self.addons.len() == 1 => Some((*version).to_owned()),
            several => {
                Some(several.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let names = |subject: &Self| {
            let mut names: Vec<String> = subject.addons.iter().map(|addon| addon.name.clone()).collect();
            names.sort();
            names
        };
        self.cluster_id == other.cluster_id
            && self.kind == other.kind
            && self.nodepool_id == other.nodepool_id
            && names(self) == names(other)
    }
}

/// How an upgrade, or the run of a cluster, has ended, and how that is said.
pub(super) fn ending(event: &ReadEvent) -> (Standing, String) {
    let reason = |text: &Option<String>| text.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    match event.outcome.as_deref() {
        Some("succeeded") => {
            let version = event.version.as_ref().map(|version| format!(", running at {version}")).unwrap_or_default();
            let unverified = if event.verified == Some(false) { " (no target was known to compare with)" } else { "" };
            (Standing::Succeeded, format!("succeeded{version}{unverified}"))
        }
        Some("failed") => (Standing::Failed, format!("failed{}", reason(&event.reason))),
        Some("cancelled") => (Standing::Cancelled, "cancelled".to_owned()),
        Some("paused") => {
            let by = author(event.by.as_deref().unwrap_or("somebody"));
            (Standing::Paused, format!("paused by {by}{}", reason(&event.reason)))
        }
        Some("still_running") => {
            let phase = event.phase.as_deref().unwrap_or("at work");
            (Standing::Open, format!("still {phase} when the watching ended"))
        }
        Some("lost") => (Standing::Open, format!("out of sight{}", reason(&event.reason))),
        other => (Standing::Open, other.unwrap_or("it ended").replace('_', " ")),
    }
}

/// Ends the span that was open, and begins another, unless it is the same.
fn change(spans: &mut Vec<Span>, at: Timestamp, name: &str) {
    if let Some(last) = spans.last_mut() {
        if last.name == name || at < last.from {
            return;
        }
        last.to.get_or_insert(at);
    }
    spans.push(Span { name: name.to_owned(), from: at, to: None });
}

fn is_final(phase: &str) -> bool {
    matches!(phase, "succeeded" | "failed" | "cancelled")
}

fn author(by: &str) -> &str {
    match by {
        "person" => "a person",
        "window" => "the end of its window",
        "policy" => "its pause policy",
        "error" => "an error",
        other => other,
    }
}

fn progress(stages: Option<ReadCount>, nodes: Option<ReadCount>) -> Option<String> {
    let part = |count: Option<ReadCount>, of| count.map(|count| format!("{} of {} {of} done", count.done, count.total));
    let parts: Vec<String> = [part(stages, "stages"), part(nodes, "nodes")].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
