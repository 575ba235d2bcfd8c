//! What a request looks like before it is signed.

use std::borrow::Cow;
use std::fmt;

use crate::Error;
use crate::canonical::{all_bytes, trimmed_text};
use crate::own_header::OwnHeader;

/// A request to be signed: method, host, path and operation, and what the `with_` methods add.
///
/// Nothing is checked before [`Signer::sign`](crate::Signer::sign). `Debug` leaves out values of
/// the query, headers and body.
///
/// ```
/// use ack_auth::{SigningRequest, encode_component};
///
/// let path = format!("/api/v2/clusters/{}/upgrade", encode_component("c106f377e16f"));
/// let request = SigningRequest::new("POST", "cs.cn-hangzhou.aliyuncs.com", path, "UpgradeCluster", "2015-12-15")
///     .with_accept("application/json")
///     .with_content_type("application/json; charset=utf-8")
///     .with_body(br#"{"next_version":"1.31.1-aliyun.1"}"#);
/// # let _ = request;
/// ```
#[derive(Clone)]
pub struct SigningRequest<'a> {
    pub(crate) method: Cow<'a, str>,
    pub(crate) host: Cow<'a, str>,
    pub(crate) path: Cow<'a, str>,
    pub(crate) action: Cow<'a, str>,
    pub(crate) version: Cow<'a, str>,
    pub(crate) query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(crate) headers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(crate) accept: Option<Cow<'a, str>>,
    pub(crate) user_agent: Option<Cow<'a, str>>,
    pub(crate) content_type: Option<Cow<'a, str>>,
    pub(crate) body: Option<&'a [u8]>,
}

impl<'a> SigningRequest<'a> {
    /// A request without query, body or further headers.
    ///
    /// * `method` – upper-case HTTP method.
    /// * `host` – the endpoint without scheme, with `:port` if the URL has one: exactly what the
    ///   `Host` header will say.
    /// * `path` – percent-encoded as it will be sent, parameters by
    ///   [`encode_component`](crate::encode_component); empty means `/`.
    /// * `action`, `version` – the operation's name and the API version, `GetUpgradeStatus` and
    ///   `2015-12-15`.
    pub fn new(
        method: impl Into<Cow<'a, str>>,
        host: impl Into<Cow<'a, str>>,
        path: impl Into<Cow<'a, str>>,
        action: impl Into<Cow<'a, str>>,
        version: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self {
            method: method.into(),
            host: host.into(),
            path: path.into(),
            action: action.into(),
            version: version.into(),
            query: Vec::new(),
            headers: Vec::new(),
            accept: None,
            user_agent: None,
            content_type: None,
            body: None,
        }
    }

    /// Adds query parameters, keys and values as they are meant, not encoded. Order does not
    /// matter.
    #[must_use]
    pub fn with_query<K: AsRef<str>, V: AsRef<str>>(mut self, pairs: &'a [(K, V)]) -> Self {
        self.query.extend(borrowed(pairs));
        self
    }

    /// Adds one query parameter, key and value as they are meant, not encoded.
    #[must_use]
    pub fn with_query_pair(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.query.push((key.into(), value.into()));
        self
    }

    /// Adds headers besides those that the signer writes itself, such as `x-acs-retry-attempts`. A
    /// name may repeat.
    #[must_use]
    pub fn with_headers<K: AsRef<str>, V: AsRef<str>>(mut self, headers: &'a [(K, V)]) -> Self {
        self.headers.extend(borrowed(headers));
        self
    }

