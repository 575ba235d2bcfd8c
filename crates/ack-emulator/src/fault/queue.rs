//! The faults that wait for requests.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Fault;
use super::compile::{Compiled, compile};
use super::effect::{Effect, When};
use super::target::Asked;
use crate::Error;
use crate::form::Problems;
use crate::ids::mixed;

/// How many faults are kept, those that are over among them; of these the oldest make room.
const CAPACITY: usize = 1000;

/// The number of a fault that was injected, from 1 on. No two of an emulator have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(u64);

impl FaultId {
    pub(crate) fn new(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A fault that was injected, and what has become of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InjectedFault {
    /// Its number.
    pub id: FaultId,
    /// The fault itself.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many requests it was there for that fit its selection, struck or not.
    pub matched: u64,
    /// How many requests it has struck.
    pub struck: u64,
    /// Whether it has struck as often as it was to.
    pub is_over: bool,
}

/// What strikes a request.
#[derive(Debug, Clone)]
pub(crate) struct Strike {
    pub(crate) id: FaultId,
    pub(crate) name: &'static str,
    pub(crate) when: When,
    pub(crate) effect: Arc<Effect>,
}

/// Where on its way a request is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// On arrival, before its date is judged.
    Arrival,
    /// After it has been authenticated and routed.
    Entry,
}

#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    given: u64,
    queue: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    injected: InjectedFault,
    compiled: Compiled,
    effect: Arc<Effect>,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, given: 0, queue: Vec::new() }
    }

    /// Puts faults at the end of the queue: all of them, or none if there is a mistake in one.
    pub(crate) fn inject(&mut self, faults: Vec<(Fault, Compiled)>) -> Result<Vec<FaultId>, Error> {
        while self.queue.len() + faults.len() > CAPACITY
            && let Some(position) = self.queue.iter().position(|waiting| waiting.injected.is_over)
        {
            self.queue.remove(position);
        }
        if self.queue.len() + faults.len() > CAPACITY {
            let number = (self.queue.len() + faults.len()).to_string();
            return Err(Error::setting("number of faults", number, "is too large", "clear those that are not needed"));
        }
        let ids = faults.into_iter().map(|(fault, compiled)| {
            self.given += 1;
            let id = FaultId(self.given);
            let injected = InjectedFault { id, fault, matched: 0, struck: 0, is_over: false };
            let effect = Arc::new(compiled.effect.clone());
            self.queue.push(Waiting { injected, compiled, effect });
            id
        });
        Ok(ids.collect())
    }

    pub(crate) fn list(&self) -> Vec<InjectedFault> {
        self.queue.iter().map(|waiting| waiting.injected.clone()).collect()
    }

    /// Forgets a fault; false if there is none of this number.
    pub(crate) fn clear(&mut self, id: FaultId) -> bool {
        let before = self.queue.len();
        self.queue.retain(|waiting| waiting.injected.id != id);
        self.queue.len() < before
    }

    pub(crate) fn clear_all(&mut self) {
        self.queue.clear();
    }

    /// The first fault in the queue that strikes a request at this moment, if any. Those before it have had their chance
    /// and count the request; those behind it do not see it.
    pub(crate) fn strike(&mut self, moment: Moment, asked: &Asked<'_>) -> Option<Strike> {
        let seed = self.seed;
        self.queue.iter_mut().find_map(|waiting| waiting.strike(seed, moment, asked))
    }
}

impl Waiting {
    fn strike(&mut self, seed: u64, moment: Moment, asked: &Asked<'_>) -> Option<Strike> {
        let (injected, compiled) = (&mut self.injected, &self.compiled);
        let own_moment = if matches!(compiled.effect, Effect::Skew(_)) { Moment::Arrival } else { Moment::Entry };
        if injected.is_over || own_moment != moment || !compiled.target.fits(asked) {
            return None;
        }
        injected.matched += 1;
        if injected.matched <= compiled.target.skip {
            return None;
        }
        let draw = drawn(seed, injected.id, injected.matched);
        if compiled.target.probability.is_some_and(|probability| draw >= probability) {
            return None;
        }
        injected.struck += 1;
        injected.is_over = compiled.target.times.is_some_and(|times| injected.struck >= times);
        Some(Strike { id: injected.id, name: compiled.name, when: compiled.when, effect: Arc::clone(&self.effect) })
    }
}

/// A number from 0 up to but not 1, the same for the same request in every run.
fn drawn(seed: u64, id: FaultId, request: u64) -> f64 {
    const BITS: u32 = 53;
    let random = mixed(mixed(seed ^ mixed(id.0)) ^ request) >> (u64::BITS - BITS);
    #[allow(clippy::cast_precision_loss, reason = "53 bits are what a double holds exactly")]
    let number = random as f64 / (1_u64 << BITS) as f64;
    number
}

