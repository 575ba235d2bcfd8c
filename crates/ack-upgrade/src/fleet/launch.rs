//! Which calls to make when, and what their answers mean for the fleet.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ack_client::models::ClusterState;
use tokio::time::Instant;

use super::event::{FleetEventKind, FleetNews};
use super::listing::{Listed, list};
use super::member::Member;
use super::options::Looks;
use super::parts::look_at;
use super::sight::see;
use super::watch::{Done, Failed, FleetWatch};
use crate::event::EventKind;
use crate::observe::Look;
use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::watch::{is_permanent, pace};

/// A call should not wait for its turn under the rate of its account for longer than about this many seconds.
const LONGEST_TURN: f64 = 5.0;

impl FleetWatch {
    /// Makes the calls that are due, as far as there is room for them.
    pub(super) fn launch(&mut self) {
        let now = Instant::now();
        for number in 0..self.lists.len() {
            if !self.lists[number].is_under_way && self.lists[number].due <= now {
                self.launch_list(number);
            }
        }
        for account in 0..self.queues.len() {
            let room = self.room(account);
            while self.queues[account].under_way < room {
                let Some(position) = self.next_look(account, now) else { break };
                self.launch_look(account, position);
            }
        }
    }

    /// When the next call is due that there is room for; what there is no room for waits for a call to end.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let lists = self.lists.iter().filter(|list| !list.is_under_way).map(|list| list.due).min();
        let queues = self.queues.iter().enumerate();
        let free = queues.filter(|(account, queue)| queue.under_way < self.room(*account));
        let looks = free.filter_map(|(_, queue)| queue.due.peek().map(|Reverse((due, _))| *due)).min();
        lists.into_iter().chain(looks).min()
    }

    /// Has a cluster looked at at a time, in place of any other.
    pub(super) fn schedule(&mut self, position: usize, at: Instant) {
        let mut state = self.shared.lock();
        let Some(member) = state.members.get_mut(position) else { return };
        if member.last_look.is_none() && member.errors == 0 && member.due.is_none() && !member.is_under_look {
            self.unseen += 1;
        }
        member.due = Some(at);
        if let Some(queue) = self.queues.get_mut(member.account) {
            queue.due.push(Reverse((at, position)));
        }
    }

    /// A cluster that was found is looked at, unless the list is enough.
    pub(super) fn watch_new(&mut self, position: usize) {
        let is_at_rest = {
            let mut state = self.shared.lock();
            let Some(member) = state.members.get_mut(position) else { return };
            let is_at_rest = member.state == Some(ClusterState::Running) && self.options.looks == Looks::Changed;
            if is_at_rest {
                member.phase = Some(Phase::NotStarted);
            }
            is_at_rest
        };
        if !is_at_rest {
            self.schedule(position, Instant::now());
        }
    }

    /// Takes the end of a call into account.
    pub(super) fn take(&mut self, done: Done) {
        match done {
            Done::List(number, result) => self.take_list(number, result),
            Done::Look(position, result) => {
                let account = {
                    let mut state = self.shared.lock();
                    let Some(member) = state.members.get_mut(position) else { return };
                    if member.last_look.is_none() && member.errors == 0 {
                        self.unseen = self.unseen.saturating_sub(1);
                    }
                    member.is_under_look = false;
                    member.account
                };
                if let Some(queue) = self.queues.get_mut(account) {
                    queue.under_way -= 1;
                }
                match result {
                    Ok(seen) => {
                        self.take_look(position, &seen.look);
                        self.take_parts(position, seen.parts);
                    }
                    Err(failed) => self.take_failed_look(position, &failed),
                }
            }
        }
    }

    fn room(&self, account: usize) -> usize {
        let rate = self.fleet.accounts.get(account).and_then(|account| account.rate());
        let by_rate = rate.map_or(usize::MAX, |rate| (rate * LONGEST_TURN).clamp(1.0, 1e6) as usize);
        self.options.concurrency.min(by_rate)
    }

    fn next_look(&mut self, account: usize, now: Instant) -> Option<usize> {
        let queue = self.queues.get_mut(account)?;
        let state = self.shared.lock();
        while let Some(Reverse((due, position))) = queue.due.peek().copied() {
            let member = state.members.get(position);
            let counts = member.is_some_and(|member| member.due == Some(due) && !member.is_under_look);
            if counts && due > now {
                return None;
            }
            queue.due.pop();
            if counts {
                return Some(position);
            }
        }
        None
    }

    fn launch_look(&mut self, account: usize, position: usize) {
        let (region, handle) = {
            let mut state = self.shared.lock();
            let Some(member) = state.members.get_mut(position) else { return };
            member.due = None;
            member.is_under_look = true;
            (Arc::clone(&member.region), member.handle())
        };
        self.queues[account].under_way += 1;
        let upgrades = self.places.get(&self.fleet, account, &region);
        let shared = self.shared.clone();
        self.work.push(Box::pin(async move {
            let seen = match upgrades {
                Ok(upgrades) => {
                    let seen = look_at(&upgrades, &handle, &shared, position).await;
                    seen.map_err(|error| Failed::Call(Box::new(error)))
                }
                Err(problem) => Err(Failed::Client(problem)),
            };
            Done::Look(position, seen.map(Box::new))
        }));
    }

    fn launch_list(&mut self, number: usize) {
        let list_of = &mut self.lists[number];
        list_of.is_under_way = true;
        let source = list_of.source.clone();
        let selector = self.fleet.selector.clone();
        let known: HashSet<Arc<str>> = if selector.depends_on_version() {
            let state = self.shared.lock();
            let own = state.members.iter().filter(|member| member.account == source.account);
            own.map(|member| Arc::clone(&member.id)).collect()
        } else {
            HashSet::new()
        };
        let upgrades = self.places.get(&self.fleet, source.account, &source.region);
        self.work.push(Box::pin(async move {
            let listed = match upgrades {
                Ok(upgrades) => {
                    let listed = list(upgrades, source, selector, Arc::new(known)).await;
                    listed.map_err(|error| Failed::Call(Box::new(error)))
                }
                Err(problem) => Err(Failed::Client(problem)),
            };
            Done::List(number, listed)
        }));
    }

    fn take_list(&mut self, number: usize, result: Result<Vec<Listed>, Failed>) {
        let now = self.fleet.clock.now();
        let own = &mut self.lists[number];
        own.is_under_way = false;
        own.was_asked = true;
        own.due = Instant::now() + if self.options.is_once { Duration::from_secs(86_400) } else { self.options.sweep };
        let is_first = result.is_ok() && !own.was_answered;
        own.was_answered |= result.is_ok();
        let source = own.source.clone();
        let (account, region) = (Some(source.account), Some(Arc::clone(&source.region)));
        let failing = {
            let mut state = self.shared.lock();
            let counted = state.region(source.account, &source.region);
            counted.lists += 1;
            match &result {
                Ok(_) => {
                    counted.last_answer = Some(now);
                    std::mem::take(&mut counted.failing)
                }
                Err(_) => {
                    counted.list_errors += 1;
                    counted.failing = counted.failing.saturating_add(1);
                    counted.failing
                }
            }
        };
        match result {
            Ok(listed) => {
                if failing > 0 {
                    self.tell(account, region.clone(), FleetNews::RegionRecovered);
                }
                if is_first {
                    self.tell(account, region, FleetNews::RegionListed { clusters: listed.len() });
                }
                let only_of = source.is_regional.then_some(&*source.region);
                self.compare(source.account, only_of, listed, now);
            }
            // One that stays is told ever more seldom.
            Err(failed) if failing.is_power_of_two() => {
                let news = FleetNews::RegionFailed { error: failed.to_string(), consecutive: failing };
                self.tell(account, region, news);
            }
            Err(_) => {}
        }
    }

    /// Compares a list with what is known.
    fn compare(&mut self, account: usize, region: Option<&str>, listed: Vec<Listed>, now: SystemTime) {
        let mut present = HashSet::with_capacity(listed.len());
        let mut changed = Vec::new();
        let mut news = Vec::new();
        {
            let mut state = self.shared.lock();
            for cluster in listed {
                let version = cluster.version.as_deref().map(|version| state.text(version));
                let region = state.text(&cluster.region);
                let position = state.position(account, &cluster.id).unwrap_or_else(|| {
                    let position = state.add(Member::new(account, region, cluster.id, now));
                    self.unannounced.push_back(position);
                    position
                });
                present.insert(position);
                let Some(member) = state.members.get_mut(position) else { continue };
                member.name = cluster.name;
                if std::mem::take(&mut member.is_gone) {
                    self.unannounced.push_back(position);
                }
                if member.is_upgrading() || member.is_under_look {
                    // Lists are behind; looks know better.
                    continue;
                }
                let is_new = member.version.is_none() && member.state.is_none();
                let version = version.and_then(|version| member.version_changed(version));
                let is_moving = matches!(cluster.state, Some(ClusterState::Upgrading | ClusterState::Updating));
                if !is_new && (version.is_some() || is_moving || member.state != cluster.state) {
                    changed.push(position);
                }
                member.state = cluster.state;
                news.extend(version.map(|version| (position, version)));
            }
            let is_of_list =
                |member: &Member| member.account == account && region.is_none_or(|region| *member.region == *region);
            let mut gone = Vec::new();
            for (position, member) in state.members.iter().enumerate() {
                let is_missing =
                    member.is_cluster() && is_of_list(member) && !member.is_gone && !present.contains(&position);
                if is_missing && !member.is_upgrading() && !member.is_under_look {
                    if member.last_look.is_none() && member.errors == 0 && member.due.is_some() {
                        self.unseen = self.unseen.saturating_sub(1);
                    }
                    gone.push(position);
                }
            }
            for position in gone {
                state.leave(position);
                news.push((position, FleetNews::ClusterGone));
            }
        }
        for (position, news) in news {
            let event = self.of_cluster(position, None, FleetEventKind::Fleet(news));
            self.pending.push_back(event);
        }
        let soon = Instant::now();
        changed.into_iter().for_each(|position| self.schedule(position, soon));
    }

    fn take_look(&mut self, position: usize, look: &Look) {
        let now = self.fleet.clock.now();
        let sight = {
            let mut state = self.shared.lock();
            let Some(member) = state.members.get(position) else { return };
            let (account, region) = (member.account, Arc::clone(&member.region));
            let (was_upgrading, is_cluster) = (member.is_upgrading(), member.is_cluster());
            let sight = see(&mut state, position, look, &self.options, now);
            let is_upgrading = state.members.get(position).is_some_and(Member::is_upgrading);
            let counted = state.region(account, &region);
            counted.looks += 1;
            counted.last_answer = Some(now);
            // Regions count control planes.
            if let Some(outcome) = sight.outcome.as_ref().filter(|_| is_cluster) {
                counted.count(outcome, now);
            }
            self.under_way = self.under_way + usize::from(is_upgrading) - usize::from(was_upgrading);
            sight
        };
        match &sight.outcome {
            Some(Outcome::Succeeded { .. }) => self.succeeded += 1,
            Some(_) => self.failed += 1,
            None => {}
        }
        for kind in sight.kinds {
            let event = self.of_cluster(position, look.status.request_id.clone(), kind);
            self.pending.push_back(event);
        }
        match sight.wait {
            Some(wait) => self.schedule(position, Instant::now() + wait),
            None => self.end_part(position),
        }
    }

    fn take_failed_look(&mut self, position: usize, failed: &Failed) {
        let is_part = self.shared.lock().members.get(position).is_some_and(|member| !member.is_cluster());
        if is_part && failed.is_not_found() {
            self.lose_part(position, failed);
            return;
        }
        let (errors, is_gone, wait) = {
            let mut state = self.shared.lock();
            let Some(member) = state.members.get_mut(position) else { return };
            member.errors = member.errors.saturating_add(1);
            let errors = member.errors;
            let is_unknown = member.is_named && failed.is_unknown_cluster();
            let is_gone = is_unknown && !member.is_gone;
            member.is_gone |= is_unknown;
            let is_upgrading = member.is_upgrading();
            let (account, region) = (member.account, Arc::clone(&member.region));
            let wait = match failed {
                Failed::Call(error) if is_upgrading && !is_permanent(error) => {
                    pace::after_error(&self.options.watch, &member.kind(), error, errors)
                }
                // Repeating soon does not help, or is not urgent.
                _ => self.options.idle,
            };
            let counted = state.region(account, &region);
            counted.looks += 1;
            counted.look_errors += 1;
            (errors, is_gone, wait)
        };
        let request_id = failed.request_id();
        if is_gone {
            let event = self.of_cluster(position, request_id, FleetEventKind::Fleet(FleetNews::ClusterGone));
            self.pending.push_back(event);
        } else if errors.is_power_of_two() {
            let kind = EventKind::PollError { error: failed.to_string(), consecutive: errors };
            let event = self.of_cluster(position, request_id, FleetEventKind::Upgrade(kind));
            self.pending.push_back(event);
        }
        if !self.options.is_once {
            self.schedule(position, Instant::now() + wait);
        }
    }
}

impl Failed {
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Call(error) if error.is_not_found())
    }

    fn is_unknown_cluster(&self) -> bool {
        matches!(self, Self::Call(error) if error.code() == Some("ErrorClusterNotFound"))
    }

    pub(super) fn request_id(&self) -> Option<String> {
        match self {
            Self::Call(error) => error.request_id().map(str::to_owned),
            Self::Client(_) => None,
        }
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::Client(problem) => f.write_str(problem),
        }
    }
}
