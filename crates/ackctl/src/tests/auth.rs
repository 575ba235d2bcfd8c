//! Where keys and region come from, and how that is explained.

use super::harness::{CLUSTER, Cli, emulator};
use super::outside::Outside;

const SECRET: &str = "s3cret-of-the-pair";
const TOKEN: &str = "t0ken-of-the-pair";
const CONFIG: &str = "/home/ada/.aliyun/config.json";

fn home() -> Cli {
    Cli::new().variable("HOME", "/home/ada")
}

fn config() -> String {
    format!(
        r#"{{"current":"dev","profiles":[
            {{"name":"dev","mode":"AK","access_key_id":"LTAI5tExampleDevelop","access_key_secret":"{SECRET}","region_id":"cn-beijing"}},
            {{"name":"ops","mode":"StsToken","access_key_id":"STS.ExampleOperate","access_key_secret":"{SECRET}","sts_token":"{TOKEN}"}},
            {{"name":"chain","mode":"ChainableRamRoleArn","source_profile":"dev","ram_role_arn":"acs:ram::1:role/night"}},
            {{"name":"circle","mode":"ChainableRamRoleArn","source_profile":"circle","ram_role_arn":"acs:ram::1:role/night"}},
            {{"name":"sso","mode":"CloudSSO","cloud_sso_access_token_expire":1,"access_token":"{TOKEN}"}},
            {{"name":"tool","mode":"External","process_command":"vault print {SECRET}"}}
        ]}}"#
    )
}

fn sts_answer() -> String {
    format!(
        r#"{{"RequestId":"R1","Credentials":{{"AccessKeyId":"STS.ExampleNightly","AccessKeySecret":"{SECRET}","SecurityToken":"{TOKEN}","Expiration":"2026-01-02T04:04:05Z"}}}}"#
    )
}

/// The whole output, after a look for secrets.
async fn explained(cli: Cli, options: &str) -> String {
    let ran = cli.run(&format!("auth explain {options}")).await.to_string();
    assert!(!ran.contains(SECRET) && !ran.contains(TOKEN), "{ran}");
    ran
}

#[tokio::test]
async fn nothing_is_configured() {
    insta::assert_snapshot!(explained(home(), "").await);
}

#[tokio::test]
async fn a_profile_is_used() {
    let cli = || home().file(CONFIG, &config());
    insta::assert_snapshot!("profile_table", explained(cli(), "").await);
    insta::assert_snapshot!("profile_narrow", explained(cli().variable("NO_COLOR", "1").on_terminal(72), "").await);
    insta::assert_snapshot!("profile_json", explained(cli(), "-o json").await);
    insta::assert_snapshot!("profile_yaml", explained(cli(), "-o yaml --profile ops --region cn-hangzhou").await);
}

#[tokio::test]
async fn a_role_is_taken_on_and_its_end_told() {
    let outside = Outside::default();
    outside.add_answer(200, &sts_answer());
    let cli = home().outside(&outside).file(CONFIG, &config());
    insta::assert_snapshot!(explained(cli, "--profile chain").await);
    assert_eq!(outside.requests(), ["POST https://sts.aliyuncs.com/"]);
}

