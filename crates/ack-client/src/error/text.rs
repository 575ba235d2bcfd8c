//! What an error says.

use std::error::Error as StdError;
use std::fmt;

use super::{Error, Kind};
use crate::advice;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation} failed: ")?;
        }
        self.describe(f)?;
        if let Some(id) = &self.0.request_id {
            write!(f, " (request id {id})")?;
        }
        match advice::for_error(self) {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl Error {
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::InvalidInput { field, value: None, problem, remedy } => {
                write!(f, "{field} {problem}: {remedy}")
            }
            Kind::InvalidInput { field, value: Some(value), problem, remedy } => {
                write!(f, "{field} {value:?} {problem}: {remedy}")
            }
            Kind::SetUp { what, cause } => write!(f, "{what} cannot be set up: {cause}"),
            Kind::Credentials(source) => write!(f, "{source}"),
            Kind::TimedOut(limit) => write!(
                f,
                "no complete answer came within {limit:?}; the service may have accepted the request all the same"
            ),
            Kind::Transport { source, in_body: true } => {
                write!(f, "the answer was cut off: {}", chain(source))
            }
            Kind::Transport { source, .. } if source.is_connect() => {
                write!(f, "no connection to the service: {}", chain(source))
            }
            Kind::Transport { source, .. } => write!(f, "the exchange with the service failed: {}", chain(source)),
            Kind::Service(said) => {
                f.write_str("the service answered ")?;
                self.write_status(f)?;
                if let Some(code) = &said.code {
                    write!(f, " {code}")?;
                }
                said.message.as_ref().map_or(Ok(()), |message| write!(f, ": {}", message.trim_end_matches('.')))
            }
            Kind::Unreadable => {
                f.write_str("the answer, ")?;
                self.write_status(f)?;
                match self.body_start() {
                    None | Some("") => f.write_str(", has an empty body"),
                    Some(start) => write!(f, ", is in no form the service uses; it starts {:?}", cut(start)),
                }
            }
            Kind::Decode(source) if self.0.status.is_none() => write!(f, "the answer does not fit the model: {source}"),
            Kind::Decode(source) => {
                f.write_str("the answer, ")?;
                self.write_status(f)?;
                write!(f, ", does not fit the model: {source}")
            }
            Kind::BodyTooLarge(limit) => write!(f, "the answer is larger than the limit of {limit} bytes"),
            Kind::PageLimit(limit) => write!(
                f,
                "there are more pages than the limit of {limit}: narrow the query, ask for larger pages, or raise the \
                 limit with limit_pages"
            ),
            Kind::PageRepeated { name, value } => write!(
                f,
                "the service answered {name} {value:?} a second time, so following it would never end: list anew, \
                 or read the pages one by one"
            ),
        }
    }

    fn write_status(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.status {
            Some(status) => write!(f, "HTTP {}", status.as_u16()),
            None => f.write_str("without a status"),
        }
    }
}

/// An error with its causes in one line; HTTP libraries keep the interesting part at the end of the chain.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = cause.source();
    }
    text
}

/// The part of a body that fits into a sentence.
fn cut(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
