//! Models of the Alibaba Cloud ACK API (product `CS`, version `2015-12-15`).
//!
//! Requests, queries and answers as plain structs, generated from the OpenAPI spec of this workspace. Every field of an
//! answer is optional, for the service leaves out what it does not know. Enums are *open*: a value that is not
//! documented is kept as `Unknown` and survives a round trip, and values are matched without regard to case,
//! because the documents and the answers differ in it.
//!
//! ```
//! use ack_models::{TaskState, UpgradeClusterRequest};
//!
//! let request = UpgradeClusterRequest {
//!     next_version: Some("1.32.1-aliyun.1".to_owned()),
//!     master_only: Some(true),
//!     ..Default::default()
//! };
//! assert_eq!(
//!     serde_json::to_string(&request)?,
//!     r#"{"master_only":true,"next_version":"1.32.1-aliyun.1"}"#
//! );
//!
//! assert_eq!(TaskState::from("Running"), TaskState::Running);
//! assert_eq!(TaskState::from("resting"), TaskState::Unknown("resting".to_owned()));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! Construct requests with `..Default::default()`: a new optional field is not a breaking change. A required field is no
//! `Option`, and its default is empty: fill it.
//!
//! This crate does no I/O and knows no wire format; the `ack-codec` crate reads and writes JSON and XML, and
//! `ack-client` makes the calls.

#[cfg(feature = "catalogue")]
pub mod catalogue;
mod list;
#[macro_use]
mod model;
#[macro_use]
mod open_enum;
mod operation;

#[rustfmt::skip]
mod generated;

pub use generated::*;
pub use operation::Operation;

/// Product and version of an API, as they go into `x-acs-version` and documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ApiInfo {
    /// The product code, `CS` for Container Service.
    pub product: &'static str,
    /// The API version, a date.
    pub version: &'static str,
}

/// Product and version of this API.
pub static API: ApiInfo = ApiInfo { product: "CS", version: "2015-12-15" };
