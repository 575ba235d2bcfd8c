//! Modes `CloudSSO` and `OAuth`: what the aliyun CLI keeps after a sign-in in the browser.
//!
//! Keys and access tokens are used while they are valid. Renewing a sign-in is the CLI's business,
//! because it has to write the new tokens back to its file.

use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::file::{Profile, given};
use super::modes::Resolver;
use crate::keys::{Keys, checked, from_json, printable};
use crate::sts::is_host;
use crate::{Credential, Error, HttpRequest};

/// A CloudSSO profile.
pub(super) async fn cloud_sso(resolver: &Resolver<'_>, profile: &Profile) -> Result<Credential, Error> {
    if let Some(kept) = kept(resolver, profile)? {
        return Ok(kept.with_provider_name("cloud_sso"));
    }
    let token = given(&profile.access_token)
        .filter(|_| is_ahead(resolver, profile.cloud_sso_access_token_expire))
        .ok_or_else(|| expired(resolver, profile, "CloudSSO"))?;
    let url = resolver.need(profile, &profile.cloud_sso_sign_in_url, "cloud_sso_sign_in_url")?;
    let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let host = host.filter(|host| is_host(host)).ok_or_else(|| {
        let problem = format!("of {} is not an https URL", resolver.label(profile));
        Error::invalid("cloud_sso_sign_in_url", problem, "copy it again from the CloudSSO console")
    })?;
    let account = resolver.need(profile, &profile.cloud_sso_account_id, "cloud_sso_account_id")?;
    let access = resolver.need(profile, &profile.cloud_sso_access_config, "cloud_sso_access_config")?;
    let body = serde_json::json!({ "AccountId": account, "AccessConfigurationId": access }).to_string();
    let request = HttpRequest::new("POST", format!("https://{host}/cloud-credentials"))
        .with_header("accept", "application/json")
        .with_header("authorization", format!("Bearer {token}"))
        .with_header("content-type", "application/json")
        .with_body(body);
    let answer: CloudSsoAnswer = ask(resolver, profile, "CloudSSO", request).await?;
    let keys = answer.keys.ok_or_else(|| {
        Error::source_failed(resolver.label(profile), "the answer of CloudSSO holds no CloudCredential")
    })?;
    Ok(keys.temporary(&resolver.label(profile))?.with_provider_name("cloud_sso"))
}

/// An OAuth profile.
pub(super) async fn oauth(resolver: &Resolver<'_>, profile: &Profile) -> Result<Credential, Error> {
    if let Some(kept) = kept(resolver, profile)? {
        return Ok(kept.with_provider_name("oauth"));
    }
    let token = given(&profile.oauth_access_token)
        .filter(|_| is_ahead(resolver, profile.oauth_access_token_expire))
        .ok_or_else(|| expired(resolver, profile, "OAuth"))?;
    let host = match given(&profile.oauth_site_type) {
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
    let keys: Keys = ask(resolver, profile, "OAuth", request).await?;
    Ok(keys.temporary(&resolver.label(profile))?.with_provider_name("oauth"))
}

#[derive(Deserialize)]
struct CloudSsoAnswer {
    #[serde(rename = "CloudCredential")]
    keys: Option<Keys>,
}

/// The keys of the last sign-in, while they are valid.
fn kept(resolver: &Resolver<'_>, profile: &Profile) -> Result<Option<Credential>, Error> {
    let (Some(id), Some(secret), Some(token), Some(expiration)) = (
        given(&profile.access_key_id),
        given(&profile.access_key_secret),
        given(&profile.sts_token),
        after_epoch(profile.sts_expiration),
    ) else {
        return Ok(None);
    };
    if expiration <= resolver.context.now() {
        return Ok(None);
    }
    let credential = Credential::sts(id, secret, token).with_expiration(expiration);
    checked(credential, &resolver.label(profile)).map(Some)
}

async fn ask<T: serde::de::DeserializeOwned>(
    resolver: &Resolver<'_>,
    profile: &Profile,
    service: &str,
    request: HttpRequest,
) -> Result<T, Error> {
    let refuse = |problem: String| Error::source_failed(resolver.label(profile), problem);
    let exchange = resolver.context.exchange(request).await;
    let answer = exchange.map_err(|cause| refuse(format!("{service} did not answer ({cause})")))?;
    match answer.status() {
        200 => from_json(answer.body()).map_err(|problem| refuse(format!("the answer of {service} {problem}"))),
        401 => Err(expired(resolver, profile, service)),
        status => Err(refuse(format!("{service} refused with HTTP status {status}"))),
    }
}

fn expired(resolver: &Resolver<'_>, profile: &Profile, service: &str) -> Error {
    let name = printable(profile.name(), 80);
    let problem = format!(
        "the {service} sign-in of this profile is over: sign in again with `aliyun configure --mode {service} --profile {name}`"
    );
    Error::source_failed(resolver.label(profile), problem)
}

fn is_ahead(resolver: &Resolver<'_>, epoch_seconds: Option<i64>) -> bool {
    after_epoch(epoch_seconds).is_some_and(|instant| instant > resolver.context.now())
}

fn after_epoch(seconds: Option<i64>) -> Option<SystemTime> {
    let seconds = u64::try_from(seconds?).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}
