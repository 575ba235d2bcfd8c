//! A run over a fleet: its waves, the clusters that are worth a look, and behind folds every cluster.
//!
//! However many clusters there are, what is not folded away has a bounded height.

use jiff::Timestamp;
use maud::{Markup, html};

use super::timeline::{Bar, Look, Row, timeline};
use super::upgrades::{self, badge, look_of, sentence_case, standing};
use super::words::{moment, shown, took};
use crate::account::{Account, Cluster, FleetRun, Standing, Upgrade, Wave};
use crate::output::count;

/// With more clusters than this, all waves are folded.
const UNFOLDED_CLUSTERS: usize = 20;

/// What is counted, those that are worth a look first.
const STANDINGS: [Standing; 8] = [
    Standing::Failed,
    Standing::Cancelled,
    Standing::Paused,
    Standing::Open,
    Standing::Succeeded,
    Standing::Skipped,
    Standing::Newer,
    Standing::Waiting,
];

pub(super) fn section(account: &Account, index: usize, fleet: &FleetRun) -> Markup {
    let id = format!("fleet-{}", index + 1);
    html! {
        section.fleet aria-labelledby=(id) {
            h2 id=(id) {
                "Fleet" @if let Some(to) = &fleet.target_version { " to " (shown(to)) }
                " " (badge(fleet.standing))
            }
            p.end { (shown(&sentence_case(&fleet.end))) "." }
            (counts(fleet))
            (waves(&id, fleet))
            (worth_a_look(&id, fleet))
            h3 { "Clusters, wave by wave" }
            @for (number, wave) in (1..).zip(&fleet.waves) { (one_wave(account, &id, number, wave, fleet)) }
            (left_alone(account, &id, fleet))
        }
    }
}

fn counts(fleet: &FleetRun) -> Markup {
    html! {
        ul.counts {
            li { strong { (fleet.clusters.len()) } " " (if fleet.clusters.len() == 1 { "cluster" } else { "clusters" }) }
            @for of in STANDINGS {
                @let number = fleet.clusters.iter().filter(|cluster| cluster.standing == of).count();
                @let (class, word, _) = standing(of);
                @if number > 0 { li class=(class) { strong { (number) } " " (word) } }
            }
            @if let Some(allowed) = fleet.allowed_failures { li { strong { (allowed) } " allowed to fail" } }
            @if fleet.left_out > 0 { li { strong { (fleet.left_out) } " in no wave" } }
        }
    }
}

/// The waves in one chart, and in a table.
fn waves(id: &str, fleet: &FleetRun) -> Markup {
    let heading = format!("{id}-waves");
    let rows: Vec<Row> =
        (1..).zip(&fleet.waves).filter_map(|(number, wave)| wave_row(id, number, wave, fleet)).collect();
    html! {
        h3 id=(heading) { "Waves" }
        (timeline(&format!("{id}-waves-chart"), "the waves", &rows))
        (legend(&rows))
        div.scroll.tall tabindex="0" role="region" aria-labelledby=(heading) {
            table {
                thead {
                    tr {
                        th scope="col" { "Wave" } th scope="col" { "Clusters" } th scope="col" { "Succeeded" }
                        th scope="col" { "Failed" } th scope="col" { "Otherwise" } th scope="col" { "Not begun" }
                        th scope="col" { "Began" } th scope="col" { "Took" }
                    }
                }
                tbody {
                    @for (number, wave) in (1..).zip(&fleet.waves) {
                        @let of = |wanted: fn(Standing) -> bool| {
                            members(Some(number), fleet).into_iter().filter(|(_, cluster)| wanted(cluster.standing)).count()
                        };
                        @let (good, bad) = (of(|of| of == Standing::Succeeded), of(|of| of == Standing::Failed));
                        @let waiting = of(|of| of == Standing::Waiting);
                        tr {
                            th scope="row" { a href=(format!("#{id}-wave-{number}")) { (shown(&wave_name(number, wave))) } }
                            td { (wave.clusters) }
                            td { (good) }
                            td { @if bad > 0 { strong.bad { (bad) } } @else { "0" } }
                            td { (members(Some(number), fleet).len() - good - bad - waiting) }
                            td { (waiting) }
                            td.time { @if let Some(began) = wave.began_at { (moment(began)) } @else { "–" } }
                            td.time { @match span(number, wave, fleet) { Some((from, to)) => (took(from, to)), None => "–" } }
                        }
                    }
                }
            }
        }
    }
}

