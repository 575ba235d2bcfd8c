//! DescribeClusterUserKubeconfig: a kubeconfig of the right form that opens nothing.

use std::time::Duration;

use ack_models::DescribeClusterUserKubeconfigResponse;

use super::paging::Query;
use super::{Answer, Scene, read};
use crate::clock::after;
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;
use crate::times::utc;

/// How long a kubeconfig lasts for which no time was asked: three years.
const USUAL_MINUTES: u64 = 3 * 365 * 24 * 60;

pub(super) fn describe(
    scene: &mut Scene<'_>,
    call: &Call,
    received: &Received,
    body: &[u8],
) -> Result<Answer, Refusal> {
    read::request(call, received, body)?;
    let query = Query::parse(received.query());
    let minutes = match query.get("TemporaryDurationMinutes") {
        None => USUAL_MINUTES,
        Some(text) => text.trim().parse().ok().filter(|minutes| (15..=4320).contains(minutes)).ok_or_else(|| {
            Refusal::invalid_parameter("TemporaryDurationMinutes", text, "is not a number from 15 to 4320")
        })?,
    };
    let is_private = query.get("PrivateIpAddress").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let now = scene.now;
    let cluster = scene.cluster(call.id())?;
    let (id, server) = (&cluster.seed.id, if is_private { "192.168.0.251" } else { "203.0.113.10" });
    let config = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: kubernetes\n  cluster:\n    server: https://{server}:6443\n    \
         certificate-authority-data: ZW11bGF0b3I=\ncontexts:\n- name: emulator-{id}\n  context:\n    cluster: kubernetes\n    \
         user: emulator\ncurrent-context: emulator-{id}\nusers:\n- name: emulator\n  user:\n    \
         client-certificate-data: ZW11bGF0b3I=\n    client-key-data: ZW11bGF0b3I=\n"
    );
    let expiration = after(now, Duration::from_secs(minutes.saturating_mul(60)));
    Answer::of(&DescribeClusterUserKubeconfigResponse { config: Some(config), expiration: Some(utc(expiration)) })
}
