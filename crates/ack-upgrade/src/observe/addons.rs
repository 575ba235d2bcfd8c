//! A look at the upgrade of add-ons: its task, and the add-ons themselves.

use ack_client::Error;
use ack_client::models::{AddonInstanceSummary, AddonState};

use super::notices::newest;
use super::{Look, Rest, Told, phase_of, reading, task_of, verify};
use crate::handle::{AddonTarget, UpgradeHandle};
use crate::phase::Phase;
use crate::status::{AddonStatus, Count, Progress, Source, UpgradeStatus};
use crate::upgrades::Upgrades;

pub(super) async fn look(upgrades: &Upgrades, handle: &UpgradeHandle, wanted: &[AddonTarget]) -> Result<Look, Error> {
    let list = upgrades.client.list_cluster_addon_instances(&handle.cluster_id).await?;
    let (task, amiss) = task_of(upgrades, handle).await?;
    let told = task.as_ref().map(|task| Told::of_task(task)).unwrap_or_default();
    let states: Vec<AddonStatus> = wanted.iter().map(|addon| status_of(addon, &list.addons)).collect();
    let shortfall = states.iter().find_map(shortfall);
    let rest = rest(&states);
    let is_verified = states.iter().all(|addon| addon.target_version.is_some() && addon.version.is_some());
    let reported = task.as_ref().map_or(Phase::NotStarted, |task| phase_of(task));
    let phase = verify(reported, &rest, shortfall.as_deref());
    let source = if task.is_some() { Source::DescribeTaskInfo } else { Source::ListClusterAddonInstances };
    let request_id = task.as_ref().map_or_else(|| list.request_id(), |task| task.request_id());
    let task_ref = task.as_deref();
    let pause = task_ref.filter(|_| phase == Phase::Paused).map(|task| reading::pause_of(task, &told));
    let status = UpgradeStatus {
        error_message: task_ref.and_then(reading::error_of),
        task_id: task_ref.and_then(|task| task.task_id.clone()).or_else(|| handle.task_id.clone()),
        stage: task_ref.and_then(reading::stage),
        progress: task_ref.and_then(|task| Progress::of(reading::stages(task), None::<Count>)),
        paused_by: pause.map(|pause| pause.by),
        last_event: newest(&told),
        started_at: task_ref.and_then(|task| task.created.clone()),
        updated_at: task_ref.and_then(|task| task.updated.clone()),
        request_id: request_id.map(str::to_owned),
        addon_states: states,
        ..UpgradeStatus::new(handle, phase, source)
    };
    let is_pause_stated = pause.is_some_and(|pause| pause.is_stated);
    Ok(Look { status, told, rest, shortfall, is_pause_stated, is_verified, others: Vec::new(), amiss })
}

fn status_of(wanted: &AddonTarget, installed: &[AddonInstanceSummary]) -> AddonStatus {
    let found = installed.iter().find(|addon| addon.name.as_deref() == Some(wanted.name.as_str()));
    AddonStatus {
        name: wanted.name.clone(),
        state: found.and_then(|addon| addon.state.clone()),
        version: found.and_then(|addon| addon.version.clone()),
        target_version: wanted.version.clone(),
    }
}

fn shortfall(addon: &AddonStatus) -> Option<String> {
    let name = &addon.name;
    match (&addon.target_version, &addon.version) {
        (_, None) => Some(format!("add-on {name} is not installed")),
        (Some(target), Some(version)) if target != version => {
            Some(format!("add-on {name} is at {version} and not {target}"))
        }
        _ => None,
    }
}

fn rest(addons: &[AddonStatus]) -> Rest {
    let broken = addons.iter().find_map(|addon| match &addon.state {
        Some(state @ (AddonState::Failed | AddonState::Unhealthy | AddonState::Deleting | AddonState::Deleted)) => {
            Some(format!("add-on {} is `{state}`", addon.name))
        }
        _ => None,
    });
    match broken {
        Some(broken) => Rest::Broken(broken),
        None if addons.iter().all(|addon| matches!(addon.state, None | Some(AddonState::Active))) => Rest::InOrder,
        None => Rest::Moving,
    }
}
