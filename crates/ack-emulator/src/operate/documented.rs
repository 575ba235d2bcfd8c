//! Operations without a state of their own: the request is checked, and the answer is the documented one.
//!
//! What a request must look like, and what an answer does, is taken from the catalogue of the API; so this serves every
//! operation that the catalogue has, and nothing here names any, but for the one whose query is written differently.

mod answer;
mod body;
mod fields;
mod query;

use ack_models::catalogue::{Catalogue, Kind, OperationEntry};
use http::StatusCode;

use super::{Answer, Scene};
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;

/// What a path parameter with the id of a cluster is called, whichever way it is spelled.
const CLUSTER_ID: &str = "clusterid";

/// Answers a call that changes nothing. `body` is that of the request.
pub(super) fn answer(scene: &mut Scene<'_>, call: &Call, received: &Received, body: &[u8]) -> Result<Answer, Refusal> {
    let (catalogue, id) = (Catalogue::get(), call.operation.id);
    let operation = catalogue.operations.get(id).ok_or_else(|| {
        let message = format!("The emulator's catalogue does not describe {id}, so it has no answer for it.");
        Refusal::service(StatusCode::NOT_IMPLEMENTED, "EmulatorNotImplemented", message)
    })?;
    check(catalogue, id, operation, received, body)?;
    if scene.strict_ids
        && let Some(cluster_id) = call.parameter(CLUSTER_ID)
    {
        scene.cluster(cluster_id)?;
    }
    Ok(match &operation.answer {
        None => Answer::Empty,
        Some(kind) => match answer::of(catalogue, kind, call, scene.request_id) {
            serde_json::Value::String(text) if *kind == Kind::String => Answer::Text(text),
            value => Answer::Documented(value),
        },
    })
}

/// Checks query and body of a request. `body` is that of the request.
pub(super) fn check(
    catalogue: &Catalogue,
    id: &str,
    operation: &OperationEntry,
    received: &Received,
    body: &[u8],
) -> Result<(), Refusal> {
    query::check(catalogue, id, operation.query.as_ref(), received.query())?;
    body::check(catalogue, id, operation.body.as_ref(), received.is_json(), body)
}
