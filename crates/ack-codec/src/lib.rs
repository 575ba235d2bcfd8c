//! JSON and XML wire formats of the Alibaba Cloud ACK API (product CS, version 2015-12-15), to and from any serde type.
//!
//! The service's printed documents and its answers disagree about shapes: numbers come as text, one-element lists as
//! bare objects, XML with or without a root. This crate reads all of these forms into the type the caller declares,
//! by one set of rules for both formats, and reports what it could not read by path and byte offset.
//!
//! ```
//! use ack_codec::{Format, decode};
//!
//! #[derive(serde::Deserialize)]
//! struct Cluster {
//!     name: String,
//!     size: i64,
//!     tags: Vec<String>,
//! }
//!
//! let json = br#"{"name": "prod", "size": "6", "tags": "blue"}"#;
//! let xml = b"<DescribeClusterResponse><name>prod</name><size>6</size><tags>blue</tags></DescribeClusterResponse>";
//! for (format, body) in [(Format::Json, &json[..]), (Format::Xml, &xml[..])] {
//!     let cluster: Cluster = decode(format, body)?;
//!     assert_eq!((cluster.name.as_str(), cluster.size, cluster.tags.len()), ("prod", 6, 1));
//! }
//! # Ok::<(), ack_codec::Error>(())
//! ```
//!
//! # What is forgiven
//!
//! | the wire has | the type gets |
//! |---|---|
//! | XML declaration, byte order mark, comments, CDATA, processing instructions, prefixes, attributes | read through |
//! | a bare run of XML elements, or the same inside one root | the same value |
//! | repeated elements, also interleaved; one value where a list is declared | a list, order kept |
//! | a wrapper with the items inside (`<tags><tag>..</tag></tags>`) where a list is declared | a list |
//! | a top-level array printed as `<0>..</0><1>..</1>` | a list |
//! | `"6"`, `6`, `6.0`, `" 6 "`; `"true"`, `True`, `1` | the declared number or boolean, exact |
//! | a number or boolean where a string is declared | its literal text |
//! | `null`, `""`, `<x/>` | `None` for optional non-strings; `""` stays for strings |
//! | unknown fields, unknown enum values | skipped or kept, and listed in [`Drift`] |
//!
//! What a list holds is told by the type of its items, so free-form items are taken as they are and never unwrapped. In
//! XML, a root is told by the fields of the struct that is wanted; for a map or a free-form value it is an only element
//! whose name ends in `Response`.
//!
//! # What it does not do
//!
//! It does no I/O, knows no model and no operation, reads UTF-8 only, and never resolves DTD entities. It cannot tell
//! an empty list from an absent one in XML, because the format the service uses cannot.

mod de;
mod decode;
mod drift;
mod error;
mod format;
mod json;
mod limits;
mod ser;
mod tape;
mod xml;

pub use decode::{Decoded, Decoder, decode};
pub use drift::{Drift, UnknownValue};
pub use error::Error;
pub use format::{Format, ParseFormatError};
pub use limits::Limits;
pub use ser::{Root, encode};
