//! Regions, their endpoints, and which of them a command calls.

use super::harness::Cli;

#[tokio::test]
async fn they_are_listed_without_keys_or_network() {
    let lines = |text: &str| text.lines().take(3).collect::<Vec<_>>().join("\n");
    let [table, narrow, yaml] = [
        Cli::new().run("regions").await,
        Cli::new().variable("NO_COLOR", "1").on_terminal(60).run("regions").await,
        Cli::new().run("regions -o yaml").await,
    ];
    assert!([&table, &narrow, &yaml].iter().all(|ran| ran.code == 0 && ran.stderr.is_empty()), "{table}");
    assert!(narrow.stdout.lines().all(|line| line.len() <= 60), "{narrow}");
    let said = [lines(&table.stdout), lines(&narrow.stdout), lines(&yaml.stdout)];
    insta::assert_snapshot!(said.join("\n---\n"), @r"
    ap-northeast-1         Japan (Tokyo)                           cs.ap-northeast-1.aliyuncs.com         cs-anony-vpc.ap-northeast-1.aliyuncs.com
    ap-northeast-2         South Korea (Seoul)                     cs.ap-northeast-2.aliyuncs.com         cs-anony-vpc.ap-northeast-2.aliyuncs.com
    ap-south-1             India (Mumbai) Closed                   cs.ap-south-1.aliyuncs.com             cs-anony-vpc.ap-south-1.aliyuncs.com
    ---
    ap-northeast-1  Japan (Tokyo)
      cs.ap-northeast-1.aliyuncs.com
      cs-anony-vpc.ap-northeast-1.aliyuncs.com
    ---
    - region: ap-northeast-1
      name: Japan (Tokyo)
      public: cs.ap-northeast-1.aliyuncs.com
    ");
    let json = Cli::new().run("regions -o json").await;
    let regions: Vec<serde_json::Value> = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((regions.len(), table.stdout.lines().count()), (37, 37));
    let hangzhou = regions.iter().find(|region| region["region"] == "cn-hangzhou").unwrap();
    insta::assert_snapshot!(hangzhou, @r#"{"name":"China (Hangzhou)","public":"cs.cn-hangzhou.aliyuncs.com","region":"cn-hangzhou","vpc":"cs-anony-vpc.cn-hangzhou.aliyuncs.com"}"#);
}

#[tokio::test]
async fn the_endpoint_follows_region_and_network() {
    let cli = || {
        Cli::new()
            .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExampleabcd")
            .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "placeholder")
            .variable("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou")
    };
    let vpc = || cli().variable("ALIBABA_CLOUD_ENDPOINT_TYPE", "vpc");
    let elsewhere = || vpc().variable("ALIBABA_CLOUD_ENDPOINT", "gateway.example");
    let mut report = String::new();
    for (name, cli, options) in [
        ("region alone", cli(), ""),
        ("option", cli(), "--network vpc"),
        ("variable", vpc(), ""),
        ("option before variable", vpc(), "--network public"),
        ("endpoint variable before network variable", elsewhere(), ""),
        ("network option before endpoint variable", elsewhere(), "--network vpc"),
        ("endpoint option", cli(), "--endpoint cs.example:8443"),
        ("both options", cli(), "--endpoint cs.example --network vpc"),
        ("unknown network", cli(), "--network private"),
        ("unknown variable", cli().variable("ALIBABA_CLOUD_ENDPOINT_TYPE", "private"), ""),
        ("special region", cli(), "--region cn-wuhan"),
        ("special region in a VPC", cli(), "--region cn-wuhan --network vpc"),
    ] {
        let ran = cli.run(&format!("api DescribeUserQuota --dry-run {options}")).await;
        let text = if ran.code == 0 { ran.stdout } else { ran.stderr };
        let said = text.lines().next().unwrap_or_default().split('?').next().unwrap_or_default();
        report.push_str(&format!("{name}: {said}\n"));
    }
    insta::assert_snapshot!(report);
}
