//! The course of one upgrade as a function of time: nothing runs in the background, every answer is computed.

use std::time::Duration;

use ack_models::ClusterType;
use jiff::Timestamp;

use crate::clock::{after, elapsed};
use crate::{UpgradeDurations, UpgradeFailure, UpgradeStage};

/// The stages of one upgrade and how long each takes, fixed when the upgrade starts.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    stages: Vec<(UpgradeStage, Duration)>,
    node: Duration,
    nodes: u32,
    settling: Duration,
    failure: Option<UpgradeFailure>,
}

/// Where an upgrade stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The task is at work on a stage.
    Running(UpgradeStage),
    /// The task failed at a stage.
    Failed(UpgradeStage),
    /// The task succeeded, but the cluster is not yet `running` at the new version.
    Settling,
    /// The cluster is `running` at the new version.
    Done,
}

/// What has come of an upgrade at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    pub(crate) standing: Standing,
    /// The stages that have begun, in order.
    pub(crate) stages: Vec<StageProgress>,
    /// Masters and nodes to upgrade, and how many of them are.
    pub(crate) total: u32,
    pub(crate) succeeded: u32,
    /// When something last changed.
    pub(crate) changed: Timestamp,
    /// When the task ended, if it has.
    pub(crate) ended: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct StageProgress {
    pub(crate) stage: UpgradeStage,
    pub(crate) started: Timestamp,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Running,
    Succeeded(Timestamp),
    Failed(Timestamp),
}

impl Timeline {
    pub(crate) fn new(cluster_type: &ClusterType, nodes: u32, master_only: bool, durations: &UpgradeDurations) -> Self {
        use UpgradeStage::{ControlPlane, Master1, Master2, Master3, Nodes, Precheck};
        let mut stages = vec![(Precheck, durations.precheck)];
        if *cluster_type == ClusterType::Kubernetes {
            stages.extend([Master1, Master2, Master3].map(|stage| (stage, durations.master)));
        } else {
            stages.push((ControlPlane, durations.control_plane));
        }
        let nodes = if master_only { 0 } else { nodes };
        if nodes > 0 {
            stages.push((Nodes, durations.node.saturating_mul(nodes)));
        }
        Self { stages, node: durations.node, nodes, settling: durations.settling, failure: None }
    }

    pub(crate) fn has_stage(&self, stage: UpgradeStage) -> bool {
        self.stages.iter().any(|&(own, _)| own == stage)
    }

    pub(crate) fn set_failure(&mut self, failure: UpgradeFailure) {
        self.failure = Some(failure);
    }

    pub(crate) fn failure(&self) -> Option<&UpgradeFailure> {
        self.failure.as_ref()
    }

    /// What has come of the upgrade that started at `started`.
    pub(crate) fn progress(&self, started: Timestamp, now: Timestamp) -> Progress {
        let mut progress = Progress {
            standing: Standing::Done,
            stages: Vec::new(),
            total: self.total(),
            succeeded: 0,
            changed: started,
            ended: None,
        };
        let passed = elapsed(started, now);
        let mut begin = Duration::ZERO;
        for &(stage, duration) in &self.stages {
            let fails = self.failure.as_ref().is_some_and(|failure| failure.stage() == stage);
            let length = match (fails, stage) {
                // A precheck reports when it is through; the other stages break off halfway.
                (false, _) | (true, UpgradeStage::Precheck) => duration,
                (true, _) => duration / 2,
            };
            let (stage_started, end) = (after(started, begin), begin.saturating_add(length));
            let is_over = passed >= end;
            let outcome = match (is_over, fails) {
                (false, _) => Outcome::Running,
                (true, false) => Outcome::Succeeded(after(started, end)),
                (true, true) => Outcome::Failed(after(started, end)),
            };
            progress.stages.push(StageProgress { stage, started: stage_started, outcome });
            let units = self.units_done(stage, outcome, passed.saturating_sub(begin).min(length));
            progress.succeeded += units;
            // Within a stage only the nodes are seen to change.
            let latest_unit =
                if stage == UpgradeStage::Nodes { self.node.saturating_mul(units) } else { Duration::ZERO };
            progress.changed = after(started, if is_over { end } else { begin.saturating_add(latest_unit) });
            match outcome {
                Outcome::Running => return Progress { standing: Standing::Running(stage), ..progress },
                Outcome::Failed(at) => {
                    return Progress { standing: Standing::Failed(stage), ended: Some(at), ..progress };
                }
                Outcome::Succeeded(_) => begin = end,
            }
        }
        progress.ended = Some(after(started, begin));
        let settled = begin.saturating_add(self.settling);
        if passed < settled {
            progress.standing = Standing::Settling;
        } else {
            progress.changed = after(started, settled);
        }
        progress
    }

    /// Masters and nodes there are to upgrade; the control plane of a managed cluster counts as one.
    fn total(&self) -> u32 {
        self.stages
            .iter()
            .map(|&(stage, _)| match stage {
                UpgradeStage::Precheck => 0,
                UpgradeStage::Nodes => self.nodes,
                _ => 1,
            })
            .sum()
    }

    /// How many masters or nodes a stage has upgraded after `passed`.
    fn units_done(&self, stage: UpgradeStage, outcome: Outcome, passed: Duration) -> u32 {
        match stage {
            UpgradeStage::Precheck => 0,
            UpgradeStage::Nodes if self.node.is_zero() => match outcome {
                Outcome::Succeeded(_) => self.nodes,
                Outcome::Running | Outcome::Failed(_) => 0,
            },
            UpgradeStage::Nodes => {
                let nodes = passed.as_nanos() / self.node.as_nanos();
                u32::try_from(nodes).unwrap_or(u32::MAX).min(self.nodes)
            }
            _ => u32::from(matches!(outcome, Outcome::Succeeded(_))),
        }
    }
}
