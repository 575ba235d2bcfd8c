//! Checks and what they find, versions on offer, and kubeconfigs.

use ack_emulator::{ClusterSeed, Finding, KUBERNETES_VERSIONS, NodePoolSeed};
use serde_json::{Value, json};

use crate::emulator::probe::{MANAGED, Probe, Reply, probe, settings};

fn cluster() -> Probe {
    let seed = ClusterSeed::managed("c1", "one", "1.31.1-aliyun.1")
        .with_node_pool(NodePoolSeed::new("np-1", 1))
        .with_node_pool(NodePoolSeed::new("np-2", 1))
        .with_finding(
            Finding::warning("DeprecatedAPI", "policy/v1beta1 is used").with_target("psp/a").in_check("MasterUpgrade"),
        )
        .with_finding(
            Finding::error("NodeStatus", "1 node is NotReady")
                .with_target("node-1")
                .in_node_pool("np-1")
                .in_check("NodePoolUpgrade"),
        );
    Probe::new(settings().cluster(seed).build().unwrap())
}

fn run(probe: &Probe, body: &Value) -> Reply {
    probe.post("RunClusterCheck", "/clusters/c1/checks", &body.to_string())
}

fn read(probe: &Probe, check_id: &str) -> Reply {
    probe.call("GetClusterCheck", &format!("/clusters/c1/checks/{check_id}"))
}

