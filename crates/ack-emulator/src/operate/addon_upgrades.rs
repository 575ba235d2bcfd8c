//! DescribeClusterAddonUpgradeStatus and DescribeClusterAddonsUpgradeStatus: the latest upgrades of add-ons in the terms
//! of the old API.

use serde_json::{Map, Value, json};

use super::addons::latest_upgrade;
use super::paging::Query;
use super::{Answer, Scene, read};
use crate::Vocabulary;
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;
use crate::state::{Addon, Cluster, Outcome, Standing};
use crate::times::utc;

/// What stands for a time that has never been.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// DescribeClusterAddonUpgradeStatus.
pub(super) fn one(scene: &mut Scene<'_>, cluster_id: &str, name: &str) -> Result<Answer, Refusal> {
    let cluster = scene.cluster(cluster_id)?;
    let addon = cluster.world.addons.get(name).ok_or_else(|| Refusal::addon_not_found(name))?;
    Ok(Answer::Documented(Map::from_iter([(name.to_owned(), status(cluster, name, addon))]).into()))
}

/// DescribeClusterAddonsUpgradeStatus: those of the add-ons asked for that are installed.
pub(super) fn several(scene: &mut Scene<'_>, call: &Call, received: &Received, body: &[u8]) -> Result<Answer, Refusal> {
    read::request(call, received, body)?;
    let query = Query::parse(received.query());
    // The check has found it to be a list of texts.
    let wanted: Vec<String> = serde_json::from_str(query.get("componentIds").unwrap_or("[]")).unwrap_or_default();
    let cluster = scene.cluster(call.id())?;
    let found = wanted.into_iter().filter_map(|name| {
        let value = status(cluster, &name, cluster.world.addons.get(&name)?);
        Some((name, value))
    });
    Ok(Answer::Documented(Value::Object(found.collect())))
}

fn status(cluster: &Cluster, name: &str, addon: &Addon) -> Value {
    let latest = latest_upgrade(cluster, name, addon);
    let (status, created, finished, message) = match latest {
        None => ("NoUpgrade", None, None, String::new()),
        Some((task, outcome)) => {
            let (status, finished) = match (outcome, task.standing()) {
                (Outcome::Succeeded(at), _) => ("Success", Some(at)),
                (Outcome::Failed(at), _) => ("Failed", Some(at)),
                (_, Standing::Failed) => ("Failed", task.ended),
                (_, Standing::Canceled) => ("Canceled", task.ended),
                (_, Standing::Paused(_)) => ("Paused", None),
                (_, Standing::Running | Standing::Succeeded) => ("Running", None),
            };
            let error = task.error.as_ref().and_then(|error| error.message.clone());
            (status, Some(task.started), finished, error.unwrap_or_default())
        }
    };
    let time = |time: Option<_>| time.map_or_else(|| NEVER.to_owned(), utc);
    json!({
        "addon_info": {
            "component_name": name,
            "ready_to_upgrade": if addon.next_version.is_some() { "true" } else { "false" },
            "version": addon.version,
        },
        "can_upgrade": addon.next_version.is_some(),
        "tasks": {
            "created_at": time(created),
            "finished_at": time(finished),
            "is_canceled": status == "Canceled",
            "message": message,
            "status": cluster.seed.wording.text(Vocabulary::AddonUpgradeStatus, status),
        },
    })
}
