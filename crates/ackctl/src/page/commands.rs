//! Who did what.

use maud::{Markup, html};

use super::words::{moment, shown};
use crate::account::{Act, Command};
use crate::output::count;

/// More than this are folded.
const UNFOLDED_ACTS: usize = 40;

pub(super) fn section(commands: &[Command]) -> Markup {
    html! {
        section aria-labelledby="commands" {
            h2 id="commands" { "Who did what" }
            @for command in commands { (one(command)) }
        }
    }
}

fn one(command: &Command) -> Markup {
    let name = command.name.as_deref().unwrap_or("a command whose first line is missing");
    let class = match command.exit_code {
        Some(0) => "good",
        None | Some(5 | 6 | 130) => "open",
        Some(_) => "bad",
    };
    html! {
        article.command {
            h3 { code { @if command.name.is_some() { "ackctl " } (shown(name)) } }
            p.when { (moment(command.at)) }
            dl {
                @if let Some(cluster) = &command.cluster_id { div { dt { "Cluster" } dd { code { (shown(cluster)) } } } }
                @if let Some(who) = &command.who { div { dt { "By" } dd { (shown(who)) } } }
                @if let Some(caller) = &command.caller { div { dt { "With" } dd { (shown(caller)) } } }
                @if let Some(place) = &command.place { div { dt { "At" } dd { (shown(place)) } } }
                @if let Some(program) = &command.program { div { dt { "Program" } dd { (shown(program)) } } }
                div { dt { "End" } dd { span class=(format!("dot {class}")) aria-hidden="true" {} (shown(&command.end)) } }
            }
            @if command.acts.len() > UNFOLDED_ACTS {
                details { summary { (count(command.acts.len(), "act")) } div.tall { (acts(&command.acts)) } }
            } @else if !command.acts.is_empty() {
                (acts(&command.acts))
            }
        }
    }
}

fn acts(acts: &[Act]) -> Markup {
    html! { ol.acts { @for act in acts { (did(act)) } } }
}

fn did(act: &Act) -> Markup {
    html! {
        li {
            span.when { (moment(act.at)) }
            span.what {
                @if let Some(cluster) = &act.cluster_id { code { (shown(cluster)) } ": " }
                (shown(&act.text))
                @if let Some(request) = &act.request_id {
                    span.request { "Request ID " code { (shown(request)) } }
                }
            }
        }
    }
}
