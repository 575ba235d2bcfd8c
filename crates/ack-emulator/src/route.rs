//! Third stage: which operation a request calls, and with which path parameters.

use ack_models::Operation;
use percent_encoding::percent_decode_str;

use crate::receive::Received;
use crate::refusal::Refusal;

/// An operation and the values of its path parameters, decoded, in the order of the template.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    parameters: Vec<String>,
}

impl Call {
    /// The value of the first path parameter. Every path template of the API has at least one.
    pub(crate) fn id(&self) -> &str {
        self.parameters.first().map(String::as_str).unwrap_or_default()
    }
}

/// Finds the operation whose method and path template fit.
pub(crate) fn matching(method: &str, path: &str) -> Option<Call> {
    ack_models::operations::ALL.iter().filter(|operation| operation.method == method).find_map(|operation| {
        let parameters = path_parameters(operation.path, path)?;
        Some(Call { operation, parameters })
    })
}

/// Routes a request whose headers must name the operation that its path stands for.
pub(crate) fn route(received: &Received) -> Result<Call, Refusal> {
    let header = |name| received.header(name).filter(|value| !value.is_empty());
    let version = header("x-acs-version").ok_or_else(|| Refusal::missing_parameter("x-acs-version"))?;
    let action = header("x-acs-action").ok_or_else(|| Refusal::missing_parameter("x-acs-action"))?;
    let expected_version = ack_models::API.version;
    if version != expected_version {
        let shown: String = version.chars().take(32).collect();
        let message = format!("There is no API version {shown:?}; send x-acs-version: {expected_version}.");
        return Err(Refusal::invalid_api(message));
    }
    let method = received.parts.method.as_str();
    let call = matching(method, received.path())
        .ok_or_else(|| Refusal::invalid_api(format!("No operation is called with {method} on this path.")))?;
    let id = call.operation.id;
    if action != id {
        let shown: String = action.chars().take(64).collect();
        let message = format!("The action {shown:?} does not fit the path, which is that of {id}.");
        return Err(Refusal::invalid_api(message));
    }
    Ok(call)
}

/// The parameters of a path, if it fits the template segment by segment. An empty parameter does not fit.
fn path_parameters(template: &str, path: &str) -> Option<Vec<String>> {
    let mut parameters = Vec::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        if expected.starts_with('{') {
            let value = percent_decode_str(segment).decode_utf8().ok()?;
            if value.is_empty() {
                return None;
            }
            parameters.push(value.into_owned());
        } else if segment != expected {
            return None;
        }
    }
    segments.next().is_none().then_some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(method: &str, path: &str) -> Option<(&'static str, String)> {
        matching(method, path).map(|call| (call.operation.id, call.id().to_owned()))
    }

    #[test]
    fn method_and_path_name_the_operation() {
        let id = "c1".to_owned();
        assert_eq!(routed("GET", "/clusters/c1"), Some(("DescribeClusterDetail", id.clone())));
        assert_eq!(routed("GET", "/clusters/c1/tasks"), Some(("DescribeClusterTasks", id.clone())));
        assert_eq!(routed("POST", "/api/v2/clusters/c1/upgrade"), Some(("UpgradeCluster", id)));
        assert_eq!(routed("GET", "/tasks/T%2d1%2F%E9%9B%86"), Some(("DescribeTaskInfo", "T-1/集".to_owned())));
        for (method, path) in [
            ("POST", "/clusters/c1"),
            ("GET", "/clusters//tasks"),
            ("GET", "/clusters/c1/"),
            ("GET", "/clusters/c1/tasks/more"),
            ("GET", "/tasks/%ff"),
            ("GET", "/"),
            ("GET", ""),
            ("OPTIONS", "*"),
        ] {
            assert_eq!(routed(method, path), None, "{method} {path}");
        }
    }
}
