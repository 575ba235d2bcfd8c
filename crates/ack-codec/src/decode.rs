//! The way in: bytes to a value.
//!
//! ```
//! use ack_codec::{Decoder, Format, Limits};
//!
//! let decoder = Decoder::new(Format::Xml).limits(Limits::default().with_max_bytes(16));
//! let error = decoder.decode::<String>(b"<result>longer than sixteen bytes</result>").unwrap_err();
//! assert!(error.is_limit());
//! ```
//!
//! Decoding takes a whole body; it does not read from a stream.

use std::cell::{Cell, RefCell};

use serde_core::de::DeserializeOwned;

use crate::de::{Context, De};
use crate::drift::{Drift, Log};
use crate::error::Error;
use crate::format::Format;
use crate::limits::Limits;
use crate::{json, xml};

/// Decodes a body with the default [`Limits`], forgetting about drift.
///
/// # Errors
///
/// See [`Decoder::decode`].
pub fn decode<T: DeserializeOwned>(format: Format, body: &[u8]) -> Result<T, Error> {
    Decoder::new(format).decode(body).map(|decoded| decoded.value)
}

/// Decodes bodies of one format within limits.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    format: Format,
    limits: Limits,
}

/// A decoded value and what the body held beyond it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decoded<T> {
    /// The value.
    pub value: T,
    /// Fields and enum values the type does not know.
    pub drift: Drift,
}

impl Decoder {
    /// A decoder with the default [`Limits`].
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self { format, limits: Limits::default() }
    }

    /// Replaces the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Decodes one body.
    ///
    /// # Errors
    ///
    /// * [`Error::is_limit`]: the body is larger or nested deeper than the limits allow.
    /// * [`Error::is_empty_body`]: there is no body and `T` needs one. `()`, `Option` and
    ///   [`IgnoredAny`](serde_core::de::IgnoredAny) do not.
    /// * [`Error::is_eof`], [`Error::is_syntax`]: the body is cut off, or not JSON or XML at all.
    /// * [`Error::is_data`]: the body does not have the shape of `T`.
    pub fn decode<T: DeserializeOwned>(&self, body: &[u8]) -> Result<Decoded<T>, Error> {
        if body.len() > self.limits.max_bytes() {
            return Err(Error::too_large(self.format, body.len(), self.limits.max_bytes()));
        }
        let (mark, text) = text_of(self.format, body)?;
        let tape = match self.format {
            Format::Json => json::read(text, self.limits.max_depth()),
            Format::Xml => xml::read(text, self.limits.max_depth()),
        };
        let tape = tape.map_err(|error| error.shifted(mark))?;
        let context =
            Context { tape: &tape, format: self.format, base: Cell::new(0), drift: RefCell::new(Log::default()) };
        match T::deserialize(De::root(&context)) {
            Ok(value) => {
                let drift = context.drift.borrow().report(&tape, context.base.get());
                Ok(Decoded { value, drift })
            }
            Err(error) => Err(error.located(&tape, self.format, context.base.get()).shifted(mark)),
        }
    }
}

/// The body as text without a byte order mark, and the length of the mark.
fn text_of(format: Format, body: &[u8]) -> Result<(usize, &str), Error> {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    let (mark, body) = body.strip_prefix(MARK).map_or((0, body), |rest| (MARK.len(), rest));
    match std::str::from_utf8(body) {
        Ok(text) => Ok((mark, text)),
        Err(error) => Err(Error::not_utf8(format, body, &error).shifted(mark)),
    }
}
