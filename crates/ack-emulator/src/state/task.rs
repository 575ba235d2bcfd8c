//! One task: what it is to do, how far it has come, and the steps in between.
//!
//! Nothing runs in the background. A task knows when its next step is due, and takes it, at that very time, once
//! somebody looks.

use std::collections::VecDeque;

use ack_models::{ClusterCheckType, TaskError};
use jiff::Timestamp;

use super::control::{Control, Order};
use super::history::History;
use super::job::Job;
use super::rolling::{Advance, NodeStep};
use super::stage::{Outcome, Stage, Work};
use super::task_log::{Entry, Level};
use super::world::World;
use crate::clock::after;
use crate::seed::FindingLevel;
use crate::{Effect, Incident, UpgradeStage};

#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) report_id: String,
    pub(crate) job: Job,
    pub(crate) started: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) error: Option<TaskError>,
    /// How often it was resumed after an error.
    pub(crate) retries: u32,
    /// Whether it was forgotten.
    pub(crate) is_hidden: bool,
    pub(crate) log: VecDeque<Entry>,
    pub(crate) stages: Vec<Stage>,
    pub(super) current: usize,
    pub(super) standing: Standing,
    pub(super) orders: Vec<Order>,
    pub(super) resume_after: Option<std::time::Duration>,
    pub(super) face: History<TaskFace>,
    never_settles: bool,
    keeps_version: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Running,
    Paused(PauseCause),
    Failed,
    Succeeded,
    Canceled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PauseCause {
    Person,
    Policy,
    Error,
}

/// What lists show of a task.
#[derive(Debug, Clone)]
pub(crate) struct TaskFace {
    pub(crate) standing: Standing,
    /// The state shown for `running`.
    pub(crate) shown: Option<String>,
    pub(crate) error: Option<TaskError>,
    pub(crate) updated: Timestamp,
}

