//! Lists of pages as iterators.

use std::iter::FusedIterator;
use std::sync::Arc;

use super::runtime::Runtime;
use crate::error::Error;
use crate::response::ResponseValue;
use crate::{Page, paging};

/// The pages of one list, one call for each page that is asked for. The methods of [`Client`](super::Client) that end in
/// `_pages` make it; nothing is sent before the first `next`.
///
/// As with the async [`Pages`](crate::Pages), whose documentation says where a list ends, an error is the last thing it
/// gives.
#[derive(Debug)]
#[must_use = "nothing is sent until a page is asked for"]
pub struct Pages<P> {
    /// `None` after a refusal.
    pages: Option<paging::Pages<P>>,
    runtime: Arc<Runtime>,
}

/// The entries of a list, page after page; made by [`Pages::items`]. An error is the last thing it gives.
#[derive(Debug)]
#[must_use = "nothing is sent until an entry is asked for"]
pub struct Items<T> {
    items: Option<paging::Items<T>>,
    runtime: Arc<Runtime>,
}

impl<P: Page + 'static> Pages<P> {
    /// Reads at most this many pages; 1,000 unless set. If there are more, an error follows for which
    /// [`Error::is_page_limit`] holds, so that part of a list is not taken for all of it.
    pub fn limit_pages(mut self, limit: usize) -> Self {
        self.pages = self.pages.map(|pages| pages.limit_pages(limit));
        self
    }

    /// The entries of all pages, one by one. Status, headers and request id of the pages are dropped.
    pub fn items(self) -> Items<P::Item> {
        Items { items: self.pages.map(paging::Pages::items), runtime: self.runtime }
    }

    pub(super) fn new(pages: paging::Pages<P>, runtime: Arc<Runtime>) -> Self {
        Self { pages: Some(pages), runtime }
    }
}

impl<P: Page + 'static> Iterator for Pages<P> {
    type Item = Result<ResponseValue<P>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.runtime.wait(self.pages.as_mut()?.next()) {
            Ok(page) => page,
            Err(refusal) => {
                self.pages = None;
                Some(Err(refusal))
            }
        }
    }
}

impl<P: Page + 'static> FusedIterator for Pages<P> {}

impl<T: Send + Unpin + 'static> Iterator for Items<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.runtime.wait(self.items.as_mut()?.next()) {
            Ok(item) => item,
            Err(refusal) => {
                self.items = None;
                Some(Err(refusal))
            }
        }
    }
}

impl<T: Send + Unpin + 'static> FusedIterator for Items<T> {}
