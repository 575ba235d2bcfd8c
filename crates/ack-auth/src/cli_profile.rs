//! The profiles of the aliyun CLI, `~/.aliyun/config.json`.

mod external;
mod file;
mod modes;
mod sign_in;

use std::io;
use std::path::PathBuf;

use self::file::{ConfigFile, Profile};
use self::modes::Resolver;
use crate::keys::printable;
use crate::{Context, Credential, Error};

const SOURCE: &str = "the CLI profile";
const FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";
const DISABLED: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";

/// The profile that the caller, `ALIBABA_CLOUD_PROFILE` or the file itself chooses.
///
/// A profile that was asked for by name and is not in this file may be in the ini file, so that is
/// "not configured" here.
pub(crate) async fn from_file(context: &Context, asked_for: Option<&str>) -> Result<Credential, Error> {
    let (file, shown) = read(context)?;
    let profile = chosen(&file, &shown, asked_for)?;
    if profile.is_blank() && asked_for.is_none() {
        let name = printable(profile.name(), 80);
        let remedy = format!("the profile {name:?} of {shown} is empty, `aliyun configure` fills it");
        return Err(Error::not_configured(SOURCE, remedy));
    }
    let resolver = Resolver { context, file: &file, path: &shown };
    Ok(resolver.resolve(profile, Vec::new()).await?.behind("default/cli_profile"))
}

/// The region of that profile, none where there is no such file, profile or region.
pub(crate) fn region(context: &Context, asked_for: Option<&str>) -> Result<Option<String>, Error> {
    let found = read(context).and_then(|(file, shown)| {
        let profile = chosen(&file, &shown, asked_for)?;
        let resolver = Resolver { context, file: &file, path: &shown };
        Ok(resolver.text(profile, "region_id")?.map(str::to_owned))
    });
    match found {
        Err(error) if error.is_not_configured() => Ok(None),
        found => found,
    }
}

/// The names of the profiles, none where the file is not there or cannot be read.
pub(crate) fn names(context: &Context) -> Vec<String> {
    read(context).map(|(file, _)| file.names()).unwrap_or_default()
}

/// The file and its path as it is shown.
fn read(context: &Context) -> Result<(ConfigFile, String), Error> {
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
    match ConfigFile::read(&text) {
        Ok(file) => Ok((file, shown)),
        Err(problem) => Err(Error::source_failed(shown, format!("the file {problem}"))),
    }
}

fn chosen<'a>(file: &'a ConfigFile, shown: &str, asked_for: Option<&str>) -> Result<Profile<'a>, Error> {
    let name = asked_for.unwrap_or_else(|| file.current());
    if let Some(profile) = file.profile(name) {
        return Ok(profile);
    }
    let name = printable(name, 80);
    Err(if asked_for.is_some() || file.is_empty() {
        Error::not_configured(SOURCE, format!("{shown} has no profile {name:?}, `aliyun configure` adds it"))
    } else {
        let problem = format!("the file names {name:?} as the current profile and has no such profile");
        Error::source_failed(shown.to_owned(), problem)
    })
}

fn path(context: &Context) -> Option<(PathBuf, bool)> {
    match context.var(FILE) {
        Some(path) => Some((path.into(), true)),
        None => Some((context.below_home(".aliyun/config.json")?, false)),
    }
}

#[cfg(test)]
mod tests;
