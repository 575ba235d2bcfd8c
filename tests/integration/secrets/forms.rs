//! Secrets in every form in which one could show. The tests of the command line use this file, too.

use std::fmt::{Display, Write as _};

/// What must not show, with what it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets {
    /// The name of a secret and of its form, and the form.
    forms: Vec<(String, String)>,
}

impl Secrets {
    /// Adds a secret in all its forms, and its beginning and its end.
    pub(crate) fn add(&mut self, name: &str, secret: &str) {
        let mut forms = vec![("itself", secret.to_owned())];
        let cut = secret.len() / 2;
        if cut >= 8 && secret.is_ascii() {
            forms.extend([("the first half", secret[..cut].to_owned()), ("the second half", secret[cut..].to_owned())]);
        }
        forms.extend([
            ("in lower case", secret.to_ascii_lowercase()),
            ("in hex", hex(secret, "0123456789abcdef")),
            ("in upper hex", hex(secret, "0123456789ABCDEF")),
            ("percent-encoded", percent(secret, "0123456789ABCDEF")),
            ("percent-encoded in lower case", percent(secret, "0123456789abcdef")),
            ("percent-encoded twice", percent(&percent(secret, "0123456789ABCDEF"), "0123456789ABCDEF")),
            ("in JSON", json(secret)),
            ("in JSON in JSON", json(&json(secret))),
            ("in JSON with escaped slashes", json(secret).replace('/', "\\/")),
            ("in JSON with escaped signs", json_of_html(secret)),
            ("with every sign percent-encoded", every_percent(secret)),
            ("in XML", xml(secret)),
            ("in Rust", format!("{secret:?}").trim_matches('"').to_owned()),
            ("in Rust in Rust", format!("{:?}", format!("{secret:?}")).trim_matches(['"', '\\']).to_owned()),
            ("as a list of bytes", format!("{:?}", secret.as_bytes()).trim_matches(['[', ']']).to_owned()),
        ]);
        for (kind, signs) in [("base64", "+/"), ("base64 of URLs", "-_")] {
            // At each of the three places where it may begin inside of something longer.
            forms.extend((0..3).map(|offset| (kind, base64(secret, offset, signs))));
        }
        for (form, text) in forms {
            if text.len() >= 8 && !self.forms.iter().any(|(_, known)| *known == text) {
                self.forms.push((format!("{name}, {form},"), text));
            }
        }
    }

    /// Adds something that shows only as it is, such as a signature.
    pub(crate) fn add_plain(&mut self, name: &str, text: &str) {
        self.forms.push((name.to_owned(), text.to_owned()));
    }

    /// What of it a text shows. Line breaks and blanks that were set within it do not hide it.
    pub(crate) fn shown_in(&self, text: &str) -> Option<&str> {
        let close: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let holds =
            |form: &String| text.contains(form.as_str()) || !form.contains(' ') && close.contains(form.as_str());
        self.forms.iter().find(|(_, form)| holds(form)).map(|(what, _)| what.as_str())
    }

    pub(crate) fn assert_hidden(&self, text: &str, where_from: impl Display) {
        if let Some(what) = self.shown_in(text) {
            let lines: Vec<&str> = text.lines().filter(|line| self.shown_in(line).is_some()).take(3).collect();
            panic!(
                "{what} shows in {where_from}:\n{}",
                if lines.is_empty() { text.to_owned() } else { lines.join("\n") }
            );
        }
        let signature =
            text.split("Signature=").skip(1).find(|rest| rest.bytes().take(64).all(|b| b.is_ascii_hexdigit()));
        assert!(signature.is_none_or(|rest| rest.len() < 64), "a signature shows in {where_from}");
    }
}

fn hex(text: &str, digits: &str) -> String {
    let digit = |value: u8| char::from(digits.as_bytes()[usize::from(value)]);
    text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn percent(text: &str, digits: &str) -> String {
    let mut encoded = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || "-_.~".contains(c) {
            encoded.push(c);
        } else {
            for byte in c.to_string().bytes() {
                write!(encoded, "%{}", hex(&char::from(byte).to_string(), digits)).unwrap();
            }
        }
    }
    encoded
}

fn every_percent(text: &str) -> String {
    let escape =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(escape).collect()
}

fn json(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// As encoders write it whose JSON may stand in a page.
fn json_of_html(text: &str) -> String {
    json(text).replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026").replace('\'', "\\u0027")
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The part of an encoding that the text alone decides, if `offset` bytes stand before it.
fn base64(text: &str, offset: usize, signs: &str) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(signs.chars()).collect();
    let bits: Vec<u8> = text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    // A sign stands for six bits, so some bits at the beginning belong to a sign with what stands before.
    let skipped = [0, 4, 2][offset];
    let whole = bits[skipped..].chunks_exact(6);
    whole.map(|six| alphabet[six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit))]).collect()
}

#[test]
fn every_form_is_found() {
    let secret = r#"S3cret/+="\%<&>x9"#;
    let mut secrets = Secrets::default();
    secrets.add("it", secret);
    for text in [
        secret,
        "a S3cret/+ of it",
        "S3cret\n/+=\"\\%\n<&>x9",
        r#"{"a":"S3cret\/+=\"\\%<&>x9"}"#,
        r#"S3cret/+=\"\\%\u003c\u0026\u003ex9"#,
        "S3cret%2F%2B%3D%22%5C%25%3C%26%3Ex9",
        "s3cret/+=\"\\%<&>x9",
        "5333637265742F2B3D225C253C263E7839",
        "S3cret/+=&quot;\\%&lt;&amp;&gt;x9",
        // printf 'S3cret/+="\\%%<&>x9' | base64, with ada: and with an a before it.
        "UzNjcmV0Lys9IlwlPCY+eDk=",
        "YWRhOlMzY3JldC8rPSJcJTwmPng5",
        "YVMzY3JldC8rPSJcJTwmPng5",
        "UzNjcmV0Lys9IlwlPCY-eDk",
        &format!("{:?}", secret.as_bytes()),
    ] {
        assert!(secrets.shown_in(text).is_some(), "{text}");
    }
    assert!(secrets.shown_in("S3cre and x9, [redacted]").is_none());
}
