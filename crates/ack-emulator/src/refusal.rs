//! An answer that says no, before it is rendered.

use std::borrow::Cow;

use http::StatusCode;

/// Why a request is not carried out.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// A hint for people, which only the gateway's form of an error can carry.
    pub(crate) recommend: Option<String>,
    pub(crate) origin: Origin,
}

/// Which part of the cloud refuses, for they write their errors in different forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The gateway, before the request reaches ACK: `Code`, `Message`, `RequestId`, `HostId`, `Recommend`.
    Gateway,
    /// ACK: `code`, `message`, `requestId`, `status`.
    Service,
    /// The web server of ACK, which answers in plain text.
    WebServer,
}

impl Refusal {
    pub(crate) fn gateway(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), recommend: None, origin: Origin::Gateway }
    }

    pub(crate) fn service(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { origin: Origin::Service, ..Self::gateway(status, code, message) }
    }

    /// A body that is not JSON by its content type. The text is the one seen from the service.
    pub(crate) fn unsupported_media_type() -> Self {
        Self {
            origin: Origin::WebServer,
            ..Self::gateway(StatusCode::UNSUPPORTED_MEDIA_TYPE, "415", "code=415, message=Unsupported Media Type")
        }
    }

    pub(crate) fn body_too_large(limit: usize) -> Self {
        let message = format!("The request body is larger than {limit} bytes; send a smaller one.");
        Self::gateway(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message)
    }

    pub(crate) fn missing_parameter(name: &str) -> Self {
        let message = format!("The parameter {name} is missing; every request needs it.");
        Self::gateway(StatusCode::BAD_REQUEST, "MissingParameter", message)
    }

    pub(crate) fn invalid_api(message: impl Into<String>) -> Self {
        Self::gateway(StatusCode::NOT_FOUND, "InvalidApi.NotFound", message)
    }

    pub(crate) fn invalid_parameter(name: &str, value: &str, problem: &str) -> Self {
        let value: String = value.chars().take(64).collect();
        let message = format!("The parameter {name} has the value {value:?}, which {problem}.");
        Self::service(StatusCode::BAD_REQUEST, "InvalidParameter", message)
    }

    /// What stands for the answer to a request that is not carried out and gets none.
    pub(crate) fn nothing() -> Self {
        Self::gateway(StatusCode::BAD_GATEWAY, "", "")
    }

    /// A field of a query or body that has to be there. `owner` is what needs it.
    pub(crate) fn missing_field(path: &str, owner: &str) -> Self {
        let message = format!("The parameter {path} is missing; {owner} needs it.");
        Self::service(StatusCode::BAD_REQUEST, "MissingParameter", message)
    }

    /// A field of a query or body that holds something else than it should.
    pub(crate) fn mistyped_field(path: &str, expected: &str, found: &str) -> Self {
        let message = format!("The parameter {path} is {found}; send {expected}.");
        Self::service(StatusCode::BAD_REQUEST, "InvalidParameter", message)
    }

    /// A body that is no JSON text, with the reader's complaint.
    pub(crate) fn unreadable_body(complaint: &dyn std::fmt::Display) -> Self {
        let message = format!("The request body cannot be read: {complaint}.");
        Self::service(StatusCode::BAD_REQUEST, "ErrorJsonDecode", message)
    }

    pub(crate) fn cluster_not_found(cluster_id: &str) -> Self {
        Self::not_found("ErrorClusterNotFound", "cluster", cluster_id)
    }

    pub(crate) fn task_not_found(task_id: &str) -> Self {
        Self::not_found("ErrorTaskNotFound", "task", task_id)
    }

    pub(crate) fn node_pool_not_found(nodepool_id: &str) -> Self {
        Self::not_found("ErrorNodePoolNotFound", "nodepool", nodepool_id)
    }

    pub(crate) fn addon_not_found(name: &str) -> Self {
        Self::not_found("AddonNotFound", "addon", name)
    }

    pub(crate) fn check_not_found(check_id: &str) -> Self {
        Self::not_found("ErrorCheckNotFound", "check", check_id)
    }

    pub(crate) fn plan_not_found(plan_id: &str) -> Self {
        Self::not_found("ErrorOperationPlanNotFound", "operation plan", plan_id)
    }

    /// An add-on in a state that does not allow the operation.
    pub(crate) fn addon_state(message: impl Into<String>) -> Self {
        Self::service(StatusCode::BAD_REQUEST, "ErrorAddonState", message)
    }

    /// An operation plan in a state that does not allow the operation.
    pub(crate) fn plan_state(message: impl Into<String>) -> Self {
        Self::service(StatusCode::BAD_REQUEST, "ErrorOperationPlanState", message)
    }

    /// A cluster in a state that does not allow the operation. The code is one that the community reports.
    pub(crate) fn cluster_state(message: impl Into<String>) -> Self {
        Self::service(StatusCode::BAD_REQUEST, "ErrorClusterState", message)
    }

    /// A node pool in a state that does not allow the operation.
    pub(crate) fn node_pool_state(message: impl Into<String>) -> Self {
        Self::service(StatusCode::BAD_REQUEST, "ErrorNodePoolState", message)
    }

    /// A task in a state, or of a type, that does not allow the operation.
    pub(crate) fn task_state(message: impl Into<String>) -> Self {
        Self::service(StatusCode::BAD_REQUEST, "ErrorTaskState", message)
    }

    fn not_found(code: &'static str, what: &str, id: &str) -> Self {
        let id: String = id.chars().take(64).collect();
        Self::service(StatusCode::NOT_FOUND, code, format!("{what} ({id}) not found in our records"))
    }

    #[must_use]
    pub(crate) fn with_recommend(self, recommend: impl Into<String>) -> Self {
        Self { recommend: Some(recommend.into()), ..self }
    }
}
