//! The `Authorization` header of ACS3-HMAC-SHA256, written and read.

use std::fmt;
use std::str::FromStr;

use crate::Error;
use crate::canonical::ALGORITHM;
use crate::canonical::{Line, sort};
use crate::credential::shortened;
use crate::error::Kind;
use crate::wiped::{Span, WipedText};

/// The longest header value that is read, in bytes.
const MAX_LENGTH: usize = 8 * 1024;

/// Hexadecimal digits of a SHA-256.
const SIGNATURE_DIGITS: usize = 64;

/// The value of an `Authorization` header: who signed, which headers are covered, and the
/// signature.
///
/// `Display` gives the wire form,
/// `ACS3-HMAC-SHA256 Credential={id},SignedHeaders={a;b},Signature={hex}`; parsing reads it, in any
/// order of the parts and with blanks around them, up to 8 KiB.
///
/// ```
/// use ack_auth::Authorization;
///
/// let text = format!("ACS3-HMAC-SHA256 Credential=id,SignedHeaders=host;x-acs-date,Signature={}", "0f".repeat(32));
/// let authorization: Authorization = text.parse()?;
/// assert_eq!(authorization.access_key_id(), "id");
/// assert_eq!(authorization.signed_headers(), ["host", "x-acs-date"]);
/// assert_eq!(authorization.to_string(), text);
///
/// let error = "ACS3-HMAC-SHA256 Credential=id".parse::<Authorization>().unwrap_err();
/// assert!(error.is_malformed_authorization());
/// # Ok::<(), ack_auth::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    access_key_id: String,
    signed_headers: Vec<String>,
    signature: String,
}

impl Authorization {
    #[cfg(test)]
    pub(crate) fn new(access_key_id: String, signed_headers: Vec<String>, signature: String) -> Self {
        Self { access_key_id, signed_headers, signature }
    }

    /// The AccessKey id whose secret the signature was made with.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The names of the headers the signature covers, as written in the header.
    pub fn signed_headers(&self) -> &[String] {
        &self.signed_headers
    }

    /// The signature, 64 lower-case hexadecimal digits.
    pub fn signature(&self) -> &str {
        &self.signature
    }
}

impl FromStr for Authorization {
    type Err = Error;

    /// Reads a header value.
    ///
    /// # Errors
    ///
    /// [`Error::is_unsupported_algorithm`] for another scheme,
    /// [`Error::is_malformed_authorization`] for a part that is missing, empty, repeated, unknown
    /// or of the wrong form. The text repeats no value but the algorithm's name.
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            return Err(Error::authorization("it is longer than 8 KiB"));
        }
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(Error::authorization("it is empty"));
        }
        // A text of one word may be a bare token, so it is not repeated the way another scheme's
        // name is.
        let (algorithm, parts) =
            text.split_once(' ').ok_or_else(|| Error::authorization("it is not an algorithm followed by parts"))?;
        if algorithm != ALGORITHM {
            return Err(Kind::UnsupportedAlgorithm(algorithm.chars().take(32).collect()).into());
        }
        let (mut id, mut names, mut signature) = (None, None, None);
        for part in parts.split(',') {
            let (key, value) = part
                .trim_matches(' ')
                .split_once('=')
                .ok_or_else(|| Error::authorization("one of its parts has no `=`"))?;
            match key {
                "Credential" => once("Credential", &mut id, value)?,
                "SignedHeaders" => once("SignedHeaders", &mut names, value)?,
                "Signature" => once("Signature", &mut signature, value)?,
                _ => {
                    return Err(Error::authorization("it has a part besides Credential, SignedHeaders and Signature"));
                }
            }
        }
        Ok(Self {
            access_key_id: read_id(present("Credential", id)?)?,
            signed_headers: read_names(present("SignedHeaders", names)?)?,
            signature: read_signature(present("Signature", signature)?)?,
        })
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, signed_headers, signature } = self;
        let [before_id, before_names, before_signature] = PARTS;
        let names = signed_headers.join(";");
        write!(f, "{before_id}{access_key_id}{before_names}{names}{before_signature}{signature}")
    }
}

/// Shortens the id and leaves the signature out, since debug output ends up in logs.
impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("access_key_id", &shortened(&self.access_key_id))
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

/// What stands before the id, before the names of headers and before the signature.
const PARTS: [&str; 3] = ["ACS3-HMAC-SHA256 Credential=", ",SignedHeaders=", ",Signature="];

/// Adds the header's value to a text that holds the names of headers already, with semicolons between them.
pub(crate) fn write_authorization(text: &mut WipedText, id: &str, names: Span, signature: &str) -> Span {
    let start = text.len();
    let [before_id, before_names, before_signature] = PARTS;
    for part in [before_id, id, before_names] {
        text.push(part);
    }
    text.repeat(names);
    text.push(before_signature);
    text.push(signature);
    text.since(start)
}

/// The room that the header takes, name and value, besides the names of headers in it.
pub(crate) fn authorization_room(id: &str) -> usize {
    "authorization".len() + PARTS.iter().map(|part| part.len()).sum::<usize>() + id.len() + SIGNATURE_DIGITS
}

