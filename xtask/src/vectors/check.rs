//! One golden vector against `ack-auth`.

use std::collections::BTreeMap;

use ack_auth::{
    Authorization, Credential, HeaderPolicy, ReceivedRequest, SignedRequest, Signer, SigningRequest, encode_component,
    parse_date, verify,
};
use serde_json::Value;

/// Signs the request that the text of a vector file describes and compares the result with the
/// official answers.
///
/// Under `HeaderPolicy::Minimal` the answer is `expected_min_headers`, under `HeaderPolicy::All` it
/// is `expected`: canonical request, string to sign, signature and `Authorization` must be equal,
/// the header map must be complete, and the verifier must accept the official signature over the
/// official URL. A vector for bearer or anonymous requests has header map and the absence of a
/// signature only.
///
/// # Errors
///
/// One text for each part that differs, with the expected and the actual value on lines of their
/// own.
pub(crate) fn check(text: &str) -> Result<(), Vec<String>> {
    let json: Value = serde_json::from_str(text).map_err(|error| vec![format!("not JSON: {error}")])?;
    let vector = Vector::read(&json).map_err(|problem| vec![format!("not a vector: {problem}")])?;
    let mut failures = Vec::new();
    for (key, policy) in [("expected_min_headers", HeaderPolicy::Minimal), ("expected", HeaderPolicy::All)] {
        match json.get(key) {
            Some(expected) => {
                failures.extend(vector.check(policy, expected).into_iter().map(|f| format!("{key}: {f}")));
            }
            None if vector.secret.is_some() => failures.push(format!("{key}: is missing")),
            None => {}
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

/// The inputs of a vector.
struct Vector<'a> {
    method: &'a str,
    host: &'a str,
    action: &'a str,
    version: &'a str,
    path: String,
    encoded_path: &'a str,
    query: BTreeMap<&'a str, &'a str>,
    headers: BTreeMap<&'a str, &'a str>,
    custom_headers: BTreeMap<&'a str, &'a str>,
    body: Option<&'a str>,
    secret: Option<&'a str>,
    credential: Credential,
    date: &'a str,
    nonce: &'a str,
}

impl<'a> Vector<'a> {
    fn read(json: &'a Value) -> Result<Self, String> {
        let needed = |key: &str| text(json, key).ok_or_else(|| format!("`{key}` is not a text"));
        let method = needed("method")?;
        let headers = map(json, "headers")?;
        let path = map(json, "path_params")?.iter().fold(needed("path_template")?.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), &encode_component(value))
        });
        let secret = text(json, "access_key_secret");
        let credential = match (text(json, "access_key_id"), secret, text(json, "bearer_token")) {
            (Some(id), Some(secret), _) => {
                Credential::sts(id, secret, text(json, "security_token").unwrap_or_default())
            }
            (_, _, Some(token)) => Credential::bearer(token),
            _ => Credential::anonymous(),
        };
        Ok(Self {
            method,
            host: needed("host")?,
            action: needed("action")?,
            version: needed("version")?,
            path,
            encoded_path: needed("encoded_path")?,
            query: map(json, "query")?,
            headers,
            custom_headers: map(json, "custom_headers")?,
            body: text(json, "body"),
            secret,
            credential: match text(json, "credentials_provider") {
                Some(name) => credential.with_provider_name(name.to_owned()),
                None => credential,
            },
            date: needed("date")?,
            nonce: needed("nonce")?,
        })
    }

    fn sign(&self, policy: HeaderPolicy) -> Result<SignedRequest, ack_auth::Error> {
        let mut request = SigningRequest::new(self.method, self.host, self.path.as_str(), self.action, self.version);
        for (&key, &value) in &self.query {
            request = request.with_query_pair(key, value);
        }
        for (&name, &value) in &self.custom_headers {
            request = request.with_header(name, value);
        }
        if let Some(accept) = self.headers.get("accept") {
            request = request.with_accept(*accept);
        }
        if let Some(user_agent) = self.headers.get("user-agent") {
            request = request.with_user_agent(*user_agent);
        }
        if let Some(content_type) = self.headers.get("content-type") {
            request = request.with_content_type(*content_type);
        }
        if let Some(body) = self.body {
            request = request.with_body(body.as_bytes());
        }
        Signer::new(policy).sign(&request, &self.credential, parse_date(self.date)?, self.nonce)
    }

    fn check(&self, policy: HeaderPolicy, expected: &Value) -> Vec<String> {
        let signed = match self.sign(policy) {
            Ok(signed) => signed,
            Err(error) => return vec![format!("not signed: {error}")],
        };
        let mut failures = Vec::new();
        let mut compare = |part: &str, expected: Option<&str>, got: Option<&str>| {
            if expected != got {
                failures.push(format!("{part} differs\n  expected: {expected:?}\n  got:      {got:?}"));
            }
        };
        let authorization = signed.authorization();
        let signature = authorization.and_then(|value| value.rsplit_once("Signature=")).map(|(_, hex)| hex);
        compare("path", Some(self.encoded_path), Some(&self.path));
        compare("canonical request", text(expected, "canonical_request"), signed.canonical_request());
        compare("string to sign", text(expected, "string_to_sign"), signed.string_to_sign());
        compare("signature", text(expected, "signature"), signature);
        compare("Authorization", text(expected, "authorization"), authorization);
        if let Some(query) = text(expected, "canonical_query") {
            compare("canonical query", Some(query), Some(signed.canonical_query()));
        }
        let sent: Vec<(&str, &str)> = signed.headers().filter(|(name, _)| *name != "authorization").collect();
        let sent_map: BTreeMap<&str, &str> = sent.iter().copied().collect();
        if sent_map != self.headers || sent.len() != sent_map.len() {
            failures.push(format!("headers differs\n  expected: {:?}\n  got:      {sent:?}", self.headers));
        }
        if let Some(secret) = self.secret {
            failures.extend(self.verify(secret, expected, &signed).err());
        }
        failures
    }

    /// Has the official signature verified over the vector's own headers, so that nothing of our
    /// signer is involved but the spelling of the query where the vector has no URL.
    fn verify(&self, secret: &str, expected: &Value, signed: &SignedRequest) -> Result<(), String> {
        let authorization: Authorization = text(expected, "authorization")
            .ok_or("`authorization` is missing")?
            .parse()
            .map_err(|error| format!("the official Authorization is not read: {error}"))?;
        let query = match text(expected, "url") {
            Some(url) => url.split_once('?').map_or("", |(_, query)| query),
            None => signed.canonical_query(),
        };
        let received = ReceivedRequest::new(self.method, self.encoded_path, query)
            .with_headers(self.headers.iter().map(|(&name, &value)| (name, value)))
            .with_body(self.body.unwrap_or_default().as_bytes());
        verify(&received, &authorization, secret)
            .map_err(|mismatch| format!("the official signature is not verified: {mismatch}"))
    }
}

fn text<'a>(json: &'a Value, key: &str) -> Option<&'a str> {
    json.get(key).and_then(Value::as_str)
}

fn map<'a>(json: &'a Value, key: &str) -> Result<BTreeMap<&'a str, &'a str>, String> {
    let texts = json
        .get(key)
        .and_then(Value::as_object)
        .and_then(|object| object.iter().map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect());
    texts.ok_or_else(|| format!("`{key}` is not a map of texts"))
}
