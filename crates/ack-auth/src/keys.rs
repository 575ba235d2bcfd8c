//! The keys that STS, metadata services, sign-in services and commands answer with.

use crate::credential::PartNames;
use crate::date::instant;
use crate::json::Object;
use crate::{Credential, Error};

/// The credential of a source that gives temporary pairs, under any of the names the services use: all four parts are
/// needed, and a `Code` other than `Success` is a refusal.
pub(crate) fn temporary(answer: &Object, source: &str) -> Result<Credential, Error> {
    let refuse = |problem: String| Error::source_failed(source.to_owned(), problem);
    let text = |names: &[&str]| answer.text(names).map_err(|problem| refuse(format!("its answer {problem}")));
    if let Some(code) = text(&["Code", "code"])?.filter(|code| *code != "Success") {
        return Err(refuse(format!("it answered with the code {}", printable(code, 80))));
    }
    let need = |names: &[&'static str]| {
        let name = names.first().copied().unwrap_or_default();
        text(names)?.ok_or_else(|| refuse(format!("its answer holds no {name}")))
    };
    let expiration = instant(need(&["Expiration", "expiration"])?)
        .ok_or_else(|| refuse("the Expiration of its answer is not a date like 2026-01-02T03:04:05Z".to_owned()))?;
    let id = need(&["AccessKeyId", "accessKeyId", "access_key_id"])?;
    let secret = need(&["AccessKeySecret", "accessKeySecret", "access_key_secret"])?;
    let token = need(&["SecurityToken", "securityToken", "sts_token"])?;
    checked(Credential::sts(id, secret, token).with_expiration(expiration), source)
}

/// Refuses a credential whose characters the service cannot accept, naming its source.
pub(crate) fn checked(credential: Credential, source: &str) -> Result<Credential, Error> {
    credential.validate(&PartNames::PLAIN).map_err(|error| Error::source_failed(source.to_owned(), error))?;
    Ok(credential)
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
        match Object::read(json.as_bytes()) {
            Ok(answer) => match temporary(&answer, "the test") {
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
            keys(&format!(r#"{{"AccessKeyId":{{"hidden":1}},{date}}}"#)),
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
        credentials from the test could not be obtained: its answer holds something else than text in AccessKeyId
        credentials from the test could not be obtained: its answer holds something else than text in Code
        ends too early (line 1, column 26)
        is not JSON (line 1, column 1)
        is not a JSON object
        "#);
    }
}
