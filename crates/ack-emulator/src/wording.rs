//! How answers spell their values, where the documents and the field disagree.

use std::collections::BTreeMap;

use ack_models::{
    AddonState, ClusterCheckStatus, ClusterState, NodePoolState, OperationPlanState, TaskResultStatus, TaskState,
    UpgradeState, UpgradeStep, UpgradeTaskState,
};
use serde::Deserialize;

use crate::Error;
use crate::seed::check_text;

/// The spelling of values in the answers about a cluster. Without an entry a value is spelled as documented.
///
/// Clients of ACK have met `fail` and `failed`, `canceled` and `cancelled`, `success`, `Success` and `succeeded`, and
/// values that no document lists. This makes an emulator spell one for another, or show a value that nobody knows.
///
/// In a file: `{"task_state": {"fail": "failed", "running": "verifying"}}`.
///
/// ```
/// use ack_emulator::{ClusterSeed, Vocabulary, Wording};
///
/// let english = Wording::default()
///     .with(Vocabulary::TaskState, "fail", "failed")
///     .with(Vocabulary::TaskState, "canceled", "cancelled");
/// let seed = ClusterSeed::managed("c106f377e16f", "demo", "1.31.1-aliyun.1").with_wording(english);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Wording {
    words: BTreeMap<Vocabulary, BTreeMap<String, String>>,
}

/// A set of values that answers spell alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Vocabulary {
    /// The state of a task: `running`, `success`, `fail`, `paused`, `canceled`.
    TaskState,
    /// The state of a stage of a task: `running`, `success`, `fail`, `paused`, `canceled`.
    StageState,
    /// The status of a result of a task: `initial`, `success`, `failed`.
    TaskResult,
    /// The `upgrade_step` of GetUpgradeStatus: `not_start`, `prechecking`, `upgrading`, `pause`, `success`.
    UpgradeStep,
    /// The `status` of GetUpgradeStatus: `running`, `success`, `fail`, `pause`.
    UpgradeStatus,
    /// The `upgrade_task.status` of GetUpgradeStatus: `running`, `Success`, `Failed`.
    UpgradeTaskStatus,
    /// The state of a cluster, such as `running` or `upgrading`.
    ClusterState,
    /// The state of a node pool: `active`, `updating`.
    NodePoolState,
    /// The state of an installed add-on: `active`, `upgrading`.
    AddonState,
    /// The `tasks.status` of the deprecated status of an add-on's upgrade: `Running`, `Success`, `Failed`, `Paused`,
    /// `Canceled`.
    AddonUpgradeStatus,
    /// The status of a cluster check: `Running`, `Succeeded`, `Failed`.
    CheckStatus,
    /// The state of an operation plan: `Scheduled`, `Executing`, `Executed`, `Failed`, `Canceled`.
    OperationPlanState,
}

impl Wording {
    /// Spells `documented` as `shown` from now on.
    #[must_use]
    pub fn with(mut self, vocabulary: Vocabulary, documented: impl Into<String>, shown: impl Into<String>) -> Self {
        self.words.entry(vocabulary).or_default().insert(documented.into(), shown.into());
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        self.words.values().flatten().try_for_each(|(documented, shown)| {
            check_text("documented value", documented, true)?;
            check_text("spelling", shown, true)
        })
    }

    /// A value in the spelling that is wanted, which may be in other letter case only.
    pub(crate) fn spell<T: Spelled>(&self, value: T) -> T {
        let replacement = self.words.get(&T::VOCABULARY).and_then(|words| words.get(value.text()));
        replacement.map_or(value, |shown| T::verbatim(shown.clone()))
    }

    pub(crate) fn text<'a>(&'a self, vocabulary: Vocabulary, documented: &'a str) -> &'a str {
        self.words.get(&vocabulary).and_then(|words| words.get(documented)).map_or(documented, String::as_str)
    }
}

/// A value that has more than one spelling.
pub(crate) trait Spelled {
    const VOCABULARY: Vocabulary;

    fn text(&self) -> &str;

    /// The value written exactly so, even if it is another only by letter case.
    fn verbatim(text: String) -> Self;
}

macro_rules! spelled {
    ($($value:ident: $vocabulary:ident,)*) => {
        $(impl Spelled for $value {
            const VOCABULARY: Vocabulary = Vocabulary::$vocabulary;

            fn text(&self) -> &str {
                self.as_str()
            }

            fn verbatim(text: String) -> Self {
                Self::Unknown(text)
            }
        })*
    };
}

spelled! {
    TaskState: TaskState,
    TaskResultStatus: TaskResult,
    UpgradeStep: UpgradeStep,
    UpgradeState: UpgradeStatus,
    UpgradeTaskState: UpgradeTaskStatus,
    ClusterState: ClusterState,
    NodePoolState: NodePoolState,
    AddonState: AddonState,
    ClusterCheckStatus: CheckStatus,
    OperationPlanState: OperationPlanState,
}
