//! The RAM role of an ECS instance, from its metadata service.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::json::Object;
use crate::keys::{printable, temporary};
use crate::{Context, Credential, Error, HttpAnswer, HttpRequest, encode_component};

const HOST: &str = "http://100.100.100.200";
const LIMIT: Duration = Duration::from_secs(1);
const SOURCE: &str = "the ECS metadata service";

/// The role that the environment names, or else the one the instance has.
///
/// Where nothing names a role, a service that cannot be reached or has no role is "not configured":
/// most machines are no ECS instances.
pub(crate) async fn from_environment(context: &Context) -> Result<Credential, Error> {
    if context.is_true("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
        let remedy = "unset ALIBABA_CLOUD_ECS_METADATA_DISABLED to use the role of the instance";
        return Err(Error::not_configured(SOURCE, remedy));
    }
    let role = context.var("ALIBABA_CLOUD_ECS_METADATA");
    match fetch(context, role.as_deref()).await {
        Ok(credential) => Ok(credential.behind("default")),
        Err(Trouble::Absent(reason)) if role.is_none() => {
            Err(Error::not_configured(SOURCE, format!("{reason}; on an ECS instance, attach a RAM role to it")))
        }
        Err(trouble) => Err(trouble.into()),
    }
}

/// The role a profile asks for; without a name, the one the instance has.
pub(crate) async fn named(context: &Context, role: Option<&str>) -> Result<Credential, Error> {
    Ok(fetch(context, role).await?)
}

enum Trouble {
    /// This is no ECS instance, or one without a role.
    Absent(String),
    Failed(Error),
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Absent(reason) => Self::source_failed(SOURCE, reason),
            Trouble::Failed(error) => error,
        }
    }
}

fn failed(reason: String) -> Trouble {
    Trouble::Failed(Error::source_failed(SOURCE, reason))
}

async fn fetch(context: &Context, role: Option<&str>) -> Result<Credential, Trouble> {
    let service = Service { context, token: token(context).await? };
    let role = match role.map(str::trim).filter(|role| !role.is_empty()) {
        Some(role) => role.to_owned(),
        None => service.role().await?,
    };
    let answer = service.get(&encode_component(&role)).await?;
    if answer.status() != 200 {
        let role = printable(&role, 64);
        return Err(failed(format!("it answered with HTTP status {} for the role {role:?}", answer.status())));
    }
    let keys = Object::read(answer.body()).map_err(|problem| failed(format!("its answer {problem}")))?;
    Ok(temporary(&keys, SOURCE).map_err(Trouble::Failed)?.with_provider_name("ecs_ram_role").with_role(role))
}

struct Service<'a> {
    context: &'a Context,
    token: Option<Zeroizing<String>>,
}

impl Service<'_> {
    async fn role(&self) -> Result<String, Trouble> {
        let answer = self.get("").await?;
        match answer.status() {
            200 => {}
            404 => return Err(Trouble::Absent("the instance has no RAM role".to_owned())),
            status => return Err(failed(format!("it answered with HTTP status {status} for the name of the role"))),
        }
        let text = str::from_utf8(answer.body()).unwrap_or_default();
        let name = text.trim().lines().next().unwrap_or_default().trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_name) {
            return Err(Trouble::Absent("what answers at its address names no RAM role".to_owned()));
        }
        Ok(name.to_owned())
    }

    /// Asks with the token, and without it where the service refuses one and version 1 is allowed.
    async fn get(&self, path: &str) -> Result<HttpAnswer, Trouble> {
        let url = format!("{HOST}/latest/meta-data/ram/security-credentials/{path}");
        let plain = || HttpRequest::new("GET", url.clone()).with_timeout(LIMIT).directly();
        let Some(token) = &self.token else { return exchange(self.context, plain()).await };
        let answer = exchange(self.context, plain().with_header("x-aliyun-ecs-metadata-token", token.as_str())).await?;
        if matches!(answer.status(), 200 | 404) || is_v1_disabled(self.context) {
            return Ok(answer);
        }
        exchange(self.context, plain()).await
    }
}

/// The session token of version 2, none where version 1 has to do.
async fn token(context: &Context) -> Result<Option<Zeroizing<String>>, Trouble> {
    let request = HttpRequest::new("PUT", format!("{HOST}/latest/api/token"))
        .with_header("x-aliyun-ecs-metadata-token-ttl-seconds", "21600")
        .with_timeout(LIMIT)
        .directly();
    let trouble = match exchange(context, request).await {
        Ok(answer) if answer.status() == 200 => {
            let token = str::from_utf8(answer.body()).unwrap_or_default().trim();
            if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Ok(Some(Zeroizing::new(token.to_owned())));
            }
            failed("it gave no usable token".to_owned())
        }
        Ok(answer) => failed(format!("it answered with HTTP status {} for a token", answer.status())),
        Err(trouble) => trouble,
    };
    if is_v1_disabled(context) { Err(trouble) } else { Ok(None) }
}

async fn exchange(context: &Context, request: HttpRequest) -> Result<HttpAnswer, Trouble> {
    context.exchange(request).await.map_err(|cause| Trouble::Absent(format!("it did not answer ({cause})")))
}

fn is_v1_disabled(context: &Context) -> bool {
    context.is_true("ALIBABA_CLOUD_IMDSV1_DISABLED")
}

#[cfg(test)]
mod tests;
