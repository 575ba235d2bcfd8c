//! The profiles of the aliyun CLI, `~/.aliyun/config.json`.

mod external;
mod file;
mod modes;
mod sign_in;

use std::io;
use std::path::PathBuf;

use self::file::ConfigFile;
use self::modes::Resolver;
use crate::keys::{from_json, printable};
use crate::{Context, Credential, Error};

const SOURCE: &str = "the CLI profile";
const FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";
const DISABLED: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";

/// The profile that the caller, `ALIBABA_CLOUD_PROFILE` or the file itself chooses.
///
/// A profile that was asked for by name and is not in this file may be in the ini file, so that is
/// "not configured" here.
pub(crate) async fn from_file(context: &Context, asked_for: Option<&str>) -> Result<Credential, Error> {
    if context.is_true(DISABLED) {
        return Err(Error::not_configured(SOURCE, format!("unset {DISABLED} to use it")));
    }
    let Some((path, is_named)) = path(context) else {
        return Err(Error::not_configured(SOURCE, format!("set HOME or {FILE}")));
    };
    let shown = printable(&path.to_string_lossy(), 200);
    let text = match context.read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => {
            return Err(Error::not_configured(SOURCE, format!("{shown} does not exist, `aliyun configure` writes it")));
        }
        Err(error) => return Err(Error::source_failed(shown, error)),
    };
    let file: ConfigFile = from_json(text.as_bytes())
        .map_err(|problem| Error::source_failed(shown.clone(), format!("the file {problem}")))?;
    let name = asked_for.unwrap_or_else(|| file.current());
    let Some(profile) = file.profile(name) else {
        let name = printable(name, 80);
        return Err(if asked_for.is_some() || file.is_empty() {
            Error::not_configured(SOURCE, format!("{shown} has no profile {name:?}, `aliyun configure` adds it"))
        } else {
            let problem = format!("the file names {name:?} as the current profile and has no such profile");
            Error::source_failed(shown, problem)
        });
    };
    if profile.is_blank() && asked_for.is_none() {
        let remedy = format!("the profile {:?} of {shown} is empty, `aliyun configure` fills it", printable(name, 80));
        return Err(Error::not_configured(SOURCE, remedy));
    }
    let resolver = Resolver { context, file: &file, path: &shown };
    Ok(resolver.resolve(profile, Vec::new()).await?.behind("default/cli_profile"))
}

fn path(context: &Context) -> Option<(PathBuf, bool)> {
    match context.var(FILE) {
        Some(path) => Some((path.into(), true)),
        None => Some((context.below_home(".aliyun/config.json")?, false)),
    }
}

#[cfg(test)]
mod tests;
