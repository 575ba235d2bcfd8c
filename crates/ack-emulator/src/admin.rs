//! The admin calls: what a test in any language may do to an emulator over HTTP.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::form::{Fields, Form, Key, Problems, check, parse};
use crate::receive::Received;
use crate::scenario::{INCIDENT, read};
use crate::{Emulator, Error, Fault, FaultId, RecordedRequest};

/// Where all admin calls are. No path of the API begins so.
const PREFIX: &str = "/_emulator";

/// Who may make admin calls. See [`EmulatorBuilder::admin`](crate::EmulatorBuilder::admin).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AdminAccess {
    /// Nobody: their paths are as unknown as any other.
    Off,
    /// Programs on the same machine.
    #[default]
    Loopback,
    /// Everybody who reaches the emulator, for one in a container. The calls need no signature.
    Everyone,
}

/// An admin call, for help texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AdminCall {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with its parameter in braces.
    pub path: &'static str,
    /// What it does, and what it takes.
    pub summary: &'static str,
}

/// Every admin call.
///
/// They are plain HTTP with JSON, need no signature, and are neither struck by faults nor recorded. A mistake is answered
/// with 400 (or 403, 404, 405) and `{"problems": ["..."]}`. See [`AdminAccess`] for who may make them.
///
/// | call | body | answer |
/// | --- | --- | --- |
/// | `GET /_emulator` | | `calls`, `faults` and the `shared_keys` of faults: all there is, with help |
/// | `GET /_emulator/faults` | | the [faults](crate::InjectedFault) in their order: `id`, their keys, `matched`, `struck`, `is_over` |
/// | `POST /_emulator/faults` | a [fault](crate::Fault), or a list of them | 201 and their `ids` |
/// | `DELETE /_emulator/faults` | | 204 |
/// | `DELETE /_emulator/faults/{id}` | | 204 |
/// | `GET /_emulator/clock` | | `now`, the time of upgrades, and `time_scale` |
/// | `POST /_emulator/clock` | `{"advance": "10m"}` | as `GET` |
/// | `GET /_emulator/requests` | | the [requests](crate::RecordedRequest), oldest first; `?operation=` for those of one operation |
/// | `DELETE /_emulator/requests` | | 204; requests and counts start anew |
/// | `GET /_emulator/counts` | | by operation, how many `requests` there were and how many were `accepted` |
/// | `GET /_emulator/clusters` | | `id`, `name`, `region`, `state`, `version` and newest `task_id` of each cluster |
/// | `POST /_emulator/clusters/{id}/incidents` | an [incident](crate::Incident), as in a scenario file | 204; it befalls the next task that comes to its stage |
/// | `POST /_emulator/reset` | | 204; clusters and faults are as at the start, and no request has been made |
///
/// ```
/// use ack_emulator::{ADMIN_CALLS, Emulator};
///
/// let emulator = Emulator::builder().build()?;
/// let body = r#"[{"fault": "throttle", "times": 2}, {"fault": "reset", "operation": "UpgradeCluster"}]"#;
/// let response = emulator.handle(http::Request::post("/_emulator/faults").body(body.into())?);
/// assert_eq!((response.status().as_u16(), &response.body()[..]), (201, &br#"{"ids":[1,2]}"#[..]));
/// assert!(ADMIN_CALLS.iter().any(|call| (call.method, call.path) == ("POST", "/_emulator/faults")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const ADMIN_CALLS: &[AdminCall] = &[
    AdminCall { method: "GET", path: "/_emulator", summary: "List all admin calls and all faults" },
    AdminCall { method: "GET", path: "/_emulator/faults", summary: "List the faults that wait, and what they struck" },
    AdminCall {
        method: "POST",
        path: "/_emulator/faults",
        summary: "Inject a fault, such as {\"fault\": \"throttle\", \"times\": 2}, or a list of them",
    },
    AdminCall { method: "DELETE", path: "/_emulator/faults", summary: "Clear all faults" },
    AdminCall { method: "DELETE", path: "/_emulator/faults/{id}", summary: "Clear one fault" },
    AdminCall { method: "GET", path: "/_emulator/clock", summary: "Tell the time of upgrades and how fast it runs" },
    AdminCall {
        method: "POST",
        path: "/_emulator/clock",
        summary: "Move the time of upgrades forward: {\"advance\": \"10m\"}",
    },
    AdminCall {
        method: "GET",
        path: "/_emulator/requests",
        summary: "List the requests, with ?operation=NAME those of one operation",
    },
    AdminCall { method: "DELETE", path: "/_emulator/requests", summary: "Forget the requests and their counts" },
    AdminCall {
        method: "GET",
        path: "/_emulator/counts",
        summary: "Count the requests of each operation, and those that were accepted",
    },
    AdminCall { method: "GET", path: "/_emulator/clusters", summary: "List the clusters with state, version and task" },
    AdminCall {
        method: "POST",
        path: "/_emulator/clusters/{id}/incidents",
        summary: "Let something befall a cluster's next task: {\"stage\": \"upgrade_nodes\", \"effect\": \"hang\"}",
    },
    AdminCall {
        method: "POST",
        path: "/_emulator/reset",
        summary: "Make clusters, faults and counts what they were at the start",
    },
];

