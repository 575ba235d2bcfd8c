//! What a fault does to an exchange, in the few ways there are to do something to it.

use std::time::Duration;

use ack_codec::Format;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, StatusCode};
use jiff::SignedDuration;
use serde_json::Value;

use crate::Delivery;

/// Whether a fault strikes before or after a request is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// Something else takes the place of the answer.
    Answer(Canned),
    /// The answer is sent in its own way.
    Deliver(Delivery),
    /// The body breaks off after so many bytes, or half of it.
    CutOff { after: Option<usize>, chunked: bool },
    /// The answer stops coming at a point.
    Stall { at: StallAt, limit: Duration },
    /// The answer has this content type, or none.
    ContentType(Option<HeaderValue>),
    /// The answer is compressed, with so many blanks behind it.
    Compress { blanks: u64 },
    /// The answer says what no document knows.
    Alter(Alteration),
    /// The clock that dates are judged by is off.
    Skew(SignedDuration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StallAt {
    Nothing,
    Head,
    Half,
}

/// What is changed in the fields of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Alteration {
    /// These fields get these values, wherever they are; without any, every documented enum gets `value`.
    Values { value: String, set: Vec<(String, Value)> },
    /// Every documented object gets a field of this name.
    Fields { name: String },
}

/// An answer that is made up, whatever was asked.
#[derive(Debug, Clone)]
pub(crate) struct Canned {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) content: Content,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// An error in one of the forms of the service.
    Error(CannedError),
    /// Text from something that stands before the service and knows neither its formats nor its request ids.
    Text(String),
}

#[derive(Debug, Clone)]
pub(crate) struct CannedError {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) shape: ErrorShape,
    /// None: that which the request asks for.
    pub(crate) format: Option<Format>,
}

/// The two forms of an error. See [`Fault::shape`](crate::Fault::shape).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorShape {
    /// That of the gateway, in capitals: `Code`, `Message`, `RequestId`, `HostId`.
    Gateway,
    /// That of ACK: `code`, `message`, `requestId`, `status`.
    Service,
}

impl ErrorShape {
    pub(crate) const WORDS: &[&str] = &["gateway", "service"];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Service => "service",
        }
    }

    pub(crate) fn of_word(word: &str) -> Self {
        if word == "service" { Self::Service } else { Self::Gateway }
    }
}

impl Canned {
    pub(crate) fn text(status: StatusCode, media_type: &'static str, text: impl Into<String>) -> Self {
        let headers = vec![(CONTENT_TYPE, HeaderValue::from_static(media_type))];
        Self { status, headers, content: Content::Text(text.into()) }
    }
}

impl Canned {
    /// The error code that it tells, if it tells one.
    pub(crate) fn code(&self) -> Option<&str> {
        match &self.content {
            Content::Error(error) => Some(&error.code),
            Content::Text(_) => None,
        }
    }
}

impl Effect {
    /// How an answer with a body of this length is sent, if not as usual.
    pub(crate) fn delivery(&self, length: usize) -> Option<Delivery> {
        match *self {
            Self::Deliver(delivery) => Some(delivery),
            Self::CutOff { after, chunked } => {
                Some(Delivery::CutOff { sent: after.unwrap_or(length / 2).min(length), chunked })
            }
            Self::Stall { at, limit } => {
                let sent = match at {
                    StallAt::Nothing => None,
                    StallAt::Head => Some(0),
                    StallAt::Half => Some(length / 2),
                };
                Some(Delivery::Stalled { sent, limit })
            }
            Self::Answer(_) | Self::ContentType(_) | Self::Compress { .. } | Self::Alter(_) | Self::Skew(_) => None,
        }
    }
}
