//! Why a command ended early: an exit code, and what to say about it.

use std::io;

use crate::exit::Exit;

/// An end that is no result, on its way to [`run`](crate::run), which prints it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// One sentence for standard error; `None` where all has been said.
    pub(crate) message: Option<String>,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: Some(message.into()) }
    }

    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self { exit: Exit::Error, message: Some(message.into()) }
    }

    pub(crate) fn silent(exit: Exit) -> Self {
        Self { exit, message: None }
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
        Self { exit: Exit::from(&error), message: Some(error.to_string()) }
    }
}

impl From<ack_client::Error> for Failure {
    fn from(error: ack_client::Error) -> Self {
        Self { exit: Exit::from(&error), message: Some(error.to_string()) }
    }
}

impl From<ack_auth::Error> for Failure {
    fn from(error: ack_auth::Error) -> Self {
        Self::usage(error.to_string())
    }
}
