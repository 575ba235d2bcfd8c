//! The add-ons of a cluster: UpgradeClusterAddons, ListClusterAddonInstances, GetClusterAddonInstance and
//! DescribeClusterAddonsVersion.

use ack_models::{
    AddonInstanceSummary, AddonLogging, AddonState, GetClusterAddonInstanceResponse, ListClusterAddonInstancesResponse,
    UpgradeClusterAddonsItem, UpgradeClusterAddonsResponse,
};
use serde_json::{Map, Value, json};

use super::upgrade_cluster::check_running;
use super::{Answer, Scene, read};
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;
use crate::state::{Addon, AddonJob, Cluster, Job, Outcome, Task};

/// UpgradeClusterAddons: one task for all of them, one after another.
pub(super) fn upgrade(scene: &mut Scene<'_>, call: &Call, received: &Received, body: &[u8]) -> Result<Answer, Refusal> {
    let items: Vec<UpgradeClusterAddonsItem> = read::body(call, received, body)?;
    let cluster_id = call.id();
    let (now, request_id, ids) = (scene.now, scene.request_id, scene.ids);
    let cluster = scene.cluster(cluster_id)?;
    if items.is_empty() {
        return Err(Refusal::missing_field("body[0]", "UpgradeClusterAddons"));
    }
    check_running(cluster)?;
    let mut jobs: Vec<AddonJob> = Vec::new();
    for (position, item) in items.into_iter().enumerate() {
        let job = job(cluster, position, item)?;
        if jobs.iter().any(|other| other.name == job.name) {
            let name = format!("body[{position}].component_name");
            return Err(Refusal::invalid_parameter(&name, &job.name, "is given twice"));
        }
        jobs.push(job);
    }
    let ids = ids.task();
    let task_id = ids.0.clone();
    let forgotten = cluster.start_addons(ids, jobs, now);
    scene.state.add_task(&task_id, cluster_id, forgotten);
    Answer::of(&UpgradeClusterAddonsResponse {
        cluster_id: Some(cluster_id.to_owned()),
        request_id: Some(request_id.to_owned()),
        task_id: Some(task_id),
    })
}

/// ListClusterAddonInstances.
pub(super) fn instances(scene: &mut Scene<'_>, cluster_id: &str) -> Result<Answer, Refusal> {
    let cluster = scene.cluster(cluster_id)?;
    let summary = |(name, addon): (&String, &Addon)| AddonInstanceSummary {
        name: Some(name.clone()),
        state: Some(state(cluster, name, addon)),
        version: Some(addon.version.clone()),
    };
    let addons = cluster.world.addons.iter().map(summary).collect();
    Answer::of(&ListClusterAddonInstancesResponse { addons })
}

/// GetClusterAddonInstance.
pub(super) fn instance(scene: &mut Scene<'_>, cluster_id: &str, name: &str) -> Result<Answer, Refusal> {
    let cluster = scene.cluster(cluster_id)?;
    let addon = cluster.world.addons.get(name).ok_or_else(|| Refusal::addon_not_found(name))?;
    Answer::of(&GetClusterAddonInstanceResponse {
        config: Some(addon.config.clone()),
        logging: Some(AddonLogging { capable: Some(false), enabled: Some(false), ..Default::default() }),
        name: Some(name.to_owned()),
        state: Some(state(cluster, name, addon)),
        version: Some(addon.version.clone()),
    })
}

/// DescribeClusterAddonsVersion: what is installed, and what it can be upgraded to, by name.
pub(super) fn versions(scene: &mut Scene<'_>, cluster_id: &str) -> Result<Answer, Refusal> {
    let cluster = scene.cluster(cluster_id)?;
    let entry = |(name, addon): (&String, &Addon)| {
        let can_upgrade = addon.next_version.is_some();
        let value = json!({
            "can_upgrade": can_upgrade,
            "changed": "",
            "component_name": name,
            "exist": true,
            "message": "",
            "next_version": addon.next_version.as_deref().unwrap_or_default(),
            "policy": "",
            "ready_to_upgrade": if can_upgrade { "true" } else { "false" },
            "required": addon.is_required,
            "template": "",
            "value": addon.config,
            "version": addon.version,
        });
        (name.clone(), value)
    };
    Ok(Answer::Documented(Value::Object(cluster.world.addons.iter().map(entry).collect::<Map<_, _>>())))
}

/// The task that upgrades an add-on, and what has come of the add-on in it.
pub(super) fn latest_upgrade<'c>(cluster: &'c Cluster, name: &str, addon: &Addon) -> Option<(&'c Task, Outcome)> {
    let task = cluster.task(addon.task.as_deref()?)?;
    let Job::Addons(jobs) = &task.job else { return None };
    let position = jobs.iter().position(|job| job.name == name)?;
    // The stage before those of the add-ons is the precheck.
    let outcome = task.stages.get(position + 1).map_or(Outcome::Running, |stage| stage.outcome);
    Some((task, outcome))
}

fn state(cluster: &Cluster, name: &str, addon: &Addon) -> AddonState {
    let is_upgrading = latest_upgrade(cluster, name, addon)
        .is_some_and(|(task, outcome)| task.is_in_the_way() && outcome == Outcome::Running);
    cluster.seed.wording.spell(if is_upgrading { AddonState::Upgrading } else { AddonState::Active })
}

fn job(cluster: &Cluster, position: usize, item: UpgradeClusterAddonsItem) -> Result<AddonJob, Refusal> {
    let name = item.component_name;
    let addon = cluster.world.addons.get(&name).ok_or_else(|| Refusal::addon_not_found(&name))?;
    let place = |field: &str| format!("body[{position}].{field}");
    if let Some((task, Outcome::Running)) = latest_upgrade(cluster, &name, addon)
        && task.is_in_the_way()
    {
        return Err(Refusal::addon_state(format!("addon ({name}) is upgrading by task {}", task.id)));
    }
    if let Some(version) = item.version.filter(|version| !version.is_empty() && *version != addon.version) {
        let problem = format!("is not the version of {name}, which is {}", addon.version);
        return Err(Refusal::invalid_parameter(&place("version"), &version, &problem));
    }
    let to = item.next_version;
    if addon.next_version.as_deref() != Some(to.as_str()) {
        let offered = addon.next_version.as_deref().unwrap_or("none");
        let problem =
            format!("is not a version that {name} can be upgraded to (it is at {}, offered: {offered})", addon.version);
        return Err(Refusal::invalid_parameter(&place("next_version"), &to, &problem));
    }
    let config = item.config.filter(|config| !config.is_empty());
    if let Some(config) = &config
        && serde_json::from_str::<serde::de::IgnoredAny>(config).is_err()
    {
        return Err(Refusal::invalid_parameter(&place("config"), config, "is not JSON text"));
    }
    Ok(AddonJob { name, from: addon.version.clone(), to, config })
}
