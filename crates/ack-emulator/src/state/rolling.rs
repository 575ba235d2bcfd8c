//! Nodes that are upgraded batch by batch: drained, upgraded, and put back to work.

use std::collections::VecDeque;
use std::time::Duration;

use ack_models::RollingPausePolicy;
use jiff::Timestamp;

use super::nodes::{NodeCondition, Nodes};
use crate::clock::after;
use crate::{NodeTrouble, UpgradeDurations};

/// How nodes take turns.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    /// The largest batch.
    pub(crate) max_parallelism: usize,
    /// Whether batches grow from one node on, doubling, instead of being as large as they may from the start.
    pub(crate) are_growing: bool,
    pub(crate) interval: Duration,
    pub(crate) pause_policy: RollingPausePolicy,
    pub(crate) max_failed: usize,
}

impl Turns {
    /// Batches of 1, 2, 4 and so on up to a largest one, without a pause.
    pub(crate) fn growing(max_parallelism: usize) -> Self {
        Self {
            max_parallelism,
            are_growing: true,
            interval: Duration::ZERO,
            pause_policy: RollingPausePolicy::NotPause,
            max_failed: 0,
        }
    }
}

/// What happened to a node.
#[derive(Debug)]
pub(crate) enum NodeStep {
    DrainStarted,
    DrainStuck,
    DrainFinished,
    DrainAborted,
    Upgraded,
    Failed(String),
}

/// What a step of a rolling upgrade comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Advance {
    Going,
    /// No node is at work any more, and a pause was asked for.
    Stopped,
    /// No node is at work any more, and the policy asks for a pause.
    PolicyPause,
    TooManyFailed,
    /// Every node has had its turn.
    Through,
}

#[derive(Debug, Clone, Copy)]
struct InFlight {
    node: usize,
    /// When its drain or its upgrade ends; none for a drain that sticks.
    until: Option<Timestamp>,
    /// When it will be told that the drain sticks.
    warn_at: Option<Timestamp>,
    is_upgrading: bool,
}

#[derive(Debug)]
pub(crate) struct Rolling {
    /// The version nodes get; none if another part of them is upgraded.
    target: Option<String>,
    turns: Turns,
    queue: VecDeque<usize>,
    in_flight: Vec<InFlight>,
    /// When the next batch starts, if none is at work.
    next_batch: Option<Timestamp>,
    /// Batches since the start or the latest pause.
    batches: u32,
    has_had_batch: bool,
    is_stopping: bool,
    /// Whether more nodes failed than are allowed, so that those at work are the last.
    is_over_limit: bool,
    pub(crate) nodes: Vec<usize>,
    pub(crate) succeeded: Vec<usize>,
    pub(crate) failed: Vec<usize>,
}

