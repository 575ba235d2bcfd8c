//! A program without async: it lists clusters, starts an upgrade and asks once how it stands.
//!
//! `cargo run -p ack-client --features blocking --example blocking` runs it against an emulator of its own. For the real
//! service, the builder takes `region("cn-hangzhou")` in place of endpoint and credentials.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::sync::mpsc;
use std::thread;

use ack_client::Client;
use ack_client::auth::StaticCredentials;
use ack_client::models::{DescribeClustersV1Query, UpgradeClusterRequest};
use ack_emulator::Emulator;

fn main() -> Result<(), Box<dyn Error>> {
    let (endpoint, (id, secret)) = emulator()?;
    let client = Client::builder()
        .endpoint(endpoint)
        .credentials(StaticCredentials::access_key(id, secret)?)
        .build_blocking()?;

    let mut found = None;
    for cluster in client.describe_clusters_v1_pages(&DescribeClustersV1Query::default()).items() {
        let cluster = cluster?;
        println!("{:?} {:?} at {:?}", cluster.cluster_id, cluster.name, cluster.current_version);
        found = found.or(cluster.cluster_id);
    }
    let cluster_id = found.ok_or("there is no cluster")?;

    let request = UpgradeClusterRequest { next_version: Some("1.32.1-aliyun.1".to_owned()), ..Default::default() };
    let started = client.upgrade_cluster(&cluster_id, &request)?;
    println!("task {:?}, request id {:?}", started.task_id, started.request_id());
    let detail = client.describe_cluster_detail(&cluster_id)?;
    println!("the cluster is {:?}", detail.state);
    Ok(())
}

/// Starts the emulator on a thread of its own: its address and an access key.
fn emulator() -> Result<(String, (String, String)), Box<dyn Error>> {
    let (started, starting) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            let emulator = Emulator::builder().start().await;
            let known = emulator.as_ref().map(|emulator| (emulator.endpoint(), emulator.access_keys().remove(0)));
            let _ = started.send(known.map_err(ToString::to_string));
            std::future::pending::<()>().await;
        });
    });
    Ok(starting.recv()??)
}
