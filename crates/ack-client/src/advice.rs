//! What to do about the failures whose cause is known.

use http::StatusCode;

use crate::error::Error;

mod codes;

/// The next step for an error, if one is known.
pub(crate) fn for_error(error: &Error) -> Option<String> {
    let step = next_step(error);
    let is_idempotent = error.known_operation().is_none_or(|operation| operation.idempotent);
    if is_idempotent || !error.may_have_taken_effect() {
        return step;
    }
    // Such an error is no time to repeat anything, whatever else helps.
    let caution = if error.status().is_some_and(|status| status.is_success()) {
        "the service has accepted the request all the same, so do not repeat it"
    } else {
        "the service may have accepted the request all the same: look before repeating it"
    };
    Some(step.map_or_else(|| caution.to_owned(), |step| format!("{step}; {caution}")))
}

fn next_step(error: &Error) -> Option<String> {
    if error.is_throttled() {
        return Some(match error.retry_after() {
            Some(wait) => format!("too many calls at once: wait {wait:?}, as the service asks, and repeat it"),
            None => "too many calls at once: wait and repeat it".to_owned(),
        });
    }
    if error.code() == Some("SignatureDoesNotMatch") {
        return Some(signature(error).to_owned());
    }
    if let Some(step) = error.code().and_then(codes::next_step) {
        return Some(step.to_owned());
    }
    if error.is_forbidden() {
        return Some(permission(error));
    }
    if error.is_certificate() {
        let step = "check this machine's clock and who answers at the endpoint; if that is a proxy that opens TLS, trust its \
                    certificate authority, with ca_certificates or SSL_CERT_FILE";
        return Some(step.to_owned());
    }
    if error.is_body_too_large() {
        return Some("raise max_body_bytes if such an answer is expected".to_owned());
    }
    if error.is_compressed() {
        return Some(
            "look for a proxy in between that compresses answers in spite of accept-encoding: identity".to_owned(),
        );
    }
    let step = match error.status()? {
        status if status.is_redirection() => {
            "redirects are not followed, as they would carry the signature elsewhere: check the endpoint and the network"
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => "give the proxy its user name and password",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "look whether a proxy changes the content-type of requests",
        StatusCode::PAYLOAD_TOO_LARGE => "send less at a time",
        status if status.is_server_error() => "this may come from a gateway or proxy in between, and may pass",
        _ => return None,
    };
    Some(step.to_owned())
}

/// What the refusal names, or else what the API reference says the operation needs.
fn permission(error: &Error) -> String {
    if error.said().is_none() {
        return "this may come from a gateway or proxy in between: check the endpoint and the network".to_owned();
    }
    let needed = error.known_operation().and_then(|operation| operation.ram_action);
    let explicit = error.said().and_then(|said| said.no_permission_type.as_deref()) == Some("ExplicitDeny");
    match error.denied_action().or(needed) {
        Some(action) if explicit => {
            format!(
                "a policy of the caller denies `{action}` outright: no Allow helps until that statement is taken out"
            )
        }
        Some(action) => format!("allow `{action}` in a RAM policy of the caller"),
        None => "allow the action in a RAM policy of the caller".to_owned(),
    }
}

/// The service tells what it has signed itself. If that is what the client has signed, only the secret can differ.
fn signature(error: &Error) -> &'static str {
    match error.said().and_then(|said| said.signed_alike) {
        Some(true) => {
            "the service signed the same text, so the AccessKey secret is wrong: it does not belong to the AccessKey ID, \
             or was pasted with extra characters"
        }
        Some(false) => {
            "the request was changed on the way: look for a proxy that rewrites the URL, the host or headers"
        }
        None => {
            "check the AccessKey secret: it does not belong to the AccessKey ID, or was pasted with extra characters"
        }
    }
}
