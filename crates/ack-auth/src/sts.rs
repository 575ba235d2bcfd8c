//! The two STS calls that turn an identity into temporary keys: AssumeRole and
//! AssumeRoleWithOIDC, of the RPC interface of version 2015-04-01.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::credential::Identity;
use crate::json::Object;
use crate::keys::{printable, temporary};
use crate::{Context, Credential, Error, HttpRequest, canonical_query, encode_component, format_date, redact};

const DEFAULT_SECONDS: i64 = 3600;
const LEAST_SECONDS: i64 = 900;

/// The role to take on, and how.
pub(crate) struct Role {
    arn: String,
    session_name: String,
    seconds: i64,
    policy: Option<String>,
    external_id: Option<String>,
    host: String,
}

/// What a source says about a [`Role`]; whatever it leaves out comes from the environment or has a
/// default.
#[derive(Default)]
pub(crate) struct RoleSettings<'a> {
    pub(crate) arn: Option<&'a str>,
    pub(crate) session_name: Option<&'a str>,
    /// Absent and 0 mean an hour.
    pub(crate) seconds: Option<i64>,
    pub(crate) policy: Option<&'a str>,
    pub(crate) external_id: Option<&'a str>,
    pub(crate) endpoint: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    pub(crate) is_vpc: Option<bool>,
}

impl Role {
    /// Fills the gaps and refuses what STS would, naming `source`.
    pub(crate) fn new(context: &Context, settings: &RoleSettings<'_>, source: &str) -> Result<Self, Error> {
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let arn = owned(settings.arn).or_else(|| context.var("ALIBABA_CLOUD_ROLE_ARN")).ok_or_else(|| {
            Error::invalid(
                "role ARN",
                format!("is missing from {source}"),
                "name the role, as acs:ram::<account>:role/<name>",
            )
        })?;
        let session_name = owned(settings.session_name)
            .or_else(|| context.var("ALIBABA_CLOUD_ROLE_SESSION_NAME"))
            .unwrap_or_else(|| format!("ack-rs-{}", context.epoch_seconds()));
        let seconds = settings.seconds.filter(|&seconds| seconds != 0).unwrap_or(DEFAULT_SECONDS);
        if seconds < LEAST_SECONDS {
            let problem = format!("of {source} is {seconds}");
            return Err(Error::invalid("session duration", problem, "give at least 900 seconds"));
        }
        let host = sts_host(context, settings)?;
        let (policy, external_id) = (owned(settings.policy), owned(settings.external_id));
        Ok(Self { arn, session_name, seconds, policy, external_id, host })
    }

    /// AssumeRoleWithOIDC, which is not signed: the token is the proof.
    pub(crate) async fn assume_with_oidc(
        &self,
        context: &Context,
        provider_arn: &str,
        token: &str,
    ) -> Result<Credential, Error> {
        let mut form = self.parameters();
        form.push(("OIDCProviderArn", provider_arn.into()));
        form.push(("OIDCToken", token.into()));
        let query = common("AssumeRoleWithOIDC", context)?;
        Ok(self.call(context, "AssumeRoleWithOIDC", &query, &form, &[token]).await?.with_provider_name("oidc_role_arn"))
    }

    /// AssumeRole with another pair's signature (HMAC-SHA1, the only one this interface takes from
    /// every account).
    pub(crate) async fn assume(&self, context: &Context, signer: &Credential) -> Result<Credential, Error> {
        let Identity::Keyed { id, secret, token } = signer.identity() else {
            let problem = "of the source that AssumeRole is to be called with is missing";
            return Err(Error::invalid("AccessKey pair", problem, "name a source that gives an AccessKey pair"));
        };
        let nonce = context.nonce()?;
        let mut query = common("AssumeRole", context)?;
        query.extend([
            ("SignatureMethod", "HMAC-SHA1".into()),
            ("SignatureVersion", "1.0".into()),
            ("SignatureNonce", Cow::from(nonce)),
            ("AccessKeyId", id.as_str().into()),
        ]);
        let mut form = self.parameters();
        if let Some(token) = token {
            form.push(("SecurityToken", token.expose_secret().into()));
        }
        let all: Vec<_> = query.iter().chain(&form).map(|(name, value)| (*name, value.as_ref())).collect();
        query.push(("Signature", signature("POST", &all, secret.expose_secret()).into()));
        let hidden = [secret.expose_secret(), token.as_ref().map_or("", |token| token.expose_secret())];
        let inner = signer.provider_name().map_or_else(|| "ram_role_arn".into(), |name| format!("ram_role_arn/{name}"));
        Ok(self.call(context, "AssumeRole", &query, &form, &hidden).await?.with_provider_name(inner))
    }

