//! RRSA: the role of a pod's service account, taken on with the OIDC token that ACK mounts.

use std::path::Path;

use crate::sts::{Role, RoleSettings};
use crate::{Context, Credential, Error};

const ROLE: &str = "ALIBABA_CLOUD_ROLE_ARN";
const PROVIDER: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
const TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";

/// The role that the environment describes. The role's ARN alone says nothing, because other sources
/// use it as well; either of the other two variables does.
pub(crate) async fn from_environment(context: &Context) -> Result<Credential, Error> {
    let incomplete = |missing, present| Err(crate::error::Kind::Incomplete { missing, present }.into());
    let (provider_arn, token_file) = match (context.var(PROVIDER), context.var(TOKEN_FILE)) {
        (Some(provider_arn), Some(token_file)) => (provider_arn, token_file),
        (Some(_), None) => return incomplete(TOKEN_FILE, PROVIDER),
        (None, Some(_)) => return incomplete(PROVIDER, TOKEN_FILE),
        (None, None) => {
            let remedy = format!("in a pod with RRSA, {ROLE}, {PROVIDER} and {TOKEN_FILE} are set");
            return Err(Error::not_configured("the OIDC role", remedy));
        }
    };
    let Some(role_arn) = context.var(ROLE) else { return incomplete(ROLE, PROVIDER) };
    let settings = RoleSettings { arn: Some(&role_arn), ..RoleSettings::default() };
    let role = Role::new(context, &settings, "the environment")?;
    let credential = assume(context, &role, &provider_arn, &token_file).await?;
    Ok(credential.behind("default"))
}

/// Reads the token file anew, since the cluster replaces it, and takes on the role.
pub(crate) async fn assume(
    context: &Context,
    role: &Role,
    provider_arn: &str,
    token_file: &str,
) -> Result<Credential, Error> {
    let source = || format!("the OIDC token file {token_file}");
    let token = context.read(Path::new(token_file)).map_err(|error| Error::source_failed(source(), error))?;
    let token = token.trim();
    if token.is_empty() {
        return Err(Error::source_failed(source(), "the file is empty"));
    }
    role.assume_with_oidc(context, provider_arn, token).await
}
