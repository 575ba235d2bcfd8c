//! The default credentials: every place official tools look in, in their order.

use std::fmt;
use std::future;
use std::sync::{Mutex, PoisonError};

use crate::explain::SourceReport;
use crate::keys::printable;
use crate::{
    CachedCredentials, Context, Credential, CredentialFuture, Credentials, EnvironmentCredentials, Error, cli_profile,
    ecs, format_date, ini, oidc, uri,
};

/// The default credentials chain of the official SDKs, cached and refreshed.
///
/// | source | configured by | provider name |
/// | --- | --- | --- |
/// | environment | `ALIBABA_CLOUD_ACCESS_KEY_ID`, `…_ACCESS_KEY_SECRET`, `…_SECURITY_TOKEN` | `default/env` |
/// | OIDC role (RRSA) | `ALIBABA_CLOUD_ROLE_ARN`, `…_OIDC_PROVIDER_ARN`, `…_OIDC_TOKEN_FILE`; optional `…_ROLE_SESSION_NAME`, `…_STS_ENDPOINT`, `…_STS_REGION`, `…_VPC_ENDPOINT_ENABLED` | `default/oidc_role_arn` |
/// | CLI profile | `~/.aliyun/config.json` or `ALIBABA_CLOUD_CONFIG_FILE`; `ALIBABA_CLOUD_PROFILE`; off with `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` | `default/cli_profile/…` |
/// | credentials file | `ALIBABA_CLOUD_CREDENTIALS_FILE`, `~/.alibabacloud/credentials` or `credentials.ini`; `ALIBABA_CLOUD_PROFILE` | `default/profile/…` |
/// | ECS RAM role | the metadata service; `ALIBABA_CLOUD_ECS_METADATA` names the role; `…_IMDSV1_DISABLED`; off with `…_ECS_METADATA_DISABLED` | `default/ecs_ram_role` |
/// | credentials URI | `ALIBABA_CLOUD_CREDENTIALS_URI` | `default/credential_uri` |
///
/// **A source that is configured but broken ends the search with its reason.** The official chains
/// go on to the next one, so that a pod whose OIDC token fails silently signs as the role of its
/// node; only a source that is not configured is passed over here. The metadata service counts as
/// not configured when nothing names it and it does not answer within a second (a second more for
/// its version 1). A profile asked for by name, see
/// [`with_profile`](DefaultCredentialsBuilder::with_profile), rules all but the two files out.
///
/// Values of the credentials file are taken as they are written, quotes and `#` included. Where the official SDKs read a file
/// differently from each other it is refused, with the number of the line: a section or key that comes twice, a line that ends
/// in a backslash.
///
/// The source that answered is asked again when its credential nears its end; see
/// [`CachedCredentials`] for when that is. The whole chain is searched again once that source says
/// it is no longer configured.
///
/// ```
/// use std::collections::BTreeMap;
/// use ack_auth::{Context, DefaultCredentials};
///
/// let variables = BTreeMap::from([
///     ("ALIBABA_CLOUD_ACCESS_KEY_ID".to_owned(), "LTAI5tExampleabcd".to_owned()),
///     ("ALIBABA_CLOUD_ACCESS_KEY_SECRET".to_owned(), "placeholder".to_owned()),
/// ]);
/// let context = Context::new().with_environment(variables);
/// let credentials = DefaultCredentials::builder().with_context(context).build();
/// # let _ = async move {
/// for report in credentials.explain().await {
///     println!("{report}");
/// }
/// # };
/// ```
pub struct DefaultCredentials(CachedCredentials<Chain>);

/// Configures [`DefaultCredentials`].
#[derive(Debug, Default)]
pub struct DefaultCredentialsBuilder {
    context: Context,
    profile: Option<String>,
}

impl DefaultCredentials {
    /// The chain over this process and machine, without HTTP: sources that need it fail and say so.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A chain over a [`Context`] of one's choice.
    pub fn builder() -> DefaultCredentialsBuilder {
        DefaultCredentialsBuilder::default()
    }

    /// Asks every source afresh, up to the one that is used, and tells what each said.
    ///
    /// There is one report for each source, in order. It reads files, runs the command of an
    /// `External` profile, and calls STS or a metadata service, as getting a credential would; what
    /// is cached is neither used nor changed. No report holds a secret.
    pub async fn explain(&self) -> Vec<SourceReport> {
        let chain = self.0.source();
        let mut reports = Vec::with_capacity(Source::ALL.len());
        let mut is_settled = false;
        for source in Source::ALL {
            let report = if is_settled {
                SourceReport::not_asked(source.name())
            } else if let Some(reason) = chain.ruled_out(source) {
                SourceReport::passed_over(source.name(), reason)
            } else {
                let outcome = chain.ask(source).await;
                is_settled = outcome.as_ref().err().is_none_or(|error| !error.is_not_configured());
                SourceReport::of(source.name(), &outcome)
            };
            reports.push(report);
        }
        reports
    }

    /// The region (`region_id`) that the CLI profile in use names, none where there is no such file,
    /// profile or region.
    ///
    /// The official SDKs take no region from a profile; the CLI does, and tools that stand beside it
    /// may. The profile is the one asked for by [`with_profile`](DefaultCredentialsBuilder::with_profile),
    /// otherwise by `ALIBABA_CLOUD_PROFILE`, otherwise the current one of the file.
    ///
    /// # Errors
    ///
    /// [`Error::is_source`] when the file is there and cannot be read.
    pub fn profile_region(&self) -> Result<Option<String>, Error> {
        let chain = self.0.source();
        cli_profile::region(&chain.context, chain.asked_for().as_deref())
    }

