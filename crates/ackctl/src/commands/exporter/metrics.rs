//! What Prometheus is told of a fleet.
//!
//! Series are of regions, and of the upgrades that are going on, of which there is a greatest number. So their count does not
//! grow with the fleet, nor with time.

use std::fmt;
use std::time::{Duration, SystemTime};

use ack_auth::Clock;
use ack_client::models::ClusterState;
use ack_upgrade::Phase;
use ack_upgrade::fleet::{ClusterStatus, FleetView, RegionStatus};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::places::Places;
use crate::context::SharedClock;

/// The fleet, and what is told of it.
#[derive(Clone, Debug)]
pub(super) struct Metrics {
    pub(super) view: FleetView,
    pub(super) clock: SharedClock,
    /// Of how many upgrades there are series of their own.
    pub(super) most_upgrades: usize,
}

impl Metrics {
    /// All metrics as they are now, as OpenMetrics.
    ///
    /// # Errors
    ///
    /// None that is expected: a text takes whatever is written to it.
    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self.clone()));
        let mut text = String::new();
        text::encode(&mut text, &registry)?;
        Ok(text)
    }
}

type Labels = Vec<(&'static str, String)>;

/// What a counter shows of a region.
type CountOf = fn(&RegionStatus) -> u64;

/// What a gauge shows of an upgrade, if it is known.
type ValueOf<'a> = &'a dyn Fn(&ClusterStatus) -> Option<f64>;

impl Collector for Metrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut families = Families(encoder);
        let mut places = Places::default();
        self.view.count(|account, region, state, _| places.count(account, region, state));
        let regions = self.view.regions();
        for region in &regions {
            places.see(&region.account, &region.region);
        }
        let mut upgrading = self.view.upgrading();
        for cluster in &upgrading {
            places.count_upgrade(cluster);
        }
        of_places(&mut families, &places)?;
        of_regions(&mut families, &regions)?;
        let left_out = upgrading.len().saturating_sub(self.most_upgrades);
        upgrading.truncate(self.most_upgrades);
        of_upgrades(&mut families, &upgrading, self.clock.now())?;
        families.gauges(
            "ack_exporter_upgrades_left_out",
            "Upgrades that are going on and have no series of their own, because there are too many.",
            [(Vec::new(), left_out as f64)],
        )?;
        families.gauges(
            "ack_exporter_build_info",
            "The exporter; always 1.",
            [(vec![("version", env!("CARGO_PKG_VERSION").to_owned())], 1.0)],
        )
    }
}

fn of_places(families: &mut Families<'_>, places: &Places) -> Result<(), fmt::Error> {
    families.gauges(
        "ack_fleet_clusters",
        "Clusters of the fleet, by what they are doing.",
        places.iter().flat_map(|(account, region, place)| {
            place.states().map(|(state, count)| (with(&[account, region], [("state", state.to_owned())]), count as f64))
        }),
    )?;
    families.gauges(
        "ack_fleet_upgrades",
        "Upgrades that are going on, by where they stand.",
        places.iter().flat_map(|(account, region, place)| {
            place.phases().map(|(phase, count)| (with(&[account, region], [("phase", phase.to_owned())]), count as f64))
        }),
    )?;
    families.gauges(
        "ack_fleet_upgrades_stalled",
        "Upgrades that are going on and of which nothing has been heard for longer than usual.",
        places.iter().map(|(account, region, place)| (with(&[account, region], []), place.stalled as f64)),
    )
}

fn of_regions(families: &mut Families<'_>, regions: &[RegionStatus]) -> Result<(), fmt::Error> {
    let labels = |region: &RegionStatus| with(&[&region.account, &region.region], []);
    let counters: [(&str, &str, CountOf); 4] = [
        ("ack_fleet_polls", "Looks at clusters.", |region| region.looks),
        ("ack_fleet_poll_errors", "Looks at clusters that failed.", |region| region.look_errors),
        ("ack_fleet_lists", "Lists of clusters, where they were asked for.", |region| region.lists),
        ("ack_fleet_list_errors", "Lists of clusters that failed.", |region| region.list_errors),
    ];
    for (name, help, count) in counters {
        families.counters(name, help, regions.iter().map(|region| (labels(region), count(region))))?;
    }
    families.counters(
        "ack_fleet_upgrades_ended",
        "Upgrades that have ended while they were followed, by how.",
        regions.iter().flat_map(|region| {
            let ends = [("succeeded", region.succeeded), ("failed", region.failed), ("cancelled", region.cancelled)];
            ends.map(|(outcome, count)| {
                (with(&[&region.account, &region.region], [("outcome", outcome.to_owned())]), count)
            })
        }),
    )?;
    let seconds = |time: Option<SystemTime>| Some(time?.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs_f64());
    families.gauges(
        "ack_fleet_last_poll_success_timestamp_seconds",
        "When a look or a list has succeeded last, in seconds since 1970.",
        regions.iter().filter_map(|region| Some((labels(region), seconds(region.last_answer)?))),
    )?;
    families.gauges(
        "ack_fleet_last_upgrade_success_timestamp_seconds",
        "When an upgrade has succeeded last while it was followed, in seconds since 1970.",
        regions.iter().filter_map(|region| Some((labels(region), seconds(region.last_upgrade)?))),
    )
}

