//! A cluster and the tasks it has been through.

use std::collections::VecDeque;

use ack_models::{ClusterSpec, ClusterState, ClusterType};
use jiff::Timestamp;

use super::check::Check;
use super::job::{AddonJob, Job, NodePoolJob};
use super::nodes::Nodes;
use super::plan::Plan;
use super::rolling::{Rolling, Turns};
use super::stage::{Stage, Work};
use super::task::Task;
use super::world::World;
use crate::clock::before;
use crate::version::check_upgrade;
use crate::{ClusterSeed, Incident, TaskSeed, UpgradeDurations, UpgradeStage};

/// How many tasks of a cluster are remembered; those before are forgotten, as the service forgets old tasks.
const MAX_TASKS: usize = 1000;

/// How many checks of a cluster are remembered.
const MAX_CHECKS: usize = 200;

#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) seed: ClusterSeed,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) created: Timestamp,
    pub(crate) world: World,
    pub(crate) checks: Vec<Check>,
    pub(crate) plans: Vec<Plan>,
    checks_run: usize,
    /// What waits for a task to befall.
    incidents: Vec<Incident>,
    tasks: VecDeque<Task>,
    /// When something happens next by itself.
    due: Option<Timestamp>,
}

impl Cluster {
    pub(crate) fn new(
        mut seed: ClusterSeed,
        home_region: &str,
        durations: UpgradeDurations,
        created: Timestamp,
    ) -> Self {
        let region = seed.region.take().unwrap_or_else(|| home_region.to_owned());
        if seed.cluster_spec.is_none() && seed.cluster_type == ClusterType::ManagedKubernetes {
            seed.cluster_spec = Some(ClusterSpec::AckProSmall);
        }
        let name = seed.name.clone().unwrap_or_else(|| seed.id.clone());
        let incidents = std::mem::take(&mut seed.incidents);
        let tasks = std::mem::take(&mut seed.tasks);
        let plans = std::mem::take(&mut seed.operation_plans).into_iter().enumerate();
        let plans = plans.map(|(position, plan)| Plan::new(plan, &seed.id, position, created)).collect();
        let world = World::new(&mut seed, &region, durations, created);
        let mut cluster = Self {
            seed,
            name,
            region,
            created,
            world,
            checks: Vec::new(),
            plans,
            checks_run: 0,
            incidents,
            tasks: VecDeque::new(),
            due: None,
        };
        for (position, task) in tasks.into_iter().enumerate() {
            cluster.start_other(position, task);
        }
        cluster.plan();
        cluster
    }

