//! What to do about the failures whose cause is known.

use crate::error::Error;

/// Codes of the service, and the next step for each.
///
/// Sources: the error code tables of the ACK and gateway documentation, and what clients in use rely on.
const CODES: [(&str, &str); 15] = [
    (
        "ErrorClusterNotFound",
        "check the cluster ID, and that the region is the cluster's own: another region's endpoint does not know it",
    ),
    ("ErrorNodePoolNotFound", "check the node pool ID and the cluster it belongs to"),
    (
        "InvalidAccessKeyId.NotFound",
        "check the AccessKey ID; it does not exist, or belongs to another site of the vendor",
    ),
    ("InvalidAccessKeyId.Inactive", "the AccessKey is disabled; enable it or use another"),
    (
        "SignatureDoesNotMatch",
        "check the AccessKey secret: it does not belong to the AccessKey ID, or was pasted with extra characters",
    ),
    ("SignatureNonceUsed", "the request arrived twice; look whether a proxy repeats requests"),
    ("InvalidTimeStamp.Expired", "set this machine's clock: it is more than 15 minutes away from the service's"),
    ("InvalidSecurityToken.Expired", "the temporary credentials have expired; obtain new ones"),
    ("InvalidSecurityToken", "obtain new temporary credentials; the security token does not belong to these keys"),
    ("UnsupportedSignatureType", "use an AccessKey: ACK does not take bearer tokens"),
    ("StatusForbidden", "allow the action in a RAM policy of the caller"),
    ("Forbidden", "allow the action in a RAM policy of the caller"),
    ("NoPermission", "allow the action in a RAM policy of the caller"),
    ("ErrorClusterState", "wait until the cluster is `running` and no other task works on it"),
    (
        "InvalidApi.NotFound",
        "the endpoint does not serve this operation; deprecated operations are switched off region by region",
    ),
];

/// The next step for an error, if one is known.
pub(crate) fn for_error(error: &Error) -> Option<String> {
    if error.is_throttled() {
        return Some("too many calls at once: wait and repeat it".to_owned());
    }
    if let Some(action) = error.denied_action() {
        return Some(format!("allow `{action}` in a RAM policy of the caller"));
    }
    if let Some(code) = error.code() {
        let exact = CODES.iter().find(|(known, _)| *known == code);
        let known = exact.or_else(|| CODES.iter().find(|(known, _)| is_family(known, code)));
        return known.map(|(_, advice)| (*advice).to_owned());
    }
    match error.status() {
        Some(status) if status.is_redirection() => Some(
            "redirects are not followed, as they would carry the signature elsewhere: check the endpoint".to_owned(),
        ),
        Some(status) if status.is_server_error() => {
            Some("this may come from a gateway or proxy in between; repeat it if it only reads".to_owned())
        }
        Some(_) if error.is_body_too_large() => Some("raise max_body_bytes if such an answer is expected".to_owned()),
        _ => None,
    }
}

/// `Forbidden.RAM` belongs to `Forbidden`.
fn is_family(known: &str, code: &str) -> bool {
    code.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
}
