//! The few names generated operations call, recording the request and answering with a given value.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::operation::Operation;

/// Records one call and answers it.
#[derive(Debug)]
pub(crate) struct Client {
    answer: Value,
    sent: RefCell<String>,
}

/// Nothing fails here.
pub(crate) type Error = Infallible;

/// A decoded answer.
#[derive(Debug)]
pub(crate) struct ResponseValue<T>(T);

/// The request as generated code describes it, in words.
#[derive(Debug)]
pub(super) struct Request(String);

impl Client {
    pub(super) fn answering(answer: Value) -> Self {
        Self { answer, sent: RefCell::default() }
    }

    pub(super) fn sent(&self) -> String {
        self.sent.borrow().clone()
    }

    #[expect(clippy::unused_async, reason = "the real runtime waits for the network here")]
    pub(super) async fn execute<T: DeserializeOwned>(&self, request: Request) -> Result<ResponseValue<T>, Error> {
        *self.sent.borrow_mut() = request.0;
        Ok(ResponseValue(serde_json::from_value(self.answer.clone()).unwrap()))
    }
}

impl Request {
    pub(super) fn new(operation: &'static Operation) -> Self {
        Self(operation.id.to_owned())
    }

    pub(super) fn path_parameter(self, name: &str, value: &str) -> Self {
        self.with(name, value)
    }

    pub(super) fn query<Q: Serialize>(self, query: &Q) -> Self {
        self.with("query", &serde_json::to_string(query).unwrap())
    }

    pub(super) fn query_comma_joined<Q: Serialize>(self, query: &Q, joined: &[&str]) -> Self {
        self.query(query).with("joined", &joined.join(","))
    }

    pub(super) fn json<B: Serialize + ?Sized>(self, body: &B) -> Self {
        self.with("json", &serde_json::to_string(body).unwrap())
    }

    pub(super) fn text(self, body: &str) -> Self {
        self.with("text", body)
    }

    pub(super) fn words(&self) -> &str {
        &self.0
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        write!(self.0, " {name}={value}").unwrap();
        self
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
