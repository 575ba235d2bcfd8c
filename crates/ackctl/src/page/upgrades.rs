//! The summary, and a section for each upgrade.

use jiff::Timestamp;
use maud::{Markup, html};

use super::timeline::{Bar, Look, Row, timeline};
use super::words::{clock, is_same_day, moment, shown, took};
use crate::account::{Account, Finding, NodeWork, Span, Standing, Upgrade, Weight};
use crate::output::count;

/// How many nodes a chart shows; the table has them all.
const CHARTED_NODES: usize = 30;
/// More rows than this are folded.
const UNFOLDED_NODES: usize = 12;

/// Of the upgrades that are of no fleet, which has a section of its own.
pub(super) fn summary(account: &Account, upgrades: &[(usize, &Upgrade)]) -> Markup {
    if upgrades.is_empty() && !account.fleets.is_empty() {
        return html! {};
    }
    let several_clusters = account.clusters.len() > 1;
    html! {
        section aria-labelledby="summary" {
            h2 id="summary" { "Summary" }
            @if upgrades.is_empty() {
                p { "The record tells of no upgrade." }
            } @else {
                (overview(account, upgrades))
                div.scroll tabindex="0" role="region" aria-labelledby="summary" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Upgrade of" } th scope="col" { "Outcome" } th scope="col" { "From" }
                                th scope="col" { "To" } th scope="col" { "Began" } th scope="col" { "Took" }
                                th scope="col" { "Findings" }
                                @if several_clusters { th scope="col" { "Cluster" } }
                            }
                        }
                        tbody {
                            @for (index, upgrade) in upgrades {
                                tr {
                                    th scope="row" { a href=(format!("#upgrade-{}", index + 1)) { (shown(&upgrade.what)) } }
                                    td { (badge(upgrade.standing)) }
                                    td.version { (known(upgrade.from_version.as_deref())) }
                                    td.version { (known(upgrade.target_version.as_deref())) }
                                    td.time { (moment(upgrade.began_at)) }
                                    td.time { (duration(upgrade)) }
                                    td { (upgrade.findings.len()) }
                                    @if several_clusters { td.cluster { code { (shown(&upgrade.cluster_id)) } } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// All upgrades in one chart, where there are several.
fn overview(account: &Account, upgrades: &[(usize, &Upgrade)]) -> Markup {
    if upgrades.len() < 2 {
        return html! {};
    }
    let rows: Vec<Row> = upgrades
        .iter()
        .map(|(_, upgrade)| {
            let to = upgrade.ended_at.unwrap_or(upgrade.last_at);
            let same = upgrades.iter().filter(|(_, other)| other.what == upgrade.what).count();
            let label = match &upgrade.target_version {
                _ if account.clusters.len() > 1 => format!("{}, {}", upgrade.what, upgrade.cluster_id),
                // Hops are told apart by where they lead.
                Some(to) if same > 1 => format!("{} to {}", upgrade.what, to.split('-').next().unwrap_or_default()),
                _ => upgrade.what.clone(),
            };
            let (name, look) = (standing(upgrade.standing).1.to_owned(), look_of(upgrade.standing));
            Row {
                label,
                link: None,
                bars: vec![Bar { from: upgrade.began_at, to, name, look, is_open: upgrade.ended_at.is_none() }],
            }
        })
        .collect();
    timeline("overview", "all upgrades", &rows)
}

pub(super) fn section(index: usize, upgrade: &Upgrade) -> Markup {
    let id = format!("upgrade-{}", index + 1);
    let heading = format!("{id}-heading");
    html! {
        section.upgrade id=(id) aria-labelledby=(heading) {
            h2 id=(heading) {
                (shown(&sentence_case(&upgrade.what)))
                @if let Some(to) = &upgrade.target_version { " to " (shown(to)) }
                " " (badge(upgrade.standing))
            }
            p.end { (shown(&sentence_case(&upgrade.end))) "." }
            dl {
                div { dt { "Cluster" } dd { code { (shown(&upgrade.cluster_id)) } } }
                @if let Some(task) = &upgrade.task_id { div { dt { "Task" } dd { code { (shown(task)) } } } }
                div { dt { "Version" } dd { (known(upgrade.from_version.as_deref())) " → " (known(upgrade.target_version.as_deref())) } }
                div { dt { "Began" } dd { (moment(upgrade.began_at)) } }
                div {
                    dt { @if upgrade.ended_at.is_some() { "Ended" } @else { "Last heard of" } }
                    dd { (moment(upgrade.ended_at.unwrap_or(upgrade.last_at))) }
                }
                div { dt { "Took" } dd { (duration(upgrade)) } }
                @if let Some(progress) = &upgrade.progress { div { dt { "Progress" } dd { (shown(progress)) } } }
                @if let Some(step) = &upgrade.step { div { dt { "Step of the plan" } dd { code { (shown(step)) } } } }
            }
            (timeline(&id, &format!("phases, stages and nodes of the {}", upgrade.what), &rows(upgrade)))
            (legend(upgrade))
            (findings(&id, &upgrade.findings))
            (stages(&id, upgrade))
            (nodes(&id, &upgrade.nodes))
        }
    }
}

fn rows(upgrade: &Upgrade) -> Vec<Row> {
    let end = upgrade.ended_at.unwrap_or(upgrade.last_at);
    let bar = |span: &Span, look| Bar {
        from: span.from,
        to: span.to.unwrap_or(end),
        name: span.name.clone(),
        look,
        is_open: span.to.is_none(),
    };
    let mut rows = Vec::new();
    if !upgrade.phases.is_empty() {
        let bars = upgrade.phases.iter().map(|span| bar(span, look_of_phase(&span.name))).collect();
        rows.push(Row { label: "Phase".to_owned(), link: None, bars });
    }
    let last = upgrade.stages.len().wrapping_sub(1);
    for (index, span) in upgrade.stages.iter().enumerate() {
        let failed = index == last && upgrade.standing == Standing::Failed;
        rows.push(Row {
            label: span.name.clone(),
            link: None,
            bars: vec![bar(span, if failed { Look::Bad } else { Look::Work })],
        });
    }
    for node in charted(&upgrade.nodes) {
        let look = match node.worst {
            None => Look::Good,
            Some(Weight::Warning) => Look::Warn,
            Some(Weight::Error) => Look::Bad,
        };
        let name = count(node.events, "event");
        rows.push(Row {
            label: node.node.clone(),
            link: None,
            bars: vec![Bar { from: node.from, to: node.to, name, look, is_open: false }],
        });
    }
    rows
}

/// As many nodes as a chart has room for, those in trouble before others.
fn charted(nodes: &[NodeWork]) -> Vec<&NodeWork> {
    let mut charted: Vec<&NodeWork> = nodes.iter().collect();
    charted.sort_by_key(|node| std::cmp::Reverse(node.worst));
    charted.truncate(CHARTED_NODES);
    charted.sort_by_key(|node| (node.from, &node.node));
    charted
}

fn legend(upgrade: &Upgrade) -> Markup {
    let left_out = upgrade.nodes.len().saturating_sub(CHARTED_NODES);
    let has = |look| upgrade.phases.iter().any(|span| look_of_phase(&span.name) == look);
    let has_node = |worst| upgrade.nodes.iter().any(|node| node.worst == Some(worst));
    let entry =
        |class: &str, text: &str| html! { li { span class=(format!("key {class}")) aria-hidden="true" {} (text) } };
    html! {
        @if !(upgrade.phases.is_empty() && upgrade.stages.is_empty() && upgrade.nodes.is_empty()) { ul.legend {
            @if has(Look::Check) { (entry("check", "precheck")) }
            (entry("work", "at work"))
            @if has(Look::Pause) { (entry("pause", "paused or waiting")) }
            @if !upgrade.nodes.is_empty() {
                (entry("good", "node without trouble"))
                @if has_node(Weight::Warning) { (entry("warn", "node with warnings")) }
                }
            @if has_node(Weight::Error) || upgrade.standing == Standing::Failed {
                (entry("bad", "failed, or node with errors"))
            }
            @if upgrade.ended_at.is_none() { (entry("open", "no end in the record")) }
            @if left_out > 0 { li { (count(left_out, "more node")) " in the table below" } }
        } }
    }
}

pub(super) fn findings(id: &str, findings: &[Finding]) -> Markup {
    let heading = format!("{id}-findings");
    html! {
        h3 id=(heading) { "Findings" }
        @if findings.is_empty() {
            p { "None." }
        } @else {
            ul.findings {
                @for finding in findings {
                    li class=(finding.weight.word()) {
                        p {
                            strong { (finding.weight.word()) } " "
                            span.text { (shown(&finding.text)) }
                        }
                        p.more {
                            (moment(finding.at)) ", " (finding.source)
                            @if !finding.targets.is_empty() { ", on " (shown(&finding.targets.join(", "))) }
                            @if let Some(next) = &finding.next_step { ". Next step: " (shown(next)) }
                            @if let Some(request) = &finding.request_id { ". Request ID " code { (shown(request)) } }
                        }
                    }
                }
            }
        }
    }
}

fn stages(id: &str, upgrade: &Upgrade) -> Markup {
    let heading = format!("{id}-stages");
    let kinds = [("Phase", &upgrade.phases), ("Stage", &upgrade.stages)];
    html! {
        @if !(upgrade.phases.is_empty() && upgrade.stages.is_empty()) {
            h3 id=(heading) { "Phases and stages" }
            div.scroll tabindex="0" role="region" aria-labelledby=(heading) {
                table {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Began" } th scope="col" { "Ended" } th scope="col" { "Took" } } }
                    @for (kind, spans) in kinds {
                        tbody {
                            @for span in spans {
                                tr {
                                    th scope="row" { span.quiet { (kind) " " } (shown(&span.name)) }
                                    td.time { (moment(span.from)) }
                                    td.time { @match span.to { Some(to) => (until(span.from, to)), None => "not in the record" } }
                                    td.time { @match span.to { Some(to) => (took(span.from, to)), None => "–" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn nodes(id: &str, nodes: &[NodeWork]) -> Markup {
    let heading = format!("{id}-nodes");
    let table = html! {
        div.scroll tabindex="0" role="region" aria-labelledby=(heading) {
            table {
                thead {
                    tr {
                        th scope="col" { "Node" } th scope="col" { "First event" } th scope="col" { "Last event" }
                        th scope="col" { "Events" } th scope="col" { "Worst" } th scope="col" { "What was said last" }
                    }
                }
                tbody {
                    @for node in nodes {
                        tr {
                            th scope="row" { code { (shown(&node.node)) } }
                            td.time { (moment(node.from)) }
                            td.time { (until(node.from, node.to)) }
                            td { (node.events) }
                            td { (node.worst.map_or("normal", Weight::word)) }
                            td { (shown(&node.last_event)) }
                        }
                    }
                }
            }
        }
    };
    html! {
        @if !nodes.is_empty() {
            h3 id=(heading) { "Nodes" }
            @if nodes.len() > UNFOLDED_NODES {
                details { summary { (count(nodes.len(), "node")) } (table) }
            } @else {
                (table)
            }
        }
    }
}

fn until(from: Timestamp, to: Timestamp) -> Markup {
    if is_same_day(from, to) { clock(to) } else { moment(to) }
}

fn duration(upgrade: &Upgrade) -> String {
    match upgrade.ended_at {
        Some(end) => took(upgrade.began_at, end),
        None => format!("{} so far", took(upgrade.began_at, upgrade.last_at)),
    }
}

fn known(version: Option<&str>) -> String {
    version.map_or_else(|| "–".to_owned(), |version| shown(version).into_owned())
}

pub(super) fn badge(of: Standing) -> Markup {
    let (class, word, sign) = standing(of);
    html! { span class=(format!("badge {class}")) { span aria-hidden="true" { (sign) " " } (word) } }
}

pub(super) fn standing(of: Standing) -> (&'static str, &'static str, &'static str) {
    match of {
        Standing::Succeeded => ("good", "succeeded", "✓"),
        Standing::Failed => ("bad", "failed", "✕"),
        Standing::Cancelled => ("rest", "cancelled", "■"),
        Standing::Paused => ("warn", "paused", "‖"),
        Standing::Open => ("open", "no end recorded", "…"),
        Standing::Skipped => ("rest", "not needed", "–"),
        Standing::Newer => ("rest", "newer", "↑"),
        Standing::Waiting => ("rest", "not begun", "○"),
    }
}

pub(super) fn look_of(standing: Standing) -> Look {
    match standing {
        Standing::Succeeded => Look::Good,
        Standing::Failed => Look::Bad,
        Standing::Paused => Look::Pause,
        Standing::Open => Look::Work,
        Standing::Cancelled | Standing::Skipped | Standing::Newer | Standing::Waiting => Look::Rest,
    }
}

fn look_of_phase(name: &str) -> Look {
    match name {
        "prechecking" => Look::Check,
        "upgrading" | "finishing" => Look::Work,
        "paused" | "waiting for the window" => Look::Pause,
        "succeeded" => Look::Good,
        "failed" => Look::Bad,
        _ => Look::Rest,
    }
}

pub(super) fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
