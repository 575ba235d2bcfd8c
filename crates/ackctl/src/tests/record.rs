//! `--record FILE`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use ack_emulator::UpgradeDurations;
use ack_upgrade::EVENT_SCHEMA;
use ack_upgrade::fleet::FLEET_EVENT_SCHEMA;
use serde_json::Value;

use super::harness::{CLUSTER, Cli, emulator, settings, without_times};
use super::outside::Outside;
use crate::RECORD_SCHEMA;

static SCHEMA: LazyLock<(boon::Schemas, boon::SchemaIndex)> = LazyLock::new(|| {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let base = "https://github.com/ack-rs/ack-rs/";
    compiler.add_resource(&format!("{base}event.schema.json"), parsed(EVENT_SCHEMA)).unwrap();
    compiler.add_resource(&format!("{base}fleet-event.schema.json"), parsed(FLEET_EVENT_SCHEMA)).unwrap();
    let record = format!("{base}record.schema.json");
    compiler.add_resource(&record, parsed(RECORD_SCHEMA)).unwrap();
    let index = compiler.compile(&record, &mut schemas).unwrap();
    (schemas, index)
});

fn is_valid(fact: &Value) -> bool {
    SCHEMA.0.validate(fact, SCHEMA.1).is_ok()
}

/// A folder with a path for a record in it.
struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("upgrade.jsonl");
    Place { _folder: folder, path }
}

