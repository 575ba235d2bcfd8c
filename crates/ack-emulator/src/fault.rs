//! What can go wrong on purpose.

mod alter;
mod compile;
mod effect;
mod kinds;
mod pack;
mod queue;
mod selection;
mod target;

use std::str::FromStr;
use std::time::Duration;

use ack_codec::Format;
use serde::Serialize;
use serde_json::{Map, Value};

pub(crate) use alter::altered;
pub(crate) use compile::{Compiled, FAULTS, compile};
pub use effect::ErrorShape;
pub(crate) use effect::{Canned, CannedError, Content, Effect, When};
pub(crate) use pack::packed;
pub use queue::{FaultId, InjectedFault};
pub(crate) use queue::{Faults, Moment, Strike, compiled};
pub(crate) use target::Asked;

use crate::Error;
use crate::form::Form;

/// Something that goes wrong on purpose, and the requests it strikes.
///
/// Made by a function of its name, narrowed by the methods, and handed to
/// [`Emulator::inject`](crate::Emulator::inject) or [`EmulatorBuilder::fault`](crate::EmulatorBuilder::fault). A scenario
/// file, `ackctl emulator --fault` and the admin calls take the same faults as text, which [`FromStr`] reads: the name as
/// `fault`, and beside it the keys of the table.
///
/// | `fault` | what happens | keys of its own |
/// | --- | --- | --- |
/// | `throttle` | 400 or 429 `Throttling.User`, or 503 `ServiceUnavailable` | `status`, `retry_after`, and those of an error |
/// | `server-error` | 500, 502, 503 or 504 with an error body | `status`, `retry_after`, and those of an error |
/// | `error` | any error | `status`, `code`, `retry_after`, and those of an error |
/// | `expired-token` | 400 `InvalidSecurityToken.Expired` | `shape`, `body` |
/// | `retired` | the deprecated operations are switched off: 404 `InvalidApi.NotFound` | `status` (404, 400, 410), and those of an error |
/// | `html` | the HTML page of a proxy | `status` (502) |
/// | `plain-text` | plain text | `status` (500), `text` |
/// | `empty` | no body | `status` (500) |
/// | `redirect` | a redirect to the same path elsewhere | `status` (301, 302, 307, 308), `to` |
/// | `cut-off` | a body that breaks off | `after` (bytes), `chunked` |
/// | `oversized` | blanks without end after the body | `bytes` (64 MiB), `announced` |
/// | `compressed` | gzip that nobody asked for, with blanks without end in it | `bytes` (64 MiB) |
/// | `slow` | the body a few bytes at a time | `chunk` (16), `pause` (100ms) |
/// | `delay` | the answer, but later | `by` |
/// | `stall` | an answer that stops coming | `at` (`nothing`, `head`, `half`), `limit` (10m) |
/// | `reset` | the connection is reset | |
/// | `close` | the connection is closed | |
/// | `lost-reply` | carried out, and then the connection dies | `reset` |
/// | `duplicate-reply` | the bytes of the answer twice | |
/// | `wrong-content-type` | another content type, or none | `content_type` (text/html) |
/// | `clock-skew` | the server's clock is off | `by` (20m, -20m) |
/// | `unknown-values` | enum values that no document knows | `value`, `set` |
/// | `unknown-fields` | fields that no document knows | `name` |
///
/// The keys of an error are `code`, `message`, `shape` (`gateway` or `service`), `body` (`json` or `xml`) and
/// `content_type`. Every fault has the keys `operation`, `cluster`, `format`, `skip`, `times`, `probability` and `when`;
/// see the methods of the same names.
///
/// # When it strikes
///
/// Only requests that are signed well and name an operation are struck, so a fault never hides a mistake in these, and
/// each repeated request needs a new nonce. `clock-skew` comes before that, since it decides which dates are good.
///
/// A fault that takes the place of the answer strikes before the request is carried out, or with
/// [`after_handling`](Self::after_handling) once it has been: then the upgrade is started, and the client gets to see a
/// failure. One that does something to the answer (`cut-off`, `oversized`, `compressed`, `slow`, `delay`, `lost-reply`,
/// `duplicate-reply`, `wrong-content-type`, `unknown-values`, `unknown-fields`, and `stall` at the head or half) always
/// strikes after. [`RecordedRequest::is_accepted`](crate::RecordedRequest::is_accepted) tells what was carried out.
///
/// Faults wait in a queue. The first that fits a request strikes it, alone; only `clock-skew` goes together with another.
/// A fault counts the requests that fit it and were not struck by one before it.
///
/// ```
/// use ack_emulator::Fault;
/// use std::time::Duration;
///
/// let hint = Fault::throttle().retry_after(Duration::from_millis(1500)).operation("GetUpgradeStatus").times(2);
/// assert_eq!(hint, "{fault: throttle, retry_after: 1500ms, operation: GetUpgradeStatus, times: 2}".parse()?);
///
/// let error = "{fault: throtle}".parse::<Fault>().unwrap_err();
/// assert_eq!(error.to_string(), r#"cannot use this fault: fault is "throtle", which is no fault: did you mean throttle?"#);
/// # Ok::<(), ack_emulator::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Fault(pub(crate) Map<String, Value>);

