//! Every fault of the emulator, in both formats, against a call that may be repeated and one that may not: how the call
//! ends, how often it was sent, and how often it was carried out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ack_client::auth::StaticCredentials;
use ack_client::limit::RateLimiter;
use ack_client::models::UpgradeClusterRequest;
use ack_client::retry::{ExponentialBackoff, FailedAttempt, RetryThrottle};
use ack_client::{Client, Error, Format};
use ack_emulator::{ClusterSeed, Emulator, Fault};
use futures_util::{StreamExt as _, stream};

use crate::emulator::faults;

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

/// How many rows are worked on at once, so that those with timeouts wait side by side.
const AT_ONCE: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    GetUpgradeStatus,
    UpgradeCluster,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Struck {
    /// As the fault does by itself.
    ByDefault,
    /// Once the request has been carried out, by a fault that otherwise strikes before.
    Afterwards,
}

/// How a call ended and what the service saw of it.
#[derive(Debug, PartialEq)]
struct Row {
    fault: String,
    call: Call,
    outcome: String,
    attempts: u32,
    requests: usize,
    accepted: usize,
}

/// Lets every retry pass, and remembers by which attempt the call succeeded.
#[derive(Clone, Debug, Default)]
struct Succeeded(Arc<AtomicU32>);

impl RetryThrottle for Succeeded {
    fn permit(&self, _failed: &FailedAttempt<'_>) -> bool {
        true
    }

    fn succeeded(&self, attempts: u32) {
        self.0.store(attempts, Ordering::Relaxed);
    }
}

/// Whether a read that meets the fault once succeeds all the same, by the documents of the policy and of the faults.
fn read_recovers(fault: &Fault) -> bool {
    let settings = serde_json::to_value(fault).unwrap();
    match fault.name() {
        // Refusals that stay: no other credential is to be had, the operation is gone, the caller may not.
        "error" | "expired-token" | "retired" => false,
        // Redirects are not followed with a signature; a body over the limit would be so again, and so would a packed one.
        "redirect" | "oversized" | "compressed" => false,
        // A success that says nothing.
        "empty" => settings["status"] != 200,
        "throttle" | "server-error" | "html" | "plain-text" => true,
        "cut-off" | "slow" | "delay" | "stall" | "reset" | "close" | "lost-reply" | "duplicate-reply" => true,
        // A web page is no answer, whatever is in it.
        "wrong-content-type" => settings["content_type"] != "text/html",
        "clock-skew" | "unknown-values" | "unknown-fields" => true,
        other => panic!("say whether a read recovers from {other}"),
    }
}

/// Answers by which the gateway says that nothing was carried out. Afterwards they are a lie that no client can see
/// through; then only the state of the cluster keeps a second upgrade away.
fn claims_refusal(fault: &Fault) -> bool {
    matches!(fault.name(), "throttle" | "error" | "expired-token" | "retired")
}

/// Whether the fault can strike either before or after the request is carried out.
fn takes_the_place_of_the_answer(fault: &Fault) -> bool {
    let mut settings = serde_json::to_value(fault).unwrap();
    ["before", "after"].iter().all(|when| {
        settings["when"] = (*when).into();
        settings.to_string().parse::<Fault>().is_ok()
    })
}

fn to_next_version() -> UpgradeClusterRequest {
    UpgradeClusterRequest { next_version: Some("1.32.1-aliyun.1".to_owned()), ..Default::default() }
}

fn described(fault: &Fault, struck: Struck) -> String {
    let settings = serde_json::to_value(fault).unwrap();
    let mut text = fault.name().to_owned();
    for (key, value) in settings.as_object().unwrap() {
        if !matches!(key.as_str(), "fault" | "message" | "text") {
            text.push_str(&format!(" {key}={}", value.to_string().replace('"', "")));
        }
    }
    text + if struck == Struck::Afterwards { ", afterwards" } else { "" }
}

fn told(error: &Error) -> String {
    let what = error.code().map(ToOwned::to_owned).or(error.status().map(|status| status.as_str().to_owned()));
    let predicates = [
        ("not_found", error.is_not_found()),
        ("forbidden", error.is_forbidden()),
        ("bad_signature", error.is_bad_signature()),
        ("throttled", error.is_throttled()),
        ("server", error.is_server()),
        ("timeout", error.is_timeout()),
        ("transport", error.is_transport()),
        ("connect", error.is_connect()),
        ("decode", error.is_decode()),
        ("body_too_large", error.is_body_too_large()),
        ("transient", error.is_transient()),
        ("may_have_taken_effect", error.may_have_taken_effect()),
        ("retries_exhausted", error.is_retries_exhausted()),
    ];
    let hold = predicates.iter().filter(|(_, holds)| *holds).map(|(name, _)| (*name).to_owned());
    what.into_iter().chain(hold).collect::<Vec<_>>().join(" ")
}

