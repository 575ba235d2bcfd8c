//! The answer: a documented sample where there is a good one, else the example of the catalogue.

use ack_models::catalogue::{Catalogue, Kind};
use serde_json::Value;

use crate::answers;
use crate::route::{Call, plain};

/// Fields at the top of an answer that repeat the path parameter of the same meaning.
const ECHOED: [&str; 4] = ["clusterid", "taskid", "nodepoolid", "regionid"];

/// What a field with the id of the request is called, whichever way it is spelled.
const REQUEST_ID: &str = "requestid";

pub(super) fn of(catalogue: &Catalogue, kind: &Kind, call: &Call, request_id: &str) -> Value {
    let mut answer = answers::sample(call.operation.id).unwrap_or_else(|| catalogue.example(kind));
    for (name, value) in answer.as_object_mut().into_iter().flatten() {
        let meaning = plain(name);
        let own = if meaning == REQUEST_ID {
            Some(request_id)
        } else if ECHOED.contains(&meaning.as_str()) {
            call.parameter(&meaning)
        } else {
            None
        };
        if let (Value::String(text), Some(own)) = (value, own) {
            own.clone_into(text);
        }
    }
    answer
}
