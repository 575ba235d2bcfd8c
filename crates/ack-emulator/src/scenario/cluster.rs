//! The clusters of a scenario file. This is the one place that turns what is written there into seeds.
//!
//! The seeds read themselves; the tables say the same once more, with paths, meanings and a JSON Schema. A test holds the
//! two together.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ClusterSeed;
use crate::form::{Form, Key};

pub(super) const KEYS: &[Key] = &[
    Key::required("id", Form::Text, "The cluster id"),
    Key::new("name", Form::Text, "The name; by default the id"),
    Key::required("version", Form::Text, "The Kubernetes version, such as 1.31.1-aliyun.1"),
    Key::new(
        "cluster_type",
        Form::Text,
        "ManagedKubernetes (the default), or Kubernetes for a dedicated one with three masters",
    ),
    Key::new("cluster_spec", Form::Text, "The specification of a managed cluster; ack.pro.small by default"),
    Key::new("profile", Form::Text, "The profile; Default by default"),
    Key::new("state", Form::Text, "The state while no upgrade changes it; running by default"),
    Key::new("region", Form::Text, "The region; by default that of the emulator"),
    Key::new(
        "nodes",
        Form::Whole(0, 10_000),
        "The number of worker nodes in the default node pool; 3 by default if there is no other pool",
    ),
    Key::new("node_pools", Form::Objects(NODE_POOL), "Node pools besides the default one"),
    Key::new("addons", Form::Objects(ADDON), "The add-ons; three by default"),
    Key::new("tags", Form::TextMap, "The tags"),
    Key::new("findings", Form::Objects(FINDING), "What checks find; nothing by default"),
    Key::new("incidents", Form::Objects(INCIDENT), "What befalls the tasks of the cluster"),
    Key::new("tasks", Form::Objects(TASK), "Tasks that are there besides the upgrades that clients start"),
    Key::new("operation_plans", Form::Objects(PLAN), "Upgrades that ACK has planned by itself"),
    Key::new("maintenance_window", Form::Object(MAINTENANCE_WINDOW), "The maintenance window that is told of"),
    Key::new(
        "max_node_skew",
        Form::Whole(0, 100),
        "How many minor versions nodes may be behind the control plane; 1 by default",
    ),
    Key::new("wording", Form::Object(WORDING), "Other spellings of values: by documented value, what answers say"),
];

const NODE_POOL: &[Key] = &[
    Key::required("id", Form::Text, "The node pool id"),
    Key::new("name", Form::Text, "The name; by default the id"),
    Key::new("nodes", Form::Whole(0, 10_000), "The number of nodes; 3 by default"),
    Key::new("version", Form::Text, "The Kubernetes version of the nodes; by default that of the control plane"),
    Key::new("troubles", Form::Objects(NODE_TROUBLE), "Nodes that something goes wrong with"),
];

const NODE_TROUBLE: &[Key] = &[
    Key::required("node", Form::Whole(0, 10_000), "The position of the node in its pool, from 0"),
    Key::required("trouble", Form::Variant(TROUBLE), "What goes wrong"),
];

const TROUBLE: &[Key] = &[
    Key::new(
        "drain_takes",
        Form::Object(&[Key::required("duration", Form::Duration, "How long the drain takes")]),
        "Its drain takes this long instead",
    ),
    Key::new(
        "drain_sticks",
        Form::Nothing,
        "Its drain does not end until the task is paused and resumed, or it is released",
    ),
    Key::new("drain_sticks_forever", Form::Nothing, "No drain of it ends until it is released"),
    Key::new("fails", Form::Object(MESSAGE), "Its upgrade fails once; another attempt goes through"),
];

const MESSAGE: &[Key] = &[Key::required("message", Form::Text, "What the API reports")];

const ADDON: &[Key] = &[
    Key::required("name", Form::Text, "The name, such as coredns"),
    Key::required("version", Form::Text, "The version that is installed"),
    Key::new("next_version", Form::Text, "The version it can be upgraded to; by default none"),
    Key::new("required", Form::Flag, "Whether the cluster needs it; false by default"),
    Key::new("config", Form::Text, "Its settings, as a JSON text"),
];

const FINDING: &[Key] = &[
    Key::required("group", Form::Text, "The group of checks that it belongs to"),
    Key::required("level", Form::Word(&["warning", "error"]), "Whether it keeps an upgrade from going on"),
    Key::required("message", Form::Text, "What was found"),
    Key::new("targets", Form::TextList, "What it was found at"),
    Key::new("checks", Form::TextList, "The types of checks that find it; by default all"),
    Key::new("node_pool", Form::Text, "The node pool that it is about; by default none"),
];

pub(crate) const INCIDENT: &[Key] = &[
    Key::required("stage", Form::Word(STAGES), "The stage at which it happens"),
    Key::new("after", Form::Duration, "How long after the start of the stage"),
    Key::new("node_pool", Form::Text, "The node pool whose next upgrade it happens to, in place of the cluster's"),
    Key::new("addon", Form::Text, "The add-on whose next upgrade it happens to, in place of the cluster's"),
    Key::required("effect", Form::Variant(EFFECT), "What happens"),
];

