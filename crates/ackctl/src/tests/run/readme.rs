//! The commands of the README about plans and runs, as they stand there.

use super::Scene;

const README: &str = include_str!("../../../../../README.md");

#[tokio::test(start_paused = true)]
async fn its_commands_do_what_it_says() {
    let section = README.split("\n## Plan, apply, run\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let block = section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let scene = Scene::of("c106f377e16f34eb1808d6b9362c9****").await;
    let mut commands = Vec::new();
    for line in block.lines() {
        // What is behind a # is for people; files go to the folder of the test.
        let line = line.strip_prefix("ackctl ").unwrap().split(" #").next().unwrap();
        let ran =
            scene.ackctl(&line.replace("plan.json", "DIR/plan.json").replace("night.json", "DIR/night.json")).await;
        assert_eq!(ran.code, 0, "{line}: {ran}");
        commands.push(line.split_whitespace().nth(1).unwrap());
    }
    assert_eq!(commands, ["plan", "apply", "run"]);
    assert_eq!(scene.emulator.clusters().remove(0).version, "1.34.3-aliyun.1");
    assert_eq!(scene.starts(), [3, 6, 1]);
    assert!(section.contains("`plan.json.checkpoint`") && scene.folder.path().join("plan.json.checkpoint").exists());
}
