//! The page of an account: one HTML file that needs nothing else.
//!
//! Whatever comes from a record is escaped by the templates, and goes through [`shown`] before, so that it can neither mark
//! anything up nor reorder the text around it. The page has no script, and its own policy forbids every resource.

mod commands;
mod fleet;
mod style;
mod timeline;
mod upgrades;
mod words;

use std::time::SystemTime;

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};

use crate::account::{Account, Standing};
use crate::output::count;
use crate::record::Facts;
use words::{clock, moment, plural, shown, took};

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A larger record is not repeated in its page, which a browser would be slow to open.
const REPEATED: usize = 4 * 1024 * 1024;

/// The page, made at a time.
pub(crate) fn page(account: &Account, facts: &Facts, now: SystemTime) -> String {
    let title = title(account);
    let single = account.single_upgrades();
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("ackctl ", env!("CARGO_PKG_VERSION")));
                title { (shown(&title)) }
                (style::style())
            }
            body {
                header {
                    p.kind { "ACK upgrade report" }
                    h1 { (shown(&title)) }
                    p.lead { (lead(account)) }
                    (notes(account))
                }
                main {
                    @for (index, fleet) in account.fleets.iter().enumerate() { (fleet::section(account, index, fleet)) }
                    (upgrades::summary(account, &single))
                    @for (index, upgrade) in single { (upgrades::section(index, upgrade)) }
                    (commands::section(&account.commands))
                    (raw(facts))
                }
                footer {
                    p {
                        "Made by ackctl " (env!("CARGO_PKG_VERSION"))
                        @if let Ok(now) = Timestamp::try_from(now) { " on " (moment(now)) }
                        " from the record alone. All times are UTC: those of the record are the clock's of the machine that wrote it, "
                        "those of nodes the service's."
                    }
                }
            }
        }
    };
    markup.into_string()
}

fn title(account: &Account) -> String {
    if let [fleet] = account.fleets.as_slice() {
        let to = fleet.target_version.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
        return format!("Upgrade of {}{to}", count(fleet.clusters.len(), "cluster"));
    }
    match account.clusters.as_slice() {
        [] => "Upgrades of ACK clusters".to_owned(),
        [cluster] if account.upgrades.len() == 1 => format!("Upgrade of cluster {cluster}"),
        [cluster] => format!("Upgrades of cluster {cluster}"),
        clusters => format!("Upgrades of {} clusters", clusters.len()),
    }
}

/// `3 upgrades: 2 succeeded, 1 failed.`
fn lead(account: &Account) -> Markup {
    let kinds = [
        (Standing::Succeeded, "succeeded"),
        (Standing::Failed, "failed"),
        (Standing::Cancelled, "cancelled"),
        (Standing::Paused, "paused"),
        (Standing::Open, "without an end in the record"),
        (Standing::Skipped, "not needed"),
    ];
    let counted = kinds.into_iter().filter_map(|(standing, word)| {
        let number = account.upgrades.iter().filter(|upgrade| upgrade.standing == standing).count();
        (number > 0).then(|| format!("{number} {word}"))
    });
    let counted = counted.collect::<Vec<_>>().join(", ");
    let findings: usize = account.upgrades.iter().map(|upgrade| upgrade.findings.len()).sum();
    html! {
        (count(account.upgrades.len(), "upgrade"))
        @if !counted.is_empty() { ": " (counted) }
        ". "
        (count(findings, "finding")) ", " (count(account.commands.len(), "command")) ". From "
        (moment(account.first_at)) " to "
        @if words::is_same_day(account.first_at, account.last_at) { (clock(account.last_at)) } @else { (moment(account.last_at)) }
        ", " (took(account.first_at, account.last_at)) "."
    }
}

/// What is to be known before the rest is read.
fn notes(account: &Account) -> Markup {
    let lines: Vec<String> = account.torn_lines.iter().map(ToString::to_string).collect();
    html! {
        @if !lines.is_empty() {
            p.note {
                strong { "Torn: " }
                (plural(lines.len(), "line", "lines")) " " (lines.join(", "))
                " of the record cannot be read, as after a crash. What " (plural(lines.len(), "it", "they")) " said is missing here."
            }
        }
    }
}

fn raw(facts: &Facts) -> Markup {
    let size: usize = facts.facts.iter().map(|fact| fact.text.len()).sum();
    let lines = count(facts.facts.len(), "line");
    html! {
        section aria-labelledby="raw" {
            h2 id="raw" { "The record" }
            @if size > REPEATED {
                p { (lines) ", " (size / 1024 / 1024) " MiB, which are too much to repeat here: keep the file with this page." }
            } @else { details {
                summary { (lines) ", as written" }
                pre tabindex="0" aria-labelledby="raw" {
                    @for fact in &facts.facts { (shown(&fact.text)) "\n" }
                }
            } }
        }
    }
}
