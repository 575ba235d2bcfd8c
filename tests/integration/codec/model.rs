//! Types of the kind the specification generates: optional fields, open enums, lists, maps.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{EnumAccess, Error, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An enum that knows some values and keeps all others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    Running,
    Success,
    Fail,
    Unknown(String),
}

const STATES: &[&str] = &["running", "success", "fail"];

impl From<&str> for State {
    fn from(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "running" => Self::Running,
            "success" => Self::Success,
            "fail" => Self::Fail,
            _ => Self::Unknown(text.to_owned()),
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Running => "running",
            Self::Success => "success",
            Self::Fail => "fail",
            Self::Unknown(text) => text,
        })
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = State;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a state")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<State, E> {
                Ok(State::from(text))
            }

            fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<State, A::Error> {
                let (text, variant) = access.variant::<String>()?;
                variant.unit_variant()?;
                Ok(State::from(text.as_str()))
            }
        }

        deserializer.deserialize_enum("State", STATES, Text)
    }
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct UpgradeStatus {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) precheck_report_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upgrade_step: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upgrade_task: Option<UpgradeTask>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct UpgradeTask {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// One field of every sort.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Cluster {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) protected: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) task: Option<UpgradeTask>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) vswitch_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) states: Vec<State>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) counts: Vec<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zones: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) meta: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) checks: BTreeMap<String, Vec<Tag>>,
}
