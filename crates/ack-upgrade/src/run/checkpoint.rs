//! How far a run has come.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::handle::UpgradeHandle;
use crate::plan::Plan;
use crate::stored;
use crate::watch::PauseMark;

/// What the stored form says it is.
const FORMAT: &str = "ack-upgrade-checkpoint";
/// The version of the stored form. It rises when older readers would misread it.
const FORMAT_VERSION: u32 = 1;

/// A plan, and how far it has been carried out: what it takes to go on in another process.
///
/// It is kept before each start is sent and after each answer, so that no start is repeated blindly. Its stored form is
/// JSON and holds no secrets. Without it a run can still go on: a new plan for the same version holds what is left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Checkpoint {
    format: String,
    format_version: u32,
    /// The plan.
    pub plan: Plan,
    /// When it was kept, as an RFC 3339 time.
    pub updated_at: String,
    /// Whether everything is done.
    pub finished: bool,
    /// How far each step has come, by its ID; those that are missing have not begun.
    pub steps: BTreeMap<String, StepProgress>,
}

/// How far a step has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepProgress {
    /// Its start is about to be sent, and may have been.
    Starting {
        /// The newest task of its kind before that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        known_task: Option<String>,
        /// What it is to be found by.
        handle: UpgradeHandle,
    },
    /// It has been started, or one under way was joined.
    Started {
        /// What to follow it by.
        handle: UpgradeHandle,
        /// What the run has done about the end of the window.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window_pause: Option<WindowPause>,
    },
    /// It has succeeded.
    Done,
    /// It has failed or was cancelled, which has been reported. It is started again by the next run.
    Failed {
        /// How it ended, in words.
        reason: String,
    },
}

/// A pause that the run itself has asked for at the end of the window, and is to end when it opens again.
///
/// It is kept before a request is sent and after its answer, so that whoever goes on knows whose pause it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum WindowPause {
    /// The request to pause is about to be sent, and may have been.
    Asking {
        /// When, as an RFC 3339 time.
        since: String,
    },
    /// The service has taken it. Nodes that are being worked on are finished first, however long that takes.
    Asked {
        /// When, as an RFC 3339 time.
        since: String,
    },
    /// It has been seen paused.
    InEffect {
        /// What was seen.
        seen: PauseMark,
    },
    /// The request to resume is about to be sent, and may have been.
    Resuming {
        /// When, as an RFC 3339 time.
        since: String,
        /// What was seen of the pause.
        seen: PauseMark,
    },
    /// Somebody has resumed it while the window was closed. It is left going until the window has opened again.
    Overruled,
}

impl Checkpoint {
    pub(super) fn new(plan: Plan, updated_at: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            plan,
            updated_at,
            finished: false,
            steps: BTreeMap::new(),
        }
    }

    /// The stored form: indented JSON with a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        stored::to_json(self)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if the text is no checkpoint, or one of a later format.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &dyn std::fmt::Display| {
            Error::invalid(format!(
                "the checkpoint cannot be read: {problem}; without it a run makes a new plan for what is left"
            ))
        };
        let value = stored::of_version(text, FORMAT, FORMAT_VERSION, wrong)?;
        let plan = value.get("plan").map(ToString::to_string).unwrap_or_default();
        Plan::from_json(&plan)?;
        serde_json::from_value(value).map_err(|error| wrong(&error))
    }
}
