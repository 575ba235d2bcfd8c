//! No secret shows: every command with all logs, in success and in every failure.
//!
//! What is looked for is in `forms`: the secrets of all sources of credentials, whole and in half, and as encodings would
//! write them; and what went over the wire, signatures and Authorization headers.

mod commands;
mod exporter;
#[path = "../../../../tests/integration/secrets/forms.rs"]
mod forms;
mod relay;
mod sources;

use std::fmt;
use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use ack_emulator::{Fault, RunningEmulator, UpgradeDurations};
use clap::CommandFactory as _;

use self::commands::{Before, Files, Line, lines};
use self::forms::Secrets;
use self::relay::Relay;
use self::sources::{BODY_PASSWORD, Source};
use super::harness::{CLUSTER, Cli, Ran, settings};
use crate::arguments::Arguments;

/// Where the test that runs in a process of its own finds that it does.
const CHILD: &str = "ACKCTL_TEST_BEHIND_A_PROXY";

/// Every command without commands below it, such as `upgrade status`.
fn leaves() -> Vec<String> {
    fn walk(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let below = command.get_subcommands();
        let mut is_leaf = true;
        for command in below {
            is_leaf = false;
            walk(command, format!("{path} {}", command.get_name()).trim(), found);
        }
        if is_leaf {
            found.push(path.to_owned());
        }
    }
    let mut found = Vec::new();
    walk(&Arguments::command(), "", &mut found);
    found
}

/// An emulator behind a relay, and what must not show of the calls it gets.
struct Scene {
    emulator: RunningEmulator,
    relay: Relay,
    files: Files,
    secrets: Secrets,
}

impl Scene {
    async fn new(before: Before) -> Self {
        let durations = UpgradeDurations::default().with_control(Duration::ZERO);
        let emulator = sources::keys(settings()).durations(durations).start().await.unwrap();
        let files = Files::new();
        for line in before.lines() {
            let ran = Cli::of(&emulator).run(&files.placed(line)).await;
            assert_eq!(ran.code, 0, "{ran}");
            if before != Before::Planned {
                emulator.advance(Duration::from_secs(120));
            }
        }
        let relay = Relay::before(emulator.address()).await;
        Self { emulator, relay, files, secrets: sources::secrets() }
    }

    /// Runs the line with all logs, and looks at all that it leaves behind.
    async fn run(&self, source: &Source, line: &str, what: &str) -> Ran {
        let line = format!("{} -vvv", self.files.placed(line));
        self.look(source, source.cli(), &line, what).await
    }

    async fn look(&self, source: &Source, cli: Cli, line: &str, what: &str) -> Ran {
        let cli = self.before(cli).interrupted_by(tokio::time::sleep(Duration::from_secs(300)));
        let ran = cli.run(line).await;
        let all = format!("{ran}\n{}", self.files.written());
        self.check(&all, format_args!("`{line}` with {} and {what}", source.name));
        ran
    }

    fn cli(&self, source: &Source) -> Cli {
        self.before(source.cli())
    }

    /// Calls the relay.
    fn before(&self, cli: Cli) -> Cli {
        let cli = cli.variable("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou");
        cli.variable("ALIBABA_CLOUD_ENDPOINT", &self.relay.endpoint())
    }

    /// Fails if a text shows a secret, or what went over the wire.
    fn check(&self, text: &str, where_from: fmt::Arguments<'_>) {
        let mut secrets = self.secrets.clone();
        for (name, signed) in self.relay.signed() {
            secrets.add_plain(name, &signed);
        }
        secrets.assert_hidden(text, where_from);
    }
}

#[test]
fn every_command_has_its_lines() {
    for path in leaves() {
        assert!(!lines(&path).is_empty(), "say in commands.rs how `ackctl {path}` is run");
    }
}

