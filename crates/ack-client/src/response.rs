//! A decoded answer with what came around it.

use std::fmt;
use std::ops::Deref;

use ack_codec::{Drift, Format};
use http::{HeaderMap, StatusCode};
use serde_core::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::runtime::Answer;

/// The model an operation answers with, and the status, headers and request id it came with.
///
/// It dereferences to the model, so that fields are read directly; [`into_inner`](Self::into_inner) takes it out.
#[derive(Clone, Debug)]
pub struct ResponseValue<T> {
    value: T,
    drift: Drift,
    status: StatusCode,
    headers: HeaderMap,
    request_id: Option<String>,
}

impl<T> ResponseValue<T> {
    pub(crate) fn new(value: T, drift: Drift, answer: Answer) -> Self {
        let request_id = answer.request_id();
        Self { value, drift, status: answer.status, headers: answer.headers, request_id }
    }

    /// The model alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status. Every 2xx is a success to ACK.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The ID of the request, to quote to the vendor's support: the header `x-acs-request-id`, or else the field
    /// `request_id`, `requestId` or `RequestId` of the body.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Fields and enum values of the answer that the API reference does not list. They are a sign that the service
    /// has moved on, not a failure.
    pub fn drift(&self) -> &Drift {
        &self.drift
    }

    /// Turns the model into something else and keeps the rest.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue {
            value: change(self.value),
            drift: self.drift,
            status: self.status,
            headers: self.headers,
            request_id: self.request_id,
        }
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> AsRef<T> for ResponseValue<T> {
    fn as_ref(&self) -> &T {
        &self.value
    }
}

/// The request id a body of either format names, in any of the service's spellings.
pub(crate) fn body_request_id(format: Format, body: &[u8]) -> Option<String> {
    let Ids(ids) = ack_codec::decode(format, body).ok()?;
    ids.into_iter().flatten().find(|id| !id.is_empty())
}

/// What a body holds under each of the names.
#[derive(Default)]
struct Ids([Option<String>; 3]);

impl Ids {
    const NAMES: &'static [&'static str] = &["request_id", "requestId", "RequestId"];
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Ids", Self::NAMES, IdsVisitor)
    }
}

struct IdsVisitor;

impl<'de> Visitor<'de> for IdsVisitor {
    type Value = Ids;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Ids, A::Error> {
        let mut ids = Ids::default();
        while let Some(name) = fields.next_key::<String>()? {
            let at = Ids::NAMES.iter().position(|known| *known == name);
            match at.and_then(|at| ids.0.get_mut(at)) {
                Some(id) => *id = fields.next_value()?,
                None => fields.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Ok(ids)
    }
}
