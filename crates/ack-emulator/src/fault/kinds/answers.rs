//! Faults that answer in the place of the service.

use http::header::{CONTENT_TYPE, HeaderName, LOCATION};
use http::{HeaderValue, StatusCode, Uri};

use super::{BODY, CODE, CONTENT_TYPE as CONTENT_TYPE_KEY, Kind, MESSAGE, RETRY_AFTER, SHAPE, Strikes};
use crate::fault::effect::{Canned, CannedError, Content, Effect, ErrorShape};
use crate::form::{Fields, Form, Key};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "throttle",
        doc: "Flow control: 400 or 429 Throttling.User, or 503 ServiceUnavailable",
        keys: &[
            Key::new("status", Form::WholeOf(&[400, 429, 503]), "The HTTP status; 400 by default, as with the service"),
            RETRY_AFTER,
            CODE,
            MESSAGE,
            SHAPE,
            BODY,
            CONTENT_TYPE_KEY,
        ],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| {
            let status = fields.whole("status").unwrap_or(400);
            error(fields, status, if status == 503 { UNAVAILABLE } else { THROTTLED })
        },
    },
    Kind {
        name: "server-error",
        doc: "A failure of the server: 500, 502, 503 or 504 with an error body",
        keys: &[
            Key::new("status", Form::WholeOf(&[500, 502, 503, 504]), "The HTTP status; 500 by default"),
            RETRY_AFTER,
            CODE,
            MESSAGE,
            SHAPE,
            BODY,
            CONTENT_TYPE_KEY,
        ],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| {
            let status = fields.whole("status").unwrap_or(500);
            error(
                fields,
                status,
                match status {
                    502 => ("BadGateway", "The gateway got no usable answer from the service behind it."),
                    503 => UNAVAILABLE,
                    504 => ("GatewayTimeout", "The gateway got no answer from the service behind it in time."),
                    _ => ("InternalError", "The request processing has failed due to some unknown error."),
                },
            )
        },
    },
    Kind {
        name: "error",
        doc: "Any error with a code and a message",
        keys: &[
            Key::required("status", Form::Whole(400, 599), "The HTTP status"),
            Key::required("code", Form::Text, "The error code"),
            RETRY_AFTER,
            MESSAGE,
            SHAPE,
            BODY,
            CONTENT_TYPE_KEY,
        ],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| {
            let status = fields.whole("status").unwrap_or(400);
            error(fields, status, ("InjectedError", "This error was injected."))
        },
    },
    Kind {
        name: "expired-token",
        doc: "400 InvalidSecurityToken.Expired, as when temporary keys are used for too long",
        keys: &[SHAPE, BODY],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| error(fields, 400, ("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")),
    },
    Kind {
        name: "retired",
        doc: "An operation that is switched off, by default every deprecated one: InvalidApi.NotFound",
        keys: &[
            Key::new("status", Form::WholeOf(&[404, 400, 410]), "The HTTP status; 404 by default"),
            CODE,
            MESSAGE,
            SHAPE,
            BODY,
            CONTENT_TYPE_KEY,
        ],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| {
            let status = fields.whole("status").unwrap_or(404);
            let message = "Specified api is not found, please check your url and method.";
            error(fields, status, ("InvalidApi.NotFound", message))
        },
    },
    Kind {
        name: "html",
        doc: "The HTML page of a proxy, without a request id",
        keys: &[Key::new("status", Form::Whole(200, 599), "The HTTP status; 502 by default")],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| {
            let status = status(fields.whole("status").unwrap_or(502));
            let title =
                status.canonical_reason().map_or(status.as_str().to_owned(), |r| format!("{} {r}", status.as_str()));
            let page = format!(
                "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
                 <hr><center>proxy</center>\r\n</body>\r\n</html>\r\n"
            );
            Ok(Effect::Answer(Canned::text(status, "text/html", page)))
        },
    },
    Kind {
        name: "plain-text",
        doc: "Plain text in the place of a body that can be read, without a request id",
        keys: &[
            Key::new("status", Form::Whole(200, 599), "The HTTP status; 500 by default"),
            Key::new("text", Form::Text, "The text"),
        ],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| {
            let text = fields.text("text").unwrap_or("upstream connect error or disconnect/reset before headers");
            Ok(Effect::Answer(Canned::text(status(fields.whole("status").unwrap_or(500)), "text/plain", text)))
        },
    },
    Kind {
        name: "empty",
        doc: "No body at all, and no request id",
        keys: &[Key::new("status", Form::Whole(200, 599), "The HTTP status; 500 by default")],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| {
            let status = status(fields.whole("status").unwrap_or(500));
            Ok(Effect::Answer(Canned { status, headers: Vec::new(), content: Content::Text(String::new()) }))
        },
    },
    Kind {
        name: "redirect",
        doc: "A redirect to the same path on another host",
        keys: &[
            Key::new("status", Form::WholeOf(&[301, 302, 307, 308]), "The HTTP status; 307 by default"),
            Key::new("to", Form::Text, "Where to: scheme and host; http://elsewhere.invalid by default"),
        ],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| {
            let to = fields.text("to").unwrap_or("http://elsewhere.invalid").trim_end_matches('/');
            let is_origin = to.parse::<Uri>().is_ok_and(|uri| {
                uri.scheme().is_some() && uri.authority().is_some() && uri.path() == "/" && uri.query().is_none()
            });
            let location = HeaderValue::from_str(to).ok().filter(|_| is_origin).ok_or_else(|| {
                (
                    "to",
                    format!(
                        "is {to:?}, which is not where a host is: give scheme and host, such as https://example.com"
                    ),
                )
            })?;
            let status = status(fields.whole("status").unwrap_or(307));
            let headers = vec![(LOCATION, location)];
            Ok(Effect::Answer(Canned { status, headers, content: Content::Text(String::new()) }))
        },
    },
];

const THROTTLED: (&str, &str) = ("Throttling.User", "Request was denied due to user flow control.");
const UNAVAILABLE: (&str, &str) =
    ("ServiceUnavailable", "The request has failed due to a temporary failure of the server.");

fn error(fields: Fields<'_>, code: u64, usual: (&str, &str)) -> Result<Effect, (&'static str, String)> {
    let mut headers = Vec::new();
    if let Some(hint) = fields.duration("retry_after") {
        let milliseconds = u64::try_from(hint.as_millis()).unwrap_or(u64::MAX);
        headers.push((HeaderName::from_static("x-acs-retry-after"), HeaderValue::from(milliseconds)));
    }
    if let Some(media_type) = fields.text("content_type") {
        headers.push((CONTENT_TYPE, super::network::content_type(media_type)?));
    }
    let error = CannedError {
        code: fields.text("code").unwrap_or(usual.0).to_owned(),
        message: fields.text("message").unwrap_or(usual.1).to_owned(),
        shape: ErrorShape::of_word(fields.text("shape").unwrap_or_default()),
        format: fields.text("body").and_then(|word| word.parse().ok()),
    };
    Ok(Effect::Answer(Canned { status: status(code), headers, content: Content::Error(error) }))
}

/// The range is checked before; every number in it is a status.
fn status(code: u64) -> StatusCode {
    let code = u16::try_from(code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
