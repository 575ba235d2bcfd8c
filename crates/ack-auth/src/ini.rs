//! The ini file of the SDKs, `~/.alibabacloud/credentials`.

mod text;

use std::io;
use std::path::PathBuf;

use zeroize::Zeroizing;

use self::text::Ini;
use crate::keys::{checked, printable};
use crate::sts::{Role, RoleSettings};
use crate::{Context, Credential, Error, ecs, oidc};

const SOURCE: &str = "the credentials file";
const FILE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";

/// The section that the caller or `ALIBABA_CLOUD_PROFILE` asks for, otherwise `default`.
///
/// It is the last place that knows profiles, so one that was asked for and is not here either is an
/// error: the next source would sign as somebody else.
pub(crate) async fn from_file(context: &Context, asked_for: Option<&str>) -> Result<Credential, Error> {
    let absent = |reason: String| match asked_for {
        None => Error::not_configured(SOURCE, reason),
        Some(name) => {
            let problem = format!(
                "{:?} is not to be found: {reason}, and no CLI profile of that name is in use",
                printable(name, 80)
            );
            Error::invalid(
                "profile",
                problem,
                "correct the name, which may come from ALIBABA_CLOUD_PROFILE, or add the profile",
            )
        }
    };
    let Some((path, text)) = read(context)? else {
        let reason = format!("neither {FILE} nor a file ~/.alibabacloud/credentials exists");
        return Err(absent(reason));
    };
    let refuse = |problem: String| Error::source_failed(path.clone(), problem);
    let file = Ini::read(&text).map_err(refuse)?;
    let name = asked_for.unwrap_or("default");
    let Some(properties) = file.section(name).map_err(refuse)? else {
        return Err(absent(format!("{path} has no section [{}]", printable(name, 80))));
    };
    let section = Section { properties, label: format!("the section [{}] of {path}", printable(name, 80)) };
    Ok(section.credential(context).await?.behind("default/profile"))
}

/// The names of the sections, none where the file is not there or cannot be read.
pub(crate) fn names(context: &Context) -> Vec<String> {
    let Ok(Some((_, text))) = read(context) else { return Vec::new() };
    Ini::read(&text).map(|file| file.names().map(str::to_owned).collect()).unwrap_or_default()
}

struct Section<'a> {
    properties: &'a text::Section<'a>,
    label: String,
}

impl Section<'_> {
    async fn credential(&self, context: &Context) -> Result<Credential, Error> {
        match self.need("type")? {
            "access_key" => self.pair(None),
            "sts" => {
                let token = self.get("sts_token")?.map_or_else(|| self.need("security_token"), Ok)?;
                self.pair(Some(token))
            }
            "ram_role_arn" => self.role(context)?.assume(context, &self.pair(self.get("security_token")?)?).await,
            "oidc_role_arn" => {
                let provider = self.need("oidc_provider_arn")?;
                let token_file = self.need("oidc_token_file_path")?;
                oidc::assume(context, &self.role(context)?, provider, token_file).await
            }
            "ecs_ram_role" => ecs::named(context, self.get("role_name")?).await,
            other => {
                let problem = format!("{:?} of {} is not supported", printable(other, 40), self.label);
                Err(Error::invalid("type", problem, "use access_key, sts, ram_role_arn, oidc_role_arn or ecs_ram_role"))
            }
        }
    }

    fn get(&self, key: &str) -> Result<Option<&str>, Error> {
        self.properties.get(key).map_err(|problem| Error::source_failed(self.label.clone(), problem))
    }

    fn need(&self, key: &'static str) -> Result<&str, Error> {
        self.get(key)?
            .ok_or_else(|| Error::invalid(key, format!("is missing from {}", self.label), "add it to the section"))
    }

    fn pair(&self, token: Option<&str>) -> Result<Credential, Error> {
        let (id, secret) = (self.need("access_key_id")?, self.need("access_key_secret")?);
        let credential = match token {
            None => Credential::access_key(id, secret).with_provider_name("static_ak"),
            Some(token) => Credential::sts(id, secret, token).with_provider_name("static_sts"),
        };
        checked(credential, &self.label)
    }

    fn role(&self, context: &Context) -> Result<Role, Error> {
        let settings = RoleSettings {
            arn: self.get("role_arn")?,
            session_name: self.get("role_session_name")?,
            policy: self.get("policy")?,
            ..RoleSettings::default()
        };
        Role::new(context, &settings, &self.label)
    }
}

/// The file that was named, or the first of the two names that SDKs use.
fn read(context: &Context) -> Result<Option<(String, Zeroizing<String>)>, Error> {
    let named = context.var(FILE).map(PathBuf::from);
    let is_named = named.is_some();
    let paths = match named {
        Some(path) => vec![path],
        None => ["credentials", "credentials.ini"]
            .iter()
            .filter_map(|name| context.below_home(&format!(".alibabacloud/{name}")))
            .collect(),
    };
    for path in paths {
        let shown = printable(&path.to_string_lossy(), 200);
        match context.read(&path) {
            Ok(text) => return Ok(Some((shown, text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => {}
            Err(error) => return Err(Error::source_failed(shown, error)),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
