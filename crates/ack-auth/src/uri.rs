//! Keys from a server of the user's own, named by a URI.

use crate::json::Object;
use crate::keys::{printable, temporary};
use crate::{Context, Credential, Error, HttpRequest};

const VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";

/// The server that the environment names.
pub(crate) async fn from_environment(context: &Context) -> Result<Credential, Error> {
    let Some(uri) = context.var(VARIABLE) else {
        return Err(Error::not_configured("the credentials URI", format!("set {VARIABLE}")));
    };
    Ok(fetch(context, &uri).await?.behind("default"))
}

/// One GET. A `Code` is looked at where the answer has one; all four values are needed.
pub(crate) async fn fetch(context: &Context, uri: &str) -> Result<Credential, Error> {
    if !["http://", "https://"].iter().any(|scheme| uri.starts_with(scheme)) || uri.chars().any(char::is_whitespace) {
        let problem = "is not a URL that starts with http:// or https://";
        return Err(Error::invalid("credentials URI", problem, "write the whole URL"));
    }
    let source = format!("the credentials URI {}", without_secrets(uri));
    let refuse = |cause: String| Error::source_failed(source.clone(), cause);
    let request = HttpRequest::new("GET", uri).with_header("accept", "application/json");
    let answer = context.exchange(request).await.map_err(|cause| Error::source_failed(source.clone(), cause))?;
    if answer.status() != 200 {
        return Err(refuse(format!("it answered with HTTP status {}", answer.status())));
    }
    let keys = Object::read(answer.body()).map_err(|problem| refuse(format!("its answer {problem}")))?;
    Ok(temporary(&keys, &source)?.with_provider_name("credential_uri"))
}

/// The scheme and the host; user, path and query may hold tokens.
fn without_secrets(uri: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{}", printable(host, 200))
}