fn of_upgrades(families: &mut Families<'_>, upgrading: &[ClusterStatus], now: SystemTime) -> Result<(), fmt::Error> {
    let labels = |cluster: &ClusterStatus, more: Labels| {
        with(&[&cluster.account, &cluster.region], [("cluster_id", cluster.cluster_id.clone())].into_iter().chain(more))
    };
    families.gauges(
        "ack_upgrade_status",
        "An upgrade that is going on, with its cluster, its target, and where it stands; always 1.",
        upgrading.iter().filter_map(|cluster| {
            let upgrade = cluster.upgrade.as_ref()?;
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let more = vec![
                ("name", text(&cluster.name)),
                ("version", text(&cluster.version)),
                ("target_version", text(&upgrade.target_version)),
                ("phase", phase_label(cluster.phase.unwrap_or(Phase::Unknown)).to_owned()),
                ("stage", text(&upgrade.stage)),
            ];
            Some((labels(cluster, more), 1.0))
        }),
    )?;
    let age = |since: SystemTime| now.duration_since(since).unwrap_or(Duration::ZERO).as_secs_f64();
    let flag = |value: bool| if value { 1.0 } else { 0.0 };
    let gauges: [(&str, &str, ValueOf<'_>); 9] = [
        ("ack_upgrade_age_seconds", "For how long an upgrade has been seen going on.", &|cluster| {
            Some(age(cluster.upgrade.as_ref()?.since))
        }),
        ("ack_upgrade_stage_age_seconds", "For how long an upgrade has been seen at its stage.", &|cluster| {
            Some(age(cluster.upgrade.as_ref()?.stage_since))
        }),
        ("ack_upgrade_stages_done", "Stages of an upgrade that have ended well.", &|cluster| {
            Some(cluster.upgrade.as_ref()?.progress?.stages?.done as f64)
        }),
        ("ack_upgrade_stages", "Stages of an upgrade that are known so far.", &|cluster| {
            Some(cluster.upgrade.as_ref()?.progress?.stages?.total as f64)
        }),
        ("ack_upgrade_nodes_done", "Masters and nodes of an upgrade that are done.", &|cluster| {
            Some(cluster.upgrade.as_ref()?.progress?.nodes?.done as f64)
        }),
        ("ack_upgrade_nodes", "Masters and nodes of an upgrade that are to be done.", &|cluster| {
            Some(cluster.upgrade.as_ref()?.progress?.nodes?.total as f64)
        }),
        ("ack_upgrade_stalled", "Whether nothing has been heard of an upgrade for longer than usual.", &|cluster| {
            Some(flag(cluster.upgrade.as_ref()?.is_stalled))
        }),
        ("ack_upgrade_paused", "Whether an upgrade is paused.", &|cluster| {
            Some(flag(cluster.phase == Some(Phase::Paused)))
        }),
        ("ack_upgrade_failed_polls", "Looks at an upgrade that have failed in a row.", &|cluster| {
            Some(f64::from(cluster.failed_looks))
        }),
    ];
    for (name, help, value) in gauges {
        let series = upgrading.iter().filter_map(|cluster| Some((labels(cluster, Vec::new()), value(cluster)?)));
        families.gauges(name, help, series)?;
    }
    Ok(())
}

/// Writes families of series.
struct Families<'a>(DescriptorEncoder<'a>);

impl Families<'_> {
    fn gauges(
        &mut self,
        name: &str,
        help: &str,
        series: impl IntoIterator<Item = (Labels, f64)>,
    ) -> Result<(), fmt::Error> {
        self.family(
            name,
            help,
            MetricType::Gauge,
            series.into_iter().map(|(labels, value)| (labels, ConstGauge::new(value))),
        )
    }

    /// Their names end with `_total`, which the encoder sees to.
    fn counters(
        &mut self,
        name: &str,
        help: &str,
        series: impl IntoIterator<Item = (Labels, u64)>,
    ) -> Result<(), fmt::Error> {
        let series = series.into_iter().map(|(labels, value)| (labels, ConstCounter::new(value)));
        self.family(name, help, MetricType::Counter, series)
    }

    fn family<M: EncodeMetric>(
        &mut self,
        name: &str,
        help: &str,
        kind: MetricType,
        series: impl Iterator<Item = (Labels, M)>,
    ) -> Result<(), fmt::Error> {
        let mut encoder = self.0.encode_descriptor(name, help, None, kind)?;
        for (labels, metric) in series {
            if labels.is_empty() {
                // There is no other then, and braces with nothing in them are not what readers expect.
                return metric.encode(encoder);
            }
            metric.encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

/// Labels of a region, and more.
fn with(place: &[&str; 2], more: impl IntoIterator<Item = (&'static str, String)>) -> Labels {
    let place = [("account", place[0].to_owned()), ("region", place[1].to_owned())];
    place.into_iter().chain(more).map(|(name, value)| (name, escaped(&value))).collect()
}

/// A text as the value of a label: the encoder leaves it to us. What is very long is cut.
fn escaped(text: &str) -> String {
    const LONGEST: usize = 256;
    text.chars().take(LONGEST).fold(String::new(), |mut escaped, c| {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            c => escaped.push(c),
        }
        escaped
    })
}

/// The states that are told apart; whatever the service says besides is `other`.
pub(super) fn state_label(state: Option<&ClusterState>) -> &str {
    match state {
        Some(ClusterState::Unknown(_)) => "other",
        Some(state) => state.as_str(),
        None => "unknown",
    }
}

pub(super) fn phase_label(phase: Phase) -> &'static str {
    match phase {
        Phase::Prechecking => "prechecking",
        Phase::Upgrading => "upgrading",
        Phase::Paused => "paused",
        Phase::Finishing => "finishing",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_service_stay_within_their_quotes() {
        assert_eq!(escaped("a \"b\" \\ c\nd"), r#"a \"b\" \\ c\nd"#);
        assert_eq!(escaped(&"x".repeat(1000)).len(), 256);
        let state = ClusterState::from("dreaming");
        assert_eq!(state_label(Some(&state)), "other");
    }
}
