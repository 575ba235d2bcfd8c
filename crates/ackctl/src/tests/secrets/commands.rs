//! How each command is run, in order and with wrong input.

use std::fs;

use super::super::harness::CLUSTER;
use super::sources::{self, BODY_PASSWORD};

/// What an emulator is doing when a command is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    AtRest,
    Planned,
    Upgrading,
    Paused,
}

impl Before {
    pub(super) fn lines(self) -> &'static [&'static str] {
        const START: &str = "upgrade start c106f377e16f34eb1808d6b9362c9test --to 1.32.6-aliyun.1";
        const PAUSE: &str = "upgrade pause c106f377e16f34eb1808d6b9362c9test";
        const PLAN: &str = "upgrade plan c106f377e16f34eb1808d6b9362c9test --target next --plan-out {plan}";
        match self {
            Self::AtRest => &[],
            Self::Planned => &[PLAN],
            Self::Upgrading => &[START],
            Self::Paused => &[START, PAUSE],
        }
    }
}

/// A command line, with places in braces for what differs from run to run, and the exit codes it may end with.
pub(super) struct Line {
    pub(super) text: &'static str,
    pub(super) before: Before,
    pub(super) codes: &'static [u8],
}

/// Commands that call no service.
const QUIET: [&str; 7] = ["upgrade report", "api --list", "regions", "auth explain", "completion", "man", "emulator"];

/// Whether a line calls a service, its own one included.
pub(super) fn calls(line: &str) -> bool {
    !line.contains("--dry-run") && !QUIET.iter().any(|quiet| line.starts_with(quiet))
}

/// The lines of a command; none for one that nobody has thought of.
pub(super) fn lines(command: &str) -> Vec<Line> {
    use Before::{AtRest, Paused, Planned, Upgrading};
    let lines: &[(&'static str, Before, &'static [u8])] = match command {
        "upgrade status" => &[
            ("upgrade status {cluster}", AtRest, &[0]),
            ("upgrade status {cluster} --wire-format xml -o json", Upgrading, &[0]),
        ],
        "upgrade plan" => &[("upgrade plan {cluster} --target next --plan-out {plan}", AtRest, &[0])],
        "upgrade apply" => &[(
            "upgrade apply {plan} --checkpoint {new} --skip-checks --time-limit 1m -o table --record {record}",
            Planned,
            &[6],
        )],
        "upgrade run" => &[("upgrade run {cluster} --target next --checkpoint {new} --time-limit 1m", AtRest, &[6])],
        // Time stands still at the emulator, so whoever follows an upgrade comes to the limit.
        "upgrade start" => &[(
            "upgrade start {cluster} --to 1.32.6-aliyun.1 --watch --time-limit 1m -o table --handle {new} --record {record}",
            AtRest,
            &[6],
        )],
        "upgrade watch" => &[(
            "upgrade watch {cluster} --to 1.32.6-aliyun.1 --time-limit 1m --json --record {record}",
            Upgrading,
            &[6],
        )],
        "upgrade wait" => &[("upgrade wait {cluster} --time-limit 1m", Upgrading, &[6])],
        "upgrade pause" => &[("upgrade pause {cluster} --time-limit 1m --record {record}", Upgrading, &[0])],
        "upgrade resume" => &[("upgrade resume {cluster} --time-limit 1m", Paused, &[0])],
        "upgrade cancel" => &[("upgrade cancel {cluster} --time-limit 1m -o yaml", Upgrading, &[0])],
        "upgrade history" => &[("upgrade history {cluster}", Upgrading, &[0])],
        "fleet status" => &[("fleet status --every-cluster", AtRest, &[0])],
        "fleet watch" => &[("fleet watch --time-limit 2m", Upgrading, &[6])],
        "fleet run" => {
            &[("fleet run --to 1.32 --checkpoint {new} --time-limit 2m -o table --record {record}", AtRest, &[6])]
        }
        "exporter" => &[("exporter --listen 127.0.0.1:0", Upgrading, &[0])],
        "upgrade report" => &[("upgrade report {account}", AtRest, &[0])],
        "api" => &[
            ("api DescribeClusterDetail --path ClusterId={cluster} --report-drift", AtRest, &[0]),
            ("api CreateCluster --body @{body}", AtRest, &[0]),
            ("api CreateCluster --body @{body} --dry-run", AtRest, &[0]),
            ("api --list upgrade", AtRest, &[0]),
        ],
        "completion" => &[("completion bash", AtRest, &[0])],
        "man" => &[("man", AtRest, &[0])],
        "regions" => &[("regions", AtRest, &[0])],
        "auth explain" => &[("auth explain", AtRest, &[0]), ("auth explain -o json", AtRest, &[0])],
        "emulator" => &[("emulator", AtRest, &[0])],
        "demo" => &[("demo --time-scale 6000", AtRest, &[0])],
        _ => &[],
    };
    lines.iter().map(|&(text, before, codes)| Line { text, before, codes }).collect()
}

