//! The one error type of this crate.

use std::fmt;

/// Why an upgrade could not be looked at, started or steered.
///
/// | predicate | what to do |
/// |---|---|
/// | [`is_invalid_input`](Self::is_invalid_input) | nothing was sent: the text names the value and how to write it |
/// | [`is_refused`](Self::is_refused) | nothing was sent: another upgrade is running, or there is nothing to upgrade; the text says which |
/// | [`is_unclear`](Self::is_unclear) | the start was sent and its answer lost, and no new task has shown up: look at the status before starting again |
/// | [`is_invalid_handle`](Self::is_invalid_handle) | a stored handle cannot be read: the text names the field and the remedy |
/// | otherwise | see [`client`](Self::client), the error of the call that failed |
#[derive(Debug)]
pub struct Error(Box<Kind>);

#[derive(Debug)]
enum Kind {
    Client(ack_client::Error),
    Invalid(String),
    Refused(String),
    Handle(String),
    Unclear { cluster_id: String, cause: ack_client::Error },
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
        matches!(*self.0, Kind::Refused(_))
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

    /// The failed call behind this error, if it was one.
    #[must_use]
    pub fn client(&self) -> Option<&ack_client::Error> {
        match &*self.0 {
            Kind::Client(error) | Kind::Unclear { cause: error, .. } => Some(error),
            Kind::Invalid(_) | Kind::Refused(_) | Kind::Handle(_) => None,
        }
    }

    pub(crate) fn invalid(problem: impl Into<String>) -> Self {
        Self(Box::new(Kind::Invalid(problem.into())))
    }

    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self(Box::new(Kind::Refused(reason.into())))
    }

    pub(crate) fn invalid_handle(problem: impl Into<String>) -> Self {
        Self(Box::new(Kind::Handle(problem.into())))
    }

    pub(crate) fn unclear(cluster_id: &str, cause: ack_client::Error) -> Self {
        Self(Box::new(Kind::Unclear { cluster_id: cluster_id.to_owned(), cause }))
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
            Kind::Invalid(text) | Kind::Refused(text) => f.write_str(text),
            Kind::Handle(problem) => write!(f, "the handle of the upgrade cannot be read: {problem}"),
            Kind::Unclear { cluster_id, cause } => write!(
                f,
                "whether the upgrade of cluster {cluster_id} was started is not known: {cause}; no new upgrade task has \
                 shown up yet, so look at its status before starting it again"
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
