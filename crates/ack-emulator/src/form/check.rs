//! Checks written settings against their table. Every mistake is named with its path.

use std::fmt;

use serde_json::{Map, Value};

use super::{Form, Key, MAX_TEXT, Tagged, parse_duration};

/// How many mistakes are told at once; a file in another format altogether would have hundreds.
const MAX_PROBLEMS: usize = 20;

/// The longest list or object that is taken.
const MAX_ITEMS: usize = 10_000;

/// Mistakes in written settings, each a sentence without its full stop that names the path, the value and the remedy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    pub(crate) fn add(&mut self, path: impl fmt::Display, problem: impl fmt::Display) {
        if self.0.len() < MAX_PROBLEMS {
            self.0.push(format!("{path} {problem}"));
        }
    }

    pub(crate) fn of(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }

    pub(crate) fn extend(&mut self, others: Self) {
        let room = MAX_PROBLEMS.saturating_sub(self.0.len());
        self.0.extend(others.0.into_iter().take(room));
    }

    pub(crate) fn as_slice(&self) -> &[String] {
        &self.0
    }

    pub(crate) fn into_vec(self) -> Vec<String> {
        self.0
    }

    /// `value`, if nothing is wrong.
    pub(crate) fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

/// Checks a value that must be an object with these keys. `path` is where it stands; empty at the top.
pub(crate) fn check(keys: &[Key], path: &str, value: &Value, problems: &mut Problems) {
    let Some(entries) = object(path, value, problems) else { return };
    entries_of(&[keys], path, entries, problems);
}

/// The one of `known` that somebody may have meant.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LIKE_ENOUGH: f64 = 0.75;
    // The cost of a comparison grows with both lengths, and no name is this long.
    let name: String = name.chars().take(64).collect::<String>().to_lowercase();
    let likeness = |known: &&str| strsim::jaro_winkler(&name, &known.to_lowercase());
    let best = known.into_iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(&best) >= LIKE_ENOUGH).then_some(best)
}

fn object<'v>(path: &str, value: &'v Value, problems: &mut Problems) -> Option<&'v Map<String, Value>> {
    let entries = value.as_object();
    if entries.is_none() {
        let path = if path.is_empty() { "the whole" } else { path };
        problems.add(path, format_args!("is {}: give it keys and values", described(value)));
    }
    entries
}

/// Checks the entries of an object whose keys are in one of `tables`.
fn entries_of(tables: &[&[Key]], path: &str, entries: &Map<String, Value>, problems: &mut Problems) {
    let keys = || tables.iter().copied().flatten();
    for (name, value) in entries {
        let place = joined(path, name);
        match keys().find(|key| key.name == name) {
            Some(key) => value_of(&key.form, &place, value, problems),
            None => {
                let remedy = match nearest(name, keys().map(|key| key.name)) {
                    Some(meant) => format!("did you mean {meant}?"),
                    None => format!("use {}", listed(keys().map(|key| key.name))),
                };
                problems.add(place, format_args!("is no known key: {remedy}"));
            }
        }
    }
    for key in keys().filter(|key| key.is_required && !entries.contains_key(key.name)) {
        problems.add(joined(path, key.name), format_args!("is missing: add it ({})", key.doc));
    }
}

fn value_of(form: &Form, path: &str, value: &Value, problems: &mut Problems) {
    let mut wrong = |remedy: String| problems.add(path, format_args!("is {}: {remedy}", described(value)));
    match form {
        Form::Text | Form::AnyText => match value.as_str() {
            None if value.is_number() || value.is_boolean() => wrong("put it in quotes".to_owned()),
            None => wrong("give a text".to_owned()),
            Some("") if matches!(form, Form::Text) => wrong("give a text".to_owned()),
            Some(text) if text.len() > MAX_TEXT => wrong(format!("give {MAX_TEXT} bytes at most")),
            Some(_) => {}
        },
        // A secret shows in no message, not even a mistaken one.
        Form::Secret => {
            if !value.as_str().is_some_and(|text| !text.is_empty() && text.len() <= MAX_TEXT) {
                problems.add(path, format_args!("is no secret: give a text of up to {MAX_TEXT} bytes, in quotes"));
            }
        }
        Form::Flag if value.is_boolean() => {}
        Form::Flag => wrong("give true or false".to_owned()),
        Form::Whole(least, most) => {
            if !value.as_u64().is_some_and(|number| (*least..=*most).contains(&number)) {
                wrong(format!("give a whole number from {least} to {most}"));
            }
        }
        Form::WholeOf(numbers) => {
            if !value.as_u64().is_some_and(|number| numbers.contains(&number)) {
                wrong(format!("give one of {}", listed(numbers.iter().map(ToString::to_string))));
            }
        }
        Form::Number(above, most) => {
            if !value.as_f64().is_some_and(|number| number > *above && number <= *most) {
                wrong(format!("give a number above {above} and up to {most}"));
            }
        }
        Form::Duration | Form::Shift => {
            let may_be_negative = matches!(form, Form::Shift);
            let duration = value.as_str().and_then(parse_duration);
            let example = if may_be_negative { "20m or -20m" } else { "500ms, 30s or 1h30m" };
            if duration.is_none_or(|duration| duration.is_negative() && !may_be_negative) {
                wrong(format!("give a number with its unit, up to 720h, such as {example}"));
            }
        }
        Form::Word(words) => {
            if !value.as_str().is_some_and(|word| words.contains(&word)) {
                wrong(format!("give {}", alternatives(words)));
            }
        }
        Form::Texts => match value {
            Value::Array(items) => list(path, items, problems, |path, item, problems| {
                value_of(&Form::Text, path, item, problems);
            }),
            Value::String(_) => value_of(&Form::Text, path, value, problems),
            _ => wrong("give a text or a list of texts".to_owned()),
        },
        Form::TextList => match value {
            Value::Array(items) => list(path, items, problems, |path, item, problems| {
                value_of(&Form::Text, path, item, problems);
            }),
            _ => wrong("give a list of texts".to_owned()),
        },
        Form::TextMap => {
            for (name, value) in object(path, value, problems).into_iter().flatten() {
                value_of(&Form::AnyText, &joined(path, name), value, problems);
            }
        }
        Form::Object(keys) => check(keys, path, value, problems),
        Form::Objects(keys) => objects(path, value, problems, |path, item, problems| {
            check(keys, path, item, problems);
        }),
        Form::Nothing => wrong("leave it out".to_owned()),
        Form::Variant(kinds) => variant(kinds, path, value, problems),
        Form::Tagged(tagged) => objects(path, value, problems, |path, item, problems| {
            tagged.check(path, item, problems);
        }),
    }
}

