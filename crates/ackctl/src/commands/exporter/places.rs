//! The clusters of regions, counted.

use std::collections::BTreeMap;

use ack_client::models::ClusterState;
use ack_upgrade::Phase;
use ack_upgrade::fleet::ClusterStatus;

use super::metrics::{phase_label, state_label};

/// Where an upgrade can stand while it is going on.
const PHASES: [&str; 5] = ["prechecking", "upgrading", "paused", "finishing", "unknown"];

/// The regions of accounts, with what is counted in each.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<(String, String), Place>);

/// What is counted in a region.
#[derive(Debug, Default)]
pub(super) struct Place {
    states: BTreeMap<String, usize>,
    phases: BTreeMap<&'static str, usize>,
    pub(super) stalled: usize,
}

impl Places {
    /// Makes sure that a region is among them, even if there are no clusters.
    pub(super) fn see(&mut self, account: &str, region: &str) -> &mut Place {
        self.0.entry((account.to_owned(), region.to_owned())).or_default()
    }

    pub(super) fn count(&mut self, account: &str, region: &str, state: Option<&ClusterState>) {
        *self.see(account, region).states.entry(state_label(state).to_owned()).or_default() += 1;
    }

    /// Counts an upgrade that is going on.
    pub(super) fn count_upgrade(&mut self, cluster: &ClusterStatus) {
        let place = self.see(&cluster.account, &cluster.region);
        *place.phases.entry(phase_label(cluster.phase.unwrap_or(Phase::Unknown))).or_default() += 1;
        place.stalled += usize::from(cluster.upgrade.as_ref().is_some_and(|upgrade| upgrade.is_stalled));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str, &Place)> {
        self.0.iter().map(|((account, region), place)| (account.as_str(), region.as_str(), place))
    }
}

impl Place {
    pub(super) fn states(&self) -> impl Iterator<Item = (&str, usize)> {
        self.states.iter().map(|(state, count)| (state.as_str(), *count))
    }

    /// All of them, for a series that comes and goes cannot be compared with zero.
    pub(super) fn phases(&self) -> impl Iterator<Item = (&'static str, usize)> {
        PHASES.map(|phase| (phase, self.phases.get(phase).copied().unwrap_or_default())).into_iter()
    }
}
