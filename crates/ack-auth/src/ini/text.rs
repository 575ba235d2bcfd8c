//! The text of an ini file, line by line.
//!
//! Everything is a part of the text, so that no secret is copied and nothing but the text has to be wiped. The libraries for
//! ini copy what they read; rust-ini takes a line without a sign, and the line below it, for one key, and configparser takes it
//! for a key without a value, so neither names the line.

/// A file, in its order.
pub(super) struct Ini<'t>(Vec<Section<'t>>);

/// A section and its keys.
pub(super) struct Section<'t> {
    name: &'t str,
    line: usize,
    entries: Vec<Entry<'t>>,
}

struct Entry<'t> {
    key: &'t str,
    value: &'t str,
    line: usize,
}

impl<'t> Ini<'t> {
    /// Reads a text as it is written: quotes, backslashes and `#` are part of a value. The refusal goes after the name of the
    /// file, names the line and quotes nothing.
    ///
    /// A line that ends in a backslash is refused, because some SDKs take it and the next one for one line.
    pub(super) fn read(text: &'t str) -> Result<Self, String> {
        let mut sections: Vec<Section<'t>> = Vec::new();
        for (at, lines) in text.trim_start_matches('\u{feff}').split('\n').enumerate() {
            let line = at + 1;
            // Alone, a carriage return ends a line as well.
            for text in lines.split('\r').map(str::trim) {
                if text.is_empty() || text.starts_with(['#', ';']) {
                    continue;
                }
                if text.ends_with('\\') {
                    return Err(format!("line {line} ends in a backslash: remove it"));
                }
                if let Some(rest) = text.strip_prefix('[') {
                    let name = name(rest).ok_or_else(|| format!("line {line} begins a section and is not [name]"))?;
                    sections.push(Section { name, line, entries: Vec::new() });
                    continue;
                }
                let (key, value) = text.split_once(['=', ':']).unwrap_or_default();
                if key.is_empty() {
                    return Err(format!("line {line} is no section, no comment and not key = value"));
                }
                // What stands before the first section belongs to none.
                if let Some(section) = sections.last_mut() {
                    section.entries.push(Entry { key: key.trim_end(), value: value.trim_start(), line });
                }
            }
        }
        Ok(Self(sections))
    }

    /// The section of that name. One that comes twice is refused, because SDKs differ in what they take from it.
    pub(super) fn section(&self, name: &str) -> Result<Option<&Section<'t>>, String> {
        let mut found: Option<&Section<'t>> = None;
        for section in self.0.iter().filter(|section| section.name == name) {
            if let Some(first) = found.replace(section) {
                let (first, again) = (first.line, section.line);
                return Err(format!("line {again} begins the section of line {first} again: make them one section"));
            }
        }
        Ok(found)
    }

    /// The names of the sections, in order and each as often as it comes.
    pub(super) fn names(&self) -> impl Iterator<Item = &'t str> {
        self.0.iter().map(|section| section.name)
    }
}

impl<'t> Section<'t> {
    /// A value, none if it is empty. A key that comes twice is refused for the same reason.
    pub(super) fn get(&self, key: &str) -> Result<Option<&'t str>, String> {
        let mut found: Option<&Entry<'t>> = None;
        for entry in self.entries.iter().filter(|entry| entry.key == key) {
            if let Some(first) = found.replace(entry) {
                return Err(format!("lines {} and {} both set {key}: remove one of them", first.line, entry.line));
            }
        }
        Ok(found.map(|entry| entry.value).filter(|value| !value.is_empty()))
    }
}

/// The name of a section, from what stands behind its bracket. A comment may follow.
fn name(rest: &str) -> Option<&str> {
    let (name, behind) = rest.split_once(']')?;
    let behind = behind.trim_start();
    (behind.is_empty() || behind.starts_with(['#', ';'])).then(|| name.trim())
}
