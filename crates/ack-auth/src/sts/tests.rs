use super::*;
use crate::ready::now;
use crate::stand_ins::{SECRET, TOKEN, World, sts};

fn settings() -> RoleSettings<'static> {
    RoleSettings { arn: Some("acs:ram::1:role/ops"), session_name: Some("me"), ..RoleSettings::default() }
}

#[test]
fn the_signature_is_that_of_the_documented_example() {
    // The worked example of the RPC signature in the ECS API reference (DescribeRegions).
    let parameters = [
        ("AccessKeyId", "testid"),
        ("Action", "DescribeRegions"),
        ("Format", "XML"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
        ("SignatureVersion", "1.0"),
        ("Timestamp", "2016-02-23T12:46:24Z"),
        ("Version", "2014-05-26"),
    ];
    assert_eq!(signature("GET", &parameters, "testsecret"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
}

#[test]
fn assume_role_is_signed_and_keeps_secrets_out_of_the_url() {
    let world = World::new().with_answer(200, sts("STS.id"));
    let signer = Credential::sts("id", SECRET, TOKEN).with_provider_name("static_sts");
    let more = RoleSettings { external_id: Some("e"), policy: Some("{}"), seconds: Some(900), ..settings() };
    let role = Role::new(&world.context(), &more, "the test").unwrap();
    let credential = now(role.assume(&world.context(), &signer)).unwrap();
    assert_eq!(credential.provider_name(), Some("ram_role_arn/static_sts"));
    assert_eq!(credential.role(), Some("acs:ram::1:role/ops"));
    insta::assert_snapshot!(world.requests(), @"POST https://sts.aliyuncs.com/?AccessKeyId=id&Action=AssumeRole&Format=JSON&Signature=33FV8WeNDKjpjcxrZB2384yEHgg%3D&SignatureMethod=HMAC-SHA1&SignatureNonce=nonce&SignatureVersion=1.0&Timestamp=2026-01-02T03%3A04%3A05Z&Version=2015-04-01 [accept: application/json, content-type: application/x-www-form-urlencoded] DurationSeconds=900&ExternalId=e&Policy=%7B%7D&RoleArn=acs%3Aram%3A%3A1%3Arole%2Fops&RoleSessionName=me&SecurityToken=t0ken%2Fof%2Bthe%3Dpair");
}

#[test]
fn gaps_are_filled_and_mistakes_refused() {
    let world = World::new();
    let refused =
        |settings: &RoleSettings<'_>| Role::new(&world.context(), settings, "the test").err().unwrap().to_string();
    let texts = [
        refused(&RoleSettings::default()),
        refused(&RoleSettings { seconds: Some(899), ..settings() }),
        refused(&RoleSettings { endpoint: Some("https://sts.aliyuncs.com"), ..settings() }),
    ];
    insta::assert_snapshot!(texts.join("\n"), @r#"
    role ARN is missing from the test: name the role, as acs:ram::<account>:role/<name>
    session duration of the test is 899: give at least 900 seconds
    STS endpoint "https://sts.aliyuncs.com" is not a host name: write it as sts.cn-hangzhou.aliyuncs.com, without a scheme or path
    "#);
    let zero = RoleSettings { seconds: Some(0), session_name: None, ..settings() };
    let role = Role::new(&world.context(), &zero, "the test").unwrap();
    assert_eq!((role.seconds, role.session_name.as_str()), (3600, "ack-rs-1767323045"));
    let world = world.with_var("ROLE_ARN", "arn").with_var("ROLE_SESSION_NAME", "env");
    let role = Role::new(&world.context(), &RoleSettings::default(), "the test").unwrap();
    assert_eq!((role.arn.as_str(), role.session_name.as_str()), ("arn", "env"));
}

#[test]
fn only_a_pair_can_sign() {
    let world = World::new();
    let role = Role::new(&world.context(), &settings(), "the test").unwrap();
    let error = now(role.assume(&world.context(), &Credential::bearer(TOKEN))).unwrap_err();
    assert!(error.is_invalid());
    assert_eq!(world.requests(), "");
}
