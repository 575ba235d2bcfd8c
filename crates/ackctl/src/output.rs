//! Rendering: tables, JSON, YAML, and text that is safe on a terminal.

use std::borrow::Cow;

use ack_upgrade::{AddonStatus, UpgradeKind, UpgradeStatus};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::context::Stream;
use crate::failure::Failure;

/// Indented JSON with a line end.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| unprintable("JSON", &error))?;
    Ok(text + "\n")
}

/// JSON on one line, with a line end.
pub(crate) fn json_line(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value).map_err(|error| unprintable("JSON", &error))?;
    Ok(text + "\n")
}

/// YAML with a line end.
pub(crate) fn yaml(value: &impl Serialize) -> Result<String, Failure> {
    serde_norway::to_string(value).map_err(|error| unprintable("YAML", &error))
}

/// A table of names and values, without those that have none. `width` is that of the terminal; without one nothing is
/// wrapped.
pub(crate) fn table<'a>(rows: impl IntoIterator<Item = (&'a str, Option<Cow<'a, str>>)>, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.max(20)),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    for (name, value) in rows {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            table.add_row([name, &printable(&value)]);
        }
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 2));
    }
    if let Some(column) = table.column_mut(1) {
        column.set_padding((0, 0));
    }
    table.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// A table without a head. The last column gives way where the terminal, of that width, is too narrow.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.max(20)),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.add_rows(rows.iter().map(|row| row.iter().map(|cell| printable(cell).into_owned()).collect::<Vec<_>>()));
    for (index, column) in table.column_iter_mut().enumerate() {
        let is_last = index + 1 == N;
        column.set_padding((0, if is_last { 0 } else { 2 }));
        if !is_last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// A table with a heading. `width` is that of the terminal; without one nothing is wrapped.
pub(crate) fn grid<const N: usize>(
    heading: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    width: Option<u16>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.max(20)),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.add_row(heading.map(str::to_uppercase));
    for row in rows {
        table.add_row(row.map(|cell| printable(&cell).into_owned()));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// How wide to print help. Where there is no terminal, it is not the width of one.
pub(crate) fn help_width(stdout: &Stream) -> u16 {
    const USUAL: u16 = 100;
    stdout.width().unwrap_or(USUAL)
}

/// The fields of a status that have values.
pub(crate) fn status_table(status: &UpgradeStatus, width: Option<u16>) -> String {
    let text = |value: &'_ Option<String>| value.clone().map(Cow::Owned);
    let phase = match status.paused_by {
        Some(by) => format!("{} by {by}", status.phase),
        None => status.phase.to_string(),
    };
    let addons: Vec<String> = status.addon_states.iter().map(addon).collect();
    let task_message = status.upgrade_task.as_ref().and_then(|task| task.message.clone());
    table(
        [
            ("cluster", Some(status.cluster_id.as_str().into())),
            ("upgrade of", (status.upgrade != UpgradeKind::ControlPlane).then(|| status.upgrade.to_string().into())),
            ("phase", Some(phase.into())),
            ("node pool state", status.nodepool_state.as_ref().map(|state| state.as_str().into())),
            ("add-ons", Some(addons.join(", ").into())),
            ("cluster state", status.cluster_state.as_ref().map(|state| state.as_str().into())),
            ("current version", text(&status.current_version)),
            ("target version", text(&status.target_version)),
            ("task", text(&status.task_id)),
            ("stage", text(&status.stage)),
            ("progress", status.progress.map(|progress| progress.to_string().into())),
            ("last event", text(&status.last_event)),
            ("error", text(&status.error_message)),
            ("upgrade step", status.upgrade_step.as_ref().map(|step| step.as_str().into())),
            ("status", status.status.as_ref().map(|state| state.as_str().into())),
            ("task message", task_message.map(Cow::Owned)),
            ("precheck report", text(&status.precheck_report_id)),
            ("started", text(&status.started_at)),
            ("updated", text(&status.updated_at)),
            ("source", Some(status.source.to_string().into())),
            ("request id", text(&status.request_id)),
        ],
        width,
    )
}

/// `coredns is active at v1.9.3, to v1.11.3`
fn addon(addon: &AddonStatus) -> String {
    let state = addon.state.as_ref().map_or("not installed", |state| state.as_str());
    let version = addon.version.as_ref().map(|version| format!(" at {version}")).unwrap_or_default();
    let target = addon.target_version.as_ref().map(|version| format!(", to {version}")).unwrap_or_default();
    format!("{} is {state}{version}{target}", addon.name)
}

/// The text without characters that steer: words of the service must not steer a terminal, nor turn the words around them about.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(steers) {
        text.chars().map(|c| if steers(c) { ' ' } else { c }).collect::<String>().into()
    } else {
        text.into()
    }
}

/// Whether a character changes how others are shown, be it by the terminal or by the direction of writing, instead of standing for
/// itself.
fn steers(c: char) -> bool {
    let is_about_direction =
        matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_about_direction || matches!(c, '\u{2028}' | '\u{2029}')
}

fn unprintable(format: &str, error: &dyn std::error::Error) -> Failure {
    Failure::error(format!("the result cannot be written as {format}: {error}"))
}

/// `1 line`, `2 lines`
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_the_terminal_or_the_direction_of_writing_is_not_printed() {
        assert_eq!(printable("\u{1b}[2Jpod \u{202e}gnp.1\u{2066}\r\n"), " [2Jpod  gnp.1   ");
        assert_eq!(printable("集群 é 🚀"), "集群 é 🚀");
    }

    #[test]
    fn a_table_keeps_to_the_width_and_leaves_empty_values_out() {
        let rows = || {
            [
                ("cluster", Some("c106f377e16f34eb1808d6b9362c9test".into())),
                ("nothing", None),
                ("empty", Some("".into())),
                ("last event", Some("the control plane is being upgraded, \u{1b}[2Jnode by node".into())),
            ]
        };
        insta::assert_snapshot!(table(rows(), None), @r"
        cluster     c106f377e16f34eb1808d6b9362c9test
        last event  the control plane is being upgraded,  [2Jnode by node
        ");
        insta::assert_snapshot!(table(rows(), Some(40)), @"
        cluster     c106f377e16f34eb1808d6b9362c
                    9test
        last event  the control plane is being
                    upgraded,  [2Jnode by node
        ");
        for width in [0, 20, 25, 40, 79, u16::MAX] {
            let widest = table(rows(), Some(width)).lines().map(str::len).max();
            assert!(widest <= Some(usize::from(width.max(20))), "{width}: {widest:?}");
        }
    }
}
