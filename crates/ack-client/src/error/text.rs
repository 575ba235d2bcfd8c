//! What an error says.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use super::{Error, Exhausted, Kind, Scope, Stage};
use crate::advice;
use crate::runtime::Lost;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation} failed")?;
            self.write_effort(f)?;
            f.write_str(": ")?;
        }
        self.describe(f)?;
        if let Some(id) = &self.0.request_id {
            write!(f, " (request id {id})")?;
        }
        if let Some(earlier) = &self.0.earlier {
            write!(f, "; the attempt before failed, because {earlier}")?;
        }
        match advice::for_error(self) {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// What went wrong, and no more.
    pub(crate) fn cause(&self) -> String {
        struct Cause<'a>(&'a Error);
        impl fmt::Display for Cause<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.describe(f)
            }
        }
        Cause(self).to_string()
    }

    /// Attempts, time and the limit that was met. A single attempt that nothing would have repeated needs no mention.
    fn write_effort(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts = self.0.attempts;
        if attempts > 1 || self.0.exhausted.is_some() {
            let unit = if attempts == 1 { "attempt" } else { "attempts" };
            write!(f, " after {attempts} {unit} in {}", Seconds(self.0.elapsed.unwrap_or_default()))?;
        }
        match self.0.exhausted {
            None => Ok(()),
            Some(Exhausted::Attempts(most)) => write!(f, " (no more than {most} are allowed)"),
            Some(Exhausted::Time { wait, limit }) => {
                write!(f, " (waiting {} more would pass {}, the limit of the call)", Seconds(wait), Seconds(limit))
            }
            Some(Exhausted::Turn { limit }) => {
                let what = "the client's own limits of rate and concurrency left no turn for another within";
                write!(f, " ({what} {}, the limit of the call)", Seconds(limit))
            }
            Some(Exhausted::Budget) => f.write_str(" (the retry budget is spent, as too many calls fail)"),
        }
    }

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
            Kind::TimedOut { stage, scope, limit } => {
                match stage {
                    Stage::Turn => {
                        f.write_str("no turn under the client's own limits of rate and concurrency comes")?;
                    }
                    Stage::Credentials => f.write_str("no credentials came")?,
                    Stage::Answer => f.write_str("no complete answer came")?,
                }
                let whose = match scope {
                    Scope::Attempt => "an attempt",
                    Scope::Call => "the call",
                };
                write!(f, " within {limit:?}, the limit of {whose}")
            }
            Kind::Transport(failure) => {
                match failure.lost {
                    Lost::Connecting => f.write_str("no connection to the service")?,
                    Lost::Exchanging => f.write_str("the exchange with the service failed")?,
                    Lost::ReadingBody => f.write_str("the answer was cut off")?,
                }
                write!(f, ": {}", chain(&*failure.source))
            }
            Kind::Service(said) => {
                f.write_str("the service answered ")?;
                self.write_status(f)?;
                if let Some(code) = &said.code {
                    write!(f, " {code}")?;
                }
                said.message.as_ref().map_or(Ok(()), |message| write!(f, ": {}", message.trim_end_matches('.')))
            }
            Kind::Redirected(to) => {
                f.write_str("the service, or something before it, answered ")?;
                self.write_status(f)?;
                match to {
                    Some(host) => write!(f, " and pointed to {host}, where nothing was sent"),
                    None => f.write_str(" and pointed elsewhere, where nothing was sent"),
                }
            }
            Kind::Unreadable(Some(coding)) => {
                f.write_str("the answer, ")?;
                self.write_status(f)?;
                write!(f, ", is compressed ({coding}), although it was asked for as it is")
            }
            Kind::Unreadable(None) => {
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

/// A time as people say it: `0.25s`, `3.2s`, `60s`.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        let rounded = if seconds < 1.0 { (seconds * 100.0).round() / 100.0 } else { (seconds * 10.0).round() / 10.0 };
        write!(f, "{rounded}s")
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
