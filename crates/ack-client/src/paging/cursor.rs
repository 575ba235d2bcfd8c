//! Where in a list the next page is, and whether there is one.

use std::collections::HashSet;

use serde_core::{Serialize, Serializer};

use crate::error::Error;

/// The style of a list and the place reached in it.
pub(crate) enum Cursor {
    Numbers(Numbers),
    Tokens(Tokens),
}

/// Pages with numbers, counted from 1.
pub(crate) struct Numbers {
    name: &'static str,
    /// As the query has it.
    start: Option<String>,
    /// The page to ask for; none leaves it to the service, which takes the first.
    number: Option<i64>,
    size: Option<i64>,
    /// The number that the last answer said it had.
    answered: Option<i64>,
}

/// Tokens that lead from one page to the next.
pub(crate) struct Tokens {
    name: &'static str,
    token: Option<String>,
    seen: HashSet<String>,
}

/// What an answer says of its place.
#[derive(Debug, PartialEq)]
pub(crate) enum Answered {
    Page { number: Option<i64>, size: Option<i64>, total: Option<i64> },
    Token(Option<String>),
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Step {
    Fetch,
    Fail(Error),
    End,
}

/// The query parameter that asks for a page.
pub(crate) struct Place(Option<(&'static str, String)>);

impl Numbers {
    /// The parameter's name, and what the query has for number and size.
    pub(crate) fn new<N: ToString, S: ToString>(name: &'static str, start: Option<N>, size: Option<&S>) -> Self {
        let size = size.and_then(|size| size.to_string().parse().ok()).filter(|size| *size > 0);
        Self { name, start: start.map(|start| start.to_string()), number: None, size, answered: None }
    }

    fn advance(&mut self, number: Option<i64>, size: Option<i64>, total: Option<i64>, count: usize) -> Advance {
        if count == 0 {
            return Ok(Step::End);
        }
        if let (Some(before), Some(now)) = (self.answered, number)
            && now <= before
        {
            return Err(Error::page_repeated(self.name, &now.to_string()));
        }
        self.answered = number.or(self.answered);
        // Without any word on the size, the first page is taken for a full one.
        let own_size = *self.size.get_or_insert(i64::try_from(count).unwrap_or(i64::MAX));
        let size = size.filter(|size| *size > 0).unwrap_or(own_size);
        let reached = self.number.unwrap_or(1);
        if total.is_some_and(|total| reached.saturating_mul(size) >= total) {
            return Ok(Step::End);
        }
        self.number = Some(reached.saturating_add(1));
        Ok(Step::Fetch)
    }
}

impl Tokens {
    /// The parameter's name, and what the query has for it.
    pub(crate) fn new(name: &'static str, start: Option<String>) -> Self {
        let token = start.filter(|token| !token.is_empty());
        Self { name, seen: token.iter().cloned().collect(), token }
    }

    fn advance(&mut self, token: Option<String>) -> Step {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Step::End;
        };
        if !self.seen.insert(token.clone()) {
            // The page that came with it is a new one and has been given.
            return Step::Fail(Error::page_repeated(self.name, &token));
        }
        self.token = Some(token);
        Step::Fetch
    }
}

/// The next step, or why the page that was received must not be given.
type Advance = Result<Step, Error>;

impl Cursor {
    /// The place where the query starts, and the first step.
    pub(crate) fn begin(mut self) -> (Self, Step) {
        let mut step = Step::Fetch;
        if let Self::Numbers(numbers) = &mut self
            && let Some(start) = &numbers.start
        {
            match start.parse() {
                Ok(number) => numbers.number = Some(number),
                Err(_) => {
                    let remedy = "give a whole number from 1 up, or leave it out to start at the first page";
                    step = Step::Fail(Error::invalid_input(numbers.name, start, "is no page number", remedy));
                }
            }
        }
        (self, step)
    }

    pub(crate) fn place(&self) -> Place {
        Place(match self {
            Self::Numbers(numbers) => numbers.number.map(|number| (numbers.name, number.to_string())),
            Self::Tokens(tokens) => tokens.token.clone().map(|token| (tokens.name, token)),
        })
    }

    /// Goes on after an answer with `count` entries.
    pub(crate) fn advance(&mut self, answered: Answered, count: usize) -> Advance {
        match (self, answered) {
            (Self::Numbers(numbers), Answered::Page { number, size, total }) => {
                numbers.advance(number, size, total, count)
            }
            (Self::Tokens(tokens), Answered::Token(token)) => Ok(tokens.advance(token)),
            // The generator gives both of one style.
            (Self::Numbers(_), Answered::Token(_)) | (Self::Tokens(_), Answered::Page { .. }) => Ok(Step::End),
        }
    }
}

impl Answered {
    pub(crate) fn page<N: Into<i64>>(number: Option<N>, size: Option<N>, total: Option<N>) -> Self {
        Self::Page { number: number.map(Into::into), size: size.map(Into::into), total: total.map(Into::into) }
    }

    pub(crate) fn token(token: Option<&String>) -> Self {
        Self::Token(token.cloned())
    }
}

impl From<Numbers> for Cursor {
    fn from(numbers: Numbers) -> Self {
        Self::Numbers(numbers)
    }
}

impl From<Tokens> for Cursor {
    fn from(tokens: Tokens) -> Self {
        Self::Tokens(tokens)
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
