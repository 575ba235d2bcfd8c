//! The models that bodies are decoded into, and what has to hold for a value of any of them.

use std::fmt::Debug;

use ack_codec::{Format, Root, decode, encode};
use ack_models::{
    ClusterLogEntry, ClusterResource, DescribeAddonsResponse, DescribeClusterDetailResponse,
    DescribeClusterNodePoolsResponse, DescribeEventsResponse, DescribeTaskInfoResponse, DescribeUserQuotaResponse,
    GetClusterCheckResponse, GetUpgradeStatusResponse, KubernetesVersionMetadata, ListTagResourcesResponse,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What operations answer with.
pub(crate) trait Model: DeserializeOwned + Serialize + PartialEq + Debug {}

impl<T: DeserializeOwned + Serialize + PartialEq + Debug> Model for T {}

/// How XML carries the value.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// With a root and without.
    Bare,
    /// Only inside of a root.
    Rooted,
    /// As [`Rooted`](Self::Rooted), unless it is a list: nothing says then that `<0>` and `<1>` are items.
    Free,
}

/// Decodes a body into every model and checks what comes out.
pub(crate) fn check(format: Format, body: &[u8]) {
    // Structs: nested ones, lists of them, maps of them, free-form fields, open enums.
    check_one::<GetUpgradeStatusResponse>(format, body, Form::Bare);
    check_one::<DescribeClusterDetailResponse>(format, body, Form::Bare);
    check_one::<DescribeClusterNodePoolsResponse>(format, body, Form::Bare);
    check_one::<DescribeTaskInfoResponse>(format, body, Form::Bare);
    check_one::<DescribeAddonsResponse>(format, body, Form::Bare);
    check_one::<DescribeUserQuotaResponse>(format, body, Form::Bare);
    check_one::<GetClusterCheckResponse>(format, body, Form::Bare);
    check_one::<DescribeEventsResponse>(format, body, Form::Bare);
    check_one::<ListTagResourcesResponse>(format, body, Form::Bare);
    // Lists at the top.
    check_one::<Vec<KubernetesVersionMetadata>>(format, body, Form::Rooted);
    check_one::<Vec<ClusterResource>>(format, body, Form::Rooted);
    check_one::<Vec<ClusterLogEntry>>(format, body, Form::Rooted);
    check_one::<Vec<String>>(format, body, Form::Rooted);
    // Whatever comes. Without a root, a field called `..Response` that stands alone would be taken for one.
    check_one::<Map<String, Value>>(format, body, Form::Rooted);
    check_one::<Value>(format, body, Form::Free);
    check_one::<String>(format, body, Form::Rooted);
    check_one::<Option<f64>>(format, body, Form::Rooted);
    check_one::<()>(format, body, Form::Rooted);
}

fn check_one<T: Model>(format: Format, body: &[u8], form: Form) {
    match decode::<T>(format, body) {
        Ok(value) => {
            survives_json(&value);
            survives_xml(&value, form);
        }
        Err(error) => {
            let text = error.to_string();
            assert!(text.len() < 2048, "an error of {} bytes: {text}", text.len());
            assert!(error.offset().is_none_or(|offset| offset <= body.len()), "{text}");
        }
    }
}

fn survives_json<T: Model>(value: &T) {
    let body = encode(Format::Json, Root::Fragment, value).expect("JSON carries every model");
    let again = decode::<T>(Format::Json, &body).unwrap_or_else(|error| unreadable(&body, &error));
    assert_eq!(&again, value, "from {}", String::from_utf8_lossy(&body));
}

/// XML loses what its form cannot carry (see `ack_codec::encode`), and nothing else.
fn survives_xml<T: Model>(value: &T, form: Form) {
    let json = serde_json::to_value(value).expect("every model is JSON");
    if form == Form::Free && json.is_array() {
        return;
    }
    let is_full = !holds_nothing(&json);
    let carried = reduced(json);
    for root in [Root::Named("FuzzResponse"), Root::Fragment] {
        if root == Root::Fragment && form != Form::Bare {
            continue;
        }
        let Some(read) = through_xml(value, root) else { continue };
        let after = serde_json::to_value(&read).expect("every model is JSON");
        assert_eq!(reduced(after), carried, "{root:?}");
        if is_full {
            // The same shape is the same value in both formats.
            let body = carried.to_string();
            let same = decode::<T>(Format::Json, body.as_bytes());
            assert_eq!(read, same.unwrap_or_else(|error| unreadable(body.as_bytes(), &error)), "{root:?}");
        }
    }
}

fn through_xml<T: Model>(value: &T, root: Root<'_>) -> Option<T> {
    let body = match encode(Format::Xml, root, value) {
        Ok(body) => body,
        Err(error) => {
            assert!(error.is_encode(), "{error}");
            return None;
        }
    };
    match decode::<T>(Format::Xml, &body) {
        Ok(value) => Some(value),
        // A value without content leaves nothing to read.
        Err(error) if error.is_empty_body() => None,
        Err(error) => unreadable(&body, &error),
    }
}

fn unreadable<T>(body: &[u8], error: &ack_codec::Error) -> T {
    let body = String::from_utf8_lossy(body);
    unreachable!("what was written cannot be read: {error}, from {body}")
}

/// Whether anything in the value is empty, so that XML reads it as absent or does not write it at all.
fn holds_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty() || items.iter().any(holds_nothing),
        Value::Object(fields) => fields.is_empty() || fields.values().any(holds_nothing),
    }
}

/// What XML carries of a value: texts, one-item lists as their item, and nothing that is empty.
fn reduced(value: Value) -> Value {
    let nothing = || Value::String(String::new());
    match value {
        Value::Null => nothing(),
        Value::Bool(flag) => Value::String(flag.to_string()),
        Value::Number(number) => Value::String(match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => format!("{float:?}"),
            None => number.to_string(),
        }),
        Value::String(text) => Value::String(text),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(reduced).collect();
            match items.len() {
                0 => nothing(),
                1 => items.remove(0),
                _ => Value::Array(items),
            }
        }
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, reduced(value)));
            let fields: Map<String, Value> = fields.filter(|(_, value)| value != "").collect();
            if fields.is_empty() { nothing() } else { Value::Object(fields) }
        }
    }
}