    fn parameters(&self) -> Vec<Parameter<'_>> {
        let mut parameters = vec![
            ("RoleArn", self.arn.as_str().into()),
            ("RoleSessionName", self.session_name.as_str().into()),
            ("DurationSeconds", self.seconds.to_string().into()),
        ];
        let optional = [("Policy", &self.policy), ("ExternalId", &self.external_id)];
        parameters.extend(optional.into_iter().filter_map(|(name, value)| Some((name, Cow::from(value.as_deref()?)))));
        parameters
    }

    /// The parameters that may be secret go in the form: URLs end up in logs.
    async fn call(
        &self,
        context: &Context,
        action: &str,
        query: &[Parameter<'_>],
        form: &[Parameter<'_>],
        hidden: &[&str],
    ) -> Result<Credential, Error> {
        let source = format!("{action} of STS at {}", self.host);
        let refuse = |cause: String| Error::source_failed(source.clone(), cause);
        let request = HttpRequest::new("POST", format!("https://{}/?{}", self.host, canonical_query(query)))
            .with_header("accept", "application/json")
            .with_header("content-type", "application/x-www-form-urlencoded")
            .with_body(canonical_query(form));
        let answer = context.exchange(request).await.map_err(|cause| Error::source_failed(source.clone(), cause))?;
        if answer.status() != 200 {
            return Err(refuse(refusal(answer.status(), answer.body(), hidden)));
        }
        let unfit = |problem: String| refuse(format!("its answer {problem}"));
        let answer = Object::read(answer.body()).map_err(unfit)?;
        let keys = answer.object("Credentials").map_err(unfit)?;
        let keys = keys.ok_or_else(|| refuse("its answer holds no Credentials".to_owned()))?;
        Ok(temporary(keys, &source)?.with_role(self.arn.as_str()))
    }
}

type Parameter<'a> = (&'static str, Cow<'a, str>);

fn common(action: &'static str, context: &Context) -> Result<Vec<Parameter<'static>>, Error> {
    Ok(vec![
        ("Action", action.into()),
        ("Version", "2015-04-01".into()),
        ("Format", "JSON".into()),
        ("Timestamp", format_date(context.now())?.into()),
    ])
}

/// The RPC signature: HMAC-SHA1 over the method, the root path and the sorted parameters, each
/// encoded once more, keyed with the secret and an ampersand.
fn signature(method: &str, parameters: &[(&str, &str)], secret: &str) -> String {
    let text = format!("{method}&%2F&{}", encode_component(&canonical_query(parameters)));
    let key = Zeroizing::new(format!("{secret}&"));
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What STS said when it refused. Messages may quote the request, so secrets are taken out of them.
fn refusal(status: u16, body: &[u8], hidden: &[&str]) -> String {
    let answer = Object::read(body).ok();
    let text = |names: &[&str]| answer.as_ref().and_then(|answer| answer.text(names).ok().flatten());
    let Some(code) = text(&["Code", "code"]) else {
        return format!("it refused with HTTP status {status} and no code");
    };
    let mut message = text(&["Message", "message"]).unwrap_or_default();
    if code.starts_with("SignatureDoesNotMatch") || code.starts_with("IncompleteSignature") {
        // The message quotes all that was signed, the token included.
        message = "the signature was refused, so check the AccessKey secret";
    }
    let mut said = format!("it refused with HTTP status {status} and the code {}", printable(code, 80));
    if !message.is_empty() {
        said = format!("{said}: {}", printable(&redact(message, hidden), 300));
    }
    if let Some(id) = text(&["RequestId", "requestId"]) {
        said = format!("{said} (request id {})", printable(id, 80));
    }
    said
}

/// The given endpoint, then the given region, then what the environment says, then the global one.
fn sts_host(context: &Context, settings: &RoleSettings<'_>) -> Result<String, Error> {
    let is_vpc = settings.is_vpc.unwrap_or_else(|| context.is_true("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"));
    let regional = |region: &str| format!("{}.{region}.aliyuncs.com", if is_vpc { "sts-vpc" } else { "sts" });
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let host = given(settings.endpoint)
        .or_else(|| given(settings.region).map(|region| regional(&region)))
        .or_else(|| context.var("ALIBABA_CLOUD_STS_ENDPOINT"))
        .or_else(|| context.var("ALIBABA_CLOUD_STS_REGION").map(|region| regional(&region)))
        .unwrap_or_else(|| "sts.aliyuncs.com".to_owned());
    if is_host(&host) {
        return Ok(host);
    }
    let problem = format!("{:?} is not a host name", printable(&host, 80));
    Err(Error::invalid("STS endpoint", problem, "write it as sts.cn-hangzhou.aliyuncs.com, without a scheme or path"))
}

/// Letters, digits, dots and dashes only, so that nothing can change the meaning of the URL.
pub(crate) fn is_host(text: &str) -> bool {
    let text = text.as_bytes();
    text.first().is_some_and(u8::is_ascii_alphanumeric)
        && text.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
}

#[cfg(test)]
mod tests;