    /// Lets everything happen that is due until `now`, each at its time.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        while let Some(due) = self.due.filter(|due| *due <= now) {
            let task = self.tasks.iter_mut().find(|task| task.due().is_some_and(|own| own <= due));
            if let Some(task) = task {
                task.step(due, &mut self.world);
            } else if self.world.settling_due().is_some_and(|settling| settling <= due) {
                self.world.step_settling(due);
            } else {
                self.begin_plan(due);
            }
            self.plan();
        }
    }

    /// Finds out when something happens next. To be called after every change.
    fn plan(&mut self) {
        let tasks = self.tasks.iter().filter_map(Task::due);
        let plans = self.plans.iter().filter_map(Plan::due);
        self.due = tasks.chain(plans).chain(self.world.settling_due()).min();
    }

    /// Starts the upgrade of the plan that is due, if the cluster is fit for it.
    fn begin_plan(&mut self, at: Timestamp) {
        let Some(position) = self.plans.iter().position(|plan| plan.due().is_some_and(|due| due <= at)) else { return };
        let face = self.world.face();
        let (task_id, to) = (self.plans[position].task_id.clone(), self.plans[position].to.clone());
        let problem = if face.state == ClusterState::Running {
            check_upgrade(&face.version, &to).err().map(|problem| format!("{to} {problem}"))
        } else {
            Some(format!("the cluster is {}", face.state))
        };
        if problem.is_none() {
            self.start_upgrade((task_id, self.seed.id.clone()), &to, true, None, at);
        }
        self.plans[position].begin(problem);
    }

    /// The tasks, newest first. Those that were forgotten are left out.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().rev().filter(|task| !task.is_hidden)
    }

    /// The latest upgrade of the cluster, forgotten or not.
    pub(crate) fn latest_upgrade(&self) -> Option<&Task> {
        self.tasks.iter().rev().find(|task| matches!(task.job, Job::Cluster { .. }))
    }

    /// The upgrade of the cluster that keeps another from being started: one at work, paused, or not yet settled.
    pub(crate) fn upgrading(&self) -> Option<&Task> {
        let latest = self.latest_upgrade()?;
        (latest.is_in_the_way() || !self.world.is_at_rest()).then_some(latest)
    }

    /// The tasks that have not ended, newest first, forgotten or not.
    pub(crate) fn at_work(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().rev().filter(|task| task.is_in_the_way())
    }

    /// A task that is not forgotten.
    pub(crate) fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id && !task.is_hidden)
    }

    /// Changes a task.
    pub(crate) fn with_task<T>(&mut self, id: &str, change: impl FnOnce(&mut Task, &mut World) -> T) -> Option<T> {
        let task = self.tasks.iter_mut().find(|task| task.id == id && !task.is_hidden)?;
        let done = change(task, &mut self.world);
        self.plan();
        Some(done)
    }

    /// Cancels an operation plan; none if there is no such plan, false if it cannot be cancelled any more.
    pub(crate) fn cancel_plan(&mut self, id: &str) -> Option<bool> {
        let is_cancelled = self.plans.iter_mut().find(|plan| plan.id == id)?.cancel();
        self.plan();
        Some(is_cancelled)
    }

    /// How many checks were started, those forgotten among them.
    pub(crate) fn checks_run(&self) -> usize {
        self.checks_run
    }

    /// Remembers a check; the oldest may have to make room for it.
    pub(crate) fn add_check(&mut self, check: Check) {
        self.checks_run += 1;
        if self.checks.len() == MAX_CHECKS {
            self.checks.remove(0);
        }
        self.checks.push(check);
    }

    /// Lets something wait for a task to befall. A failure of an upgrade takes the place of one that waits already.
    pub(crate) fn await_incident(&mut self, incident: Incident) {
        if incident.is_upgrade_failure() {
            self.incidents.retain(|other| !other.is_upgrade_failure());
        }
        self.incidents.push(incident);
    }

    /// Lets the drain of a node go on that sticks, now or later.
    pub(crate) fn release_drain(&mut self, node: usize, at: Timestamp) {
        self.world.nodes.nodes[node].forget_drain_trouble();
        for task in &mut self.tasks {
            task.release_drain(node, at);
        }
        self.plan();
    }

    /// Starts an upgrade of the cluster that the caller has found to be allowed.
    pub(crate) fn start_upgrade(
        &mut self,
        ids: (String, String),
        to: &str,
        master_only: bool,
        max_parallelism: Option<usize>,
        now: Timestamp,
    ) -> Option<String> {
        use UpgradeStage::{ControlPlane, Master1, Master2, Master3};
        let durations = &self.world.durations;
        let mut stages = vec![precheck(durations)];
        let timed = |kind, length| Stage::new(kind, Work::Timed(length));
        if Nodes::masters(&self.seed.cluster_type) > 0 {
            stages.extend([Master1, Master2, Master3].map(|kind| timed(kind, durations.master)));
        } else {
            stages.push(timed(ControlPlane, durations.control_plane));
        }
        let nodes: Vec<usize> = (0..self.world.nodes.nodes.len()).collect();
        if !master_only && !nodes.is_empty() {
            let turns = Turns::growing(max_parallelism.unwrap_or(1));
            let rolling = Rolling::new(nodes, Some(to.to_owned()), turns);
            stages.push(Stage::new(UpgradeStage::Nodes, Work::Rolling(Box::new(rolling))));
        }
        let from = self.world.face().version.clone();
        self.start(ids, Job::Cluster { from, to: to.to_owned(), master_only }, stages, now)
    }

    /// Starts an upgrade of nodes of a pool that the caller has found to be allowed.
    pub(crate) fn start_node_pool(
        &mut self,
        ids: (String, String),
        job: NodePoolJob,
        nodes: Vec<usize>,
        turns: Turns,
        now: Timestamp,
    ) -> Option<String> {
        let rolling = Rolling::new(nodes, job.to.clone(), turns);
        let nodes = Stage::new(UpgradeStage::Nodes, Work::Rolling(Box::new(rolling)));
        let stages = vec![precheck(&self.world.durations), nodes];
        self.start(ids, Job::NodePool(job), stages, now)
    }

    /// Starts an upgrade of add-ons that the caller has found to be allowed.
    pub(crate) fn start_addons(
        &mut self,
        ids: (String, String),
        jobs: Vec<AddonJob>,
        now: Timestamp,
    ) -> Option<String> {
        let durations = &self.world.durations;
        let one = |_: &AddonJob| Stage::new(UpgradeStage::Addons, Work::Timed(durations.addon));
        let stages = std::iter::once(precheck(durations)).chain(jobs.iter().map(one)).collect();
        self.start(ids, Job::Addons(jobs), stages, now)
    }

    fn start_other(&mut self, position: usize, seed: TaskSeed) {
        let id = seed.id.unwrap_or_else(|| format!("{}-{}-{position}", seed.task_type, self.seed.id));
        let mut stage = Stage::new(UpgradeStage::Run, Work::Timed(seed.duration));
        if let Some(message) = seed.failure {
            let effect = crate::Effect::Fail { message };
            let incident = Incident::new(UpgradeStage::Run, effect).after(seed.duration);
            stage.await_incident(incident, &self.world.durations);
        }
        let started = before(self.created, seed.age);
        self.start((id, String::new()), Job::Other(seed.task_type), vec![stage], started);
    }

    /// Adds a task; the id of one that had to be forgotten for it, if any.
    fn start(&mut self, ids: (String, String), job: Job, stages: Vec<Stage>, at: Timestamp) -> Option<String> {
        let task = Task::start(ids, job, stages, &mut self.incidents, &mut self.world, at);
        let is_full = self.tasks.len() == MAX_TASKS;
        let forgotten = is_full.then(|| self.tasks.pop_front()).flatten();
        self.tasks.push_back(task);
        self.plan();
        forgotten.map(|task| task.id)
    }
}

fn precheck(durations: &UpgradeDurations) -> Stage {
    Stage::new(UpgradeStage::Precheck, Work::Timed(durations.precheck))
}
