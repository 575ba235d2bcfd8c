//! Whether the task that a handle names is of what the handle names beside it.
//!
//! IDs of tasks are copied by hand and kept in files, and tasks are known to the whole region: that of one cluster answers just as
//! well when another is meant.

use std::mem;

use ack_client::models::DescribeTaskInfoResponse;

use super::reading::{addons_of, kind_of, nodepool_of};
use crate::handle::{UpgradeHandle, UpgradeKind};

/// What a task is of instead, in a sentence; `None` if it may well be that of the handle. What a task does not tell counts for
/// nothing, for little of it is documented.
pub(super) fn of_something_else(
    handle: &UpgradeHandle,
    task_id: &str,
    task: &DescribeTaskInfoResponse,
) -> Option<String> {
    let told = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(other) = told(&task.task_id).filter(|own| own != task_id) {
        return Some(format!("asked for task {task_id}, the service tells of task {other}"));
    }
    let remedy = "name a task of this upgrade, or leave it out for the newest";
    let cluster_id = &handle.cluster_id;
    if let Some(other) = told(&task.cluster_id).filter(|own| own != cluster_id) {
        return Some(format!("task {task_id} is of cluster {other} and not of cluster {cluster_id}: {remedy}"));
    }
    let kind = kind_of(task.task_type.as_deref()?)?;
    // A target without a type may be the cluster.
    let own_pool = nodepool_of(task).filter(|own| own != cluster_id);
    let own_addons = addons_of(task);
    let is_named = match &handle.kind {
        UpgradeKind::ControlPlane => false,
        UpgradeKind::NodePool { nodepool_id } => own_pool.as_ref() == Some(nodepool_id),
        UpgradeKind::Addons { addons } => {
            addons.iter().any(|wanted| own_addons.iter().any(|addon| addon.name == wanted.name))
        }
    };
    let names_nothing = match kind {
        // There is one.
        UpgradeKind::ControlPlane => true,
        UpgradeKind::NodePool { .. } => own_pool.is_none(),
        UpgradeKind::Addons { .. } => own_addons.is_empty(),
    };
    if is_named || names_nothing && mem::discriminant(&kind) == mem::discriminant(&handle.kind) {
        return None;
    }
    let of = match kind {
        UpgradeKind::ControlPlane => "the control plane".to_owned(),
        UpgradeKind::NodePool { .. } => match own_pool {
            Some(nodepool_id) => format!("node pool {nodepool_id}"),
            None => "a node pool".to_owned(),
        },
        UpgradeKind::Addons { .. } if own_addons.is_empty() => "add-ons".to_owned(),
        UpgradeKind::Addons { .. } => UpgradeKind::Addons { addons: own_addons }.to_string(),
    };
    let wanted = match &handle.kind {
        UpgradeKind::ControlPlane => "the control plane".to_owned(),
        kind => kind.to_string(),
    };
    Some(format!("task {task_id} upgrades {of} and not {wanted} of cluster {cluster_id}: {remedy}"))
}
