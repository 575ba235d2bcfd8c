//! DescribeAddon: an add-on, and what it can be upgraded to.

use ack_models::{AddonNewerVersion, DescribeAddonResponse};

use super::paging::Query;
use super::{Answer, Scene, documented, read};
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;
use crate::state::Addon;

/// The add-on of the cluster that is named. Without a known one, it is that of the first cluster that has the add-on, at the
/// version that is asked for if there is one. The documented answer is that for an add-on that no cluster has.
pub(super) fn describe(
    scene: &mut Scene<'_>,
    call: &Call,
    received: &Received,
    body: &[u8],
) -> Result<Answer, Refusal> {
    read::request(call, received, body)?;
    let query = Query::parse(received.query());
    let given = |name: &str| query.get(name).filter(|value| !value.is_empty());
    let (name, version) = (call.id(), given("version"));
    // The example of the documents names a cluster that nobody has; as elsewhere, ids in a query are taken as they come.
    if let Some(Ok(cluster)) = given("cluster_id").map(|cluster_id| scene.cluster(cluster_id)) {
        let addon = cluster.world.addons.get(name).ok_or_else(|| Refusal::addon_not_found(name))?;
        return answer(name, addon, version);
    }
    let installed = || scene.state.clusters().filter_map(|cluster| cluster.world.addons.get(name));
    let fitting = installed().find(|addon| version.is_none_or(|version| version == addon.version));
    match fitting.or_else(|| installed().next()) {
        Some(addon) => answer(name, addon, version),
        None => documented::answer(scene, call, received, body),
    }
}

fn answer(name: &str, addon: &Addon, version: Option<&str>) -> Result<Answer, Refusal> {
    let version = version.unwrap_or(&addon.version);
    let newer = |newer: &String| AddonNewerVersion {
        minimum_cluster_version: Some("1.20.4".to_owned()),
        upgradable: Some(version == addon.version),
        version: Some(newer.clone()),
    };
    Answer::of(&DescribeAddonResponse {
        architecture: vec!["amd64".to_owned(), "arm64".to_owned()],
        config_schema: Some("{}".to_owned()),
        install_by_default: Some(addon.is_required),
        managed: Some(false),
        name: Some(name.to_owned()),
        newer_versions: addon.next_version.iter().map(newer).collect(),
        supported_actions: ["Install", "Upgrade", "Modify", "Uninstall"].map(str::to_owned).to_vec(),
        version: Some(version.to_owned()),
        ..Default::default()
    })
}
