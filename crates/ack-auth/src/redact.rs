//! Secrets taken out of what somebody else has said.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::hex::lower_hex;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// Shorter ones are looked for only as they are: their encodings may be part of any text.
const SHORTEST_ENCODED: usize = 8;

/// As much of the beginning of a secret is taken for a secret that was cut off.
const SHORTEST_START: usize = 20;

/// How often an escape may have been escaped again.
const MOST_BACKSLASHES: usize = 8;

/// Takes secrets out of a text that may quote them, such as the answer of a server to which they were sent.
///
/// They are found as they are; escaped for URLs, JSON, XML or HTML, also in part and twice; in hexadecimal digits; in
/// both alphabets of base64, wherever in something longer that was encoded; and cut off after 20 bytes or more. Other
/// encodings, and encodings of encodings beyond that, are not.
///
/// ```
/// let said = ack_auth::redact("who sent t0ken/of+ada, or t0ken%2Fof%2Bada?", &["t0ken/of+ada"]);
/// assert_eq!(said, "who sent [redacted], or [redacted]?");
/// ```
#[must_use]
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut secrets: Vec<&str> = secrets.iter().copied().filter(|secret| !secret.is_empty()).collect();
    let mut text = text.to_owned();
    // One that holds another goes first, so that nothing of it is left.
    while let Some(secret) = secrets.iter().copied().max_by_key(|secret| secret.len()) {
        secrets.retain(|other| *other != secret);
        text = text.replace(secret, REDACTED);
        if secret.len() >= SHORTEST_ENCODED {
            for encoded in encodings(secret) {
                text = text.replace(encoded.as_str(), REDACTED);
            }
            text = without_escaped(&text, secret.as_bytes());
        }
    }
    text
}

/// What hexadecimal digits and base64 make of the secret, and of it alone where it stands in something longer.
fn encodings(secret: &str) -> Vec<String> {
    let digits = lower_hex(secret.as_bytes());
    let mut encodings = vec![digits.to_ascii_uppercase(), digits];
    for offset in 0..3 {
        let padded = [&[0_u8; 3][..offset], secret.as_bytes()].concat();
        // A sign stands for six bits, and the first and the last one may hold bits of what stands beside.
        let whole = (offset * 8).div_ceil(6)..padded.len() * 8 / 6;
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            encodings.extend(encoded.get(whole.clone()).map(str::to_owned));
        }
    }
    encodings
}

