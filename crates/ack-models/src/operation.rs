//! What a caller, a router or a tool needs to know of an operation besides its types.

/// Facts about one operation of the API.
///
/// The generated table is [`operations`](crate::operations).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Operation {
    /// The documented name, such as `GetUpgradeStatus`; sent as `x-acs-action`.
    pub id: &'static str,
    /// The HTTP method, upper case.
    pub method: &'static str,
    /// The path template, such as `/api/v2/clusters/{ClusterId}/upgrade/status`.
    pub path: &'static str,
    /// The area of the spec it belongs to, such as `upgrade`.
    pub area: &'static str,
    /// Whether repeating the call has no further effect. Only such calls may be repeated after an unclear
    /// failure.
    pub idempotent: bool,
    /// What to use instead, if the service has deprecated the operation.
    pub deprecated: Option<&'static str>,
    /// The RAM action a policy must allow, such as `cs:GetUpgradeStatus`, where the reference names one.
    pub ram_action: Option<&'static str>,
}