    /// Adds one header, see [`with_headers`](Self::with_headers).
    #[must_use]
    pub fn with_header(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets `accept`. Default: not sent.
    #[must_use]
    pub fn with_accept(mut self, media_type: impl Into<Cow<'a, str>>) -> Self {
        self.accept = Some(media_type.into());
        self
    }

    /// Sets `user-agent`. Default: not sent.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: impl Into<Cow<'a, str>>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Sets `content-type`, which official SDKs send with a body only. Default: not sent.
    #[must_use]
    pub fn with_content_type(mut self, media_type: impl Into<Cow<'a, str>>) -> Self {
        self.content_type = Some(media_type.into());
        self
    }

    /// Sets the body: the exact bytes that will be sent. Default: none, signed like an empty one.
    #[must_use]
    pub fn with_body(mut self, body: &'a [u8]) -> Self {
        self.body = Some(body);
        self
    }

    /// Refuses what cannot be sent as it would be signed. Header values are checked where they are
    /// written.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.method.is_empty() || !all_bytes(&self.method, |b| b.is_ascii_uppercase()) {
            return Err(Error::signing("method", "is not an upper-case word", "pass GET, POST, PUT or DELETE"));
        }
        let host_byte = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
        if self.host.is_empty() || !all_bytes(&self.host, host_byte) {
            let problem = "is not a host name with an optional port";
            return Err(Error::signing("host", problem, "pass it without scheme, path and white space"));
        }
        for (field, value) in [("action", &self.action), ("version", &self.version)] {
            if value.is_empty() {
                return Err(Error::signing(field, "is empty", "pass the one of the operation"));
            }
        }
        check_path(&self.path)?;
        self.headers.iter().try_for_each(|(name, _)| check_header_name(name))
    }
}

impl fmt::Debug for SigningRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningRequest")
            .field("method", &self.method)
            .field("host", &self.host)
            .field("path", &self.path)
            .field("action", &self.action)
            .field("version", &self.version)
            .field("query_keys", &self.query.iter().map(|(key, _)| key).collect::<Vec<_>>())
            .field("header_names", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body_bytes", &self.body.map(<[u8]>::len))
            .finish_non_exhaustive()
    }
}

/// Checks and trims one header value; `field` is how an error calls it.
pub(crate) fn header_value(field: impl FnOnce() -> Cow<'static, str>, value: &str) -> Result<&str, Error> {
    trimmed_text(value).map_err(|problem| Error::signing(field(), problem, "headers carry printable ASCII on one line"))
}

fn borrowed<'a, K: AsRef<str>, V: AsRef<str>>(
    pairs: &'a [(K, V)],
) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
    pairs.iter().map(|(key, value)| (Cow::Borrowed(key.as_ref()), Cow::Borrowed(value.as_ref())))
}

fn check_path(path: &str) -> Result<(), Error> {
    let refuse = |problem: &'static str, remedy: &'static str| Err(Error::signing("path", problem, remedy));
    if !path.is_empty() && !path.starts_with('/') {
        return refuse("does not start with a slash", "pass the path only, without scheme and host");
    }
    if all_bytes(path, is_plain) {
        return Ok(());
    }
    if path.bytes().any(|b| !b.is_ascii_graphic() || is_reserved(b)) {
        return refuse("is not percent-encoded", "pass parameters through encode_component and the query apart");
    }
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('%') {
        if !after.get(..2).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())) {
            return refuse("holds a % without two hexadecimal digits", "pass parameters through encode_component");
        }
        rest = after;
    }
    // URL libraries drop such segments when sending, so another path would be sent than the one
    // signed.
    if path.split('/').any(is_dots) {
        return refuse("has a segment `.` or `..`", "pass another value for that parameter");
    }
    Ok(())
}

/// What may stand anywhere in a path; most paths hold nothing else.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'-' || byte == b'_'
}

/// Characters that end a path or that a path may hold only encoded.
fn is_reserved(byte: u8) -> bool {
    matches!(byte, b'?' | b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'}' | b'|')
}

/// Whether a segment is `.` or `..`, in any spelling.
fn is_dots(mut segment: &str) -> bool {
    let mut dots = 0;
    while let Some(rest) = [".", "%2e", "%2E"].iter().find_map(|dot| segment.strip_prefix(dot)) {
        segment = rest;
        dots += 1;
    }
    segment.is_empty() && (dots == 1 || dots == 2)
}

/// What an error calls a header, however long and odd its name is.
pub(crate) fn header_field(name: &str) -> String {
    const LONGEST: usize = 64;
    let mut shown: String = name.chars().take(LONGEST).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    format!("header `{}`", shown.escape_debug())
}

fn check_header_name(name: &str) -> Result<(), Error> {
    let token_byte = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let field = || header_field(name);
    if name.is_empty() || !name.bytes().all(token_byte) {
        return Err(Error::signing(field(), "has a name that is not an HTTP token", "use letters, digits and hyphens"));
    }
    if OwnHeader::ALL.iter().any(|own| own.name().eq_ignore_ascii_case(name)) {
        return Err(Error::signing(field(), "is written by the signer", "leave it out, or use the method made for it"));
    }
    Ok(())
}