impl Place {
    fn option(&self) -> String {
        format!("--record {}", self.path.display())
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    /// Every line, each as the schema says.
    fn facts(&self) -> Vec<Value> {
        facts(&self.path)
    }
}

/// Every line of a record, each as the schema says.
pub(super) fn facts(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'));
    let facts: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for fact in &facts {
        if let Err(problem) = SCHEMA.0.validate(fact, SCHEMA.1) {
            unreachable!("{fact:#}\n{problem:#}");
        }
    }
    facts
}

fn named(facts: &[Value]) -> Vec<&str> {
    facts.iter().map(|fact| fact["fact"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_start_that_is_watched() {
    let (emulator, place) = (emulator().await, place());
    let time = emulator.clone();
    let advance = move |_: &str| {
        time.advance(Duration::from_secs(120));
        Ok(())
    };
    let line = format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1 --watch --interval 50ms {}", place.option());
    let cli = Cli::of(&emulator).variable("USER", "ada").variable("SUDO_USER", "grace").on_stdout(advance);
    let ran = cli.run(&line).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(!place.facts().is_empty());
    let text = without_times(&place.text()).replace(&emulator.endpoint(), "ENDPOINT");
    let text = text.replace(
        r#""version":1,"at":"2026-01-02T03:04:05.000Z","invocation":"0123456789abcdef0123456789abcdef","#,
        "..",
    );
    insta::assert_snapshot!(text);
    assert!(!text.contains(&emulator.announcement().access_key_secret));
    assert!(!text.contains(&emulator.announcement().access_key_id));
}

#[cfg(unix)]
#[tokio::test]
async fn others_of_the_machine_cannot_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let (emulator, place) = (emulator().await, place());
    Cli::of(&emulator).run(&format!("upgrade pause {CLUSTER} {}", place.option())).await;
    assert_eq!(fs::metadata(&place.path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn one_record_takes_many_commands() {
    let durations = UpgradeDurations::default().with_control(Duration::ZERO);
    let emulator = settings().durations(durations).start().await.unwrap();
    let place = place();
    let options = place.option();
    for (line, code) in [
        (format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1"), 0),
        (format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1"), 0),
        (format!("upgrade start {CLUSTER} --to 1.31.9-aliyun.1"), 8),
        ("upgrade start c0 --to 1.31.9-aliyun.1".to_owned(), 1),
    ] {
        assert_eq!(Cli::of(&emulator).run(&format!("{line} {options}")).await.code, code, "{line}");
    }
    emulator.advance(Duration::from_secs(120));
    for (line, code) in [("pause", 0), ("pause", 0), ("resume", 0)] {
        assert_eq!(Cli::of(&emulator).run(&format!("upgrade {line} {CLUSTER} {options}")).await.code, code, "{line}");
    }
    for action in ["leave", "cancel"] {
        let cli = Cli::of(&emulator).interrupted_by(std::future::ready(()));
        let ran = cli.run(&format!("upgrade wait {CLUSTER} --on-interrupt {action} {options}")).await;
        assert_eq!(ran.code, 130);
        assert!(action != "leave" || ran.stderr.contains(&options), "{}", ran.stderr);
    }
    let facts = place.facts();
    let mut told = String::new();
    for fact in &facts {
        let field = |name: &str| fact.get(name).map(|value| format!(" {name}={value}")).unwrap_or_default();
        let fields: String = ["command", "joined", "action", "already", "phase", "exit_code", "message", "request_id"]
            .map(field)
            .concat();
        told.push_str(&format!("{}{fields}\n", fact["fact"].as_str().unwrap()));
    }
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn nothing_is_sent_without_a_place_for_the_record() {
    let (emulator, place) = (emulator().await, place());
    let folder = place.path.parent().unwrap();
    let handle = folder.join("handle.json");
    fs::write(&handle, "{\n  \"version\": 1,\n  \"cluster_id\": \"c1\"\n}\n").unwrap();
    let mut said = String::new();
    for path in [folder.join("missing").join("x.jsonl"), folder.to_owned(), handle.clone()] {
        for command in ["start --to 1.32.6-aliyun.1", "watch", "wait", "pause", "resume", "cancel"] {
            let (command, options) = command.split_once(' ').unwrap_or((command, ""));
            let line = format!("upgrade {command} {CLUSTER} {options} --record {}", path.display());
            let ran = Cli::of(&emulator).run(&line).await;
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}");
            if command == "start" {
                said.push_str(&ran.stderr.replace(folder.to_str().unwrap(), "FOLDER"));
            }
        }
    }
    insta::assert_snapshot!(said, @"
    error: --record FOLDER/missing/x.jsonl cannot be opened: No such file or directory (os error 2); nothing was sent
    error: --record FOLDER is no regular file: name a file to append to; nothing was sent
    error: --record FOLDER/handle.json is there already and holds something else: name another file; nothing was sent
    ");
    assert!(emulator.requests().is_empty());
    assert!(fs::read_to_string(&handle).unwrap().ends_with("}\n"));
}

#[tokio::test]
async fn a_line_that_a_crash_has_torn_takes_no_other_with_it() {
    let (emulator, place) = (emulator().await, place());
    let line = format!("upgrade pause {CLUSTER} {}", place.option());
    Cli::of(&emulator).run(&line).await;
    let whole = place.text();
    for kept in [whole.len() - 1, whole.len() - 20, 200, 40, 7] {
        fs::write(&place.path, &whole.as_bytes()[..kept]).unwrap();
        // The second time the torn line is in the middle.
        for _ in 0..2 {
            assert_eq!(Cli::of(&emulator).run(&line).await.code, 8);
        }
        let text = place.text();
        assert!(text.starts_with(&whole[..kept]) && text.ends_with(&format!("\n{whole}")), "{kept}: {text}");
    }
}

#[tokio::test]
async fn it_says_which_role_and_profile_the_call_was_made_with() {
    let (emulator, place, outside) = (emulator().await, place(), Outside::default());
    let answer = r#"{"Credentials":{"AccessKeyId":"STS.NUtemporary1234","AccessKeySecret":"s3cret","SecurityToken":"t0ken","Expiration":"2026-01-02T04:04:05Z"}}"#;
    outside.add_answer(200, answer);
    let config = r#"{"profiles":[{"name":"night","mode":"RamRoleArn","access_key_id":"LTAI5tExampleNight01","access_key_secret":"s3cret",
        "ram_role_arn":"acs:ram::1:role/upgrader","ram_session_name":"ackctl","region_id":"cn-hangzhou"}]}"#;
    let cli = Cli::new().outside(&outside).variable("HOME", "/home/ada").file("/home/ada/.aliyun/config.json", config);
    let cli = cli.variable("ALIBABA_CLOUD_ENDPOINT", &emulator.endpoint());
    cli.run(&format!("upgrade pause {CLUSTER} --profile night {}", place.option())).await;
    let facts = place.facts();
    assert_eq!(named(&facts), ["command_started", "caller", "command_ended"]);
    let field = |name: &str| facts[1][name].as_str().unwrap();
    let caller = ["access_key_id", "provider", "role", "profile", "region"].map(field);
    assert_eq!(
        caller,
        [
            "STS.****1234",
            "default/cli_profile/ram_role_arn/static_ak",
            "acs:ram::1:role/upgrader",
            "night",
            "cn-hangzhou"
        ]
    );
    let text = place.text();
    assert!(!text.contains("s3cret") && !text.contains("t0ken"));
}

#[test]
fn what_is_no_fact_is_told_apart() {
    let base = serde_json::json!({"version": 1, "at": "2026-01-02T03:04:05.000Z", "invocation": "0123456789abcdef0123456789abcdef"});
    let fact = |fields: Value| {
        let mut fact = base.clone();
        fact.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        fact
    };
    assert!(is_valid(&fact(serde_json::json!({"fact": "interrupted", "action": "leave"}))));
    let started = |command: &str| {
        fact(serde_json::json!({"fact": "command_started", "command": command, "program": "ackctl 0.1.0", "who": {}}))
    };
    assert!(is_valid(&started("fleet run")) && !is_valid(&started("upgrade run")));
    for wrong in [
        serde_json::json!({}),
        serde_json::json!({"fact": "interrupted"}),
        serde_json::json!({"fact": "interrupted", "action": "leave", "at": "yesterday"}),
        serde_json::json!({"fact": "interrupted", "action": "leave", "surprise": 1}),
        serde_json::json!({"fact": "interrupted", "action": "leave", "version": 2}),
        serde_json::json!({"fact": "event", "event": {"event": "resumed"}}),
        serde_json::json!({"fact": "command_ended"}),
        serde_json::json!({"fact": "caller", "access_key_id": null}),
    ] {
        assert!(!is_valid(&fact(wrong.clone())), "{wrong}");
    }
}
