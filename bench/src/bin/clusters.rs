//! An emulated service with many clusters, of which some are being upgraded: `clusters [--quick]`. Prints its endpoint first, and
//! ends when its standard input does.

use std::io::{Read as _, Write as _};

use ack_bench::fleet::{Size, client, cluster_id};
use ack_client::models::UpgradeClusterRequest;
use ack_emulator::{ClusterSeed, Emulator};

/// Upgrades go ten times as fast as real ones, and so take less than a minute.
const TIME_SCALE: f64 = 10.0;

fn main() -> anyhow::Result<()> {
    // A driver that is gone takes its server with it.
    std::thread::spawn(|| {
        let mut end = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut end);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let size = Size::asked_for();
        let seeds = (0..size.clusters).map(|number| {
            ClusterSeed::managed(cluster_id(number), format!("cluster-{number}"), "1.31.1-aliyun.1")
                .with_nodes(1)
                .without_addons()
        });
        let builder = Emulator::builder().time_scale(TIME_SCALE);
        let mut emulator = seeds.fold(builder, |builder, seed| builder.cluster(seed)).start().await?;
        let client = client(&emulator.endpoint())?;
        for number in 0..size.upgrades {
            let request =
                UpgradeClusterRequest { next_version: Some("1.32.6-aliyun.1".to_owned()), ..Default::default() };
            client.upgrade_cluster(&cluster_id(number), &request).await?;
        }
        writeln!(std::io::stdout().lock(), "{}", emulator.endpoint())?;
        emulator.wait().await?;
        Ok(())
    })
}
