//! An answer as received, and what a refusal says.

use std::sync::Arc;
use std::time::Duration;

use ack_auth::SignedRequest;
use ack_codec::Format;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::Value;

use crate::error::Error;
use crate::response::body_request_id;

/// Headers of a request whose values an answer may echo and an error must not show.
const SECRET_HEADERS: [&str; 3] = ["authorization", "x-acs-security-token", "x-acs-bearer-token"];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");
const RETRY_AFTER: HeaderName = HeaderName::from_static("x-acs-retry-after");

/// A byte as JSON in JSON may write it takes that many.
const LONGEST_ESCAPE: usize = 8;

/// A larger body is no refusal of the service's, and not worth the memory of looking.
const LARGEST_REFUSAL: usize = 1 << 20;

/// One answer of the service, or of something in front of it.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// What the request kept secret, for errors that quote the answer.
    signed: Option<Arc<SignedRequest>>,
}

/// What the body of a refusal says, in whichever of the service's shapes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ServiceError {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) recommend: Option<String>,
    /// The RAM action that was denied.
    pub(crate) denied_action: Option<String>,
    /// `ImplicitDeny` or `ExplicitDeny`.
    pub(crate) no_permission_type: Option<String>,
    /// Whether the service says that it has signed the same text as the client, if it says what.
    pub(crate) signed_alike: Option<bool>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, signed: Arc<SignedRequest>) -> Self {
        Self { status, headers, body: Vec::new(), signed: Some(signed) }
    }

    /// A header, unless it is not text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        // `to_str` takes the same values, and looks at one byte at a time.
        std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok().filter(|text| text.is_ascii())
    }

    /// An answer that no request of ours led to.
    pub(crate) fn recorded(status: StatusCode, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self { status, headers, body, signed: None }
    }

    /// How the body is compressed, if it is; requests ask for it as it is.
    pub(crate) fn content_coding(&self) -> Option<String> {
        let coding = self.headers.get(CONTENT_ENCODING)?;
        let coding: String = String::from_utf8_lossy(coding.as_bytes()).trim().chars().take(40).collect();
        (!coding.is_empty() && !coding.eq_ignore_ascii_case("identity")).then(|| self.redacted(&coding))
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.header(&CONTENT_TYPE)
    }

    /// How long to wait, in whole milliseconds above zero; anything else is no hint.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let text = self.header(&RETRY_AFTER)?.trim();
        let is_whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than fit are a long wait all the same.
        let millis = is_whole.then(|| text.parse().unwrap_or(u64::MAX))?;
        (millis > 0).then(|| Duration::from_millis(millis))
    }

    /// The header, or else what the body says.
    pub(crate) fn request_id(&self) -> Option<String> {
        match self.header(&REQUEST_ID).filter(|id| !id.is_empty()) {
            // The usual form holds nothing else, and every answer comes by here.
            Some(id) if id.len() == 36 && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) => {
                Some(id.to_owned())
            }
            Some(id) => Some(self.redacted(id)),
            None => {
                let id = body_request_id(Format::detect(self.content_type(), &self.body)?, &self.body)?;
                Some(self.redacted(&shortened::<256>(id)))
            }
        }
    }

    /// The text without what the request kept secret.
    fn redacted(&self, text: &str) -> String {
        let signatures = self.secrets().filter_map(|header| Some(header.split_once("Signature=")?.1));
        let secrets: Vec<&str> = self.secrets().chain(signatures).collect();
        ack_auth::redact(text, &secrets)
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        let signed = self.signed.as_deref().into_iter();
        signed.flat_map(|signed| SECRET_HEADERS.iter().filter_map(|name| signed.header(name)))
    }

    /// The first part of the body as text for people, with what the request kept secret taken out.
    pub(crate) fn body_start(&self) -> String {
        const LONGEST: usize = 512;
        // Far enough that a secret which begins in the part that is shown is found whole.
        let longest_secret = self.secrets().map(str::len).max().unwrap_or_default();
        let start = self.body.get(..LONGEST * 4 + longest_secret * LONGEST_ESCAPE).unwrap_or(&self.body);
        let text = self.redacted(&String::from_utf8_lossy(start));
        text.trim().chars().take(LONGEST).collect()
    }

    /// The error this answer is, given that its status is no success.
    pub(crate) fn into_error(self) -> Error {
        let mut said = ServiceError::read(self.content_type(), &self.body);
        said.signed_alike = self.signed_alike(said.message.as_deref());
        said.change(|text| self.redacted(&text));
        said.shorten();
        Error::service(said, &self)
    }

    /// Compares what the service says it has signed with what was signed here, by the hash at its end.
    fn signed_alike(&self, message: Option<&str>) -> Option<bool> {
        let (message, own) = (message?, self.signed.as_ref()?.string_to_sign()?.lines().last()?);
        let (_, theirs) = message.split_once("ACS3-HMAC-SHA256")?;
        let hash = theirs.split(|c: char| !c.is_ascii_hexdigit()).find(|word| word.len() == own.len())?;
        Some(hash.eq_ignore_ascii_case(own))
    }
}

impl ServiceError {
    /// Reads JSON and XML, service and gateway shape, any letter case; of anything else, nothing.
    pub(crate) fn read(content_type: Option<&str>, body: &[u8]) -> Self {
        let Some(format) = Format::detect(content_type, body).filter(|_| body.len() <= LARGEST_REFUSAL) else {
            return Self::default();
        };
        let Ok(value) = ack_codec::decode::<Value>(format, body) else {
            return Self::default();
        };
        // In XML the fields stand inside a root called Error.
        let fields = field(&value, "Error").filter(|inner| inner.is_object()).unwrap_or(&value);
        let text = |name: &str| field(fields, name).and_then(as_text);
        let message = text("message").or_else(|| text("description"));
        let denial = field(fields, "accessdenieddetail");
        let denied = |name: &str| denial.and_then(|denial| field(denial, name)).and_then(as_text);
        Self {
            code: text("code"),
            request_id: text("requestid").or_else(|| text("request_id")),
            recommend: text("recommend"),
            denied_action: denied("authaction").or_else(|| named_action(message.as_deref()?)),
            no_permission_type: denied("nopermissiontype"),
            signed_alike: None,
            message,
        }
    }

    /// Errors are kept, logged and printed, so what a body of any size says is cut to what a person reads.
    fn shorten(&mut self) {
        self.change(shortened::<4096>);
        for text in [&mut self.code, &mut self.request_id, &mut self.denied_action, &mut self.no_permission_type] {
            *text = text.take().map(shortened::<256>);
        }
    }

    /// Every text, changed.
    fn change(&mut self, change: impl Fn(String) -> String) {
        let Self { code, message, request_id, recommend, denied_action, no_permission_type, signed_alike: _ } = self;
        for text in [code, message, request_id, recommend, denied_action, no_permission_type] {
            *text = text.take().map(&change);
        }
    }
}

/// The text with at most `LONGEST` characters.
fn shortened<const LONGEST: usize>(mut text: String) -> String {
    if text.chars().nth(LONGEST).is_some()
        && let Some((end, _)) = text.char_indices().nth(LONGEST - 1)
    {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The action in `RAM policy Forbidden for action cs:UpgradeCluster`.
fn named_action(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("Forbidden for action ")?;
    let action = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':')).next()?;
    action.contains(':').then(|| action.to_owned())
}

/// A field by its name without regard to case.
fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let mut fields = value.as_object()?.iter();
    fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn as_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}
