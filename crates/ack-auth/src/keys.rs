//! The keys that STS, metadata services, sign-in services and commands answer with.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use zeroize::Zeroizing;

use crate::credential::PartNames;
use crate::date::instant;
use crate::{Credential, Error};

/// Text that may be a secret, wiped on drop.
pub(crate) type Text = Option<Zeroizing<String>>;

/// One pair with its token, under any of the names the services use.
#[derive(Deserialize)]
pub(crate) struct Keys {
    #[serde(rename = "Code", alias = "code")]
    code: Option<String>,
    #[serde(rename = "AccessKeyId", alias = "accessKeyId", alias = "access_key_id")]
    id: Option<String>,
    #[serde(rename = "AccessKeySecret", alias = "accessKeySecret", alias = "access_key_secret")]
    secret: Text,
    #[serde(rename = "SecurityToken", alias = "securityToken", alias = "sts_token")]
    token: Text,
    #[serde(rename = "Expiration", alias = "expiration")]
    expiration: Option<String>,
}

impl Keys {
    /// The credential of a source that gives temporary pairs: all four parts are needed, and a
    /// `Code` other than `Success` is a refusal.
    pub(crate) fn temporary(self, source: &str) -> Result<Credential, Error> {
        let refuse = |problem: String| Error::source_failed(source.to_owned(), problem);
        if let Some(code) = self.code.as_deref().filter(|code| !code.is_empty() && *code != "Success") {
            return Err(refuse(format!("it answered with the code {}", printable(code, 80))));
        }
        let missing = |field: &str| refuse(format!("its answer holds no {field}"));
        let text = |text: Text, field| match text {
            Some(mut text) if !text.is_empty() => Ok(std::mem::take(&mut *text)),
            _ => Err(missing(field)),
        };
        let expiration = self.expiration.filter(|text| !text.is_empty()).ok_or_else(|| missing("Expiration"))?;
        let expiration = instant(&expiration)
            .ok_or_else(|| refuse("the Expiration of its answer is not a date like 2026-01-02T03:04:05Z".to_owned()))?;
        let id = self.id.filter(|id| !id.is_empty()).ok_or_else(|| missing("AccessKeyId"))?;
        let secret = text(self.secret, "AccessKeySecret")?;
        let credential = Credential::sts(id, secret, text(self.token, "SecurityToken")?).with_expiration(expiration);
        checked(credential, source)
    }
}

/// Refuses a credential whose characters the service cannot accept, naming its source.
pub(crate) fn checked(credential: Credential, source: &str) -> Result<Credential, Error> {
    credential.validate(&PartNames::PLAIN).map_err(|error| Error::source_failed(source.to_owned(), error))?;
    Ok(credential)
}

/// Reads JSON. The refusal says where and what sort of mistake it is, and never quotes the text, as
/// the parser's own message would.
pub(crate) fn from_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    serde_json::from_slice(text).map_err(|error| {
        let problem = match error.classify() {
            Category::Eof => "ends too early",
            Category::Data => "holds something else than expected",
            Category::Io | Category::Syntax => "is not JSON",
        };
        format!("{problem} (line {}, column {})", error.line(), error.column())
    })
}

/// Foreign text made fit for a message: one line, at most `limit` characters.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let mut shown: String = text.trim().chars().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim().chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(json: &str) -> String {
        match from_json::<Keys>(json.as_bytes()) {
            Ok(keys) => match keys.temporary("the test") {
                Ok(credential) => format!("{:?} {:?}", credential.access_key_id(), credential.kind()),
                Err(error) => error.to_string(),
            },
            Err(problem) => problem,
        }
    }

    #[test]
    fn answers_are_read_or_refused_without_quoting_them() {
        let date = r#""Expiration":"2026-01-02T03:04:05Z""#;
        let texts = [
            keys(&format!(r#"{{"AccessKeyId":"id","AccessKeySecret":"hidden","SecurityToken":"hidden",{date}}}"#)),
            keys(&format!(r#"{{"accessKeyId":"id","accessKeySecret":"hidden","securityToken":"hidden",{date}}}"#)),
            keys(&format!(r#"{{"AccessKeyId":"id","AccessKeySecret":"hidden","SecurityToken":"",{date}}}"#)),
            keys(&format!(r#"{{"AccessKeyId":"id","AccessKeySecret":"hidden\n","SecurityToken":"x",{date}}}"#)),
            keys(r#"{"AccessKeyId":"id","AccessKeySecret":"hidden","SecurityToken":"hidden","Expiration":"soon"}"#),
            keys(r#"{"Code":"Forbidden\nBy policy"}"#),
            keys(r#"{"AccessKeyId":{"hidden":1}}"#),
            keys(r#"{"Code":["hidden"]}"#),
            keys(r#"{"AccessKeySecret":"hidden"#),
            keys("hidden"),
            keys("[]"),
        ]
        .join("\n");
        assert!(!texts.contains("hidden"), "{texts}");
        insta::assert_snapshot!(texts, @r#"
        Some("id") Sts
        Some("id") Sts
        credentials from the test could not be obtained: its answer holds no SecurityToken
        credentials from the test could not be obtained: AccessKey secret holds white space, perhaps a line end that was copied with it: copy it again, exactly as the console or STS shows it
        credentials from the test could not be obtained: the Expiration of its answer is not a date like 2026-01-02T03:04:05Z
        credentials from the test could not be obtained: it answered with the code Forbidden By policy
        holds something else than expected (line 1, column 15)
        holds something else than expected (line 1, column 8)
        ends too early (line 1, column 26)
        is not JSON (line 1, column 1)
        holds something else than expected (line 1, column 2)
        "#);
    }
}
