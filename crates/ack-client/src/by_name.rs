//! Calls by operation id, for tools: the input is checked against the spec, and the call goes through the typed method.

use std::future::Future;
use std::pin::Pin;

use ack_codec::{Drift, Format, Limits, Root};
use ack_models::catalogue::{Catalogue, Problem};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::Value;

use crate::client::Client;
use crate::error::Error;
use crate::generated::by_name::{decode, dispatch};
use crate::reading::value_of;
use crate::response::ResponseValue;

pub use crate::runtime::Preview;

/// A call under way.
pub(crate) type Pending<'a> = Pin<Box<dyn Future<Output = Result<ResponseValue<Value>, Error>> + Send + 'a>>;

/// What to call an operation with, by wire names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input(Value);

impl Input {
    /// An input of the form `{"path": {..}, "query": {..}, "body": ..}`; parts that are not needed may be left out.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self(value)
    }

    fn part(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn path(&self, name: &str) -> Result<&str, Error> {
        let value = self.0.get("path").and_then(|path| path.get(name)).and_then(Value::as_str);
        value.ok_or_else(|| Error::unset(&format!("path.{name}"), "is missing", "give it as a string"))
    }

    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let query = self.part("query");
        typed("query", if query.is_null() { Value::Object(serde_json::Map::default()) } else { query })
    }

    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Error> {
        typed("body", self.part("body"))
    }

    #[allow(dead_code, reason = "used only if some operation takes a bare string")]
    pub(crate) fn text(&self) -> Result<&str, Error> {
        let text = self.0.get("body").and_then(Value::as_str);
        text.ok_or_else(|| Error::unset("body", "is not a string", "give the text as a JSON string"))
    }
}

/// The decoded answer of an operation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The model, as JSON by wire names.
    pub value: Value,
    /// What the body held that the spec does not know.
    pub drift: Drift,
}

/// Decodes the body of an answer into the model of its operation, without a client: for recorded answers.
///
/// It needs the feature `by-name`.
///
/// # Errors
///
/// [`Error::is_invalid_input`] if there is no such operation; [`Error::is_decode`] if the body does not fit its model.
pub fn decode_answer(operation: &str, format: Format, body: &[u8]) -> Result<Answer, Error> {
    let (id, _) = Catalogue::get().operation(operation).ok_or_else(|| unknown(operation))?;
    decode(id, format, body)
}

/// Writes an answer given as JSON in either wire format, as the service would: for tests and stand-ins. XML comes with
/// the root element `<Operation>Response`.
///
/// It needs the feature `by-name`.
///
/// # Errors
///
/// [`Error::is_invalid_input`] if the value cannot be written in the format, such as a field name that XML cannot carry.
pub fn encode_answer(format: Format, operation: &str, value: &Value) -> Result<Vec<u8>, Error> {
    let root = format!("{operation}Response");
    ack_codec::encode(format, Root::Named(&root), value).map_err(|error| Error::unencodable(&error.to_string()))
}

impl Client {
    /// Calls an operation by its id, such as `DescribeTaskInfo`, in any letter case, and gives the decoded model as JSON.
    ///
    /// It needs the feature `by-name`.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] before anything is sent if there is no such operation, or if a field of the input is
    /// unknown, missing or of the wrong type; the text names each with the nearest valid one. Otherwise as the typed
    /// methods.
    pub async fn call(&self, operation: &str, input: &Input) -> Result<ResponseValue<Value>, Error> {
        let id = checked(operation, input)?;
        dispatch(self, id, input).await
    }

    /// The request that [`call`](Self::call) would send, signed, with secrets masked. Nothing is sent. The body's secrets are masked
    /// before its hash is taken, so that the hash tells nothing about them either.
    ///
    /// It needs the feature `by-name`.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call) up to the point of sending: input, credentials, signing.
    pub async fn preview(&self, operation: &str, input: &Input) -> Result<Preview, Error> {
        let id = checked(operation, input)?;
        let (client, slot) = self.previewing();
        let masked = Input(Catalogue::get().masked(id, input.0.clone()));
        let outcome = dispatch(&client, id, &masked).await;
        match slot.take() {
            Some(preview) => Ok(preview),
            None => Err(outcome.err().unwrap_or_else(|| unknown(id))),
        }
    }
}

pub(crate) fn unknown(operation: &str) -> Error {
    let remedy = match Catalogue::get().nearest_operation(operation) {
        Some(name) => format!("did you mean {name}?"),
        None => "use an operation of the ACK API reference, such as DescribeTaskInfo".to_owned(),
    };
    Error::invalid_input("operation", operation, "is not in the API", &remedy)
}

/// The model as JSON.
pub(crate) fn encoded<T: Serialize>(answer: ResponseValue<T>) -> Result<ResponseValue<Value>, Error> {
    let value = serde_json::to_value(&*answer).map_err(|error| Error::unencodable(&format!("the answer: {error}")))?;
    Ok(answer.map(|_| value))
}

pub(crate) fn decoded<T: DeserializeOwned + Serialize>(format: Format, body: &[u8]) -> Result<Answer, Error> {
    let (model, drift) = value_of::<T>(format, Limits::default(), None, body).map_err(Error::decode_alone)?;
    let value = serde_json::to_value(&model).map_err(|error| Error::unencodable(&format!("the answer: {error}")))?;
    Ok(Answer { value, drift })
}

fn checked(operation: &str, input: &Input) -> Result<&'static str, Error> {
    let catalogue = Catalogue::get();
    let Some((id, _)) = catalogue.operation(operation) else {
        return Err(unknown(operation));
    };
    let problems: Vec<String> = catalogue.check(id, &input.0).iter().map(Problem::to_string).collect();
    if problems.is_empty() {
        return Ok(id);
    }
    Err(Error::unset("input", &format!("does not fit {id}: {}", problems.join("; ")), "correct the input"))
}

fn typed<T: DeserializeOwned>(part: &str, value: Value) -> Result<T, Error> {
    serde_json::from_value(value)
        .map_err(|error| Error::unset(part, &format!("does not fit: {error}"), "correct the input"))
}
