//! What each mode of a profile means.

use std::future;

use super::file::{ConfigFile, Profile};
use super::{external, sign_in};
use crate::keys::{checked, printable};
use crate::sts::{Role, RoleSettings};
use crate::{Context, Credential, CredentialFuture, Error, ecs, oidc, uri};

/// How many roles may be taken on one after the other; each is a call to STS.
const LONGEST_CHAIN: usize = 8;

const MODES: &str = "use AK, StsToken, RamRoleArn, EcsRamRole, OIDC, ChainableRamRoleArn, External, CredentialsURI, \
                     BearerToken, CloudSSO or OAuth";

/// Turns profiles of one file into credentials.
pub(super) struct Resolver<'a> {
    pub(super) context: &'a Context,
    pub(super) file: &'a ConfigFile,
    /// The path of the file as it is shown.
    pub(super) path: &'a str,
}

impl<'a> Resolver<'a> {
    /// The credential of a profile. `seen` are the profiles that led to it.
    ///
    /// Each mode is a future of its own: one that holds the states of them all takes longer to build.
    pub(super) fn resolve(&'a self, profile: Profile<'a>, seen: Vec<&'a str>) -> CredentialFuture<'a> {
        match self.text(profile, "mode").map(Option::unwrap_or_default) {
            Err(error) => Box::pin(future::ready(Err(error))),
            Ok("AK") => Box::pin(future::ready(self.pair(profile, None))),
            Ok("StsToken") => Box::pin(future::ready(self.sts_token(profile))),
            Ok("RamRoleArn") => Box::pin(self.ram_role_arn(profile)),
            Ok("ChainableRamRoleArn") => Box::pin(self.chained(profile, seen)),
            Ok("EcsRamRole") => Box::pin(self.ecs_ram_role(profile)),
            Ok("OIDC") => Box::pin(self.oidc(profile)),
            Ok("External") => Box::pin(self.external(profile)),
            Ok("CredentialsURI") => Box::pin(self.credentials_uri(profile)),
            Ok("BearerToken") => Box::pin(future::ready(self.bearer_token(profile))),
            Ok("CloudSSO") => Box::pin(sign_in::cloud_sso(self, profile)),
            Ok("OAuth") => Box::pin(sign_in::oauth(self, profile)),
            Ok(other) => {
                let problem = format!("{:?} of {} is not supported", printable(other, 40), self.label(profile));
                Box::pin(future::ready(Err(Error::invalid("mode", problem, MODES))))
            }
        }
    }

    fn sts_token(&self, profile: Profile<'_>) -> Result<Credential, Error> {
        self.pair(profile, Some(self.need(profile, "sts_token")?))
    }

    fn bearer_token(&self, profile: Profile<'_>) -> Result<Credential, Error> {
        let token = self.need(profile, "bearer_token")?;
        checked(Credential::bearer(token).with_provider_name("bearer"), &self.label(profile))
    }

    async fn ram_role_arn(&self, profile: Profile<'_>) -> Result<Credential, Error> {
        let signer = self.pair(profile, self.text(profile, "sts_token")?)?;
        self.role(profile)?.assume(self.context, &signer).await
    }

    async fn ecs_ram_role(&self, profile: Profile<'_>) -> Result<Credential, Error> {
        ecs::named(self.context, self.text(profile, "ram_role_name")?).await
    }

    async fn oidc(&self, profile: Profile<'_>) -> Result<Credential, Error> {
        let provider = self.need(profile, "oidc_provider_arn")?;
        let token_file = self.need(profile, "oidc_token_file")?;
        oidc::assume(self.context, &self.role(profile)?, provider, token_file).await
    }

    async fn external(&self, profile: Profile<'_>) -> Result<Credential, Error> {
        let command = self.need(profile, "process_command")?;
        external::run(self.context, command, &self.label(profile)).await
    }

    async fn credentials_uri(&self, profile: Profile<'_>) -> Result<Credential, Error> {
        uri::fetch(self.context, self.need(profile, "credentials_uri")?).await
    }

    /// The profile and its file, for messages.
    pub(super) fn label(&self, profile: Profile<'_>) -> String {
        format!("the profile {:?} of {}", printable(profile.name(), 80), self.path)
    }

    /// A field, none if it is empty.
    pub(super) fn text<'b>(&self, profile: Profile<'b>, field: &str) -> Result<Option<&'b str>, Error> {
        profile.text(field).map_err(|problem| self.unfit(profile, &problem))
    }

    /// The refusal of a profile with a field of another type.
    pub(super) fn unfit(&self, profile: Profile<'_>, problem: &str) -> Error {
        Error::source_failed(self.label(profile), format!("it {problem}"))
    }

    /// A field without which the profile is of no use.
    pub(super) fn need<'b>(&self, profile: Profile<'b>, field: &'static str) -> Result<&'b str, Error> {
        self.text(profile, field)?.ok_or_else(|| {
            let problem = format!("is missing from {}", self.label(profile));
            Error::invalid(field, problem, "run `aliyun configure` for this profile, or add it to the file")
        })
    }

    fn pair(&self, profile: Profile<'_>, token: Option<&str>) -> Result<Credential, Error> {
        let id = self.need(profile, "access_key_id")?;
        let secret = self.need(profile, "access_key_secret")?;
        let credential = match token {
            None => Credential::access_key(id, secret).with_provider_name("static_ak"),
            Some(token) => Credential::sts(id, secret, token).with_provider_name("static_sts"),
        };
        checked(credential, &self.label(profile))
    }

    fn role(&self, profile: Profile<'_>) -> Result<Role, Error> {
        let settings = RoleSettings {
            arn: self.text(profile, "ram_role_arn")?,
            session_name: self.text(profile, "ram_session_name")?,
            seconds: profile.whole_number("expired_seconds").map_err(|problem| self.unfit(profile, &problem))?,
            policy: self.text(profile, "policy")?,
            external_id: self.text(profile, "external_id")?,
            endpoint: self.text(profile, "sts_endpoint")?,
            region: self.text(profile, "sts_region")?,
            is_vpc: profile.flag("enable_vpc").map_err(|problem| self.unfit(profile, &problem))?,
        };
        Role::new(self.context, &settings, &self.label(profile))
    }

    async fn chained(&'a self, profile: Profile<'a>, mut seen: Vec<&'a str>) -> Result<Credential, Error> {
        let refuse = |problem: String| Err(Error::source_failed(self.label(profile), problem));
        let name = self.need(profile, "source_profile")?;
        seen.push(profile.name());
        if seen.contains(&name) {
            let round: Vec<_> = seen.iter().chain([&name]).map(|name| printable(name, 80)).collect();
            return refuse(format!("source_profile leads in a circle: {}", round.join(" -> ")));
        }
        if seen.len() > LONGEST_CHAIN {
            return refuse(format!("source_profile leads through more than {LONGEST_CHAIN} profiles"));
        }
        let Some(source) = self.file.profile(name) else {
            return refuse(format!("its source_profile {:?} is not in the file", printable(name, 80)));
        };
        let role = self.role(profile)?;
        let signer = self.resolve(source, seen).await?;
        role.assume(self.context, &signer).await
    }
}
