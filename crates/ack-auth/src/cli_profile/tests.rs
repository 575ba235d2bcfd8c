use proptest::prelude::*;

use crate::ready::now;
use crate::stand_ins::{SECRET, START, TOKEN, World, keys, sts};
use crate::*;

const PATH: &str = "/home/ada/.aliyun/config.json";

fn pair() -> String {
    format!(r#""access_key_id":"LTAI5tExampleabcd","access_key_secret":"{SECRET}""#)
}

/// A file whose current profile `dev` has that mode and those fields.
fn profile(mode: &str, fields: &str) -> World {
    profiles(&format!(r#"{{"name":"dev","mode":"{mode}",{fields}}}"#))
}

fn profiles(profiles: &str) -> World {
    World::new().with_file(PATH, format!(r#"{{"current":"dev","profiles":[{profiles}],"meta_path":""}}"#))
}

#[test]
fn every_mode_gives_its_credential() {
    let role = r#""ram_role_arn":"arn","ram_session_name":"me","expired_seconds":900"#;
    let oidc = format!(r#"{role},"oidc_provider_arn":"arn","oidc_token_file":"/token""#);
    let outcomes = [
        profile("AK", &pair()),
        profile("StsToken", &format!(r#"{},"sts_token":"{TOKEN}""#, pair())),
        profile("RamRoleArn", &format!("{},{role}", pair())).with_answer(200, sts("id")),
        profile("RamRoleArn", &format!(r#"{},{role},"sts_token":"{TOKEN}""#, pair())).with_answer(200, sts("id")),
        profile("EcsRamRole", r#""ram_role_name":"role""#).with_answer(200, "t0ken").with_answer(200, keys("id")),
        profile("EcsRamRole", r#""ram_role_name":"""#)
            .with_answer(200, "t0ken")
            .with_answer(200, "role")
            .with_answer(200, keys("id")),
        profile("OIDC", &oidc).with_file("/token", TOKEN).with_answer(200, sts("id")),
        profile("CredentialsURI", r#""credentials_uri":"http://localhost/keys""#).with_answer(200, keys("id")),
        profile("BearerToken", &format!(r#""bearer_token":"{TOKEN}""#)),
    ]
    .map(|world| world.outcome());
    insta::assert_snapshot!(outcomes.join("\n"), @r"
    default/cli_profile/static_ak AccessKey LTAI5tExampleabcd
    default/cli_profile/static_sts Sts LTAI5tExampleabcd
    default/cli_profile/ram_role_arn/static_ak Sts id
    default/cli_profile/ram_role_arn/static_sts Sts id
    default/cli_profile/ecs_ram_role Sts id
    default/cli_profile/ecs_ram_role Sts id
    default/cli_profile/oidc_role_arn Sts id
    default/cli_profile/credential_uri Sts id
    default/cli_profile/bearer Bearer no id
    ");
}

#[test]
fn roles_are_chained_and_the_endpoint_is_the_profiles() {
    let world = profiles(&format!(
        r#"{{"name":"dev","mode":"ChainableRamRoleArn","source_profile":"middle","ram_role_arn":"outer","sts_region":"cn-beijing","enable_vpc":true}},
           {{"name":"middle","mode":"ChainableRamRoleArn","source_profile":"base","ram_role_arn":"inner","sts_endpoint":"sts.example"}},
           {{"name":"base","mode":"AK",{}}}"#,
        pair()
    ))
    .with_answer(200, sts("STS.middle"))
    .with_answer(200, sts("STS.outer"));
    insta::assert_snapshot!(world.outcome(), @"default/cli_profile/ram_role_arn/ram_role_arn/static_ak Sts STS.outer");
    let hosts: Vec<_> = world.requests().lines().map(|line| line.split('?').next().unwrap().to_owned()).collect();
    assert_eq!(hosts, ["POST https://sts.example/", "POST https://sts-vpc.cn-beijing.aliyuncs.com/"]);
    assert!(world.requests().contains("AccessKeyId=STS.middle&"));
}

#[test]
fn chains_that_lead_nowhere_are_refused_before_any_call() {
    let link = |name: &str, source: &str| {
        format!(r#"{{"name":"{name}","mode":"ChainableRamRoleArn","ram_role_arn":"arn","source_profile":"{source}"}}"#)
    };
    let long: Vec<_> = std::iter::once(link("dev", "p0"))
        .chain((0..20).map(|i| link(&format!("p{i}"), &format!("p{}", i + 1))))
        .collect();
    let worlds = [
        profiles(&link("dev", "dev")),
        profiles(&[link("dev", "b"), link("b", "c"), link("c", "b")].join(",")),
        profiles(&link("dev", "absent")),
        profiles(&long.join(",")),
        profiles(&format!(
            r#"{},{{"name":"token","mode":"BearerToken","bearer_token":"{TOKEN}"}}"#,
            link("dev", "token")
        )),
    ];
    let texts = worlds.map(|world| {
        let text = world.outcome();
        assert_eq!(world.requests(), "");
        text
    });
    insta::assert_snapshot!(texts.join("\n"), @r#"
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: source_profile leads in a circle: dev -> dev
    credentials from the profile "c" of /home/ada/.aliyun/config.json could not be obtained: source_profile leads in a circle: dev -> b -> c -> b
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: its source_profile "absent" is not in the file
    credentials from the profile "p7" of /home/ada/.aliyun/config.json could not be obtained: source_profile leads through more than 8 profiles
    AccessKey pair of the source that AssumeRole is to be called with is missing: name a source that gives an AccessKey pair
    "#);
}

#[test]
fn a_command_is_split_like_a_shell_would_and_run_without_one() {
    let external = |output: Result<String, &'static str>| {
        profile("External", r#""process_command":"/opt/tool 'a b' \"c\" $HOME;ls""#).with_output(output)
    };
    let world = external(Ok(format!(r#"{{"mode":"AK",{}}}"#, pair())));
    assert_eq!(world.outcome(), "default/cli_profile/external AccessKey LTAI5tExampleabcd");
    assert_eq!(world.commands(), [["/opt/tool", "a b", "c", "$HOME;ls"]]);
    let temporary = |expiration: &str| {
        external(Ok(format!(r#"{{"mode":"StsToken",{},"sts_token":"{TOKEN}","expiration":"{expiration}"}}"#, pair())))
    };
    let credential = now(temporary("2026-01-02T12:04:05+08:00").chain().credential()).unwrap();
    assert_eq!(format_date(credential.expiration().unwrap()).unwrap(), "2026-01-02T04:04:05Z");
    let texts = [
        external(Err("it ended with exit status: 1")),
        external(Ok("5ecret is not JSON".to_owned())),
        external(Ok(r#"{"mode":"RamRoleArn","access_key_id":"id","access_key_secret":"5ecret"}"#.to_owned())),
        external(Ok(r#"{"mode":"AK","access_key_id":"id"}"#.to_owned())),
        temporary("2026-01-02T00:00:00Z"),
        temporary("tomorrow"),
        external(Ok("{}".to_owned())).with_var("DISABLE_EXTERNAL_PROCESS", "true"),
        profile("External", r#""process_command":"'open""#),
        profile("External", r#""process_command":" ""#),
    ]
    .map(|world| world.outcome());
    assert!(!texts.join("\n").contains("5ecret"), "{texts:?}");
    insta::assert_snapshot!(texts.join("\n"), @r#"
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: its process_command "/opt/tool" failed: it ended with exit status: 1
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: what its process_command "/opt/tool" printed is not JSON (line 1, column 3)
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: its process_command printed the mode "RamRoleArn" instead of AK or StsToken
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: what its process_command printed holds no access_key_secret
    credentials from the CLI profile could not be obtained: what it gave expired at 2026-01-02T00:00:00Z: renew it, or correct the clock of this machine
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: the expiration its process_command printed is not an RFC 3339 date
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: its process_command may not run, because ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS is true
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: its process_command has an open quote
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: its process_command is empty
    "#);
}

fn signed_in(mode: &str, keys_until: u64, token_until: u64) -> World {
    let fields = format!(
        r#"{},"sts_token":"{TOKEN}","sts_expiration":{keys_until},
        "access_token":"{TOKEN}","cloud_sso_access_token_expire":{token_until},
        "cloud_sso_sign_in_url":"https://signin-cn-shanghai.alibabacloudsso.com/x/login",
        "cloud_sso_account_id":"1","cloud_sso_access_config":"ac-1",
        "oauth_access_token":"{TOKEN}","oauth_access_token_expire":{token_until},"oauth_site_type":"CN""#,
        pair()
    );
    profile(mode, &fields)
}

#[test]
fn a_sign_in_is_used_while_it_lasts() {
    let kept = ["CloudSSO", "OAuth"].map(|mode| {
        let world = signed_in(mode, START + 60, 0);
        (world.outcome(), world.requests())
    });
    insta::assert_snapshot!(kept.map(|(outcome, requests)| outcome + &requests).join("\n"), @r"
    default/cli_profile/cloud_sso Sts LTAI5tExampleabcd
    default/cli_profile/oauth Sts LTAI5tExampleabcd
    ");
    let cloud_sso = signed_in("CloudSSO", START, START + 1)
        .with_answer(200, format!(r#"{{"CloudCredential":{},"RequestId":"1"}}"#, keys("id")));
    insta::assert_snapshot!(cloud_sso.outcome(), @"default/cli_profile/cloud_sso Sts id");
    insta::assert_snapshot!(cloud_sso.requests(), @r#"POST https://signin-cn-shanghai.alibabacloudsso.com/cloud-credentials [accept: application/json, authorization: Bearer t0ken/of+the=pair, content-type: application/json] {"AccessConfigurationId":"ac-1","AccountId":"1"}"#);
    let oauth = signed_in("OAuth", START, START + 1).with_answer(200, keys("id"));
    insta::assert_snapshot!(oauth.outcome(), @"default/cli_profile/oauth Sts id");
    insta::assert_snapshot!(oauth.requests(), @"POST https://oauth.aliyun.com/v1/exchange [accept: application/json, authorization: Bearer t0ken/of+the=pair, content-type: application/json]");
}

#[test]
fn a_sign_in_that_is_over_says_how_to_sign_in_again() {
    let texts = [
        signed_in("CloudSSO", START, START),
        signed_in("OAuth", START, START),
        signed_in("OAuth", START, START + 1).with_answer(401, TOKEN),
        signed_in("CloudSSO", START, START + 1).with_answer(500, TOKEN),
        signed_in("CloudSSO", START, START + 1).with_no_answer(),
        signed_in("CloudSSO", START, START + 1).with_answer(200, "{}"),
    ]
    .map(|world| world.outcome());
    insta::assert_snapshot!(texts.join("\n"), @r#"
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: the CloudSSO sign-in of this profile is over: sign in again with `aliyun configure --mode CloudSSO --profile dev`
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: the OAuth sign-in of this profile is over: sign in again with `aliyun configure --mode OAuth --profile dev`
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: the OAuth sign-in of this profile is over: sign in again with `aliyun configure --mode OAuth --profile dev`
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: CloudSSO refused with HTTP status 500
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: CloudSSO did not answer (connection refused)
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: the answer of CloudSSO holds no CloudCredential
    "#);
}

#[test]
fn mistakes_in_a_profile_are_named_and_not_quoted() {
    let texts = [
        profile("AK", r#""access_key_id":"id""#),
        profile("AK", r#""access_key_id":"id","access_key_secret":"5ecret word""#),
        profile("AK", r#""access_key_id":"id","access_key_secret":5333"#),
        profile("StsToken", &pair()),
        profile("RamRoleArn", &pair()),
        profile("RamRoleArn", &format!(r#"{},"ram_role_arn":"arn","expired_seconds":1"#, pair())),
        profile("OIDC", r#""ram_role_arn":"arn""#),
        profile("RsaKeyPair", r#""private_key":"5ecret""#),
        profile("ak", &pair()),
        profile("EcsRamRole", r#""ram_role_name":"role""#),
        profile("CloudSSO", r#""cloud_sso_account_id":"1""#),
        World::new().with_file(PATH, r#"{"current":"gone","profiles":[{"name":"dev"}]}"#),
        World::new().with_file(PATH, r#"{"current":"dev","profiles":{"dev":"5ecret"}}"#),
        World::new().with_file(PATH, r#"{"current":5333,"profiles":[]}"#),
        profile("OAuth", r#""oauth_access_token":"t","oauth_access_token_expire":"5333""#),
        profile("RamRoleArn", &format!(r#"{},"ram_role_arn":"arn","enable_vpc":"5333""#, pair())),
    ]
    .map(|world| world.outcome());
    assert!(!texts.join("\n").contains("5ecret") && !texts.join("\n").contains("5333"), "{texts:?}");
    insta::assert_snapshot!(texts.join("\n"), @r#"
    access_key_secret is missing from the profile "dev" of /home/ada/.aliyun/config.json: run `aliyun configure` for this profile, or add it to the file
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: AccessKey secret holds white space, perhaps a line end that was copied with it: copy it again, exactly as the console or STS shows it
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: it holds something else than text in access_key_secret
    sts_token is missing from the profile "dev" of /home/ada/.aliyun/config.json: run `aliyun configure` for this profile, or add it to the file
    role ARN is missing from the profile "dev" of /home/ada/.aliyun/config.json: name the role, as acs:ram::<account>:role/<name>
    session duration of the profile "dev" of /home/ada/.aliyun/config.json is 1: give at least 900 seconds
    oidc_provider_arn is missing from the profile "dev" of /home/ada/.aliyun/config.json: run `aliyun configure` for this profile, or add it to the file
    mode "RsaKeyPair" of the profile "dev" of /home/ada/.aliyun/config.json is not supported: use AK, StsToken, RamRoleArn, EcsRamRole, OIDC, ChainableRamRoleArn, External, CredentialsURI, BearerToken, CloudSSO or OAuth
    mode "ak" of the profile "dev" of /home/ada/.aliyun/config.json is not supported: use AK, StsToken, RamRoleArn, EcsRamRole, OIDC, ChainableRamRoleArn, External, CredentialsURI, BearerToken, CloudSSO or OAuth
    credentials from the ECS metadata service could not be obtained: it did not answer (no route to host)
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: the CloudSSO sign-in of this profile is over: sign in again with `aliyun configure --mode CloudSSO --profile dev`
    credentials from /home/ada/.aliyun/config.json could not be obtained: the file names "gone" as the current profile and has no such profile
    credentials from /home/ada/.aliyun/config.json could not be obtained: the file holds something else than a list of objects in profiles
    credentials from /home/ada/.aliyun/config.json could not be obtained: the file holds something else than text in current
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: it holds something else than a whole number in oauth_access_token_expire
    credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: it holds something else than true or false in enable_vpc
    "#);
}

#[test]
fn what_is_wrong_in_another_profile_is_no_matter() {
    let world = profiles(&format!(r#"{{"name":"old","sts_expiration":"x"}},{{"name":"dev","mode":"AK",{}}}"#, pair()));
    assert!(world.outcome().starts_with("default/cli_profile/static_ak"));
}

#[test]
fn the_profile_is_chosen_by_name() {
    let two = || {
        profiles(&format!(
            r#"{{"name":"dev","mode":"AK",{0}}},{{"name":"ops","mode":"StsToken","sts_token":"t",{0}}}"#,
            pair()
        ))
    };
    assert!(two().outcome().starts_with("default/cli_profile/static_ak"));
    assert!(two().with_var("PROFILE", "ops").outcome().starts_with("default/cli_profile/static_sts"));
    let world = two().with_var("PROFILE", "dev");
    let chosen = DefaultCredentials::builder().with_context(world.context()).with_profile("ops").build();
    assert_eq!(now(chosen.credential()).unwrap().provider_name(), Some("default/cli_profile/static_sts"));
    let keys = two().with_var("ACCESS_KEY_ID", "id").with_var("ACCESS_KEY_SECRET", SECRET);
    let chosen = DefaultCredentials::builder().with_context(keys.context()).with_profile("ops").build();
    assert_eq!(now(chosen.credential()).unwrap().provider_name(), Some("default/cli_profile/static_sts"));
    let elsewhere = World::new()
        .with_var("CONFIG_FILE", "/config.json")
        .with_file("/config.json", format!(r#"{{"profiles":[{{"name":"default","mode":"AK",{}}}]}}"#, pair()));
    assert!(elsewhere.outcome().starts_with("default/cli_profile/static_ak"));
}

#[test]
fn a_profile_asked_for_by_name_rules_the_other_sources_out() {
    let world = profile("AK", &pair()).with_var("ACCESS_KEY_ID", "id").with_var("ACCESS_KEY_SECRET", SECRET);
    let said = |name: &str| {
        let chain = DefaultCredentials::builder().with_context(world.context()).with_profile(name).build();
        let reports = now(chain.explain());
        reports.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(format!("{}\n---\n{}", said("dev"), said("absent")), @r#"
    environment: skipped, the profile "dev" was asked for by name
    OIDC role: skipped, the profile "dev" was asked for by name
    CLI profile: used, AccessKey id LTAI****abcd, provider default/cli_profile/static_ak
    credentials file: not asked
    ECS RAM role: not asked
    credentials URI: not asked
    ---
    environment: skipped, the profile "absent" was asked for by name
    OIDC role: skipped, the profile "absent" was asked for by name
    CLI profile: skipped, the CLI profile holds no credentials: /home/ada/.aliyun/config.json has no profile "absent", `aliyun configure` adds it
    credentials file: broken, profile "absent" is not to be found: neither ALIBABA_CLOUD_CREDENTIALS_FILE nor a file ~/.alibabacloud/credentials exists, and no CLI profile of that name is in use: correct the name, which may come from ALIBABA_CLOUD_PROFILE, or add the profile
    ECS RAM role: not asked
    credentials URI: not asked
    "#);
}

#[test]
fn the_region_is_that_of_the_profile_in_use() {
    let region = |world: World| {
        let chain = world.chain();
        chain.profile_region().unwrap_or_else(|error| Some(error.to_string()))
    };
    let two = || {
        profiles(
            r#"{"name":"dev","mode":"AK","region_id":"cn-beijing"},{"name":"ops","region_id":"cn-hangzhou"},{"name":"x","region_id":""}"#,
        )
    };
    assert_eq!(region(two()).as_deref(), Some("cn-beijing"));
    assert_eq!(region(two().with_var("PROFILE", "ops")).as_deref(), Some("cn-hangzhou"));
    let chosen = DefaultCredentials::builder().with_context(two().with_var("PROFILE", "dev").context());
    assert_eq!(chosen.with_profile("ops").build().profile_region().unwrap().as_deref(), Some("cn-hangzhou"));
    for none in [
        World::new(),
        two().with_var("PROFILE", "x"),
        two().with_var("PROFILE", "absent"),
        two().with_var("CLI_PROFILE_DISABLED", "true"),
    ] {
        assert_eq!(region(none), None);
    }
    insta::assert_snapshot!(region(profiles(r#"{"name":"dev","region_id":1}"#)).unwrap(), @r#"credentials from the profile "dev" of /home/ada/.aliyun/config.json could not be obtained: it holds something else than text in region_id"#);
    insta::assert_snapshot!(region(World::new().with_file(PATH, "{")).unwrap(), @"credentials from /home/ada/.aliyun/config.json could not be obtained: the file ends too early (line 1, column 1)");
}

#[test]
fn an_empty_or_disabled_file_is_passed_over() {
    let line = |world: World| world.explain().lines().nth(2).unwrap().to_owned();
    let texts = [
        World::new().with_file(PATH, "{}"),
        World::new()
            .with_file(PATH, r#"{"current":"default","profiles":[{"name":"default","mode":"AK","access_key_id":""}]}"#),
        profile("AK", &pair()).with_var("PROFILE", "absent"),
        profile("AK", &pair()).with_var("CLI_PROFILE_DISABLED", "true"),
        World::default(),
    ]
    .map(line);
    insta::assert_snapshot!(texts.join("\n"), @r#"
    CLI profile: skipped, the CLI profile holds no credentials: /home/ada/.aliyun/config.json has no profile "default", `aliyun configure` adds it
    CLI profile: skipped, the CLI profile holds no credentials: the profile "default" of /home/ada/.aliyun/config.json is empty, `aliyun configure` fills it
    CLI profile: skipped, the CLI profile holds no credentials: /home/ada/.aliyun/config.json has no profile "absent", `aliyun configure` adds it
    CLI profile: skipped, the CLI profile holds no credentials: unset ALIBABA_CLOUD_CLI_PROFILE_DISABLED to use it
    CLI profile: skipped, the CLI profile holds no credentials: set HOME or ALIBABA_CLOUD_CONFIG_FILE
    "#);
}

proptest! {
    #[test]
    fn any_file_is_read_or_refused(text in any::<String>()) {
        prop_assert!(!World::new().with_file(PATH, text).outcome().is_empty());
    }

    #[test]
    fn any_fields_are_read_or_refused(
        mode in "AK|StsToken|RamRoleArn|EcsRamRole|OIDC|ChainableRamRoleArn|CredentialsURI|BearerToken|CloudSSO|OAuth|x",
        id in any::<String>(),
        secret in any::<String>(),
        number in any::<i64>(),
    ) {
        let dev = serde_json::json!({
            "name": "dev", "mode": mode, "access_key_id": id, "access_key_secret": secret, "sts_token": secret,
            "ram_role_arn": id, "source_profile": id, "expired_seconds": number, "sts_expiration": number,
            "credentials_uri": id, "bearer_token": secret, "access_token": secret, "sts_region": id,
            "cloud_sso_access_token_expire": number, "cloud_sso_sign_in_url": id, "oidc_token_file": "/x",
        });
        prop_assert!(!profiles(&dev.to_string()).outcome().is_empty());
    }
}
