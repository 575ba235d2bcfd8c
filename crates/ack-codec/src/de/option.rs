//! Optional values: `null` is absent, and so is an empty text, unless the type is a string.

use std::any::type_name;

use serde_core::de::Visitor;

use super::place::Place;
use super::{De, root};
use crate::error::Error;
use crate::tape::Kind;

pub(super) fn visit<'de, V: Visitor<'de>>(de: De<'_, 'de>, visitor: V) -> Result<V::Value, Error> {
    let node = de.value();
    let absent = match (node.kind, de.place) {
        (_, Place::Group(_)) => false,
        (Kind::Null | Kind::Nothing, _) => true,
        (Kind::Text, _) if node.len == 0 => !keeps_empty_text(type_name::<V::Value>()),
        (Kind::Object, Place::Root) if root::is_empty(de) => !keeps_empty_text(type_name::<V::Value>()),
        _ => false,
    };
    if absent { de.check(visitor.visit_none()) } else { de.check(visitor.visit_some(de)) }
}

/// Whether an `Option` of this type can hold an empty text.
///
/// `""` is a value for a string and means absence for everything else, but serde does not say what an `Option` is an
/// `Option` of: by the time the inner type asks for a string or for a number, the choice for `Some` is made and cannot
/// be taken back. The name of the type is the one thing known here. It is looked at for empty texts only. A string
/// in a wrapper type reads as absent, which is what the wrapper's own check would mostly refuse anyway.
fn keeps_empty_text(option: &str) -> bool {
    let Some(inner) = option.strip_prefix("core::option::Option<").and_then(|rest| rest.strip_suffix('>')) else {
        // Not an option at all, but a type that looks into what it gets.
        return true;
    };
    let outer = inner.split('<').next().unwrap_or(inner);
    let last = outer.rsplit("::").next().unwrap_or(outer).trim_start_matches('&');
    // `Value` is the free-form type of every serde format, and holds texts as they are.
    inner.ends_with("<str>") || matches!(last, "String" | "str" | "Cow" | "Value")
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_names_of_types_are_what_we_rely_on() {
        assert!(keeps_empty_text(type_name::<Option<String>>()));
        assert!(keeps_empty_text(type_name::<Option<&'static str>>()));
        assert!(keeps_empty_text(type_name::<Option<Box<str>>>()));
        assert!(keeps_empty_text(type_name::<Option<Cow<'static, str>>>()));
        assert!(keeps_empty_text(type_name::<Option<serde_json::Value>>()));
        assert!(!keeps_empty_text(type_name::<Option<i64>>()));
        assert!(!keeps_empty_text(type_name::<Option<bool>>()));
        assert!(!keeps_empty_text(type_name::<Option<Vec<String>>>()));
        assert!(!keeps_empty_text(type_name::<Option<BTreeMap<String, String>>>()));
        assert!(!keeps_empty_text(type_name::<Option<Place<'static>>>()));
    }
}
