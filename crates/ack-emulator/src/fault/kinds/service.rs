//! Faults in what the service says and in what it takes the time to be.

use serde_json::Value;

use super::{Kind, Strikes};
use crate::fault::effect::{Alteration, Effect};
use crate::form::{Form, Key};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "clock-skew",
        doc: "The server's clock is off: its date header shows that, and dates are judged by it",
        keys: &[Key::required("by", Form::Shift, "How far it is ahead, such as 20m, or behind, such as -20m")],
        strikes: Strikes::TheRequest,
        make: |fields| Ok(Effect::Skew(fields.shift("by").unwrap_or_default())),
    },
    Kind {
        name: "unknown-values",
        doc: "Values that no document knows in the enums of an answer, or in fields of one's choice",
        keys: &[
            Key::new("value", Form::Text, "What every documented enum says; undocumented by default"),
            Key::new("set", Form::TextMap, "Only these fields, wherever they are in the answer, and their values"),
        ],
        strikes: Strikes::TheAnswer,
        make: |fields| {
            let value = fields.text("value").unwrap_or("undocumented").to_owned();
            let set = fields.text_map("set").map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
            Ok(Effect::Alter(Alteration::Values { value, set }))
        },
    },
    Kind {
        name: "unknown-fields",
        doc: "A field that no document knows in every object of an answer",
        keys: &[Key::new("name", Form::Text, "Its name; undocumented by default")],
        strikes: Strikes::TheAnswer,
        make: |fields| {
            let name = fields.text("name").unwrap_or("undocumented").to_owned();
            if ack_codec::encode(ack_codec::Format::Xml, ack_codec::Root::Named(&name), &()).is_err() {
                return Err(("name", format!("is {name:?}, which XML takes for no name: use letters, digits and _")));
            }
            Ok(Effect::Alter(Alteration::Fields { name }))
        },
    },
];
