//! Checks of a cluster that clients start.

use ack_models::ClusterCheckType;
use jiff::Timestamp;

use crate::seed::{Finding, FindingLevel};

#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) id: String,
    pub(crate) check_type: ClusterCheckType,
    /// What it is about: a node pool, or nothing in particular.
    pub(crate) target: Option<String>,
    pub(crate) started: Timestamp,
    pub(crate) finished: Timestamp,
    /// What it will have found.
    pub(crate) findings: Vec<Finding>,
}

impl Check {
    /// Whether it is over and found something that is in the way.
    pub(crate) fn has_failed(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == FindingLevel::Error)
    }
}
