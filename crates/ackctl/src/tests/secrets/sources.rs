//! Every place that keys come from, in order and broken, each with a secret of its own.

use ack_emulator::EmulatorBuilder;
use serde_json::{Value, json};

use super::super::harness::Cli;
use super::super::outside::Outside;
use super::forms::Secrets;

/// Signs that encodings change are in all of them.
const PAIR: &str = r#"pAir5ecret/+="\%<&>'first"#;
const SESSION: &str = r#"seSsion5ecret/+="\%<&>'second"#;
const TOKEN: &str = r#"t0ken-of-the-session/+="\%<&>'third"#;
const OIDC: &str = "eyJoIjoib2lkYyJ9.oidc-t0ken-of-the-pod_fourth";
const BEARER: &str = "bearer-t0ken/+=of-the-fifth";
const ACCESS: &str = "acce55-token-of-the-sixth-sign-in";
const REFRESH: &str = "refre5h-token-of-the-seventh-sign-in";
const URI: &str = "token-in-the-uri-of-the-eighth";
const OTHER: &str = "wr0ng-secret-of-the-ninth";
/// The password of the nodes in the body of a request.
pub(super) const BODY_PASSWORD: &str = "n0de-Passw0rd-of-the-tenth";

const PAIR_ID: &str = "LTAI5tExampleStatic";
const SESSION_ID: &str = "STS.ExampleSession";
const HOME: &str = "/home/ada";
const CONFIG: &str = "/home/ada/.aliyun/config.json";
const INI: &str = "/home/ada/.alibabacloud/credentials";

/// A place that keys come from, set up.
pub(super) struct Source {
    pub(super) name: &'static str,
    variables: Vec<(&'static str, &'static str)>,
    files: Vec<(&'static str, String)>,
    /// What the network answers, one after the other.
    answers: Vec<(u16, String)>,
    /// What a command prints.
    output: Option<String>,
}

impl Source {
    fn new(name: &'static str) -> Self {
        Self { name, variables: vec![("HOME", HOME)], files: Vec::new(), answers: Vec::new(), output: None }
    }

    fn variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    fn file(mut self, path: &'static str, text: impl Into<String>) -> Self {
        self.files.push((path, text.into()));
        self
    }

    fn answer(mut self, status: u16, body: impl Into<String>) -> Self {
        // As often as a command may ask.
        for _ in 0..4 {
            self.answers.push((status, String::new()));
        }
        let body = body.into();
        self.answers.iter_mut().for_each(|answer| answer.1.clone_from(&body));
        self
    }

    fn output(mut self, text: impl Into<String>) -> Self {
        self.output = Some(text.into());
        self
    }

    pub(super) fn cli(&self) -> Cli {
        let outside = Outside::default();
        for (path, text) in &self.files {
            outside.add_file(path, text);
        }
        for (status, body) in &self.answers {
            outside.add_answer(*status, body);
        }
        if let Some(output) = &self.output {
            outside.set_output(output);
        }
        self.variables.iter().fold(Cli::new().outside(&outside), |cli, (name, value)| cli.variable(name, value))
    }
}

pub(super) fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    for (name, secret) in [
        ("the secret of the pair", PAIR),
        ("the secret of the session", SESSION),
        ("the security token", TOKEN),
        ("the OIDC token", OIDC),
        ("the bearer token", BEARER),
        ("the access token", ACCESS),
        ("the refresh token", REFRESH),
        ("the token in the URI", URI),
        ("the wrong secret", OTHER),
        ("the password in the body", BODY_PASSWORD),
    ] {
        secrets.add(name, secret);
    }
    secrets
}

/// The emulator with the keys of the sources that work.
pub(super) fn keys(builder: EmulatorBuilder) -> EmulatorBuilder {
    builder.access_key(PAIR_ID, PAIR).sts_key(SESSION_ID, SESSION, TOKEN)
}

/// Temporary keys of the environment.
pub(super) fn session() -> Source {
    environment("a session of the environment", PAIR_ID)
        .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", SESSION_ID)
        .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SESSION)
        .variable("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN)
}

pub(super) fn bearer() -> Source {
    profile("a bearer token", json!({"mode": "BearerToken", "bearer_token": BEARER}))
}

pub(super) fn good() -> Vec<Source> {
    vec![
        environment("a pair of the environment", PAIR_ID),
        session(),
        profile("a pair of a profile", json!({"mode": "AK", "access_key_id": PAIR_ID, "access_key_secret": PAIR})),
        profile("a session of a profile", session_keys(json!({"mode": "StsToken"}), "sts_token")),
        role("a role").answer(200, from_sts()),
        profile("a program", json!({"mode": "External", "process_command": format!("vault print {OTHER}")}))
            .output(session_keys(json!({"mode": "StsToken"}), "sts_token").to_string()),
        profile("a URI", json!({"mode": "CredentialsURI", "credentials_uri": uri()})).answer(200, from_uri()),
        oidc("a role of a pod").answer(200, from_sts()),
        profile("a sign-in that lasts", signed_in(4_102_444_800)),
        Source::new("a credentials file").file(
            INI,
            format!("[default]\ntype = access_key\naccess_key_id = {PAIR_ID}\naccess_key_secret = {PAIR}\n"),
        ),
    ]
}

