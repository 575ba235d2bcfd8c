//! What the precheck has found, each told once whether its report, an event of the task or its failure tells it.

use std::collections::HashSet;

use crate::event::{EventKind, Level, Notice};
use crate::finding::{PrecheckFinding, Severity};
use crate::handle::UpgradeKind;
use crate::phase::Phase;
use crate::status::UpgradeStatus;

/// How often the report of a precheck that is through is asked for before it is given up.
const ATTEMPTS: u32 = 3;

/// How many findings are told at most.
const MOST: usize = 500;

/// What has been told, and whether the report is still to be read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    attempts: u32,
    told: HashSet<String>,
    has_blocking: bool,
}

impl Findings {
    /// Whether to ask for the report: once the precheck is through, whether it went well or not.
    pub(super) fn wants_report(&self, status: &UpgradeStatus) -> bool {
        let is_through = !matches!(status.phase, Phase::NotStarted | Phase::Prechecking);
        let has_report = !matches!(status.upgrade, UpgradeKind::Addons { .. });
        has_report && is_through && self.attempts < ATTEMPTS
    }

    /// The findings of a look that none before had: those of the report, if it was asked for, those that events tell,
    /// and what a failed precheck gives as its reason if nothing else says what is in the way.
    pub(super) fn fresh(
        &mut self,
        report: Option<Option<Vec<PrecheckFinding>>>,
        events: &[EventKind],
        last: Option<&UpgradeStatus>,
        status: &UpgradeStatus,
    ) -> Vec<PrecheckFinding> {
        if let Some(report) = &report {
            self.attempts = if report.is_some() { ATTEMPTS } else { self.attempts + 1 };
        }
        let told = events.iter().filter_map(|event| match event {
            EventKind::TaskEvent { notice } => finding_of(notice),
            _ => None,
        });
        let mut fresh: Vec<_> =
            report.flatten().into_iter().flatten().chain(told).filter(|it| self.is_new(it)).collect();
        let was_prechecking = last.is_some_and(|last| last.phase == Phase::Prechecking) || stands_at_check(status);
        if status.phase == Phase::Failed && was_prechecking && !self.has_blocking {
            let reason = status.error_message.iter().map(|reason| PrecheckFinding::new(Severity::Blocking, reason));
            fresh.extend(reason.filter(|finding| self.is_new(finding)));
        }
        fresh
    }

    /// Whether an event of the service has been told as a finding, and need not be told again.
    pub(super) fn has_told(&self, event: &EventKind) -> bool {
        let EventKind::TaskEvent { notice } = event else { return false };
        finding_of(notice).is_some_and(|finding| self.told.contains(&words(&finding)))
    }

    fn is_new(&mut self, finding: &PrecheckFinding) -> bool {
        self.has_blocking |= finding.severity == Severity::Blocking;
        self.told.len() < MOST && self.told.insert(words(finding))
    }
}

/// What a report and an event say alike of the same finding.
fn words(finding: &PrecheckFinding) -> String {
    match &finding.check {
        Some(check) => format!("{check}: {}", finding.message),
        None => finding.message.clone(),
    }
}

/// Names of events are not published; a warning whose reason speaks of the precheck is taken for a finding.
fn finding_of(notice: &Notice) -> Option<PrecheckFinding> {
    let reason = notice.reason.as_deref().unwrap_or_default().to_ascii_lowercase();
    let severity = match notice.level {
        Level::Warning if reason.contains("precheck") => Severity::Warning,
        Level::Error if reason.contains("precheck") => Severity::Blocking,
        _ => return None,
    };
    notice.message.as_ref().map(|message| PrecheckFinding::new(severity, message))
}

fn stands_at_check(status: &UpgradeStatus) -> bool {
    status.stage.as_deref().is_some_and(|stage| stage.to_ascii_lowercase().contains("check"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::UpgradeHandle;
    use crate::status::Source;

    fn status(phase: Phase, error: Option<&str>) -> UpgradeStatus {
        let mut status = UpgradeStatus::new(&UpgradeHandle::new("c1"), phase, Source::DescribeTaskInfo);
        status.error_message = error.map(str::to_owned);
        status
    }

    fn event(level: Level, reason: &str, message: &str) -> EventKind {
        EventKind::TaskEvent { notice: Notice { reason: Some(reason.to_owned()), ..Notice::new(level, message) } }
    }

    #[test]
    fn report_and_event_of_the_same_finding_are_one() {
        let mut findings = Findings::default();
        let warning = event(Level::Warning, "PrecheckWarning", "Api: policy/v1beta1 is used");
        let report = PrecheckFinding::new(Severity::Warning, "policy/v1beta1 is used").with_check("Api");
        let (before, now) = (status(Phase::Prechecking, None), status(Phase::Upgrading, None));
        let events = std::slice::from_ref(&warning);
        assert_eq!(findings.fresh(Some(Some(vec![report.clone()])), events, Some(&before), &now), [report]);
        assert!(findings.has_told(&warning) && !findings.wants_report(&now));
        assert_eq!(findings.fresh(None, events, Some(&now), &now), []);
        let other = event(Level::Warning, "NodeDrainStuck", "Api: policy/v1beta1 is used");
        assert!(!findings.has_told(&other));
    }

    #[test]
    fn a_failed_precheck_has_what_is_in_the_way_among_its_findings() {
        let before = status(Phase::Prechecking, None);
        let failed = status(Phase::Failed, Some("2 nodes are NotReady"));
        let found = Findings::default().fresh(None, &[], Some(&before), &failed);
        assert_eq!(found, [PrecheckFinding::new(Severity::Blocking, "2 nodes are NotReady")]);
        // The report says it better.
        let report = PrecheckFinding::new(Severity::Blocking, "NotReady").with_check("NodeStatus");
        let found = Findings::default().fresh(Some(Some(vec![report.clone()])), &[], Some(&before), &failed);
        assert_eq!(found, [report]);
        // A failure later on is none of the precheck's.
        assert_eq!(Findings::default().fresh(None, &[], Some(&status(Phase::Upgrading, None)), &failed), []);
    }

    #[test]
    fn a_report_that_never_comes_is_given_up() {
        let (mut findings, now) = (Findings::default(), status(Phase::Upgrading, None));
        for _ in 0..ATTEMPTS {
            assert!(findings.wants_report(&now));
            findings.fresh(Some(None), &[], None, &now);
        }
        assert!(!findings.wants_report(&now));
    }
}
