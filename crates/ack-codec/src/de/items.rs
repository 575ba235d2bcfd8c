//! The items of a list, in whichever of the forms the wire has them.

use crate::tape::{Kind, NONE, Tape};

/// Walks over the items of a list.
#[derive(Clone, Copy)]
pub(crate) struct Items {
    form: Form,
    /// The next item, or for a chain and for entries its key; [`NONE`] or `end` when there is none.
    at: u32,
    end: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Values one after the other.
    Run,
    /// Keys of one name, chained.
    Chain,
    /// Entries of an object named by position; a request id among them is skipped.
    Entries,
}

impl Items {
    /// No items.
    pub(super) const EMPTY: Self = Self { form: Form::Run, at: 0, end: 0 };

    /// The value itself, as the only item.
    pub(super) fn one(tape: &Tape<'_>, node: u32) -> Self {
        Self { form: Form::Run, at: node, end: tape.node(node).next }
    }

    /// The items of a JSON list.
    pub(super) fn of_list(tape: &Tape<'_>, list: u32) -> Self {
        Self { form: Form::Run, at: list + 1, end: tape.node(list).next }
    }

    /// Whatever stands under the key before `first`: a JSON list, repeated elements, nothing, or one value.
    pub(super) fn of_group(tape: &Tape<'_>, first: u32) -> Self {
        let node = tape.node(first);
        match node.kind {
            _ if tape.node(first - 1).next != NONE => Self { form: Form::Chain, at: first - 1, end: NONE },
            Kind::List => Self::of_list(tape, first),
            Kind::Null => Self::EMPTY,
            Kind::Text if node.len == 0 => Self::EMPTY,
            _ => Self::one(tape, first),
        }
    }

    /// The entries of an object whose names are positions.
    pub(super) fn of_entries(tape: &Tape<'_>, object: u32) -> Self {
        Self { form: Form::Entries, at: object + 1, end: tape.node(object).next }
    }

    /// The next item.
    #[inline]
    pub(super) fn next(&mut self, tape: &Tape<'_>) -> Option<u32> {
        loop {
            if self.at >= self.end {
                return None;
            }
            let at = self.at;
            match self.form {
                Form::Run => {
                    self.at = tape.node(at).next;
                    return Some(at);
                }
                Form::Chain => {
                    self.at = tape.node(at).next;
                    return Some(at + 1);
                }
                Form::Entries => {
                    self.at = tape.node(at + 1).next;
                    if !is_request_id(tape.text(tape.node(at))) {
                        return Some(at + 1);
                    }
                }
            }
        }
    }
}

/// Whether a name is one of the three spellings the service has for the id of a request.
pub(super) fn is_request_id(name: &str) -> bool {
    matches!(name, "RequestId" | "requestId" | "request_id")
}