/// Faults as they are written, ready to be injected. `path` is where each was written. If there are `known` clusters, it
/// must be these that they strike.
pub(crate) fn compiled(
    faults: Vec<Fault>,
    known: Option<&[String]>,
    path: impl Fn(usize) -> String,
) -> Result<Vec<(Fault, Compiled)>, Error> {
    let what = if faults.len() == 1 { "this fault" } else { "these faults" };
    let mut problems = Problems::default();
    let mut made = Vec::new();
    for (position, fault) in faults.into_iter().enumerate() {
        let path = path(position);
        match compile(&fault.0, &path) {
            Ok(compiled) => {
                let prefix = if path.is_empty() { path } else { format!("{path}.") };
                unknown_clusters(&compiled, known, &prefix, &mut problems);
                made.push((fault, compiled));
            }
            Err(found) => problems.extend(found),
        }
    }
    problems.none_or(made).map_err(|problems| Error::problems_of(what, problems))
}

fn unknown_clusters(compiled: &Compiled, known: Option<&[String]>, prefix: &str, problems: &mut Problems) {
    let Some(known) = known else { return };
    for id in compiled.target.clusters().filter(|id| !known.iter().any(|known| known == id)) {
        let shown: String = id.chars().take(64).collect();
        let some = known.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
        problems.add(
            format_args!("{prefix}cluster"),
            format_args!("is {shown:?}, which is no cluster of this emulator: use one it has, such as {some}"),
        );
    }
}

#[cfg(test)]
mod tests {
    use ack_codec::Format;

    use super::*;

    fn faults(list: &[Fault]) -> Faults {
        let mut faults = Faults::new(7);
        faults.inject(compiled(list.to_vec(), None, |_| String::new()).unwrap()).unwrap();
        faults
    }

    fn asked(operation: &str) -> Asked<'static> {
        let operation = ack_models::operations::ALL.iter().find(|known| known.id == operation).unwrap();
        Asked { operation, cluster: Some("c1"), format: Format::Json }
    }

    fn struck(faults: &mut Faults, operation: &str, requests: usize) -> Vec<u64> {
        let strike = |_| faults.strike(Moment::Entry, &asked(operation)).map_or(0, |strike| strike.id.0);
        (0..requests).map(strike).collect()
    }

    #[test]
    fn faults_strike_one_after_another() {
        let list = [Fault::throttle().times(2), Fault::reset().skip(1).times(1), Fault::empty(500)];
        assert_eq!(struck(&mut faults(&list), "GetUpgradeStatus", 6), [1, 1, 3, 2, 3, 3]);
    }

    #[test]
    fn only_what_is_selected_is_struck() {
        let mut faults = faults(&[
            Fault::throttle().operation("UpgradeCluster").operation("PauseTask"),
            Fault::throttle().cluster("c2"),
            Fault::throttle().format(Format::Xml),
            Fault::retired(404),
        ]);
        for (operation, id) in
            [("UpgradeCluster", 1), ("PauseTask", 1), ("DescribeTaskInfo", 0), ("GetUpgradeStatus", 4)]
        {
            assert_eq!(struck(&mut faults, operation, 1), [id], "{operation}");
        }
        let strike = |faults: &mut Faults, cluster, format| {
            let asked = Asked { cluster, format, ..asked("DescribeTaskInfo") };
            faults.strike(Moment::Entry, &asked).map(|strike| strike.id.0)
        };
        assert_eq!(strike(&mut faults, Some("c2"), Format::Json), Some(2));
        assert_eq!(strike(&mut faults, None, Format::Json), None);
        assert_eq!(strike(&mut faults, None, Format::Xml), Some(3));
    }

    #[test]
    fn chance_is_the_same_in_every_run_and_near_what_was_asked_for() {
        let run = || struck(&mut faults(&[Fault::throttle().probability(0.1)]), "GetUpgradeStatus", 10_000);
        let (one, other) = (run(), run());
        assert_eq!(one, other);
        let strikes = one.iter().filter(|id| **id == 1).count();
        assert!((900..1100).contains(&strikes), "{strikes}");
        let always = struck(&mut faults(&[Fault::throttle().probability(1.0)]), "GetUpgradeStatus", 100);
        assert_eq!(always, [1; 100]);
    }

    #[test]
    fn what_is_over_makes_room_and_what_waits_does_not() {
        let mut faults = faults(&[Fault::throttle().times(1)]);
        assert_eq!(struck(&mut faults, "GetUpgradeStatus", 2), [1, 0]);
        let many = |number| compiled(vec![Fault::reset(); number], None, |_| String::new()).unwrap();
        faults.inject(many(CAPACITY)).unwrap();
        assert_eq!(faults.list().len(), CAPACITY);
        assert!(faults.inject(many(1)).unwrap_err().is_invalid_setting());
        assert!(faults.clear(FaultId(2)) && !faults.clear(FaultId(2)));
        faults.inject(many(1)).unwrap();
    }
}
