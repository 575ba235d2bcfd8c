//! Every operation of the API, called through the client against the emulator, over JSON and over XML.

use ack_client::auth::StaticCredentials;
use ack_client::{Client, Format, Input};
use ack_emulator::{AddonSeed, ClusterSeed, Emulator, NodePoolSeed, RunningEmulator, TaskSeed, XmlStyle};
use ack_models::catalogue::{Catalogue, OperationEntry};
use serde_json::{Map, Value, json};

const COUNT: usize = 148;

/// An input of documented examples, on a cluster the emulator has.
fn input(catalogue: &Catalogue, operation: &OperationEntry, cluster: &str, region: &str) -> Input {
    let value = |name: &str| match name.to_ascii_lowercase().replace('_', "").as_str() {
        "clusterid" => cluster.to_owned(),
        "regionid" => region.to_owned(),
        _ => "x-1".to_owned(),
    };
    let path: Map<String, Value> =
        operation.path_parameters.keys().map(|name| (name.clone(), json!(value(name)))).collect();
    let mut input = json!({"path": path});
    if let Some(query) = &operation.query {
        input["query"] = catalogue.example(query);
    }
    if let Some(body) = &operation.body {
        input["body"] = catalogue.example(body);
    }
    Input::new(input)
}

async fn emulator(style: XmlStyle) -> RunningEmulator {
    // What the inputs name is there.
    let cluster = ClusterSeed::managed("c106f377e16f34eb1808d6b9362c9test", "managed", "1.31.1-aliyun.1")
        .with_node_pool(NodePoolSeed::new("x-1", 1))
        .with_addon(AddonSeed::new("x-1", "v1"))
        .with_task(TaskSeed::new("cluster_scaleout").with_id("x-1"));
    Emulator::builder().access_key("id", "secret").xml_style(style).cluster(cluster).start().await.unwrap()
}

fn client(emulator: &RunningEmulator, format: Format) -> Client {
    Client::builder()
        .endpoint(emulator.endpoint())
        .credentials(StaticCredentials::access_key("id", "secret").unwrap())
        .format(format)
        .build()
        .unwrap()
}

/// Operations that a state machine refuses for what their examples ask, such as to pause what does not run. Whether they
/// work where they are allowed is tested with the emulator's own tests.
fn is_up_to_the_state(id: &str) -> bool {
    let is_control = ["Pause", "Resume", "Cancel"].iter().any(|verb| id.starts_with(verb));
    let is_start = matches!(id, "UpgradeCluster" | "UpgradeClusterNodepool" | "UpgradeClusterAddons");
    is_control || is_start || id == "GetClusterCheck"
}

#[tokio::test]
async fn every_operation_is_answered_in_both_formats() {
    let catalogue = Catalogue::get();
    assert_eq!(catalogue.operations.len(), COUNT);
    assert_eq!(ack_models::operations::ALL.len(), COUNT);
    let mut failures = Vec::new();
    for (format, style) in
        [(Format::Json, XmlStyle::Fragment), (Format::Xml, XmlStyle::Fragment), (Format::Xml, XmlStyle::Rooted)]
    {
        let emulator = emulator(style).await;
        let client = client(&emulator, format);
        let cluster = emulator.cluster_ids().remove(0);
        for (id, operation) in &catalogue.operations {
            let input = input(catalogue, operation, &cluster, emulator.region());
            match client.call(id, &input).await {
                Ok(answer) if answer.drift().is_empty() => {}
                Ok(answer) => failures.push(format!("{format} {style:?} {id}: {:?}", answer.drift())),
                // A state machine has refused what the example asks; the refusal was understood.
                Err(error) if is_up_to_the_state(id) && error.code().is_some() => {}
                Err(error) => failures.push(format!("{format} {style:?} {id}: {error}")),
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
