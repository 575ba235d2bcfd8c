//! Runs with a window, which closes over them again and again.
//!
//! The program looks at the real clock, so the window is one of real seconds: that of the cluster itself, with exclusions. It closes
//! for longer than a start takes, and what is under way then is paused.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ack_client::models::{MaintenanceExclusion, MaintenanceWindow};
use ack_emulator::{Emulator, ScaledClock};
use jiff::Timestamp;

use crate::cloud::Cloud;
use crate::run::{CLUSTER, HOW, WHAT, check, durations, seed};
use crate::trial::{Moments, Trial};

/// An upgrade of a control plane takes four seconds, and so is under way when the window closes.
const TIME_SCALE: f64 = 100.0;

/// What a start may take from the look at the clock until the service has it.
const UNDER_WAY: Duration = Duration::from_millis(400);

/// Steps are begun if they are expected to end in time, which those that take longer do not.
const EXPECTED: [&str; 6] = ["--expect", "control-plane=1s", "--expect", "node-batch=1s", "--expect", "addons=1s"];

/// How many upgrades there are at most in order to meet the end of a window.
const MOST_ROUNDS: usize = 8;

#[test]
fn a_run_that_is_killed_again_and_again_keeps_to_its_window() {
    let mut trial = Trial::new(20);
    let (mut rounds, mut steering) = (0, Steering::default());
    let arguments = [
        &["upgrade", "run", CLUSTER, "--cluster-window", "--pause-at-window-end", "--checkpoint", "run.json"][..],
        &WHAT,
        &HOW,
        &EXPECTED,
    ]
    .concat();
    // On a busy machine all kills may fall on a single upgrade, and that between two windows.
    while trial.goes_on() || (steering.pauses == 0 && rounds < MOST_ROUNDS) {
        let folder = tempfile::tempdir().unwrap();
        let night = Night::new(&mut trial.moments);
        let clock = ScaledClock::new(TIME_SCALE).unwrap().starting_at(night.began);
        let seed = seed().with_maintenance_window(night.window());
        let cloud = Cloud::start(Emulator::builder().durations(durations()).clock(clock).cluster(seed));
        trial.call(&arguments, &cloud, folder.path(), 0);
        let history = check(&trial, &cloud, folder.path());
        for past in &history {
            let started = night.real(past["started_at"].as_str().unwrap());
            assert!(night.is_open(started), "{trial}: {past} was started in a closed window: {night:?}");
        }
        steering.check(&trial, &cloud, &history);
        rounds += 1;
    }
    println!("{rounds} upgrades in windows, {trial}, {steering:?}");
    assert!(steering.pauses > 0, "the window never closed over an upgrade");
}

/// When the window is open.
#[derive(Debug)]
struct Night {
    began: SystemTime,
    /// When it is closed, from and to.
    closed: Vec<(SystemTime, SystemTime)>,
}

impl Night {
    fn new(moments: &mut Moments) -> Self {
        let began = SystemTime::now();
        let mut closed = Vec::new();
        let mut time = began;
        while time < began + Duration::from_secs(300) {
            let opens = time + moments.between(500, 2500);
            closed.push((time, opens));
            time = opens + moments.between(2500, 4000);
        }
        Self { began, closed }
    }

    /// As the cluster tells of it: an hour and a half from a minute ago on, without the times in which it is closed.
    fn window(&self) -> MaintenanceWindow {
        let text = |time: SystemTime| Some(format!("{:.3}", Timestamp::try_from(time).unwrap()));
        let opened = Timestamp::try_from(self.began - Duration::from_secs(60)).unwrap();
        let exclusions = self.closed.iter().map(|(from, to)| MaintenanceExclusion {
            start_time: text(*from),
            end_time: text(*to),
            ..MaintenanceExclusion::default()
        });
        MaintenanceWindow {
            enable: Some(true),
            maintenance_time: Some(opened.strftime("%H:%M:%SZ").to_string()),
            duration: Some("90m".to_owned()),
            exclusions: Some(exclusions.collect()),
            ..MaintenanceWindow::default()
        }
    }

    /// The real time of one of the emulator's.
    fn real(&self, emulated: &str) -> SystemTime {
        let emulated = SystemTime::try_from(emulated.parse::<Timestamp>().unwrap()).unwrap();
        // The emulator tells whole seconds of its own.
        self.began
            + (emulated.duration_since(self.began).unwrap_or_default() + Duration::from_secs(1)).div_f64(TIME_SCALE)
    }

    fn is_open(&self, time: SystemTime) -> bool {
        !self.closed.iter().any(|(from, to)| *from + UNDER_WAY <= time && time < *to)
    }
}

/// Pauses and resumes of all rounds.
#[derive(Debug, Default)]
struct Steering {
    pauses: usize,
    resumes: usize,
    repeated_pauses: usize,
    refused: usize,
}

impl Steering {
    fn check(&mut self, trial: &Trial, cloud: &Cloud, history: &[serde_json::Value]) {
        let requests = cloud.emulator.requests();
        let mut tasks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for request in &requests {
            let Some((task, action)) = request.path.strip_prefix("/tasks/").and_then(|path| path.split_once('/'))
            else {
                continue;
            };
            self.refused += usize::from(!request.is_accepted);
            if request.is_accepted {
                tasks.entry(task).or_default().push(action);
            }
        }
        for (task, actions) in tasks {
            let past = history.iter().find(|past| past["task_id"] == task).unwrap();
            let count = |action: &str| actions.iter().filter(|own| **own == action).count();
            let repeated = actions.windows(2).filter(|pair| pair == &["pause", "pause"]).count();
            if past["kind"] == "control_plane" {
                // Nothing but the window pauses it, and that takes effect at once.
                assert_eq!(count("pause"), count("resume"), "{trial}: {past}: {actions:?}");
                assert!(actions.chunks(2).all(|pair| pair == ["pause", "resume"]), "{trial}: {past}: {actions:?}");
            }
            self.pauses += count("pause");
            self.resumes += count("resume");
            self.repeated_pauses += repeated;
        }
    }
}
