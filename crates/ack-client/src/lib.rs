//! Async client of the Alibaba Cloud ACK API (product `CS`, version `2015-12-15`).
//!
//! One method for each operation, generated from the OpenAPI spec; a transport that signs every request with
//! ACS3-HMAC-SHA256, reads JSON and XML, bounds time and size, and keeps what a failure had to say.
//!
//! ```no_run
//! # async fn run() -> Result<(), ack_client::Error> {
//! use ack_client::Client;
//!
//! // Keys come from the environment, an OIDC role, a profile of the aliyun CLI, a role of the instance, ...
//! let client = Client::builder().region("cn-hangzhou").build()?;
//! let cluster = client.describe_cluster_detail("c106f377e16f34eb1808d6b9362c9test").await?;
//! println!("{:?} at {:?}", cluster.state, cluster.current_version);
//! println!("request id {:?}", cluster.request_id());
//! # Ok(())
//! # }
//! ```
//!
//! A [`Client`] is cheap to clone and shares its connections. [`ClientBuilder`] is where everything is configured;
//! [`ResponseValue`] is the decoded answer with status, headers and request id; [`Error`] says what failed.
//!
//! Operations that list a page at a time have a second method, named `.._pages`, that goes through all [`Pages`], or all
//! [`Items`] on them, one call after the other.
//!
//! The feature `blocking` adds `blocking::Client`, for programs without async;
//! `by-name` adds `Client::call` and `Client::preview` for tools that take operations by their id, and
//! `native-tls` adds `TlsBackend::Native`, which a client uses only if its builder says so.
//!
//! A call that fails is made again where that is safe and worth while, within limits of attempts and time: see
//! [`retry`]. How fast and how many at once is in [`limit`].
//!
//! Each call is a [`tracing`](https://docs.rs/tracing) span `ack_call` with one span `ack_attempt` for each request, both
//! at level INFO, with fields by OpenTelemetry's names (`rpc.method`, `cloud.region`, `server.address`, `http.request.method`,
//! `http.request.resend_count`, `http.response.status_code`, `error.type`) and the request id as `acs.request_id`.
//! Retries are events at INFO, a wrong clock at WARN, the rest at DEBUG. Nothing that is logged at any level holds a secret.
//!
//! A clean build is mostly TLS and HTTP. A tenth of it is ICU4X, which the `url` crate brings for names of hosts outside ASCII;
//! those of the service are all ASCII. The `Cargo.lock` of a program may choose the smaller unicode-rs for it, with
//! `cargo update -p idna_adapter --precise 1.1.0`; what else that changes is told by
//! [`idna_adapter`](https://docs.rs/crate/idna_adapter/latest).
//!
//! What it does not do: it does not wait for an upgrade; the `ack-upgrade` crate does.

mod advice;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
#[cfg(feature = "by-name")]
mod by_name;
mod client;
mod credentials_http;
mod endpoint;
mod error;
pub mod limit;
mod paging;
mod reading;
mod response;
pub mod retry;
mod runtime;
#[cfg(test)]
mod tests;

#[rustfmt::skip]
mod generated;

pub use ack_auth as auth;
pub use ack_codec::{Drift, Format};
pub use ack_models as models;
pub use builder::ClientBuilder;
#[cfg(feature = "by-name")]
pub use by_name::{Answer, Input, Preview, decode_answer, encode_answer};
pub use client::Client;
pub use credentials_http::CredentialsHttp;
pub use endpoint::{Network, PublishedRegion, published_regions};
pub use error::Error;
pub use futures_core::Stream;
pub use http::{HeaderMap, StatusCode};
pub use paging::{Items, Page, Pages};
pub use response::ResponseValue;
pub use runtime::TlsBackend;