/// A fault there is, for help texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FaultHelp {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Its own keys, each with what it is for; the word "required" stands before what must be there.
    pub keys: Vec<(&'static str, String)>,
}

impl Fault {
    /// Flow control: 400 `Throttling.User`, as the service answers. See [`status`](Self::status) for 429 and 503, and
    /// [`retry_after`](Self::retry_after) for the hint.
    pub fn throttle() -> Self {
        Self::named("throttle")
    }

    /// A failure of the server: `status` is 500, 502, 503 or 504.
    pub fn server_error(status: u16) -> Self {
        Self::named("server-error").status(status)
    }

    /// Any error, `status` from 400 to 599.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::named("error").status(status).set("code", code).set("message", message)
    }

    /// 400 `InvalidSecurityToken.Expired`, whatever key the request is signed with.
    pub fn expired_token() -> Self {
        Self::named("expired-token")
    }

    /// Operations that are switched off, answered with `InvalidApi.NotFound` and a `status` of 404, 400 or 410. Without an
    /// [`operation`](Self::operation), all deprecated ones.
    pub fn retired(status: u16) -> Self {
        Self::named("retired").status(status)
    }

    /// The HTML page of a proxy, without a request id.
    pub fn html(status: u16) -> Self {
        Self::named("html").status(status)
    }

    /// Plain text, without a request id.
    pub fn plain_text(status: u16, text: &str) -> Self {
        Self::named("plain-text").status(status).set("text", text)
    }

    /// No body, content type or request id.
    pub fn empty(status: u16) -> Self {
        Self::named("empty").status(status)
    }

    /// A redirect (301, 302, 307 or 308) to the same path and query at `to`, a scheme and host such as
    /// `http://127.0.0.1:8080`.
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::named("redirect").status(status).set("to", to)
    }

    /// A body of which only the first half comes, although its content length says more.
    pub fn cut_off() -> Self {
        Self::named("cut-off")
    }

    /// A body in chunks of which only the first half comes, and no last chunk.
    pub fn cut_off_chunks() -> Self {
        Self::named("cut-off").set("chunked", true)
    }

    /// The answer and so many blanks after it, streamed in chunks; at most 1 GiB.
    pub fn oversized(bytes: u64) -> Self {
        Self::named("oversized").set("bytes", bytes)
    }

    /// The answer in gzip, although the client did not ask for it, and so many blanks after it, which take a thousandth on
    /// the wire; at most 1 GiB.
    pub fn compressed(bytes: u64) -> Self {
        Self::named("compressed").set("bytes", bytes)
    }

    /// The head at once, and the body 16 bytes at a time, each after a pause.
    pub fn slow(pause: Duration) -> Self {
        Self::named("slow").set("pause", written(pause))
    }

    /// The whole answer, but later.
    pub fn delay(by: Duration) -> Self {
        Self::named("delay").set("by", written(by))
    }

    /// Nothing at all on a connection that stays open, for ten minutes unless the client leaves.
    pub fn stall() -> Self {
        Self::named("stall")
    }

    /// The head of the answer, and then nothing.
    pub fn stall_after_head() -> Self {
        Self::named("stall").set("at", "head")
    }

    /// The head and half of the body, and then nothing.
    pub fn stall_half_way() -> Self {
        Self::named("stall").set("at", "half")
    }

    /// The connection is reset (RST).
    pub fn reset() -> Self {
        Self::named("reset")
    }

    /// The connection is closed (FIN).
    pub fn close() -> Self {
        Self::named("close")
    }

    /// The request is carried out, and then the connection is closed without an answer.
    pub fn lost_reply() -> Self {
        Self::named("lost-reply")
    }

    /// The bytes of the answer, head and body, twice on the same connection.
    pub fn duplicate_reply() -> Self {
        Self::named("duplicate-reply")
    }

    /// The answer under another content type; an empty text for none.
    pub fn wrong_content_type(content_type: &str) -> Self {
        Self::named("wrong-content-type").set("content_type", content_type)
    }

    /// The server's clock is ahead: dates of requests are judged by it, and the `date` header shows it.
    pub fn clock_ahead(by: Duration) -> Self {
        Self::named("clock-skew").set("by", written(by))
    }

    /// The server's clock is behind.
    pub fn clock_behind(by: Duration) -> Self {
        Self::named("clock-skew").set("by", format!("-{}", written(by)))
    }

    /// Every documented enum in an answer says `undocumented`.
    pub fn unknown_values() -> Self {
        Self::named("unknown-values")
    }

    /// The fields of this name, wherever they are in the answer, say `value`. Can be called again for another field.
    pub fn unknown_value(field: &str, value: &str) -> Self {
        Self::named("unknown-values").and_value(field, value)
    }

    /// Every documented object in an answer has a field `undocumented`, which holds a text, a list and an object.
    pub fn unknown_fields() -> Self {
        Self::named("unknown-fields")
    }

    /// The name, such as `throttle`.
    pub fn name(&self) -> &str {
        self.0.get("fault").and_then(Value::as_str).unwrap_or_default()
    }

    /// Every fault there is, in the order of the table above.
    pub fn all() -> Vec<FaultHelp> {
        let help = |kind: &kinds::Kind| FaultHelp {
            name: kind.name,
            summary: kind.doc,
            keys: kind.keys.iter().map(key_help).collect(),
        };
        kinds::all().map(help).collect()
    }

    /// The keys that every fault has, each with what it is for.
    pub fn shared_keys() -> Vec<(&'static str, String)> {
        target::KEYS.iter().map(key_help).collect()
    }

    fn named(name: &str) -> Self {
        Self(Map::from_iter([("fault".to_owned(), name.into())]))
    }

    fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }
}