const CLOCK: &[Key] = &[Key::required("advance", Form::Duration, "How far, such as 10m")];

/// An answer other than 200 with a body.
enum Denied {
    Problems(StatusCode, Vec<String>),
    Method(Vec<&'static str>),
}

/// Answers an admin call; none if the request is not one.
pub(crate) fn answer(emulator: &Emulator, access: AdminAccess, received: &Received) -> Option<Response<Bytes>> {
    let rest = received.path().strip_prefix(PREFIX).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    let is_near = received.peer.is_none_or(|peer| peer.ip().to_canonical().is_loopback());
    let outcome = match access {
        AdminAccess::Off => return None,
        AdminAccess::Loopback if !is_near => {
            let problem =
                "admin calls are for programs on the emulator's own machine: start it with admin access for everyone";
            Err(Denied::Problems(StatusCode::FORBIDDEN, vec![problem.to_owned()]))
        }
        AdminAccess::Loopback | AdminAccess::Everyone => carry_out(emulator, received, rest.trim_end_matches('/')),
    };
    Some(outcome.unwrap_or_else(|denied| match denied {
        Denied::Problems(status, problems) => json_response(status, &json!({"problems": problems})),
        Denied::Method(allowed) => {
            let problem = format!("this path takes {}", allowed.join(" and "));
            let mut response = json_response(StatusCode::METHOD_NOT_ALLOWED, &json!({"problems": [problem]}));
            if let Ok(allowed) = HeaderValue::from_str(&allowed.join(", ")) {
                response.headers_mut().insert(ALLOW, allowed);
            }
            response
        }
    }))
}

fn carry_out(emulator: &Emulator, received: &Received, path: &str) -> Result<Response<Bytes>, Denied> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match (received.parts.method.as_str(), &*segments) {
        ("GET", []) => {
            let (faults, shared_keys) = (Fault::all(), Fault::shared_keys());
            Ok(ok(&json!({"calls": ADMIN_CALLS, "faults": faults, "shared_keys": shared_keys})))
        }
        ("GET", ["faults"]) => Ok(ok(&emulator.faults())),
        ("POST", ["faults"]) => {
            let ids = emulator.inject_all(faults(received)?)?;
            Ok(json_response(StatusCode::CREATED, &json!({"ids": ids})))
        }
        ("DELETE", ["faults"]) => {
            emulator.clear_faults();
            Ok(done())
        }
        ("DELETE", ["faults", id]) => {
            let id = id.parse().ok().map(FaultId::new);
            if id.is_some_and(|id| emulator.clear_fault(id)) {
                return Ok(done());
            }
            Err(Denied::Problems(StatusCode::NOT_FOUND, vec!["there is no fault of this id".to_owned()]))
        }
        ("GET", ["clock"]) => Ok(ok(&clock(emulator))),
        ("POST", ["clock"]) => {
            let body = checked(CLOCK, received)?;
            emulator.advance(Fields::of(&body).duration("advance").unwrap_or_default());
            Ok(ok(&clock(emulator)))
        }
        ("GET", ["requests"]) => Ok(ok(&requests(emulator, received.query()))),
        ("DELETE", ["requests"]) => {
            emulator.forget_requests();
            Ok(done())
        }
        ("GET", ["counts"]) => Ok(ok(&emulator.counts())),
        ("GET", ["clusters"]) => Ok(ok(&emulator.clusters())),
        ("POST", ["clusters", id, "incidents"]) => {
            let body = checked(INCIDENT, received)?;
            let incident = read(body.into()).map_err(|problem| bad(Problems::of(problem)))?;
            emulator.order(&percent_decode_str(id).decode_utf8_lossy(), incident)?;
            Ok(done())
        }
        ("POST", ["reset"]) => {
            emulator.reset();
            Ok(done())
        }
        _ => Err(unknown(path)),
    }
}

