//! Whose a pause is, and who ends it: the window and people at the same upgrade, over nights and restarts.

use std::time::Duration;

use ack_emulator::{Effect, Fault, Incident, UpgradeDurations, UpgradeStage};
use ack_upgrade::{
    Checkpoint, ControlOptions, EventKind, Outcome, PausedBy, Phase, Run, RunEvent, RunEventKind, RunNews,
    StepProgress, UpgradeHandle, UpgradeKind, Upgrades, WatchOptions, WindowPause,
};

use super::windows::{NODES, Night};
use super::{CLUSTER, follow, line};

const MINUTE: Duration = Duration::from_secs(60);

/// Sixty nodes take an hour, and a window forty minutes: from 3355 s to 5755 s, and from 89755 s to 92155 s.
async fn night() -> Night {
    Night::new(60, UpgradeDurations::default()).await
}

fn nodes() -> UpgradeHandle {
    UpgradeHandle::new(CLUSTER).with_kind(UpgradeKind::node_pool("np-blue"))
}

async fn somebody_pauses(upgrades: &Upgrades) {
    let done = upgrades.pause(nodes(), &ControlOptions::default()).await.unwrap();
    assert!(!done.already);
}

async fn somebody_resumes(upgrades: &Upgrades) {
    let done = upgrades.resume(nodes(), &ControlOptions::default()).await.unwrap();
    assert!(!done.already);
}

fn is_waiting_paused(event: &RunEvent) -> bool {
    matches!(event.kind, RunEventKind::Run(RunNews::WaitingForWindow { .. })) && event.step.as_deref() == Some(NODES)
}

fn is_resumed(event: &RunEvent) -> bool {
    matches!(event.kind, RunEventKind::Upgrade(EventKind::Resumed))
}

/// Follows it until something is told.
async fn until(run: &mut Run, what: impl Fn(&RunEvent) -> bool) -> String {
    let mut lines = Vec::new();
    while let Some(event) = run.next().await {
        lines.extend(line(&event));
        if what(&event) {
            break;
        }
    }
    lines.join("\n")
}

fn pause_in(checkpoint: &Checkpoint) -> Option<&WindowPause> {
    match checkpoint.steps.get(NODES)? {
        StepProgress::Started { window_pause, .. } => window_pause.as_ref(),
        _ => None,
    }
}

fn has_failed_to_resume(text: &str) -> usize {
    text.matches("the window is open, but it is still paused").count()
}

fn is_paused_by(run: &Run, who: PausedBy) -> bool {
    matches!(run.outcome(), Some(Outcome::Paused { by, .. }) if *by == who)
}