impl FromStr for Fault {
    type Err = Error;

    /// Reads a fault as YAML or JSON, such as `{fault: throttle, times: 2}`.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`], with [every mistake](Error::problems).
    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let value = crate::form::parse(text)?;
            let Value::Object(settings) = value else {
                return Err(crate::form::Problems::of("the text is no fault: write one such as {fault: throttle}"));
            };
            compile(&settings, "")?;
            Ok(Self(settings))
        };
        read().map_err(|problems| Error::problems_of("this fault", problems))
    }
}

fn key_help(key: &crate::form::Key) -> (&'static str, String) {
    let required = if key.is_required { "required: " } else { "" };
    let choice = match key.form {
        Form::Word(words) => format!(" ({})", words.join(", ")),
        Form::WholeOf(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            format!(" ({})", numbers.join(", "))
        }
        _ => String::new(),
    };
    (key.name, format!("{required}{}{choice}", key.doc))
}

/// A duration as the form reads it.
fn written(duration: Duration) -> String {
    match duration.subsec_nanos() {
        0 => format!("{}s", duration.as_secs()),
        nanoseconds if nanoseconds % 1_000_000 == 0 => format!("{}ms", duration.as_millis()),
        _ => format!("{}us", duration.as_micros()),
    }
}

/// Only the two words that formats are written with.
fn word(format: Format) -> &'static str {
    match format {
        Format::Json => "json",
        Format::Xml => "xml",
    }
}
