//! Last stage: an answer or a refusal as an HTTP response.

use ack_codec::{Format, Root, encode};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};

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
    recommend: Option<&'a str>,
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
    pub(crate) fn answer(self, operation_id: &str, answer: &Answer) -> Response<Bytes> {
        let name = format!("{operation_id}Response");
        let root = match self.xml_style {
            XmlStyle::Rooted => Root::Named(&name),
            XmlStyle::Fragment => Root::Fragment,
        };
        match encode(self.format, root, answer) {
            Ok(body) => self.response(StatusCode::OK, self.format.media_type(), body.into()),
            Err(error) => {
                let message = format!("The emulator cannot write this answer: {error}.");
                self.refusal(&Refusal::service(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message))
            }
        }
    }

    pub(crate) fn refusal(self, refusal: &Refusal) -> Response<Bytes> {
        let Refusal { status, ref code, ref message, .. } = *refusal;
        let gateway = GatewayError {
            request_id: self.request_id,
            host_id: self.host,
            code,
            message,
            recommend: refusal.recommend.as_deref(),
        };
        let (media_type, body) = match (refusal.origin, self.format) {
            (Origin::WebServer, _) => ("text/plain; charset=UTF-8", Ok(message.clone().into())),
            (_, Format::Xml) => {
                // Official clients know the XML of an error by this content type, written exactly so.
                ("text/xml;charset=utf-8", encode(Format::Xml, Root::Named("Error"), &gateway).map(Into::into))
            }
            (Origin::Gateway, Format::Json) => ("application/json;charset=utf-8", encode(Format::Json, Root::Fragment, &gateway).map(Into::into)),
            (Origin::Service, Format::Json) => {
                let error = ServiceError { code, message, request_id: self.request_id, status: status.as_u16() };
                ("application/json;charset=utf-8", encode(Format::Json, Root::Fragment, &error).map(Into::into))
            }
        };
        // The header carries the request id even if the body could not be written.
        self.response(status, media_type, body.unwrap_or_default())
    }

    fn response(self, status: StatusCode, media_type: &'static str, body: Bytes) -> Response<Bytes> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Ok(request_id) = HeaderValue::from_str(self.request_id) {
            response.headers_mut().insert(REQUEST_ID, request_id);
        }
        response
    }
}
