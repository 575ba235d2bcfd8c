//! The state of a fleet that is followed, which its views read.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::member::Member;
use crate::handle::UpgradeKind;
use crate::outcome::Outcome;

/// A region of an account.
pub(super) type Place = (usize, Arc<str>);

/// All that is known, behind one lock that is never held across a wait.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) members: Vec<Member>,
    by_id: HashMap<(usize, Arc<str>), usize>,
    /// Positions of clusters that are gone, for others to take.
    gone: Vec<usize>,
    /// What else of clusters is upgraded, by the positions of the clusters; most have none.
    parts: HashMap<usize, Parts>,
    pub(super) regions: BTreeMap<Place, Region>,
    /// Texts that many clusters have in common, such as versions.
    texts: HashSet<Arc<str>>,
}

/// The upgrades of node pools and add-ons of a cluster.
#[derive(Debug, Default)]
struct Parts {
    /// Their positions.
    going_on: Vec<usize>,
    /// The tasks of those that have ended. The list of tasks may be behind, and must not bring them back.
    ended: VecDeque<Box<str>>,
}

/// How many tasks that have ended are remembered of a cluster: more than it has at the same time.
const ENDED: usize = 16;

/// What is counted in a region.
#[derive(Clone, Debug, Default)]
pub(super) struct Region {
    pub(super) looks: u64,
    pub(super) look_errors: u64,
    pub(super) lists: u64,
    pub(super) list_errors: u64,
    /// Lists that failed in a row.
    pub(super) failing: u32,
    pub(super) last_answer: Option<SystemTime>,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
    pub(super) last_upgrade: Option<SystemTime>,
}

impl State {
    pub(super) fn position(&self, account: usize, id: &Arc<str>) -> Option<usize> {
        self.by_id.get(&(account, Arc::clone(id))).copied()
    }

    /// Remembers a cluster, in place of one that is gone if there is one.
    pub(super) fn add(&mut self, member: Member) -> usize {
        let key = member.is_cluster().then(|| (member.account, Arc::clone(&member.id)));
        let position = match self.free() {
            Some(position) => {
                let before = std::mem::replace(&mut self.members[position], member);
                if before.is_cluster() {
                    self.by_id.remove(&(before.account, before.id));
                    self.parts.remove(&position);
                }
                position
            }
            None => {
                self.members.push(member);
                self.members.len() - 1
            }
        };
        if let Some(key) = key {
            self.by_id.insert(key, position);
        }
        position
    }

    /// The tasks among some that are not known to be of parts of a cluster.
    pub(super) fn unknown_tasks(&self, position: usize, tasks: &[String]) -> Vec<String> {
        let Some(parts) = self.parts.get(&position) else { return tasks.to_vec() };
        let known = parts.going_on.iter().filter_map(|part| self.members.get(*part)?.task_id.as_deref());
        let known: HashSet<&str> = known.chain(parts.ended.iter().map(|task| &**task)).collect();
        tasks.iter().filter(|task| !known.contains(task.as_str())).cloned().collect()
    }

    /// Remembers the upgrade of a part of a cluster.
    pub(super) fn add_part(
        &mut self,
        cluster: usize,
        kind: UpgradeKind,
        task_id: &str,
        now: SystemTime,
    ) -> Option<usize> {
        if self.unknown_tasks(cluster, &[task_id.to_owned()]).is_empty() {
            return None;
        }
        let own = self.members.get(cluster)?;
        let member = Member {
            part: Some(Box::new(kind)),
            name: own.name.clone(),
            task_id: Some(task_id.into()),
            ..Member::new(own.account, Arc::clone(&own.region), Arc::clone(&own.id), now)
        };
        let position = self.add(member);
        self.parts.entry(cluster).or_default().going_on.push(position);
        Some(position)
    }

    /// Forgets a part of a cluster whose upgrade is over, and gives the position of the cluster.
    pub(super) fn end_part(&mut self, position: usize) -> Option<usize> {
        let member = self.members.get_mut(position)?;
        member.following = None;
        let task = member.task_id.clone();
        let cluster = self.by_id.get(&(member.account, Arc::clone(&member.id))).copied();
        self.leave(position);
        let parts = self.parts.get_mut(&cluster?)?;
        parts.going_on.retain(|part| *part != position);
        parts.ended.extend(task);
        if parts.ended.len() > ENDED {
            parts.ended.pop_front();
        }
        cluster
    }

    /// Takes note that a cluster is gone. It is known until its place is needed, in case that it comes back.
    pub(super) fn leave(&mut self, position: usize) {
        if let Some(member) = self.members.get_mut(position) {
            member.is_gone = true;
            member.due = None;
            self.gone.push(position);
        }
    }

    /// The position of a cluster that is gone, and has not come back.
    fn free(&mut self) -> Option<usize> {
        while let Some(position) = self.gone.pop() {
            let is_free = self.members.get(position).is_some_and(|member| {
                member.is_gone && !member.is_named && !member.is_under_look && !member.is_upgrading()
            });
            if is_free {
                return Some(position);
            }
        }
        None
    }

    pub(super) fn region(&mut self, account: usize, region: &Arc<str>) -> &mut Region {
        self.regions.entry((account, Arc::clone(region))).or_default()
    }

    /// The text, kept once however many clusters have it.
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        // A service that never says the same twice must not fill the memory.
        if self.texts.len() >= 4096 {
            self.texts.clear();
        }
        let text: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&text));
        text
    }
}

impl Region {
    pub(super) fn count(&mut self, outcome: &Outcome, now: SystemTime) {
        match outcome {
            Outcome::Succeeded { .. } => {
                self.succeeded += 1;
                self.last_upgrade = Some(now);
            }
            Outcome::Cancelled => self.cancelled += 1,
            _ => self.failed += 1,
        }
    }
}

/// The state, for the watch and its views.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// No code panics while it holds the state.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