    /// The names that [`with_profile`](DefaultCredentialsBuilder::with_profile) takes: the profiles of the CLI and then the
    /// sections of the credentials file, each once. A file that is not there or cannot be read has none.
    pub fn profile_names(&self) -> Vec<String> {
        let context = &self.0.source().context;
        let mut names = cli_profile::names(context);
        for name in ini::names(context) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl Default for DefaultCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl Credentials for DefaultCredentials {
    fn credential(&self) -> CredentialFuture<'_> {
        self.0.credential()
    }

    fn refused(&self, credential: &Credential) {
        self.0.refused(credential);
    }
}

impl fmt::Debug for DefaultCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultCredentials").field("profile", &self.0.source().profile).finish_non_exhaustive()
    }
}

impl DefaultCredentialsBuilder {
    /// Replaces what the sources work with. Default: [`Context::new`].
    #[must_use]
    pub fn with_context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }

    /// Takes this profile of the CLI, or the section of that name in the credentials file, and looks
    /// nowhere else. Default: every source is asked; the profile is the one that the variable
    /// `ALIBABA_CLOUD_PROFILE` names, otherwise the one the file itself chooses.
    ///
    /// Keys in the environment do not come first, as they do with that variable: who names a profile
    /// in a program or on a command line means it. A profile that neither file holds is an error.
    #[must_use]
    pub fn with_profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into()).filter(|profile| !profile.is_empty());
        self
    }

    /// The credentials. Nothing is read until the first one is asked for.
    pub fn build(self) -> DefaultCredentials {
        let clock = self.context.clock();
        let chain = Chain { context: self.context, profile: self.profile, found: Mutex::new(None) };
        DefaultCredentials(CachedCredentials::new(chain, clock))
    }
}

/// The chain without a cache; it remembers which source answered.
struct Chain {
    context: Context,
    profile: Option<String>,
    found: Mutex<Option<Source>>,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Environment,
    OidcRole,
    CliProfile,
    CredentialsFile,
    EcsRole,
    CredentialsUri,
}

impl Source {
    const ALL: [Self; 6] = [
        Self::Environment,
        Self::OidcRole,
        Self::CliProfile,
        Self::CredentialsFile,
        Self::EcsRole,
        Self::CredentialsUri,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::OidcRole => "OIDC role",
            Self::CliProfile => "CLI profile",
            Self::CredentialsFile => "credentials file",
            Self::EcsRole => "ECS RAM role",
            Self::CredentialsUri => "credentials URI",
        }
    }
}

impl Chain {
    async fn find(&self) -> Result<Credential, Error> {
        if let Some(source) = self.found() {
            match self.ask(source).await {
                Err(error) if error.is_not_configured() => self.remember(None),
                outcome => return outcome,
            }
        }
        let mut reasons = Vec::with_capacity(Source::ALL.len());
        for source in Source::ALL.into_iter().filter(|&source| self.ruled_out(source).is_none()) {
            match self.ask(source).await {
                Err(error) if error.is_not_configured() => {
                    reasons.push(format!("{}: {}", source.name(), error.remedy().unwrap_or_default()));
                }
                Ok(credential) => {
                    self.remember(Some(source));
                    return Ok(credential);
                }
                Err(error) => return Err(error),
            }
        }
        let remedy = format!("configure one of its sources ({})", reasons.join("; "));
        Err(Error::not_configured("the default credentials chain", remedy))
    }

    async fn ask(&self, source: Source) -> Result<Credential, Error> {
        let context = &self.context;
        let asked_for = self.asked_for();
        let asked_for = asked_for.as_deref();
        // As in the modes of a profile, the futures are kept apart.
        let answer: CredentialFuture<'_> = match source {
            Source::Environment => {
                Box::pin(future::ready(EnvironmentCredentials::from_environment(context.environment()).read()))
            }
            Source::OidcRole => Box::pin(oidc::from_environment(context)),
            Source::CliProfile => Box::pin(cli_profile::from_file(context, asked_for)),
            Source::CredentialsFile => Box::pin(ini::from_file(context, asked_for)),
            Source::EcsRole => Box::pin(ecs::from_environment(context)),
            Source::CredentialsUri => Box::pin(uri::from_environment(context)),
        };
        let credential = answer.await?;
        match credential.expiration() {
            Some(expiration) if expiration <= context.now() => {
                let date = format_date(expiration).unwrap_or_else(|_| "an impossible date".to_owned());
                let problem = format!("what it gave expired at {date}: renew it, or correct the clock of this machine");
                Err(Error::source_failed(format!("the {}", source.name()), problem))
            }
            _ => Ok(credential),
        }
    }

    fn asked_for(&self) -> Option<String> {
        self.profile.clone().or_else(|| self.context.var("ALIBABA_CLOUD_PROFILE"))
    }

    /// Why a source is not asked at all.
    fn ruled_out(&self, source: Source) -> Option<String> {
        let profile = self.profile.as_deref()?;
        let knows_profiles = matches!(source, Source::CliProfile | Source::CredentialsFile);
        (!knows_profiles).then(|| format!("the profile {:?} was asked for by name", printable(profile, 80)))
    }

    fn found(&self) -> Option<Source> {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, source: Option<Source>) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = source;
    }
}

impl Credentials for Chain {
    fn credential(&self) -> CredentialFuture<'_> {
        Box::pin(self.find())
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
