//! The value in the body of a success.

use ack_codec::{Decoder, Drift, Format, Limits};
use serde_core::de::{DeserializeOwned, IntoDeserializer as _};

/// Reads a body in its format, or takes it as the value itself: DescribeClusterAttachScripts answers with a script and no
/// quotes around it, whatever its label says.
pub(crate) fn value_of<T: DeserializeOwned>(
    format: Format,
    limits: Limits,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<(T, Drift), ack_codec::Error> {
    match Decoder::new(format).limits(limits).decode(body) {
        Ok(decoded) => Ok((decoded.value, decoded.drift)),
        Err(error) if error.is_syntax() => bare_text(content_type, body).ok_or(error),
        Err(error) => Err(error),
    }
}

/// A body in no format. Only a type that takes any text takes it, and a web page is no such answer.
pub(crate) fn bare_text<T: DeserializeOwned>(content_type: Option<&str>, body: &[u8]) -> Option<(T, Drift)> {
    let text = std::str::from_utf8(body).ok()?;
    let is_page = content_type.is_some_and(|label| label.to_ascii_lowercase().contains("html"));
    if is_page || text.trim_start().starts_with('<') || text.is_empty() {
        return None;
    }
    let text: serde_core::de::value::StrDeserializer<'_, serde_core::de::value::Error> = text.into_deserializer();
    T::deserialize(text).ok().map(|value| (value, Drift::default()))
}