impl Rolling {
    pub(crate) fn new(nodes: Vec<usize>, target: Option<String>, turns: Turns) -> Self {
        Self {
            target,
            turns,
            queue: nodes.iter().copied().collect(),
            in_flight: Vec::new(),
            next_batch: None,
            batches: 0,
            has_had_batch: false,
            is_stopping: false,
            is_over_limit: false,
            nodes,
            succeeded: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// How long all nodes take if nothing is in their way.
    pub(crate) fn planned(&self, durations: &UpgradeDurations) -> Duration {
        let (mut left, mut batches) = (self.nodes.len(), 0_u32);
        while left > 0 {
            left = left.saturating_sub(self.batch_size(batches));
            batches += 1;
        }
        let pauses = self.turns.interval.saturating_mul(batches.saturating_sub(1));
        durations.node.saturating_mul(batches).saturating_add(pauses)
    }

    /// Goes to work, at the start or after a pause: batches begin anew.
    pub(crate) fn resume(&mut self, at: Timestamp) {
        self.is_stopping = false;
        self.is_over_limit = false;
        self.batches = 0;
        if self.in_flight.is_empty() {
            self.next_batch = Some(at);
        }
    }

    /// Forgets which nodes failed, so that they get another turn.
    pub(crate) fn retry_failed(&mut self) {
        self.queue.extend(self.failed.drain(..));
    }

    /// Shifts all that is to happen.
    pub(crate) fn delay(&mut self, by: Duration) {
        let times = self.in_flight.iter_mut().flat_map(|one| [&mut one.until, &mut one.warn_at]);
        for time in times.chain([&mut self.next_batch]).flatten() {
            *time = after(*time, by);
        }
    }

    /// Whether it starts nothing more until it is resumed.
    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping
    }

    /// When the next node at work has come to its next step.
    pub(crate) fn node_due(&self) -> Option<Timestamp> {
        self.in_flight.iter().flat_map(|one| [one.until, one.warn_at]).flatten().min()
    }

    /// When the next batch starts, or turns out to be none.
    pub(crate) fn batch_due(&self) -> Option<Timestamp> {
        self.next_batch
    }

    /// Takes the step of a node that is due at `at`, and tells of it.
    pub(crate) fn step_node(
        &mut self,
        at: Timestamp,
        nodes: &mut Nodes,
        durations: &UpgradeDurations,
        tell: &mut dyn FnMut(usize, NodeStep),
    ) -> Advance {
        let is_due = |time: Option<Timestamp>| time.is_some_and(|time| time <= at);
        let Some(position) = self.in_flight.iter().position(|one| is_due(one.until) || is_due(one.warn_at)) else {
            return Advance::Going;
        };
        let one = &mut self.in_flight[position];
        let index = one.node;
        if !is_due(one.until) {
            one.warn_at = None;
            tell(index, NodeStep::DrainStuck);
            return Advance::Going;
        }
        let node = &mut nodes.nodes[index];
        if !one.is_upgrading {
            one.is_upgrading = true;
            one.warn_at = None;
            one.until = Some(after(at, durations.node.saturating_sub(durations.drain())));
            node.status = NodeCondition::Upgrading;
            tell(index, NodeStep::DrainFinished);
            return Advance::Going;
        }
        self.in_flight.remove(position);
        if let Some(NodeTrouble::Fails { message }) = node.trouble.take_if(|it| matches!(it, NodeTrouble::Fails { .. }))
        {
            node.status = NodeCondition::Failed;
            self.failed.push(index);
            tell(index, NodeStep::Failed(message));
            if self.failed.len() > self.turns.max_failed {
                // As before a pause, nodes that are being upgraded are finished.
                self.is_over_limit = true;
                self.give_up(nodes, tell, |one| !one.is_upgrading);
            }
        } else {
            node.status = NodeCondition::Ready;
            if let Some(target) = &self.target {
                node.version.clone_from(target);
            }
            self.succeeded.push(index);
            tell(index, NodeStep::Upgraded);
        }
        if self.in_flight.is_empty() { self.end_batch(at) } else { Advance::Going }
    }

    /// Starts the batch that is due at `at`.
    pub(crate) fn start_batch(
        &mut self,
        at: Timestamp,
        nodes: &mut Nodes,
        durations: &UpgradeDurations,
        tell: &mut dyn FnMut(usize, NodeStep),
    ) -> Advance {
        self.next_batch = None;
        if self.queue.is_empty() {
            return Advance::Through;
        }
        let size = self.batch_size(self.batches).min(self.queue.len());
        self.batches = self.batches.saturating_add(1);
        for index in self.queue.drain(..size).collect::<Vec<_>>() {
            let node = &mut nodes.nodes[index];
            node.status = NodeCondition::Draining;
            let usual = after(at, durations.drain());
            let (until, warn_at) = match &node.trouble {
                Some(NodeTrouble::DrainTakes { duration }) if *duration > durations.drain() => {
                    (Some(after(at, *duration)), Some(usual))
                }
                Some(NodeTrouble::DrainTakes { duration }) => (Some(after(at, *duration)), None),
                Some(NodeTrouble::DrainSticks | NodeTrouble::DrainSticksForever) => (None, Some(usual)),
                _ => (Some(usual), None),
            };
            self.in_flight.push(InFlight { node: index, until, warn_at, is_upgrading: false });
            tell(index, NodeStep::DrainStarted);
        }
        Advance::Going
    }

    /// Lets a drain that sticks go on, and keeps it from sticking again.
    pub(crate) fn release(&mut self, index: usize, at: Timestamp) {
        if let Some(one) = self.in_flight.iter_mut().find(|one| one.node == index && one.until.is_none()) {
            one.until = Some(at);
            one.warn_at = None;
        }
    }

    /// Starts nothing more: drains are given up, nodes being upgraded are finished.
    pub(crate) fn stop(&mut self, nodes: &mut Nodes, tell: &mut dyn FnMut(usize, NodeStep)) -> Advance {
        self.next_batch = None;
        self.give_up(nodes, tell, |one| !one.is_upgrading);
        self.is_stopping = !self.in_flight.is_empty();
        if self.is_stopping { Advance::Going } else { Advance::Stopped }
    }

    /// Drops everything at once. What is not finished is to be done again.
    pub(crate) fn drop_all(&mut self, nodes: &mut Nodes, tell: &mut dyn FnMut(usize, NodeStep)) {
        self.next_batch = None;
        self.is_stopping = false;
        self.give_up(nodes, tell, |_| true);
    }

    fn give_up(&mut self, nodes: &mut Nodes, tell: &mut dyn FnMut(usize, NodeStep), which: impl Fn(&InFlight) -> bool) {
        let (given_up, kept): (Vec<_>, Vec<_>) = self.in_flight.drain(..).partition(which);
        self.in_flight = kept;
        for one in given_up.iter().rev() {
            let node = &mut nodes.nodes[one.node];
            node.status = NodeCondition::Ready;
            // A drain that stuck goes through when it is tried again, unless it is to stick for ever.
            node.trouble.take_if(|trouble| *trouble == NodeTrouble::DrainSticks);
            self.queue.push_front(one.node);
            tell(one.node, NodeStep::DrainAborted);
        }
    }

    fn end_batch(&mut self, at: Timestamp) -> Advance {
        let is_first = !std::mem::replace(&mut self.has_had_batch, true);
        if self.is_over_limit {
            return Advance::TooManyFailed;
        }
        if self.is_stopping {
            self.is_stopping = false;
            return Advance::Stopped;
        }
        if self.queue.is_empty() {
            self.next_batch = Some(at);
            return Advance::Going;
        }
        match self.turns.pause_policy {
            RollingPausePolicy::EveryBatch => Advance::PolicyPause,
            RollingPausePolicy::FirstBatch if is_first => Advance::PolicyPause,
            _ => {
                self.next_batch = Some(after(at, self.turns.interval));
                Advance::Going
            }
        }
    }

    fn batch_size(&self, batches: u32) -> usize {
        let max = self.turns.max_parallelism.max(1);
        if self.turns.are_growing { 1_usize.checked_shl(batches).unwrap_or(max).min(max) } else { max }
    }
}
