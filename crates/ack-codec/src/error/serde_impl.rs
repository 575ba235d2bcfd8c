//! How serde's own complaints become ours.

use std::fmt::Display;

use serde_core::{de, ser};

use super::{Complaint, Error, Kind, quoted};
use crate::format::Format;

impl de::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self::message(message.to_string())
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(Kind::Data, Format::Json, expected.to_string(), found(&unexpected))
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(Kind::Data, Format::Json, expected.to_string(), found(&unexpected))
    }

    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Self::new(Kind::Data, Format::Json, expected.to_string(), format!("{length} items"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let expected = match expected {
            [] => "no value at all".to_owned(),
            [one] => format!("\"{one}\""),
            many => format!("one of \"{}\"", many.join("\", \"")),
        };
        Self::new(Kind::Data, Format::Json, expected, quoted(variant))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::new(Kind::Data, Format::Json, "known fields only", format!("the field {}", quoted(field)))
    }

    fn missing_field(field: &'static str) -> Self {
        let mut error = Self::new(Kind::Data, Format::Json, "a value", "no such field");
        error.0.field = Some(field);
        error
    }

    fn duplicate_field(field: &'static str) -> Self {
        let mut error = Self::new(Kind::Data, Format::Json, "the field once", "it again");
        error.0.field = Some(field);
        error
    }
}

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        let mut error = Self::encode("", "");
        error.0.complaint = Complaint::Message(message.to_string());
        error
    }
}

fn found(unexpected: &de::Unexpected<'_>) -> String {
    match unexpected {
        de::Unexpected::Str(text) => quoted(text),
        de::Unexpected::Unit => "null".to_owned(),
        de::Unexpected::Seq => "a list".to_owned(),
        de::Unexpected::Map => "an object".to_owned(),
        other => other.to_string(),
    }
}