const STAGES: &[&str] = &[
    "precheck",
    "upgrade_control_plane",
    "upgrade_master1",
    "upgrade_master2",
    "upgrade_master3",
    "upgrade_nodes",
    "upgrade_addons",
    "run",
];

const EFFECT: &[Key] = &[
    Key::new("fail", Form::Object(MESSAGE), "The task fails"),
    Key::new(
        "pause_for_error",
        Form::Object(MESSAGE),
        "The task pauses by itself, and tries the stage again when resumed",
    ),
    Key::new(
        "pause_by_person",
        Form::Object(&[Key::new("resume_after", Form::Duration, "When it is resumed; by default never")]),
        "Somebody else pauses the task",
    ),
    Key::new("cancel_by_person", Form::Nothing, "Somebody else cancels the task"),
    Key::new("delay", Form::Object(&[Key::required("by", Form::Duration, "By how much")]), "The stage takes longer"),
    Key::new("hang", Form::Nothing, "The stage makes no progress until the task is paused and resumed"),
    Key::new("show_state", Form::Object(STATE), "The task shows this state while it is running"),
    Key::new("vanish", Form::Nothing, "The task is forgotten, and goes on unseen"),
    Key::new("show_cluster_state", Form::Object(STATE), "The cluster shows this state from now on"),
    Key::new("never_settle", Form::Nothing, "The task succeeds, and the cluster stays upgrading for ever"),
    Key::new("keep_old_version", Form::Nothing, "The task succeeds, and the cluster comes back at its old version"),
];

const STATE: &[Key] = &[Key::required("state", Form::Text, "The state to show")];

const TASK: &[Key] = &[
    Key::required("type", Form::Text, "The type, which is not that of an upgrade"),
    Key::new("id", Form::Text, "The task id; by default one is made"),
    Key::new("age", Form::Duration, "How long ago it began; 0s by default"),
    Key::new("duration", Form::Duration, "How long it takes; 5m by default"),
    Key::new("failure", Form::Text, "The message with which it fails; by default it succeeds"),
];

const PLAN: &[Key] = &[
    Key::required("to", Form::Text, "The version to upgrade to"),
    Key::new("id", Form::Text, "The id of the plan; by default one is made"),
    Key::new("starts_after", Form::Duration, "When it starts; 0s by default"),
    Key::new("lasts", Form::Duration, "How long its window is; 3h by default"),
    Key::new("state", Form::Text, "Its state; Scheduled by default"),
];

const MAINTENANCE_WINDOW: &[Key] = &[
    Key::new("enable", Form::Flag, "Whether it is in force"),
    Key::new("maintenance_time", Form::Text, "When it begins, such as 03:00:00Z"),
    Key::new("duration", Form::Text, "How long it is, in the words of the API, such as 3h"),
    Key::new("weekly_period", Form::Text, "The days of the week, such as Monday,Thursday"),
    Key::new("recurrence", Form::Text, "The recurrence, as an RRULE"),
    Key::new("exclusions", Form::Objects(EXCLUSION), "When it is not in force all the same"),
];

const EXCLUSION: &[Key] = &[
    Key::new("name", Form::Text, "The name"),
    Key::new("description", Form::Text, "What it is for"),
    Key::new("scope", Form::Text, "What is excluded"),
    Key::new("start_time", Form::Text, "When it begins"),
    Key::new("end_time", Form::Text, "When it ends"),
];

const WORDING: &[Key] = &[
    Key::new("task_state", Form::TextMap, "The state of a task"),
    Key::new("stage_state", Form::TextMap, "The state of a stage of a task"),
    Key::new("task_result", Form::TextMap, "The status of a result of a task"),
    Key::new("upgrade_step", Form::TextMap, "The upgrade_step of GetUpgradeStatus"),
    Key::new("upgrade_status", Form::TextMap, "The status of GetUpgradeStatus"),
    Key::new("upgrade_task_status", Form::TextMap, "The upgrade_task.status of GetUpgradeStatus"),
    Key::new("cluster_state", Form::TextMap, "The state of a cluster"),
    Key::new("node_pool_state", Form::TextMap, "The state of a node pool"),
    Key::new("addon_state", Form::TextMap, "The state of an installed add-on"),
    Key::new("addon_upgrade_status", Form::TextMap, "The status of an add-on's upgrade"),
    Key::new("check_status", Form::TextMap, "The status of a cluster check"),
    Key::new("operation_plan_state", Form::TextMap, "The state of an operation plan"),
];

/// The seed of a cluster whose settings fit [`KEYS`], or what is wrong with it as a whole.
pub(super) fn seed(settings: Value) -> Result<ClusterSeed, String> {
    let seed: ClusterSeed = read(settings)?;
    seed.check().map_err(|error| error.to_string())?;
    Ok(seed)
}

/// Reads settings that fit their table.
pub(crate) fn read<T: DeserializeOwned>(settings: Value) -> Result<T, String> {
    serde_json::from_value(settings).map_err(|error| format!("cannot be read: {error}"))
}
