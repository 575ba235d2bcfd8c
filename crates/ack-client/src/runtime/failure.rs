//! What goes wrong on the way between client and service, whichever library carries the request.

use std::error::Error as StdError;

/// A request or an answer that was lost.
#[derive(Debug)]
pub(crate) struct TransportFailure {
    pub(crate) lost: Lost,
    pub(crate) timed_out: bool,
    /// The other side's certificate was not accepted.
    pub(crate) certificate: bool,
    pub(crate) source: Box<dyn StdError + Send + Sync>,
}

/// How far the exchange had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nothing was sent.
    Connecting,
    /// Something may have been sent, and no answer has come.
    Exchanging,
    /// The answer has begun.
    ReadingBody,
}
