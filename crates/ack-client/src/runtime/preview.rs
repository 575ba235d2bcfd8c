//! A request as it would be sent, for people.

use std::sync::{Arc, Mutex, PoisonError};

use ack_auth::SignedRequest;
use serde_core::ser::{Serialize, SerializeStruct as _, Serializer};

use super::Parts;

/// A signed request that was not sent. Secrets are masked: it can be shown, but not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The HTTP method.
    pub method: String,
    /// The whole URL, encoded.
    pub url: String,
    /// The headers in the order they are sent.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one, with the secret fields masked.
    pub body: Option<String>,
}

/// Where a transport leaves the request it was given.
#[derive(Clone, Default)]
pub(crate) struct PreviewSlot(Arc<Mutex<Option<Preview>>>);

impl Preview {
    pub(crate) fn new(parts: &Parts, signed: &SignedRequest, url: &str) -> Self {
        let masked = |name: &str, value: &str| {
            if SignedRequest::is_sensitive(name) { mask(value) } else { value.to_owned() }
        };
        Self {
            method: parts.operation.method.to_owned(),
            url: url.to_owned(),
            headers: signed.headers().map(|(name, value)| (name.to_owned(), masked(name, value))).collect(),
            body: parts.body.as_ref().map(|body| String::from_utf8_lossy(body).into_owned()),
        }
    }
}

impl Serialize for Preview {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Preview", 4)?;
        fields.serialize_field("method", &self.method)?;
        fields.serialize_field("url", &self.url)?;
        fields.serialize_field("headers", &self.headers)?;
        fields.serialize_field("body", &self.body)?;
        fields.end()
    }
}

impl PreviewSlot {
    pub(crate) fn put(&self, preview: Preview) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(preview);
    }

    pub(crate) fn take(&self) -> Option<Preview> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Of an Authorization header everything but the signature may be seen; of a token nothing.
fn mask(value: &str) -> String {
    match value.split_once("Signature=") {
        Some((head, _)) => format!("{head}Signature=***"),
        None => "***".to_owned(),
    }
}
