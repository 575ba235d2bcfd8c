//! Every fault there is: name, wording, keys, and what it does.

mod answers;
mod network;
mod service;

use super::effect::{Effect, ErrorShape, When};
use crate::form::{Fields, Form, Key, TaggedKind};

/// A kind of fault.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
    pub(crate) strikes: Strikes,
    /// Makes the effect of settings that fit the keys, or says what is wrong with one of them: its key and the problem.
    pub(crate) make: fn(Fields<'_>) -> Result<Effect, (&'static str, String)>,
}

/// When a fault can strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strikes {
    /// It takes the place of the answer, so it can strike either before (the default) or after.
    InPlaceOfTheAnswer,
    /// It does something to the answer, so there must be one.
    TheAnswer,
    /// It lies in wait for the request.
    TheRequest,
}

impl Strikes {
    pub(crate) fn default(self) -> When {
        match self {
            Self::InPlaceOfTheAnswer | Self::TheRequest => When::Before,
            Self::TheAnswer => When::After,
        }
    }
}

/// All of them, in the order in which help lists them.
pub(crate) fn all() -> impl Iterator<Item = &'static Kind> {
    [answers::KINDS, network::KINDS, service::KINDS].into_iter().flatten()
}

pub(crate) fn tagged() -> Vec<TaggedKind> {
    all().map(|kind| TaggedKind { name: kind.name, doc: kind.doc, keys: kind.keys }).collect()
}

const CODE: Key = Key::new("code", Form::Text, "The error code");
const MESSAGE: Key = Key::new("message", Form::Text, "The message of the error");
const RETRY_AFTER: Key = Key::new(
    "retry_after",
    Form::Duration,
    "The hint in x-acs-retry-after, which is sent in milliseconds; without it there is none",
);
const SHAPE: Key =
    Key::new("shape", Form::Word(ErrorShape::WORDS), "The names of the fields: Code and Message, or code and message");
const BODY: Key =
    Key::new("body", Form::Word(&["json", "xml"]), "The format of the body; by default what was asked for");
const CONTENT_TYPE: Key = Key::new(
    "content_type",
    Form::Text,
    "The content type; by default that of the format, which for the XML of an error is text/xml;charset=utf-8",
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_words_and_are_not_used_twice() {
        let mut names = BTreeSet::new();
        for kind in all() {
            assert!(kind.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", kind.name);
            assert!(names.insert(kind.name), "{}", kind.name);
            let mut keys = BTreeSet::new();
            for key in kind.keys.iter().chain(crate::fault::target::KEYS) {
                assert!(keys.insert(key.name), "{}: {}", kind.name, key.name);
                assert!(!key.doc.ends_with('.') && key.doc.starts_with(char::is_uppercase), "{}", key.doc);
            }
        }
    }
}
