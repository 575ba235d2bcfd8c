//! Free-form values: what is there decides, not the type.

use serde_core::de::Visitor;

use super::place::{Place, Want};
use super::{De, list, number, object};
use crate::error::Error;
use crate::tape::Kind;

pub(super) fn visit<'de, V: Visitor<'de>>(mut de: De<'_, 'de>, visitor: V) -> Result<V::Value, Error> {
    de.find(Want::Any)?;
    if let Place::Group(_) = de.place {
        return list::visit(de, visitor);
    }
    let node = de.value();
    match node.kind {
        Kind::Null => de.check(visitor.visit_unit()),
        Kind::True => de.check(visitor.visit_bool(true)),
        Kind::False => de.check(visitor.visit_bool(false)),
        Kind::Number => visit_number(de, visitor),
        Kind::Text | Kind::Key => de.check(visitor.visit_borrowed_str(de.tape().text(node))),
        Kind::List => list::visit(de.at(de.node, Place::Item), visitor),
        Kind::Object => de.check(visitor.visit_map(object::Access::new(de, node, None))),
        Kind::Mixed | Kind::Nothing => Err(de.unexpected("a value")),
    }
}

/// The smallest form that is exact, in the order serde's data formats have agreed on.
fn visit_number<'de, V: Visitor<'de>>(de: De<'_, 'de>, visitor: V) -> Result<V::Value, Error> {
    let text = de.tape().text(de.value());
    if let Ok(number) = text.parse::<u64>() {
        return de.check(visitor.visit_u64(number));
    }
    // There is no negative zero among integers.
    if text != "-0"
        && let Ok(number) = text.parse::<i64>()
    {
        return de.check(visitor.visit_i64(number));
    }
    match number::decimal::<f64>(text).filter(|number| number.is_finite()) {
        Some(number) => de.check(visitor.visit_f64(number)),
        None => Err(de.unexpected("a number a 64-bit float can hold")),
    }
}
