//! What a check before an upgrade has found.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something a precheck has found that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PrecheckFinding {
    /// Whether the upgrade can go on in spite of it.
    pub severity: Severity,
    /// The check, as the service names it, such as a group of GetClusterCheck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What is wrong, in the service's words.
    pub message: String,
    /// What it was found on: nodes, API objects and their like.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
}

/// What a finding means for the upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// The upgrade goes on; deprecated APIs in use are of this kind.
    Warning,
    /// The upgrade does not start until it is mended.
    Blocking,
}

impl PrecheckFinding {
    /// A finding without check and targets.
    #[must_use]
    pub fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self { severity, check: None, message: message.into(), targets: Vec::new() }
    }

    /// Names the check.
    #[must_use]
    pub fn with_check(self, check: impl Into<String>) -> Self {
        Self { check: Some(check.into()), ..self }
    }

    /// Names what it was found on.
    #[must_use]
    pub fn with_targets(self, targets: impl IntoIterator<Item = String>) -> Self {
        Self { targets: targets.into_iter().collect(), ..self }
    }
}

impl fmt::Display for PrecheckFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity)?;
        if let Some(check) = &self.check {
            write!(f, "{check}: ")?;
        }
        f.write_str(&self.message)?;
        if !self.targets.is_empty() {
            write!(f, " ({})", self.targets.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Warning => "warning",
            Self::Blocking => "blocking",
        })
    }
}
