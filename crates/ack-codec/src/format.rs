//! The two wire formats, and how to tell which one a body is in.
//!
//! ```
//! use ack_codec::Format;
//!
//! assert_eq!(Format::detect(Some("application/json; charset=utf-8"), b"{}"), Some(Format::Json));
//! assert_eq!(Format::detect(None, b"\n<cluster_id>c1</cluster_id>"), Some(Format::Xml));
//! assert_eq!(Format::detect(Some("text/html"), b"<html>502 Bad Gateway</html>"), None);
//! ```
//!
//! Detection looks at the content type and the first bytes only; it does not check that the body is well formed.

use std::fmt;
use std::str::FromStr;

/// A wire format of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `application/json`: what every official SDK asks for.
    Json,
    /// `application/xml`: what the service's older documents describe as the default without an `Accept` header.
    Xml,
}

impl Format {
    /// The media type for `Accept` and `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    /// Tells the format of a body, or `None` if it is neither (an HTML page from a proxy, plain text, nothing).
    ///
    /// The content type decides by its essence (`application/json`, `text/xml`, `application/problem+json`, in any
    /// case and with any parameters) unless the body plainly contradicts it. Without a content type, or with
    /// one that says little (`text/plain`, `application/octet-stream`), the first character decides.
    #[must_use]
    pub fn detect(content_type: Option<&str>, body: &[u8]) -> Option<Self> {
        let declared = content_type.map_or(Declared::Unknown, Declared::of);
        if declared == Declared::Html {
            return None;
        }
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
        match (declared, body.first()) {
            (_, Some(b'<')) => (!is_html(body)).then_some(Self::Xml),
            // Bare text is an XML fragment only if the service says so; an object or a list never is.
            (Declared::Json, _) | (Declared::Xml, Some(b'{' | b'[')) => Some(Self::Json),
            (Declared::Xml, _) => Some(Self::Xml),
            (Declared::Unknown | Declared::Html, _) => is_json(body).then_some(Self::Json),
        }
    }
}

impl fmt::Display for Format {
    /// `json` or `xml`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Json => "json",
            Self::Xml => "xml",
        })
    }
}

impl FromStr for Format {
    type Err = ParseFormatError;

    /// Reads `json` or `xml`, in any case.
    fn from_str(text: &str) -> Result<Self, ParseFormatError> {
        [Self::Json, Self::Xml]
            .into_iter()
            .find(|format| text.eq_ignore_ascii_case(if *format == Self::Json { "json" } else { "xml" }))
            .ok_or_else(|| ParseFormatError(crate::error::shorten(text)))
    }
}

/// A text that names no format. Use `json` or `xml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFormatError(String);

impl fmt::Display for ParseFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown wire format \"{}\": use json or xml", self.0)
    }
}

impl std::error::Error for ParseFormatError {}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Declared {
    Json,
    Xml,
    Html,
    Unknown,
}

impl Declared {
    fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let subtype = essence.split_once('/').map_or("", |(_, subtype)| subtype);
        let is = |name: &str| subtype.eq_ignore_ascii_case(name);
        let suffix = subtype.rsplit_once('+').map_or("", |(_, suffix)| suffix);
        let has_suffix = |name: &str| suffix.eq_ignore_ascii_case(name);
        match subtype {
            _ if is("json") => Self::Json,
            _ if is("xml") => Self::Xml,
            _ if is("html") || is("xhtml+xml") => Self::Html,
            _ if has_suffix("json") => Self::Json,
            _ if has_suffix("xml") => Self::Xml,
            _ => Self::Unknown,
        }
    }
}

fn is_html(body: &[u8]) -> bool {
    starts_with_ignoring_case(body, b"<!doctype html") || starts_with_ignoring_case(body, b"<html")
}

fn starts_with_ignoring_case(body: &[u8], prefix: &[u8]) -> bool {
    body.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// Whether the first characters could begin a JSON document. Words and numbers have to be whole, so that a plain text
/// such as `not found` or `502 Bad Gateway` is not taken for JSON.
fn is_json(body: &[u8]) -> bool {
    let body = body.trim_ascii_end();
    match body.first() {
        Some(b'{' | b'[' | b'"') => true,
        Some(b't' | b'f' | b'n') => matches!(body, b"true" | b"false" | b"null"),
        Some(b'-' | b'0'..=b'9') => {
            body.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_type_and_first_bytes_decide() {
        use Format::{Json, Xml};
        let rows: &[(Option<&str>, &[u8], Option<Format>)] = &[
            (Some("application/json"), b"{}", Some(Json)),
            (Some("Application/JSON;charset=UTF-8"), b"", Some(Json)),
            (Some("application/problem+json"), b"x", Some(Json)),
            (Some("text/xml; charset=utf-8"), b"<a/>", Some(Xml)),
            (Some("application/soap+xml"), b"", Some(Xml)),
            (Some("application/xml"), b"{\"a\":1}", Some(Json)),
            (Some("application/json"), b" <a/>", Some(Xml)),
            (Some("application/json"), b"<!DOCTYPE HTML><html>", None),
            (Some("text/html"), b"<html></html>", None),
            (Some("text/html"), b"{}", None),
            (Some("application/xhtml+xml"), b"<html/>", None),
            (Some("text/plain"), b"\xEF\xBB\xBF\r\n {\"a\":1}", Some(Json)),
            (Some("application/octet-stream"), b"<a>", Some(Xml)),
            (Some("nonsense"), b"[1]", Some(Json)),
            (None, b"\"text\"", Some(Json)),
            (None, b"-12.5e3\n", Some(Json)),
            (None, b"true", Some(Json)),
            (None, b"null ", Some(Json)),
            (None, b"not found", None),
            (None, b"502 Bad Gateway", None),
            (None, b"<HTML lang='en'>", None),
            (None, b"<?xml version='1.0'?>", Some(Xml)),
            (None, b"", None),
            (None, b"hello", None),
        ];
        for (content_type, body, expected) in rows {
            let shown = String::from_utf8_lossy(body);
            assert_eq!(Format::detect(*content_type, body), *expected, "{content_type:?} {shown:?}");
        }
    }

    #[test]
    fn formats_print_and_parse() {
        assert_eq!("JSON".parse(), Ok(Format::Json));
        assert_eq!("xml".parse(), Ok(Format::Xml));
        assert_eq!(format!("{:>5}|{}", Format::Xml, Format::Json), "  xml|json");
        assert_eq!(Format::Json.media_type(), "application/json");
        assert_eq!(Format::Xml.media_type(), "application/xml");
        insta::assert_snapshot!(Format::from_str("yaml").unwrap_err(), @r#"unknown wire format "yaml": use json or xml"#);
    }
}
