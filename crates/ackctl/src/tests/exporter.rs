//! `exporter`, scraped over loopback, and the alert rules that go with it.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use ack_emulator::{ClusterSeed, Effect, Emulator, Incident, RunningEmulator, ScaledClock, UpgradeStage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::harness::{Cli, Ran, START};

const ALERTS: &str = include_str!("../../../../docs/alerts.yaml");
const SECOND: Duration = Duration::from_secs(1);
const METRICS: &str = include_str!("../../../../docs/metrics.md");

fn id(number: usize) -> String {
    format!("c{number:031x}")
}

async fn emulator() -> RunningEmulator {
    let clock = ScaledClock::new(1.0).unwrap().starting_at(SystemTime::UNIX_EPOCH + START);
    let pause = Incident::new(UpgradeStage::ControlPlane, Effect::PauseByPerson { resume_after: None });
    let seed = |number: usize, name: &str| ClusterSeed::managed(id(number), name, "1.31.1-aliyun.1").with_nodes(1);
    Emulator::builder()
        .clock(clock)
        .cluster(seed(1, "a \"quoted\" \\ name"))
        .cluster(seed(2, "paused").with_incident(pause))
        .cluster(seed(3, "at rest").with_region("cn-beijing"))
        .start()
        .await
        .unwrap()
}

/// Runs the exporter, waits for a time, and sends requests to it. Gives how it ended, and what it answered to each.
pub(super) async fn asked(cli: Cli, line: &str, after: Duration, requests: &[String]) -> (Ran, Vec<String>) {
    let (address, stop) = (Arc::new(Mutex::new(String::new())), Arc::new(Notify::new()));
    let (told, stopped) = (Arc::clone(&address), Arc::clone(&stop));
    let on_stdout = move |text: &str| {
        told.lock().unwrap().push_str(text);
        io::Result::Ok(())
    };
    let cli = cli.on_stdout(on_stdout).interrupted_by(async move { stopped.notified().await });
    let ask = async {
        tokio::time::sleep(after).await;
        let url = address.lock().unwrap().clone();
        let host = url.trim().trim_start_matches("http://").trim_end_matches("/metrics");
        let mut answers = Vec::new();
        // There is nobody to ask if it could not begin.
        for request in requests.iter().filter(|_| !host.is_empty()) {
            let mut stream = TcpStream::connect(host).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answers.push(answer);
        }
        stop.notify_one();
        answers
    };
    tokio::join!(cli.run(line), ask)
}

/// A request without a body.
pub(super) fn request(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n")
}

/// Runs the exporter, waits for a time, and scrapes it as Prometheus does.
async fn scraped(emulator: &RunningEmulator, line: &str, after: Duration) -> (Ran, String) {
    let request = request("GET", "/metrics", "accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n");
    let (ran, mut answers) = asked(Cli::of(emulator), line, after, &[request]).await;
    (ran, answers.remove(0))
}

/// The names of the metrics in a text of metrics, as queries call them.
fn names(text: &str) -> BTreeSet<String> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types.map(|(name, kind)| if kind == "counter" { format!("{name}_total") } else { name.to_owned() }).collect()
}