/// Lines that take a file of secrets, or a secret itself, for something else.
pub(super) fn wrong(command: &str) -> Vec<String> {
    let mut lines: Vec<String> = match command {
        "upgrade status" | "upgrade watch" | "upgrade wait" | "upgrade pause" | "upgrade resume" | "upgrade cancel" => {
            ["{config}", "{lines}", "{folder}"].map(|file| format!("{command} --handle {file}")).into()
        }
        "upgrade start" => vec![
            "upgrade start {cluster} --to 1.32.6-aliyun.1 --record {folder}".to_owned(),
            "upgrade start {cluster} --to 1.32.6-aliyun.1 --handle {folder}".to_owned(),
        ],
        "upgrade plan" => vec!["upgrade plan {cluster} --target next --plan-out {folder}".to_owned()],
        "upgrade run" => ["{config}", "{lines}", "{folder}"]
            .map(|file| format!("upgrade run {{cluster}} --target next --checkpoint {file}"))
            .into(),
        "upgrade apply" | "upgrade report" => {
            ["{config}", "{lines}", "{folder}"].map(|file| format!("{command} {file}")).into()
        }
        "upgrade history" => vec!["upgrade history {cluster} --limit 0".to_owned()],
        "api" => {
            let inputs =
                ["--input {config}", "--input {lines}", "--body @{config}", "--body @{lines}", "--body @{folder}"];
            let mut lines: Vec<_> = inputs.iter().map(|input| format!("api CreateCluster {input}")).collect();
            lines.push(format!("api CreateCluster --body '{{\"login_password\": \"{BODY_PASSWORD}'"));
            lines.push(format!("api CreateCluster --body '{{\"login_password\": [\"{BODY_PASSWORD}\"]}}'"));
            lines.push(format!(
                "api CreateCluster --body '{{\"name\": \"x\", \"login_pasword\": \"{BODY_PASSWORD}\"}}'"
            ));
            lines
        }
        "completion" => vec!["completion {config}".to_owned()],
        "emulator" => vec!["emulator --scenario {config}".to_owned(), "emulator --scenario {lines}".to_owned()],
        _ => Vec::new(),
    };
    // Those have no more to be wrong about, or take it from a file.
    if calls(command) && !matches!(command, "demo" | "upgrade apply" | "exporter") {
        let line = match command {
            "api" => "api DescribeClusterDetail --path ClusterId={cluster}".to_owned(),
            "upgrade start" => "upgrade start {cluster} --to 1.32.6-aliyun.1".to_owned(),
            "fleet status" | "fleet watch" => command.to_owned(),
            "fleet run" => "fleet run --to 1.32".to_owned(),
            "upgrade plan" | "upgrade run" => format!("{command} {{cluster}} --target next"),
            command => format!("{command} {{cluster}}"),
        };
        for option in
            ["--ca-file {lines}", "--ca-file {config}", "--profile nobody", "--endpoint {url}", "--endpoint {badurl}"]
        {
            lines.push(format!("{line} {option}"));
        }
    }
    lines
}

