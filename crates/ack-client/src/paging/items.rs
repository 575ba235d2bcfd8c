//! The entries of all pages as one list.

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use super::{Page, Pages};
use crate::error::Error;

/// The entries of a list, page after page; made by [`Pages::items`].
///
/// A page is called for when the entries of the page before have been given. An error is the last thing it gives, after
/// the entries of the pages before it.
#[must_use = "nothing is sent until an entry is asked for with `next`"]
pub struct Items<T> {
    poll_page: Box<PollPage<T>>,
    page: vec::IntoIter<T>,
}

type PollPage<T> = dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<Vec<T>, Error>>> + Send;

impl<T: Send + Unpin + 'static> Items<T> {
    pub(super) fn new<P: Page<Item = T> + 'static>(mut pages: Pages<P>) -> Self {
        let poll_page = move |context: &mut Context<'_>| {
            let page = ready!(pages.poll_next(context));
            Poll::Ready(page.map(|page| Ok(page?.into_inner().into_items())))
        };
        Self { poll_page: Box::new(poll_page), page: Vec::new().into_iter() }
    }

    /// The next entry, or `None` at the end and after an error.
    ///
    /// Dropping the returned future loses nothing: a call under way goes on with the next one.
    ///
    /// # Errors
    ///
    /// As [`Pages::next`].
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// The entries as a [`Stream`], for the combinators of other crates.
    pub fn into_stream(mut self) -> impl Stream<Item = Result<T, Error>> + Send + Unpin {
        futures_util::stream::poll_fn(move |context| self.poll_next(context))
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!((self.poll_page)(context)) {
                Some(Ok(items)) => self.page = items.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("left_on_page", &self.page.len()).finish_non_exhaustive()
    }
}
