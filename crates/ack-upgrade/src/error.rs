//! The one error type of this crate.

use std::fmt;

use crate::control::Action;
use crate::handle::UpgradeHandle;

/// Why an upgrade could not be looked at, started or steered.
///
/// | predicate | what to do |
/// |---|---|
/// | [`is_invalid_input`](Self::is_invalid_input) | nothing was sent: the text names the value and how to write it |
/// | [`is_refused`](Self::is_refused) | nothing was sent: another upgrade is running, or there is nothing to upgrade; the text says which |
/// | [`newer_version`](Self::newer_version) | nothing was sent, and [`is_refused`](Self::is_refused) holds as well: leave the cluster alone, or ask for a version that is newer still |
/// | [`is_unclear`](Self::is_unclear) | the start was sent and its answer lost, and no new task has shown up: look at the status before starting again |
/// | [`is_invalid_handle`](Self::is_invalid_handle) | a stored handle cannot be read: the text names the field and the remedy |
/// | [`is_not_in_effect`](Self::is_not_in_effect) | a pause, resume or cancel was sent and has not taken effect in time: look at the status, it may still do so |
/// | otherwise | see [`client`](Self::client), the error of the call that failed |
#[derive(Debug)]
pub struct Error(Box<Kind>);

#[derive(Debug)]
enum Kind {
    Client(ack_client::Error),
    Invalid(String),
    Refused(String),
    Newer { version: String, problem: String },
    Handle(String),
    NotInEffect { action: Action, upgrade: String, request_id: Option<String>, problem: String },
    Unclear { upgrade: String, cause: ack_client::Error },
}

impl Error {
    /// What was given makes no sense, whatever the cluster is doing.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(*self.0, Kind::Invalid(_))
    }

    /// The upgrade was not started, because of what the cluster is doing or has reached already.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(*self.0, Kind::Refused(_) | Kind::Newer { .. })
    }

    /// The version that the control plane has, or is being brought to, if that is newer than the version to reach: no control
    /// plane goes back.
    #[must_use]
    pub fn newer_version(&self) -> Option<&str> {
        match &*self.0 {
            Kind::Newer { version, .. } => Some(version),
            _ => None,
        }
    }

    /// Whether the service accepted the start is not known. Do not repeat it before the status is clear.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        matches!(*self.0, Kind::Unclear { .. })
    }

    /// A stored handle is no handle, or one of a later format.
    #[must_use]
    pub fn is_invalid_handle(&self) -> bool {
        matches!(*self.0, Kind::Handle(_))
    }

    /// A pause, resume or cancel was sent, but has not taken effect in the time allowed, or the upgrade has ended first.
    #[must_use]
    pub fn is_not_in_effect(&self) -> bool {
        matches!(*self.0, Kind::NotInEffect { .. })
    }

    /// The failed call behind this error, if it was one.
    #[must_use]
    pub fn client(&self) -> Option<&ack_client::Error> {
        match &*self.0 {
            Kind::Client(error) | Kind::Unclear { cause: error, .. } => Some(error),
            Kind::Invalid(_) | Kind::Refused(_) | Kind::Newer { .. } | Kind::Handle(_) | Kind::NotInEffect { .. } => {
                None
            }
        }
    }

    /// The ID of the request that failed, or that has not taken effect, to quote to the vendor's support; `None` if none was
    /// sent, or no answer named one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match &*self.0 {
            Kind::NotInEffect { request_id, .. } => request_id.as_deref(),
            _ => self.client()?.request_id(),
        }
    }

    pub(crate) fn invalid(problem: impl Into<String>) -> Self {
        Self(Box::new(Kind::Invalid(problem.into())))
    }

    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self(Box::new(Kind::Refused(reason.into())))
    }

    pub(crate) fn newer(version: &str, problem: String) -> Self {
        Self(Box::new(Kind::Newer { version: version.to_owned(), problem }))
    }

    pub(crate) fn invalid_handle(problem: impl Into<String>) -> Self {
        Self(Box::new(Kind::Handle(problem.into())))
    }

    pub(crate) fn not_in_effect(
        action: Action,
        handle: &UpgradeHandle,
        request_id: Option<String>,
        problem: String,
    ) -> Self {
        Self(Box::new(Kind::NotInEffect { action, upgrade: handle.to_string(), request_id, problem }))
    }

    pub(crate) fn unclear(handle: &UpgradeHandle, cause: ack_client::Error) -> Self {
        Self(Box::new(Kind::Unclear { upgrade: handle.to_string(), cause }))
    }
}

impl From<ack_client::Error> for Error {
    fn from(error: ack_client::Error) -> Self {
        Self(Box::new(Kind::Client(error)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Client(error) => error.fmt(f),
            Kind::Invalid(text) | Kind::Refused(text) | Kind::Newer { problem: text, .. } => f.write_str(text),
            Kind::Handle(problem) => write!(f, "the handle of the upgrade cannot be read: {problem}"),
            Kind::NotInEffect { action, upgrade, request_id, problem } => {
                write!(f, "the request to {action} {upgrade} has not taken effect: {problem}")?;
                request_id.as_ref().map_or(Ok(()), |id| write!(f, " (request id {id})"))
            }
            Kind::Unclear { upgrade, cause } => write!(
                f,
                "whether {upgrade} was started is not known: {cause}; no new upgrade task has shown up yet, so look at \
                 its status before starting it again"
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The text repeats the client's error, so the chain goes on behind it.
        self.client().and_then(std::error::Error::source)
    }
}
