//! What each mode of a profile means.

use std::future::Future;
use std::pin::Pin;

use super::file::{ConfigFile, Profile, given};
use super::{external, sign_in};
use crate::keys::{Text, checked, printable};
use crate::sts::{Role, RoleSettings};
use crate::{Context, Credential, Error, ecs, oidc, uri};

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

/// The future of a credential; boxed, because profiles refer to each other.
type Resolved<'a> = Pin<Box<dyn Future<Output = Result<Credential, Error>> + Send + 'a>>;

impl<'a> Resolver<'a> {
    /// The credential of a profile. `seen` are the profiles that led to it.
    pub(super) fn resolve(&'a self, profile: &'a Profile, seen: Vec<&'a str>) -> Resolved<'a> {
        Box::pin(async move {
            match profile.mode() {
                "AK" => self.pair(profile, None),
                "StsToken" => {
                    let token = self.need(profile, &profile.sts_token, "sts_token")?;
                    self.pair(profile, Some(token))
                }
                "RamRoleArn" => {
                    let signer = self.pair(profile, given(&profile.sts_token))?;
                    self.role(profile)?.assume(self.context, &signer).await
                }
                "ChainableRamRoleArn" => self.chained(profile, seen).await,
                "EcsRamRole" => ecs::named(self.context, given(&profile.ram_role_name)).await,
                "OIDC" => {
                    let provider = self.need(profile, &profile.oidc_provider_arn, "oidc_provider_arn")?;
                    let token_file = self.need(profile, &profile.oidc_token_file, "oidc_token_file")?;
                    oidc::assume(self.context, &self.role(profile)?, provider, token_file).await
                }
                "External" => {
                    let command = self.need(profile, &profile.process_command, "process_command")?;
                    external::run(self.context, command, &self.label(profile)).await
                }
                "CredentialsURI" => {
                    uri::fetch(self.context, self.need(profile, &profile.credentials_uri, "credentials_uri")?).await
                }
                "BearerToken" => {
                    let token = self.need(profile, &profile.bearer_token, "bearer_token")?;
                    checked(Credential::bearer(token).with_provider_name("bearer"), &self.label(profile))
                }
                "CloudSSO" => sign_in::cloud_sso(self, profile).await,
                "OAuth" => sign_in::oauth(self, profile).await,
                other => {
                    let problem = format!("{:?} of {} is not supported", printable(other, 40), self.label(profile));
                    Err(Error::invalid("mode", problem, MODES))
                }
            }
        })
    }

    /// The profile and its file, for messages.
    pub(super) fn label(&self, profile: &Profile) -> String {
        format!("the profile {:?} of {}", printable(profile.name(), 80), self.path)
    }

    /// A field without which the profile is of no use.
    pub(super) fn need<'b>(&self, profile: &Profile, text: &'b Text, field: &'static str) -> Result<&'b str, Error> {
        given(text).ok_or_else(|| {
            let problem = format!("is missing from {}", self.label(profile));
            Error::invalid(field, problem, "run `aliyun configure` for this profile, or add it to the file")
        })
    }

    fn pair(&self, profile: &Profile, token: Option<&str>) -> Result<Credential, Error> {
        let id = self.need(profile, &profile.access_key_id, "access_key_id")?;
        let secret = self.need(profile, &profile.access_key_secret, "access_key_secret")?;
        let credential = match token {
            None => Credential::access_key(id, secret).with_provider_name("static_ak"),
            Some(token) => Credential::sts(id, secret, token).with_provider_name("static_sts"),
        };
        checked(credential, &self.label(profile))
    }

    fn role(&self, profile: &Profile) -> Result<Role, Error> {
        let settings = RoleSettings {
            arn: given(&profile.ram_role_arn),
            session_name: given(&profile.ram_session_name),
            seconds: profile.expired_seconds,
            policy: given(&profile.policy),
            external_id: given(&profile.external_id),
            endpoint: given(&profile.sts_endpoint),
            region: given(&profile.sts_region),
            is_vpc: profile.enable_vpc,
        };
        Role::new(self.context, &settings, &self.label(profile))
    }

    async fn chained(&'a self, profile: &'a Profile, mut seen: Vec<&'a str>) -> Result<Credential, Error> {
        let refuse = |problem: String| Err(Error::source_failed(self.label(profile), problem));
        let name = self.need(profile, &profile.source_profile, "source_profile")?;
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
