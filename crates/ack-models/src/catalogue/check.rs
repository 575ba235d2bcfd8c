//! Checks a call's input against the catalogue.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::{Catalogue, FieldEntry, Kind};

/// The parts an input may have.
const PARTS: [&str; 3] = ["path", "query", "body"];

/// One thing that does not fit, with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where: `body.rolling_policy.max_parallelism`.
    pub path: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

pub(super) fn check(catalogue: &Catalogue, operation_id: &str, input: &Value) -> Vec<Problem> {
    let mut checker = Checker { catalogue, problems: Vec::new() };
    checker.input(operation_id, input);
    checker.problems
}

/// The candidate most like a text, if one is like it at all.
pub(super) fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.8;
    let text = text.to_ascii_lowercase();
    candidates
        .map(|candidate| (strsim::jaro_winkler(&text, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

struct Checker<'a> {
    catalogue: &'a Catalogue,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn input(&mut self, operation_id: &str, input: &Value) {
        let Some(operation) = self.catalogue.operations.get(operation_id) else {
            let hint = hint(self.catalogue.nearest_operation(operation_id));
            return self.add(operation_id, format!("the API has no such operation{hint}"));
        };
        let empty = Map::new();
        let parts = match input {
            Value::Object(parts) => parts,
            Value::Null => &empty,
            other => return self.expected("input", "an object with path, query and body", other),
        };
        for name in parts.keys().filter(|name| !PARTS.contains(&name.as_str())) {
            let hint = hint(nearest(name, PARTS.into_iter()));
            self.add(name, format!("an input has path, query and body only{hint}"));
        }
        let part = |name: &str| parts.get(name).filter(|value| !value.is_null());
        self.fields("path", operation_id, &operation.path_parameters, part("path"));
        match (&operation.query, part("query")) {
            (Some(Kind::Ref(schema)), value) => {
                if let Some(entry) = self.catalogue.schemas.get(schema) {
                    self.fields("query", operation_id, &entry.fields, value);
                }
            }
            (_, Some(Value::Object(fields))) if fields.is_empty() => {}
            (_, Some(_)) => self.add("query", format!("{operation_id} takes no query parameters")),
            (_, None) => {}
        }
        match (&operation.body, part("body")) {
            (Some(kind), Some(value)) => self.value("body", kind, value),
            (Some(_), None) => self.add("body", format!("{operation_id} needs a body")),
            (None, Some(_)) => self.add("body", format!("{operation_id} takes no body")),
            (None, None) => {}
        }
    }

    fn value(&mut self, path: &str, kind: &'a Kind, value: &Value) {
        match (kind, value) {
            (Kind::Any, _)
            | (Kind::String, Value::String(_))
            | (Kind::Number, Value::Number(_))
            | (Kind::Boolean, Value::Bool(_)) => {}
            (Kind::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {}
            (Kind::List(inner), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&format!("{path}[{index}]"), inner, item);
                }
            }
            (Kind::Map(inner), Value::Object(entries)) => {
                for (key, item) in entries {
                    self.value(&format!("{path}.{key}"), inner, item);
                }
            }
            (Kind::Ref(name), value) => self.reference(path, name, value),
            (Kind::String, other) => self.expected(path, "a string", other),
            (Kind::Integer, other) => self.expected(path, "a whole number", other),
            (Kind::Number, other) => self.expected(path, "a number", other),
            (Kind::Boolean, other) => self.expected(path, "true or false", other),
            (Kind::List(_), other) => self.expected(path, "a list", other),
            (Kind::Map(_), other) => self.expected(path, "an object", other),
        }
    }

    fn reference(&mut self, path: &str, name: &'a str, value: &Value) {
        let Some(schema) = self.catalogue.schemas.get(name) else {
            return;
        };
        match (&schema.values, value) {
            // Enums are open, so an undocumented value is no mistake.
            (Some(_), Value::String(_)) => {}
            (Some(values), other) => self.expected(path, &format!("one of {}", values.join(", ")), other),
            (None, value) => self.fields(path, name, &schema.fields, Some(value)),
        }
    }

    fn fields(&mut self, path: &str, owner: &str, known: &'a BTreeMap<String, FieldEntry>, value: Option<&Value>) {
        let empty = Map::new();
        let given = match value {
            None => &empty,
            Some(Value::Object(given)) => given,
            Some(other) => return self.expected(path, "an object", other),
        };
        for (name, value) in given {
            let place = format!("{path}.{name}");
            match known.get(name) {
                // Null is how JSON writers leave a field out.
                Some(field) if value.is_null() && !field.required => {}
                Some(field) => {
                    let before = self.problems.len();
                    self.value(&place, &field.kind, value);
                    if field.sensitive {
                        self.hide_values(before);
                    }
                }
                None => {
                    let hint = hint(nearest(name, known.keys().map(String::as_str)));
                    self.add(&place, format!("{owner} has no such field{hint}"));
                }
            }
        }
        for (name, _) in known.iter().filter(|(name, field)| field.required && !given.contains_key(*name)) {
            self.add(&format!("{path}.{name}"), format!("{owner} needs this field"));
        }
    }

    /// Takes the values out of the problems from an index on; they are secrets of the wrong type.
    fn hide_values(&mut self, from: usize) {
        for problem in self.problems.iter_mut().skip(from) {
            if let Some((expected, _)) = problem.message.split_once(", found ") {
                problem.message = format!("{expected}, found something else");
            }
        }
    }

    fn expected(&mut self, path: &str, wanted: &str, found: &Value) {
        self.add(path, format!("expected {wanted}, found {}", shown(found)));
    }

    fn add(&mut self, path: &str, message: String) {
        self.problems.push(Problem { path: path.to_owned(), message });
    }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// A value in a few words: `the string "abc"`, `a list`.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => {
            let short: String = text.chars().take(40).collect();
            format!("the string {short:?}")
        }
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_of_the_wrong_type_is_not_shown() {
        let catalogue: Catalogue = serde_json::from_value(json!({
            "operations": {"Log": {"method": "POST", "path": "/", "area": "a", "summary": "s", "body": {"ref": "Login"}}},
            "schemas": {"Login": {"fields": {
                "password": {"kind": "string", "sensitive": true},
                "size": {"kind": "integer"}
            }}}
        }))
        .unwrap();
        let problems = catalogue.check("Log", &json!({"body": {"password": 12345, "size": "12"}}));
        let texts: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(
            texts,
            [
                "body.password: expected a string, found something else",
                "body.size: expected a whole number, found the string \"12\""
            ]
        );
    }
}