#[test]
fn a_check_takes_a_while_and_tells_what_it_found() {
    let probe = cluster();
    let started = run(&probe, &json!({"type": "ClusterUpgrade", "options": {"next_version": "1.33.3-aliyun.1"}}));
    assert_eq!(started.field("/request_id"), started.request_id);
    let id = started.field("/check_id");
    probe.pass(15);
    insta::assert_snapshot!(serde_json::to_string_pretty(&read(&probe, &id).json()).unwrap(), @r#"
    {
      "check_id": "1767323045000000000-c1-clustercheck-00000",
      "created_at": "2026-01-02T03:04:05.000000000Z",
      "message": "task running",
      "status": "Running",
      "type": "ClusterUpgrade"
    }
    "#);
    probe.pass(1);
    insta::assert_snapshot!(serde_json::to_string_pretty(&read(&probe, &id).json()).unwrap(), @r#"
    {
      "check_id": "1767323045000000000-c1-clustercheck-00000",
      "check_items": {
        "ClusterVersion": [
          {
            "Group": "ClusterVersion",
            "Level": {
              "error": {
                "Message": "1.33.3-aliyun.1 is more than one minor version ahead of the cluster",
                "Targets": []
              }
            }
          }
        ],
        "DeprecatedAPI": [
          {
            "Group": "DeprecatedAPI",
            "Level": {
              "warning": {
                "Message": "policy/v1beta1 is used",
                "Targets": [
                  {
                    "Target": "psp/a"
                  }
                ]
              }
            }
          }
        ],
        "NodeStatus": [
          {
            "Group": "NodeStatus",
            "Level": {
              "error": {
                "Message": "1 node is NotReady",
                "Targets": [
                  {
                    "Target": "node-1"
                  }
                ]
              }
            }
          }
        ]
      },
      "created_at": "2026-01-02T03:04:05.000000000Z",
      "finished_at": "2026-01-02T03:04:21.000000000Z",
      "message": "task failed",
      "status": "Failed",
      "type": "ClusterUpgrade"
    }
    "#);
}

#[test]
fn a_check_finds_what_its_type_looks_for() {
    let probe = cluster();
    let bodies = [
        json!({"type": "ClusterMigrate"}),
        json!({"type": "MasterUpgrade"}),
        json!({"type": "MasterUpgrade", "options": {"next_version": "1.32.1-aliyun.1"}}),
        json!({"type": "MasterUpgrade", "options": {"next_version": "1.31.1-aliyun.1"}}),
        json!({"type": "NodePoolUpgrade", "target": "np-1"}),
        json!({"type": "NodePoolUpgrade", "target": "np-2"}),
        json!({"type": "ClusterUpgrade"}),
    ];
    let ids: Vec<String> = bodies.iter().map(|body| run(&probe, body).field("/check_id")).collect();
    probe.pass(16);
    let row = |(id, body): (&String, &Value)| {
        let reply = read(&probe, id);
        format!("{body} {} {}", reply.field("/status"), reply.field("/check_items"))
    };
    let rows: Vec<String> = ids.iter().zip(&bodies).map(row).collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
    {"type":"ClusterMigrate"} Succeeded {"ClusterResource":[{"Group":"ClusterResource","Level":{"normal":{"Message":"","Targets":[]}}}]}
    {"type":"MasterUpgrade"} Succeeded {"DeprecatedAPI":[{"Group":"DeprecatedAPI","Level":{"warning":{"Message":"policy/v1beta1 is used","Targets":[{"Target":"psp/a"}]}}}]}
    {"options":{"next_version":"1.32.1-aliyun.1"},"type":"MasterUpgrade"} Succeeded {"DeprecatedAPI":[{"Group":"DeprecatedAPI","Level":{"warning":{"Message":"policy/v1beta1 is used","Targets":[{"Target":"psp/a"}]}}}]}
    {"options":{"next_version":"1.31.1-aliyun.1"},"type":"MasterUpgrade"} Failed {"ClusterVersion":[{"Group":"ClusterVersion","Level":{"error":{"Message":"1.31.1-aliyun.1 is not newer than the version of the cluster","Targets":[]}}}],"DeprecatedAPI":[{"Group":"DeprecatedAPI","Level":{"warning":{"Message":"policy/v1beta1 is used","Targets":[{"Target":"psp/a"}]}}}]}
    {"target":"np-1","type":"NodePoolUpgrade"} Failed {"NodeStatus":[{"Group":"NodeStatus","Level":{"error":{"Message":"1 node is NotReady","Targets":[{"Target":"node-1"}]}}}]}
    {"target":"np-2","type":"NodePoolUpgrade"} Succeeded {"ClusterResource":[{"Group":"ClusterResource","Level":{"normal":{"Message":"","Targets":[]}}}]}
    {"type":"ClusterUpgrade"} Failed {"DeprecatedAPI":[{"Group":"DeprecatedAPI","Level":{"warning":{"Message":"policy/v1beta1 is used","Targets":[{"Target":"psp/a"}]}}}],"NodeStatus":[{"Group":"NodeStatus","Level":{"error":{"Message":"1 node is NotReady","Targets":[{"Target":"node-1"}]}}}]}
    "#);
    let list = |query: &str| {
        let json = probe.call("ListClusterChecks", &format!("/clusters/c1/checks{query}")).json();
        let status = |check: &Value| check["type"].as_str().unwrap().to_owned();
        json["checks"]
            .as_array()
            .map(|checks| checks.iter().map(status).collect::<Vec<_>>().join(" "))
            .unwrap_or_default()
    };
    let rows = [list(""), list("?type=MasterUpgrade"), list("?target=np-2"), list("?type=MasterUpgrade&target=np-2")];
    insta::assert_snapshot!(rows.join("\n"), @r"
    ClusterUpgrade NodePoolUpgrade NodePoolUpgrade MasterUpgrade MasterUpgrade MasterUpgrade ClusterMigrate
    MasterUpgrade MasterUpgrade MasterUpgrade
    NodePoolUpgrade
    ");
}

#[test]
fn checks_that_cannot_be_are_refused() {
    let probe = cluster();
    let rows = [
        run(&probe, &json!({})).refusal(),
        run(&probe, &json!({"type": "Everything"})).refusal(),
        run(&probe, &json!({"type": "NodePoolUpgrade"})).refusal(),
        run(&probe, &json!({"type": "NodePoolUpgrade", "target": "np-9"})).refusal(),
        run(&probe, &json!({"type": "ClusterUpgrade", "options": {"next_version": 1}})).refusal(),
        read(&probe, "0").refusal(),
        probe.call("ListClusterChecks", "/clusters/c9/checks").refusal(),
    ];
    insta::assert_snapshot!(rows.join("\n"), @r#"
    400 MissingParameter: The parameter body.type is missing; RunClusterCheckRequest needs it.
    400 InvalidParameter: The parameter type has the value "Everything", which is none of ClusterMigrate, MasterUpgrade, NodePoolUpgrade, ClusterUpgrade.
    400 MissingParameter: The parameter body.target is missing; NodePoolUpgrade needs it.
    404 ErrorNodePoolNotFound: nodepool (np-9) not found in our records
    400 InvalidParameter: The parameter body.options.next_version is the number 1; send a string.
    404 ErrorCheckNotFound: check (0) not found in our records
    404 ErrorClusterNotFound: cluster (c9) not found in our records
    "#);
}

#[test]
fn what_a_check_would_find_an_upgrade_finds() {
    let probe = cluster();
    // A warning lets the control plane go on, and is told.
    let task = probe.upgrade("c1", r#"{"next_version":"1.32.1-aliyun.1","master_only":true}"#).field("/task_id");
    probe.pass(60);
    let json = probe.task(&task).json();
    let warning = json["events"].as_array().unwrap().iter().find(|event| event["level"] == "Warning").unwrap();
    assert_eq!(warning["message"], "DeprecatedAPI: policy/v1beta1 is used");
    assert_eq!(probe.task(&task).field("/current_stage"), "upgrade_control_plane");
    probe.pass(3600);
    // An error about nodes is in the way of an upgrade that takes them along.
    let task = probe.upgrade("c1", r#"{"next_version":"1.32.6-aliyun.1"}"#).field("/task_id");
    probe.pass(60);
    assert_eq!(probe.task(&task).field("/error/code"), "PrecheckFailed");
    assert_eq!(probe.status("c1").field("/error_message"), "NodeStatus: 1 node is NotReady");
    assert_eq!(probe.detail("c1").field("/state"), "running");
    // Once it is gone, the next one goes through.
    probe.emulator.set_findings("c1", Vec::new()).unwrap();
    assert_eq!(probe.upgrade("c1", r#"{"next_version":"1.32.6-aliyun.1"}"#).status, 200);
    probe.pass(3600);
    assert_eq!(probe.detail("c1").field("/current_version"), "1.32.6-aliyun.1");
}

fn versions(probe: &Probe, query: &str) -> Reply {
    probe.call("DescribeKubernetesVersionMetadata", &format!("/api/v1/metadata/versions?{query}"))
}

#[test]
fn versions_are_offered_with_what_they_can_be_upgraded_to() {
    let probe = probe();
    let base = "Region=cn-hangzhou&ClusterType=ManagedKubernetes";
    let names = |query: &str| {
        let json = versions(&probe, &format!("{base}{query}")).json();
        let row = |entry: &Value| {
            let next: Vec<&str> =
                entry["upgradable_versions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!(
                "{}{}",
                entry["version"].as_str().unwrap(),
                if next.is_empty() { String::new() } else { format!(" -> {}", next.join(", ")) }
            )
        };
        json.as_array().unwrap().iter().map(row).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(names("").lines().count(), KUBERNETES_VERSIONS.len());
    // Without a version there is nothing to upgrade from.
    assert_eq!(names("&QueryUpgradableVersion=true"), names(""));
    let rows = [
        names("&Mode=creatable"),
        names("&KubernetesVersion=1.31.1-aliyun.1&QueryUpgradableVersion=true"),
        names("&KubernetesVersion=1.31.1-aliyun.1&QueryUpgradableVersion=True"),
        names("&KubernetesVersion=1.31.1-aliyun.1"),
        names("&KubernetesVersion=1.34.3-aliyun.1&QueryUpgradableVersion=true"),
        names("&KubernetesVersion=1.27.1-aliyun.1&QueryUpgradableVersion=true"),
    ];
    insta::assert_snapshot!(rows.join("\n\n"), @r"
    1.34.3-aliyun.1
    1.34.1-aliyun.1
    1.33.3-aliyun.1
    1.32.6-aliyun.1
    1.32.1-aliyun.1

    1.31.1-aliyun.1 -> 1.31.9-aliyun.1, 1.32.1-aliyun.1, 1.32.6-aliyun.1

    1.31.1-aliyun.1 -> 1.31.9-aliyun.1, 1.32.1-aliyun.1, 1.32.6-aliyun.1

    1.31.1-aliyun.1

    1.34.3-aliyun.1

    1.27.1-aliyun.1 -> 1.28.3-aliyun.1, 1.28.9-aliyun.1
    ");
    // What is offered is what an upgrade accepts.
    let own = versions(&probe, &format!("{base}&KubernetesVersion=1.31.1-aliyun.1&QueryUpgradableVersion=true")).json();
    for next in own[0]["upgradable_versions"].as_array().unwrap() {
        let probe = crate::emulator::probe::probe();
        assert_eq!(probe.upgrade(MANAGED, &json!({"next_version": next}).to_string()).status, 200);
    }
    let refused = [
        versions(&probe, "").refusal(),
        versions(&probe, "Region=cn-hangzhou").refusal(),
        versions(&probe, "Region=cn-hangzhou&ClusterType=Nomad").refusal(),
        versions(&probe, &format!("{base}&Mode=all")).refusal(),
        versions(&probe, &format!("{base}&KubernetesVersion=latest")).refusal(),
        versions(&probe, &format!("{base}&QueryUpgradableVersion=maybe")).refusal(),
    ];
    insta::assert_snapshot!(refused.join("\n"), @r#"
    400 MissingParameter: The parameter query.ClusterType is missing; DescribeKubernetesVersionMetadata needs it.
    400 MissingParameter: The parameter query.ClusterType is missing; DescribeKubernetesVersionMetadata needs it.
    400 InvalidParameter: The parameter ClusterType has the value "Nomad", which is none of Kubernetes, ManagedKubernetes, ExternalKubernetes.
    400 InvalidParameter: The parameter Mode has the value "all", which is none of supported, creatable.
    400 InvalidParameter: The parameter KubernetesVersion has the value "latest", which is not a Kubernetes version.
    400 InvalidParameter: The parameter query.QueryUpgradableVersion is the string "maybe"; send true or false.
    "#);
}

#[test]
fn a_kubeconfig_has_the_form_of_one_and_expires() {
    let probe = probe();
    let get = |query: &str| probe.call("DescribeClusterUserKubeconfig", &format!("/k8s/{MANAGED}/user_config{query}"));
    let public = get("?TemporaryDurationMinutes=15");
    insta::assert_snapshot!(public.field("/config"), @r"
    apiVersion: v1
    kind: Config
    clusters:
    - name: kubernetes
      cluster:
        server: https://203.0.113.10:6443
        certificate-authority-data: ZW11bGF0b3I=
    contexts:
    - name: emulator-c106f377e16f34eb1808d6b9362c9test
      context:
        cluster: kubernetes
        user: emulator
    current-context: emulator-c106f377e16f34eb1808d6b9362c9test
    users:
    - name: emulator
      user:
        client-certificate-data: ZW11bGF0b3I=
        client-key-data: ZW11bGF0b3I=
    ");
    assert_eq!(public.field("/expiration"), "2026-01-02T03:19:05Z");
    assert_eq!(get("").field("/expiration"), "2029-01-01T03:04:05Z");
    assert!(get("?PrivateIpAddress=True").field("/config").contains("https://192.168.0.251:6443"));
    insta::assert_snapshot!(get("?TemporaryDurationMinutes=14").refusal(), @r#"400 InvalidParameter: The parameter TemporaryDurationMinutes has the value "14", which is not a number from 15 to 4320."#);
    assert_eq!(get("?TemporaryDurationMinutes=4321").status, 400);
}
