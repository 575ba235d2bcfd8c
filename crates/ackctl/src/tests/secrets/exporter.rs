//! What the exporter answers, to whoever asks for whatever: headers and bodies.

use std::time::Duration;

use ack_emulator::Fault;

use super::super::exporter::{asked, request};
use super::super::harness::Cli;
use super::commands::{self, Before};
use super::sources::{self, BODY_PASSWORD, Source};
use super::{Scene, relay};

/// Every page, every kind of refusal, and requests that hold a secret themselves, which is not to be repeated to them.
pub(super) fn requests() -> Vec<String> {
    let secret = BODY_PASSWORD;
    vec![
        request("GET", "/metrics", "accept: application/openmetrics-text\r\n"),
        request("GET", "/metrics", ""),
        request("HEAD", "/metrics", ""),
        request("GET", "/", ""),
        request("GET", "/-/healthy", ""),
        request("GET", &format!("/{secret}?{secret}"), &format!("authorization: Bearer {secret}\r\n")),
        request("POST", "/metrics", &format!("x-secret: {secret}\r\ncontent-length: 0\r\n")),
        request("DELETE", &format!("/metrics/{secret}"), ""),
        request(&format!("{secret} "), "/metrics", ""),
        request("GET", "/metrics", &format!("{secret}\r\n")),
        request("GET", "/metrics", &format!("a: {}\r\n", secret.repeat(2000))),
    ]
}

impl Scene {
    /// Runs the exporter with all logs, asks it everything, and looks at what it says.
    async fn export(&self, source: &Source, what: &str) {
        let cli = self.cli(source);
        let line = "exporter --listen 127.0.0.1:0 -vvv";
        let (ran, answers) = asked(cli, line, Duration::from_secs(200), &requests()).await;
        let asked = !answers.is_empty();
        assert!(asked || ran.code != 0, "{what}: {ran}");
        for answer in answers {
            self.check(&answer, format_args!("an answer of the exporter with {} and {what}", source.name));
        }
        self.check(&ran.to_string(), format_args!("the exporter with {} and {what}", source.name));
    }
}

#[tokio::test(start_paused = true)]
async fn with_every_source() {
    for source in sources::good().iter().chain(&sources::broken()) {
        Scene::new(Before::Upgrading).await.export(source, "nothing else wrong").await;
    }
}

#[tokio::test(start_paused = true)]
async fn with_every_fault() {
    for help in Fault::all() {
        let scene = Scene::new(Before::Upgrading).await;
        scene.emulator.inject(commands::fault(help.name).parse().unwrap()).unwrap();
        scene.export(&sources::session(), help.name).await;
    }
}

/// A service, or something in front of it, that sends back all it was sent.
#[tokio::test(start_paused = true)]
async fn with_a_service_that_echoes() {
    for encode in relay::ECHOES {
        let scene = Scene::new(Before::AtRest).await;
        scene.relay.echo(encode);
        for source in [sources::session(), sources::bearer()] {
            scene.export(&source, "an echo").await;
        }
    }
}

/// Runs it behind the proxy of this process, for the test of proxies.
pub(super) async fn behind_the_proxy(cli: Cli) -> String {
    let line = "exporter --listen 127.0.0.1:0 --region cn-hangzhou -vvv";
    let (ran, answers) = asked(cli, line, Duration::from_secs(2), &requests()).await;
    format!("{ran}\n{}", answers.join("\n"))
}