#[tokio::test]
async fn a_broken_source_ends_the_search() {
    let mut report = String::new();
    let refused = |status: u16, body: &str| {
        let outside = Outside::default();
        outside.add_answer(status, body);
        home().outside(&outside).file(CONFIG, &config())
    };
    let quoting = format!(r#"{{"Code":"NoPermission","Message":"you may not, {SECRET}","RequestId":"R2"}}"#);
    let tool = Outside::default();
    tool.set_output(&format!("{{{TOKEN}"));
    for (name, cli, options) in [
        ("half a pair", home().variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ""),
        ("refused by STS", refused(403, &quoting), "--profile chain"),
        ("no network", home().file(CONFIG, &config()), "--profile chain"),
        ("circle", home().file(CONFIG, &config()), "--profile circle"),
        ("signed out", home().file(CONFIG, &config()), "--profile sso"),
        ("no program", home().file(CONFIG, &config()), "--profile tool"),
        ("bad output", home().outside(&tool).file(CONFIG, &config()), "--profile tool"),
        ("no such profile", home().file(CONFIG, &config()), "--profile prod"),
        ("not JSON", home().file(CONFIG, "profiles:"), ""),
    ] {
        let ran = explained(cli, options).await;
        assert!(ran.starts_with("exit code 2"), "{ran}");
        let said = ran.lines().filter(|line| line.contains("broken") || line.starts_with("error:"));
        report.extend(std::iter::once(format!("{name}\n")).chain(said.map(|line| format!("  {line}\n"))));
    }
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn the_profile_option_wins_over_keys_in_the_environment_and_the_variable_does_not() {
    let keys = || {
        home()
            .file(CONFIG, &config())
            .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExampleEnviron")
            .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET)
    };
    let used = |text: String| text.lines().find(|line| line.contains(" used ")).unwrap_or_default().to_owned();
    let said = [
        used(explained(keys(), "").await),
        used(explained(keys().variable("ALIBABA_CLOUD_PROFILE", "ops"), "").await),
        used(explained(keys(), "--profile ops").await),
        used(explained(keys().variable("ALIBABA_CLOUD_PROFILE", "dev"), "--profile ops").await),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    environment       used       AccessKey id LTAI****iron, provider default/env
    environment       used       AccessKey id LTAI****iron, provider default/env
    CLI profile       used       AccessKey id STS.****rate, provider default/cli_profile/static_sts
    CLI profile       used       AccessKey id STS.****rate, provider default/cli_profile/static_sts
    ");
}

#[tokio::test]
async fn the_region_comes_from_option_environment_and_profile_in_this_order() {
    let cli = || home().file(CONFIG, &config());
    let region = |text: String| text.lines().find(|line| line.starts_with("region")).unwrap_or("no region").to_owned();
    let said = [
        region(explained(cli(), "").await),
        region(explained(cli().variable("ALICLOUD_REGION_ID", "cn-chengdu"), "").await),
        region(explained(cli().variable("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou"), "").await),
        region(explained(cli().variable("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou"), "--region cn-shanghai").await),
        region(explained(cli(), "--profile ops").await),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    region  cn-beijing, from region_id of the CLI profile
    region  cn-chengdu, from ALICLOUD_REGION_ID
    region  cn-hangzhou, from ALIBABA_CLOUD_REGION_ID
    region  cn-shanghai, from --region
    no region
    ");
    let ran = cli().run(&format!("upgrade status {CLUSTER} --profile ops")).await;
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("the region of the cluster is not known"), "{}", ran.stderr);
    let ran = home().file(CONFIG, "{").run(&format!("upgrade status {CLUSTER}")).await;
    insta::assert_snapshot!(ran, @r"
    exit code 2
    --- stderr
    error: the region of the cluster is not known: give it with --region, such as --region cn-hangzhou, for no profile can be asked for it: credentials from /home/ada/.aliyun/config.json could not be obtained: the file ends too early (line 1, column 1)
    ");
}

#[tokio::test]
async fn a_command_is_signed_with_the_keys_of_a_profile() {
    let emulator = emulator().await;
    let announced = emulator.announcement();
    let config = format!(
        r#"{{"profiles":[{{"name":"lab","mode":"AK","access_key_id":"{}","access_key_secret":"{}","region_id":"{}"}}]}}"#,
        announced.access_key_id, announced.access_key_secret, announced.region
    );
    let cli = home().file(CONFIG, &config).variable("ALIBABA_CLOUD_ENDPOINT", &announced.endpoint);
    let ran = cli.run(&format!("upgrade status {CLUSTER} --profile lab -o json")).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.stdout.contains(r#""current_version": "1.31.1-aliyun.1""#), "{}", ran.stdout);
}
