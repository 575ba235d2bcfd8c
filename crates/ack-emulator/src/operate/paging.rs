//! Queries and pages.

use ack_models::PageInfo;
use url::form_urlencoded;

use crate::refusal::Refusal;

/// The size of a page when the query does not say. ACK does not document its own.
const DEFAULT_PAGE_SIZE: usize = 10;

/// The largest page.
const MAX_PAGE_SIZE: usize = 100;

/// The parameters of a query, decoded.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The value of a parameter. An empty one counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The names of all parameters, each time one is given.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    fn positive(&self, name: &str, default: usize, max: usize) -> Result<usize, Refusal> {
        let Some(text) = self.get(name) else { return Ok(default) };
        let number = text.parse().ok().filter(|number| (1..=max).contains(number));
        number.ok_or_else(|| Refusal::invalid_parameter(name, text, &format!("is not a number from 1 to {max}")))
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// Reads `page_number` and `page_size`.
    pub(super) fn parse(query: &Query) -> Result<Self, Refusal> {
        Self::parse_as(query, ["page_number", "page_size"], DEFAULT_PAGE_SIZE)
    }

    /// A page of another default size, with the names that a few operations have for its parameters.
    pub(super) fn parse_as(query: &Query, [number, size]: [&str; 2], default_size: usize) -> Result<Self, Refusal> {
        Ok(Self {
            number: query.positive(number, 1, i32::MAX as usize)?,
            size: query.positive(size, default_size, MAX_PAGE_SIZE)?,
        })
    }

    /// A page that holds everything.
    pub(super) fn whole() -> Self {
        Self { number: 1, size: usize::MAX }
    }

    /// The items on this page of a list whose items need not be gone through to be counted, and what to say about it.
    pub(super) fn of_slice<T>(self, items: impl ExactSizeIterator<Item = T>) -> (Vec<T>, PageInfo) {
        let info = self.info(items.len());
        (items.skip(self.begin()).take(self.size).collect(), info)
    }

    /// The items on this page, and what to say about it.
    pub(super) fn of<T>(self, items: impl Iterator<Item = T>) -> (Vec<T>, PageInfo) {
        let begin = self.begin();
        let mut total = 0;
        let mut on_page = Vec::new();
        for item in items {
            if total >= begin && on_page.len() < self.size {
                on_page.push(item);
            }
            total += 1;
        }
        (on_page, self.info(total))
    }

    /// How many items come before this page.
    pub(super) fn begin(self) -> usize {
        (self.number - 1).saturating_mul(self.size)
    }

    pub(super) fn size(self) -> usize {
        self.size
    }

    /// What to say about this page of a list.
    pub(super) fn info(self, total: usize) -> PageInfo {
        PageInfo {
            page_number: i64::try_from(self.number).ok(),
            page_size: i64::try_from(self.size).ok(),
            total_count: i64::try_from(total).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<Page, String> {
        Page::parse(&Query::parse(query)).map_err(|refusal| refusal.message)
    }

    #[test]
    fn a_page_is_cut_from_the_list() {
        let (items, info) = page("page_number=2&page_size=3").unwrap().of(1..=7);
        assert_eq!(items, [4, 5, 6]);
        assert_eq!((info.page_number, info.page_size, info.total_count), (Some(2), Some(3), Some(7)));
        assert!(page("page_number=2147483647&page_size=100").unwrap().of(1..=7).0.is_empty());
        assert_eq!(page("page_size=").unwrap(), Page { number: 1, size: 10 });
    }

    #[test]
    fn pages_that_cannot_be_are_refused() {
        for query in ["page_number=0", "page_number=-1", "page_size=101", "page_size=ten", "page_number=2147483648"] {
            assert!(page(query).is_err(), "{query}");
        }
        insta::assert_snapshot!(
            page("page_size=0").unwrap_err(),
            @r#"The parameter page_size has the value "0", which is not a number from 1 to 100."#
        );
    }
}
