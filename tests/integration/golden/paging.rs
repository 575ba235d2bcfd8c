//! The names generated lists use, putting into words what they are given.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::runtime::{Client, Request};
use crate::operation::Operation;

/// An answer with entries.
pub(crate) trait Page {
    /// What the list is of.
    type Item;

    fn items(&self) -> &[Self::Item];

    fn into_items(self) -> Vec<Self::Item>;
}

/// A list that is described, but never called for.
#[derive(Debug)]
pub(crate) struct Pages<P> {
    request: String,
    read: fn(&P) -> Answered,
}

/// Pages with numbers.
#[derive(Debug)]
pub(crate) struct Numbers(String);

/// Pages with tokens.
#[derive(Debug)]
pub(crate) struct Tokens(String);

/// What an answer says of its place.
#[derive(Debug)]
pub(crate) struct Answered(String);

impl<P: Page + DeserializeOwned> Pages<P> {
    pub(super) fn new(
        _: &Client,
        operation: &'static Operation,
        cursor: impl Into<String>,
        read: fn(&P) -> Answered,
        describe: impl Fn(Request) -> Request + Send + 'static,
    ) -> Self {
        let request = describe(Request::new(operation));
        Self { request: format!("{} from {}", request.words(), cursor.into()), read }
    }

    /// The request in words, and where the list starts.
    pub(super) fn request(&self) -> &str {
        &self.request
    }

    /// What is read of an answer: its place in words, and its entries.
    pub(super) fn read(&self, answer: Value) -> (String, Vec<P::Item>) {
        let page: P = serde_json::from_value(answer).unwrap();
        let Answered(place) = (self.read)(&page);
        let count = page.items().len();
        let items = page.into_items();
        assert_eq!(items.len(), count);
        (place, items)
    }
}

impl Numbers {
    pub(super) fn new<N: ToString, S: ToString>(name: &'static str, start: Option<N>, size: Option<&S>) -> Self {
        let [start, size] = [start.map(|start| start.to_string()), size.map(ToString::to_string)]
            .map(|number| number.unwrap_or_else(|| "none".to_owned()));
        Self(format!("{name}={start} size={size}"))
    }
}

impl Tokens {
    pub(super) fn new(name: &'static str, start: Option<String>) -> Self {
        Self(format!("{name}={}", start.unwrap_or_else(|| "none".to_owned())))
    }
}

impl Answered {
    pub(super) fn page<N: Into<i64>>(number: Option<N>, size: Option<N>, total: Option<N>) -> Self {
        let [number, size, total] = [number, size, total].map(|number| number.map(Into::<i64>::into));
        Self(format!("page {number:?} size {size:?} total {total:?}"))
    }

    pub(super) fn token(token: Option<&String>) -> Self {
        Self(format!("token {token:?}"))
    }
}

impl From<Numbers> for String {
    fn from(Numbers(words): Numbers) -> Self {
        words
    }
}

impl From<Tokens> for String {
    fn from(Tokens(words): Tokens) -> Self {
        words
    }
}
