//! What the spec says, for tools that work with operations by name.
//!
//! ```
//! use ack_models::catalogue::Catalogue;
//! use serde_json::json;
//!
//! let catalogue = Catalogue::get();
//! let (id, operation) = catalogue.operation("upgradecluster").expect("names are found in any case");
//! assert_eq!((id, operation.method.as_str()), ("UpgradeCluster", "POST"));
//!
//! let input = json!({"path": {"ClusterId": "c1"}, "body": {"next_versoin": "1.32.1-aliyun.1"}});
//! let problems = catalogue.check(id, &input);
//! assert_eq!(problems[0].to_string(), "body.next_versoin: UpgradeClusterRequest has no such field; did you mean `next_version`?");
//! ```
//!
//! It holds names, kinds and wording, not the Rust types; and it checks shape, not meaning.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

mod check;
mod example;
mod mask;

pub use check::Problem;

static TEXT: &str = include_str!("generated/catalogue.json");

/// Every operation and schema of the API, by name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Catalogue {
    /// Operations by id, such as `GetUpgradeStatus`.
    pub operations: BTreeMap<String, OperationEntry>,
    /// Schemas by name, such as `UpgradeClusterRequest`.
    pub schemas: BTreeMap<String, SchemaEntry>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct OperationEntry {
    /// The HTTP method, upper case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The area of the spec it belongs to.
    pub area: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// What else there is to know.
    #[serde(default)]
    pub description: Option<String>,
    /// What to use instead, if it is deprecated.
    #[serde(default)]
    pub deprecated: Option<String>,
    /// Path parameters by documented name.
    #[serde(default)]
    pub path_parameters: BTreeMap<String, FieldEntry>,
    /// The schema of the query parameters.
    #[serde(default)]
    pub query: Option<Kind>,
    /// The kind of the request body.
    #[serde(default)]
    pub body: Option<Kind>,
    /// The kind of a successful answer; `None` if it has no body.
    #[serde(default)]
    pub answer: Option<Kind>,
}

/// One schema: an object with fields, or an enum with values.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct SchemaEntry {
    /// What it is.
    #[serde(default)]
    pub doc: String,
    /// The fields of an object, by wire name.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldEntry>,
    /// The documented values of an enum; `None` for an object. Other values are possible.
    #[serde(default)]
    pub values: Option<Vec<String>>,
}

/// One field or parameter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct FieldEntry {
    /// What it holds.
    pub kind: Kind,
    /// What it means.
    #[serde(default)]
    pub doc: String,
    /// Whether a request has to give it.
    #[serde(default)]
    pub required: bool,
    /// What to use instead, if it is deprecated.
    #[serde(default)]
    pub deprecated: Option<String>,
    /// Whether its value is a secret, to be kept out of logs.
    #[serde(default)]
    pub sensitive: bool,
    /// The documented example.
    #[serde(default)]
    pub example: Option<Value>,
    /// What the service assumes when it is absent.
    #[serde(default)]
    pub default: Option<Value>,
}

/// What a value is on the wire.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    String,
    /// A whole number of up to 64 bits.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Anything at all.
    Any,
    /// The schema of this name.
    Ref(String),
    /// A list of these.
    List(Box<Self>),
    /// An object with free keys and these values.
    Map(Box<Self>),
}

impl Catalogue {
    /// The catalogue of this crate's API. It is read once and kept.
    ///
    /// # Panics
    ///
    /// Never: the text is generated together with this module, and a test reads it.
    #[must_use]
    pub fn get() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE
            .get_or_init(|| serde_json::from_str(TEXT).expect("the generated catalogue has the form of its reader"))
    }

    /// An operation by its id, in any letter case.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<(&str, &OperationEntry)> {
        let exact = self.operations.get_key_value(name);
        let found = exact.or_else(|| self.operations.iter().find(|(id, _)| id.eq_ignore_ascii_case(name)));
        found.map(|(id, entry)| (id.as_str(), entry))
    }

    /// The operation id nearest to a name that is none.
    #[must_use]
    pub fn nearest_operation(&self, name: &str) -> Option<&str> {
        check::nearest(name, self.operations.keys().map(String::as_str))
    }

    /// What does not fit in the input `{"path": {..}, "query": {..}, "body": ..}` of an operation: unknown, missing
    /// and mistyped fields, each with the nearest valid name. Empty if all is well.
    #[must_use]
    pub fn check(&self, operation_id: &str, input: &Value) -> Vec<Problem> {
        check::check(self, operation_id, input)
    }

    /// An input with every secret in it masked, for showing. It still fits its operation.
    #[must_use]
    pub fn masked(&self, operation_id: &str, input: Value) -> Value {
        match self.operations.get(operation_id) {
            Some(operation) => mask::masked(self, operation, input),
            None => input,
        }
    }

    /// A value that fits a kind: documented examples where they fit, else a plain value of the kind. Objects hold every
    /// field that is not deprecated; recursion ends after a few levels.
    #[must_use]
    pub fn example(&self, kind: &Kind) -> Value {
        example::of(self, kind, 0)
    }
}