fn wave_row(id: &str, number: u64, wave: &Wave, fleet: &FleetRun) -> Option<Row> {
    let (from, to) = span(number, wave, fleet)?;
    let members = members(Some(number), fleet);
    let has = |of: Standing| members.iter().any(|(_, cluster)| cluster.standing == of);
    let look = match (has(Standing::Failed), wave.ended_at) {
        (true, Some(_)) => Look::Warn,
        (true, None) => Look::Bad,
        (false, Some(_)) => Look::Good,
        (false, None) => Look::Work,
    };
    let name = count(usize::try_from(wave.clusters).unwrap_or(usize::MAX), "cluster");
    let mut bars = vec![Bar { from, to, name, look, is_open: wave.ended_at.is_none() }];
    let next = fleet.waves.get(usize::try_from(number).ok()?).and_then(|next| next.began_at);
    if let (Some(from), Some(until)) = (wave.ended_at, wave.soaked_until) {
        let to = next.unwrap_or(until).max(from);
        bars.push(Bar { from, to, name: "proving itself".to_owned(), look: Look::Pause, is_open: next.is_none() });
    }
    Some(Row { label: wave_name(number, wave), link: Some(format!("{id}-wave-{number}")), bars })
}

/// From when to when a wave was at work, as far as the record tells.
fn span(number: u64, wave: &Wave, fleet: &FleetRun) -> Option<(Timestamp, Timestamp)> {
    let from = wave.began_at?;
    let last = || members(Some(number), fleet).into_iter().filter_map(|(_, cluster)| cluster.last_at).max();
    Some((from, wave.ended_at.or_else(last).unwrap_or(from).max(from)))
}

