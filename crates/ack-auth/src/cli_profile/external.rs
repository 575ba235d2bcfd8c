//! Mode `External`: a command that prints credentials.

use std::time::Duration;

use crate::date::instant;
use crate::json::Object;
use crate::keys::{checked, printable};
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
    let printed = Object::read(&output)
        .map_err(|problem| refuse(format!("what its process_command {shown:?} printed {problem}")))?;
    credential(&printed, source)
}

/// The credential that was printed.
fn credential(printed: &Object, source: &str) -> Result<Credential, Error> {
    let refuse = |problem: String| Error::source_failed(source.to_owned(), problem);
    let text = |field: &str| {
        printed.text(&[field]).map_err(|problem| refuse(format!("what its process_command printed {problem}")))
    };
    let need =
        |field: &str| text(field)?.ok_or_else(|| refuse(format!("what its process_command printed holds no {field}")));
    let id = need("access_key_id")?;
    let secret = need("access_key_secret")?;
    let mut credential = match text("mode")?.unwrap_or_default() {
        "AK" => Credential::access_key(id, secret),
        "StsToken" => Credential::sts(id, secret, need("sts_token")?),
        other => {
            let mode = printable(other, 40);
            return Err(refuse(format!("its process_command printed the mode {mode:?} instead of AK or StsToken")));
        }
    };
    if let Some(text) = text("expiration")? {
        let expiration = instant(text)
            .ok_or_else(|| refuse("the expiration its process_command printed is not an RFC 3339 date".to_owned()))?;
        credential = credential.with_expiration(expiration);
    }
    checked(credential.with_provider_name("external"), source)
}
