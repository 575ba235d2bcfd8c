//! Kills at random moments, and what they hit.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use crate::cloud::Cloud;
use crate::process::Process;

/// Far longer than a kill takes on a machine that has other things to do.
const LONGEST_PER_KILL: Duration = Duration::from_secs(10);

/// How many kills there are, and what has come of them.
pub(crate) struct Trial {
    pub(crate) moments: Moments,
    pub(crate) kills: u64,
    seed: u64,
    wanted: u64,
    /// How many kills fell where.
    hits: BTreeMap<&'static str, u64>,
    deadline: Instant,
}

impl Trial {
    /// With this many kills, if `ACKCTL_TEST_KILLS` does not say how many.
    pub(crate) fn new(usual: u64) -> Self {
        let wanted = number("ACKCTL_TEST_KILLS").unwrap_or(usual);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let seed = number("ACKCTL_TEST_SEED").unwrap_or(now.as_secs());
        let budget = LONGEST_PER_KILL * u32::try_from(wanted).unwrap() + Duration::from_secs(120);
        let deadline = Instant::now() + budget;
        Self { moments: Moments(seed), kills: 0, seed, wanted, hits: BTreeMap::new(), deadline }
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    pub(crate) fn goes_on(&self) -> bool {
        self.kills < self.wanted
    }

    /// Calls the program again and again, with kills on the way as long as there are some left, until it ends by itself. Fails
    /// unless that is with the expected exit code.
    pub(crate) fn call(
        &mut self,
        arguments: &[impl AsRef<OsStr> + fmt::Debug],
        cloud: &Cloud,
        folder: &Path,
        expected: i32,
    ) {
        let mut calls = 0;
        loop {
            calls += 1;
            let mut process = Process::start(arguments, cloud, folder);
            let moment = self.goes_on().then(|| Instant::now() + self.moments.next());
            match process.killed_at(moment, self.deadline) {
                None => {
                    self.kills += 1;
                    for hit in hits(folder) {
                        *self.hits.entry(hit).or_default() += 1;
                    }
                }
                Some(status) => {
                    let said = process.said();
                    assert_eq!(status.code(), Some(expected), "{self}, call {calls}: {arguments:?}: {said}");
                    return;
                }
            }
            assert!(Instant::now() < self.deadline, "{self}: too long, call {calls}: {}", process.said());
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, {} kills", self.seed, self.kills)?;
        self.hits.iter().try_for_each(|(hit, count)| write!(f, ", {count} {hit}"))
    }
}

/// Where the program was when it was killed, as far as its files and its last line tell.
fn hits(folder: &Path) -> Vec<&'static str> {
    let mut kept = String::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match std::fs::read_to_string(&path) {
                _ if path.is_dir() => folders.push(path),
                Ok(text) if !path.ends_with("stdout") => kept.push_str(&text),
                _ => {}
            }
        }
    }
    let said = std::fs::read_to_string(folder.join("stdout")).unwrap_or_default();
    let last = said.lines().last().unwrap_or_default();
    let places = [
        ("within a start", kept.contains("\"state\": \"starting\"")),
        ("paused at the edge of the window", kept.contains("\"window_pause\"")),
        ("waiting for the window", last.contains("\"waiting_for_window\"")),
    ];
    places.into_iter().filter(|(_, is_hit)| *is_hit).map(|(hit, _)| hit).collect()
}

/// Moments to kill at: most soon after the start, some later, when more has been done.
pub(crate) struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        let longest = if self.number(5) == 0 { 2500 } else { 700 };
        Duration::from_millis(self.number(longest))
    }

    /// A duration between two, in milliseconds.
    pub(crate) fn between(&mut self, shortest: u64, longest: u64) -> Duration {
        Duration::from_millis(shortest + self.number(longest - shortest))
    }

    /// A number below another, by a linear congruential generator.
    fn number(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| unreachable!("{variable} is no number: {text}")))
}
