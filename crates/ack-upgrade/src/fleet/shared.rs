//! The state of a fleet that is followed, which its views read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::member::Member;
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
    pub(super) regions: BTreeMap<Place, Region>,
    /// Texts that many clusters have in common, such as versions.
    texts: HashSet<Arc<str>>,
}

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
        let key = (member.account, Arc::clone(&member.id));
        let position = match self.free() {
            Some(position) => {
                let before = std::mem::replace(&mut self.members[position], member);
                self.by_id.remove(&(before.account, before.id));
                position
            }
            None => {
                self.members.push(member);
                self.members.len() - 1
            }
        };
        self.by_id.insert(key, position);
        position
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