#[tokio::test(start_paused = true)]
async fn what_somebody_resumes_in_the_closed_window_is_left_going() {
    for is_killed in [false, true] {
        let night = night().await;
        let mut run = night.begin().await;
        let mut text = until(&mut run, is_waiting_paused).await;
        tokio::time::sleep(60 * MINUTE).await;
        somebody_resumes(&night.scene.upgrades).await;
        text += &until(&mut run, is_resumed).await;
        if is_killed {
            tokio::time::sleep(MINUTE).await;
            assert_eq!(pause_in(&night.store.latest()), Some(&WindowPause::Overruled));
            run = night.scene.upgrades.continue_run(night.store.latest(), night.options());
        }
        text += &follow(&mut run).await;
        assert!(run.outcome().unwrap().is_success(), "{text}");
        assert_eq!((night.steered(), night.scene.starts()), ([1, 1], [1, 1, 0]), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_pauses_after_the_window_has_stays_paused() {
    for is_killed in [false, true] {
        let night = night().await;
        let mut run = night.begin().await;
        let mut text = until(&mut run, is_waiting_paused).await;
        tokio::time::sleep(2 * MINUTE).await;
        if is_killed {
            // Until what was seen of the pause is all there is to see.
            assert!(tokio::time::timeout(2 * MINUTE, run.next()).await.is_err());
            drop(run);
        } else {
            let upgrades = night.scene.upgrades.clone();
            tokio::spawn(async move {
                tokio::time::sleep(60 * MINUTE).await;
                somebody_resumes(&upgrades).await;
                tokio::time::sleep(10 * MINUTE).await;
                somebody_pauses(&upgrades).await;
            });
            text += &follow(&mut run).await;
            assert!(is_paused_by(&run, PausedBy::Person), "{text}");
            assert!(text.contains("resumed") && text.ends_with("paused by a person"), "{text}");
            assert_eq!((night.steered(), pause_in(&night.store.latest())), ([2, 1], None), "{text}");
            continue;
        }
        // No process looks on.
        somebody_resumes(&night.scene.upgrades).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        somebody_pauses(&night.scene.upgrades).await;
        let mut run = night.scene.upgrades.continue_run(night.store.latest(), night.options());
        text = follow(&mut run).await;
        assert!(is_paused_by(&run, PausedBy::Person), "{text}");
        assert!(!text.contains("the end of its window"), "{text}");
        assert_eq!(night.steered(), [2, 1], "{text}");
    }
}

/// A run that is killed after it was followed, and before it has kept that.
#[tokio::test(start_paused = true)]
async fn what_somebody_pauses_once_it_is_resumed_stays_paused() {
    let night = night().await;
    let mut run = night.begin().await;
    until(&mut run, is_resumed).await;
    drop(run);
    let all = night.store.0.lock().unwrap().clone();
    let resuming = all.iter().rev().map(|text| Checkpoint::from_json(text).unwrap());
    let resuming = resuming.into_iter().find(|kept| matches!(pause_in(kept), Some(WindowPause::Resuming { .. })));
    somebody_pauses(&night.scene.upgrades).await;
    let mut run = night.scene.upgrades.continue_run(resuming.unwrap(), night.options());
    let text = follow(&mut run).await;
    assert!(is_paused_by(&run, PausedBy::Person), "{text}");
    assert_eq!(night.steered(), [2, 1], "{text}");

    // While it is looked on it is told at once.
    let night = self::night().await;
    let mut run = night.begin().await;
    until(&mut run, is_resumed).await;
    let upgrades = night.scene.upgrades.clone();
    let somebody = tokio::spawn(async move { somebody_pauses(&upgrades).await });
    let text = follow(&mut run).await;
    somebody.await.unwrap();
    assert!(is_paused_by(&run, PausedBy::Person), "{text}");
    assert_eq!(night.steered(), [2, 1], "{text}");
}

/// A run that is killed before a resume was sent, or whose request was lost, sends it again where nothing has happened since.
#[tokio::test(start_paused = true)]
async fn a_resume_that_was_not_sent_is_sent_by_the_next_run() {
    let night = night().await;
    let forbidden = Fault::error(403, "Forbidden.RAM", "You may not.").operation("ResumeTask").times(1);
    night.scene.emulator.inject(forbidden).unwrap();
    let mut run = night.begin().await;
    let text = follow(&mut run).await;
    // Nothing mends that but a person, so it ends at once, and says what it leaves behind.
    let Some(Outcome::Paused { by: PausedBy::Window, reason: Some(reason) }) = run.outcome() else { panic!("{text}") };
    assert!(reason.starts_with("it cannot be resumed: ResumeTask failed") && reason.contains("Forbidden"), "{reason}");
    assert!(matches!(pause_in(&night.store.latest()), Some(WindowPause::InEffect { .. })));
    let all = night.store.0.lock().unwrap().clone();
    let kept: Vec<Checkpoint> = all.iter().map(|text| Checkpoint::from_json(text).unwrap()).collect();
    let resuming = kept.into_iter().find(|kept| matches!(pause_in(kept), Some(WindowPause::Resuming { .. }))).unwrap();
    let mut run = night.scene.upgrades.continue_run(resuming, night.options());
    let text = follow(&mut run).await;
    assert!(run.outcome().unwrap().is_success(), "{text}");
    assert_eq!((night.steered(), night.scene.starts()), ([1, 1], [1, 1, 0]), "{text}");
}

/// A node takes an hour, which a pause waits for, longer than the process lives that has asked for it.
#[tokio::test(start_paused = true)]
async fn a_pause_that_takes_effect_after_the_run_is_named_by_the_next() {
    let night = Night::new(2, UpgradeDurations::default().with_node(60 * MINUTE)).await;
    let mut run = night.begin().await;
    let is_late = |event: &RunEvent| matches!(event.kind, RunEventKind::Run(RunNews::NotPaused { .. }));
    until(&mut run, is_late).await;
    drop(run);
    assert!(matches!(pause_in(&night.store.latest()), Some(WindowPause::Asked { .. })));
    tokio::time::sleep(60 * MINUTE).await;
    let mut run = night.scene.upgrades.continue_run(night.store.latest(), night.options());
    let text = follow(&mut run).await;
    assert!(run.outcome().unwrap().is_success(), "{text}");
    assert!(text.contains("paused by the end of its window") && !text.contains("a person"), "{text}");
    assert_eq!(night.scene.starts(), [1, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_resume_that_takes_long_is_told_and_waited_for() {
    let night = Night::new(60, UpgradeDurations::default().with_control(15 * MINUTE)).await;
    let mut run = night.begin().await;
    let text = follow(&mut run).await;
    assert!(run.outcome().unwrap().is_success(), "{text}");
    assert_eq!((has_failed_to_resume(&text), night.scene.starts()), (1, [1, 1, 0]), "{text}");
    insta::assert_snapshot!(text);
}

/// The window is the bound of what cannot be resumed: a person is asked for, and the next run takes it up.
#[tokio::test(start_paused = true)]
async fn what_is_not_resumed_all_night_ends_with_the_window() {
    let night = night().await;
    let refused = Fault::error(400, "TaskNotResumable", "Not now.").operation("ResumeTask");
    night.scene.emulator.inject(refused.times(4)).unwrap();
    let mut run = night.begin().await;
    let text = follow(&mut run).await;
    let Some(Outcome::Paused { by: PausedBy::Window, reason: Some(reason) }) = run.outcome() else { panic!("{text}") };
    assert!(reason.starts_with("it could not be resumed before the next window closed: ResumeTask failed"), "{reason}");
    assert_eq!((has_failed_to_resume(&text), night.steered()), (4, [1, 0]), "{text}");
    let mut run = night.scene.upgrades.continue_run(night.store.latest(), night.options());
    let text = follow(&mut run).await;
    assert!(run.outcome().unwrap().is_success(), "{text}");
    assert_eq!((night.steered(), night.scene.starts()), ([1, 1], [1, 1, 0]), "{text}");
}

/// A time limit within the pause says where it stands.
#[tokio::test(start_paused = true)]
async fn a_time_limit_within_the_pause_leaves_it_to_the_next_run() {
    let night = night().await;
    let run = night.scene.upgrades.run(night.plan().await, night.options().time_limit(300 * MINUTE));
    assert_eq!(run.await, Outcome::StillRunning { phase: Phase::Paused });
    let run = night.scene.upgrades.continue_run(night.store.latest(), night.options());
    assert!(run.await.is_success());
    assert_eq!((night.steered(), night.scene.starts()), ([1, 1], [1, 1, 0]));
}

#[tokio::test(start_paused = true)]
async fn a_cancel_in_the_pause_is_told_when_it_happens() {
    let night = night().await;
    let mut run = night.begin().await;
    until(&mut run, is_waiting_paused).await;
    night.scene.upgrades.cancel(nodes(), &ControlOptions::default()).await.unwrap();
    let text = follow(&mut run).await;
    assert_eq!(run.outcome(), Some(&Outcome::Cancelled), "{text}");
    let told = text.lines().last().unwrap().trim_start().split(' ').next().unwrap();
    assert!(told.parse::<u64>().unwrap() < 6000, "{text}");
}

/// What an error stops while a pause is on its way is not resumed by the next window.
#[tokio::test(start_paused = true)]
async fn an_error_on_the_way_to_the_pause_is_no_pause_of_the_window() {
    // The nodes begin at 3815 s, and the pause takes effect two minutes after 5755 s.
    let message = "2 nodes are not ready".to_owned();
    let error = Incident::new(UpgradeStage::Nodes, Effect::PauseForError { message });
    let error = error.on_node_pool("np-blue").after(Duration::from_secs(2000));
    let durations = UpgradeDurations::default().with_control(2 * MINUTE);
    let night = Night::of(60, durations, |seed| seed.with_incident(error)).await;
    let mut run = night.begin().await;
    let text = follow(&mut run).await;
    assert!(is_paused_by(&run, PausedBy::Error), "{text}");
    assert_eq!(night.steered(), [1, 0], "{text}");
    assert_eq!(pause_in(&night.store.latest()), None);
}

/// Between the last look and the edge it has come to its end: that is no pause that has failed.
#[tokio::test(start_paused = true)]
async fn what_ends_just_before_the_edge_is_not_told_as_going_on() {
    // The nodes end at 5635 s, and the looks before and after that are at 5455 s and 5875 s.
    let night = Night::new(30, UpgradeDurations::default()).await;
    let watch = WatchOptions::default().interval(7 * MINUTE);
    let mut run = night.scene.upgrades.run(night.plan().await, night.options().watch(watch));
    let text = follow(&mut run).await;
    assert!(run.outcome().unwrap().is_success(), "{text}");
    assert!(!text.contains("it goes on"), "{text}");
    assert_eq!(night.steered(), [0, 0], "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_refused_is_asked_for_again_and_so_is_one_of_which_nothing_is_heard() {
    let night = night().await;
    let refused = Fault::error(400, "TaskNotPausable", "Not now.").operation("PauseTask").times(1);
    night.scene.emulator.inject(refused).unwrap();
    let mut run = night.begin().await;
    let text = until(&mut run, is_waiting_paused).await;
    assert_eq!((text.matches("TaskNotPausable").count(), night.steered()), (1, [1, 0]), "{text}");
    // Lost with its answer, it takes effect all the same, and is the run's own.
    let night = self::night().await;
    night.scene.emulator.inject(Fault::lost_reply().operation("PauseTask").times(1)).unwrap();
    let mut run = night.begin().await;
    let text = follow(&mut run).await;
    assert!(run.outcome().unwrap().is_success(), "{text}");
    assert!(text.contains("paused by the end of its window") && !text.contains("a person"), "{text}");
    assert_eq!((night.steered(), night.scene.starts()), ([1, 1], [1, 1, 0]), "{text}");
}
