//! Time that grows with the size of a body, whatever is in it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ack_codec::{Decoder, Format};
use ack_models::DescribeClusterNodePoolsResponse;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Parts of the input stand between bytes that UTF-8 does not have.
const SEPARATOR: u8 = 0xFF;

/// The size of the body that is made.
const SIZE: usize = 64 << 10;

/// A reader that looks at all earlier siblings needs seconds for such a body, ours a few milliseconds.
const LIMIT: Duration = Duration::from_secs(1);

/// An input is a beginning, a piece that is repeated, and an end; a `#` in the piece becomes a number that counts up.
pub(crate) fn run(input: &[u8]) {
    let mut parts = input.splitn(3, |&byte| byte == SEPARATOR).map(std::str::from_utf8);
    let (Some(Ok(start)), Some(Ok(piece)), Some(Ok(end))) = (parts.next(), parts.next(), parts.next()) else { return };
    if piece.is_empty() {
        return;
    }
    let mut body = String::with_capacity(SIZE + input.len());
    body.push_str(start);
    let mut count = 0;
    while body.len() < SIZE {
        body.push_str(&piece.replace('#', &count.to_string()));
        count += 1;
    }
    body.push_str(end);
    for format in [Format::Json, Format::Xml] {
        is_quick::<DescribeClusterNodePoolsResponse>(format, &body);
        is_quick::<BTreeMap<String, Vec<String>>>(format, &body);
        is_quick::<Vec<Value>>(format, &body);
        is_quick::<Value>(format, &body);
    }
}

/// A second measurement tells a slow reader from a machine that was busy elsewhere.
fn is_quick<T: DeserializeOwned>(format: Format, body: &str) {
    let time = || {
        let start = time_at_work();
        // The result does not matter, the report of unknown fields does: it has to be quick as well.
        drop(Decoder::new(format).decode::<T>(body.as_bytes()));
        time_at_work().saturating_sub(start)
    };
    assert!(time() < LIMIT || time() < LIMIT, "{format} of {} bytes took longer than {LIMIT:?}", body.len());
}

/// The time this thread has had a processor for, where the system tells it; otherwise the time of day.
fn time_at_work() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.as_deref().and_then(|text| text.split(' ').next()).and_then(|text| text.parse().ok());
    nanoseconds.map_or_else(
        || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(),
        Duration::from_nanos,
    )
}
