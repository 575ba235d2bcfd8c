//! What an emulator was asked, for tests to look at.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::FaultId;

/// How many requests are kept; the oldest make room for new ones.
const CAPACITY: usize = 10_000;

/// The longest path or query that is kept, in characters.
const MAX_TEXT: usize = 2048;

/// A request that an emulator answered. It holds no header and no body, and so no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The operation that method and path stand for, such as `GetUpgradeStatus`, whether or not the request was
    /// accepted; none if no operation has them. If they fit more than one, it is the one that `x-acs-action` names.
    pub operation: Option<&'static str>,
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent, still encoded; its first 2048 characters.
    pub path: String,
    /// The query as it was sent, still encoded, without the question mark; its first 2048 characters.
    pub query: String,
    /// The HTTP status of the answer; none if a fault let no answer go out.
    pub status: Option<u16>,
    /// The error code of the answer, such as `SignatureNonceUsed`; none for a success.
    pub code: Option<String>,
    /// The request id of the answer.
    pub request_id: String,
    /// Whether the operation was carried out: what it changes has changed, whatever the client got to see. False for a
    /// request that was refused, or struck by a fault before that.
    pub is_accepted: bool,
    /// The fault that struck it, if any. Of a clock skew and another fault at once, it is the other one.
    pub fault: Option<StruckBy>,
}

/// The fault that struck a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StruckBy {
    /// Its number, as [`Emulator::inject`](crate::Emulator::inject) gave it.
    pub id: FaultId,
    /// Its name, such as `lost-reply`.
    pub name: &'static str,
}

/// How many requests of an operation there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestCount {
    /// All of them.
    pub requests: usize,
    /// Those that were carried out.
    pub accepted: usize,
}

/// The latest requests, and how many there were of each operation.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    requests: VecDeque<RecordedRequest>,
    counts: BTreeMap<&'static str, RequestCount>,
}

impl Recorder {
    pub(crate) fn record(&mut self, mut request: RecordedRequest) {
        request.path = clipped(&request.path);
        request.query = clipped(&request.query);
        if let Some(operation) = request.operation {
            let count = self.counts.entry(operation).or_default();
            count.requests += 1;
            count.accepted += usize::from(request.is_accepted);
        }
        if self.requests.len() == CAPACITY {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.iter().cloned().collect()
    }

    pub(crate) fn count(&self, operation: &str) -> RequestCount {
        self.counts.get(operation).copied().unwrap_or_default()
    }

    pub(crate) fn counts(&self) -> BTreeMap<&'static str, RequestCount> {
        self.counts.clone()
    }
}

fn clipped(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_beyond_the_capacity_push_out_the_oldest_but_still_count() {
        let mut recorder = Recorder::default();
        for number in 0..CAPACITY + 5 {
            recorder.record(RecordedRequest {
                operation: Some("GetUpgradeStatus"),
                method: "GET".to_owned(),
                path: "/x".repeat(MAX_TEXT),
                query: String::new(),
                status: Some(200),
                code: None,
                request_id: number.to_string(),
                is_accepted: number % 2 == 0,
                fault: None,
            });
        }
        let requests = recorder.requests();
        assert_eq!((requests.len(), requests[0].request_id.as_str()), (CAPACITY, "5"));
        assert_eq!(requests[0].path.len(), MAX_TEXT);
        let count = recorder.count("GetUpgradeStatus");
        assert_eq!((count.requests, count.accepted), (CAPACITY + 5, CAPACITY / 2 + 3));
        assert_eq!(recorder.count("UpgradeCluster"), RequestCount::default());
    }
}
