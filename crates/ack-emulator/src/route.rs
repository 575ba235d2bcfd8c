//! Third stage: which operation a request calls, and with which path parameters.

use ack_models::Operation;
use percent_encoding::percent_decode_str;

use crate::receive::Received;
use crate::refusal::Refusal;

/// An operation and the values of its path parameters, decoded, by name, in the order of the template.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    parameters: Vec<(&'static str, String)>,
}

impl Call {
    /// The value of the first path parameter; empty for a path without parameters.
    pub(crate) fn id(&self) -> &str {
        self.parameters.first().map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The value of the second path parameter; empty for a path with fewer.
    pub(crate) fn second(&self) -> &str {
        self.parameters.get(1).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The value of the path parameter of a meaning, such as `clusterid`, however the template spells it.
    pub(crate) fn parameter(&self, meaning: &str) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| plain(name) == meaning).map(|(_, value)| value.as_str())
    }
}

/// A name without the differences between `ClusterId`, `clusterid` and `cluster_id`, which all mean the same.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Finds the operation whose method and path template fit the request: the one that `x-acs-action` names if it is among
/// them, else the one whose template says most.
pub(crate) fn matching(received: &Received) -> Option<Call> {
    find(received.parts.method.as_str(), received.path(), received.header("x-acs-action"))
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
    let call = matching(received).ok_or_else(|| {
        let method = received.parts.method.as_str();
        Refusal::invalid_api(format!("No operation is called with {method} on this path."))
    })?;
    let id = call.operation.id;
    if action != id {
        let shown: String = action.chars().take(64).collect();
        let message = format!("The action {shown:?} does not fit the path, which is that of {id}.");
        return Err(Refusal::invalid_api(message));
    }
    Ok(call)
}

fn find(method: &str, path: &str, action: Option<&str>) -> Option<Call> {
    let fitting = ack_models::operations::ALL.iter().filter(|operation| operation.method == method);
    let fitting = fitting.filter_map(|operation| {
        let parameters = path_parameters(operation.path, path)?;
        Some(Call { operation, parameters })
    });
    fitting.reduce(|best, next| {
        let rank = |call: &Call| (action == Some(call.operation.id), precision(call.operation.path));
        if rank(&next) > rank(&best) { next } else { best }
    })
}

/// How much a template says of the paths that fit it: the more literal segments the more, and of as many the earlier.
fn precision(template: &str) -> (usize, Vec<bool>) {
    let literals: Vec<bool> = template.split('/').map(|segment| !segment.starts_with('{')).collect();
    (literals.iter().filter(|is_literal| **is_literal).count(), literals)
}

/// The parameters of a path, if it fits the template segment by segment. An empty parameter does not fit.
fn path_parameters<'t>(template: &'t str, path: &str) -> Option<Vec<(&'t str, String)>> {
    let mut parameters = Vec::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        if let Some(name) = expected.strip_prefix('{') {
            let value = percent_decode_str(segment).decode_utf8().ok()?;
            if value.is_empty() {
                return None;
            }
            parameters.push((name.trim_end_matches('}'), value.into_owned()));
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
        find(method, path, None).map(|call| (call.operation.id, call.id().to_owned()))
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

    #[test]
    fn every_operation_is_found_by_its_own_path_with_and_without_its_name() {
        for operation in ack_models::operations::ALL {
            let path: Vec<&str> = operation
                .path
                .split('/')
                .map(|segment| if segment.starts_with('{') { "x-1" } else { segment })
                .collect();
            let path = path.join("/");
            let unnamed = find(operation.method, &path, None).unwrap();
            assert_eq!(unnamed.operation.id, operation.id, "{path}");
            let named = find(operation.method, &path, Some(operation.id)).unwrap();
            assert_eq!(named.operation.id, operation.id, "{path}");
            assert!(named.parameters.iter().all(|(name, value)| operation.path.contains(name) && value == "x-1"));
            assert_eq!(named.parameters.len(), operation.path.matches('{').count());
        }
    }

    #[test]
    fn the_more_literal_of_two_templates_says_more() {
        let says_more = |more, less| precision(more) > precision(less);
        assert!(says_more("/clusters/components/metadata", "/clusters/{ClusterId}/metadata"));
        assert!(says_more("/clusters/{ClusterId}/tasks", "/clusters/{ClusterId}/{kind}"));
        assert!(says_more("/clusters/components/{name}", "/clusters/{ClusterId}/metadata"));
        assert!(says_more("/cluster/{ClusterId}/config/", "/cluster/{ClusterId}/config/{name}"));
    }

    #[test]
    fn parameters_are_found_by_meaning() {
        let parameters =
            path_parameters("/clusters/{ClusterId}/nodepools/{nodepool_id}/", "/clusters/c1/nodepools/np1/");
        let operation = ack_models::operations::ALL.first().unwrap();
        let call = Call { operation, parameters: parameters.unwrap() };
        assert_eq!((call.parameter("clusterid"), call.parameter("nodepoolid")), (Some("c1"), Some("np1")));
        assert_eq!(call.parameter("taskid"), None);
        assert_eq!(path_parameters("/clusters/{ClusterId}/", "/clusters/c1"), None);
    }
}
