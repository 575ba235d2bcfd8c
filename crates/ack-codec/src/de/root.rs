//! The top of an XML body: a root around the value, a run of elements, or bare text.

use super::De;
use super::items::is_request_id;
use super::place::{Place, Want};
use crate::error::Error;
use crate::format::Format;
use crate::tape::{Kind, NONE, Tape};

/// The node that holds what is wanted at the top.
pub(super) fn find<'a, 'de>(de: De<'a, 'de>, want: Want) -> Result<De<'a, 'de>, Error> {
    let item = de.at(de.node, Place::Item);
    if de.value().kind == Kind::Nothing {
        return Err(Error::empty_body());
    }
    if de.context.format == Format::Json || de.value().kind == Kind::Text {
        return Ok(item);
    }
    let root = single_root(de.tape());
    let inside = match want {
        Want::Scalar => root,
        Want::Struct(fields) => root.filter(|&root| is_root_of_struct(de.tape(), root, fields)),
        Want::Map | Want::Any => root.filter(|&root| is_response(de.tape(), root)),
        Want::List => return Ok(find_list(item, root)),
    };
    Ok(inside.map_or(item, |root| enter(item, root)))
}

/// Whether the body is a root with nothing in it.
pub(super) fn is_empty(de: De<'_, '_>) -> bool {
    let tape = de.tape();
    let root = single_root(tape).filter(|&root| de.context.format == Format::Xml && is_response(tape, root));
    root.is_some_and(|root| tape.node(root).kind == Kind::Text && tape.node(root).len == 0)
}

/// Steps into a root, from which paths count then.
fn enter<'a, 'de>(de: De<'a, 'de>, root: u32) -> De<'a, 'de> {
    de.context.base.set(root);
    de.at(root, Place::Item)
}

/// The value of the only top-level element.
fn single_root(tape: &Tape<'_>) -> Option<u32> {
    let key = tape.only_key(0)?;
    (tape.node(key).next == NONE).then_some(key + 1)
}

fn name<'t>(tape: &'t Tape<'_>, value: u32) -> &'t str {
    tape.text(tape.node(value.saturating_sub(1)))
}

fn is_response(tape: &Tape<'_>, root: u32) -> bool {
    name(tape, root).ends_with("Response")
}

/// A field that stands alone has a known name; an unknown field that stands alone has a text.
fn is_root_of_struct(tape: &Tape<'_>, root: u32, fields: &[&str]) -> bool {
    let node = tape.node(root);
    let blank = node.kind == Kind::Text && tape.text(node).trim_ascii().is_empty();
    let can_hold_fields = blank || matches!(node.kind, Kind::Object | Kind::Mixed);
    !fields.contains(&name(tape, root)) && (can_hold_fields || is_response(tape, root))
}

/// Where the items of a top-level list are.
fn find_list<'a, 'de>(de: De<'a, 'de>, root: Option<u32>) -> De<'a, 'de> {
    let tape = de.tape();
    let mut de = de;
    if let Some(root) = root
        && (is_response(tape, root) || is_indexed(tape, root))
    {
        de = enter(de, root);
    }
    if de.value().kind != Kind::Object {
        return de;
    }
    if is_indexed(tape, de.node) {
        return de.at(de.node, Place::Root);
    }
    let mut keys = tape.keys(de.node).filter(|&key| !tape.node(key).repeat);
    let mut keys = (&mut keys).filter(|&key| !is_request_id(tape.text(tape.node(key))));
    match (keys.next(), keys.next()) {
        (Some(key), None) if tape.node(key).next != NONE => de.at(key + 1, Place::Group(None)),
        (Some(key), None) => de.at(key + 1, Place::Item),
        (None, _) => de.at(de.node, Place::Root),
        // Several fields and no positions: one item, printed without the list around it.
        (Some(_), Some(_)) => de.at(de.node, Place::Item),
    }
}

/// Whether all children, apart from a request id, are named by position: `<0>..</0><1>..</1>`.
fn is_indexed(tape: &Tape<'_>, object: u32) -> bool {
    let mut names = tape.keys(object).map(|key| tape.text(tape.node(key))).filter(|name| !is_request_id(name));
    let mut any = false;
    names.all(|name| {
        any = true;
        name.bytes().all(|byte| byte.is_ascii_digit())
    }) && any
}