/// Why a path and method are no call: there is no such path, or it takes other methods.
fn unknown(path: &str) -> Denied {
    let fits = |template: &str| {
        let mut segments = path.split('/');
        let all =
            template.split('/').all(|part| segments.next().is_some_and(|own| part.starts_with('{') || part == own));
        all && segments.next().is_none()
    };
    let of_path = ADMIN_CALLS.iter().filter(|call| call.path.strip_prefix(PREFIX).is_some_and(fits));
    let allowed: Vec<&str> = of_path.map(|call| call.method).collect();
    if !allowed.is_empty() {
        return Denied::Method(allowed);
    }
    let problem = format!("there is no such admin call: GET {PREFIX} lists them");
    Denied::Problems(StatusCode::NOT_FOUND, vec![problem])
}

fn requests(emulator: &Emulator, query: &str) -> Vec<RecordedRequest> {
    let mut requests = emulator.requests();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    if let Some((_, operation)) = pairs.find(|(name, _)| name == "operation") {
        requests.retain(|request| request.operation.is_some_and(|id| id.eq_ignore_ascii_case(&operation)));
    }
    requests
}

/// A body that fits a table.
fn checked(keys: &[Key], received: &Received) -> Result<Map<String, Value>, Denied> {
    let body = body(received)?;
    let mut problems = Problems::default();
    check(keys, "", &body, &mut problems);
    problems.none_or(()).map_err(bad)?;
    match body {
        Value::Object(entries) => Ok(entries),
        _ => Ok(Map::new()),
    }
}

/// The faults of a body: one, or a list.
fn faults(received: &Received) -> Result<Vec<Fault>, Denied> {
    let items = match body(received)? {
        Value::Array(items) => items,
        one => vec![one],
    };
    let faults = items.into_iter().map(|item| match item {
        Value::Object(settings) => Ok(Fault(settings)),
        _ => Err(bad(Problems::of(
            "the body is no fault: send one such as {\"fault\": \"throttle\"}, or a list of them",
        ))),
    });
    faults.collect()
}

fn body(received: &Received) -> Result<Value, Denied> {
    let bytes =
        received.body.as_ref().map_err(|refusal| Denied::Problems(refusal.status, vec![refusal.message.clone()]))?;
    let text = std::str::from_utf8(bytes).map_err(|_| bad(Problems::of("the body is not UTF-8")))?;
    parse(text).map_err(bad)
}

fn clock(emulator: &Emulator) -> Value {
    json!({"now": emulator.now().to_string(), "time_scale": emulator.time_scale()})
}

fn bad(problems: Problems) -> Denied {
    Denied::Problems(StatusCode::BAD_REQUEST, problems.into_vec())
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        let problems = match error.problems() {
            [] => vec![error.to_string()],
            problems => problems.to_vec(),
        };
        Self::Problems(StatusCode::BAD_REQUEST, problems)
    }
}

fn ok(value: &impl Serialize) -> Response<Bytes> {
    json_response(StatusCode::OK, value)
}

fn done() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn json_response(status: StatusCode, value: &impl Serialize) -> Response<Bytes> {
    // All that is written here are plain structures with text keys, for which this does not fail.
    let mut response = Response::new(serde_json::to_vec(value).unwrap_or_default().into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
