//! A request as a server received it.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode;

use crate::encoding::sorted_query;

/// A request exactly as it came over the wire, for [`verify`](crate::verify).
///
/// ```
/// use ack_auth::ReceivedRequest;
///
/// let headers = [("host", "127.0.0.1:8080"), ("x-acs-action", "DescribeClusters")];
/// let request = ReceivedRequest::new("GET", "/clusters", "name=a+b").with_headers(headers).with_body(b"");
/// # let _ = request;
/// ```
#[derive(Clone)]
pub struct ReceivedRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    query: &'a str,
    headers: Vec<(&'a str, &'a [u8])>,
    pub(crate) body: &'a [u8],
}

impl<'a> ReceivedRequest<'a> {
    /// A request without headers and body.
    ///
    /// `path` is the raw path of the request line, still encoded; `query` what follows the first
    /// `?`, still encoded and without it, empty for none.
    pub fn new(method: &'a str, path: &'a str, query: &'a str) -> Self {
        Self { method, path, query, headers: Vec::new(), body: &[] }
    }

    /// Adds headers in the order received. Names may be in any case and may repeat; a value is text
    /// or raw bytes.
    #[must_use]
    pub fn with_headers<V: AsRef<[u8]> + ?Sized + 'a>(
        mut self,
        headers: impl IntoIterator<Item = (&'a str, &'a V)>,
    ) -> Self {
        self.headers.extend(headers.into_iter().map(|(name, value)| (name, value.as_ref())));
        self
    }

    /// Sets the body: the bytes received, before any decoding. Default: empty.
    #[must_use]
    pub fn with_body(mut self, body: &'a [u8]) -> Self {
        self.body = body;
        self
    }

    /// Header values under their lower-case names, not yet checked.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (String, &'a [u8])> + '_ {
        self.headers.iter().map(|&(name, value)| (name.to_ascii_lowercase(), value))
    }

    /// The query decoded as a form and encoded anew. Pieces without `=` count as keys with an empty
    /// value; `%` without two hexadecimal digits stands for itself.
    pub(crate) fn canonical_query(&self) -> String {
        let pieces = self.query.split('&').filter(|piece| !piece.is_empty());
        let mut pairs = Vec::new();
        for piece in pieces {
            let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
            pairs.push((form_decoded(key), form_decoded(value)));
        }
        sorted_query(pairs.iter().map(|(key, value)| (key.as_slice(), value.as_slice())).collect())
    }
}

/// Shows names only: header values, query and body of a request may be confidential.
impl fmt::Debug for ReceivedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("header_names", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

fn form_decoded(text: &str) -> Vec<u8> {
    let text: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(query: &str) -> String {
        ReceivedRequest::new("GET", "/", query).canonical_query()
    }

    #[test]
    fn the_query_on_the_wire_is_decoded_and_encoded_anew() {
        assert_eq!(canonical("q=a+b&p=%7e%2a&q=1%2B1"), "p=~%2A&q=1%2B1&q=a%20b");
        assert_eq!(canonical("&&b=&a&=x"), "=x&a=&b=");
        assert_eq!(canonical("a=b=c&z=%zz%4"), "a=b%3Dc&z=%25zz%254");
        assert_eq!(canonical("a=%FF"), "a=%FF");
        assert_eq!(canonical(""), "");
    }
}