/// A fault of each kind, as it is written.
pub(super) fn fault(name: &str) -> &'static str {
    match name {
        "throttle" => "{fault: throttle, retry_after: 1500ms}",
        "server-error" => "{fault: server-error, status: 503}",
        "error" => "{fault: error, status: 403, code: Forbidden.RAM, message: You may not., body: xml}",
        "expired-token" => "{fault: expired-token}",
        "retired" => "{fault: retired, status: 404}",
        "html" => "{fault: html, status: 502}",
        "plain-text" => "{fault: plain-text, status: 500, text: no}",
        "empty" => "{fault: empty, status: 200}",
        "redirect" => "{fault: redirect, status: 307, to: 'http://elsewhere.invalid'}",
        "cut-off" => "{fault: cut-off}",
        "oversized" => "{fault: oversized, bytes: 100000000, announced: true}",
        "compressed" => "{fault: compressed}",
        "slow" => "{fault: slow, pause: 1s}",
        "delay" => "{fault: delay, by: 1m}",
        "stall" => "{fault: stall}",
        "reset" => "{fault: reset}",
        "close" => "{fault: close}",
        "lost-reply" => "{fault: lost-reply}",
        "duplicate-reply" => "{fault: duplicate-reply}",
        "wrong-content-type" => "{fault: wrong-content-type, content_type: text/html}",
        "clock-skew" => "{fault: clock-skew, by: 1h}",
        "unknown-values" => "{fault: unknown-values}",
        "unknown-fields" => "{fault: unknown-fields}",
        name => panic!("say how the fault {name} is written"),
    }
}

/// The files that are there before.
const INPUTS: [&str; 4] = ["config.json", "lines", "body.json", "account.jsonl"];

/// The files that lines name, in a folder that goes away.
pub(super) struct Files(tempfile::TempDir);

impl Files {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.json"), sources::config()).unwrap();
        fs::write(folder.path().join("lines"), sources::lines()).unwrap();
        fs::write(folder.path().join("account.jsonl"), include_str!("../report/record.jsonl")).unwrap();
        let body = serde_json::json!({
            "name": "night", "cluster_type": "ManagedKubernetes", "region_id": "cn-hangzhou", "login_password": BODY_PASSWORD,
        });
        fs::write(folder.path().join("body.json"), body.to_string()).unwrap();
        Self(folder)
    }

    /// The line with its places filled in.
    pub(super) fn placed(&self, line: &str) -> String {
        let file = |name: &str| self.0.path().join(name).display().to_string();
        line.replace("{cluster}", CLUSTER)
            .replace("{new}", &file("handle.json"))
            .replace("{record}", &file("record.jsonl"))
            .replace("{plan}", &file("plan.json"))
            .replace("{account}", &file("account.jsonl"))
            .replace("{config}", &file("config.json"))
            .replace("{lines}", &file("lines"))
            .replace("{body}", &file("body.json"))
            .replace("{folder}", &file(""))
            .replace("{url}", &format!("https://ada:{BODY_PASSWORD}@cs.test.invalid"))
            .replace(
                "{badurl}",
                &format!("https://ada:{BODY_PASSWORD}@cs.test.invalid/{BODY_PASSWORD}?x={BODY_PASSWORD}"),
            )
    }

    /// What the program has written into files.
    pub(super) fn written(&self) -> String {
        let mut text = String::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let is_input = INPUTS.iter().any(|name| path.ends_with(name));
                match fs::read_to_string(&path) {
                    _ if path.is_dir() => folders.push(path),
                    Ok(written) if !is_input => text.push_str(&written),
                    _ => {}
                }
            }
        }
        text
    }
}