/// Replaces the secret where some of its bytes are escaped, and a long enough beginning of it.
fn without_escaped(text: &str, secret: &[u8]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match matching(rest.as_bytes(), secret) {
            // Escapes begin with ASCII, so a match may end within a character only if the secret does, which is text.
            Some(length) if rest.is_char_boundary(length) => {
                kept.push_str(REDACTED);
                length
            }
            _ => {
                kept.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    kept
}

/// How much of the text is the secret, or enough of its beginning.
fn matching(text: &[u8], secret: &[u8]) -> Option<usize> {
    let mut at = 0;
    for (count, &byte) in secret.iter().enumerate() {
        match text.get(at..).and_then(|rest| written(rest, byte)) {
            Some(length) => at += length,
            None => return (count >= SHORTEST_START).then_some(at),
        }
    }
    Some(at)
}

/// How many bytes of the text stand for this byte of a secret.
fn written(text: &[u8], byte: u8) -> Option<usize> {
    let backslashes = text.iter().take(MOST_BACKSLASHES).take_while(|&&sign| sign == b'\\').count();
    let after = text.get(backslashes..)?;
    if backslashes > 0 && after.first() == Some(&b'u') && code(after.get(1..5)?, 16) == Some(u32::from(byte)) {
        return Some(backslashes + 5);
    }
    if byte == b'\\' && backslashes > 0 {
        return Some(backslashes);
    }
    let escape = percent(after, byte).or_else(|| entity(after, byte));
    escape.or_else(|| (after.first() == Some(&byte)).then_some(1)).map(|length| backslashes + length)
}

/// The length of the percent-encoding that stands for the byte; its sign may be encoded itself, and again.
fn percent(text: &[u8], byte: u8) -> Option<usize> {
    let rest = text.strip_prefix(b"%")?;
    let again = rest.chunks(2).take(2).take_while(|digits| *digits == b"25").count();
    let stands = |from: usize| (code(rest.get(from..from + 2)?, 16) == Some(u32::from(byte))).then_some(from + 3);
    (0..=again).rev().find_map(|count| stands(count * 2))
}

/// The length of the entity that stands for the byte.
fn entity(text: &[u8], byte: u8) -> Option<usize> {
    let name = text.strip_prefix(b"&")?;
    let end = name.iter().take(8).position(|&sign| sign == b';')?;
    let value = match name.get(..end)? {
        b"amp" => u32::from(b'&'),
        b"lt" => u32::from(b'<'),
        b"gt" => u32::from(b'>'),
        b"quot" => u32::from(b'"'),
        b"apos" => u32::from(b'\''),
        [b'#', b'x' | b'X', digits @ ..] => code(digits, 16)?,
        [b'#', digits @ ..] => code(digits, 10)?,
        _ => return None,
    };
    (value == u32::from(byte)).then_some(end + 2)
}

fn code(digits: &[u8], radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = r#"t0ken/+="\%<&>'集"#;

    #[test]
    fn every_way_to_write_it_is_found() {
        for written in [
            SECRET.to_owned(),
            r#"t0ken/+=\"\\%<&>'集"#.to_owned(),
            r#"t0ken\/+=\"\\%\u003c\u0026\u003e\u0027集"#.to_owned(),
            r#"t0ken/+=\\\"\\\\%<&>'集"#.to_owned(),
            "t0ken%2F%2B%3D%22%5C%25%3C%26%3E%27%E9%9B%86".to_owned(),
            "%740ken%2f%2b%3d%22%5c%25%3c%26%3e%27%e9%9b%86".to_owned(),
            "t0ken%252F%252B%253D%2522%255C%2525%253C%2526%253E%2527%25E9%259B%2586".to_owned(),
            "t0ken/+=&quot;\\%&lt;&amp;&gt;&apos;集".to_owned(),
            "t0ken/+=&#34;\\%&#x3C;&#x26;&#x3e;&#39;集".to_owned(),
            lower_hex(SECRET.as_bytes()),
            lower_hex(SECRET.as_bytes()).to_ascii_uppercase(),
        ] {
            let said = redact(&format!("it is {written}, they say"), &["other-secret", SECRET]);
            assert_eq!(said, "it is [redacted], they say", "{written}");
        }
        for before in ["", "a", "ab", "abc"] {
            let all = format!("{before}{SECRET}{before}");
            for encoded in [STANDARD_NO_PAD.encode(&all), URL_SAFE_NO_PAD.encode(&all)] {
                let said = redact(&encoded, &[SECRET]);
                assert!(said.contains(REDACTED) && said.len() < REDACTED.len() + 14, "{said}");
            }
        }
    }

    #[test]
    fn one_that_is_cut_off_is_found_and_what_is_alike_stays() {
        let secret = "abcdefghijklmnopqrstuvwxyz";
        assert_eq!(redact("abcdefghijklmnopqrstuv", &[secret]), "[redacted]");
        assert_eq!(redact("abcdefghijklmnopqr and more", &[secret]), "abcdefghijklmnopqr and more");
        assert_eq!(redact("a short one, a", &["a", ""]), "[redacted] short one, [redacted]");
        assert_eq!(redact("no%secret & \\ here 集", &["secret-0123"]), "no%secret & \\ here 集");
        // The longer one goes whole.
        assert_eq!(redact("key-and-more", &["key", "key-and-more"]), "[redacted]");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in r#"[a%2F&;#x\\u"集]{0,60}"#, secret in r#"[a%2F&;#x\\u"集]{0,12}"#) {
            let said = redact(&text, &[&secret]);
            proptest::prop_assert!(secret.is_empty() || REDACTED.contains(&secret) || !said.contains(&secret));
        }
    }
}
