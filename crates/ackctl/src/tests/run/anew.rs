//! Plans that lead nowhere any more, as somebody else has upgraded the cluster while they waited.

use std::time::Duration;

use super::{CLUSTER, Ran, Scene, command};

/// Carries out a command that waits for its window, while somebody else upgrades the cluster.
async fn overtaken(scene: &Scene, line: &str, version: &str) -> Ran {
    let overtake = async {
        tokio::time::sleep(Duration::from_secs(600)).await;
        let ran = scene.ackctl(&format!("upgrade start {CLUSTER} --to {version} --watch")).await;
        assert_eq!(ran.code, 0, "{ran}");
    };
    tokio::join!(scene.ackctl(line), overtake).0
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_overtaken_names_the_command_for_a_new_one() {
    let scene = Scene::new().await;
    let window = "--window 05:00-08:00 --tz UTC";
    let plan = format!("upgrade plan {CLUSTER} --target 1.32 {window} --plan-out DIR/plan.json");
    assert_eq!(scene.ackctl(&plan).await.code, 0);
    let applied = overtaken(&scene, "upgrade apply DIR/plan.json", "1.31.9-aliyun.1").await;
    // The same command again ends the same.
    let again = scene.ackctl("upgrade apply DIR/plan.json").await;
    assert_eq!((again.code, &again.stderr.lines().last()), (3, &applied.stderr.lines().last()), "{again}");
    // The one it names works.
    let planned = scene.ackctl(command(&applied)).await;
    assert_eq!(planned.code, 0, "{planned}");
    let applied_anew = scene.ackctl("upgrade apply DIR/plan-2.json").await;
    assert_eq!(applied_anew.code, 0, "{applied_anew}");
    insta::assert_snapshot!(format!("exit code {}\n{}", applied.code, applied.stderr));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_overtaken_goes_on_by_a_checkpoint_of_its_own() {
    let scene = Scene::new().await;
    let line =
        format!("upgrade run {CLUSTER} --target 1.31 --window 05:00-08:00 --tz UTC --checkpoint DIR/night-9.json");
    let ran = overtaken(&scene, &line, "1.32.6-aliyun.1").await;
    insta::assert_snapshot!(format!("exit code {}\n{}", ran.code, ran.stderr));
    let anew = scene.ackctl(command(&ran)).await;
    assert_eq!((anew.code, scene.starts()), (0, [1, 2, 1]), "{anew}");
    // By itself, a cluster that is newer is an error, which names both versions.
    let newer = scene.ackctl(&format!("upgrade run {CLUSTER} --target 1.31")).await;
    insta::assert_snapshot!(newer);
}