impl Task {
    /// A task that starts at `at`. Of the incidents, it takes those that befall it.
    pub(crate) fn start(
        (id, report_id): (String, String),
        job: Job,
        mut stages: Vec<Stage>,
        incidents: &mut Vec<Incident>,
        world: &mut World,
        at: Timestamp,
    ) -> Self {
        let face = TaskFace { standing: Standing::Running, shown: None, error: None, updated: at };
        let (mut never_settles, mut keeps_version) = (false, false);
        incidents.retain(|incident| {
            let Some(stage) = job.stage_of(incident, &stages, world) else { return true };
            match incident.effect {
                Effect::NeverSettle => never_settles = true,
                Effect::KeepOldVersion => keeps_version = true,
                _ => stages[stage].await_incident(incident.clone(), &world.durations),
            }
            false
        });
        let mut task = Self {
            id,
            report_id,
            job,
            started: at,
            ended: None,
            error: None,
            retries: 0,
            is_hidden: false,
            log: VecDeque::new(),
            stages,
            current: 0,
            standing: Standing::Running,
            orders: Vec::new(),
            resume_after: None,
            face: History::new(at, face),
            never_settles,
            keeps_version,
        };
        task.job.begin(&task.id, world, at);
        task.begin_stage(at, world);
        task
    }

    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// Whether nothing more happens to it by itself, and nobody can control it.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.standing, Standing::Failed | Standing::Succeeded | Standing::Canceled)
    }

    /// Whether it keeps others from working on the same thing.
    pub(crate) fn is_in_the_way(&self) -> bool {
        match self.standing {
            Standing::Running | Standing::Paused(_) => true,
            Standing::Failed => self.is_resumable_failure(),
            Standing::Succeeded | Standing::Canceled => false,
        }
    }

    /// Whether an error stopped it in the middle of an upgrade of the cluster, which leaves the cluster `upgrading`.
    pub(crate) fn is_resumable_failure(&self) -> bool {
        let is_upgrade = matches!(self.job, Job::Cluster { .. });
        self.standing == Standing::Failed && is_upgrade && self.stage().kind != UpgradeStage::Precheck
    }

    /// The stage it is at; after its end, the last one it was at.
    pub(crate) fn stage(&self) -> &Stage {
        // There is at least one stage, and the current one is never beyond the last.
        &self.stages[self.current.min(self.stages.len() - 1)]
    }

    /// The stages that have begun, in order.
    pub(crate) fn begun(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| stage.started.is_some())
    }

    /// When it changed last.
    pub(crate) fn updated(&self) -> Timestamp {
        self.face.latest().updated
    }

    /// What lists showed of it at a time; none before it was there.
    pub(crate) fn face_at(&self, time: Timestamp) -> Option<&TaskFace> {
        self.face.at(time)
    }

    /// When its next step is due.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        let order = self.orders.iter().map(|order| order.due).min();
        let work = if self.standing == Standing::Running { self.stage().due() } else { None };
        [order, work].into_iter().flatten().min()
    }

    /// Takes one step that is due at `at`. Of those due at once, a node comes before an incident, that before an order,
    /// and the end of the stage or the next batch comes last.
    pub(crate) fn step(&mut self, at: Timestamp, world: &mut World) {
        let is_due = |time: Option<Timestamp>| time.is_some_and(|time| time <= at);
        let is_running = self.standing == Standing::Running;
        if is_running && is_due(self.stage().node_due()) {
            self.roll(at, world, false);
        } else if is_running && is_due(self.stage().trigger_due()) {
            if let Some(effect) = self.stages[self.current].take_trigger() {
                self.befall(effect, at, world);
            }
        } else if let Some(position) = self.orders.iter().position(|order| order.due <= at) {
            let order = self.orders.remove(position);
            self.carry_out(order, at, world);
        } else if is_running && is_due(self.stage().end_due()) {
            match self.stage().work {
                Work::Timed(_) => self.end_stage(at, world),
                Work::Rolling(_) => self.roll(at, world, true),
            }
        }
    }

    /// Lets the drain of a node go on if it sticks.
    pub(super) fn release_drain(&mut self, node: usize, at: Timestamp) {
        if let Work::Rolling(rolling) = &mut self.stages[self.current].work {
            rolling.release(node, at);
        }
    }

    /// Ends it by an error at its current stage.
    pub(super) fn fail(&mut self, at: Timestamp, world: &mut World, message: &str) {
        self.stop_work(at, world);
        let stage = &mut self.stages[self.current];
        stage.outcome = Outcome::Failed(at);
        let kind = stage.kind;
        let code = self.job.error_code(kind);
        self.error = Some(TaskError { code: Some(code.to_owned()), message: Some(message.to_owned()) });
        self.set_standing(Standing::Failed, at);
        self.tell(at, world, "fail", Level::Warning, "StageFailed", format!("{kind} failed: {message}"));
        self.job.fail(world, at, kind);
    }

    /// Halts it until it is resumed.
    pub(super) fn pause(&mut self, cause: PauseCause, at: Timestamp, world: &mut World, why: &str) {
        self.stages[self.current].halt(at);
        self.set_standing(Standing::Paused(cause), at);
        let level = if cause == PauseCause::Error { Level::Warning } else { Level::Normal };
        let kind = self.stage().kind;
        self.tell(at, world, "pause", level, "Paused", format!("{kind} paused{why}"));
        if let Some(wait) = self.resume_after.take() {
            self.orders.push(Order { due: after(at, wait), control: Control::Resume });
        }
    }

    /// Gives up what nodes are at.
    pub(super) fn stop_work(&mut self, at: Timestamp, world: &mut World) {
        self.with_rolling(at, world, |rolling, world, tell| {
            rolling.drop_all(&mut world.nodes, tell);
        });
        self.stages[self.current].halt(at);
    }

    pub(super) fn set_standing(&mut self, standing: Standing, at: Timestamp) {
        self.standing = standing;
        let has_ended = self.has_ended();
        self.ended = has_ended.then_some(at);
        if has_ended {
            self.orders.clear();
        }
        self.show(at);
    }

    /// Takes over what lists are to show.
    pub(super) fn show(&mut self, at: Timestamp) {
        let (standing, error) = (self.standing, self.error.clone());
        let shown = self.stage().shown.clone();
        self.face.push(at, TaskFace { standing, shown, error, updated: at });
    }

    fn begin_stage(&mut self, at: Timestamp, world: &mut World) {
        let stage = &mut self.stages[self.current];
        stage.go(at);
        let kind = stage.kind;
        self.show(at);
        self.tell(at, world, "start", Level::Normal, "StageStart", format!("{kind} started"));
    }

    fn end_stage(&mut self, at: Timestamp, world: &mut World) {
        if self.stage().kind == UpgradeStage::Precheck
            && let Some(message) = self.report_findings(at, world)
        {
            return self.fail(at, world, &message);
        }
        let stage = &mut self.stages[self.current];
        stage.halt(at);
        stage.outcome = Outcome::Succeeded(at);
        let kind = stage.kind;
        self.job.end_stage(self.current, kind, world);
        self.show(at);
        self.tell(at, world, "finish", Level::Normal, "StageSuccess", format!("{kind} succeeded"));
        if self.current + 1 < self.stages.len() {
            self.current += 1;
            return self.begin_stage(at, world);
        }
        self.set_standing(Standing::Succeeded, at);
        self.job.succeed(world, at, self.never_settles, self.keeps_version);
    }

    /// Tells what the check before an upgrade found, and whether that is in the way.
    fn report_findings(&mut self, at: Timestamp, world: &mut World) -> Option<String> {
        let (check, pool, heeds_warnings) = self.job.precheck(world)?;
        let found = |it: &&crate::Finding| it.is_found_by(&check, pool.as_deref());
        let findings: Vec<_> = world.findings.iter().filter(found).cloned().collect();
        let is_blocking = |level| level == FindingLevel::Error || heeds_warnings;
        let mut blocking = Vec::new();
        for finding in findings {
            let message = format!("{}: {}", finding.group, finding.message);
            if is_blocking(finding.level) {
                blocking.push(message);
            } else {
                self.tell(at, world, "check", Level::Warning, "PrecheckWarning", message);
            }
        }
        (!blocking.is_empty()).then(|| blocking.join("; "))
    }

    /// Takes the step of a node, or starts a batch of them.
    fn roll(&mut self, at: Timestamp, world: &mut World, starts_batch: bool) {
        let mut advance = Advance::Going;
        self.with_rolling(at, world, |rolling, world, tell| {
            let (nodes, durations) = (&mut world.nodes, &world.durations);
            advance = if starts_batch {
                rolling.start_batch(at, nodes, durations, tell)
            } else {
                rolling.step_node(at, nodes, durations, tell)
            };
        });
        match advance {
            Advance::Going => {}
            Advance::Stopped => self.pause(PauseCause::Person, at, world, ""),
            Advance::PolicyPause => self.pause(PauseCause::Policy, at, world, " after a batch, as its policy says"),
            Advance::TooManyFailed => {
                let failed = self.stage().rolling().map_or(0, |rolling| rolling.failed.len());
                self.fail(at, world, &format!("the upgrade of {failed} node(s) failed, more than are allowed"));
            }
            Advance::Through => self.end_stage(at, world),
        }
    }

    /// Works with the nodes of the current stage, if it is about nodes, and tells what happened to them.
    pub(super) fn with_rolling(
        &mut self,
        at: Timestamp,
        world: &mut World,
        work: impl FnOnce(&mut super::rolling::Rolling, &mut World, &mut dyn FnMut(usize, NodeStep)),
    ) {
        let mut steps = Vec::new();
        if let Work::Rolling(rolling) = &mut self.stages[self.current].work {
            work(rolling, world, &mut |node, step| steps.push((node, step)));
        }
        for (node, step) in steps {
            self.show(at);
            self.tell_node(at, world, node, step);
        }
    }
}

/// What checks the upgrade of which node pool, and whether warnings are in its way.
pub(crate) type Precheck = (ClusterCheckType, Option<String>, bool);
