//! Which requests a fault strikes.

use ack_codec::Format;
use ack_models::Operation;

use crate::form::{Fields, Form, Key, Problems, nearest};

/// The keys that every fault has.
pub(crate) static KEYS: &[Key] = &[
    Key::new("operation", Form::Texts, "Only requests of this operation, or of one of these; by default all"),
    Key::new("cluster", Form::Texts, "Only requests about this cluster, or its tasks, or one of these; by default all"),
    Key::new("format", Form::Word(&["json", "xml"]), "Only requests that ask for this format; by default both"),
    Key::new(
        "skip",
        Form::Whole(0, 1_000_000_000),
        "How many such requests pass before the first is struck; 0 by default",
    ),
    Key::new("times", Form::Whole(1, 1_000_000_000), "How many times it strikes; by default until it is cleared"),
    Key::new(
        "probability",
        Form::Number(0.0, 1.0),
        "How likely it strikes a request, drawn from the emulator's seed; 1 by default",
    ),
    Key::new(
        "when",
        Form::Word(&["before", "after"]),
        "Whether it strikes before or after the request is carried out, for faults that take the place of the answer; \
         before by default",
    ),
];

#[derive(Debug, Clone)]
pub(crate) struct Target {
    operations: Operations,
    clusters: Vec<String>,
    format: Option<Format>,
    pub(crate) skip: u64,
    pub(crate) times: Option<u64>,
    pub(crate) probability: Option<f64>,
}

#[derive(Debug, Clone)]
enum Operations {
    All,
    Deprecated,
    These(Vec<&'static str>),
}

/// What a fault can go by in a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'static Operation,
    /// The cluster that the path names, itself or by one of its tasks.
    pub(crate) cluster: Option<&'a str>,
    pub(crate) format: Format,
}

impl Target {
    /// Reads settings that fit [`KEYS`]. Without an operation, a fault `of_deprecated` ones strikes those.
    pub(super) fn read(fields: Fields<'_>, path: &str, of_deprecated: bool, problems: &mut Problems) -> Self {
        let mut operations = Vec::new();
        for name in fields.texts("operation") {
            let known = || ack_models::operations::ALL.iter().map(|operation| operation.id);
            match known().find(|id| id.eq_ignore_ascii_case(name)) {
                Some(id) => operations.push(id),
                None => {
                    let name: String = name.chars().take(64).collect();
                    let remedy = match nearest(&name, known()) {
                        Some(meant) => format!("did you mean {meant}?"),
                        None => "use a name of the API reference, such as UpgradeCluster".to_owned(),
                    };
                    problems.add(
                        format_args!("{path}operation"),
                        format_args!("is {name:?}, which is no operation: {remedy}"),
                    );
                }
            }
        }
        Self {
            operations: match (operations.is_empty(), of_deprecated) {
                (true, true) => Operations::Deprecated,
                (true, false) => Operations::All,
                (false, _) => Operations::These(operations),
            },
            clusters: fields.texts("cluster").into_iter().map(ToOwned::to_owned).collect(),
            format: fields.text("format").and_then(|word| word.parse().ok()),
            skip: fields.whole("skip").unwrap_or(0),
            times: fields.whole("times"),
            probability: fields.number("probability").filter(|probability| *probability < 1.0),
        }
    }

    pub(crate) fn clusters(&self) -> impl Iterator<Item = &str> {
        self.clusters.iter().map(String::as_str)
    }

    pub(crate) fn fits(&self, asked: &Asked<'_>) -> bool {
        let fits_operation = match &self.operations {
            Operations::All => true,
            Operations::Deprecated => asked.operation.deprecated.is_some(),
            Operations::These(ids) => ids.contains(&asked.operation.id),
        };
        let fits_cluster =
            self.clusters.is_empty() || asked.cluster.is_some_and(|id| self.clusters().any(|own| own == id));
        fits_operation && fits_cluster && self.format.is_none_or(|format| format == asked.format)
    }
}