/// The clusters that have not come to a good end, in a table of its own.
fn worth_a_look(id: &str, fleet: &FleetRun) -> Markup {
    let heading = format!("{id}-look");
    let is_fine =
        |of: Standing| matches!(of, Standing::Succeeded | Standing::Skipped | Standing::Newer | Standing::Waiting);
    let clusters: Vec<(usize, &Cluster)> =
        ordered(fleet.clusters.iter().enumerate()).into_iter().filter(|(_, own)| !is_fine(own.standing)).collect();
    html! {
        @if !clusters.is_empty() {
            h3 id=(heading) { "Worth a look: " (count(clusters.len(), "cluster")) }
            div.scroll.tall tabindex="0" role="region" aria-labelledby=(heading) {
                table {
                    thead {
                        tr {
                            th scope="col" { "Cluster" } th scope="col" { "Wave" } th scope="col" { "Outcome" }
                            th scope="col" { "Why" }
                        }
                    }
                    tbody {
                        @for (place, cluster) in clusters {
                            tr {
                                th scope="row" { a href=(format!("#{}", anchor(id, place))) { code { (shown(&cluster.cluster_id)) } } }
                                td { @match cluster.wave { Some(wave) => (wave), None => "–" } }
                                td { (badge(cluster.standing)) }
                                td.why { (shown(&cluster.end)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn one_wave(account: &Account, id: &str, number: u64, wave: &Wave, fleet: &FleetRun) -> Markup {
    let members = members(Some(number), fleet);
    let rows: Vec<Row> =
        members.iter().filter_map(|(place, cluster)| cluster_row(account, anchor(id, *place), cluster)).collect();
    html! {
        details.wave open[fleet.clusters.len() <= UNFOLDED_CLUSTERS] {
            summary { strong { (shown(&wave_name(number, wave))) } ": " (counted(&members)) }
            div id=(format!("{id}-wave-{number}")) {
                div.tall { (timeline(&format!("{id}-wave-{number}-chart"), &format!("the clusters of wave {number}"), &rows)) }
                (legend(&rows))
                @for (place, cluster) in members { (one_cluster(account, &anchor(id, place), cluster)) }
            }
        }
    }
}

/// The clusters that are in no wave, as they were newer than the target or up to date when they were found.
fn left_alone(account: &Account, id: &str, fleet: &FleetRun) -> Markup {
    let members = members(None, fleet);
    html! {
        @if !members.is_empty() {
            details.wave open[fleet.clusters.len() <= UNFOLDED_CLUSTERS] {
                summary { strong { "In no wave" } ": " (counted(&members)) }
                div id=(format!("{id}-left-alone")) {
                    @for (place, cluster) in members { (one_cluster(account, &anchor(id, place), cluster)) }
                }
            }
        }
    }
}

/// `2 succeeded, 1 not begun`
fn counted(members: &[(usize, &Cluster)]) -> String {
    let of = |of: Standing| members.iter().filter(|(_, cluster)| cluster.standing == of).count();
    let counted = STANDINGS.into_iter().filter(|standing| of(*standing) > 0);
    counted
        .map(|standing| format!("{} {}", of(standing), upgrades::standing(standing).1))
        .collect::<Vec<_>>()
        .join(", ")
}

fn one_cluster(account: &Account, anchor: &str, cluster: &Cluster) -> Markup {
    let upgrades = upgrades_of(account, cluster);
    let findings = cluster.findings.len() + upgrades.iter().map(|(_, upgrade)| upgrade.findings.len()).sum::<usize>();
    let place: Vec<&str> = [&cluster.account, &cluster.region].into_iter().flatten().map(String::as_str).collect();
    let rows: Vec<Row> = upgrades
        .iter()
        .map(|(_, upgrade)| Row { label: upgrade.what.clone(), link: None, bars: bars(upgrade) })
        .collect();
    html! {
        details.member {
            summary {
                (badge(cluster.standing)) " " code { (shown(&cluster.cluster_id)) }
                span.quiet {
                    " " (shown(&place.join(", "))) @if let Some(took) = duration(cluster) { ", " (took) }
                    @if findings > 0 { ", " (count(findings, "finding")) }
                }
            }
            div.inside id=(anchor) {
                p.end { (shown(&sentence_case(&cluster.end))) "." }
                @if let Some(began) = cluster.began_at {
                    p.quiet { "Began " (moment(began)) @if let Some(ended) = cluster.ended_at { ", ended " (moment(ended)) } "." }
                }
                (timeline(&format!("{anchor}-chart"), &format!("the upgrades of cluster {}", cluster.cluster_id), &rows))
                @if !cluster.findings.is_empty() { (upgrades::findings(anchor, &cluster.findings)) }
                @for (place, upgrade) in upgrades { (upgrades::section(place, upgrade)) }
            }
        }
    }
}

/// All upgrades of a cluster in one row, or the time it took without any.
fn cluster_row(account: &Account, link: String, cluster: &Cluster) -> Option<Row> {
    let mut bars: Vec<Bar> = upgrades_of(account, cluster).into_iter().flat_map(|(_, upgrade)| bars(upgrade)).collect();
    if let (true, Some(from)) = (bars.is_empty(), cluster.began_at) {
        let to = cluster.ended_at.or(cluster.last_at).unwrap_or(from);
        let (name, look) = (standing(cluster.standing).1.to_owned(), look_of(cluster.standing));
        bars.push(Bar { from, to, name, look, is_open: cluster.ended_at.is_none() });
    }
    (!bars.is_empty()).then(|| Row { label: short(&cluster.cluster_id), link: Some(link), bars })
}

/// The upgrade as one bar, behind the times at which it waited for its window.
fn bars(upgrade: &Upgrade) -> Vec<Bar> {
    let to = upgrade.ended_at.unwrap_or(upgrade.last_at);
    let waits = upgrade.phases.iter().filter(|span| span.name == "waiting for the window");
    let mut bars: Vec<Bar> = waits
        .map(|span| Bar {
            from: span.from,
            to: span.to.unwrap_or(to).min(upgrade.began_at.max(span.from)),
            name: span.name.clone(),
            look: Look::Pause,
            is_open: false,
        })
        .collect();
    let (name, look) = (upgrade.what.clone(), look_of(upgrade.standing));
    bars.push(Bar { from: upgrade.began_at, to, name, look, is_open: upgrade.ended_at.is_none() });
    bars
}

fn upgrades_of<'a>(account: &'a Account, cluster: &Cluster) -> Vec<(usize, &'a Upgrade)> {
    cluster.upgrades.iter().filter_map(|place| Some((*place, account.upgrades.get(*place)?))).collect()
}

/// The clusters of a wave with their places, those that are worth a look first.
fn members(wave: Option<u64>, fleet: &FleetRun) -> Vec<(usize, &Cluster)> {
    ordered(fleet.clusters.iter().enumerate().filter(|(_, cluster)| cluster.wave == wave))
}

fn ordered<'a>(clusters: impl Iterator<Item = (usize, &'a Cluster)>) -> Vec<(usize, &'a Cluster)> {
    let mut clusters: Vec<(usize, &Cluster)> = clusters.collect();
    clusters
        .sort_by_key(|(place, cluster)| (STANDINGS.iter().position(|standing| *standing == cluster.standing), *place));
    clusters
}

fn wave_name(number: u64, wave: &Wave) -> String {
    match &wave.name {
        Some(name) => format!("Wave {number} ({name})"),
        None => format!("Wave {number}"),
    }
}

fn duration(cluster: &Cluster) -> Option<String> {
    let from = cluster.began_at?;
    match (cluster.ended_at, cluster.last_at) {
        (Some(end), _) => Some(took(from, end)),
        (None, Some(last)) => Some(format!("{} so far", took(from, last))),
        (None, None) => None,
    }
}

/// An ID as short as can still be told from others; all of it stands below the chart.
fn short(id: &str) -> String {
    let letters: Vec<char> = id.chars().collect();
    match letters.as_slice() {
        [head @ .., _, _, _, _, _, _] if head.len() > 16 => {
            head[..11].iter().chain(&['…']).chain(&letters[letters.len() - 6..]).collect()
        }
        _ => id.to_owned(),
    }
}

/// What the bars of a chart mean, as far as it has such.
fn legend(rows: &[Row]) -> Markup {
    let entries = [
        (Look::Work, "work", "at work"),
        (Look::Good, "good", "succeeded"),
        (Look::Warn, "warn", "over, with failures within the budget"),
        (Look::Bad, "bad", "failed"),
        (Look::Pause, "pause", "waiting: a wave that proves itself, a window, or a pause"),
        (Look::Rest, "rest", "cancelled, or nothing to do"),
    ];
    let bars = || rows.iter().flat_map(|row| &row.bars);
    html! {
        @if !rows.is_empty() { ul.legend {
            @for (_, class, text) in entries.iter().filter(|(look, ..)| bars().any(|bar| bar.look == *look)) {
                li { span class=(format!("key {class}")) aria-hidden="true" {} (text) }
            }
            @if bars().any(|bar| bar.is_open) { li { span class="key open" aria-hidden="true" {} "no end in the record" } }
        } }
    }
}

fn anchor(id: &str, place: usize) -> String {
    format!("{id}-cluster-{}", place + 1)
}
