//! The canonical request, the string to sign and the signature of ACS3-HMAC-SHA256, from parts
//! already checked.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::hex::{lower_hex, sha256_hex};

/// The name of the algorithm in the string to sign and in the `Authorization` header.
pub(crate) const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// The headers that are signed, an entry for each value, in the order they are signed in: by name, then by value.
#[derive(Default)]
pub(crate) struct HeaderValues<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> HeaderValues<'a> {
    /// The lower-case names, each once.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.groups().filter_map(|group| group.first()).map(|(name, _)| &**name)
    }

    /// The values of one header.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|&(_, value)| value)
    }

    /// The same names, with other values.
    pub(crate) fn map<'v>(&'v self, shown: impl Fn(&str, &'a str) -> &'v str) -> HeaderValues<'v> {
        self.0.iter().map(|(name, value)| (Cow::Borrowed(&**name), shown(name, value))).collect()
    }

    fn groups(&self) -> impl Iterator<Item = &[(Cow<'a, str>, &'a str)]> {
        self.0.chunk_by(|(one, _), (other, _)| one == other)
    }
}

impl<'a> FromIterator<(Cow<'a, str>, &'a str)> for HeaderValues<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, &'a str)>>(headers: I) -> Self {
        let mut headers: Vec<_> = headers.into_iter().collect();
        headers.sort_unstable();
        Self(headers)
    }
}

pub(crate) struct Canonical {
    /// Holds the security token where there is one, hence wiped.
    pub(crate) request: Zeroizing<String>,
    pub(crate) string_to_sign: String,
}

/// Joins the six parts. `headers` are exactly those that are signed.
pub(crate) fn canonical(
    method: &str,
    path: &str,
    query: &str,
    headers: &HeaderValues<'_>,
    payload_hash: &str,
) -> Canonical {
    let path = if path.is_empty() { "/" } else { path };
    let fixed = method.len() + path.len() + query.len() + payload_hash.len() + 5;
    let lines: usize = headers
        .groups()
        .map(|group| {
            let name = group.first().map_or(0, |(name, _)| name.len());
            2 * name + 3 + group.iter().map(|(_, value)| value.len() + 1).sum::<usize>()
        })
        .sum();
    // Reserved in one piece, because a buffer that grows leaves unwiped copies of the token behind.
    let mut request = Zeroizing::new(String::with_capacity(fixed + lines));
    for part in [method, path, query] {
        request.push_str(part);
        request.push('\n');
    }
    for group in headers.groups() {
        if let Some((name, _)) = group.first() {
            request.push_str(name);
        }
        request.push(':');
        push_joined(&mut request, group.iter().map(|&(_, value)| value), ',');
        request.push('\n');
    }
    request.push('\n');
    push_joined(&mut request, headers.names(), ';');
    request.push('\n');
    request.push_str(payload_hash);
    let string_to_sign = format!("{ALGORITHM}\n{}", sha256_hex(request.as_bytes()));
    Canonical { request, string_to_sign }
}

/// The signature as 64 lower-case hexadecimal digits. The key is the secret as it is, without
/// derivation.
pub(crate) fn signature(secret: &str, string_to_sign: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    lower_hex(&mac.finalize().into_bytes())
}

/// A header value without the blanks around it, or what is wrong with it.
pub(crate) fn trimmed_value(value: &[u8]) -> Result<&str, &'static str> {
    let text = str::from_utf8(value).map_err(|_| "holds bytes that are not ASCII")?.trim_matches([' ', '\t']);
    match text.bytes().find(|byte| !(b' '..=b'~').contains(byte)) {
        None => Ok(text),
        Some(b'\r' | b'\n') => Err("holds a line end"),
        Some(byte) if byte.is_ascii() => Err("holds a control character"),
        Some(_) => Err("holds a character outside ASCII"),
    }
}

pub(crate) fn push_joined<S: AsRef<str>>(text: &mut String, parts: impl IntoIterator<Item = S>, separator: char) {
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            text.push(separator);
        }
        text.push_str(part.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_values_are_sorted_and_joined_and_the_buffer_does_not_grow() {
        let headers = [("x-acs-extra", "b"), ("host", "h"), ("x-acs-extra", "a"), ("x-acs-extra", "")];
        let headers = headers.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let made = canonical("GET", "", "a=1", &headers, "hash");
        assert_eq!(made.request.as_str(), "GET\n/\na=1\nhost:h\nx-acs-extra:,a,b\n\nhost;x-acs-extra\nhash");
        assert!(made.request.capacity() >= made.request.len());
        assert!(made.request.capacity() < made.request.len() + 16);
    }

    #[test]
    fn the_known_answer_of_the_documentation_is_reproduced() {
        let string_to_sign = "ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259";
        let expected = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
        assert_eq!(signature("YourAccessKeySecret", string_to_sign), expected);
    }

    #[test]
    fn values_are_trimmed_of_blanks_and_refused_with_other_bytes() {
        assert_eq!(trimmed_value(b" \ta b\t "), Ok("a b"));
        assert_eq!(trimmed_value(b"a\n"), Err("holds a line end"));
        assert_eq!(trimmed_value(b"a\tb"), Err("holds a control character"));
        assert_eq!(trimmed_value("é".as_bytes()), Err("holds a character outside ASCII"));
        assert_eq!(trimmed_value(&[0xff]), Err("holds bytes that are not ASCII"));
    }
}
