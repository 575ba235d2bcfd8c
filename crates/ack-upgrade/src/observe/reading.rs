//! What an upgrade task says of itself. Little of it is documented, so every known spelling is tried.

use ack_client::models::{DescribeTaskInfoResponse, TaskResultStatus};
use serde_json::{Map, Value};

use crate::event::Level;
use crate::handle::{AddonTarget, UpgradeKind};
use crate::observe::Told;
use crate::outcome::PausedBy;
use crate::phase::Phase;
use crate::status::Count;

/// The kind of upgrade that a type of task stands for, without what only the task itself tells. No list of types is
/// published; `cluster_upgrade` is the one that is sure.
pub(crate) fn kind_of(task_type: &str) -> Option<UpgradeKind> {
    let name: String = task_type.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    if !name.contains("upgrade") {
        None
    } else if name.contains("nodepool") {
        Some(UpgradeKind::node_pool(""))
    } else if name.contains("addon") || name.contains("component") {
        Some(UpgradeKind::addons([]))
    } else if name.contains("cluster") || name.contains("master") {
        Some(UpgradeKind::ControlPlane)
    } else {
        None
    }
}

/// The kind of upgrade a task is, with the node pool or the add-ons as far as it tells them.
pub(crate) fn upgrade_of(task: &DescribeTaskInfoResponse) -> Option<UpgradeKind> {
    Some(match kind_of(task.task_type.as_deref()?)? {
        UpgradeKind::NodePool { .. } => UpgradeKind::node_pool(nodepool_of(task).unwrap_or_default()),
        UpgradeKind::Addons { .. } => UpgradeKind::addons(addons_of(task)),
        kind => kind,
    })
}

/// The version an upgrade task leads to.
pub(crate) fn target_of(task: &DescribeTaskInfoResponse) -> Option<String> {
    text(&task.parameters, &["next_version", "target_version", "kubernetes_version", "version"])
}

/// The node pool that a task works on.
pub(crate) fn nodepool_of(task: &DescribeTaskInfoResponse) -> Option<String> {
    let target = task.target.as_ref().filter(|target| target.type_.as_deref().is_none_or(|kind| !is_cluster(kind)));
    text(&task.parameters, &["nodepool_id", "node_pool_id", "nodePoolId", "NodepoolId"])
        .or_else(|| target.and_then(|target| target.id.clone()))
}

fn is_cluster(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("cluster")
}

/// The add-ons that a task upgrades: the items of a list, or the names in the parameters.
pub(crate) fn addons_of(task: &DescribeTaskInfoResponse) -> Vec<AddonTarget> {
    let lists = ["components", "addons", "items"].iter().filter_map(|name| task.parameters.get(*name)?.as_array());
    let items: Vec<&Map<String, Value>> = lists.flatten().filter_map(Value::as_object).collect();
    let alone = std::iter::once(&task.parameters).filter(|_| items.is_empty());
    items
        .iter()
        .copied()
        .chain(alone)
        .filter_map(|item| {
            let name = text(item, &["component_name", "addon_name", "name"])?;
            Some(AddonTarget { name, version: text(item, &["next_version", "version"]) })
        })
        .collect()
}

fn text(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let found = names.iter().find_map(|name| object.get(*name)?.as_str().filter(|text| !text.is_empty()));
    found.map(str::to_owned)
}

/// Why a task failed or stopped, in the service's words.
pub(crate) fn error_of(task: &DescribeTaskInfoResponse) -> Option<String> {
    let stated = task.error.as_ref().and_then(|error| {
        let message = error.message.as_deref().filter(|message| !message.is_empty());
        let code = error.code.as_deref().filter(|code| !code.is_empty());
        match (message, code) {
            (Some(message), Some(code)) => Some(format!("{message} ({code})")),
            (Some(text), None) | (None, Some(text)) => Some(text.to_owned()),
            (None, None) => None,
        }
    });
    stated.or_else(|| {
        let parts = failed_parts(task);
        let (all, listed) = (task.task_result.len(), parts.iter().take(5).copied().collect::<Vec<_>>().join(", "));
        (!parts.is_empty() && has_ended(task)).then(|| format!("{} of {all} parts failed: {listed}", parts.len()))
    })
}

fn has_ended(task: &DescribeTaskInfoResponse) -> bool {
    let phase = Phase::of_task_state(task.state.as_ref());
    phase.is_final() || phase == Phase::Finishing
}

/// The resources for which a task reports a failure, by name where they have one: the data of an add-on is JSON text. It
/// can report success all the same.
pub(crate) fn failed_parts(task: &DescribeTaskInfoResponse) -> Vec<&str> {
    let failed = task.task_result.iter().filter(|result| result.status == Some(TaskResultStatus::Failed));
    failed.map(|result| result.name.as_deref().or(result.data.as_deref()).unwrap_or("a part without a name")).collect()
}

/// How many of the stages a task lists so far have ended well.
pub(crate) fn stages(task: &DescribeTaskInfoResponse) -> Option<Count> {
    let ended = |state: &str| ["success", "succeeded"].iter().any(|done| state.eq_ignore_ascii_case(done));
    let done = task.stages.iter().filter(|stage| stage.state.as_deref().is_some_and(ended)).count();
    (!task.stages.is_empty()).then(|| Count::new(done, task.stages.len()))
}

/// How many of the parts a task lists are done.
pub(crate) fn parts(task: &DescribeTaskInfoResponse) -> Option<Count> {
    let listed = task.task_result.iter().filter(|result| result.status.is_some());
    let done = task.task_result.iter().filter(|result| result.status == Some(TaskResultStatus::Success)).count();
    let total = listed.count();
    (total > 0).then(|| Count::new(done, total))
}

