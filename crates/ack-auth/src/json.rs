//! JSON in which any text may be a secret: files with profiles, and answers with keys.
//!
//! One type takes whatever comes, and fields are looked up in it by name; a type for each answer, read by serde's derive,
//! was a large part of what this crate took to build.

use std::fmt;

use serde_core::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use zeroize::Zeroizing;

/// An object. Its texts are wiped on drop, and it cannot be formatted.
///
/// Looking a field up under several names finds it under any of them. A field that is null is absent; one that comes twice,
/// or holds something else than is asked for, is refused by an error that names it and quotes nothing.
pub(crate) struct Object(Vec<(String, Value)>);

enum Value {
    Null,
    Flag(bool),
    Whole(i64),
    /// A number of any other kind.
    Number,
    Text(Zeroizing<String>),
    List(Vec<Value>),
    Object(Object),
}

impl Object {
    /// Reads an object. The refusal, which goes after the name of the text, says where and what sort of mistake it is, and
    /// never quotes the text, as the parser's own message would.
    pub(crate) fn read(text: &[u8]) -> Result<Self, String> {
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        match serde_json::from_slice(text) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err("is not a JSON object".to_owned()),
            Err(error) => {
                let problem = match error.classify() {
                    Category::Eof => "ends too early",
                    Category::Data => "holds something that cannot be read",
                    Category::Io | Category::Syntax => "is not JSON",
                };
                Err(format!("{problem} (line {}, column {})", error.line(), error.column()))
            }
        }
    }

    /// A text, none if it is empty.
    pub(crate) fn text(&self, names: &[&str]) -> Result<Option<&str>, String> {
        match self.find(names)? {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(not("text", names)),
        }
    }

    pub(crate) fn whole_number(&self, name: &str) -> Result<Option<i64>, String> {
        match self.find(&[name])? {
            None => Ok(None),
            Some(Value::Whole(number)) => Ok(Some(*number)),
            Some(_) => Err(not("a whole number", &[name])),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.find(&[name])? {
            None => Ok(None),
            Some(Value::Flag(flag)) => Ok(Some(*flag)),
            Some(_) => Err(not("true or false", &[name])),
        }
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<&Self>, String> {
        match self.find(&[name])? {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(not("an object", &[name])),
        }
    }

    /// A list of objects, empty if there is none.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<&Self>, String> {
        let problem = || not("a list of objects", &[name]);
        let list = match self.find(&[name])? {
            None => return Ok(Vec::new()),
            Some(Value::List(list)) => list,
            Some(_) => return Err(problem()),
        };
        let mut objects = Vec::with_capacity(list.len());
        for value in list {
            let Value::Object(object) = value else { return Err(problem()) };
            objects.push(object);
        }
        Ok(objects)
    }

    fn find(&self, names: &[&str]) -> Result<Option<&Value>, String> {
        let mut found = None;
        for (name, value) in &self.0 {
            if names.contains(&name.as_str()) && found.replace(value).is_some() {
                return Err(format!("holds {name} twice"));
            }
        }
        Ok(found.filter(|value| !matches!(value, Value::Null)))
    }
}

fn not(what: &str, names: &[&str]) -> String {
    format!("holds something else than {what} in {}", names.first().unwrap_or(&""))
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Number, Value::Whole))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Vec::new();
        while let Some(field) = fields.next_entry()? {
            object.push(field);
        }
        Ok(Value::Object(Object(object)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"Id": "a\nb", "empty": "", "none": null, "n": -7, "big": 18446744073709551615, "half": 0.5,
        "yes": true, "inner": {"id": "x"}, "list": [{"id": "y"}, {}], "mixed": [{}, 5333], "id": "5ecret", "twice": 1, "twice": 2}"#;

    fn object() -> Object {
        Object::read(TEXT.as_bytes()).unwrap()
    }

    #[test]
    fn fields_are_found_under_any_of_their_names() {
        let object = object();
        assert_eq!(object.text(&["ID", "Id"]), Ok(Some("a\nb")));
        assert_eq!(object.text(&["empty"]), Ok(None));
        assert_eq!(object.text(&["none"]), Ok(None));
        assert_eq!(object.text(&["absent"]), Ok(None));
        assert_eq!(object.whole_number("n"), Ok(Some(-7)));
        assert_eq!(object.whole_number("none"), Ok(None));
        assert_eq!(object.flag("yes"), Ok(Some(true)));
        assert_eq!(object.object("inner").ok().flatten().unwrap().text(&["id"]), Ok(Some("x")));
        let list = object.objects("list").unwrap_or_default();
        let ids: Vec<_> = list.iter().map(|entry| entry.text(&["id"])).collect();
        assert_eq!(ids, [Ok(Some("y")), Ok(None)]);
        assert!(object.objects("absent").is_ok_and(|list| list.is_empty()));
    }

    #[test]
    fn what_does_not_fit_is_named_and_not_quoted() {
        let object = object();
        let problems = [
            object.text(&["n"]).unwrap_err(),
            object.text(&["Id", "id"]).unwrap_err(),
            object.whole_number("big").unwrap_err(),
            object.whole_number("half").unwrap_err(),
            object.whole_number("twice").unwrap_err(),
            object.flag("id").unwrap_err(),
            object.object("list").err().unwrap(),
            object.objects("inner").err().unwrap(),
            object.objects("mixed").err().unwrap(),
        ]
        .join("\n");
        insta::assert_snapshot!(problems, @r"
        holds something else than text in n
        holds id twice
        holds something else than a whole number in big
        holds something else than a whole number in half
        holds twice twice
        holds something else than true or false in id
        holds something else than an object in list
        holds something else than a list of objects in inner
        holds something else than a list of objects in mixed
        ");
        let refused = |text: &str| Object::read(text.as_bytes()).err().unwrap();
        let deep = "[".repeat(200);
        let texts =
            [refused("[]"), refused("5ecret"), refused(r#"{"a": "5ecret"#), refused(""), refused(&deep)].join("\n");
        insta::assert_snapshot!(texts, @r"
        is not a JSON object
        is not JSON (line 1, column 3)
        ends too early (line 1, column 13)
        ends too early (line 1, column 0)
        is not JSON (line 1, column 128)
        ");
    }

    #[test]
    fn a_mark_of_the_byte_order_is_passed_over() {
        assert!(Object::read("\u{feff}{}".as_bytes()).is_ok());
    }
}
