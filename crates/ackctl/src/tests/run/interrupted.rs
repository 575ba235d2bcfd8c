//! What Ctrl-C does to a run.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::{CLUSTER, Ran, Scene, command};

/// Runs a command until it prints some text, and interrupts it then.
async fn interrupted_at(scene: &Scene, text: &'static str, line: &str) -> Ran {
    let seen = Arc::new(Notify::new());
    let noticed = Arc::clone(&seen);
    let cli = scene
        .cli()
        .on_stdout(move |printed| {
            if printed.contains(text) {
                seen.notify_one();
            }
            Ok(())
        })
        .interrupted_by(async move { noticed.notified().await });
    scene.run(cli, line).await
}

#[tokio::test(start_paused = true)]
async fn it_leaves_what_is_under_way_and_tells_how_to_go_on() {
    let scene = Scene::new().await;
    let line = format!(
        "upgrade run {CLUSTER} --target next --node-pools np-blue,np-green --addons all --max-skew 1 --max-parallelism 2 \
         --window '00:00-24:00' --tz +08:00 --expect control-plane=20m --checkpoint 'DIR/my run.json' --skip-checks \
         --parallel-pools 2 --region cn-hangzhou"
    );
    let ran = interrupted_at(&scene, r#""stage":"upgrade_control_plane""#, &line).await;
    assert_eq!((ran.code, scene.starts()), (130, [1, 0, 0]), "{ran}");
    insta::assert_snapshot!(ran.stderr);
    let ran = scene.ackctl(command(&ran)).await;
    assert_eq!((ran.code, scene.starts()), (0, [1, 2, 1]), "{ran}");
    insta::assert_snapshot!(ran.stderr);
}

#[tokio::test(start_paused = true)]
async fn without_a_checkpoint_the_same_command_plans_what_is_left() {
    let scene = Scene::new().await;
    let line = format!("upgrade run {CLUSTER} --target 1.33 --addons none --wire-format xml --json");
    let ran = interrupted_at(&scene, "upgrade_control_plane", &line).await;
    let again = command(&ran);
    assert_eq!(again, format!("upgrade run {CLUSTER} --target 1.33 --addons none --wire-format xml --output json"));
    let ran = scene.ackctl(again).await;
    assert_eq!((ran.code, scene.starts()), (0, [2, 4, 0]), "{ran}");
}

#[tokio::test(start_paused = true)]
async fn it_pauses_what_is_under_way_if_that_is_wished() {
    let scene = Scene::new().await;
    let line = format!(
        "upgrade run {CLUSTER} --target next --checkpoint DIR/run.json --max-parallelism 1 --on-interrupt pause"
    );
    let ran = interrupted_at(&scene, "upgrade_nodes", &line).await;
    assert_eq!(ran.code, 130);
    insta::assert_snapshot!(ran.stderr);
    // It stays paused until it is resumed.
    let still = scene.ackctl(command(&ran)).await;
    assert_eq!(still.code, 5);
    insta::assert_snapshot!(still.stderr);
    let resume = still.stderr.lines().find_map(|line| line.trim().strip_prefix("ackctl upgrade resume ")).unwrap();
    let resumed = scene.ackctl(&format!("upgrade resume {resume}")).await;
    assert_eq!(resumed.code, 0, "{resumed}");
    let ended = scene.ackctl(command(&still)).await;
    assert_eq!((ended.code, scene.starts()), (0, [1, 2, 1]), "{ended}");
}

#[tokio::test(start_paused = true)]
async fn it_cancels_what_is_under_way_if_that_is_wished() {
    let scene = Scene::new().await;
    let line = format!("upgrade run {CLUSTER} --target next --on-interrupt cancel");
    let ran = interrupted_at(&scene, "upgrade_control_plane", &line).await;
    assert_eq!(ran.code, 130);
    insta::assert_snapshot!(ran.stderr);
    // Nothing is under way yet.
    let early = interrupted_at(&scene, r#""event":"run_started""#, &line).await;
    assert_eq!(early.code, 130);
    insta::assert_snapshot!(early.stderr);
    assert_eq!(scene.starts(), [1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn it_reaches_an_upgrade_whose_start_is_not_answered_yet() {
    let scene = Scene::new().await;
    scene.emulator.inject("{fault: delay, by: 20s, operation: UpgradeCluster}".parse().unwrap()).unwrap();
    let emulator = (*scene.emulator).clone();
    let sent = async move {
        while emulator.accepted("UpgradeCluster") == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let line = format!("upgrade run {CLUSTER} --target next --on-interrupt pause");
    let ran = scene.run(scene.cli().interrupted_by(sent), &line).await;
    assert_eq!((ran.code, scene.starts()), (130, [1, 0, 0]));
    insta::assert_snapshot!(ran.stderr);
    // One that does not arrive is said so.
    let scene = Scene::new().await;
    scene.emulator.inject("{fault: stall, operation: UpgradeCluster}".parse().unwrap()).unwrap();
    let emulator = (*scene.emulator).clone();
    let sent = async move {
        while emulator.count("UpgradeCluster") == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let ran = scene.run(scene.cli().interrupted_by(sent), &line).await;
    assert_eq!((ran.code, scene.starts()), (130, [0, 0, 0]), "{ran}");
    insta::assert_snapshot!(ran.stderr);
}
