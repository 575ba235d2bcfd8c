//! Percent-encoding as ACS3-HMAC-SHA256 wants it, for path parameters and for the query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Encodes one path parameter, query key or query value.
///
/// `A-Z a-z 0-9 - _ . ~` stay as they are; every other byte of the UTF-8 text becomes `%XX` with
/// upper-case digits: `/` is `%2F`, a space `%20`, `*` `%2A`, and `%` `%25`, so text that looks
/// encoded is encoded once more. Template parts of a path (`/clusters/`) are not passed through
/// this.
///
/// ```
/// assert_eq!(ack_auth::encode_component("a b/集~*"), "a%20b%2F%E9%9B%86~%2A");
/// ```
pub fn encode_component(text: &str) -> String {
    encode_bytes(text.as_bytes())
}

/// The query line of a canonical request, which also serves as the query of the URL.
///
/// Pairs are sorted by the bytes of the key, and of the value where keys are equal; key and value
/// are encoded with [`encode_component`]; an empty value keeps its sign (`k=`); no pairs give an
/// empty text. Official SDKs for Python, Go, TypeScript and C# leave keys unencoded while PHP
/// encodes them: this matters for keys that hold reserved characters only, and no operation of ACK
/// has one.
///
/// ```
/// let query = ack_auth::canonical_query(&[("b", "1 2"), ("B", ""), ("a", "x+y")]);
/// assert_eq!(query, "B=&a=x%2By&b=1%202");
/// ```
pub fn canonical_query<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    sorted_query(pairs.iter().map(|(key, value)| (key.as_ref().as_bytes(), value.as_ref().as_bytes())).collect())
}

/// Sorts, encodes and joins pairs given as bytes.
pub(crate) fn sorted_query(mut pairs: Vec<(&[u8], &[u8])>) -> String {
    pairs.sort_unstable();
    let mut query = String::new();
    for (key, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(percent_encode(key, RESERVED));
        query.push('=');
        query.extend(percent_encode(value, RESERVED));
    }
    query
}

fn encode_bytes(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_sort_by_byte_with_a_prefix_first() {
        let pairs = [("b", "1"), ("B", "2"), ("a1", "3"), ("a", "4"), ("_z", "5"), ("0", "6"), ("a10", "7")];
        assert_eq!(canonical_query(&pairs), "0=6&B=2&_z=5&a=4&a1=3&a10=7&b=1");
    }

    #[test]
    fn equal_keys_sort_by_value_and_odd_keys_are_encoded() {
        assert_eq!(canonical_query(&[("k", "b"), ("k", "a"), ("a b", "")]), "a%20b=&k=a&k=b");
        assert_eq!(canonical_query::<&str, &str>(&[]), "");
    }

    proptest! {
        #[test]
        fn encoding_decodes_back_and_holds_unreserved_characters_only(text in any::<String>()) {
            let encoded = encode_component(&text);
            prop_assert_eq!(percent_decode_str(&encoded).decode_utf8().unwrap(), text.as_str());
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)));
        }
    }
}
