//! The codes of the service, and the next step for each.
//!
//! Sources: the error code tables of the ACK, RAM and gateway documentation, the official SDKs, and what programs in use
//! rely on. The service publishes no complete list for ACK.

/// A code stands for its family, too: `Forbidden` for `Forbidden.RAM`.
const NEXT_STEPS: [(&str, &str); 30] = [
    // Things that are not there.
    (
        "ErrorClusterNotFound",
        "check the cluster ID, and that the region is the cluster's own: another region's endpoint does not know it",
    ),
    ("ErrorQueryCluster", "check the cluster ID and the region; if both are right, repeat it later"),
    ("ErrorNodePoolNotFound", "check the node pool ID and the cluster it belongs to"),
    ("AddonNotFound", "check the name of the add-on: DescribeClusterAddonsVersion lists those of the cluster"),
    (
        "InvalidApi.NotFound",
        "the endpoint does not serve this operation; deprecated operations are switched off region by region",
    ),
    // States and conflicts.
    ("ErrorClusterState", "wait until the cluster is `running` and no other task works on it"),
    ("ClusterNameAlreadyExist", "choose another name, or use the cluster that has it"),
    // Permissions inside the cluster.
    (
        "ErrorQueryClusterNamespace",
        "the cluster's API server does not answer the service: check that it is up and that the caller has an RBAC role",
    ),
    ("ForbiddenQueryClusterNamespace", "give the caller an RBAC role in the cluster (GrantPermissions)"),
    ("APISERVER_403", "give the caller an RBAC role in the cluster (GrantPermissions)"),
    ("APIServer.403", "give the caller an RBAC role in the cluster (GrantPermissions)"),
    ("APIServer", "the cluster's API server failed: check that it is up and that its load balancer is in place"),
    // Keys, signature, clock.
    (
        "InvalidAccessKeyId.NotFound",
        "check the AccessKey ID; it does not exist, or belongs to another site of the vendor",
    ),
    ("InvalidAccessKeyId.Inactive", "the AccessKey is disabled; enable it or use another"),
    ("InvalidAccessKeyId", "check the AccessKey ID; the service does not accept it"),
    ("InvalidAccessKeySecret", "check the AccessKey secret: it does not belong to the AccessKey ID"),
    ("SignatureNonceUsed", "the request arrived twice; look whether a proxy repeats requests"),
    ("InvalidTimeStamp.Expired", "set this machine's clock: it is more than 15 minutes away from the service's"),
    ("InvalidTimeStamp.Format", "look whether a proxy changes headers: the date is not as it was sent"),
    ("InvalidTimeStamp", "set this machine's clock"),
    ("IncompleteSignature", "look whether a proxy drops headers: a part of the signature did not arrive"),
    ("InvalidSecurityToken.Expired", "the temporary credentials have expired; obtain new ones"),
    ("InvalidSecurityToken", "obtain new temporary credentials; the security token does not belong to these keys"),
    ("UnsupportedSignatureType", "use an AccessKey: ACK does not take bearer tokens"),
    // Arguments.
    ("MissingParameter", "set the parameter that the message names"),
    // The service itself.
    ("ServiceUnavailable", "the service is out of order for the moment: repeat it later"),
    ("InternalError", "the service failed inside: repeat it later, and report the request id if it stays"),
    ("InternalServerError", "the service failed inside: repeat it later, and report the request id if it stays"),
    ("UnknownError", "the service failed inside: repeat it later, and report the request id if it stays"),
    (
        "ErrorJsonDecode",
        "the service could not read the body or an answer of its own: check the body, else repeat it later",
    ),
];

/// The next step for a code, by its own entry or that of its family.
pub(super) fn next_step(code: &str) -> Option<&'static str> {
    let exact = NEXT_STEPS.iter().find(|(known, _)| *known == code);
    let family = || NEXT_STEPS.iter().find(|(known, _)| is_family(known, code));
    exact.or_else(family).map(|(_, step)| *step)
}

/// `Forbidden.RAM` belongs to `Forbidden`.
fn is_family(known: &str, code: &str) -> bool {
    code.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_a_family_finds_its_own_entry_first() {
        assert!(next_step("InvalidTimeStamp.Expired").unwrap().contains("15 minutes"));
        assert_eq!(next_step("InvalidTimeStamp.Other"), Some("set this machine's clock"));
        assert!(next_step("APIServer.500").unwrap().contains("failed"));
        assert_eq!(next_step("InternalErrors"), None);
    }
}