pub(super) fn broken() -> Vec<Source> {
    // A service may quote what it was sent.
    let quoting = |secret: &str| {
        json!({"Code": "NoPermission", "Message": format!("not with {secret} or {secret}"), "RequestId": "R2"})
            .to_string()
    };
    vec![
        Source::new("no keys at all"),
        environment("a wrong secret", PAIR_ID).variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", OTHER),
        session().variable("ALIBABA_CLOUD_SECURITY_TOKEN", BEARER),
        environment("half a pair", "").variable("ALIBABA_CLOUD_ACCESS_KEY_ID", ""),
        environment("a secret for an ID", OTHER)
            .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "pAir5ecret/+ with a blank"),
        environment("an ID with a blank", "wr0ng-secret-of-the-ninth pasted"),
        bearer(),
        profile("a mode that is a secret's neighbour", json!({"mode": "Ak", "access_key_secret": PAIR})),
        profile(
            "a secret that is no text",
            json!({"mode": "AK", "access_key_id": PAIR_ID, "access_key_secret": [PAIR]}),
        ),
        profile(
            "a token where a number belongs",
            json!({"mode": "StsToken", "sts_token": TOKEN, "sts_expiration": TOKEN}),
        ),
        profile("a sign-in that is over", signed_in(1)),
        profile("a URI with a blank", json!({"mode": "CredentialsURI", "credentials_uri": format!("{} x", uri())})),
        profile("a URI that refuses", json!({"mode": "CredentialsURI", "credentials_uri": uri()}))
            .answer(403, quoting(URI)),
        profile("a URI that gives half", json!({"mode": "CredentialsURI", "credentials_uri": uri()}))
            .answer(200, json!({"AccessKeySecret": SESSION, "SecurityToken": [TOKEN]}).to_string()),
        profile(
            "a program that prints no JSON",
            json!({"mode": "External", "process_command": format!("vault {OTHER}")}),
        )
        .output(format!("{{\"mode\": \"StsToken\", \"sts_token\": \"{TOKEN}")),
        profile("no program", json!({"mode": "External", "process_command": format!("vault '{OTHER}")})),
        role("a role that is refused").answer(403, quoting(PAIR)),
        role("a role without an answer"),
        role("a role with half an answer")
            .answer(200, format!("{{\"Credentials\": {{\"AccessKeySecret\": \"{SESSION}\"")),
        oidc("a pod that is refused").answer(400, quoting(OIDC)),
        oidc("a pod without a token file").variable("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/var/run/secrets/nothing"),
        Source::new("a profile that is cut off")
            .file(CONFIG, format!("{{\"profiles\":[{{\"access_key_secret\":\"{PAIR}")),
        Source::new("a profile in YAML").file(CONFIG, format!("profiles:\n - access_key_secret: {PAIR}\n")),
        Source::new("a credentials file with a broken line")
            .file(INI, format!("[default]\ntype = access_key\naccess_key_secret {PAIR}\n{TOKEN}\n")),
        Source::new("a credentials file without an ID")
            .file(INI, format!("[default]\ntype = sts\naccess_key_secret = {PAIR}\nsecurity_token = {TOKEN}\n")),
    ]
}

/// A file of secrets, for whoever takes it for something else.
pub(super) fn config() -> String {
    let pair = json!({"name": "pair", "mode": "AK", "access_key_id": PAIR_ID, "access_key_secret": PAIR});
    let session = session_keys(json!({"name": "session", "mode": "StsToken"}), "sts_token");
    json!({"current": "pair", "profiles": [pair, session], "kind": TOKEN, "cluster_id": {"x": BEARER}}).to_string()
}

/// Lines of secrets.
pub(super) fn lines() -> String {
    format!("- {PAIR}\n- {TOKEN}: {OIDC}\n-----BEGIN PRIVATE KEY-----\n{ACCESS}\n")
}

fn environment(name: &'static str, id: &'static str) -> Source {
    let source = Source::new(name).variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", PAIR);
    source.variable("ALIBABA_CLOUD_ACCESS_KEY_ID", id)
}

fn profile(name: &'static str, mut settings: Value) -> Source {
    settings["name"] = "default".into();
    Source::new(name).file(CONFIG, json!({"current": "default", "profiles": [settings]}).to_string())
}

fn role(name: &'static str) -> Source {
    profile(
        name,
        json!({
            "mode": "RamRoleArn", "access_key_id": PAIR_ID, "access_key_secret": PAIR,
            "ram_role_arn": "acs:ram::1:role/night", "ram_session_name": "night",
        }),
    )
}

fn oidc(name: &'static str) -> Source {
    Source::new(name)
        .variable("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/pod")
        .variable("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/ack")
        .variable("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/var/run/secrets/token")
        .file("/var/run/secrets/token", OIDC)
}

fn signed_in(until: i64) -> Value {
    let settings = json!({
        "mode": "CloudSSO", "access_token": ACCESS, "refresh_token": REFRESH, "cloud_sso_access_token_expire": until,
        "cloud_sso_sign_in_url": "https://signin.test.invalid/start", "cloud_sso_account_id": "1",
        "cloud_sso_access_config": "ac-1", "sts_expiration": until,
    });
    session_keys(settings, "sts_token")
}

/// The settings with the keys of the session.
fn session_keys(mut settings: Value, token: &str) -> Value {
    settings["access_key_id"] = SESSION_ID.into();
    settings["access_key_secret"] = SESSION.into();
    settings[token] = TOKEN.into();
    settings
}

fn keys_answer() -> Value {
    json!({
        "AccessKeyId": SESSION_ID, "AccessKeySecret": SESSION, "SecurityToken": TOKEN,
        "Expiration": "2026-01-02T05:04:05Z",
    })
}

fn from_sts() -> String {
    json!({"RequestId": "R1", "Credentials": keys_answer()}).to_string()
}

fn from_uri() -> String {
    let mut answer = keys_answer();
    answer["Code"] = "Success".into();
    answer.to_string()
}

fn uri() -> String {
    format!("https://ada:{URI}@keys.test.invalid/{URI}?token={URI}")
}
