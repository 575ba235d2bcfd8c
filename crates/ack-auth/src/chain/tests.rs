use std::time::Duration;

use crate::ready::now;
use crate::stand_ins::{SECRET, TOKEN, World, keys, sts};
use crate::*;

const CONFIG: &str = "/home/ada/.aliyun/config.json";
const INI: &str = "/home/ada/.alibabacloud/credentials";

fn rrsa() -> World {
    World::new()
        .with_var("ROLE_ARN", "acs:ram::1:role/pod")
        .with_var("OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/ack")
        .with_var("OIDC_TOKEN_FILE", "/var/run/token")
}

#[test]
fn nothing_configured_is_told_source_by_source() {
    insta::assert_snapshot!(World::new().explain(), @r"
    environment: skipped, the environment holds no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and for a temporary pair also ALIBABA_CLOUD_SECURITY_TOKEN
    OIDC role: skipped, the OIDC role holds no credentials: in a pod with RRSA, ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE are set
    CLI profile: skipped, the CLI profile holds no credentials: /home/ada/.aliyun/config.json does not exist, `aliyun configure` writes it
    credentials file: skipped, the credentials file holds no credentials: neither ALIBABA_CLOUD_CREDENTIALS_FILE nor a file ~/.alibabacloud/credentials exists
    ECS RAM role: skipped, the ECS metadata service holds no credentials: it did not answer (no route to host); on an ECS instance, attach a RAM role to it
    credentials URI: skipped, the credentials URI holds no credentials: set ALIBABA_CLOUD_CREDENTIALS_URI
    ");
    let error = now(World::new().chain().credential()).unwrap_err();
    assert!(error.is_not_configured());
    insta::assert_snapshot!(error, @"the default credentials chain holds no credentials: configure one of its sources (environment: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and for a temporary pair also ALIBABA_CLOUD_SECURITY_TOKEN; OIDC role: in a pod with RRSA, ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE are set; CLI profile: /home/ada/.aliyun/config.json does not exist, `aliyun configure` writes it; credentials file: neither ALIBABA_CLOUD_CREDENTIALS_FILE nor a file ~/.alibabacloud/credentials exists; ECS RAM role: it did not answer (no route to host); on an ECS instance, attach a RAM role to it; credentials URI: set ALIBABA_CLOUD_CREDENTIALS_URI)");
}

#[test]
fn the_first_source_wins_and_the_rest_is_not_asked() {
    let world = rrsa().with_var("ACCESS_KEY_ID", "LTAI5tExampleabcd").with_var("ACCESS_KEY_SECRET", SECRET);
    insta::assert_snapshot!(world.explain(), @r"
    environment: used, AccessKey id LTAI****abcd, provider default/env
    OIDC role: not asked
    CLI profile: not asked
    credentials file: not asked
    ECS RAM role: not asked
    credentials URI: not asked
    ");
    assert_eq!(world.outcome(), "default/env AccessKey LTAI5tExampleabcd");
    assert_eq!(world.requests(), "");
}

#[test]
fn a_pod_signs_as_its_service_account() {
    let world = rrsa().with_file("/var/run/token", format!("{TOKEN}\n")).with_answer(200, sts("STS.ExamplePodabcd"));
    insta::assert_snapshot!(world.explain(), @r"
    environment: skipped, the environment holds no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and for a temporary pair also ALIBABA_CLOUD_SECURITY_TOKEN
    OIDC role: used, AccessKey id STS.****abcd, provider default/oidc_role_arn, expires 2026-01-02T04:04:05Z
    CLI profile: not asked
    credentials file: not asked
    ECS RAM role: not asked
    credentials URI: not asked
    ");
    insta::assert_snapshot!(world.requests(), @"POST https://sts.aliyuncs.com/?Action=AssumeRoleWithOIDC&Format=JSON&Timestamp=2026-01-02T03%3A04%3A05Z&Version=2015-04-01 [accept: application/json, content-type: application/x-www-form-urlencoded] DurationSeconds=3600&OIDCProviderArn=acs%3Aram%3A%3A1%3Aoidc-provider%2Fack&OIDCToken=t0ken%2Fof%2Bthe%3Dpair&RoleArn=acs%3Aram%3A%3A1%3Arole%2Fpod&RoleSessionName=ack-rs-1767323045");
}

#[test]
fn what_the_webhook_injects_chooses_the_endpoint() {
    let host = |world: World| {
        let world = world.with_file("/var/run/token", TOKEN).with_answer(200, sts("id"));
        assert_eq!(world.outcome(), "default/oidc_role_arn Sts id");
        world.requests().split(['/', '?']).nth(2).unwrap().to_owned()
    };
    let region = |world: World| world.with_var("STS_REGION", "cn-beijing");
    assert_eq!(host(region(rrsa())), "sts.cn-beijing.aliyuncs.com");
    assert_eq!(host(region(rrsa()).with_var("VPC_ENDPOINT_ENABLED", "True")), "sts-vpc.cn-beijing.aliyuncs.com");
    assert_eq!(host(rrsa().with_var("VPC_ENDPOINT_ENABLED", "true")), "sts.aliyuncs.com");
    let endpoint = |host| region(rrsa()).with_var("STS_ENDPOINT", host);
    assert_eq!(host(endpoint("sts-vpc.cn-hangzhou.aliyuncs.com")), "sts-vpc.cn-hangzhou.aliyuncs.com");
    insta::assert_snapshot!(endpoint("evil.example/#").outcome(), @r#"STS endpoint "evil.example/#" is not a host name: write it as sts.cn-hangzhou.aliyuncs.com, without a scheme or path"#);
    insta::assert_snapshot!(rrsa().with_var("STS_REGION", "x/y").outcome(), @r#"STS endpoint "sts.x/y.aliyuncs.com" is not a host name: write it as sts.cn-hangzhou.aliyuncs.com, without a scheme or path"#);
}

#[test]
fn a_broken_source_stops_the_search() {
    let behind = |world: World| {
        world
            .with_file(INI, format!("[default]\ntype=access_key\naccess_key_id=id\naccess_key_secret={SECRET}"))
            .with_var("CREDENTIALS_URI", "http://localhost/keys")
    };
    let broken = [
        World::new().with_var("ACCESS_KEY_ID", "id"),
        World::new().with_var("OIDC_TOKEN_FILE", "/var/run/token"),
        World::new().with_var("OIDC_TOKEN_FILE", "/var/run/token").with_var("OIDC_PROVIDER_ARN", "arn"),
        rrsa(),
        rrsa().with_file("/var/run/token", "\n"),
        rrsa().with_file("/var/run/token", TOKEN).with_no_answer(),
        World::new().with_file(CONFIG, "{"),
        World::new().with_var("CONFIG_FILE", "/absent.json"),
        World::new().with_var("CREDENTIALS_FILE", "/absent"),
        World::new().with_var("PROFILE", "absent"),
    ];
    let texts: Vec<String> = broken
        .into_iter()
        .map(|world| {
            let reports = now(behind(world).chain().explain());
            let broken = reports.iter().position(|report| report.outcome() == SourceOutcome::Broken).unwrap();
            let after = reports.get(broken + 1..).unwrap();
            assert!(after.iter().all(|report| report.outcome() == SourceOutcome::NotAsked));
            reports.get(broken).unwrap().to_string()
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r#"
    environment: broken, ALIBABA_CLOUD_ACCESS_KEY_SECRET is missing although ALIBABA_CLOUD_ACCESS_KEY_ID is set: set ALIBABA_CLOUD_ACCESS_KEY_SECRET too, or unset both
    OIDC role: broken, ALIBABA_CLOUD_OIDC_PROVIDER_ARN is missing although ALIBABA_CLOUD_OIDC_TOKEN_FILE is set: set ALIBABA_CLOUD_OIDC_PROVIDER_ARN too, or unset both
    OIDC role: broken, ALIBABA_CLOUD_ROLE_ARN is missing although ALIBABA_CLOUD_OIDC_PROVIDER_ARN is set: set ALIBABA_CLOUD_ROLE_ARN too, or unset both
    OIDC role: broken, credentials from the OIDC token file /var/run/token could not be obtained: no such file
    OIDC role: broken, credentials from the OIDC token file /var/run/token could not be obtained: the file is empty
    OIDC role: broken, credentials from AssumeRoleWithOIDC of STS at sts.aliyuncs.com could not be obtained: connection refused
    CLI profile: broken, credentials from /home/ada/.aliyun/config.json could not be obtained: the file ends too early (line 1, column 1)
    CLI profile: broken, credentials from /absent.json could not be obtained: no such file
    credentials file: broken, credentials from /absent could not be obtained: no such file
    credentials file: broken, profile "absent" is not to be found: /home/ada/.alibabacloud/credentials has no section [absent], and no CLI profile of that name is in use: correct the name, which may come from ALIBABA_CLOUD_PROFILE, or add the profile
    "#);
}

#[test]
fn refusals_of_sts_are_told_without_the_secrets_they_quote() {
    let refused = |status, body: String| {
        let text = rrsa().with_file("/var/run/token", TOKEN).with_answer(status, body).outcome();
        assert!(!text.contains("t0ken"), "{text}");
        text
    };
    let encoded = encode_component(TOKEN);
    let body = |code: &str, message: &str| format!(r#"{{"Code":"{code}","Message":"{message}","RequestId":"R-1"}}"#);
    let texts = [
        refused(400, body("AuthenticationFail.OIDCToken.Expired", "This JSON Web Token has expired.")),
        refused(400, body("InvalidParameter", &format!("{TOKEN} {encoded} {}", encode_component(&encoded)))),
        refused(400, body("SignatureDoesNotMatch", &format!("server string to sign is:{TOKEN}"))),
        refused(502, format!("<html>{TOKEN}</html>")),
        refused(200, format!(r#"{{"Credentials":"{TOKEN}"}}"#)),
        refused(200, "{}".to_owned()),
        refused(200, "x".repeat((1 << 20) + 1)),
    ];
    insta::assert_snapshot!(texts.join("\n"), @r"
    credentials from AssumeRoleWithOIDC of STS at sts.aliyuncs.com could not be obtained: it refused with HTTP status 400 and the code AuthenticationFail.OIDCToken.Expired: This JSON Web Token has expired. (request id R-1)
    credentials from AssumeRoleWithOIDC of STS at sts.aliyuncs.com could not be obtained: it refused with HTTP status 400 and the code InvalidParameter: [redacted] [redacted] [redacted] (request id R-1)
    credentials from AssumeRoleWithOIDC of STS at sts.aliyuncs.com could not be obtained: it refused with HTTP status 400 and the code SignatureDoesNotMatch: the signature was refused, so check the AccessKey secret (request id R-1)
    credentials from AssumeRoleWithOIDC of STS at sts.aliyuncs.com could not be obtained: it refused with HTTP status 502 and no code
    credentials from AssumeRoleWithOIDC of STS at sts.aliyuncs.com could not be obtained: its answer holds something else than an object in Credentials
    credentials from AssumeRoleWithOIDC of STS at sts.aliyuncs.com could not be obtained: its answer holds no Credentials
    credentials from AssumeRoleWithOIDC of STS at sts.aliyuncs.com could not be obtained: the answer is larger than 1 MiB
    ");
}

#[test]
fn keys_that_came_expired_are_refused() {
    let world = rrsa().with_file("/var/run/token", TOKEN).with_answer(200, sts("id"));
    world.pass(Duration::from_secs(7200));
    insta::assert_snapshot!(world.outcome(), @"credentials from the OIDC role could not be obtained: what it gave expired at 2026-01-02T04:04:05Z: renew it, or correct the clock of this machine");
}

#[test]
fn the_credentials_uri_is_last() {
    let uri = |body: String| {
        let world = World::new().with_var("ECS_METADATA_DISABLED", "TRUE");
        world.with_var("CREDENTIALS_URI", "https://user:t0ken@localhost:8080/t0ken?t0ken").with_answer(200, body)
    };
    assert_eq!(uri(keys("id")).outcome(), "default/credential_uri Sts id");
    let world = uri(keys("id"));
    insta::assert_snapshot!(world.explain(), @r"
    environment: skipped, the environment holds no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and for a temporary pair also ALIBABA_CLOUD_SECURITY_TOKEN
    OIDC role: skipped, the OIDC role holds no credentials: in a pod with RRSA, ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE are set
    CLI profile: skipped, the CLI profile holds no credentials: /home/ada/.aliyun/config.json does not exist, `aliyun configure` writes it
    credentials file: skipped, the credentials file holds no credentials: neither ALIBABA_CLOUD_CREDENTIALS_FILE nor a file ~/.alibabacloud/credentials exists
    ECS RAM role: skipped, the ECS metadata service holds no credentials: unset ALIBABA_CLOUD_ECS_METADATA_DISABLED to use the role of the instance
    credentials URI: used, AccessKey id ****, provider default/credential_uri, expires 2026-01-02T04:04:05Z
    ");
    insta::assert_snapshot!(world.requests(), @"GET https://user:t0ken@localhost:8080/t0ken?t0ken [accept: application/json]");
    let texts = [uri(r#"{"Code":"Denied"}"#.to_owned()), uri("[]".to_owned()), uri(keys("a,b"))].map(|w| w.outcome());
    let not_a_url = World::new().with_var("ECS_METADATA_DISABLED", "true").with_var("CREDENTIALS_URI", "file:///t0ken");
    insta::assert_snapshot!(format!("{}\n{}", texts.join("\n"), not_a_url.outcome()), @r"
    credentials from the credentials URI https://localhost:8080 could not be obtained: it answered with the code Denied
    credentials from the credentials URI https://localhost:8080 could not be obtained: its answer is not a JSON object
    credentials from the credentials URI https://localhost:8080 could not be obtained: AccessKey id holds a comma: copy the AccessKey id alone
    credentials URI is not a URL that starts with http:// or https://: write the whole URL
    ");
}

#[test]
fn the_source_found_is_asked_alone_until_it_is_gone() {
    let ini = format!("[default]\ntype=access_key\naccess_key_id=from-ini\naccess_key_secret={SECRET}");
    let config = |id: &str| {
        format!(
            r#"{{"profiles":[{{"name":"default","mode":"AK","access_key_id":"{id}","access_key_secret":"{SECRET}"}}]}}"#
        )
    };
    let world = World::new().with_file(CONFIG, config("from-cli")).with_file(INI, ini);
    let chain = world.chain();
    let id = || now(chain.credential()).unwrap().access_key_id().unwrap().to_owned();
    assert_eq!(id(), "from-cli");
    let world = world.with_file(CONFIG, config("replaced"));
    assert_eq!(id(), "from-cli");
    world.pass(Duration::from_secs(300));
    assert_eq!(id(), "replaced");
    world.without_file(CONFIG);
    world.pass(Duration::from_secs(300));
    assert_eq!(id(), "from-ini");
    world.without_file(INI);
    world.pass(Duration::from_secs(300));
    assert!(now(chain.credential()).unwrap_err().is_not_configured());
}

#[test]
fn without_an_http_client_the_error_says_what_to_plug_in() {
    let world = rrsa().with_file("/var/run/token", TOKEN);
    let context = world.context().with_http(NoHttp);
    let credentials = DefaultCredentials::builder().with_context(context).build();
    insta::assert_snapshot!(now(credentials.credential()).unwrap_err(), @"credentials from AssumeRoleWithOIDC of STS at sts.aliyuncs.com could not be obtained: no HTTP client was given to the credentials: plug one in with Context::with_http");
}

#[test]
fn reports_serialise_without_secrets() {
    let world = rrsa().with_file("/var/run/token", TOKEN).with_answer(200, sts("STS.ExamplePodabcd"));
    let chain = world.chain();
    let reports = now(chain.explain());
    let used = reports.get(1).unwrap();
    assert_eq!((used.source(), used.outcome()), ("OIDC role", SourceOutcome::Used));
    assert_eq!((used.access_key_id(), used.provider()), (Some("STS.****abcd"), Some("default/oidc_role_arn")));
    assert!(used.expiration().is_some() && used.reason().is_none());
    insta::assert_snapshot!(serde_json::to_string_pretty(used).unwrap(), @r#"
    {
      "source": "OIDC role",
      "outcome": "used",
      "reason": null,
      "access_key_id": "STS.****abcd",
      "provider": "default/oidc_role_arn",
      "expiration": "2026-01-02T04:04:05Z"
    }
    "#);
    let all = format!("{reports:?} {chain:?} {:?} {}", world.context(), serde_json::to_string(&reports).unwrap());
    assert!(!all.contains("5ecret") && !all.contains("t0ken"), "{all}");
}

#[test]
fn what_travels_over_http_is_not_formatted() {
    let request = HttpRequest::new("GET", TOKEN).with_header("authorization", TOKEN).with_body(SECRET);
    let text = format!("{request:?} {:?}", HttpAnswer::new(200, SECRET));
    assert_eq!(text, r#"HttpRequest { method: "GET", .. } HttpAnswer { status: 200, .. }"#);
}
