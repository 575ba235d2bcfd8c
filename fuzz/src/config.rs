//! The files that credentials are configured in, read through the whole default chain.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use ack_auth::{
    CommandFuture, CommandRunner, Context, Credentials as _, DefaultCredentials, FileReader, FixedClock, FixedNonce,
    HttpAnswer, HttpExchange, HttpFuture, HttpRequest,
};
use futures_util::FutureExt as _;
use serde_json::Value;
use zeroize::Zeroizing;

/// What makes a text a secret in an input.
const MARK: &str = "5ecret";

/// Where an input goes on with what commands print and services answer.
const ANSWER: &str = "\n---\n";

/// Names of fields, in either file or in an answer, whose values are secret.
const SECRET_FIELDS: [&str; 13] = [
    "access_key_secret",
    "sts_token",
    "security_token",
    "bearer_token",
    "access_token",
    "oauth_access_token",
    "oauth_refresh_token",
    "private_key",
    "accessKeySecret",
    "securityToken",
    "AccessKeySecret",
    "SecurityToken",
    "external_id",
];

/// `config.json` of the CLI.
pub(crate) fn cli_config(input: &[u8]) {
    run(input, "/home/ada/.aliyun/config.json", without_secrets_of_json);
}

/// The credentials file of the SDKs.
pub(crate) fn ini_file(input: &[u8]) {
    run(input, "/home/ada/.alibabacloud/credentials", without_secrets_of_ini);
}

fn run(input: &[u8], path: &'static str, without_secrets: fn(&str) -> Option<String>) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (file, answer) = text.split_once(ANSWER).unwrap_or((text, ""));
    let shown = everything_shown(path, file, answer);
    assert!(shown.len() < 64 << 10, "{} bytes of text", shown.len());

    // A mark that stands in secret fields and nowhere else shows up nowhere.
    let is_clean = |text: Option<String>| text.is_some_and(|text| !text.contains(MARK));
    let answer_is_clean = !answer.contains(MARK) || is_clean(without_secrets_of_json(answer));
    if is_clean(without_secrets(file)) && answer_is_clean {
        assert!(!shown.contains(MARK), "a secret shows: {shown}");
    }
}

/// What the chain says with the default profile and with one that is asked for.
fn everything_shown(path: &'static str, file: &str, answer: &str) -> String {
    let world = World { path, file: file.to_owned(), answer: answer.to_owned() };
    let variables = [("HOME", "/home/ada"), ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")];
    let variables: BTreeMap<_, _> = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let context = Context::new()
        .with_environment(variables)
        .with_clock(FixedClock(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)))
        .with_nonce_source(FixedNonce("nonce".to_owned()))
        .with_file_reader(world.clone())
        .with_command_runner(world.clone())
        .with_http(world);
    let mut shown = String::new();
    for profile in ["", "other"] {
        let chain = DefaultCredentials::builder().with_context(context.clone()).with_profile(profile).build();
        // Nothing that the sources wait for takes time here.
        let reports = chain.explain().now_or_never().expect("every answer is ready");
        let outcome = chain.credential().now_or_never().expect("every answer is ready");
        let used = reports.iter().any(|report| report.outcome() == ack_auth::SourceOutcome::Used);
        assert_eq!(outcome.is_ok(), used, "{reports:?}");
        shown.push_str(&format!("{reports:?} {chain:?} {outcome:?}"));
        shown.extend(reports.iter().map(ToString::to_string));
        match outcome {
            Ok(credential) => {
                let is_whole = |text: Option<&str>| text.is_none_or(|text| !text.is_empty());
                assert!(is_whole(credential.access_key_id()) && is_whole(credential.provider_name()));
            }
            Err(error) => shown.push_str(&error.to_string()),
        }
    }
    shown
}

/// The text without the values of secret fields; none if it is no JSON, or if they stand there twice.
fn without_secrets_of_json(text: &str) -> Option<String> {
    fn blank(value: &mut Value, marks: &mut usize) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(text) if SECRET_FIELDS.contains(&name.as_str()) => {
                            *marks += std::mem::take(text).matches(MARK).count();
                        }
                        value => blank(value, marks),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| blank(item, marks)),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(text).ok()?;
    let mut marks = 0;
    blank(&mut value, &mut marks);
    // Fields given twice, and marks that only escapes make.
    (marks == text.matches(MARK).count()).then(|| value.to_string())
}

fn without_secrets_of_ini(text: &str) -> Option<String> {
    let lines = text.lines().map(|line| {
        let at = line.find(['=', ':']).unwrap_or_default();
        let (name, value) = line.split_at(at);
        if SECRET_FIELDS.contains(&name.trim()) && !value.is_empty() { name } else { line }
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// One file, and one answer to whatever is asked.
#[derive(Clone, Debug)]
struct World {
    path: &'static str,
    file: String,
    answer: String,
}

impl FileReader for World {
    fn read(&self, path: &Path) -> io::Result<Zeroizing<String>> {
        if path == Path::new(self.path) {
            return Ok(Zeroizing::new(self.file.clone()));
        }
        // The token of an OIDC role.
        if path == Path::new("/token") {
            return Ok(Zeroizing::new(format!("{MARK} token")));
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

impl CommandRunner for World {
    fn run(&self, _: String, _: Vec<String>, _: Duration) -> CommandFuture<'_> {
        let output = Zeroizing::new(self.answer.clone().into_bytes());
        Box::pin(async move { Ok(output) })
    }
}

impl HttpExchange for World {
    /// A JSON object is a success, anything else a refusal.
    fn exchange(&self, _: HttpRequest) -> HttpFuture<'_> {
        let status = if self.answer.starts_with('{') { 200 } else { 400 };
        let answer = HttpAnswer::new(status, self.answer.trim_start().to_owned());
        Box::pin(async move { Ok(answer) })
    }
}