async fn row(fault: &Fault, struck: Struck, call: Call, format: Format) -> Row {
    let emulator = Emulator::builder()
        .access_key("emulatorKey", "emulator-secret")
        .cluster(ClusterSeed::managed(CLUSTER, "managed", "1.31.1-aliyun.1"))
        .start()
        .await
        .unwrap();
    let injected = match struck {
        Struck::ByDefault => fault.clone(),
        Struck::Afterwards => fault.clone().after_handling(),
    };
    // A clock that is wrong stays wrong; everything else passes.
    emulator.inject(if fault.name() == "clock-skew" { injected } else { injected.times(1) }).unwrap();
    let settings = serde_json::to_value(fault).unwrap();
    let stalls = fault.name() == "stall" && settings.get("limit").is_none();
    let succeeded = Succeeded::default();
    let client = Client::builder()
        .endpoint(emulator.endpoint())
        .credentials(StaticCredentials::access_key("emulatorKey", "emulator-secret").unwrap())
        .format(format)
        .max_attempts(3)
        .max_body_bytes(64 * 1024)
        .attempt_timeout(Duration::from_secs(if stalls { 2 } else { 60 }))
        .timeout(Duration::from_secs(120))
        .backoff(ExponentialBackoff::new().cap(Duration::ZERO))
        .max_retry_after(Duration::from_millis(1))
        .retry_throttle(succeeded.clone())
        .rate_limiter(RateLimiter::unlimited())
        .build()
        .unwrap();
    let ended = match call {
        #[allow(deprecated, reason = "it is what operators poll, and what is switched off")]
        Call::GetUpgradeStatus => client.get_upgrade_status(CLUSTER).await.map(drop),
        Call::UpgradeCluster => client.upgrade_cluster(CLUSTER, &to_next_version()).await.map(drop),
    };
    let name = format!("{call:?}");
    let (requests, accepted) = (emulator.count(&name), emulator.accepted(&name));
    let row = Row {
        fault: described(fault, struck),
        call,
        outcome: ended.as_ref().map_or_else(told, |()| "ok".to_owned()),
        attempts: ended.as_ref().map_or_else(Error::attempts, |()| succeeded.0.load(Ordering::Relaxed)),
        requests,
        accepted,
    };
    let shown = format!("{row:?} in {format:?}: {ended:?}");
    assert_eq!(row.attempts as usize, requests, "{shown}");
    assert_eq!(emulator.requests().len(), requests, "{shown}");
    if call == Call::GetUpgradeStatus {
        assert_eq!(ended.is_ok(), read_recovers(fault), "{shown}");
        return row;
    }
    assert!(accepted <= 1, "{shown}");
    match &ended {
        Ok(()) => assert_eq!(accepted, 1, "{shown}"),
        // An error may only say that nothing happened if nothing has.
        Err(error) if struck == Struck::ByDefault || !claims_refusal(fault) => {
            assert!(accepted == 0 || error.may_have_taken_effect(), "{shown}");
        }
        Err(_) => {}
    }
    let first_accepted = emulator.requests().iter().position(|request| request.is_accepted);
    if let (Some(position), false) = (first_accepted, struck == Struck::Afterwards && claims_refusal(fault)) {
        assert_eq!(position + 1, requests, "sent again after it was carried out: {shown}");
    }
    row
}

fn table(rows: &[(Row, &str)]) -> String {
    let heads = ["fault", "call", "format", "attempts", "requests", "accepted", "outcome"].map(str::to_owned);
    let cells = rows.iter().map(|(row, format)| {
        [
            row.fault.clone(),
            format!("{:?}", row.call),
            (*format).to_owned(),
            row.attempts.to_string(),
            row.requests.to_string(),
            row.accepted.to_string(),
            row.outcome.clone(),
        ]
    });
    let lines: Vec<_> = std::iter::once(heads).chain(cells).collect();
    let width = |column: usize| lines.iter().map(|cells| cells[column].len()).max().unwrap_or_default();
    let widths: [usize; 7] = std::array::from_fn(width);
    let line = |cells: &[String; 7]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
        padded.collect::<String>().trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn every_fault_in_both_formats_with_and_without_idempotence() {
    let mut cases = Vec::new();
    for fault in faults::all() {
        cases.push((fault.clone(), Struck::ByDefault));
        let strikes_before = serde_json::to_value(&fault).unwrap().get("when").is_none();
        if strikes_before && takes_the_place_of_the_answer(&fault) {
            cases.push((fault, Struck::Afterwards));
        }
    }
    let rows = stream::iter(cases.iter().flat_map(|(fault, struck)| {
        [Call::GetUpgradeStatus, Call::UpgradeCluster].map(|call| async move {
            (row(fault, *struck, call, Format::Json).await, row(fault, *struck, call, Format::Xml).await)
        })
    }));
    let rows: Vec<_> = rows.buffered(AT_ONCE).collect().await;
    let merged: Vec<_> = rows
        .into_iter()
        .flat_map(|(json, xml)| if json == xml { vec![(json, "both")] } else { vec![(json, "json"), (xml, "xml")] })
        .collect();
    insta::assert_snapshot!(table(&merged));
}