/// The words of a text that are names of ours.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("ack_")).map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn metrics_of_a_fleet() {
    let emulator = emulator().await;
    for number in [1, 2] {
        let line = format!("upgrade start {} --to 1.32.6-aliyun.1", id(number));
        assert_eq!(Cli::of(&emulator).run(&line).await.code, 0);
    }
    let line = "exporter --listen 127.0.0.1:0 --stall-after 2m";
    let (ran, answer) = scraped(&emulator, line, Duration::from_secs(302)).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200 OK") && head.contains("application/openmetrics-text; version=1.0.0"),
        "{head}"
    );
    let body: Vec<&str> = body.lines().filter(|line| !line.starts_with("ack_exporter_build_info")).collect();
    insta::assert_snapshot!(body.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn upgrades_have_series_of_their_own_up_to_a_number() {
    let emulator = emulator().await;
    for number in [1, 2] {
        let line = format!("upgrade start {} --to 1.32.6-aliyun.1", id(number));
        assert_eq!(Cli::of(&emulator).run(&line).await.code, 0);
    }
    let line = "exporter --listen 127.0.0.1:0 --max-upgrades 1";
    let (_, answer) = scraped(&emulator, line, Duration::from_secs(60)).await;
    assert_eq!(answer.matches("\nack_upgrade_status{").count(), 1, "{answer}");
    assert!(answer.contains("ack_exporter_upgrades_left_out 1.0"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn alerts_and_documentation_name_the_metrics_that_there_are() {
    let emulator = emulator().await;
    let (_, answer) = scraped(&emulator, "exporter --listen 127.0.0.1:0", Duration::from_secs(1)).await;
    let names = names(&answer);
    assert!(names.len() > 20, "{names:?}");
    let rules: serde_json::Value = serde_norway::from_str(ALERTS).unwrap();
    let rules = rules["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap());
    let mut count = 0;
    for rule in rules {
        count += 1;
        let expression = rule["expr"].as_str().unwrap();
        let used = words(expression);
        assert!(!used.is_empty() && used.is_subset(&names), "{expression}: {:?}", used.difference(&names));
        for field in ["/alert", "/for", "/labels/severity", "/annotations/summary", "/annotations/description"] {
            assert!(rule.pointer(field).is_some_and(serde_json::Value::is_string), "{field} of {expression}");
        }
    }
    assert!(count >= 5);
    assert_eq!(words(METRICS), names, "docs/metrics.md lists every metric and no other");
}

#[tokio::test(start_paused = true)]
async fn pages() {
    let emulator = emulator().await;
    let requests = [
        request("GET", "/", ""),
        request("GET", "/-/healthy", ""),
        request("GET", "/secrets?a=b", ""),
        request("GET", "//metrics", ""),
        request("HEAD", "/nothing", ""),
        request("POST", "/metrics", "content-length: 0\r\n"),
        request("DELETE", "/nothing", ""),
        request("HEAD", "/", ""),
    ];
    let (ran, answers) = asked(Cli::of(&emulator), "exporter --listen 127.0.0.1:0", SECOND, &requests).await;
    assert_eq!(ran.code, 0, "{ran}");
    let asked = requests.iter().map(|request| request.lines().next().unwrap_or_default());
    let shown: Vec<String> =
        asked.zip(&answers).map(|(asked, answer)| format!("> {asked}\n{}", plain(answer))).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

/// What differs from day to day left out.
fn plain(answer: &str) -> String {
    let lines = answer.lines().filter(|line| !line.starts_with("date: ") && !line.starts_with("content-length: "));
    lines.collect::<Vec<_>>().join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[tokio::test(start_paused = true)]
async fn the_form_of_the_metrics_is_a_matter_of_asking() {
    let emulator = emulator().await;
    let requests = [
        request("GET", "/metrics", ""),
        request("HEAD", "/metrics", ""),
        request("GET", "/metrics", "accept: application/openmetrics-text\r\n"),
    ];
    let (_, answers) = asked(Cli::of(&emulator), "exporter --listen 127.0.0.1:0", SECOND, &requests).await;
    let [text, head, open] = answers.try_into().unwrap();
    assert!(text.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\nvary: accept\r\n"), "{text}");
    assert!(text.contains("\n# TYPE ack_fleet_polls_total counter\n") && !text.contains("# EOF"), "{text}");
    assert!(open.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"), "{open}");
    assert!(open.contains("\n# TYPE ack_fleet_polls counter\n") && open.ends_with("\n# EOF\n"), "{open}");
    let body = text.split_once("\r\n\r\n").unwrap().1;
    assert!(head.contains(&format!("content-length: {}\r\n", body.len())) && head.ends_with("\r\n\r\n"), "{head}");
}

#[tokio::test(start_paused = true)]
async fn addresses_that_cannot_be_listened_on() {
    let emulator = emulator().await;
    let taken = emulator.address();
    let ran = Cli::of(&emulator).run(&format!("exporter --listen {taken}")).await;
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with(&format!("error: --listen {taken} cannot be listened on: ")), "{ran}");
    let ran = Cli::of(&emulator).run("exporter --listen everywhere").await;
    assert_eq!(ran.code, 2);
}
