//! Mode `External`: a command that prints credentials.

use std::time::Duration;

use serde::Deserialize;

use crate::date::instant;
use crate::keys::{Text, checked, from_json, printable};
use crate::{Context, Credential, Error};

const FORBIDDEN: &str = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS";
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the command and reads the credential it prints. `source` names the profile.
pub(super) async fn run(context: &Context, command: &str, source: &str) -> Result<Credential, Error> {
    let refuse = |problem: String| Error::source_failed(source.to_owned(), problem);
    if context.is_true(FORBIDDEN) {
        return Err(refuse(format!("its process_command may not run, because {FORBIDDEN} is true")));
    }
    let words = shlex::split(command).ok_or_else(|| refuse("its process_command has an open quote".to_owned()))?;
    let mut words = words.into_iter();
    let program = words.next().ok_or_else(|| refuse("its process_command is empty".to_owned()))?;
    let shown = printable(&program, 80);
    let output = context
        .run(program, words.collect(), LIMIT)
        .await
        .map_err(|error| refuse(format!("its process_command {shown:?} failed: {error}")))?;
    let printed: Printed = from_json(&output)
        .map_err(|problem| refuse(format!("what its process_command {shown:?} printed {problem}")))?;
    printed.credential(source)
}

#[derive(Deserialize)]
struct Printed {
    mode: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Text,
    sts_token: Text,
    expiration: Option<String>,
}

impl Printed {
    fn credential(self, source: &str) -> Result<Credential, Error> {
        let refuse = |problem: String| Error::source_failed(source.to_owned(), problem);
        let missing = |field: &str| refuse(format!("what its process_command printed holds no {field}"));
        let take = |text: Text, field| match text {
            Some(mut text) if !text.is_empty() => Ok(std::mem::take(&mut *text)),
            _ => Err(missing(field)),
        };
        let mode = self.mode.unwrap_or_default();
        let id = self.access_key_id.filter(|id| !id.is_empty()).ok_or_else(|| missing("access_key_id"))?;
        let secret = take(self.access_key_secret, "access_key_secret")?;
        let mut credential = match mode.as_str() {
            "AK" => Credential::access_key(id, secret),
            "StsToken" => Credential::sts(id, secret, take(self.sts_token, "sts_token")?),
            other => {
                let mode = printable(other, 40);
                return Err(refuse(format!("its process_command printed the mode {mode:?} instead of AK or StsToken")));
            }
        };
        if let Some(text) = self.expiration.filter(|text| !text.is_empty()) {
            let expiration = instant(&text).ok_or_else(|| {
                refuse("the expiration its process_command printed is not an RFC 3339 date".to_owned())
            })?;
            credential = credential.with_expiration(expiration);
        }
        checked(credential.with_provider_name("external"), source)
    }
}
