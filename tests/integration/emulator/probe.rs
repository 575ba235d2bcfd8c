//! A small client: signs a request, hands it to an emulator, and keeps what came back.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use ack_auth::{Credential, FixedClock, HeaderPolicy, SignedRequest, Signer, SigningRequest, encode_component};
use ack_emulator::{ClusterSeed, Emulator, EmulatorBuilder, ManualClock};
use ack_models::Operation;
use bytes::Bytes;
use http::{Request, Response};

pub(crate) const MANAGED: &str = "c106f377e16f34eb1808d6b9362c9test";
pub(crate) const DEDICATED: &str = "c82e6987e2961451182edacd74faftest";

/// 2026-01-02T03:04:05Z, which is 11:04:05 in China.
pub(crate) fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
}

/// Settings under which nothing moves by itself.
pub(crate) fn settings() -> EmulatorBuilder {
    Emulator::builder()
        .access_key("id", "secret")
        .wall_clock(FixedClock(start()))
        .clock(ManualClock::new(start()))
        .cluster(ClusterSeed::managed(MANAGED, "managed", "1.31.1-aliyun.1").with_tag("env", "test"))
        .cluster(ClusterSeed::dedicated(DEDICATED, "dedicated", "1.30.7-aliyun.1"))
}

pub(crate) fn probe() -> Probe {
    Probe::new(settings().build().unwrap())
}

#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) emulator: Emulator,
    pub(crate) accept: &'static str,
    pub(crate) policy: HeaderPolicy,
    pub(crate) credential: Credential,
    pub(crate) date: SystemTime,
    pub(crate) nonces: Cell<u32>,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) request_id: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// One field of a JSON body, as text.
    pub(crate) fn field(&self, pointer: &str) -> String {
        match self.json().pointer(pointer) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => "-".to_owned(),
        }
    }

    /// Status, code and message, in either form of a JSON error.
    pub(crate) fn refusal(&self) -> String {
        let json = self.json();
        let either = |pascal: &str, camel: &str| {
            json.get(pascal).or_else(|| json.get(camel)).and_then(|value| value.as_str()).unwrap_or("-").to_owned()
        };
        assert_eq!(either("RequestId", "requestId"), self.request_id);
        format!("{} {}: {}", self.status, either("Code", "code"), either("Message", "message"))
    }
}

impl Probe {
    pub(crate) fn new(emulator: Emulator) -> Self {
        Self {
            emulator,
            accept: "application/json",
            policy: HeaderPolicy::Minimal,
            credential: Credential::access_key("id", "secret"),
            date: start(),
            nonces: Cell::new(0),
        }
    }

    pub(crate) fn call(&self, action: &str, path_and_query: &str) -> Reply {
        self.send(&self.signed(&self.get(action, path_and_query)), "GET", path_and_query, b"")
    }

    pub(crate) fn upgrade(&self, cluster_id: &str, body: &str) -> Reply {
        let path = format!("/api/v2/clusters/{cluster_id}/upgrade");
        let request = SigningRequest::new("POST", "emulator", path.as_str(), "UpgradeCluster", "2015-12-15")
            .with_accept(self.accept)
            .with_content_type("application/json; charset=utf-8")
            .with_body(body.as_bytes());
        self.send(&self.signed(&request), "POST", &path, body.as_bytes())
    }

    /// Calls an operation of any method. The path is encoded already; the query is not. A body goes out as JSON.
    pub(crate) fn operation(
        &self,
        operation: &Operation,
        path: &str,
        query: &[(String, String)],
        body: Option<&str>,
    ) -> Reply {
        let request = SigningRequest::new(operation.method, "emulator", path, operation.id, "2015-12-15")
            .with_accept(self.accept)
            .with_content_type("application/json; charset=utf-8")
            .with_body(body.unwrap_or_default().as_bytes());
        let request = query.iter().fold(request, |request, (key, value)| request.with_query_pair(key, value));
        let pairs: Vec<String> =
            query.iter().map(|(key, value)| format!("{}={}", encode_component(key), encode_component(value))).collect();
        let target = if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) };
        self.send(&self.signed(&request), operation.method, &target, body.unwrap_or_default().as_bytes())
    }

    /// Calls an operation by its name, with a body that may be empty.
    pub(crate) fn post(&self, action: &str, path: &str, body: &str) -> Reply {
        let operation = ack_models::operations::ALL.iter().find(|operation| operation.id == action).unwrap();
        self.operation(operation, path, &[], Some(body))
    }

    /// Calls PauseTask, ResumeTask or CancelTask.
    pub(crate) fn control(&self, action: &str, task_id: &str) -> Reply {
        let verb = action.trim_end_matches("Task").to_lowercase();
        self.post(action, &format!("/tasks/{task_id}/{verb}"), "")
    }

    pub(crate) fn task(&self, task_id: &str) -> Reply {
        self.call("DescribeTaskInfo", &format!("/tasks/{task_id}"))
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.emulator.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn status(&self, cluster_id: &str) -> Reply {
        self.call("GetUpgradeStatus", &format!("/api/v2/clusters/{cluster_id}/upgrade/status"))
    }

    pub(crate) fn detail(&self, cluster_id: &str) -> Reply {
        self.call("DescribeClusterDetail", &format!("/clusters/{cluster_id}"))
    }

    /// A request to change before it is signed.
    pub(crate) fn get<'a>(&self, action: &'a str, path_and_query: &'a str) -> SigningRequest<'a> {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let request = SigningRequest::new("GET", "emulator", path, action, "2015-12-15")
            .with_accept(self.accept)
            .with_user_agent("probe/1");
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.fold(request, |request, (key, value)| request.with_query_pair(key, value))
    }

    pub(crate) fn signed(&self, request: &SigningRequest<'_>) -> SignedRequest {
        self.nonces.set(self.nonces.get() + 1);
        let nonce = format!("nonce-{}", self.nonces.get());
        Signer::new(self.policy).sign(request, &self.credential, self.date, &nonce).unwrap()
    }

    pub(crate) fn send(&self, signed: &SignedRequest, method: &str, path_and_query: &str, body: &[u8]) -> Reply {
        let headers: Vec<(&str, &str)> = signed.headers().collect();
        self.send_raw(&headers, method, path_and_query, body)
    }

    /// Calls an operation by GET and gives the response as it is.
    pub(crate) fn respond(&self, action: &str, path_and_query: &str) -> Response<Bytes> {
        let signed = self.signed(&self.get(action, path_and_query));
        let headers: Vec<(&str, &str)> = signed.headers().collect();
        self.respond_to(&headers, "GET", path_and_query, b"")
    }

    /// Sends headers as they are.
    pub(crate) fn send_raw(&self, headers: &[(&str, &str)], method: &str, path_and_query: &str, body: &[u8]) -> Reply {
        reply(&self.respond_to(headers, method, path_and_query, body))
    }

    fn respond_to(&self, headers: &[(&str, &str)], method: &str, path_and_query: &str, body: &[u8]) -> Response<Bytes> {
        let mut request = Request::builder().method(method).uri(path_and_query);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.emulator.handle(request.body(Bytes::copy_from_slice(body)).unwrap())
    }
}

fn reply(response: &Response<Bytes>) -> Reply {
    let header = |name: &str| {
        let value = response.headers().get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    };
    Reply {
        status: response.status().as_u16(),
        content_type: header("content-type"),
        request_id: header("x-acs-request-id"),
        body: String::from_utf8(response.body().to_vec()).unwrap(),
    }
}
