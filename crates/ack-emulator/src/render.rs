//! Last stage: an answer or a refusal as an HTTP response.

mod carried;

use std::borrow::Cow;

use ack_codec::{Format, Root, encode};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::ErrorShape;
use crate::fault::{Canned, CannedError, Content};
use crate::operate::Answer;
use crate::refusal::{Origin, Refusal};

/// Whether an XML answer has a root element. The service's documents show both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum XmlStyle {
    /// The fields stand side by side without a root, as in most of the printed samples. Not a well-formed document.
    #[default]
    Fragment,
    /// The fields stand in an element named after the operation, such as `<GetUpgradeStatusResponse>`.
    Rooted,
}

/// The content type of an answer that is bare text.
const TEXT: &str = "text/plain;charset=utf-8";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");

/// What a response needs to be rendered besides its content.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendering<'a> {
    pub(crate) format: Format,
    pub(crate) xml_style: XmlStyle,
    pub(crate) request_id: &'a str,
    pub(crate) host: &'a str,
}

/// The error of the gateway in JSON.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GatewayError<'a> {
    request_id: &'a str,
    host_id: &'a str,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommend: Option<Cow<'a, str>>,
}

/// The error of ACK in JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceError<'a> {
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
    status: u16,
}

impl Rendering<'_> {
    /// Writes an answer, or says why this format cannot carry it.
    ///
    /// An operation without an answer has an empty body in both formats. A text is the body itself where JSON is asked
    /// for, for it is no JSON; in XML it is text like any other.
    pub(crate) fn answer(self, operation_id: &str, answer: &Answer) -> Result<Response<Bytes>, Refusal> {
        let name = format!("{operation_id}Response");
        let root = match self.xml_style {
            XmlStyle::Rooted => Root::Named(&name),
            XmlStyle::Fragment => Root::Fragment,
        };
        let body = match (answer, self.format) {
            (Answer::Empty, _) => return Ok(self.response(StatusCode::OK, None, Bytes::new())),
            (Answer::Text(text), Format::Json) => {
                return Ok(self.response(StatusCode::OK, Some(TEXT), text.clone().into()));
            }
            (Answer::Documented(value), Format::Xml) => encode(self.format, root, &carried::by_xml(value)),
            _ => encode(self.format, root, answer),
        };
        let body = match body {
            // A fragment of nothing would be no XML at all.
            Ok(body) if body.is_empty() && self.format == Format::Xml => encode(self.format, Root::Named(&name), &()),
            body => body,
        };
        let body = body.map_err(|error| {
            let message = format!("The emulator cannot write this answer: {error}.");
            Refusal::service(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
        })?;
        Ok(self.response(StatusCode::OK, Some(self.format.media_type()), body.into()))
    }

    pub(crate) fn refusal(self, refusal: &Refusal) -> Response<Bytes> {
        let shape = match refusal.origin {
            Origin::WebServer => {
                let text = Bytes::copy_from_slice(refusal.message.as_bytes());
                return self.response(refusal.status, Some("text/plain; charset=UTF-8"), text);
            }
            // The documents show the error in XML in the gateway's form alone.
            Origin::Service if self.format == Format::Json => ErrorShape::Service,
            Origin::Service | Origin::Gateway => ErrorShape::Gateway,
        };
        let recommend = refusal.recommend.as_deref();
        self.error(refusal.status, &refusal.code, &refusal.message, recommend, shape)
    }

    /// Writes an answer that a fault made up.
    pub(crate) fn canned(self, canned: &Canned) -> Response<Bytes> {
        let mut response = match &canned.content {
            Content::Error(CannedError { code, message, shape, format }) => {
                let own = Self { format: format.unwrap_or(self.format), ..self };
                own.error(canned.status, code, message, None, *shape)
            }
            Content::Text(text) => {
                let mut response = Response::new(Bytes::copy_from_slice(text.as_bytes()));
                *response.status_mut() = canned.status;
                response
            }
        };
        for (name, value) in &canned.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response
    }

    fn error(
        self,
        status: StatusCode,
        code: &str,
        message: &str,
        recommend: Option<&str>,
        shape: ErrorShape,
    ) -> Response<Bytes> {
        let (message, request_id) = (&*carried::text_by_xml(message), self.request_id);
        let recommend = recommend.map(carried::text_by_xml);
        let gateway = GatewayError { request_id, host_id: self.host, code, message, recommend };
        let service = ServiceError { code, message, request_id, status: status.as_u16() };
        let (media_type, root) = match self.format {
            // Official clients know the XML of an error by this content type, written exactly so.
            Format::Xml => ("text/xml;charset=utf-8", Root::Named("Error")),
            Format::Json => ("application/json;charset=utf-8", Root::Fragment),
        };
        let body = match shape {
            ErrorShape::Gateway => encode(self.format, root, &gateway),
            ErrorShape::Service => encode(self.format, root, &service),
        };
        // Status and request id stand in the head, so that even an error that cannot be written is told.
        self.response(status, Some(media_type), body.unwrap_or_default().into())
    }

    fn response(self, status: StatusCode, media_type: Option<&'static str>, body: Bytes) -> Response<Bytes> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        if let Some(media_type) = media_type {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        if let Ok(request_id) = HeaderValue::from_str(self.request_id) {
            response.headers_mut().insert(REQUEST_ID, request_id);
        }
        response
    }
}
