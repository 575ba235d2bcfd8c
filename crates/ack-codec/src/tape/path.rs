//! Names a node by its path. Computed only for error messages and drift reports.

use std::fmt::Write as _;

use super::{Kind, NONE, Tape};
use crate::error::shorten;

/// How the place in a list is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Indexes {
    /// `tasks[3]`, for one value.
    Exact,
    /// `tasks[]`, for all values of that place.
    Any,
}

/// The path from `base` to `target`, such as `tasks[3].error.code`; empty for `base` itself. The middle of a long path
/// is left out.
pub(crate) fn path_of(tape: &Tape<'_>, base: u32, target: u32, indexes: Indexes) -> String {
    let mut path = String::new();
    let mut at = if contains(tape, base, target) { base } else { 0 };
    while at != target && contains(tape, at, target) {
        at = match tape.node(at).kind {
            Kind::List => step_into_list(tape, at, target, indexes, &mut path),
            Kind::Object | Kind::Mixed => step_into_object(tape, at, target, indexes, &mut path),
            _ => break,
        };
    }
    leave_out_middle(path)
}

/// Appends the name of a field to a path.
pub(crate) fn push_name(path: &mut String, name: &str) {
    let plain =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if !plain {
        path.push_str("[\"");
        path.push_str(&shorten(name));
        path.push_str("\"]");
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&shorten(name));
}

/// Paths grow with the nesting of hostile bodies; the ends say enough.
fn leave_out_middle(path: String) -> String {
    const END: usize = 100;
    if path.len() <= 3 * END {
        return path;
    }
    let boundary = |mut at: usize| {
        while !path.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let head = path.get(..boundary(END)).unwrap_or_default();
    let tail = path.get(boundary(path.len() - END)..).unwrap_or_default();
    format!("{head}\u{2026}{tail}")
}

fn contains(tape: &Tape<'_>, node: u32, target: u32) -> bool {
    node <= target && target < tape.node(node).next
}

fn step_into_list(tape: &Tape<'_>, list: u32, target: u32, indexes: Indexes, path: &mut String) -> u32 {
    let (mut item, mut count) = (list + 1, 0usize);
    while !contains(tape, item, target) && tape.node(item).next != NONE {
        item = tape.node(item).next;
        count += 1;
    }
    push_index(path, count, indexes);
    item
}

fn step_into_object(tape: &Tape<'_>, object: u32, target: u32, indexes: Indexes, path: &mut String) -> u32 {
    let mut found = None;
    for key in tape.keys(object) {
        if key == target || contains(tape, key + 1, target) {
            found = Some(key);
            break;
        }
    }
    let Some(key) = found else { return target };
    let node = tape.node(key);
    let name = tape.text(node);
    push_name(path, name);
    if key == target {
        return target;
    }
    if node.repeat || node.next != NONE {
        let before = tape.keys(object).take_while(|&other| other != key);
        let same = before.filter(|&other| tape.text(tape.node(other)) == name);
        // Counting looks at all siblings, which is too much for the many paths of a drift report.
        push_index(path, if indexes == Indexes::Exact { same.count() } else { 0 }, indexes);
    }
    key + 1
}

fn push_index(path: &mut String, index: usize, indexes: Indexes) {
    match indexes {
        // Writing to a string cannot fail.
        Indexes::Exact => drop(write!(path, "[{index}]")),
        Indexes::Any => path.push_str("[]"),
    }
}
