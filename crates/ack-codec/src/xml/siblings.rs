//! Finds earlier elements of the same name under the same parent, in constant time however many names there are.

use std::collections::HashMap;

/// Above this many distinct names in one element, a hash map takes over from comparing one by one.
const FEW: usize = 32;

/// The distinct names of every open element.
pub(super) struct Siblings<'de> {
    /// Names of all open elements, those of inner elements after those of outer ones.
    names: Vec<(&'de str, Keys)>,
    /// The elements that are open around the current one.
    outer: Vec<Frame<'de>>,
    current: Frame<'de>,
}

/// The keys of one name.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) count: u32,
}

/// The part of the names that belongs to one element.
#[derive(Default)]
struct Frame<'de> {
    base: usize,
    /// One bit for each name that is there, by [`bit`].
    present: u64,
    /// Positions in the names, once there are many.
    many: Option<HashMap<&'de str, usize>>,
}

impl<'de> Siblings<'de> {
    pub(super) fn new() -> Self {
        // Short answers have no more names than that.
        Self { names: Vec::with_capacity(FEW / 2), outer: Vec::new(), current: Frame::default() }
    }

    /// Adds a key under the current element and returns the previous keys of that name, if any.
    pub(super) fn add(&mut self, name: &'de str, key: u32) -> Option<Keys> {
        let base = self.current.base;
        let bit = bit(name);
        let known = match &self.current.many {
            // Nearly every name is new, and this bit mostly says so.
            _ if self.current.present & bit == 0 => None,
            Some(many) => many.get(name).copied(),
            // Backwards: repeated elements mostly follow one another.
            None => {
                let names = self.names.get(base..).unwrap_or_default();
                names.iter().rposition(|&(known, _)| known == name).map(|index| base + index)
            }
        };
        if let Some((_, keys)) = known.and_then(|index| self.names.get_mut(index)) {
            let more = Keys { last: key, count: keys.count + 1, ..*keys };
            return Some(std::mem::replace(keys, more));
        }
        self.names.push((name, Keys { first: key, last: key, count: 1 }));
        self.current.present |= bit;
        match &mut self.current.many {
            Some(many) => drop(many.insert(name, self.names.len() - 1)),
            None if self.names.len() - base > FEW => {
                let names = self.names.iter().enumerate().skip(base);
                self.current.many = Some(names.map(|(index, &(name, _))| (name, index)).collect());
            }
            None => {}
        }
        None
    }

    /// An element opens inside the current one.
    pub(super) fn enter(&mut self) {
        let inner = Frame { base: self.names.len(), present: 0, many: None };
        self.outer.push(std::mem::replace(&mut self.current, inner));
    }

    /// The current element closes.
    pub(super) fn leave(&mut self) {
        self.names.truncate(self.current.base);
        self.current = self.outer.pop().unwrap_or_default();
    }
}

/// One of 64 bits, mostly another one for another name.
fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let at = |index: usize| bytes.get(index).map_or(0, |&byte| u32::from(byte));
    let mixed = at(0) + 7 * at(bytes.len() / 2) + 31 * at(bytes.len().wrapping_sub(1)) + 17 * bytes.len() as u32;
    1 << (mixed % 64)
}
