//! The live display on a terminal.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ack_emulator::RunningEmulator;
use indicatif::{InMemoryTerm, TermLike as _};
use tokio::sync::Notify;

use super::harness::{CLUSTER, Cli, Ran, emulator, without_times};

/// Shows all that is written on a terminal, and keeps each screen that is more than a step in drawing it.
#[derive(Clone)]
struct Screens {
    terminal: InMemoryTerm,
    seen: Arc<Mutex<Vec<String>>>,
    /// The number of lines on the screen that had most; a line that is too long counts as two.
    highest: Arc<AtomicUsize>,
}

impl Screens {
    fn new(width: u16) -> Self {
        Self { terminal: InMemoryTerm::new(20, width), seen: Arc::default(), highest: Arc::default() }
    }

    fn write(&self, text: &str) {
        self.terminal.write_str(text).unwrap();
        let screen = self.terminal.contents();
        self.highest.fetch_max(screen.lines().count(), Ordering::Relaxed);
        let mut lines = screen.lines().map(|line| line.trim_start_matches(|c: char| !c.is_ascii()).trim());
        let screen: Vec<&str> = lines.by_ref().take(2).collect();
        let mut seen = self.seen.lock().unwrap();
        if screen.len() == 2 && lines.next().is_none() && seen.last() != Some(&screen.join("\n")) {
            seen.push(screen.join("\n"));
        }
    }

    fn highest(&self) -> usize {
        self.highest.load(Ordering::Relaxed)
    }
}

async fn follow(emulator: &RunningEmulator, screens: &Screens, width: u16) -> Ran {
    let (time, screens) = ((*emulator).clone(), screens.clone());
    let show = move |text: &str| {
        screens.write(text);
        // Each drawing of the second line lets some time pass.
        if text.contains("precheck") || text.contains("upgrade_control_plane") {
            time.advance(Duration::from_secs(20));
        }
        Ok(())
    };
    let cli = Cli::of(emulator).variable("NO_COLOR", "1").on_terminal(width).on_stderr(show);
    cli.run(&format!("upgrade watch {CLUSTER} --to 1.32.6-aliyun.1 --interval 50ms")).await
}

async fn upgrading() -> RunningEmulator {
    let emulator = emulator().await;
    let ran = Cli::of(&emulator).run(&format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1")).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    emulator
}

#[tokio::test]
async fn it_fits_forty_columns_and_leaves_nothing_behind() {
    let (emulator, screens) = (upgrading().await, Screens::new(40));
    let ran = follow(&emulator, &screens, 40).await;
    assert_eq!(ran.code, 0);
    insta::assert_snapshot!(without_times(&ran.stdout), @"The upgrade of cluster c106f377e16f34eb1808d6b9362c9test succeeded: running at 1.32.6-aliyun.1. It was followed for HH:MM:SS.");
    assert_eq!(screens.terminal.contents(), "");
    let seen = screens.seen.lock().unwrap();
    let shown = |standing: &str, doing: &str| {
        let screen = seen.iter().find(|screen| screen.contains(standing) && screen.contains(doing));
        without_times(screen.map_or("never shown", String::as_str))
    };
    insta::assert_snapshot!(shown("prechecking", "precheck started"), @"
        prechecking, 0 of 1 stages    HH:MM:SS
        precheck started
        ");
    insta::assert_snapshot!(shown("upgrading", "upgrade_control_plane"), @"
        upgrading, 1 of 2 stages      HH:MM:SS
        upgrade_control_plane started
        ");
    assert_eq!(screens.highest(), 2);
}

#[tokio::test]
async fn an_interruption_clears_it_and_tells_how_to_go_on() {
    let (emulator, screens) = (upgrading().await, Screens::new(80));
    let shown = Arc::new(Notify::new());
    let (noticed, writer) = (Arc::clone(&shown), screens.clone());
    let cli = Cli::of(&emulator)
        .variable("NO_COLOR", "1")
        .on_terminal(80)
        .on_stderr(move |text| {
            writer.write(text);
            if text.contains("precheck started") {
                shown.notify_one();
            }
            Ok(())
        })
        .interrupted_by(async move { noticed.notified().await });
    let ran = cli.run(&format!("upgrade watch {CLUSTER}")).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (130, ""));
    insta::assert_snapshot!(screens.terminal.contents(), @"
        interrupted; the upgrade goes on
                                        follow it again with:
                                                               ackctl upgrade watch c106
        f377e16f34eb1808d6b9362c9test --task T-e220a8397b1dcdaf00000001 --to 1.32.6-aliy
        un.1
        ");
}

#[tokio::test]
async fn it_is_left_out_where_it_would_be_in_the_way() {
    for (options, variable) in [("-v", "X"), ("-o json", "X"), ("", "TERM")] {
        let emulator = upgrading().await;
        emulator.advance(Duration::from_secs(3600));
        let cli = Cli::of(&emulator).variable("NO_COLOR", "1").variable(variable, "dumb").on_terminal(80);
        let ran = cli.run(&format!("upgrade watch {CLUSTER} {options}")).await;
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(!ran.stderr.contains('\u{1b}') && ran.stdout.contains("succeeded"), "{options} {variable} {ran}");
    }
}