#[tokio::test(start_paused = true)]
async fn in_success() {
    for path in leaves() {
        for (number, Line { text, before, codes }) in lines(&path).into_iter().enumerate() {
            let mut logged = false;
            for source in sources::good().into_iter().take(if number == 0 { usize::MAX } else { 2 }) {
                let scene = Scene::new(before).await;
                let ran = scene.run(&source, text, "nothing wrong").await;
                assert!(codes.contains(&ran.code), "`{text}` with {}: {ran}", source.name);
                logged |= ran.stderr.contains("ack_attempt");
                // A command that calls nobody does not read keys either.
                if scene.relay.signed().is_empty() && path != "auth explain" {
                    break;
                }
            }
            assert!(logged || !commands::calls(text), "`{text}` logs no call");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_broken_sources() {
    for path in leaves() {
        for Line { text, before, .. } in lines(&path).into_iter().take(1) {
            for source in sources::broken() {
                let scene = Scene::new(before).await;
                let ran = scene.run(&source, text, "nothing else wrong").await;
                if scene.relay.signed().is_empty() && ran.code == 0 {
                    // It needs no keys.
                    break;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_every_fault() {
    let source = sources::session();
    for path in leaves() {
        // The others differ in what they print.
        for Line { text, before, .. } in lines(&path).into_iter().take(1) {
            for help in Fault::all() {
                let scene = Scene::new(before).await;
                let fault: Fault = commands::fault(help.name).parse().unwrap();
                scene.emulator.inject(fault).unwrap();
                scene.run(&source, text, help.name).await;
                if scene.relay.signed().is_empty() {
                    break;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_wrong_input() {
    let source = sources::session();
    for path in leaves() {
        for text in commands::wrong(&path) {
            let scene = Scene::new(Before::AtRest).await;
            let ran = scene.run(&source, &text, "wrong input").await;
            assert_ne!(ran.code, 0, "`{text}`: {ran}");
        }
    }
}

/// What a shell is offered comes from the service, too.
#[tokio::test(start_paused = true)]
async fn in_completion() {
    for source in sources::good().into_iter().chain(sources::broken()) {
        let scene = Scene::new(Before::AtRest).await;
        let cli = source.cli().variable("ACKCTL_COMPLETE", "fish");
        let ran = scene.look(&source, cli, "-- ackctl upgrade status ''", "a shell that asks").await;
        assert_eq!(ran.code, 0, "{ran}");
    }
}

/// A service, or something in front of it, that sends back all it was sent.
#[tokio::test(start_paused = true)]
async fn with_a_service_that_echoes() {
    for encode in relay::ECHOES {
        let scene = Scene::new(Before::AtRest).await;
        scene.relay.echo(encode);
        for source in [sources::session(), sources::bearer()] {
            for line in ["upgrade status {cluster}", "api DescribeClusterDetail --path ClusterId={cluster}"] {
                let ran = scene.run(&source, line, "an echo").await;
                assert_ne!(ran.code, 0, "{ran}");
            }
        }
    }
}

/// Standard error that ends, as when a reader of the log has gone.
#[tokio::test(start_paused = true)]
async fn with_streams_that_fail() {
    let scene = Scene::new(Before::AtRest).await;
    let broken = |_: &str| Err(io::ErrorKind::BrokenPipe.into());
    let cli = || Cli::of(&scene.emulator);
    let line = format!("upgrade status {CLUSTER} -vvv");
    for ran in [cli().on_stdout(broken).run(&line).await, cli().on_stderr(broken).run(&line).await] {
        scene.secrets.assert_hidden(&ran.to_string(), "a stream that fails");
    }
}

/// The password of the proxy, which comes from the environment of the process.
#[tokio::test]
async fn behind_a_proxy() {
    if std::env::var_os(CHILD).is_some() {
        let cli = || sources::session().cli().variable("ALIBABA_CLOUD_ENDPOINT", "https://cs.test.invalid");
        let ran = cli().run(&format!("upgrade status {CLUSTER} --region cn-hangzhou -vvv")).await;
        println!("{ran}\n{}", exporter::behind_the_proxy(cli()).await);
        return;
    }
    let refusing = Relay::refusing().await;
    let mut secrets = sources::secrets();
    let password = r"pr0xy/p+ww-0123456789";
    secrets.add("the password of the proxy", password);
    secrets.add("user and password of the proxy", &format!("ada:{password}"));
    let good = refusing.endpoint().replace("http://", "http://ada:pr0xy%2Fp%2Bww-0123456789@");
    for proxy in [good.clone(), good.replace("127.0.0.1:", "nowhere.invalid:x"), good.replace("http://", "htp//")] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "tests::secrets::behind_a_proxy", "--nocapture"]).stdin(Stdio::null());
        child.env(CHILD, "1").env("HTTPS_PROXY", &proxy).env_remove("NO_PROXY").env_remove("no_proxy");
        let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(text.contains("exit code 1") || text.contains("exit code 2"), "{text}");
        secrets.assert_hidden(&text, format_args!("the proxy {proxy}"));
    }
    assert!(refusing.received().contains("CONNECT cs.test.invalid:443"), "{}", refusing.received());
}

#[test]
fn the_password_of_a_body_is_a_secret_of_the_tests() {
    assert!(sources::secrets().shown_in(BODY_PASSWORD).is_some());
}