pub(crate) fn stage(task: &DescribeTaskInfoResponse) -> Option<String> {
    task.current_stage.clone().filter(|stage| !stage.is_empty())
}

/// Who or what paused a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    pub(crate) by: PausedBy,
    /// Whether something says so. A policy that pauses now and then says nothing of the pause at hand.
    pub(crate) is_stated: bool,
}

/// Who or what paused a task: the service does not say, so its error, its events and its pause policy are asked.
pub(crate) fn pause_of(task: &DescribeTaskInfoResponse, told: &[Told]) -> Pause {
    let stated = |by| Pause { by, is_stated: true };
    if error_of(task).is_some() {
        return stated(PausedBy::Error);
    }
    let about_pause =
        told.iter().rev().map(|told| (told.words(), told.notice.level)).find(|(words, _)| words.contains("pause"));
    let has_policy = |names: &[&str]| {
        pause_policy(&task.parameters).is_some_and(|policy| names.iter().any(|own| policy.eq_ignore_ascii_case(own)))
    };
    match about_pause {
        Some((_, Level::Error)) => stated(PausedBy::Error),
        Some((words, _)) if ["policy", "batch"].iter().any(|word| words.contains(word)) => stated(PausedBy::Policy),
        Some((words, _)) if ["user", "manual", "person", "pausetask"].iter().any(|word| words.contains(word)) => {
            stated(PausedBy::Person)
        }
        // It pauses whenever a batch is done, and so would at this point.
        _ if has_policy(&["EveryBatch"]) => stated(PausedBy::Policy),
        _ if has_policy(&["FirstBatch"]) => Pause { by: PausedBy::Policy, is_stated: false },
        _ => Pause { by: PausedBy::Person, is_stated: false },
    }
}

/// The policy that says when a task pauses between batches.
fn pause_policy(parameters: &Map<String, Value>) -> Option<String> {
    let nested = parameters.get("rolling_policy").and_then(Value::as_object);
    [Some(parameters), nested].into_iter().flatten().find_map(|object| text(object, &["pause_policy"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(json: &str) -> DescribeTaskInfoResponse {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn types_of_tasks() {
        for (task_type, kind) in [
            ("cluster_upgrade", Some("control plane")),
            ("Cluster_Upgrade", Some("control plane")),
            ("master_upgrade", Some("control plane")),
            ("nodepool_upgrade", Some("node pool ")),
            ("nodePool_upgrade", Some("node pool ")),
            ("cluster_nodepool_upgrade", Some("node pool ")),
            ("cluster_addon_upgrade", Some("add-ons ")),
            ("cluster_scaleout", None),
            ("cluster_addon_install", None),
            ("runtime_upgrade", None),
            ("", None),
        ] {
            assert_eq!(kind_of(task_type).map(|kind| kind.to_string()).as_deref(), kind, "{task_type}");
        }
    }

    #[test]
    fn success_that_hides_failures() {
        let hidden = task(
            r#"{"state":"success","task_result":[{"data":"i-1","status":"success"},{"data":"i-2","status":"failed"}]}"#,
        );
        assert_eq!(super::super::phase_of(&hidden), Phase::Failed);
        assert_eq!(error_of(&hidden).as_deref(), Some("1 of 2 parts failed: i-2"));
        assert_eq!(parts(&hidden), Some(Count::new(1, 2)));
    }

    #[test]
    fn errors_in_words() {
        for (json, words) in [
            (r#"{"error":{"code":"400","message":"m"}}"#, Some("m (400)")),
            (r#"{"error":{"code":"400","message":""}}"#, Some("400")),
            (r#"{"error":{"message":"m"}}"#, Some("m")),
            (r#"{"error":{}}"#, None),
            (r#"{"error":null,"state":"running","task_result":[{"data":"i-2","status":"failed"}]}"#, None),
        ] {
            assert_eq!(error_of(&task(json)).as_deref(), words, "{json}");
        }
    }

    #[test]
    fn what_a_task_works_on() {
        let pool = task(r#"{"task_type":"nodepool_upgrade","target":{"id":"np1","type":"nodepool"}}"#);
        assert_eq!(upgrade_of(&pool), Some(UpgradeKind::node_pool("np1")));
        let pool = task(
            r#"{"task_type":"nodepool_upgrade","target":{"id":"c1","type":"cluster"},"parameters":{"nodepool_id":"np1"}}"#,
        );
        assert_eq!(upgrade_of(&pool), Some(UpgradeKind::node_pool("np1")));
        let addons = task(
            r#"{"task_type":"cluster_addon_upgrade","parameters":{"components":[{"component_name":"coredns","next_version":"v2"}]}}"#,
        );
        let coredns = AddonTarget::new("coredns").with_version("v2");
        assert_eq!(upgrade_of(&addons), Some(UpgradeKind::addons([coredns])));
    }

    #[test]
    fn who_paused() {
        for (json, by) in [
            (r#"{"error":{"message":"drain failed"}}"#, PausedBy::Error),
            (r#"{"parameters":{"rolling_policy":{"pause_policy":"EveryBatch"}}}"#, PausedBy::Policy),
            (r#"{"parameters":{"pause_policy":"NotPause"}}"#, PausedBy::Person),
            (
                r#"{"parameters":{"pause_policy":"EveryBatch"},"events":[{"reason":"TaskPaused","message":"paused by user"}]}"#,
                PausedBy::Person,
            ),
            (r#"{"events":[{"message":"paused after the first batch"}]}"#, PausedBy::Policy),
            (r#"{"events":[{"level":"Error","message":"paused: a node failed"}]}"#, PausedBy::Error),
            ("{}", PausedBy::Person),
        ] {
            let task = task(json);
            assert_eq!(pause_of(&task, &Told::of_task(&task)).by, by, "{json}");
        }
    }
}
