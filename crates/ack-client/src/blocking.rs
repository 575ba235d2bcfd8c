//! The client for programs without async: each call blocks its thread until the answer is there.
//!
//! ```no_run
//! use ack_client::Client;
//! use ack_client::models::DescribeClustersV1Query;
//!
//! let client = Client::builder().region("cn-hangzhou").build_blocking()?;
//! for cluster in client.describe_clusters_v1_pages(&DescribeClustersV1Query::default()).items() {
//!     let cluster = cluster?;
//!     println!("{:?} at {:?}", cluster.name, cluster.current_version);
//! }
//! # Ok::<(), ack_client::Error>(())
//! ```
//!
//! It needs the feature `blocking`. `cargo run -p ack-client --features blocking --example blocking` shows it at work,
//! without an account.
//!
//! A [`Client`] is the async one with a runtime of its own on a thread of its own, so that settings, retries, limits and
//! errors are the same. It can be shared by any number of threads: each call blocks only the thread that makes it.
//! Lists of pages are iterators.
//!
//! What it does not do: it does not work inside an async runtime, whose thread it would block. There, and in threads
//! that such a runtime lends out (tokio's `spawn_blocking`), it gives an error for which
//! [`Error::is_invalid_input`](crate::Error::is_invalid_input) holds, and sends nothing: use the async
//! [`Client`](crate::Client), or a thread of `std::thread`.

use std::future::Future;
use std::sync::Arc;

use ack_codec::Format;

#[cfg(feature = "by-name")]
use crate::by_name::{Input, Preview};
use crate::error::Error;
#[cfg(feature = "by-name")]
use crate::response::ResponseValue;
use crate::{ClientBuilder, Page};

mod pages;
mod runtime;

pub use pages::{Items, Pages};

use runtime::Runtime;

/// A client of the ACK API in one region whose calls block; made by [`ClientBuilder::build_blocking`].
///
/// It has the same methods as the async [`Client`](crate::Client), one for each operation. Cloning is cheap; clones share
/// connections, configuration and the thread that drives them, which ends with the last of them.
#[derive(Clone, Debug)]
pub struct Client {
    client: crate::Client,
    runtime: Arc<Runtime>,
}

impl ClientBuilder {
    /// Makes a client whose calls block, for programs without async. Nothing is sent yet, and credentials are read with the
    /// first call.
    ///
    /// It needs the feature `blocking`.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build); [`Error::is_invalid_input`] inside an async runtime; another error if the system gives no
    /// thread.
    pub fn build_blocking(self) -> Result<Client, Error> {
        let client = self.build()?;
        Ok(Client { client, runtime: Arc::new(Runtime::start()?) })
    }
}

impl Client {
    /// The region the client was built for; `None` if it was given only an endpoint.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.client.region()
    }

    /// Scheme, host and port that requests go to, such as `https://cs.cn-hangzhou.aliyuncs.com`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.client.endpoint()
    }

    /// The wire format answers are asked in.
    #[must_use]
    pub fn format(&self) -> Format {
        self.client.format()
    }

    /// Calls an operation by its id, as the async [`call`](crate::Client::call) does.
    ///
    /// It needs the feature `by-name`.
    ///
    /// # Errors
    ///
    /// As the async method; [`Error::is_invalid_input`] inside an async runtime.
    #[cfg(feature = "by-name")]
    pub fn call(&self, operation: &str, input: &Input) -> Result<ResponseValue<serde_json::Value>, Error> {
        self.wait(self.client.call(operation, input))
    }

    /// The request that [`call`](Self::call) would send, as the async [`preview`](crate::Client::preview) gives it.
    ///
    /// It needs the feature `by-name`.
    ///
    /// # Errors
    ///
    /// As the async method; [`Error::is_invalid_input`] inside an async runtime.
    #[cfg(feature = "by-name")]
    pub fn preview(&self, operation: &str, input: &Input) -> Result<Preview, Error> {
        self.wait(self.client.preview(operation, input))
    }

    /// The client whose calls are waited for.
    pub(crate) fn inner(&self) -> &crate::Client {
        &self.client
    }

    pub(crate) fn wait<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.runtime.wait(call)?
    }

    pub(crate) fn pages<P: Page + 'static>(&self, pages: crate::Pages<P>) -> Pages<P> {
        Pages::new(pages, Arc::clone(&self.runtime))
    }
}
