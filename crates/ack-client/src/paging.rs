//! Lists that the service answers a page at a time, as one list.
//!
//! ```no_run
//! # async fn run(client: &ack_client::Client) -> Result<(), ack_client::Error> {
//! use ack_client::models::DescribeClusterTasksQuery;
//!
//! let query = DescribeClusterTasksQuery { page_size: Some(50), ..Default::default() };
//! let mut tasks = client.describe_cluster_tasks_pages("c106f377e16f34eb1808d6b9362c9test", &query).items();
//! while let Some(task) = tasks.next().await {
//!     let task = task?;
//!     println!("{:?} {:?}", task.task_id, task.state);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Two styles are known: pages with numbers, and tokens that lead from one page to the next. Which one an operation has
//! is in the spec, and the generated methods say so.
//!
//! What it does not do: it calls for no page before it is asked for, repeats no call that failed, and does not make the
//! pages one snapshot: entries that come or go in between may show twice or not at all.

use std::fmt;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ack_models::Operation;
use futures_core::Stream;
use serde_core::de::DeserializeOwned;

use crate::client::Client;
use crate::error::Error;
use crate::response::ResponseValue;
use crate::runtime::Request;

mod cursor;
mod items;

pub(crate) use cursor::{Answered, Cursor, Numbers, Tokens};
pub use items::Items;

use cursor::{Place, Step};

/// How many pages are read at most, unless [`Pages::limit_pages`] says otherwise.
const DEFAULT_LIMIT: usize = 1000;

/// An answer that holds one page of a list. The models of such answers implement it.
pub trait Page {
    /// What the list is of.
    type Item: Send + Unpin + 'static;

    /// The entries on this page.
    fn items(&self) -> &[Self::Item];

    /// The entries on this page, taken out of the answer.
    fn into_items(self) -> Vec<Self::Item>;
}

/// The pages of one list, read one call after the other as they are asked for.
///
/// The methods of [`Client`] that end in `_pages` make it; nothing is sent before the first [`next`](Self::next). The
/// query given there is sent with every page: its page size is kept, and its page number or token is where the list
/// starts.
///
/// The list ends at an empty page or when `total_count` is reached, and with tokens at an answer without one. An error
/// is the last thing it gives. So that a service that never comes to an end does not keep a program busy for ever, it
/// gives an error instead of a page that it has given before, and after [a number of pages](Self::limit_pages).
#[must_use = "nothing is sent until a page is asked for with `next`"]
pub struct Pages<P> {
    operation: &'static Operation,
    fetch: Box<Fetch<P>>,
    read: fn(&P) -> Answered,
    cursor: Cursor,
    step: Step,
    pending: Option<Pending<P>>,
    received: usize,
    limit: usize,
}

/// Calls for the page at a place.
type Fetch<P> = dyn FnMut(&Place) -> Pending<P> + Send;

/// A call under way.
type Pending<P> = Pin<Box<dyn Future<Output = Result<ResponseValue<P>, Error>> + Send>>;

impl<P: Page + 'static> Pages<P> {
    /// Reads at most this many pages; 1,000 unless set. If there are more, an error follows for which
    /// [`Error::is_page_limit`] holds, so that part of a list is not taken for all of it.
    pub fn limit_pages(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// The next page, or `None` at the end and after an error.
    ///
    /// Dropping the returned future loses nothing: the call goes on with the next one.
    ///
    /// # Errors
    ///
    /// As the operation itself; [`Error::is_page_limit`]; [`Error::is_page_repeated`]; and
    /// [`Error::is_invalid_input`] if the query starts at a page that is no number.
    pub async fn next(&mut self) -> Option<Result<ResponseValue<P>, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// The pages as a [`Stream`], for the combinators of other crates.
    pub fn into_stream(mut self) -> impl Stream<Item = Result<ResponseValue<P>, Error>> + Send + Unpin {
        futures_util::stream::poll_fn(move |context| self.poll_next(context))
    }

    /// The entries of all pages, one by one. Status, headers and request id of the pages are dropped.
    pub fn items(self) -> Items<P::Item> {
        Items::new(self)
    }

    /// `read` takes out of an answer what leads on; `describe` completes the request for a page but for its place.
    pub(crate) fn new(
        client: &Client,
        operation: &'static Operation,
        cursor: impl Into<Cursor>,
        read: fn(&P) -> Answered,
        describe: impl Fn(Request) -> Request + Send + 'static,
    ) -> Self
    where
        P: DeserializeOwned,
    {
        let client = client.clone();
        let fetch = move |place: &Place| -> Pending<P> {
            let request = describe(Request::new(operation)).query(place);
            let client = client.clone();
            Box::pin(async move { client.execute(request).await })
        };
        let (cursor, step) = cursor.into().begin();
        Self { operation, fetch: Box::new(fetch), read, cursor, step, pending: None, received: 0, limit: DEFAULT_LIMIT }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ResponseValue<P>, Error>>> {
        if self.pending.is_none() {
            match mem::replace(&mut self.step, Step::End) {
                Step::End => return Poll::Ready(None),
                Step::Fail(error) => return Poll::Ready(Some(Err(self.failure(error)))),
                Step::Fetch if self.received >= self.limit => {
                    return Poll::Ready(Some(Err(self.failure(Error::page_limit(self.limit)))));
                }
                Step::Fetch => {}
            }
        }
        let pending = self.pending.get_or_insert_with(|| (self.fetch)(&self.cursor.place()));
        let outcome = ready!(pending.as_mut().poll(context));
        self.pending = None;
        Poll::Ready(Some(outcome.and_then(|page| self.receive(page))))
    }

    fn receive(&mut self, page: ResponseValue<P>) -> Result<ResponseValue<P>, Error> {
        self.received = self.received.saturating_add(1);
        match self.cursor.advance((self.read)(&page), page.items().len()) {
            Ok(step) => {
                self.step = step;
                Ok(page)
            }
            Err(error) => Err(self.failure(error)),
        }
    }

    fn failure(&self, error: Error) -> Error {
        error.with_operation(self.operation)
    }
}

impl<P> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &self.operation.id)
            .field("received", &self.received)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
