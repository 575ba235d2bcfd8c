//! How long to wait until the next look.

use std::time::Duration;

use ack_client::Error;

use super::WatchOptions;
use crate::handle::UpgradeKind;
use crate::phase::Phase;

/// A wait after failed looks is no longer than this, whatever the service asks for.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// For so long after the start or a change, more is likely to come.
const LIVELY: Duration = Duration::from_secs(60);

/// After so long without a change, none is likely to come soon.
const QUIET: Duration = Duration::from_secs(10 * 60);

/// The wait after a look that went well. `unchanged` is how long nothing has changed, or how long it has been followed.
pub(crate) fn after_look(options: &WatchOptions, kind: &UpgradeKind, phase: Phase, unchanged: Duration) -> Duration {
    if let Some(interval) = options.interval {
        return interval;
    }
    let [short, usual, long] = match kind {
        UpgradeKind::ControlPlane => [5, 15, 30],
        UpgradeKind::NodePool { .. } => [5, 10, 30],
        UpgradeKind::Addons { .. } => [2, 5, 15],
    };
    Duration::from_secs(match phase {
        Phase::Prechecking | Phase::Finishing if unchanged < QUIET => short,
        _ if unchanged < LIVELY => short,
        _ if unchanged < QUIET => usual,
        _ => long,
    })
}

/// The wait after a failed look, the `count`th in a row.
pub(crate) fn after_error(options: &WatchOptions, kind: &UpgradeKind, error: &Error, count: u32) -> Duration {
    let usual = after_look(options, kind, Phase::Upgrading, LIVELY);
    let stretched = usual.saturating_mul(1 << count.min(2));
    // Under throttling the service knows best, but an interval that was asked for is never cut short.
    error.retry_after().map_or(stretched, |asked| asked.max(stretched)).min(LONGEST.max(usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_follow_the_upgrade() {
        let options = WatchOptions::default();
        let pool = UpgradeKind::node_pool("np1");
        let table = [
            (&UpgradeKind::ControlPlane, Phase::Upgrading, 0, 5),
            (&UpgradeKind::ControlPlane, Phase::Upgrading, 60, 15),
            (&UpgradeKind::ControlPlane, Phase::Upgrading, 600, 30),
            (&UpgradeKind::ControlPlane, Phase::Prechecking, 120, 5),
            (&UpgradeKind::ControlPlane, Phase::Finishing, 599, 5),
            (&UpgradeKind::ControlPlane, Phase::Finishing, 600, 30),
            (&pool, Phase::Upgrading, 60, 10),
            (&UpgradeKind::addons([]), Phase::Upgrading, 60, 5),
        ];
        for (kind, phase, unchanged, seconds) in table {
            let wait = after_look(&options, kind, phase, Duration::from_secs(unchanged));
            assert_eq!(wait, Duration::from_secs(seconds), "{kind} {phase} {unchanged}");
        }
        let fixed = options.interval(Duration::from_secs(7));
        assert_eq!(after_look(&fixed, &pool, Phase::Prechecking, Duration::ZERO), Duration::from_secs(7));
    }
}
