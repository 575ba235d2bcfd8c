//! Requests as models, once they have been found to fit the catalogue.

use ack_codec::Format;
use ack_models::catalogue::Catalogue;
use serde::de::DeserializeOwned;

use super::documented::check;
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;

/// The body of a request, checked as the catalogue says. None at all counts as one without fields.
pub(super) fn body<T: DeserializeOwned + Default>(call: &Call, received: &Received, body: &[u8]) -> Result<T, Refusal> {
    request(call, received, body)?;
    if body.is_empty() {
        return Ok(T::default());
    }
    ack_codec::decode(Format::Json, body).map_err(|error| Refusal::unreadable_body(&error))
}

/// Checks query and body of a request as the catalogue says.
pub(super) fn request(call: &Call, received: &Received, body: &[u8]) -> Result<(), Refusal> {
    match Catalogue::get().operations.get(call.operation.id) {
        Some(operation) => check(Catalogue::get(), call.operation.id, operation, received, body),
        None => Ok(()),
    }
}