/// Checks a value that is one of some kinds: a word, or an object with a word and what goes with it.
fn variant(kinds: &[Key], path: &str, value: &Value, problems: &mut Problems) {
    let (name, settings) = match value {
        Value::String(name) => (name, None),
        Value::Object(entries) => match entries.iter().next() {
            Some((name, settings)) if entries.len() == 1 => (name, Some(settings)),
            _ => return problems.add(path, format_args!("has {} keys: give it one", entries.len())),
        },
        _ => {
            let names = listed(kinds.iter().map(|kind| kind.name));
            return problems.add(path, format_args!("is {}: give one of {names}", described(value)));
        }
    };
    let Some(kind) = kinds.iter().find(|kind| kind.name == name) else {
        let remedy = match nearest(name, kinds.iter().map(|kind| kind.name)) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!("use one of {}", listed(kinds.iter().map(|kind| kind.name))),
        };
        return problems.add(path, format_args!("is {:?}, which is not known here: {remedy}", clipped(name)));
    };
    match (&kind.form, settings) {
        (Form::Nothing, None) => {}
        (Form::Nothing, Some(_)) => {
            problems.add(path, format_args!("has settings: {name} takes none; write the word alone"));
        }
        (_, None) => {
            problems.add(path, format_args!("is {name:?} alone: give it settings, such as {{{name}: {{..}}}}"));
        }
        (form, Some(settings)) => value_of(form, &joined(path, name), settings, problems),
    }
}

fn objects(path: &str, value: &Value, problems: &mut Problems, each: impl FnMut(&str, &Value, &mut Problems)) {
    match value {
        Value::Array(items) => list(path, items, problems, each),
        _ => problems.add(path, format_args!("is {}: give a list", described(value))),
    }
}

fn list(path: &str, items: &[Value], problems: &mut Problems, mut each: impl FnMut(&str, &Value, &mut Problems)) {
    if items.len() > MAX_ITEMS {
        problems.add(path, format_args!("has {} entries: give {MAX_ITEMS} at most", items.len()));
        return;
    }
    for (position, item) in items.iter().enumerate() {
        each(&format!("{path}[{position}]"), item, problems);
    }
}

impl Tagged {
    /// Checks one object, which may also be no more than the name of its kind.
    pub(crate) fn check(&self, path: &str, value: &Value, problems: &mut Problems) {
        let Some(entries) = object(path, value, problems) else { return };
        let kinds = (self.kinds)();
        let tag = joined(path, self.tag);
        let Some(name) = entries.get(self.tag).and_then(Value::as_str) else {
            let names = listed(kinds.iter().map(|kind| kind.name));
            let found = entries.get(self.tag).map_or("missing".to_owned(), described);
            problems.add(tag, format_args!("is {found}: name the {}, one of {names}", self.noun));
            return;
        };
        let Some(kind) = kinds.iter().find(|kind| kind.name == name) else {
            let remedy = match nearest(name, kinds.iter().map(|kind| kind.name)) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("use {}", listed(kinds.iter().map(|kind| kind.name))),
            };
            problems.add(tag, format_args!("is {:?}, which is no {}: {remedy}", clipped(name), self.noun));
            return;
        };
        let tag = [Key::new(self.tag, Form::Text, "")];
        entries_of(&[&tag, kind.keys, self.shared], path, entries, problems);
    }
}

fn joined(path: &str, name: &str) -> String {
    // What somebody wrote for a key must not spoil a terminal.
    let name = clipped(name).replace(char::is_control, "\u{FFFD}");
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("{:?}", clipped(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn clipped(text: &str) -> String {
    text.chars().take(64).collect()
}

fn listed(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
    names.join(", ")
}

fn alternatives(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
