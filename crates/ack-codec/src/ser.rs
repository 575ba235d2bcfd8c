//! The way out: a value to bytes.
//!
//! ```
//! use ack_codec::{Format, Root, encode};
//!
//! #[derive(serde::Serialize)]
//! struct Status {
//!     status: &'static str,
//!     task_ids: Vec<&'static str>,
//! }
//!
//! let status = Status { status: "running", task_ids: vec!["T-1", "T-2"] };
//! assert_eq!(
//!     encode(Format::Xml, Root::Fragment, &status)?,
//!     b"<status>running</status><task_ids>T-1</task_ids><task_ids>T-2</task_ids>"
//! );
//! assert_eq!(
//!     encode(Format::Json, Root::Fragment, &status)?,
//!     br#"{"status":"running","task_ids":["T-1","T-2"]}"#
//! );
//! # Ok::<(), ack_codec::Error>(())
//! ```
//!
//! XML is written as the service's documents print it. What that form cannot carry is an error where it can be told,
//! and reads back differently where it cannot: an empty list and an empty body vanish, and an empty text or element
//! reads as absent for an optional non-string.

mod children;
mod element;
mod escape;
mod key;

use serde_core::Serialize;

use self::element::Element;
use crate::error::Error;
use crate::format::Format;

/// What stands around the value in XML. JSON has no such thing and ignores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root<'a> {
    /// An XML declaration and one root element, such as `GetUpgradeStatusResponse`: the form of the newer documents.
    Named(&'a str),
    /// Nothing: fields become top-level elements, the form of the older documents.
    Fragment,
}

/// Encodes a value, as compact JSON or as XML without whitespace.
///
/// In XML, a field or a map entry becomes an element of that name, a list the same element repeated, a top-level list
/// `<0>..</0><1>..</1>`. `None` and unit fields are left out; a map entry or list item without a value is `<x/>`.
/// JSON writes floats that are not finite as `null`; XML refuses them.
///
/// # Errors
///
/// [`Error::is_encode`], naming the path where known: a list directly in a list, a map key or root that is no element
/// name, a character XML 1.0 cannot carry, an enum variant with content (all XML only), nesting deeper than 128
/// (XML only), a map key that is not a string or number, or a complaint of the value's own `Serialize`.
pub fn encode<T: Serialize + ?Sized>(format: Format, root: Root<'_>, value: &T) -> Result<Vec<u8>, Error> {
    if format == Format::Json {
        return serde_json::to_vec(value).map_err(|error| Error::encode_message(Format::Json, error.to_string()));
    }
    let mut out = String::new();
    if let Root::Named(name) = root {
        escape::check_name(name)?;
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?><");
        out.push_str(name);
        out.push('>');
    }
    value.serialize(Element::top(&mut out))?;
    if let Root::Named(name) = root {
        escape::end_tag(&mut out, name);
    }
    Ok(out.into_bytes())
}
