//! One look at a fleet.

use serde::Serialize;

use super::event::{FleetEvent, FleetEventKind, FleetNews};
use super::options::FleetWatchOptions;
use super::view::ClusterStatus;
use super::{Fleet, Looks};
use crate::event::EventKind;

/// A fleet as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FleetStatus {
    /// The clusters, by account, region and ID.
    pub clusters: Vec<ClusterStatus>,
    /// What could not be listed or looked at.
    pub problems: Vec<FleetEvent>,
}

impl Fleet {
    /// Looks at the clusters once: at those that are not at rest by the list of their region, or at
    /// [every](Looks::Every) one. What fails is among the problems, and leaves the rest as it is.
    pub async fn status(&self, looks: Looks) -> FleetStatus {
        let options = FleetWatchOptions { is_once: true, ..FleetWatchOptions::default().looks(looks) };
        let mut watch = self.watch(options);
        let mut problems = Vec::new();
        while let Some(event) = watch.next().await {
            let is_problem = matches!(
                event.kind,
                FleetEventKind::Fleet(FleetNews::RegionFailed { .. } | FleetNews::ClusterGone)
                    | FleetEventKind::Upgrade(EventKind::PollError { .. })
            );
            problems.extend(is_problem.then_some(event));
        }
        FleetStatus { clusters: watch.view().clusters(), problems }
    }
}