fn once<'t>(key: &'static str, slot: &mut Option<&'t str>, value: &'t str) -> Result<(), Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::authorization(format!("{key} is given twice"))),
    }
}

fn present<'t>(key: &'static str, value: Option<&'t str>) -> Result<&'t str, Error> {
    match value {
        None => Err(Error::authorization(format!("{key} is missing"))),
        Some("") => Err(Error::authorization(format!("{key} is empty"))),
        Some(value) => Ok(value),
    }
}

fn read_id(id: &str) -> Result<String, Error> {
    if id.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(id.to_owned())
    } else {
        Err(Error::authorization("Credential holds a blank or a character that is not printable ASCII"))
    }
}

fn read_names(list: &str) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::new();
    for name in list.split(';') {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::authorization("SignedHeaders holds an empty or unprintable name"));
        }
        names.push(name.to_owned());
    }
    let lower = list.to_ascii_lowercase();
    let mut sorted: Vec<Line<'_>> = lower.split(';').map(|name| Line { name, value: "" }).collect();
    sort(&mut sorted);
    if sorted.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(Error::authorization("SignedHeaders names a header twice"));
    }
    Ok(names)
}

fn read_signature(digits: &str) -> Result<String, Error> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    // The length comes second: once it is known, the compiler writes the look at each digit out.
    if digits.bytes().all(is_digit) && digits.len() == SIGNATURE_DIGITS {
        Ok(digits.to_owned())
    } else {
        Err(Error::authorization("Signature is not 64 lower-case hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(text: &str) -> Error {
        text.parse::<Authorization>().unwrap_err()
    }

    #[test]
    fn another_algorithm_is_told_apart() {
        for text in ["ACS3-HMAC-SM3 Credential=a", "acs id:signature", "Bearer abc", "acs3-hmac-sha256 Credential=a"] {
            assert!(refusal(text).is_unsupported_algorithm(), "{text}");
        }
        insta::assert_snapshot!(
            refusal(&format!("{} a", "X".repeat(100))),
            @r#"the signature algorithm "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX" is not supported: sign with ACS3-HMAC-SHA256"#
        );
    }

    #[test]
    fn each_fault_has_its_own_text() {
        let hex = "0".repeat(64);
        let texts = [
            String::new(),
            "x".repeat(MAX_LENGTH + 1),
            "ACS3-HMAC-SHA256".to_owned(),
            "ACS3-HMAC-SHA256 Credential".to_owned(),
            "ACS3-HMAC-SHA256 Credential=a,Signature=b".to_owned(),
            "ACS3-HMAC-SHA256 Credential=,SignedHeaders=a,Signature=b".to_owned(),
            "ACS3-HMAC-SHA256 Credential=a,Credential=b".to_owned(),
            "ACS3-HMAC-SHA256 Credential=a,Region=b".to_owned(),
            format!("ACS3-HMAC-SHA256 Credential=a b,SignedHeaders=a,Signature={hex}"),
            format!("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=a;;b,Signature={hex}"),
            format!("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host;Host,Signature={hex}"),
            "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=a,Signature=xyz".to_owned(),
            format!("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=a,Signature={}", "A".repeat(64)),
        ];
        let faults: Vec<String> = texts
            .iter()
            .map(|text| {
                let error = refusal(text);
                assert!(error.is_malformed_authorization(), "{error}");
                error.to_string().replace("the Authorization header cannot be read, because ", "")
            })
            .collect();
        insta::assert_snapshot!(faults.join("\n"), @r"
        it is empty
        it is longer than 8 KiB
        it is not an algorithm followed by parts
        one of its parts has no `=`
        SignedHeaders is missing
        Credential is empty
        Credential is given twice
        it has a part besides Credential, SignedHeaders and Signature
        Credential holds a blank or a character that is not printable ASCII
        SignedHeaders holds an empty or unprintable name
        SignedHeaders names a header twice
        Signature is not 64 lower-case hexadecimal digits
        Signature is not 64 lower-case hexadecimal digits
        ");
    }

    #[test]
    fn blanks_and_another_order_are_read() {
        let hex = "0".repeat(64);
        let text = format!(" ACS3-HMAC-SHA256  Signature={hex}, SignedHeaders=Host ,Credential=a=b ");
        let read: Authorization = text.parse().unwrap();
        assert_eq!((read.access_key_id(), read.signature()), ("a=b", hex.as_str()));
        assert_eq!(read.signed_headers(), ["Host"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = text.parse::<Authorization>();
        }

        #[test]
        fn text_close_to_the_form_is_read_or_refused(
            text in "(ACS3-HMAC-SHA256 )?((Credential|SignedHeaders|Signature)=[a-f0-9;=é ]{0,70},? ?){0,4}"
        ) {
            if let Ok(read) = text.parse::<Authorization>() {
                prop_assert_eq!(read.to_string().parse::<Authorization>().unwrap(), read);
            }
        }
    }
}
