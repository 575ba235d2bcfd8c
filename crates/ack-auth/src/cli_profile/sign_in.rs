//! Modes `CloudSSO` and `OAuth`: what the aliyun CLI keeps after a sign-in in the browser.
//!
//! Keys and access tokens are used while they are valid. Renewing a sign-in is the CLI's business,
//! because it has to write the new tokens back to its file.

use std::time::{Duration, SystemTime};

use super::file::Profile;
use super::modes::Resolver;
use crate::json::Object;
use crate::keys::{checked, printable, temporary};
use crate::sts::is_host;
use crate::{Credential, Error, HttpRequest};

/// A CloudSSO profile.
pub(super) async fn cloud_sso(resolver: &Resolver<'_>, profile: Profile<'_>) -> Result<Credential, Error> {
    if let Some(kept) = kept(resolver, profile)? {
        return Ok(kept.with_provider_name("cloud_sso"));
    }
    let token = while_ahead(resolver, profile, "access_token", "cloud_sso_access_token_expire")?
        .ok_or_else(|| expired(resolver, profile, "CloudSSO"))?;
    let url = resolver.need(profile, "cloud_sso_sign_in_url")?;
    let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let host = host.filter(|host| is_host(host)).ok_or_else(|| {
        let problem = format!("of {} is not an https URL", resolver.label(profile));
        Error::invalid("cloud_sso_sign_in_url", problem, "copy it again from the CloudSSO console")
    })?;
    let account = resolver.need(profile, "cloud_sso_account_id")?;
    let access = resolver.need(profile, "cloud_sso_access_config")?;
    let body = format!(r#"{{"AccessConfigurationId":{},"AccountId":{}}}"#, quoted(access), quoted(account));
    let request = HttpRequest::new("POST", format!("https://{host}/cloud-credentials"))
        .with_header("accept", "application/json")
        .with_header("authorization", format!("Bearer {token}"))
        .with_header("content-type", "application/json")
        .with_body(body);
    let answer = ask(resolver, profile, "CloudSSO", request).await?;
    let refuse =
        |problem: &str| Error::source_failed(resolver.label(profile), format!("the answer of CloudSSO {problem}"));
    let keys = answer.object("CloudCredential").map_err(|problem| refuse(&problem))?;
    let keys = keys.ok_or_else(|| refuse("holds no CloudCredential"))?;
    Ok(temporary(keys, &resolver.label(profile))?.with_provider_name("cloud_sso"))
}

/// An OAuth profile.
pub(super) async fn oauth(resolver: &Resolver<'_>, profile: Profile<'_>) -> Result<Credential, Error> {
    if let Some(kept) = kept(resolver, profile)? {
        return Ok(kept.with_provider_name("oauth"));
    }
    let token = while_ahead(resolver, profile, "oauth_access_token", "oauth_access_token_expire")?
        .ok_or_else(|| expired(resolver, profile, "OAuth"))?;
    let host = match resolver.text(profile, "oauth_site_type")? {
        Some("CN") => "oauth.aliyun.com",
        Some("INTL") => "oauth.alibabacloud.com",
        other => {
            let site = printable(other.unwrap_or_default(), 20);
            let problem = format!("of {} is {site:?}", resolver.label(profile));
            return Err(Error::invalid("oauth_site_type", problem, "set it to CN or INTL"));
        }
    };
    let request = HttpRequest::new("POST", format!("https://{host}/v1/exchange"))
        .with_header("accept", "application/json")
        .with_header("authorization", format!("Bearer {token}"))
        .with_header("content-type", "application/json");
    let keys = ask(resolver, profile, "OAuth", request).await?;
    Ok(temporary(&keys, &resolver.label(profile))?.with_provider_name("oauth"))
}

/// The keys of the last sign-in, while they are valid.
fn kept(resolver: &Resolver<'_>, profile: Profile<'_>) -> Result<Option<Credential>, Error> {
    let (Some(id), Some(secret), Some(token), Some(expiration)) = (
        resolver.text(profile, "access_key_id")?,
        resolver.text(profile, "access_key_secret")?,
        resolver.text(profile, "sts_token")?,
        instant(resolver, profile, "sts_expiration")?,
    ) else {
        return Ok(None);
    };
    if expiration <= resolver.context.now() {
        return Ok(None);
    }
    let credential = Credential::sts(id, secret, token).with_expiration(expiration);
    checked(credential, &resolver.label(profile)).map(Some)
}

async fn ask(
    resolver: &Resolver<'_>,
    profile: Profile<'_>,
    service: &str,
    request: HttpRequest,
) -> Result<Object, Error> {
    let refuse = |problem: String| Error::source_failed(resolver.label(profile), problem);
    let exchange = resolver.context.exchange(request).await;
    let answer = exchange.map_err(|cause| refuse(format!("{service} did not answer ({cause})")))?;
    match answer.status() {
        200 => Object::read(answer.body()).map_err(|problem| refuse(format!("the answer of {service} {problem}"))),
        401 => Err(expired(resolver, profile, service)),
        status => Err(refuse(format!("{service} refused with HTTP status {status}"))),
    }
}

fn expired(resolver: &Resolver<'_>, profile: Profile<'_>, service: &str) -> Error {
    let name = printable(profile.name(), 80);
    let problem = format!(
        "the {service} sign-in of this profile is over: sign in again with `aliyun configure --mode {service} --profile {name}`"
    );
    Error::source_failed(resolver.label(profile), problem)
}

/// A token, none once its time is over.
fn while_ahead<'a>(
    resolver: &Resolver<'_>,
    profile: Profile<'a>,
    token: &str,
    expiration: &str,
) -> Result<Option<&'a str>, Error> {
    let is_ahead = instant(resolver, profile, expiration)?.is_some_and(|instant| instant > resolver.context.now());
    if is_ahead { resolver.text(profile, token) } else { Ok(None) }
}

/// A field in epoch seconds, none where it is absent or no time.
fn instant(resolver: &Resolver<'_>, profile: Profile<'_>, field: &str) -> Result<Option<SystemTime>, Error> {
    let seconds = profile.whole_number(field).map_err(|problem| resolver.unfit(profile, &problem))?;
    let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
    Ok(seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))))
}

/// A text as it stands in JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
