//! The description of one call, as the generated operations give it.

use std::time::{Duration, SystemTime};

use ack_auth::{Credential, SignedRequest, Signer, SigningRequest, encode_component};
use ack_codec::Format;
use ack_models::{API, Operation};
use bytes::Bytes;
use serde_core::Serialize;
use serde_json::Value;

use crate::client::Inner;
use crate::error::Error;

/// JSON bodies are sent as the official SDKs label them.
const JSON_CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// What `x-acs-content-sha256` says of a request without a body.
const NO_BODY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A call being put together. The first mistake is kept and reported by [`finish`](Self::finish), so that generated
/// code stays a chain.
pub(crate) struct Request {
    operation: &'static Operation,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Bytes>,
    mistake: Option<Error>,
}

/// A call ready to be signed, as often as it is attempted.
pub(crate) struct Parts {
    pub(crate) operation: &'static Operation,
    /// Percent-encoded.
    pub(crate) path: String,
    /// Not encoded.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Bytes>,
}

/// What an attempt after the first says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    /// 1 for the second attempt.
    pub(crate) number: u32,
    /// The wait before it.
    pub(crate) delay: Duration,
}

impl Request {
    pub(crate) fn new(operation: &'static Operation) -> Self {
        // Room for two IDs, more than which hardly any path holds.
        let mut path = String::with_capacity(operation.path.len() + 80);
        path.push_str(operation.path);
        Self { operation, path, query: Vec::new(), body: None, mistake: None }
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Fills one `{name}` of the path template.
    ///
    /// An empty value, `.` and `..` are refused: HTTP libraries and proxies remove such segments, and the call would
    /// reach another operation than the one that was signed.
    pub(crate) fn path_parameter(mut self, name: &str, value: &str) -> Self {
        if value.is_empty() || value == "." || value == ".." {
            let remedy = "pass the ID as the service prints it";
            self.mistaken(Error::invalid_input(name, value, "is not a usable path segment", remedy));
        } else if value.chars().any(char::is_control) {
            let remedy = "remove the control character, which is often a pasted line end";
            self.mistaken(Error::invalid_input(name, value, "holds a control character", remedy));
        }
        let is_it = |start: &usize| {
            let rest = self.path.get(start + 1..).and_then(|rest| rest.strip_prefix(name));
            rest.is_some_and(|rest| rest.starts_with('}'))
        };
        let start = self.path.match_indices('{').map(|(start, _)| start).find(is_it);
        if let Some(start) = start {
            self.path.replace_range(start..start + name.len() + 2, &encode_component(value));
        }
        self
    }

    /// Adds query parameters: a struct whose fields are the parameters. Absent fields are left out; lists and objects
    /// travel as compact JSON text, as the official SDKs send them.
    pub(crate) fn query<Q: Serialize>(mut self, query: &Q) -> Self {
        match serde_json::to_value(query) {
            Ok(Value::Object(fields)) => {
                let pairs = fields.into_iter().filter(|(_, value)| !value.is_null());
                self.query.extend(pairs.map(|(name, value)| (name, query_text(value))));
            }
            Ok(_) => self.mistaken(Error::unencodable("the query is not a struct")),
            Err(error) => self.mistaken(Error::unencodable(&format!("the query: {error}"))),
        }
        self
    }

    /// [`query`](Self::query), with the lists of the named parameters joined by commas. One operation of the API wants
    /// it so.
    #[allow(dead_code, reason = "used only if some operation wants it")]
    pub(crate) fn query_comma_joined<Q: Serialize>(mut self, query: &Q, joined: &[&str]) -> Self {
        self = self.query(query);
        for (name, value) in &mut self.query {
            if joined.contains(&name.as_str())
                && let Ok(items) = serde_json::from_str::<Vec<Value>>(value)
            {
                *value = items.into_iter().map(query_text).collect::<Vec<_>>().join(",");
            }
        }
        self
    }

    /// Sets a JSON body.
    pub(crate) fn json<B: Serialize + ?Sized>(mut self, body: &B) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body = Some(bytes.into()),
            Err(error) => self.mistaken(Error::unencodable(&format!("the body: {error}"))),
        }
        self
    }

    /// Sets a body that is a bare string. It is sent as it is, not as a JSON string, as the official SDKs do.
    #[allow(dead_code, reason = "used only if some operation takes a bare string")]
    pub(crate) fn text(mut self, body: &str) -> Self {
        self.body = Some(Bytes::copy_from_slice(body.as_bytes()));
        self
    }

    /// Ends the description.
    pub(crate) fn finish(self) -> Result<Parts, Error> {
        match self.mistake {
            Some(mistake) => Err(mistake),
            None => Ok(Parts { operation: self.operation, path: self.path, query: self.query, body: self.body }),
        }
    }

    fn mistaken(&mut self, error: Error) {
        self.mistake.get_or_insert(error);
    }
}

impl Parts {
    /// What most requests say in their headers.
    pub(crate) fn constants(&self) -> [&'static str; 7] {
        let [json, xml] = [Format::Json, Format::Xml].map(Format::media_type);
        [self.operation.id, API.version, json, xml, JSON_CONTENT_TYPE, NO_BODY_SHA256, "static_ak"]
    }

    /// Signs one attempt.
    pub(crate) fn sign(
        &self,
        client: &Inner,
        credential: &Credential,
        date: SystemTime,
        nonce: &str,
        retry: Option<Retry>,
    ) -> Result<SignedRequest, Error> {
        let operation = self.operation;
        let host = client.endpoint.host();
        let mut request = SigningRequest::new(operation.method, host, &self.path, operation.id, API.version)
            .with_query(&self.query)
            .with_accept(client.format.media_type())
            .with_user_agent(&client.user_agent);
        if let Some(body) = &self.body {
            request = request.with_body(body).with_content_type(JSON_CONTENT_TYPE);
        }
        if let Some(retry) = retry {
            request = request
                .with_header("x-acs-retry-attempts", retry.number.to_string())
                .with_header("x-acs-retry-delay", retry.delay.as_millis().to_string());
        }
        Signer::default().sign(&request, credential, date, nonce).map_err(Error::credentials)
    }
}

fn query_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
