//! Why a command ended early: an exit code, and what to say about it.

use std::io;

use crate::exit::Exit;

/// An end that is no result, on its way to [`run`](fn@crate::run), which prints it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// One sentence for standard error; `None` where all has been said.
    pub(crate) message: Option<String>,
    /// What the sentence says of many things at once, one by one; each goes on a line of its own.
    pub(crate) details: Vec<String>,
    /// The request of the service's that failed, if one did.
    pub(crate) request_id: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: Some(message.into()), details: Vec::new(), request_id: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self::new(Exit::Error, message)
    }

    pub(crate) fn silent(exit: Exit) -> Self {
        Self { exit, message: None, details: Vec::new(), request_id: None }
    }

    /// Writing to standard output failed.
    pub(crate) fn output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::silent(Exit::PipeClosed),
            _ => Self::error(format!("standard output cannot be written: {error}")),
        }
    }
}

impl From<ack_upgrade::Error> for Failure {
    fn from(error: ack_upgrade::Error) -> Self {
        let request_id = error.client().and_then(ack_client::Error::request_id).map(str::to_owned);
        Self { request_id, ..Self::new(Exit::from(&error), error.to_string()) }
    }
}

impl From<ack_client::Error> for Failure {
    fn from(error: ack_client::Error) -> Self {
        let request_id = error.request_id().map(str::to_owned);
        Self { request_id, ..Self::new(Exit::from(&error), error.to_string()) }
    }
}

impl From<ack_auth::Error> for Failure {
    fn from(error: ack_auth::Error) -> Self {
        Self::usage(error.to_string())
    }
}
