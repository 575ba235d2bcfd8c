//! Upgrades end to end, one file each: `tests/scenarios/NAME.yaml` says what happens, and `NAME.snap` beside it what a
//! user sees of it. All run on paused time, so that hours take milliseconds.

mod file;
mod play;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The complaints of users of other tools that scenarios answer to, by number; `tests/scenarios/README.md` lists them.
const COMPLAINTS: std::ops::RangeInclusive<u32> = 1..=10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// The names of all scenarios, in order.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let names: BTreeSet<String> = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.into_iter().collect()
}

fn read(name: &str) -> file::File {
    let text = std::fs::read_to_string(folder().join(format!("{name}.yaml"))).unwrap();
    file::File::parse(&text).unwrap_or_else(|problem| unreachable!("{name}.yaml: {problem}"))
}

#[test]
fn every_scenario_is_seen_as_its_snapshot_says() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut slowest = (std::time::Duration::ZERO, String::new());
    for name in names() {
        let file = read(&name);
        let began = Instant::now();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let seen = runtime.block_on(play::play(&file));
        slowest = slowest.max((began.elapsed(), name.clone()));
        settings.set_description(file.about.trim());
        settings.bind(|| insta::assert_snapshot!(name.as_str(), seen));
    }
    // Generous, for machines at work on other things; what it is for is a scenario that sleeps for real.
    assert!(slowest.0.as_secs() < 20, "{slowest:?}");
}

#[test]
fn there_are_enough_and_every_complaint_is_answered() {
    let names = names();
    assert!(names.len() >= 40, "{}", names.len());
    let answered: BTreeSet<u32> = names.iter().flat_map(|name| read(name).complaints).collect();
    let missing: Vec<u32> = COMPLAINTS.filter(|number| !answered.contains(number)).collect();
    assert!(missing.is_empty(), "no scenario answers to {missing:?}");
    let snapshots = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let snapshots = snapshots.filter(|path| path.extension().is_some_and(|extension| extension == "snap"));
    let left_over: Vec<PathBuf> =
        snapshots.filter(|path| !names.contains(&path.file_stem().unwrap().to_string_lossy().into_owned())).collect();
    assert!(left_over.is_empty(), "snapshots without a scenario: {left_over:?}");
}
